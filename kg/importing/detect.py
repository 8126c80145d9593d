"""Telling the format of files by their names and first lines."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from . import documents, kgx, medquad, owl, primekg, pubmed, sssom
from .errors import InputMissing, UnknownFormat
from .files import opened, plain_suffix
from .markup import root_of
from .request import Format

_HEAD = 1 << 16  # bytes
_BY_FILE_NAME = {
    "MRCONSO.RRF": Format.UMLS,
    "RXNCONSO.RRF": Format.RXNORM,
    "edges.sif": Format.HETIONET,
}


def detect_format(paths: Iterable[Path]) -> Format:
    """The format of these files and folders.

    Raises:
        InputMissing: a path does not exist.
        UnknownFormat: nothing tells, or they are of several formats.
    """
    given = tuple(paths)
    for path in given:
        if not path.exists():
            raise InputMissing(path, "file or folder")
    files = [file for path in given for file in _files(path)]
    for file in files:
        for name, format in _BY_FILE_NAME.items():
            if name in file.name:
                return format
    found = {format for format in map(_of_file, files) if format is not None}
    telling = found - {Format.DOCUMENTS} if found - {Format.DOCUMENTS, Format.TABLE} else found
    if len(telling) != 1:
        raise UnknownFormat(given, list(Format))
    return telling.pop()


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (file for file in sorted(path.rglob("*")) if file.is_file() and not file.name.startswith("."))
    else:
        yield path


def _of_file(path: Path) -> Format | None:
    suffix = plain_suffix(path)
    if suffix in documents.READERS:
        return Format.DOCUMENTS
    return _BY_SUFFIX[suffix](path) if suffix in _BY_SUFFIX else None


def _head(path: Path) -> list[str]:
    """The first lines of a file."""
    with opened(path) as file:
        return file.read(_HEAD).decode("utf-8-sig", errors="replace").splitlines()


def _of_xml(path: Path) -> Format | None:
    root = root_of(path)
    if root in pubmed.ROOTS:
        return Format.PUBMED
    if root in medquad.ROOTS:
        return Format.MEDQUAD
    return Format.OWL if root is not None and root.rpartition(":")[2] == "RDF" else None


def _of_json(path: Path) -> Format | None:
    head = "\n".join(_head(path))
    if '"graphs"' in head:
        return Format.OBOGRAPH
    return _of_json_lines(path)


def _of_json_lines(path: Path) -> Format | None:
    try:
        first = json.loads(next(iter(_head(path)), ""))
    except ValueError:
        return None
    return Format.KGX if isinstance(first, dict) and kgx.kind_of_columns(list(first)) else None


def _of_table(path: Path) -> Format | None:
    lines = [line for line in _head(path) if not line.startswith("#")]
    header = lines[0] if lines else ""
    columns: Sequence[str] = header.split("\t" if "\t" in header else ",")
    if set(columns) >= sssom.COLUMNS:
        return Format.SSSOM
    if tuple(columns) == primekg.COLUMNS:
        return Format.PRIMEKG
    if "\t" in header and kgx.kind_of_columns(columns):
        return Format.KGX
    return Format.TABLE if len(columns) > 1 else None


_BY_SUFFIX: Mapping[str, Callable[[Path], Format | None]] = {
    ".obo": lambda _: Format.OBO,
    **dict.fromkeys([suffix for suffix in owl.SYNTAXES if suffix != ".xml"], lambda _: Format.OWL),
    ".xml": _of_xml,
    ".json": _of_json,
    ".jsonl": _of_json_lines,
    ".ndjson": _of_json_lines,
    ".csv": _of_table,
    ".tsv": _of_table,
    ".tab": _of_table,
}
