"""A build that ends in any way leaves a working graph, and the next build is right."""

import errno
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

import kg.assemble
from kg import (
    BuildInProgress,
    CacheNotWritable,
    GraphNotBuilt,
    HashMismatch,
    MalformedSource,
    Snapshot,
    SourceEntry,
    UnknownSource,
    build_graph,
    graph_folder,
    open_snapshot,
    open_store,
    read_catalogue,
    select_sources,
    silent,
)
from tests.conftest import ROOT
from tests.small_graph import (
    MARFAN,
    SmallGraph,
    build_small_graph,
    leftovers,
    names_in,
    no_derived_files,
    pack,
    small_text,
)


@pytest.fixture
def built(tmp_path: Path) -> SmallGraph:
    return build_small_graph(tmp_path / "cache")


def rebuilt(cache: Path, entries: tuple[SourceEntry, ...], *, force: bool = False) -> Path:
    return build_graph(cache, entries, silent, no_derived_files, force=force)


def other_release(cache: Path) -> tuple[SourceEntry, ...]:
    """The same sources, one of them with another name in it."""
    return pack(cache, {"hp.obo": small_text("hp.obo").replace(b"name: Scoliosis", b"name: Bent spine")})


def works(cache: Path, scoliosis: str = "Scoliosis") -> bool:
    snapshot = open_snapshot(cache)
    facts = {fact.object for fact in snapshot.facts_from(MARFAN)}
    return snapshot.label("HP:0002650") == scoliosis and "HP:0002650" in facts and len(open_store(cache, silent)) > 0


# --- what is built ---------------------------------------------------------------------------------------------------


def test_a_second_build_returns_the_graph_there_is(built: SmallGraph) -> None:
    def refuse(snapshot: Snapshot, folder: Path) -> None:
        raise AssertionError("nothing has changed")

    assert build_graph(built.cache, built.entries, silent, refuse) == built.folder == graph_folder(built.cache)


def test_force_builds_the_same_graph_again_and_removes_the_older(built: SmallGraph) -> None:
    before = {path.name: path.read_bytes() for path in (built.folder / "snapshot").iterdir()}
    folder = rebuilt(built.cache, built.entries, force=True)
    assert folder != built.folder
    assert {path.name: path.read_bytes() for path in (folder / "snapshot").iterdir()} == before
    assert names_in(built.cache / "graphs") == {folder.name}
    assert works(built.cache)
    assert leftovers(built.cache) == []


def test_what_floors_above_derive_is_published_with_the_graph(tmp_path: Path) -> None:
    def prepare(snapshot: Snapshot, folder: Path) -> None:
        (folder / "derived").write_text(snapshot.version)

    folder = build_graph(tmp_path, pack(tmp_path), silent, prepare)
    assert (folder / "derived").read_text() == open_snapshot(tmp_path).version


def test_steps_are_reported_to_their_end(tmp_path: Path) -> None:
    seen: dict[str, tuple[int, int]] = {}

    def report(step: str, done: int, total: int) -> None:
        seen[step] = (done, total)

    build_graph(tmp_path, pack(tmp_path), report, no_derived_files)
    assert {"read sources", "compile snapshot", "load quads"} <= set(seen)
    assert all(done == total for done, total in seen.values())


def test_the_manifest_names_every_source(built: SmallGraph) -> None:
    manifest = json.loads((built.folder / "snapshot" / "manifest.json").read_text())
    assert [source["id"] for source in manifest["sources"]] == [entry.id for entry in built.entries]
    assert all(source["licence"] and source["citation"] and source["release"] for source in manifest["sources"])


def test_a_graph_of_some_sources(tmp_path: Path) -> None:
    entries = tuple(entry for entry in pack(tmp_path) if entry.id in ("hpo", "hpoa"))
    rebuilt(tmp_path, entries)
    snapshot = open_snapshot(tmp_path)
    assert snapshot.resolve("OMIM:154700") == "OMIM:154700"
    assert snapshot.facts_from("OMIM:154700")


# --- versions --------------------------------------------------------------------------------------------------------


def version_of(cache: Path, entries: tuple[SourceEntry, ...]) -> str:
    rebuilt(cache, entries)
    return open_snapshot(cache).version


def test_the_version_depends_on_content_and_not_on_order(tmp_path: Path) -> None:
    entries = pack(tmp_path / "a")
    version = version_of(tmp_path / "a", entries)
    assert version.startswith("2025-01-16-")
    assert version_of(tmp_path / "a", tuple(reversed(entries))) == version
    assert version_of(tmp_path / "b", pack(tmp_path / "b")) == version
    assert version_of(tmp_path / "c", other_release(tmp_path / "c")) != version
    assert version_of(tmp_path / "a", entries[1:]) != version
    assert version_of(tmp_path / "a", (replace(entries[0], release="2026"), *entries[1:])) != version
    assert version_of(tmp_path / "a", (replace(entries[0], title="Another title"), *entries[1:])) == version


def test_without_annotations_the_version_is_custom(tmp_path: Path) -> None:
    hpo = tuple(entry for entry in pack(tmp_path) if entry.id == "hpo")
    assert version_of(tmp_path, hpo).startswith("custom-")


def test_other_sources_make_another_graph(built: SmallGraph) -> None:
    folder = rebuilt(built.cache, other_release(built.cache))
    assert folder.name.partition(".")[0] != built.folder.name.partition(".")[0]
    assert works(built.cache, "Bent spine")


