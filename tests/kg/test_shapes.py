"""Shapes are checked as the SHACL reference implementation checks them, and say in plain words what is broken."""

from collections.abc import Iterable
from pathlib import Path

import pyshacl
import pytest
import rdflib

from kg import (
    Category,
    Concept,
    Evidence,
    Fact,
    Frequency,
    MalformedShape,
    Name,
    NameKind,
    Predicate,
    QuadStore,
    Qualifier,
    Record,
    Shard,
    Source,
    Tier,
    check_shapes,
    current_shards,
    read_shapes,
    silent,
)
from kg.build import open_store
from kg.shard import write_shard
from kg.store import write_store
from tests.conftest import ROOT
from tests.small_graph import SmallGraph

SHAPES = (ROOT / "data" / "shapes.ttl").read_text(encoding="utf-8")
LABELLED = "[] a sh:NodeShape ; sh:targetSubjectsOf rdfs:label ; sh:property [ sh:path rdfs:label ; "
SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")


def evidence(*references: str) -> tuple[Evidence, ...]:
    return (Evidence("test", "1", "OMIM:1", references),)


def flawed_records() -> list[Record]:
    """A graph in which several shapes are broken."""
    frequency = Frequency(0.0, 0.0, 0, 5)
    return [
        Concept("OMIM:1", Category.DISEASE, (Name("a disease", NameKind.LABEL),)),
        Concept("HP:1", Category.PHENOTYPE, (Name("", NameKind.LABEL),)),
        Fact("OMIM:1", Predicate.HAS_PHENOTYPE, "HP:1", evidence("PMID:1"), frequency=Frequency(0.5, 0.5, 1, 2)),
        Fact("OMIM:1", Predicate.HAS_PHENOTYPE, "HP:1", evidence("PMID:1"), negated=True, frequency=frequency),
        Fact("HP:1", Predicate.SUBCLASS_OF, "HP:1", (Evidence("test", "1", "HP:1"),)),
        Fact(
            "DRUGBANK:1",
            Predicate.INTERACTS_WITH,
            "DRUGBANK:2",
            (Evidence("test", "1", "DRUGBANK:1"),),
            qualifiers=((Qualifier.SEVERITY, "rather bad"),),
        ),
    ]


def made(records: Iterable[Record], folder: Path) -> tuple[Shard, QuadStore]:
    (folder / "shard").mkdir()
    shard = write_shard(records, Source("test", "Test", "1", "", "none", Tier.USER), folder / "shard")
    write_store([shard], folder / "store")
    return shard, QuadStore.open(folder / "store")


def by_pyshacl(store: QuadStore) -> set[tuple[str, str]]:
    """Message and focus node of every result of the reference implementation."""
    data = rdflib.Graph()
    for subject, predicate, value in store.dataset().triples((None, None, None)):
        plain = isinstance(value, rdflib.Literal) and value.datatype == rdflib.XSD.string
        data.add((subject, predicate, rdflib.Literal(str(value)) if plain else value))
    _, report, _ = pyshacl.validate(data, shacl_graph=SHAPES, shacl_graph_format="turtle", advanced=True)
    assert isinstance(report, rdflib.Graph)
    return {
        (str(report.value(result, SH.resultMessage)), str(report.value(result, SH.focusNode)))
        for result in report.subjects(rdflib.RDF.type, SH.ValidationResult)
    }


def by_us(shards: list[Shard], store: QuadStore) -> set[tuple[str, str]]:
    breaches = check_shapes(shards, store, read_shapes(), n_examples=1000)
    return {(breach.constraint.message, focus) for breach in breaches for focus, _ in breach.examples}


def test_flaws_are_found_as_the_reference_finds_them(tmp_path: Path) -> None:
    shard, store = made(flawed_records(), tmp_path)
    found = by_us([shard], store)
    assert found == by_pyshacl(store)
    assert {message for message, _ in found} == {
        "A label is empty.",
        "A concept is said to be a kind of itself.",
        "The same publication is cited for a finding and for its absence.",
        "An interaction has a severity other than contraindicated, avoid, precaution or note.",
    }


def test_the_small_graph_is_sound_for_both(graph: SmallGraph) -> None:
    store = open_store(graph.cache, silent)
    assert by_us(list(current_shards(graph.cache)), store) == by_pyshacl(store)


@pytest.mark.parametrize(
    ("turtle", "words"),
    [
        ("this is no turtle", "file"),
        ("[] a sh:NodeShape ; sh:property [ sh:path rdfs:label ; sh:minCount 1 ] .", "sh:targetClass"),
        (LABELLED + "sh:minCount 2 ] .", "can only be 1"),
        (LABELLED + "sh:hasValue 1 ] .", "minInclusive"),
    ],
)
def test_shapes_that_cannot_be_used_are_named(turtle: str, words: str) -> None:
    header = f"@prefix sh: <{SH}> . @prefix rdfs: <{rdflib.RDFS}> . "
    with pytest.raises(MalformedShape, match=words):
        read_shapes(header + turtle)
