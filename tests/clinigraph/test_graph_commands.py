"""``clinigraph kg``: build, info, show and query."""

import json
from pathlib import Path

import pytest

from tests.clinigraph.conftest import CommandLine
from tests.small_graph import MARFAN, SmallGraph, leftovers, pack


def test_info(cli: CommandLine, world: SmallGraph) -> None:
    text = cli.output("kg", "info")
    assert f"graph {world.snapshot.version}" in text
    for entry in world.entries:
        assert entry.id in text
        assert entry.licence in text


def test_info_as_json(cli: CommandLine, world: SmallGraph) -> None:
    info = json.loads(cli.output("kg", "info", "--json"))
    assert info["kg_version"] == world.snapshot.version
    assert info["counts"] == dict(world.snapshot.counts)
    assert [source["id"] for source in info["sources"]] == [entry.id for entry in world.entries]


def test_show_says_who_is_meant_and_where_each_fact_is_from(cli: CommandLine) -> None:
    text = cli.output("kg", "show", "OMIM:154700")
    assert f"OMIM:154700 is {MARFAN} in this graph" in text
    assert "NOT has_phenotype · Intellectual disability (HP:0001249)" in text
    assert "has_phenotype · Ectopia lentis (HP:0001083) (6 of 10 patients (60%), onset Congenital onset)" in text
    assert "PMID:100" in text
    assert "gene_associated_with_condition" in text
    assert "hpoa 2025-01-16" in text


def test_show_prints_as_many_facts_as_wanted(cli: CommandLine) -> None:
    text = cli.output("kg", "show", MARFAN, "--limit", "2")
    listed = text.split(" facts, the first 2\n")[1]
    assert len(listed.splitlines()) == 2


def test_show_follows_an_obsolete_identifier(cli: CommandLine) -> None:
    assert "HP:0006000 is HP:0001166 in this graph" in cli.output("kg", "show", "HP:0006000")


@pytest.mark.parametrize("curie", ["HP:9999999", "Marfan", "", "[bold]"])
def test_show_of_an_unknown_concept(cli: CommandLine, curie: str) -> None:
    assert "has no concept" in cli.complaint("kg", "show", curie)


def test_query_rows(cli: CommandLine) -> None:
    text = cli.output("kg", "query", "SELECT ?d { ?d biolink:has_phenotype HP:0001083 } ORDER BY ?d")
    assert text.split() == ["d", "OMIM:154700", "1", "row"]


def test_query_json(cli: CommandLine) -> None:
    text = cli.output("kg", "query", "--json", "SELECT ?l { OMIM:154700 rdfs:label ?l }")
    (row,) = json.loads(text)["results"]["bindings"]
    assert row["l"]["value"] == "Marfan syndrome"
    assert json.loads(cli.output("kg", "query", "--json", "ASK {}"))["boolean"] is True


def test_query_ask_and_construct(cli: CommandLine) -> None:
    assert cli.output("kg", "query", "ASK { OMIM:154700 biolink:has_phenotype HP:0001249 }") == "false\n"
    turtle = cli.output("kg", "query", "CONSTRUCT { ?s rdfs:label ?l } WHERE { ?s rdfs:label ?l }")
    assert '\nHP:0001166 rdfs:label "Arachnodactyly"' in turtle


@pytest.mark.parametrize(
    "sparql", ["", "SELECT", "DELETE WHERE { ?s ?p ?o }", "SELECT (<http://example.org/f>(1) AS ?x) {}", "\udcff"]
)
def test_query_that_is_none(cli: CommandLine, sparql: str) -> None:
    assert "SPARQL query cannot be run" in cli.complaint("kg", "query", sparql)


# --- building --------------------------------------------------------------------------------------------------------


def test_build_from_cached_archives_and_again(bare: CommandLine, world: SmallGraph) -> None:
    pack(bare.cache)
    assert f"graph {world.snapshot.version}" in bare.output("kg", "build")
    before = (bare.cache / "current").read_text()
    assert f"graph {world.snapshot.version}" in bare.output("kg", "build")
    assert (bare.cache / "current").read_text() == before
    folder = bare.cache / "graphs" / before.strip()
    assert {"lexicon", "passages", "ranking", "snapshot", "store"} == {path.name for path in folder.iterdir()}
    assert leftovers(bare.cache) == []


def test_build_of_one_source(bare: CommandLine) -> None:
    pack(bare.cache)
    text = bare.output("kg", "build", "--sources", "hpo")
    assert "graph custom-" in text
    assert "mondo" not in text


def test_build_of_an_unknown_source(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert "There is no source 'nosuch'" in bare.complaint("kg", "build", "--sources", "nosuch", "--cache", bare.cache)


def test_asking_without_a_graph_builds_it(bare: CommandLine) -> None:
    pack(bare.cache)
    record = json.loads(bare.output("ask", "How is Marfan syndrome inherited?", "--generator", "graph", "--json"))
    assert not record["abstained"]


def test_the_cache_can_be_named_by_a_flag(cli: CommandLine, world: SmallGraph, tmp_path: Path) -> None:
    assert "No such" not in cli.output("kg", "info", "--cache", world.cache)
    assert "Could not fetch" in cli.complaint("kg", "info", "--cache", tmp_path / "elsewhere")