def test_sources_are_chosen_by_name() -> None:
    assert [entry.id for entry in select_sources(["mondo", "hpo"])] == ["hpo", "mondo"]
    assert select_sources(None) == tuple(entry for entry in read_catalogue() if entry.default)
    with pytest.raises(UnknownSource, match="choose from hpo, hpoa"):
        select_sources(["hpo", "nosuch"])


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [RuntimeError("no"), KeyboardInterrupt(), MalformedSource("x", "y", "z")])
def test_a_build_that_fails_leaves_the_graph_and_nothing_else(built: SmallGraph, error: BaseException) -> None:
    def fail(snapshot: Snapshot, folder: Path) -> None:
        (folder / "half").write_text("done")
        raise error

    entries = other_release(built.cache)
    with pytest.raises(type(error)):
        build_graph(built.cache, entries, silent, fail)
    assert works(built.cache)
    assert names_in(built.cache / "graphs") == {built.folder.name}
    assert leftovers(built.cache) == []
    rebuilt(built.cache, entries)
    assert works(built.cache, "Bent spine")


def test_a_source_that_cannot_be_read_leaves_the_graph(built: SmallGraph) -> None:
    entries = pack(built.cache, {"phenotype.hpoa": small_text("phenotype.hpoa").replace(b"7/10", b"7 of 10")})
    with pytest.raises(MalformedSource, match="line 4"):
        rebuilt(built.cache, entries)
    assert works(built.cache)
    assert leftovers(built.cache) == []


def test_a_full_disk_is_named_and_leaves_the_graph(built: SmallGraph) -> None:
    def no_space(snapshot: Snapshot, folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder / "lexicon"))

    with pytest.raises(CacheNotWritable, match="No space left on device") as caught:
        build_graph(built.cache, built.entries, silent, no_space, force=True)
    assert caught.value.folder == built.cache
    assert works(built.cache)
    assert leftovers(built.cache) == []


def test_a_full_disk_while_publishing_leaves_the_graph(built: SmallGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(cache: Path, folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(kg.assemble, "_publish", no_space)
        with pytest.raises(CacheNotWritable):
            rebuilt(built.cache, built.entries, force=True)
    assert graph_folder(built.cache) == built.folder
    assert works(built.cache)
    folder = rebuilt(built.cache, built.entries, force=True)
    assert names_in(built.cache / "graphs") == {folder.name}


def test_a_cache_that_is_a_file_cannot_be_written(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.write_text("a file")
    with pytest.raises(GraphNotBuilt):
        graph_folder(cache)
    with pytest.raises(CacheNotWritable, match="CLINIGRAPH_CACHE"):
        rebuilt(cache, read_catalogue())
    with pytest.raises(CacheNotWritable):
        rebuilt(cache / "deeper", read_catalogue())
    assert cache.read_text() == "a file"


def test_a_read_only_cache_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(FileLock, "acquire", refuse)  # modes do not stop root, under whom tests may run
    with pytest.raises(CacheNotWritable, match="Read-only file system"):
        rebuilt(tmp_path, read_catalogue())


def test_two_builds_at_once(tmp_path: Path) -> None:
    entries = pack(tmp_path)
    refused = []

    def build_again(snapshot: Snapshot, folder: Path) -> None:
        with pytest.raises(BuildInProgress, match="wait until it has finished") as caught:
            rebuilt(tmp_path, entries)
        refused.append(caught.value.folder)

    build_graph(tmp_path, entries, silent, build_again)
    assert refused == [tmp_path]
    assert works(tmp_path)


def test_an_archive_with_another_hash_is_refused_and_kept(built: SmallGraph) -> None:
    pin = built.entries[0].members[0].archive
    path = built.cache / "archives" / pin.filename
    path.write_bytes(path.read_bytes() + b"tampered")
    with pytest.raises(HashMismatch, match=pin.sha256[:12]) as caught:
        rebuilt(built.cache, built.entries, force=True)
    assert caught.value.expected == pin.sha256
    assert works(built.cache)


def test_without_a_build_there_is_no_graph(tmp_path: Path) -> None:
    with pytest.raises(GraphNotBuilt, match="clinigraph kg build"):
        open_snapshot(tmp_path)
    (tmp_path / "current").write_text("no-such-build\n")
    with pytest.raises(GraphNotBuilt):
        graph_folder(tmp_path)
    (tmp_path / "current").write_text("\n")
    with pytest.raises(GraphNotBuilt):
        graph_folder(tmp_path)


# --- killed ----------------------------------------------------------------------------------------------------------

_DIE = """
import os, signal, sys
from pathlib import Path
import kg.assemble
from kg import build_graph
from tests.small_graph import no_derived_files, pack, small_text

cache, stage = Path(sys.argv[1]), sys.argv[2]

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def report(step, done, total):
    if step == stage:
        die()

if stage == "publish":
    kg.assemble._publish = die
if stage == "switch":
    replace = os.replace
    os.replace = lambda source, target: die() if Path(target).name == "current" else replace(source, target)
entries = pack(cache, {"hp.obo": small_text("hp.obo").replace(b"name: Scoliosis", b"name: Bent spine")})
build_graph(cache, entries, report, die if stage == "prepare" else no_derived_files)
"""


@pytest.mark.parametrize(
    "stage",
    [
        "prepare",
        "switch",
        pytest.param("read sources", marks=pytest.mark.slow),
        pytest.param("compile snapshot", marks=pytest.mark.slow),
        pytest.param("load quads", marks=pytest.mark.slow),
        pytest.param("publish", marks=pytest.mark.slow),
    ],
)
def test_a_build_that_is_killed_leaves_the_graph_and_the_next_one_is_right(built: SmallGraph, stage: str) -> None:
    command = [sys.executable, "-c", _DIE, str(built.cache), stage]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert graph_folder(built.cache) == built.folder
    assert works(built.cache)
    folder = rebuilt(built.cache, other_release(built.cache))
    assert works(built.cache, "Bent spine")
    assert names_in(built.cache / "graphs") == {built.folder.name, folder.name}
    assert leftovers(built.cache) == []
