"""Every format that an extract can be written in, by the name a user passes."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path

from .extract import Extract
from .graphml import write_graphml
from .kgx import write_kgx
from .picture import write_svg
from .rdf import write_jsonld, write_nquads, write_turtle


class ExportFormat(StrEnum):
    """What can be written, by the names a user passes."""

    KGX = "kgx"  # a folder with nodes.tsv and edges.tsv
    TURTLE = "turtle"
    NQUADS = "nquads"
    JSONLD = "jsonld"
    GRAPHML = "graphml"
    SVG = "svg"


_FILES: Mapping[ExportFormat, tuple[str, Callable[[Extract, Path], Path]]] = {
    ExportFormat.TURTLE: ("graph.ttl", write_turtle),
    ExportFormat.NQUADS: ("graph.nq", write_nquads),
    ExportFormat.JSONLD: ("graph.jsonld", write_jsonld),
    ExportFormat.GRAPHML: ("graph.graphml", write_graphml),
    ExportFormat.SVG: ("graph.svg", write_svg),
}


def write_extract(extract: Extract, format: ExportFormat, path: Path) -> tuple[Path, ...]:
    """Write an extract; ``path`` is a folder for KGX and else a file, or a folder that gets one. Returns what it wrote.

    Raises:
        ExportFailed: nothing can be written there.
    """
    if format is ExportFormat.KGX:
        return write_kgx(extract, path)
    name, write = _FILES[format]
    return (write(extract, path / name if path.is_dir() else path),)
