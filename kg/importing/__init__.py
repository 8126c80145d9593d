"""Users' own knowledge (part of the graph room).

Owns the formats that can be imported, what reads each, and the report of rows that cannot be used. Does not know where
records go: the caller keeps them, or throws them away when an import fails.
"""

from .detect import detect_format
from .errors import (
    FileDamaged,
    FileTooLarge,
    ImportFailed,
    InputMissing,
    MalformedMapping,
    MappingMissing,
    NotThisFormat,
    UnknownFormat,
    UnsafeXml,
)
from .kinds import Kind
from .readers import input_files, read_import
from .request import Format, ImportRequest

__all__ = [
    "FileDamaged",
    "FileTooLarge",
    "Format",
    "ImportFailed",
    "ImportRequest",
    "InputMissing",
    "Kind",
    "MalformedMapping",
    "MappingMissing",
    "NotThisFormat",
    "UnknownFormat",
    "UnsafeXml",
    "detect_format",
    "input_files",
    "read_import",
]
