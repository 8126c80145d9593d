"""The graph, or a part of it, for other programs and for people (part of the graph room).

Owns the formats that are written: KGX tables, Turtle, N-Quads, JSON-LD, GraphML, SSSOM and a picture. Does not know
which part is wanted: the caller takes the whole graph or a neighbourhood.
"""

from .errors import ExportFailed
from .extract import Extract, neighbourhood, whole_graph
from .formats import ExportFormat, write_extract
from .kgx import write_kgx
from .picture import svg
from .sssom import fused_matches, write_sssom

__all__ = [
    "ExportFailed",
    "ExportFormat",
    "Extract",
    "fused_matches",
    "neighbourhood",
    "svg",
    "whole_graph",
    "write_extract",
    "write_kgx",
    "write_sssom",
]
