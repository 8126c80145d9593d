"""The quad store: careful and quick SPARQL, one named graph a source, and the same facts as the snapshot."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from rdflib import Literal

from kg import (
    PREFIXES,
    SYMMETRIC,
    AgentType,
    Evidence,
    Fact,
    GraphDamaged,
    KnowledgeLevel,
    MalformedQuery,
    Predicate,
    QuadStore,
    Qualifier,
    Snapshot,
    curie_of,
    current_shards,
    read_catalogue,
)
from kg.quads import shard_statements, triples_text, usual
from tests.small_graph import MARFAN, SmallGraph


def rows(store: QuadStore, sparql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in store.query(sparql)]  # type: ignore[arg-type]  # rows of SELECT are tuples


def ask(store: QuadStore, pattern: str) -> bool:
    return bool(store.query(f"ASK {{ {pattern} }}").askAnswer)


def test_each_source_has_a_graph_of_its_own(store: QuadStore) -> None:
    graphs = {curie_of(str(graph)) for (graph,) in rows(store, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")}
    assert graphs == {f"source:{entry.id}" for entry in read_catalogue()}
    found = rows(store, "SELECT ?g { GRAPH ?g { OMIM:154700 biolink:has_phenotype HP:0001166 } }")
    assert [curie_of(str(graph)) for (graph,) in found] == ["source:hpoa"]


def test_sources_are_described(store: QuadStore) -> None:
    for entry in read_catalogue():
        ((release, licence, citation),) = rows(
            store,
            f"SELECT ?r ?l ?c {{ source:{entry.id} dcterms:hasVersion ?r; dcterms:license ?l; "
            "dcterms:bibliographicCitation ?c }",
        )
        assert (str(release), str(licence), str(citation)) == (entry.release, entry.licence, entry.citation)


def test_quick_sparql_finds_plain_triples_but_no_negated_ones(store: QuadStore) -> None:
    assert ask(store, "OMIM:154700 biolink:has_phenotype HP:0001083")
    assert not ask(store, "OMIM:154700 biolink:has_phenotype HP:0001249")  # NOT
    assert not ask(store, "OMIM:609192 biolink:has_phenotype HP:0001083")  # 0/9
    assert not ask(store, "ORPHA:60030 biolink:has_phenotype HP:0001083")  # Excluded


def test_careful_sparql_finds_signs_and_qualifiers(store: QuadStore) -> None:
    negated = rows(store, "SELECT ?s ?o { ?f biolink:negated true; biolink:subject ?s; biolink:object ?o }")
    assert sorted((curie_of(str(s)), curie_of(str(o))) for s, o in negated) == [
        ("OMIM:154700", "HP:0001249"),
        ("OMIM:609192", "HP:0001083"),
        ("ORPHA:60030", "HP:0001083"),
    ]
    assert ask(
        store, "?f biolink:subject OMIM:609192; biolink:object HP:0001083; biolink:has_count 0; biolink:has_total 9"
    )
    lens = "?f biolink:subject OMIM:154700; biolink:object HP:0001083; "
    assert ask(store, lens + "biolink:onset_qualifier HP:0003577; biolink:clinical_modifier_qualifier HP:0012828")
    assert ask(store, lens + "biolink:publications 'PMID:100'; biolink:has_evidence 'PCS'")
    assert ask(store, "?f biolink:subject OMIM:301000; biolink:sex_qualifier 'MALE'")
    assert ask(store, "?f biolink:subject ORPHA:558; biolink:frequency_qualifier HP:0040281")
    assert ask(store, "?f biolink:subject OMIM:301000; biolink:agent_type 'automated_agent'")
    assert ask(store, "source:hpo-genes biolink:agent_type 'automated_agent'")


def test_names_definitions_and_matches(store: QuadStore) -> None:
    assert ask(store, "HP:0001083 rdfs:label 'Ectopia lentis'; clinigraph:laypersonName 'Dislocated lens'")
    assert ask(store, "HP:0001166 clinigraph:replaces HP:0006000")
    assert ask(store, f"{MARFAN} skos:exactMatch ORPHA:558")
    assert ask(
        store, "?d clinigraph:about OMIM:154700; rdf:value ?text FILTER CONTAINS(?text, '60% of patients & the')"
    )


def test_every_prefix_is_known_without_a_declaration(store: QuadStore) -> None:
    for prefix in PREFIXES:
        assert not ask(store, f"{prefix}:nothing{prefix} ?p ?o")


@pytest.mark.parametrize(
    "sparql",
    [
        "",
        "SELECT",
        "SELECT ?s { ?s nosuch:x ?o }",
        "INSERT DATA { HP:1 rdfs:label 'x' }",
        "DROP ALL",
        "SELECT (<http://example.org/f>(1) AS ?x) {}",
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "What is Marfan syndrome?",
    ],
)
def test_what_is_no_query_is_refused(store: QuadStore, sparql: str) -> None:
    before = len(store)
    with pytest.raises(MalformedQuery, match="cannot be run"):
        store.query(sparql)
    assert len(store) == before


def test_construct_and_ask(store: QuadStore) -> None:
    result = store.query("CONSTRUCT { ?s rdfs:label ?l } WHERE { ?s rdfs:label ?l . FILTER(?s = HP:0001166) }")
    assert b"Arachnodactyly" in (result.serialize(format="turtle") or b"")
    assert store.query("ASK {}").askAnswer is True


def test_a_store_that_is_not_there_is_damage(tmp_path: Path) -> None:
    with pytest.raises(GraphDamaged):
        QuadStore.open(tmp_path / "nowhere")
    (tmp_path / "store").mkdir()
    with pytest.raises(GraphDamaged):
        QuadStore.open(tmp_path / "store")


def test_an_open_store_cannot_be_written(store: QuadStore, graph: SmallGraph) -> None:
    with pytest.raises(RuntimeError, match="read-write"):
        store.load(current_shards(graph.cache)[0])


# --- agreement -------------------------------------------------------------------------------------------------------

Stated = tuple[object, ...]


def in_snapshot(fact: Fact, manners: dict[str, tuple[AgentType, KnowledgeLevel]]) -> list[Stated]:
    """One value for each piece of evidence: what the source stated in one row."""
    frequency = fact.frequency
    counted = frequency and frequency.denominator is not None
    share = (
        None
        if frequency is None
        else (frequency.numerator, frequency.denominator)
        if counted
        else frequency.band or (round(frequency.low, 6), round(frequency.high, 6))
    )
    head: Stated = (fact.subject, fact.predicate.value, fact.object, fact.negated, share, fact.onset, fact.sex)
    head += (tuple(sorted(fact.modifiers)), tuple(sorted(text for _, text in fact.qualifiers)))
    return [
        (*head, item.code, item.quote, tuple(sorted(set(item.references) - {item.record})))
        for item in fact.evidence
        if not goes_without_saying(fact, item, manners)
    ]


def goes_without_saying(fact: Fact, evidence: Evidence, manners: dict[str, tuple[AgentType, KnowledgeLevel]]) -> bool:
    """Whether the plain triple and its named graph say all there is, so that the store needs no node."""
    qualified = fact.negated or fact.frequency or fact.onset or fact.sex or fact.modifiers or fact.qualifiers
    sourced = (
        evidence.code or evidence.quote or evidence.publication_count or set(evidence.references) - {evidence.record}
    )
    usual = (evidence.agent_type, evidence.knowledge_level) == manners[evidence.source]
    return usual and not qualified and not sourced


def in_store(store: QuadStore, snapshot: Snapshot) -> Counter[Stated]:
    """The association nodes of the store, their ends by canonical identifier; those without a concept are left out."""
    nodes: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for node, predicate, value in rows(store, "SELECT ?f ?p ?o { ?f biolink:subject ?s; ?p ?o }"):
        held = str(value) if isinstance(value, Literal) else curie_of(str(value))
        nodes[str(node)][curie_of(str(predicate))].append(held)
    found: Counter[Stated] = Counter()
    for fields in nodes.values():
        subject, target = (snapshot.resolve(fields[f"biolink:{end}"][0]) for end in ("subject", "object"))
        if subject is None or target is None:
            continue
        if Predicate(fields["biolink:predicate"][0]) in SYMMETRIC:
            subject, target = sorted((subject, target))
        share: object = None
        if fields["biolink:has_total"]:
            share = (int(fields["biolink:has_count"][0]), int(fields["biolink:has_total"][0]))
        elif fields["biolink:frequency_qualifier"]:
            share = fields["biolink:frequency_qualifier"][0]
        elif fields["clinigraph:frequencyLow"]:
            share = tuple(round(float(fields[f"clinigraph:frequency{end}"][0]), 6) for end in ("Low", "High"))
        stated: Stated = (
            subject,
            fields["biolink:predicate"][0],
            target,
            fields["biolink:negated"] == ["true"],
            share,
            next(iter(fields["biolink:onset_qualifier"]), None),
            next(iter(fields["biolink:sex_qualifier"]), None),
            tuple(sorted(fields["biolink:clinical_modifier_qualifier"])),
            tuple(sorted(text for kind in Qualifier for text in fields[kind.value])),
            next(iter(fields["biolink:has_evidence"]), ""),
            next(iter(fields["biolink:supporting_text"]), ""),
            tuple(sorted(fields["biolink:publications"])),
        )
        found[stated] += 1
    return found


def test_store_and_snapshot_hold_the_same_facts(store: QuadStore, snapshot: Snapshot, graph: SmallGraph) -> None:
    every = [snapshot.fact_at(row) for row in range(snapshot.counts["facts"])]
    manners = {shard.source.id: usual(shard) for shard in current_shards(graph.cache)}
    compiled = Counter(stated for fact in every for stated in in_snapshot(fact, manners))
    assert compiled == in_store(store, snapshot)
    assert compiled.total() > 20


def test_store_and_snapshot_have_the_same_hierarchy(store: QuadStore, snapshot: Snapshot) -> None:
    every = [snapshot.fact_at(row) for row in range(snapshot.counts["facts"])]
    compiled = {(fact.subject, fact.object) for fact in every if fact.predicate is Predicate.SUBCLASS_OF}
    triples = rows(store, "SELECT ?child ?parent { ?child biolink:subclass_of ?parent }")
    stated = {(snapshot.resolve(curie_of(str(a))), snapshot.resolve(curie_of(str(b)))) for a, b in triples}
    assert compiled == {(child, parent) for child, parent in stated if child and parent and child != parent}


def test_rows_become_the_same_quads_each_time(graph: SmallGraph) -> None:
    (shard,) = [shard for shard in current_shards(graph.cache) if shard.source.id == "hpoa"]
    text = b"".join(map(triples_text, shard_statements(shard))).decode()
    assert text == b"".join(map(triples_text, shard_statements(shard))).decode()
    nodes = [line for line in text.splitlines() if "/fact/" in line and "biolink/vocab/subject" in line]
    assert len(nodes) == len(set(nodes)) == shard.counts["facts"]
