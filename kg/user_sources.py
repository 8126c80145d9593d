"""What users add to the graph: files of their own, as sources beside those of the catalogue."""

from pathlib import Path

from .archive import sha256_of
from .assemble import Prepare, assemble
from .cache import current_shards, graph_folder, has_store, locked, record_folder
from .catalogue import read_catalogue
from .errors import GraphNotBuilt, SourceNameTaken, UnknownSource
from .importing import ImportRequest, input_files, read_import
from .progress import Report
from .reading import make_shard, reader_version, shard_name
from .shard import Shard
from .source import Source


def import_source(cache: Path, source: Source, request: ImportRequest, report: Report, prepare: Prepare) -> Shard:
    """Add what the user's own files say, or what they say now in place of what they said before; returns its shard.

    Importing the same files again changes nothing.

    Raises:
        GraphNotBuilt: there is no graph to add to.
        SourceNameTaken: the catalogue has a source of this name.
        GraphError: the files are of no known format, or cannot be read at all.
    """
    if source.id in {entry.id for entry in read_catalogue()}:
        raise SourceNameTaken(source.id)
    with locked(cache):
        current = current_shards(cache)
        if not current:
            raise GraphNotBuilt(cache)
        hashes = [sha256_of(path) for path in input_files(request)]
        content = [reader_version("importing"), source.described(), _stated(request), hashes]
        report(f"read {source.id}", 0, 0)
        shard = make_shard(
            lambda rejections: read_import(request, rejections),
            source,
            record_folder(cache),
            shard_name(source.id, content),
            {"import": _stated(request)},
        )
        report(f"read {source.id}", 1, 1)
        if shard.folder.name not in {other.folder.name for other in current}:
            others = [other for other in current if other.source.id != source.id]
            assemble(cache, [*others, shard], report, prepare, with_store=has_store(graph_folder(cache)))
        return shard


def remove_source(cache: Path, source: str, report: Report, prepare: Prepare) -> None:
    """Take exactly what one source states out of the graph.

    Raises:
        UnknownSource: the graph in use was not made of it.
    """
    with locked(cache):
        current = current_shards(cache)
        others = [shard for shard in current if shard.source.id != source]
        if len(others) == len(current):
            raise UnknownSource(source, [shard.source.id for shard in current])
        assemble(cache, others, report, prepare, with_store=has_store(graph_folder(cache)))


def _stated(request: ImportRequest) -> dict[str, object]:
    """The request as plain values; the files by name, since their content counts and not where they lay."""
    return {
        "files": [path.name for path in request.paths],
        "format": request.format.value,
        "prefixes": sorted(request.prefixes),
        "encoding": request.encoding,
        "category": request.category.value,
    }
