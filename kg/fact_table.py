"""Facts and evidence of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .concept_table import ConceptTable
from .fact import Evidence, Fact, Frequency, Predicate, Qualifier
from .mapped import Ints

if TYPE_CHECKING:
    from .mapped import MappedFiles


@dataclass(frozen=True, slots=True)
class FactColumns:
    """One entry per fact, sorted by subject, predicate, object; concepts are positions.

    ``predicate`` and ``sex`` hold positions in ``kg.shard.PREDICATES`` and ``SEXES``; ``frequency_*`` are nan where
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


class FactTable:
    """Facts by row, by subject and by object."""

    def __init__(self, files: MappedFiles, concepts: ConceptTable) -> None:
        self._files, self._concepts = files, concepts

    @cached_property
    def columns(self) -> FactColumns:
        """The facts as arrays, for numerical work."""
        return FactColumns(*(self._files.numbers("FACTS", field) for field in FactColumns.__slots__))

    def rows_from(self, position: int) -> range:
        """Rows of the facts whose subject is at this concept position."""
        return self._files.rows_of("FACTS", position)

    def rows_to(self, position: int) -> Ints:
        """Rows of the facts whose object is at this concept position."""
        first, last = np.searchsorted(self._objects_in_order, [position, position + 1])
        return self._by_object[first:last]

    @cached_property
    def _by_object(self) -> Ints:
        from .layout import BY_OBJECT

        return self._files.arrays[BY_OBJECT]

    @cached_property
    def _objects_in_order(self) -> Ints:
        return self.columns.object[self._by_object]

    def of(self, rows: Iterable[int], predicate: Predicate | None) -> tuple[Fact, ...]:
        """The facts in these rows, of one predicate if given."""
        from .shard import PREDICATES

        if predicate is not None:
            wanted = PREDICATES.index(predicate)
            rows = [row for row in rows if self.columns.predicate[row] == wanted]
        return tuple(self.at(int(row)) for row in rows)

    def at(self, row: int) -> Fact:
        """The fact in one row of `columns`."""
        from .shard import PREDICATES, SEXES

        columns, table = self.columns, self._files.table("FACTS")
        onset = int(columns.onset[row])
        curie_at = self._concepts.curie_at
        return Fact(
            curie_at(int(columns.subject[row])),
            PREDICATES[columns.predicate[row]],
            curie_at(int(columns.object[row])),
            tuple(self._evidence(item) for item in self._files.rows_of("EVIDENCE", row)),
            bool(columns.negated[row]),
            self._frequency(row),
            None if onset < 0 else curie_at(onset),
            SEXES[columns.sex[row]],
            tuple(curie_at(item) for item in table["modifiers"][row].as_py() if item >= 0),
            self._qualifiers(row),
        )

    def _qualifiers(self, row: int) -> tuple[tuple[Qualifier, str], ...]:
        from .shard import QUALIFIERS

        table = self._files.table("FACTS")
        kinds, texts = table["qualifier_kinds"][row].as_py(), table["qualifier_texts"][row].as_py()
        return tuple((QUALIFIERS[kind], text) for kind, text in zip(kinds, texts, strict=True))

    def _frequency(self, row: int) -> Frequency | None:
        columns = self.columns
        if np.isnan(columns.frequency_low[row]):
            return None
        if (total := int(columns.denominator[row])) > 0:
            count = int(columns.numerator[row])
            return Frequency(count / total, count / total, count, total)
        return Frequency(round(float(columns.frequency_low[row]), 6), round(float(columns.frequency_high[row]), 6))

    def _evidence(self, row: int) -> Evidence:
        from .shard import AGENTS, LEVELS

        table = self._files.table("EVIDENCE")
        source = self._files.manifest["sources"][table["source"][row].as_py()]
        return Evidence(
            source["id"],
            source["release"],
            table["record"][row].as_py(),
            tuple(table["references"][row].as_py()),
            table["code"][row].as_py(),
            LEVELS[table["level"][row].as_py()],
            AGENTS[table["agent"][row].as_py()],
            table["quote"][row].as_py(),
            table["publication_count"][row].as_py(),
        )

    def references_of(self, rows: Iterable[int]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Row and references of each piece of evidence of the given fact rows; cheaper than building the facts."""
        references = self._files.table("EVIDENCE")["references"]
        for row in rows:
            for item in self._files.rows_of("EVIDENCE", row):
                yield row, tuple(references[item].as_py())
