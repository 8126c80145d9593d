"""SHACL shapes checked on all records of a graph, each constraint at once for all its focus nodes.

A validator that visits one focus node after another takes hours on millions of quads, so the constraints that
``data/shapes.ttl`` uses are evaluated here on the triples of the shards, and ``sh:sparql`` by the store's own engine.
Tests hold the results against pyshacl on small graphs.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeAlias

from .errors import MalformedShape
from .quads import shard_statements, source_statements

if TYPE_CHECKING:
    import pyarrow as pa
    import rdflib
    from rdflib.term import Node

    from .shard import Shard
    from .store import QuadStore

_SH = "http://www.w3.org/ns/shacl#"
_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
_RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

Value: TypeAlias = tuple[str, str]
"""A term of the store: its text, and its datatype; the datatype of an IRI is ``""``."""

Pair: TypeAlias = tuple[str, Value]
"""A focus node and one value on the path of a constraint."""


class ShapeSeverity(StrEnum):
    """How bad it is that a constraint is broken."""

    VIOLATION = "violation"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint of one shape. Targets and ``path`` are IRIs; ``kind`` is a name of SHACL without its prefix."""

    shape: str
    severity: ShapeSeverity
    message: str
    classes: tuple[str, ...]
    subjects_of: str | None
    kind: str
    path: str
    value: Any


@dataclass(frozen=True, slots=True)
class Breach:
    """How many focus nodes break a constraint, and some of them, each with the value that does."""

    constraint: Constraint
    count: int
    examples: tuple[tuple[str, str], ...]


def read_shapes(turtle: str | None = None) -> tuple[Constraint, ...]:
    """The constraints of the shapes in ``turtle``, those of ``data/shapes.ttl`` unless given.

    Raises:
        MalformedShape: it is no Turtle, or uses a part of SHACL that is not evaluated here.
    """
    import rdflib

    text = turtle if turtle is not None else (resources.files("data") / "shapes.ttl").read_text(encoding="utf-8")
    graph = rdflib.Graph()
    try:
        graph.parse(data=text, format="turtle")
    except SyntaxError as error:
        raise MalformedShape("file", str(error).splitlines()[0]) from error
    shapes = graph.subjects(rdflib.RDF.type, rdflib.URIRef(f"{_SH}NodeShape"))
    found = [constraint for shape in shapes for constraint in _constraints(graph, shape)]
    return tuple(sorted(found, key=lambda constraint: (constraint.shape, constraint.message)))


def check_shapes(
    shards: Sequence[Shard], store: QuadStore, constraints: Sequence[Constraint], n_examples: int = 3
) -> Iterator[Breach]:
    """How often the records of ``shards``, which ``store`` holds, break each constraint, if only never."""
    scans = _Scans(shards, store, constraints)
    for constraint in constraints:
        broken: dict[str, str] = {}
        for focus, value in _breaches(scans, constraint):
            broken.setdefault(focus, value)
        yield Breach(constraint, len(broken), tuple(sorted(broken.items())[:n_examples]))


def _constraints(graph: rdflib.Graph, shape: Node) -> Iterator[Constraint]:
    import rdflib

    name = str(shape).rpartition("/")[2]
    warns = (shape, rdflib.URIRef(f"{_SH}severity"), rdflib.URIRef(f"{_SH}Warning")) in graph
    severity = ShapeSeverity.WARNING if warns else ShapeSeverity.VIOLATION
    classes = tuple(sorted(str(term) for term in graph.objects(shape, rdflib.URIRef(f"{_SH}targetClass"))))
    subjects = [str(term) for term in graph.objects(shape, rdflib.URIRef(f"{_SH}targetSubjectsOf"))]
    if bool(classes) == (len(subjects) == 1):
        raise MalformedShape(name, "it needs sh:targetClass or one sh:targetSubjectsOf")
    for block in ("property", "sparql"):
        for node in graph.objects(shape, rdflib.URIRef(_SH + block)):
            stated = {str(p).removeprefix(_SH): o for p, o in graph.predicate_objects(node)}
            message, path = str(stated.pop("message", name)), str(stated.pop("path", ""))
            stated.pop("prefixes", None)  # every query knows all prefixes
            if len(stated) != 1 or next(iter(stated)) not in {*_TESTS, "minCount", "maxCount", *_PAIRED}:
                known = ", ".join(sorted({*_TESTS, "minCount", "maxCount", *_PAIRED}))
                raise MalformedShape(name, f"each block holds one constraint out of {known}")
            ((kind, value),) = stated.items()
            target = subjects[0] if subjects else None
            yield Constraint(name, severity, message, classes, target, kind, path, _plain(graph, kind, value, name))


def _plain(graph: rdflib.Graph, kind: str, value: Any, shape: str) -> Any:
    from rdflib.collection import Collection

    if kind == "in":
        return frozenset(str(term) for term in Collection(graph, value))
    if kind in ("minCount", "maxCount") and int(value) != 1:
        raise MalformedShape(shape, f"sh:{kind} can only be 1")
    return value.toPython() if kind.endswith(("Inclusive", "Length")) else str(value)


