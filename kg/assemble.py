"""Shards made into a graph, which is published by one atomic switch of a pointer.

A build writes into ``graphs/.building-*`` and is renamed when whole, so a process killed at any moment leaves the
published graph as it was.
"""

import gc
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .cache import (
    POINTER,
    SCRATCH,
    SNAPSHOT,
    STORE,
    current_shards,
    graph_folder,
    graphs_folder,
    has_store,
    is_built,
    record_folder,
)
from .compile import compile_snapshot, snapshot_version
from .errors import GraphDamaged
from .mapped import MappedFiles
from .processes import workers
from .progress import Report
from .shard import Shard
from .snapshot import Snapshot
from .store import write_changed_store, write_store

Prepare = Callable[[Snapshot, Path], None]
"""Derives files for floors above from a finished snapshot, into the folder of the build, before it is published."""


def readable_shards(cache: Path) -> tuple[Shard, ...]:
    """The shards of the graph in use; none if it is of another layout or damaged, so that a build replaces it."""
    try:
        return current_shards(cache)
    except GraphDamaged:
        return ()


def assemble(cache: Path, shards: Sequence[Shard], report: Report, prepare: Prepare, *, with_store: bool) -> Path:
    """The folder of a published graph of these shards. The caller holds the lock of the cache."""
    graphs = graphs_folder(cache)
    graphs.mkdir(exist_ok=True)
    for abandoned in graphs.glob(f"{SCRATCH}*"):  # we hold the lock, so nobody is writing there
        shutil.rmtree(abandoned, ignore_errors=True)
    scratch = graphs / f"{SCRATCH}{secrets.token_hex(3)}"  # an engine of a failed build may still hold its own
    try:
        (scratch / SNAPSHOT).mkdir(parents=True)
        _write_graph(cache, scratch, shards, report, prepare, with_store=with_store)
        final = graphs / f"{snapshot_version(shards)}.{secrets.token_hex(3)}"
        os.replace(scratch, final)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    previous = graph_folder(cache) if is_built(cache) else None
    _publish(cache, final)
    _prune(cache, final, previous)
    return final


def _publish(cache: Path, folder: Path) -> None:
    fresh = cache / f".{POINTER}"  # one name, so that what a killed build left is overwritten; we hold the lock
    fresh.write_text(folder.name + "\n", encoding="utf-8")
    os.replace(fresh, cache / POINTER)


def _prune(cache: Path, current: Path, previous: Path | None) -> None:
    """Keep the graph in use and the one before it, if that is another version, with their shards."""
    kept = {current}
    if previous is not None and previous.name.partition(".")[0] != current.name.partition(".")[0]:
        kept.add(previous)
    for folder in graphs_folder(cache).iterdir():
        if folder not in kept:
            shutil.rmtree(folder, ignore_errors=True)
    used = set()
    for folder in kept:
        try:
            used |= {source["shard"] for source in MappedFiles.open(folder / SNAPSHOT).manifest["sources"]}
        except GraphDamaged:
            continue
    for folder in record_folder(cache).iterdir():
        if folder.name not in used:
            shutil.rmtree(folder, ignore_errors=True)


def _write_graph(
    cache: Path, folder: Path, shards: Sequence[Shard], report: Report, prepare: Prepare, *, with_store: bool
) -> None:
    """Fill the store beside this interpreter, and do everything else in it."""
    with workers(1, _bytes_in(shards)) as pool:
        storing = pool.submit(_write_store, cache, shards, folder / STORE) if with_store else None
        report("compile snapshot", 0, 1)
        with _no_cycle_collection():
            compile_snapshot(shards, folder / SNAPSHOT)
        report("compile snapshot", 1, 1)
        prepare(Snapshot.open(folder / SNAPSHOT), folder)
        if storing is not None:
            report("load quads", 0, 1)
            storing.result()
            report("load quads", 1, 1)


def make_store(cache: Path, folder: Path, report: Report) -> None:
    """Make the store of a published graph that has none, in one step as others see it."""
    for abandoned in folder.glob(f"{SCRATCH}*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    if (folder / STORE).is_dir():
        return
    scratch = folder / f"{SCRATCH}{secrets.token_hex(3)}"
    report("load quads", 0, 1)
    try:
        write_store(current_shards(cache), scratch)
        os.replace(scratch, folder / STORE)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    report("load quads", 1, 1)


def _write_store(cache: Path, shards: Sequence[Shard], folder: Path) -> None:
    """Make the store out of that of the graph in use where most of it stays, else anew."""
    before = readable_shards(cache)
    shared = {shard.digest for shard in before} & {shard.digest for shard in shards}
    fresh = [shard for shard in shards if shard.digest not in shared]
    gone = [shard for shard in before if shard.digest not in shared]
    if before and has_store(graph_folder(cache)) and 2 * _bytes_in([*fresh, *gone]) < _bytes_in(shards):
        write_changed_store(graph_folder(cache) / STORE, before, shards, folder)
    else:
        write_store(shards, folder)


def _bytes_in(shards: Iterable[Shard]) -> int:
    return sum(path.stat().st_size for shard in shards for path in shard.folder.iterdir())


@contextmanager
def _no_cycle_collection() -> Iterator[None]:
    """Keep the cycle collector from walking millions of records that have no cycles; a fifth of the time goes there."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
