"""What users import is added, replaced and removed exactly, and never half."""

from pathlib import Path

import pytest

import kg.assemble
from kg import (
    Format,
    GraphNotBuilt,
    ImportRequest,
    Predicate,
    Snapshot,
    Source,
    SourceNameTaken,
    Tier,
    UnknownSource,
    build_graph,
    current_shards,
    import_source,
    open_snapshot,
    open_store,
    remove_source,
    silent,
)
from tests.small_graph import MARFAN, SmallGraph, build_small_graph, leftovers, names_in, no_derived_files

NODES = "id\tcategory\tname\nHP:0001166\tbiolink:PhenotypicFeature\tArachnodactyly\n{more}"
EDGES = "subject\tpredicate\tobject\tpublications\nMONDO:0007947\tbiolink:has_phenotype\t{finding}\tPMID:77\n"
OURS = Source("ours", "Our findings", "1", "CC0-1.0", "none", Tier.USER)


@pytest.fixture
def built(tmp_path: Path) -> SmallGraph:
    return build_small_graph(tmp_path / "cache")


def request(folder: Path, finding: str = "HP:0001250", more: str = "") -> ImportRequest:
    """A KGX graph with one edge of Marfan syndrome."""
    folder.mkdir(exist_ok=True)
    (folder / "nodes.tsv").write_text(NODES.format(more=more))
    (folder / "edges.tsv").write_text(EDGES.format(finding=finding))
    return ImportRequest("ours", "1", (folder / "nodes.tsv", folder / "edges.tsv"), Format.KGX)


def add(cache: Path, asked: ImportRequest, source: Source = OURS) -> None:
    import_source(cache, source, asked, silent, no_derived_files)


def ours(snapshot: Snapshot) -> set[str]:
    """What only the import says Marfan syndrome has."""
    facts = snapshot.facts_from(MARFAN, Predicate.HAS_PHENOTYPE)
    return {fact.object for fact in facts for item in fact.evidence if item.source == "ours"}


def quads_of(cache: Path, source: str) -> int:
    ((count,),) = open_store(cache, silent).rows(
        f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH source:{source} {{ ?s ?p ?o }} }}"
    )
    return int(count)


def test_imported_facts_stand_beside_the_others_with_their_source_and_tier(built: SmallGraph, tmp_path: Path) -> None:
    before = open_snapshot(built.cache).version
    add(built.cache, request(tmp_path / "in"))
    snapshot = open_snapshot(built.cache)
    assert ours(snapshot) == {"HP:0001250"}
    assert snapshot.tier_of("ours") is Tier.USER
    assert snapshot.version != before
    assert quads_of(built.cache, "ours") > 0
    assert len(snapshot.facts_from(MARFAN)) > 3


def test_importing_twice_changes_nothing(built: SmallGraph, tmp_path: Path) -> None:
    add(built.cache, request(tmp_path / "in"))
    before, folder = open_snapshot(built.cache).version, (built.cache / "current").read_text()
    add(built.cache, request(tmp_path / "in"))
    assert open_snapshot(built.cache).version == before
    assert (built.cache / "current").read_text() == folder


def test_a_changed_file_updates_only_its_own(built: SmallGraph, tmp_path: Path) -> None:
    add(built.cache, request(tmp_path / "in"))
    facts = open_snapshot(built.cache).counts["facts"]
    others = quads_of(built.cache, "hpoa")
    add(built.cache, request(tmp_path / "in", finding="HP:0002072"))
    snapshot = open_snapshot(built.cache)
    assert ours(snapshot) == {"HP:0002072"}
    assert snapshot.counts["facts"] == facts
    assert quads_of(built.cache, "hpoa") == others
    assert [shard.source.id for shard in current_shards(built.cache)].count("ours") == 1


def test_removing_a_source_removes_exactly_its_facts(built: SmallGraph, tmp_path: Path) -> None:
    before, quads = open_snapshot(built.cache), len(open_store(built.cache, silent))
    version, facts = before.version, before.counts["facts"]
    add(built.cache, request(tmp_path / "in"))
    remove_source(built.cache, "ours", silent, no_derived_files)
    after = open_snapshot(built.cache)
    assert (after.version, after.counts["facts"], ours(after)) == (version, facts, set())
    assert len(open_store(built.cache, silent)) == quads
    with pytest.raises(UnknownSource):
        remove_source(built.cache, "ours", silent, no_derived_files)


def test_a_build_keeps_what_was_imported(built: SmallGraph, tmp_path: Path) -> None:
    add(built.cache, request(tmp_path / "in"))
    build_graph(built.cache, built.entries, silent, no_derived_files, force=True)
    assert ours(open_snapshot(built.cache)) == {"HP:0001250"}


def test_rows_that_cannot_be_used_are_counted_and_kept(built: SmallGraph, tmp_path: Path) -> None:
    add(built.cache, request(tmp_path / "in", more="NOSUCHPREFIX:1\tbiolink:Disease\tsomething\n"))
    shard = current_shards(built.cache)[-1]
    assert sum(shard.rejected.values()) == 1
    (rejection,) = shard.rejections(5)
    assert "nodes.tsv" in rejection.where
    assert "NOSUCHPREFIX" in rejection.reason
    assert ours(open_snapshot(built.cache)) == {"HP:0001250"}


def test_an_import_that_fails_leaves_the_graph_and_nothing_else(
    built: SmallGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(kg.assemble, "compile_snapshot", die)
        with pytest.raises(KeyboardInterrupt):
            add(built.cache, request(tmp_path / "in"))
    assert ours(open_snapshot(built.cache)) == set()
    assert names_in(built.cache / "graphs") == {built.folder.name}
    assert leftovers(built.cache) == []
    add(built.cache, request(tmp_path / "in"))
    assert ours(open_snapshot(built.cache)) == {"HP:0001250"}


def test_names_of_the_catalogue_are_taken(built: SmallGraph, tmp_path: Path) -> None:
    with pytest.raises(SourceNameTaken, match="another name"):
        add(built.cache, request(tmp_path / "in"), Source("hpoa", "x", "1", "x", "x", Tier.USER))


def test_there_must_be_a_graph_to_add_to(tmp_path: Path) -> None:
    with pytest.raises(GraphNotBuilt):
        add(tmp_path / "cache", request(tmp_path / "in"))
