"""Build the graph of the catalogue's sources."""

from collections.abc import Iterable
from pathlib import Path

from .assemble import Prepare, assemble, make_store, readable_shards
from .cache import STORE, archive_folder, graph_folder, has_store, locked, record_folder
from .catalogue import SourceEntry, fetch_sources, read_catalogue
from .errors import UnknownSource
from .progress import Report
from .reading import catalogue_shard_name, missing_sources, read_sources
from .shard import open_shard
from .store import QuadStore


def select_sources(ids: Iterable[str] | None) -> tuple[SourceEntry, ...]:
    """Catalogue entries by identifier, the default ones for ``None``, all of them for ``all``, in catalogue order.

    Raises:
        UnknownSource: the catalogue has no such source.
    """
    entries = read_catalogue()
    wanted = {entry.id for entry in entries if entry.default} if ids is None else set(ids)
    if wanted == {"all"}:
        return entries
    if unknown := wanted - {entry.id for entry in entries}:
        raise UnknownSource(sorted(unknown)[0], [entry.id for entry in entries])
    return tuple(entry for entry in entries if entry.id in wanted)


def build_graph(
    cache: Path,
    entries: tuple[SourceEntry, ...],
    report: Report,
    prepare: Prepare,
    *,
    force: bool = False,
    with_store: bool = True,
) -> Path:
    """The folder of a published graph of these catalogue sources and of all that was imported.

    It is built unless the graph in use already is just that. Without ``with_store`` the quad store is made when it is
    first asked for.

    Raises:
        BuildInProgress: another process builds in this cache.
        CacheNotWritable: the cache is read-only or the disk is full; what was published stays.
        ArchiveUnavailable: an archive is not cached and cannot be fetched.
        MalformedSource: a source file is not what its reader expects.
    """
    with locked(cache):
        imported = [shard for shard in readable_shards(cache) if shard.origin]
        names = [*map(catalogue_shard_name, entries), *(shard.folder.name for shard in imported)]
        if not force and [shard.folder.name for shard in readable_shards(cache)] == names:
            folder = graph_folder(cache)
            if with_store:
                make_store(cache, folder, report)
            return folder
        records = record_folder(cache)
        wanted = entries if force else missing_sources(entries, records)
        fetch_sources(wanted, archive_folder(cache), report)
        read_sources(wanted, archive_folder(cache), records, report)
        shards = [open_shard(records / name) for name in names]
        return assemble(cache, shards, report, prepare, with_store=with_store)


def open_store(cache: Path, report: Report) -> QuadStore:
    """The quad store of the graph in use, for reading; made first if that was not yet done."""
    folder = graph_folder(cache)
    if not has_store(folder):
        with locked(cache):
            make_store(cache, folder, report)
    return QuadStore.open(folder / STORE)
