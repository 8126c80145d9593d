"""The graph as Turtle, N-Quads and JSON-LD."""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from ..iri import PREFIXES, curie_of
from .extract import Extract
from .kgx import written_to
from .statements import concept_statements, fact_statements, node

# Stems such as ``…/obo/HP_`` do not end in a delimiter, so JSON-LD 1.1 takes them for prefixes only when told so.
_CONTEXT = {prefix: {"@id": stem, "@prefix": True} for prefix, stem in PREFIXES.items()}


def write_turtle(extract: Extract, path: Path) -> Path:
    """Write Turtle with readable prefixes.

    Raises:
        ExportFailed: the file cannot be written.
    """
    return _write(_triples(extract), path, ox.RdfFormat.TURTLE)


def write_jsonld(extract: Extract, path: Path) -> Path:
    """Write JSON-LD with readable prefixes, one object for each concept and each fact.

    Raises:
        ExportFailed: the file cannot be written.
    """
    with written_to(path), path.open("w", encoding="utf-8") as file:
        file.write(f'{{"@context": {json.dumps(_CONTEXT, indent=1)},\n"@graph": [')
        for place, item in enumerate(_objects(_triples(extract))):
            file.write(",\n" if place else "\n")
            json.dump(item, file, ensure_ascii=False)
        file.write("\n]}\n")
    return path


def _objects(triples: Iterable[ox.Triple]) -> Iterator[dict[str, object]]:
    """JSON-LD node objects of runs of triples with one subject, which may come up again."""
    for subject, run in groupby(triples, key=lambda triple: _curie(triple.subject)):
        item: dict[str, list[object]] = {}
        for triple in run:
            item.setdefault(curie_of(triple.predicate.value), []).append(_value(triple.object))
        types = item.pop("rdf:type", [])
        kinds = [kind["@id"] for kind in types if isinstance(kind, dict)]
        said = {key: values[0] if len(values) == 1 else values for key, values in item.items()}
        yield {"@id": subject} | ({"@type": kinds} if kinds else {}) | said


def _value(term: object) -> object:
    if isinstance(term, ox.Literal):
        plain = term.datatype.value.rpartition("#")[2] == "string"
        return term.value if plain else {"@value": term.value, "@type": curie_of(term.datatype.value)}
    return {"@id": _curie(term)}


def _curie(term: object) -> str:
    assert isinstance(term, ox.NamedNode)  # statements of the graph have no blank nodes
    return curie_of(term.value)


def write_nquads(extract: Extract, path: Path) -> Path:
    """Write N-Quads: facts in the named graph of their source, concepts, which sources made together, in none.

    Raises:
        ExportFailed: the file cannot be written.
    """
    return _write(_quads(extract), path, ox.RdfFormat.N_QUADS)


def _triples(extract: Extract) -> Iterator[ox.Triple]:
    yield from concept_statements(extract.concepts())
    yield from (triple for _, triple in fact_statements(extract.facts()))


def _quads(extract: Extract) -> Iterator[ox.Quad]:
    for triple in concept_statements(extract.concepts()):
        yield ox.Quad(triple.subject, triple.predicate, triple.object)
    for source, triple in fact_statements(extract.facts()):
        yield ox.Quad(triple.subject, triple.predicate, triple.object, node(f"source:{source}"))


def _write(statements: Iterator[ox.Triple] | Iterator[ox.Quad], path: Path, format: ox.RdfFormat) -> Path:
    prefixes = dict(PREFIXES) if format is not ox.RdfFormat.N_QUADS else None
    with written_to(path), path.open("wb") as file:
        sink = _SortedPrefixes(file)
        ox.serialize(statements, sink, format=format, prefixes=prefixes)  # type: ignore[arg-type] # it only writes
        sink.flush()
    return path


class _SortedPrefixes:
    """Passes bytes on, the lines of prefixes at the beginning in order; the library writes them in any."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._head: bytes | None = b""

    def write(self, data: bytes) -> int:
        """Pass on or keep some bytes; returns how many."""
        if self._head is None:
            return self._file.write(data)
        self._head += data
        if not self._head.rpartition(b"\n")[0].rpartition(b"\n")[2].startswith(b"@prefix") and b"\n" in self._head:
            self.flush()
        return len(data)

    def flush(self) -> None:
        """Pass on what was kept."""
        if self._head is not None:
            lines = self._head.splitlines(keepends=True)
            prefixes = [line for line in lines if line.startswith(b"@prefix")]
            self._file.writelines([*sorted(prefixes), *lines[len(prefixes) :]])
            self._head = None
        self._file.flush()