class _Scans:
    """What the constraints look at: the triples of their paths and targets, gathered in one pass over the shards."""

    def __init__(self, shards: Sequence[Shard], store: QuadStore, constraints: Sequence[Constraint]) -> None:
        self.store = store
        paths = {constraint.path for constraint in constraints} | {constraint.subjects_of for constraint in constraints}
        paths |= {constraint.value for constraint in constraints if constraint.kind == "lessThanOrEquals"}
        self._found = _gathered(shards, {path for path in paths if path} | {_RDF_TYPE})
        self.pairs = lru_cache(maxsize=4)(self._pairs)
        self.subjects = lru_cache(maxsize=4)(self._subjects)

    def _pairs(self, path: str) -> tuple[Pair, ...]:
        """Subject and value of every triple of a path, each once."""
        found: dict[tuple[str, str], None] = {}
        for subjects, objects in self._found[path]:
            found |= dict.fromkeys(zip(subjects.to_pylist(), objects.to_pylist(), strict=True))
        return tuple((subject[1:-1], _value(term)) for subject, term in found)

    def _subjects(self, path: str) -> frozenset[str]:
        return frozenset(node[1:-1] for subjects, _ in self._found[path] for node in subjects.to_pylist())

    @cached_property
    def _classes(self) -> Mapping[str, str]:
        return {subject: value for subject, (value, _) in self._pairs(_RDF_TYPE)}

    def targets(self, constraint: Constraint) -> frozenset[str]:
        """The focus nodes of a constraint."""
        if constraint.subjects_of is not None:
            return self.subjects(constraint.subjects_of)
        return frozenset(node for node, kind in self._classes.items() if kind in constraint.classes)


def _gathered(shards: Sequence[Shard], paths: set[str]) -> Mapping[str, list[tuple[pa.Array, pa.Array]]]:
    """Subjects and objects of the triples of each path, piece by piece."""
    import pyarrow.compute as pc

    found: dict[str, list[tuple[pa.Array, pa.Array]]] = {path: [] for path in paths}
    for shard in shards:
        for subjects, predicates, objects in (source_statements(shard), *shard_statements(shard)):
            if isinstance(predicates, str):
                if (path := predicates[1:-1]) in found:
                    found[path].append((subjects, objects))
                continue
            for node in pc.unique(predicates).to_pylist():
                if (path := node[1:-1]) in found:
                    chosen = pc.equal(predicates, node)
                    found[path].append((subjects.filter(chosen), objects.filter(chosen)))
    return found


def _value(term: str) -> Value:
    """The value of an N-Triples term of our own writing."""
    if term.startswith("<"):
        return term[1:-1], ""
    text, _, kind = term.rpartition('"')
    return text[1:], kind[3:-1] or _XSD_STRING


def _breaches(scans: _Scans, constraint: Constraint) -> Iterator[tuple[str, str]]:
    """Each focus node that breaks a constraint, with the value that does; it may come up more than once."""
    if constraint.kind == "select":
        yield from _selected(scans, constraint)
    elif constraint.kind == "minCount":
        held = {subject for subject, _ in scans.pairs(constraint.path)}
        yield from ((focus, "") for focus in scans.targets(constraint) - held)
    else:
        broken = _broken_pairs(scans, constraint)
        targets = scans.targets(constraint) if broken else frozenset()
        yield from ((focus, value) for focus, (value, _) in broken if focus in targets)


def _broken_pairs(scans: _Scans, constraint: Constraint) -> list[Pair]:
    pairs = scans.pairs(constraint.path)
    if constraint.kind == "maxCount":
        counts = Counter(subject for subject, _ in pairs)
        return [pair for pair in pairs if counts[pair[0]] > 1]
    if constraint.kind == "lessThanOrEquals":
        others: dict[str, list[str]] = defaultdict(list)
        for subject, (text, _) in scans.pairs(constraint.value):
            others[subject].append(text)
        return [(s, value) for s, value in pairs if any(float(value[0]) > float(more) for more in others[s])]
    test = _TESTS[constraint.kind]
    return [pair for pair in pairs if not test(pair[1], constraint.value)]


def _selected(scans: _Scans, constraint: Constraint) -> Iterator[tuple[str, str]]:
    query = constraint.value.replace("$this", "?this").replace("SELECT", "SELECT DISTINCT", 1)
    rows = list(scans.store.rows(query))
    targets = scans.targets(constraint) if rows else frozenset()
    yield from ((row[0], row[1] if len(row) > 1 else "") for row in rows if row[0] in targets)


_TESTS: Mapping[str, Callable[[Value, Any], bool]] = {
    "datatype": lambda value, wanted: value[1] == wanted,
    "nodeKind": lambda value, wanted: (value[1] == "") == wanted.endswith("#IRI"),
    "minLength": lambda value, least: len(value[0]) >= least,
    "pattern": lambda value, pattern: re.search(pattern, value[0]) is not None,
    "in": lambda value, allowed: value[0] in allowed,
    "minInclusive": lambda value, least: float(value[0]) >= float(least),
    "maxInclusive": lambda value, most: float(value[0]) <= float(most),
}
"""Whether a value is as a constraint wants it."""

_PAIRED = ("lessThanOrEquals", "select")
