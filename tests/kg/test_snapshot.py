"""The frozen graph: identifiers resolve, facts are found from both ends, damage is noticed when it is opened."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kg import Category, GraphDamaged, NameKind, Predicate, Snapshot, UnknownConcept
from kg.layout import BY_OBJECT, CLOSURE, MANIFEST, Table
from kg.shard import PREDICATES
from tests.small_graph import HUNTINGTON, LOEYS_DIETZ_1, MARFAN, SmallGraph

CONNECTIVE = "MONDO:0023603"

# --- identifiers and concepts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("curie", "canonical"),
    [
        ("HP:0001166", "HP:0001166"),
        ("HP:0006000", "HP:0001166"),  # obsolete, replaced
        ("HP:0003303", "HP:0002650"),  # alternative
        ("OMIM:154700", MARFAN),  # equivalent
        ("NCBIGene:2200", "HGNC:3603"),
        ("HP:0040000", None),  # obsolete, not replaced
        ("HP:9999999", None),
        ("", None),
        ("no identifier", None),
    ],
)
def test_resolve(snapshot: Snapshot, curie: str, canonical: str | None) -> None:
    assert snapshot.resolve(curie) == canonical
    found = snapshot.find(curie)
    assert (found.curie if found else None) == canonical


@pytest.mark.parametrize(
    "ask",
    [
        Snapshot.concept,
        Snapshot.label,
        Snapshot.position,
        Snapshot.facts_from,
        Snapshot.facts_to,
        Snapshot.parents,
        Snapshot.ancestors,
        Snapshot.descendants,
        Snapshot.descriptions_of,
        Snapshot.neighbourhood,
    ],
)
def test_an_unknown_concept_is_said_to_be_unknown(snapshot: Snapshot, ask: Callable[[Snapshot, str], object]) -> None:
    with pytest.raises(UnknownConcept, match="HP:9999999"):
        ask(snapshot, "HP:9999999")


def test_a_concept_has_all_that_its_sources_say(snapshot: Snapshot) -> None:
    marfan = snapshot.concept("ORPHA:558")
    assert (marfan.curie, marfan.category, marfan.label) == (MARFAN, Category.DISEASE, "Marfan syndrome")
    names = {name.text for name in marfan.names}
    assert {"MFS", "Marfan disorder", "Marfan Disease"} <= names
    assert marfan.names[0].kind is NameKind.LABEL
    assert marfan.definition is not None
    assert {"OMIM:154700", "ORPHA:558"} <= set(marfan.equivalents)


def test_concepts_come_sorted_and_by_category(snapshot: Snapshot) -> None:
    every = list(snapshot.concepts())
    assert every == sorted(every)
    assert len(every) == len(snapshot) == snapshot.counts["concepts"]
    genes = list(snapshot.concepts(Category.GENE))
    assert genes == ["HGNC:11772", "HGNC:12731", "HGNC:3603", "HGNC:4851"]
    assert sum(len(list(snapshot.concepts(category))) for category in Category) == len(every)
    assert [snapshot.position(curie) for curie in every] == list(range(len(every)))


def test_every_name_comes_with_its_concept_label_first(snapshot: Snapshot) -> None:
    listed = list(snapshot.names())
    for curie in snapshot.concepts():
        own = tuple(name for owner, _, name in listed if owner == curie)
        assert own == snapshot.concept(curie).names
        assert own[0].kind is NameKind.LABEL


def test_descriptions_keep_their_source(snapshot: Snapshot) -> None:
    kinds = {(item.source, item.kind) for item in snapshot.descriptions_of(MARFAN)}
    assert kinds == {("mesh", "scope note"), ("doid", "definition"), ("uniprot", "disease description")}
    assert len(list(snapshot.descriptions())) == snapshot.counts["descriptions"]


# --- hierarchy -------------------------------------------------------------------------------------------------------


def test_closure_is_transitive_and_reflexive(snapshot: Snapshot) -> None:
    above = {"HP:0001166", "HP:0100807", "HP:0000924", "HP:0000118", "HP:0000001"}
    assert snapshot.ancestors("HP:0001166") == above
    assert snapshot.parents("HP:0001166") == {"HP:0100807"}
    assert snapshot.children("HP:0004942") == {"HP:0002616"}
    assert snapshot.descendants("HP:0004942") == {"HP:0004942", "HP:0002616"}
    assert snapshot.is_a("HP:0001166", "HP:0000118")
    assert snapshot.is_a("HP:0006000", "HP:0001166")  # the same concept by an older identifier
    assert not snapshot.is_a("HP:0000118", "HP:0001166")


def test_the_hierarchy_of_fused_vocabularies_is_one(snapshot: Snapshot) -> None:
    assert snapshot.parents(MARFAN) == {CONNECTIVE, "DOID:65", "ICD10CM:Q87"}
    assert LOEYS_DIETZ_1 in snapshot.descendants(CONNECTIVE)


def test_the_closure_matrix_agrees_with_ancestors(snapshot: Snapshot) -> None:
    matrix = snapshot.closure()
    assert matrix.shape == (len(snapshot), len(snapshot))
    for curie in snapshot.concepts():
        row = matrix.indices[matrix.indptr[snapshot.position(curie)] : matrix.indptr[snapshot.position(curie) + 1]]
        assert {snapshot.curie_at(int(at)) for at in row} == snapshot.ancestors(curie)


# --- facts -----------------------------------------------------------------------------------------------------------


def test_facts_are_found_from_both_ends(snapshot: Snapshot) -> None:
    for curie in snapshot.concepts():
        for fact in snapshot.facts_from(curie):
            assert fact.subject == curie
            assert fact in snapshot.facts_to(fact.object, fact.predicate)
    assert sum(len(snapshot.facts_to(curie)) for curie in snapshot.concepts()) == snapshot.counts["facts"]


def test_facts_keep_the_identifier_of_their_source(snapshot: Snapshot) -> None:
    facts = snapshot.facts_from("OMIM:154700", Predicate.HAS_PHENOTYPE)
    records = [fact.evidence[0].record for fact in facts if fact.object == "HP:0001166"]
    assert records == ["OMIM:154700", "ORPHA:558"]
    assert all(fact.predicate is Predicate.HAS_PHENOTYPE for fact in facts)


def test_the_same_unqualified_fact_has_the_evidence_of_all(snapshot: Snapshot) -> None:
    stated = [
        (fact.subject, item.record)
        for fact in snapshot.facts_to(MARFAN, Predicate.GENE_OF_DISEASE)
        for item in fact.evidence
        if item.source == "hpo-genes"
    ]
    assert stated == [("HGNC:3603", "OMIM:154700"), ("HGNC:3603", "ORPHA:558")]


def test_signs_survive(snapshot: Snapshot) -> None:
    negated = {(f.subject, f.object) for curie in snapshot.concepts() for f in snapshot.facts_from(curie) if f.negated}
    assert negated == {
        (MARFAN, "HP:0001249"),
        (LOEYS_DIETZ_1, "HP:0001083"),
        ("MONDO:0018954", "HP:0001083"),
    }


def test_a_fact_without_concept_is_counted(snapshot: Snapshot) -> None:
    assert snapshot.counts["facts_without_concept"] > 0  # such as the gene that HGNC does not have
    assert {fact.subject for fact in snapshot.facts_to(HUNTINGTON, Predicate.GENE_OF_DISEASE)} == {"HGNC:4851"}


def test_columns_say_the_same_as_facts(snapshot: Snapshot) -> None:
    columns = snapshot.columns
    keys = list(zip(columns.subject.tolist(), columns.predicate.tolist(), columns.object.tolist(), strict=True))
    assert keys == sorted(keys)
    for row, (subject, predicate, target) in enumerate(keys):
        fact = snapshot.fact_at(row)
        assert (snapshot.curie_at(subject), PREDICATES[predicate], snapshot.curie_at(target)) == (
            fact.subject,
            fact.predicate,
            fact.object,
        )
        assert bool(columns.negated[row]) == fact.negated
        assert np.isnan(columns.frequency_low[row]) == (fact.frequency is None)
        assert int(columns.onset[row]) == (-1 if fact.onset is None else snapshot.position(fact.onset))
        assert list(snapshot.references_of(range(row, row + 1))) == [(row, e.references) for e in fact.evidence]


def test_nothing_can_be_written(snapshot: Snapshot) -> None:
    with pytest.raises(ValueError, match="read-only"):
        snapshot.columns.negated[0] = 1


def test_neighbourhood(snapshot: Snapshot) -> None:
    near = snapshot.neighbourhood("OMIM:301000")
    assert {"HP:0001873", "HP:0001419", "HGNC:12731"} <= set(near)
    assert near.nodes["HP:0001873"]["label"] == "Thrombocytopenia"
    assert all(
        data["fact"].subject == start and data["fact"].object == end for start, end, data in near.edges(data=True)
    )
    assert near.number_of_edges() == len(snapshot.facts_from("OMIM:301000")) + len(snapshot.facts_to("OMIM:301000"))
    further = snapshot.neighbourhood("OMIM:301000", hops=2)
    assert set(near) < set(further)


# --- damage ----------------------------------------------------------------------------------------------------------

FILES = [MANIFEST, BY_OBJECT, *CLOSURE, *(table.filename for table in Table)]


@pytest.fixture
def copy(graph: SmallGraph, tmp_path: Path) -> Path:
    return Path(shutil.copytree(graph.folder / "snapshot", tmp_path / "snapshot"))


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_noticed_on_opening(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(GraphDamaged, match="kg build --force"):
        Snapshot.open(copy)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("keep", [0.0, 0.6])
def test_a_truncated_file_is_noticed_on_opening(copy: Path, name: str, keep: float) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(GraphDamaged):
        Snapshot.open(copy)


@pytest.mark.parametrize(
    "manifest", ['{"schema": 999, "version": "x"}', '{"version": "x"}', "[]", '"x"', '{"schema": 1}']
)
def test_a_manifest_of_another_kind_is_refused(copy: Path, manifest: str) -> None:
    (copy / MANIFEST).write_text(manifest)
    with pytest.raises(GraphDamaged):
        Snapshot.open(copy)


def test_no_folder_is_damage(tmp_path: Path) -> None:
    with pytest.raises(GraphDamaged):
        Snapshot.open(tmp_path / "nowhere")
