"""The frozen graph that answering reads: memory-mapped files, opened in well under a second."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .concept import Category, Concept, Curie, Description, Name
from .errors import GraphDamaged, UnknownConcept
from .fact import Evidence, Fact, Frequency, Predicate

if TYPE_CHECKING:
    import networkx as nx
    import pyarrow as pa
    from scipy import sparse

_CACHED_CONCEPTS = 20_000
_CACHED_NAMES = 100_000

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class FactColumns:
    """One entry per fact, sorted by subject, predicate, object; concepts are positions.

    ``predicate`` and ``sex`` hold positions in ``kg.layout.PREDICATES`` and ``SEXES``; ``frequency_*`` are nan where
    not given, ``numerator``, ``denominator`` and ``onset`` are -1.
    """

    subject: Ints
    predicate: npt.NDArray[np.uint8]
    object: Ints
    negated: npt.NDArray[np.uint8]
    frequency_low: npt.NDArray[np.float32]
    frequency_high: npt.NDArray[np.float32]
    numerator: Ints
    denominator: Ints
    onset: Ints
    sex: npt.NDArray[np.uint8]


class Snapshot:
    """One version of the graph. Everything is read from memory-mapped files; nothing can be changed."""

    def __init__(
        self,
        folder: Path,
        manifest: Mapping[str, Any],
        tables: Mapping[str, pa.RecordBatch],
        arrays: Mapping[str, npt.NDArray[Any]],
    ) -> None:
        self.folder = folder
        self.version: str = manifest["version"]
        self.counts: Mapping[str, int] = manifest["counts"]
        self.sources: tuple[Mapping[str, str], ...] = tuple(manifest["sources"])
        self._tables, self._arrays = tables, arrays
        self._curies = tables["CONCEPTS"]["curie"]
        self._cached = lru_cache(maxsize=_CACHED_CONCEPTS)(self._read_concept)
        self._find_position = lru_cache(maxsize=_CACHED_NAMES)(self._search_aliases)
        self._label = lru_cache(maxsize=_CACHED_NAMES)(self._read_label)
        self._curie = lru_cache(maxsize=_CACHED_NAMES)(self._read_curie)

    @classmethod
    def open(cls, folder: Path) -> Snapshot:
        """The snapshot in ``folder``.

        Raises:
            GraphDamaged: a file is missing, truncated or of another layout.
        """
        import pyarrow as pa

        from .layout import BY_OBJECT, CLOSURE, MANIFEST, SCHEMA_VERSION, Table

        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if manifest["schema"] != SCHEMA_VERSION:
                raise GraphDamaged(folder, f"it has layout {manifest['schema']}, this program reads {SCHEMA_VERSION}")
            tables = {}
            for table in Table:
                reader = pa.ipc.open_file(pa.memory_map(str(folder / table.filename)))
                tables[table.name] = reader.get_batch(0)
            arrays = {name: np.load(folder / name, mmap_mode="r") for name in (BY_OBJECT, *CLOSURE)}
            return cls(folder, manifest, tables, arrays)
        except (OSError, EOFError, KeyError, TypeError, ValueError, pa.ArrowException) as error:
            raise GraphDamaged(folder, str(error)) from error

    def __len__(self) -> int:
        return len(self._curies)

    # Identifiers

    def resolve(self, curie: str) -> Curie | None:
        """The canonical identifier; follows equivalent, merged and obsolete ones."""
        position = self._find_position(curie)
        return None if position is None else self.curie_at(position)

    def position(self, curie: str) -> int:
        """Where a concept stands in every concept column.

        Raises:
            UnknownConcept: the graph does not have it.
        """
        position = self._find_position(curie)
        if position is None:
            raise UnknownConcept(curie)
        return position

    def curie_at(self, position: int) -> Curie:
        """The canonical identifier of a concept position."""
        return self._curie(position)

    def _read_curie(self, position: int) -> Curie:
        return str(self._curies[position].as_py())

    def _search_aliases(self, curie: str) -> int | None:
        aliases = self._tables["ALIASES"]["curie"]
        found = bisect_left(range(len(aliases)), curie, key=lambda row: aliases[row].as_py())
        if found < len(aliases) and aliases[found].as_py() == curie:
            return int(self._tables["ALIASES"]["concept"][found].as_py())
        return None

    # Concepts

    def find(self, curie: str) -> Concept | None:
        """The concept that an identifier resolves to, or ``None``."""
        position = self._find_position(curie)
        return None if position is None else self._cached(position)

    def concept(self, curie: str) -> Concept:
        """The concept that an identifier resolves to.

        Raises:
            UnknownConcept: the graph does not have it.
        """
        return self._cached(self.position(curie))

    def label(self, curie: str) -> str:
        """The preferred name of a concept."""
        return self.label_at(self.position(curie))

    def label_at(self, position: int) -> str:
        """The preferred name of a concept position."""
        return self._label(position)

    def _read_label(self, position: int) -> str:
        return str(self._tables["CONCEPTS"]["label"][position].as_py())

    def category_at(self, position: int) -> Category:
        """The category of a concept position."""
        from .layout import CATEGORIES

        return CATEGORIES[int(self._categories[position])]

    def concepts(self, category: Category | None = None) -> Iterator[Curie]:
        """Canonical identifiers in sorted order, of one category if given."""
        from .layout import CATEGORIES

        if category is None:
            positions = np.arange(len(self))
        else:
            positions = np.flatnonzero(self._categories == CATEGORIES.index(category))
        return (self.curie_at(int(position)) for position in positions)

    @cached_property
    def _categories(self) -> npt.NDArray[np.uint8]:
        return _numbers(self._tables["CONCEPTS"], "category")

    def _read_concept(self, position: int) -> Concept:
        row = self._tables["CONCEPTS"]
        names = self._rows_of("NAMES", position)
        return Concept(
            self.curie_at(position),
            self.category_at(position),
            tuple(self._name(index) for index in names),
            row["definition"][position].as_py(),
            tuple(row["equivalents"][position].as_py()),
            tuple(row["xrefs"][position].as_py()),
        )

    def _name(self, row: int) -> Name:
        from .layout import NAME_KINDS

        table = self._tables["NAMES"]
        return Name(
            table["text"][row].as_py(),
            NAME_KINDS[table["kind"][row].as_py()],
            table["layperson"][row].as_py(),
            table["abbreviation"][row].as_py(),
        )

    def names(self) -> Iterator[tuple[Curie, Category, Name]]:
        """Every name of every concept, sorted by concept, each concept's label first."""
        from .layout import NAME_KINDS

        columns = [self._tables["NAMES"][field].to_pylist() for field in ("text", "kind", "layperson", "abbreviation")]
        curies = self._curies.to_pylist()
        for position, text, kind, layperson, abbreviation in zip(self._starts("NAMES")[0], *columns, strict=True):
            yield curies[position], self.category_at(position), Name(text, NAME_KINDS[kind], layperson, abbreviation)

    def descriptions(self) -> Iterator[Description]:
        """Every description, sorted by concept."""
        for row in range(len(self._tables["DESCRIPTIONS"])):
            yield self._description(row)

    def descriptions_of(self, curie: str) -> tuple[Description, ...]:
        """The descriptions of one concept."""
        return tuple(self._description(row) for row in self._rows_of("DESCRIPTIONS", self.position(curie)))

    def _description(self, row: int) -> Description:
        table = self._tables["DESCRIPTIONS"]
        fields = ("title", "text", "kind", "source", "release", "reference")
        return Description(
            self.curie_at(table["concept"][row].as_py()), *(str(table[field][row].as_py()) for field in fields)
        )

    # Hierarchy

    def parents(self, curie: str) -> frozenset[Curie]:
        """Direct superclasses."""
        return frozenset(fact.object for fact in self.facts_from(curie, Predicate.SUBCLASS_OF))

    def children(self, curie: str) -> frozenset[Curie]:
        """Direct subclasses."""
        return frozenset(fact.subject for fact in self.facts_to(curie, Predicate.SUBCLASS_OF))

    def ancestors(self, curie: str) -> frozenset[Curie]:
        """All superclasses and the concept itself."""
        return frozenset(map(self.curie_at, self.ancestor_positions(self.position(curie))))

    def descendants(self, curie: str) -> frozenset[Curie]:
        """All subclasses and the concept itself."""
        return frozenset(map(self.curie_at, self.descendant_positions(self.position(curie))))

    def is_a(self, child: str, parent: str) -> bool:
        """Whether ``parent`` is among the ancestors of ``child``, or the same concept."""
        ancestors = self.ancestor_positions(self.position(child))
        position = self.position(parent)
        found = int(np.searchsorted(ancestors, position))
        return found < len(ancestors) and int(ancestors[found]) == position

    def ancestor_positions(self, position: int) -> Ints:
        """Positions of all superclasses and the concept itself, sorted."""
        closure = self.closure()
        return np.asarray(closure.indices[closure.indptr[position] : closure.indptr[position + 1]])

    def descendant_positions(self, position: int) -> Ints:
        """Positions of all subclasses and the concept itself, sorted."""
        column = self._closure_by_ancestor
        return np.asarray(column.indices[column.indptr[position] : column.indptr[position + 1]])

    def closure(self) -> sparse.csr_array:
        """Bool matrix (n_concepts, n_concepts): row concept, its ancestors and itself as columns."""
        return self._closure

    @cached_property
    def _closure(self) -> sparse.csr_array:
        from scipy import sparse

        from .layout import CLOSURE

        indptr, indices = (self._arrays[name] for name in CLOSURE)
        ones = np.ones(len(indices), dtype=bool)
        return sparse.csr_array((ones, indices, indptr), shape=(len(self), len(self)))

    @cached_property
    def _closure_by_ancestor(self) -> sparse.csc_array:
        matrix = self.closure().tocsc()
        matrix.sort_indices()
        return matrix

    # Facts

    @cached_property
    def columns(self) -> FactColumns:
        """The facts as arrays, for numerical work."""
        table = self._tables["FACTS"]
        return FactColumns(*(_numbers(table, field) for field in FactColumns.__slots__))

    def facts_from(self, subject: str, predicate: Predicate | None = None) -> tuple[Fact, ...]:
        """Facts whose subject is this concept, in snapshot order.

        Raises:
            UnknownConcept: the graph does not have it.
        """
        position = self.position(subject)
        first, last = np.searchsorted(self.columns.subject, [position, position + 1])
        return self._facts(range(int(first), int(last)), predicate)

    def facts_to(self, object: str, predicate: Predicate | None = None) -> tuple[Fact, ...]:
        """Facts whose object is this concept, in snapshot order.

        Raises:
            UnknownConcept: the graph does not have it.
        """
        return self._facts(self.rows_to(self.position(object)), predicate)

    def rows_to(self, position: int) -> Ints:
        """Rows of the facts whose object is at this concept position."""
        first, last = np.searchsorted(self._objects_in_order, [position, position + 1])
        return self._by_object[first:last]

    @cached_property
    def _by_object(self) -> Ints:
        from .layout import BY_OBJECT

        return self._arrays[BY_OBJECT]

    @cached_property
    def _objects_in_order(self) -> Ints:
        return self.columns.object[self._by_object]

    def _facts(self, rows: Ints | range, predicate: Predicate | None) -> tuple[Fact, ...]:
        from .layout import PREDICATES

        if predicate is not None:
            wanted = PREDICATES.index(predicate)
            rows = [row for row in rows if self.columns.predicate[row] == wanted]  # type: ignore[assignment]  # any iterable of ints
        return tuple(self.fact_at(int(row)) for row in rows)

    def fact_at(self, row: int) -> Fact:
        """The fact in one row of `columns`."""
        from .layout import PREDICATES, SEXES

        columns, table = self.columns, self._tables["FACTS"]
        onset = int(columns.onset[row])
        return Fact(
            self.curie_at(int(columns.subject[row])),
            PREDICATES[columns.predicate[row]],
            self.curie_at(int(columns.object[row])),
            tuple(self._evidence(item) for item in self._rows_of("EVIDENCE", row)),
            bool(columns.negated[row]),
            self._frequency(row),
            None if onset < 0 else self.curie_at(onset),
            SEXES[columns.sex[row]],
            tuple(self.curie_at(item) for item in table["modifiers"][row].as_py()),
        )

    def _frequency(self, row: int) -> Frequency | None:
        columns = self.columns
        if np.isnan(columns.frequency_low[row]):
            return None
        if (total := int(columns.denominator[row])) > 0:
            count = int(columns.numerator[row])
            return Frequency(count / total, count / total, count, total)
        return Frequency(round(float(columns.frequency_low[row]), 6), round(float(columns.frequency_high[row]), 6))

    def _evidence(self, row: int) -> Evidence:
        from .layout import AGENTS, LEVELS

        table = self._tables["EVIDENCE"]
        return Evidence(
            table["source"][row].as_py(),
            table["release"][row].as_py(),
            table["record"][row].as_py(),
            tuple(table["references"][row].as_py()),
            table["code"][row].as_py(),
            LEVELS[table["level"][row].as_py()],
            AGENTS[table["agent"][row].as_py()],
        )

    def references_of(self, rows: Iterator[int] | range) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Row and references of each piece of evidence of the given fact rows; cheaper than building the facts."""
        references = self._tables["EVIDENCE"]["references"]
        for row in rows:
            for item in self._rows_of("EVIDENCE", row):
                yield row, tuple(references[item].as_py())

    def neighbourhood(self, curie: str, hops: int = 1) -> nx.MultiDiGraph[Curie]:
        """The facts within so many steps of a concept, as a graph; each edge carries its ``fact``.

        Raises:
            UnknownConcept: the graph does not have it.
        """
        import networkx as nx

        graph: nx.MultiDiGraph[Curie] = nx.MultiDiGraph()
        edge = [self.concept(curie).curie]
        for _ in range(hops):
            fresh: list[Curie] = []
            for node in edge:
                for fact in (*self.facts_from(node), *self.facts_to(node)):
                    for end in (fact.subject, fact.object):
                        if end not in graph:
                            graph.add_node(end, label=self.label(end))
                            fresh.append(end)
                    key = hash(fact)
                    if not graph.has_edge(fact.subject, fact.object, key):
                        graph.add_edge(fact.subject, fact.object, key, fact=fact)
            edge = sorted(fresh)
        return graph

    # Sorted columns

    def _rows_of(self, table: str, key: int) -> range:
        _, first = self._starts(table)
        return range(int(first[key]), int(first[key + 1]))

    @cached_property
    def _start_cache(self) -> dict[str, tuple[Ints, Ints]]:
        return {}

    def _starts(self, table: str) -> tuple[Ints, Ints]:
        """The sorted key column of a table, and where each key's rows begin (one more entry than keys)."""
        if table not in self._start_cache:
            keys = _numbers(self._tables[table], self._tables[table].schema.names[0])
            count = len(self._tables["FACTS"]) if table == "EVIDENCE" else len(self)
            self._start_cache[table] = (keys, np.searchsorted(keys, np.arange(count + 1)).astype(np.int32))
        return self._start_cache[table]


def _numbers(table: pa.RecordBatch, field: str) -> npt.NDArray[Any]:
    numbers: npt.NDArray[Any] = table[field].to_numpy(zero_copy_only=True)
    return numbers
