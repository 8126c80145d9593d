"""Where things lie in the cache, and which graph is in use.

``archives/`` holds verified wheels, ``records/`` a shard per source, ``graphs/<build>/`` a ``snapshot/``, a ``store/``
and whatever floors above derive from them, and ``current`` names the build in use. Which sources a graph is made of
stands in its manifest and nowhere else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from .archive import writing_to
from .errors import BuildInProgress, GraphNotBuilt
from .mapped import MappedFiles
from .shard import Shard, open_shard
from .snapshot import Snapshot

POINTER, SNAPSHOT, STORE = "current", "snapshot", "store"
SCRATCH = ".building-"


def archive_folder(cache: Path) -> Path:
    """Where verified archives lie."""
    return cache / "archives"


def record_folder(cache: Path) -> Path:
    """Where shards lie."""
    return cache / "records"


def graphs_folder(cache: Path) -> Path:
    """Where builds lie."""
    return cache / "graphs"


def graph_folder(cache: Path) -> Path:
    """The folder of the graph in use.

    Raises:
        GraphNotBuilt: no build was ever finished in this cache.
    """
    try:
        name = (cache / POINTER).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        raise GraphNotBuilt(cache) from None
    folder = graphs_folder(cache) / name
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
    return Snapshot.open(graph_folder(cache) / SNAPSHOT)


def current_shards(cache: Path) -> tuple[Shard, ...]:
    """The shards that the graph in use was made of, in its order; none where there is no graph."""
    if not is_built(cache):
        return ()
    manifest = MappedFiles.open(graph_folder(cache) / SNAPSHOT).manifest
    return tuple(open_shard(record_folder(cache) / source["shard"]) for source in manifest["sources"])


def has_store(folder: Path) -> bool:
    """Whether the quad store of a build was made."""
    return (folder / STORE).is_dir()


@contextmanager
def locked(cache: Path) -> Iterator[None]:
    """Hold the lock under which alone anything in the cache is changed.

    Raises:
        BuildInProgress: another process holds it.
        CacheNotWritable: the cache is read-only or the disk is full.
    """
    with writing_to(cache):
        lock = FileLock(cache / "build.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise BuildInProgress(cache) from None
        try:
            yield
        finally:
            lock.release()
