"""Turtle, N-Quads, JSON-LD and GraphML say the same as the facts."""

import json
from pathlib import Path

import networkx as nx
import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import Category, Description, Fact, Predicate, Qualifier, iri_of
from kg.exporting import ExportFormat, neighbourhood, whole_graph, write_extract
from tests.kg.exporting.made import concept, extract, fact, facts
from tests.made_graph import snapshot_of

MARFAN, AORTA, FBN1 = "MONDO:0007947", "HP:0001679", "HGNC:3603"
CONCEPTS = [
    concept(FBN1, "FBN1", Category.GENE),
    concept(AORTA, "Abnormal aorta <&> \x0bmore", Category.PHENOTYPE),
    concept(MARFAN, "Marfan syndrome"),
]
FACTS = [
    fact(FBN1, Predicate.GENE_OF_DISEASE, MARFAN),
    fact(MARFAN, Predicate.HAS_PHENOTYPE, AORTA, negated=True),
]
SYNTAXES = {ExportFormat.TURTLE: ox.RdfFormat.TURTLE, ExportFormat.JSONLD: ox.RdfFormat.JSON_LD}


def triples(path: Path, syntax: ox.RdfFormat) -> set[tuple[str, str, str]]:
    found = ox.parse(path=path, format=syntax)
    return {(quad.subject.value, quad.predicate.value, quad.object.value) for quad in found}


@pytest.mark.parametrize("format", SYNTAXES)
def test_rdf_has_plain_triples_only_for_what_holds(format: ExportFormat, tmp_path: Path) -> None:
    (path,) = write_extract(extract(CONCEPTS, FACTS), format, tmp_path)
    found = triples(path, SYNTAXES[format])
    assert (iri_of(FBN1), iri_of(Predicate.GENE_OF_DISEASE), iri_of(MARFAN)) in found
    assert (iri_of(MARFAN), iri_of(Predicate.HAS_PHENOTYPE), iri_of(AORTA)) not in found
    assert "true" in {value for _, predicate, value in found if predicate == iri_of("biolink:negated")}
    assert iri_of("source:test") in {value for _, predicate, value in found if predicate.endswith("knowledge_source")}


@settings(suppress_health_check=list(HealthCheck), max_examples=15, deadline=None)
@given(made=st.lists(facts(), max_size=3))
def test_jsonld_and_turtle_say_the_same(made: list[Fact], tmp_path: Path) -> None:
    found = [
        triples(write_extract(extract(CONCEPTS, made), format, tmp_path)[0], syntax)
        for format, syntax in SYNTAXES.items()
    ]
    assert found[0] == found[1]


def test_turtle_is_the_same_each_time_and_readable(tmp_path: Path) -> None:
    texts = [write_extract(extract(CONCEPTS, FACTS), ExportFormat.TURTLE, tmp_path)[0].read_text() for _ in range(3)]
    assert len(set(texts)) == 1
    assert "HGNC:3603 a biolink:Gene" in texts[0]
    prefixes = [line for line in texts[0].splitlines() if line.startswith("@prefix")]
    assert prefixes == sorted(prefixes)


def test_nquads_name_the_source_of_each_fact(tmp_path: Path) -> None:
    (path,) = write_extract(extract(CONCEPTS, FACTS), ExportFormat.NQUADS, tmp_path / "graph.nq")
    graphs = {str(quad.graph_name) for quad in ox.parse(path=path, format=ox.RdfFormat.N_QUADS)}
    assert graphs == {"DEFAULT", f"<{iri_of('source:test')}>"}


def test_jsonld_is_json_with_readable_names(tmp_path: Path) -> None:
    (path,) = write_extract(extract(CONCEPTS, FACTS), ExportFormat.JSONLD, tmp_path)
    gene = json.loads(path.read_text())["@graph"][0]
    assert gene == {"@id": FBN1, "@type": ["biolink:Gene"], "rdfs:label": "FBN1"}


def test_graphml_is_read_by_others(tmp_path: Path) -> None:
    qualified = [
        *FACTS,
        Fact(MARFAN, Predicate.RELATED_TO, FBN1, FACTS[0].evidence, qualifiers=((Qualifier.DOSE, "5"),)),
    ]
    (path,) = write_extract(extract(CONCEPTS, qualified), ExportFormat.GRAPHML, tmp_path)
    graph = nx.read_graphml(path)
    assert graph.nodes[MARFAN] == {"label": "Marfan syndrome", "category": "biolink:Disease"}
    said = {(one, other): data for one, other, data in graph.edges(data=True)}
    assert said[MARFAN, AORTA]["negated"] is True
    assert said[FBN1, MARFAN]["sources"] == "test"
    assert said[MARFAN, FBN1]["dose"] == "5"


def test_whole_graphs_and_neighbourhoods_of_a_snapshot(tmp_path: Path) -> None:
    words = Description(
        MARFAN, "Marfan syndrome", "A disorder of fibrillin.", "definition", "test", "1", "MONDO:0007947"
    )
    snapshot = snapshot_of([*CONCEPTS, *FACTS, words], tmp_path)
    whole = whole_graph(snapshot)
    assert [found.curie for found in whole.concepts()] == sorted([FBN1, AORTA, MARFAN])
    assert {(found.subject, found.object, found.negated) for found in whole.facts()} == {
        (FBN1, MARFAN, False),
        (MARFAN, AORTA, True),
    }
    near = neighbourhood(snapshot, snapshot.neighbourhood(FBN1), FBN1)
    assert [found.curie for found in near.concepts()] == [FBN1, MARFAN]
    assert [found.object for found in near.facts()] == [MARFAN]
    assert near.centre == FBN1
