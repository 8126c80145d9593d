"""Build a graph: sources to quads to snapshot, published by one atomic switch of a pointer.

Layout of the cache: ``archives/`` holds verified wheels; ``graphs/<build>/`` holds ``store/``, ``snapshot/`` and
whatever floors above derive from them; ``current`` names the build in use. A build writes into ``graphs/.building-*``
and is renamed when whole, so a process killed at any moment leaves the published graph as it was.
"""

import gc
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path

from filelock import FileLock, Timeout

from .archive import writing_to
from .catalogue import SourceEntry, fetch_sources, read_catalogue, read_source
from .compile import SnapshotCompiler
from .errors import BuildInProgress, GraphNotBuilt, UnknownSource
from .layout import SCHEMA_VERSION
from .progress import Report
from .quads import QUADS_VERSION, quads, source_quads
from .snapshot import Snapshot
from .store import QuadStore

Prepare = Callable[[Snapshot, Path], None]
"""Derives files for floors above from a finished snapshot, into the folder of the build, before it is published."""

_POINTER = "current"
_PIECE_LINES = 300_000  # bounds the memory that loading one piece takes


def archive_folder(cache: Path) -> Path:
    """Where verified archives lie."""
    return cache / "archives"


def graph_folder(cache: Path) -> Path:
    """The folder of the graph in use.

    Raises:
        GraphNotBuilt: no build was ever finished in this cache.
    """
    try:
        name = (cache / _POINTER).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        raise GraphNotBuilt(cache) from None
    folder = cache / "graphs" / name
    if not name or not folder.is_dir():
        raise GraphNotBuilt(cache)
    return folder


def is_built(cache: Path) -> bool:
    """Whether a graph is in use in this cache."""
    try:
        graph_folder(cache)
    except GraphNotBuilt:
        return False
    return True


def open_snapshot(cache: Path) -> Snapshot:
    """The snapshot of the graph in use."""
    return Snapshot.open(graph_folder(cache) / "snapshot")


def open_store(cache: Path) -> QuadStore:
    """The quad store of the graph in use, for reading."""
    return QuadStore.open(graph_folder(cache) / "store")


def graph_version(entries: Iterable[SourceEntry]) -> str:
    """The kg_version of a graph: the release of its annotations, and a hash of all that decides its content."""
    pinned = sorted((e.id, e.release, *((m.archive.sha256, m.path) for m in e.members)) for e in entries)
    content = json.dumps([SCHEMA_VERSION, QUADS_VERSION, pinned])
    release = next((entry.release for entry in entries if entry.id == "hpoa"), "custom")
    return f"{release}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def select_sources(ids: Iterable[str] | None) -> tuple[SourceEntry, ...]:
    """Catalogue entries by identifier, all of them for ``None``, in catalogue order.

    Raises:
        UnknownSource: the catalogue has no such source.
    """
    entries = read_catalogue()
    wanted = {entry.id for entry in entries} if ids is None else set(ids)
    if unknown := wanted - {entry.id for entry in entries}:
        raise UnknownSource(sorted(unknown)[0], [entry.id for entry in entries])
    return tuple(entry for entry in entries if entry.id in wanted)


def build_graph(
    cache: Path, entries: tuple[SourceEntry, ...], report: Report, prepare: Prepare, *, force: bool = False
) -> Path:
    """The folder of a published graph of these sources; built unless the graph in use already is just that.

    Raises:
        BuildInProgress: another process builds in this cache.
        CacheNotWritable: the cache is read-only or the disk is full; what was published stays.
        ArchiveUnavailable: an archive is not cached and cannot be fetched.
        MalformedSource: a source file is not what its reader expects.
    """
    version = graph_version(entries)
    with writing_to(cache):
        lock = FileLock(cache / "build.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise BuildInProgress(cache) from None
        try:
            if not force and is_built(cache) and graph_folder(cache).name.startswith(f"{version}."):
                return graph_folder(cache)
            fetch_sources(entries, archive_folder(cache), report)
            return _build(cache, version, entries, report, prepare)
        finally:
            lock.release()


def _build(cache: Path, version: str, entries: tuple[SourceEntry, ...], report: Report, prepare: Prepare) -> Path:
    graphs = cache / "graphs"
    graphs.mkdir(exist_ok=True)
    for abandoned in graphs.glob(".building-*"):  # we hold the lock, so nobody is writing there
        shutil.rmtree(abandoned, ignore_errors=True)
    scratch = graphs / f".building-{secrets.token_hex(3)}"  # an engine of a failed build may still hold its own
    try:
        (scratch / "snapshot").mkdir(parents=True)
        _write_graph(scratch, archive_folder(cache), version, entries, report, prepare)
        final = graphs / f"{version}.{secrets.token_hex(3)}"
        os.replace(scratch, final)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    _publish(cache, final)
    for older in graphs.glob(f"{version}.*"):
        if older != final:
            shutil.rmtree(older, ignore_errors=True)
    return final


def _publish(cache: Path, folder: Path) -> None:
    fresh = cache / f".{_POINTER}"  # one name, so that what a killed build left is overwritten; we hold the lock
    fresh.write_text(folder.name + "\n", encoding="utf-8")
    os.replace(fresh, cache / _POINTER)


def _write_graph(
    folder: Path, archives: Path, version: str, entries: tuple[SourceEntry, ...], report: Report, prepare: Prepare
) -> None:
    """Fill the store on one thread, the engine working outside the interpreter, and do everything else on this one."""
    compiler = SnapshotCompiler()
    store = QuadStore.create(folder / "store")
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="load quads") as loader:
        try:
            with _no_cycle_collection():
                lines = _all_lines(entries, archives, compiler, report)
                loading = [loader.submit(_load, store, piece) for piece in _spooled(lines, folder)]
                report("read sources", len(entries), len(entries))
                report("compile snapshot", 0, 1)
                compiler.write(folder / "snapshot", version, [_described(entry) for entry in entries])
                report("compile snapshot", 1, 1)
            del compiler  # its records are on disk now
            prepare(Snapshot.open(folder / "snapshot"), folder)
            for done, piece in enumerate(loading):
                report("load quads", done, len(loading))
                piece.result()
        finally:
            loader.shutdown(cancel_futures=True)
    store.flush()
    report("load quads", 1, 1)


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


def _load(store: QuadStore, piece: Path) -> None:
    store.load(piece)
    piece.unlink()


def _spooled(lines: Iterator[str], folder: Path) -> Iterator[Path]:
    """The lines in files of bounded size, so that a slow loader keeps nobody waiting and fills no memory."""
    for number in count():
        first = next(lines, None)
        if first is None:
            return
        path = folder / f"quads-{number}.nq"
        with path.open("w", encoding="utf-8") as file:
            file.write(first)
            file.writelines(islice(lines, _PIECE_LINES))
        yield path


def _all_lines(
    entries: tuple[SourceEntry, ...], archives: Path, compiler: SnapshotCompiler, report: Report
) -> Iterator[str]:
    for done, entry in enumerate(entries):
        report("read sources", done, len(entries))
        yield from source_quads(entry)
        yield from quads(compiler.add(read_source(entry, archives)), entry.id)


def _described(entry: SourceEntry) -> dict[str, str]:
    fields = ("id", "title", "release", "tier", "licence", "citation")
    return {field: getattr(entry, field) for field in fields}
