"""Facts and evidence of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

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

        chosen = np.fromiter(rows, dtype=np.int64) if not isinstance(rows, range) else np.arange(rows.start, rows.stop)
        if predicate is not None:
            chosen = chosen[self.columns.predicate[chosen] == PREDICATES.index(predicate)]
        return tuple(self._read(chosen)) if len(chosen) else ()

    def at(self, row: int) -> Fact:
        """The fact in one row of `columns`."""
        return next(self._read(np.array([row], dtype=np.int64)))

    def _read(self, rows: npt.NDArray[np.int64]) -> Iterator[Fact]:
        """The facts in these rows; columns are read together, which is what makes many facts cheap."""
        from .shard import PREDICATES, SEXES

        columns, curie_at = self.columns, self._concepts.curie_at
        fields = zip(
            columns.subject[rows].tolist(),
            columns.predicate[rows].tolist(),
            columns.object[rows].tolist(),
            self._evidence(rows),
            columns.negated[rows].tolist(),
            self._frequencies(rows),
            columns.onset[rows].tolist(),
            columns.sex[rows].tolist(),
            self._lists("modifiers", rows),
            self._qualifiers(rows),
            strict=True,
        )
        for subject, predicate, target, evidence, negated, frequency, onset, sex, modifiers, qualifiers in fields:
            yield Fact(
                curie_at(subject),
                PREDICATES[predicate],
                curie_at(target),
                evidence,
                bool(negated),
                frequency,
                None if onset < 0 else curie_at(onset),
                SEXES[sex],
                tuple(curie_at(item) for item in modifiers if item >= 0),
                qualifiers,
            )

    def _lists(self, field: str, rows: npt.NDArray[np.int64]) -> list[list[Any]]:
        """The lists of a list column in these rows; most are empty, and those are not even read."""
        if field not in self._offsets:
            self._offsets[field] = self._files.table("FACTS")[field].offsets.to_numpy()
        first, last = self._offsets[field][rows], self._offsets[field][rows + 1]
        if (first == last).all():
            return [[]] * len(rows)
        values = self._files.table("FACTS")[field].values
        return [values[a:b].to_pylist() if a < b else [] for a, b in zip(first.tolist(), last.tolist(), strict=True)]

    @cached_property
    def _offsets(self) -> dict[str, npt.NDArray[np.int32]]:
        return {}

    def _qualifiers(self, rows: npt.NDArray[np.int64]) -> list[tuple[tuple[Qualifier, str], ...]]:
        from .shard import QUALIFIERS

        pairs = zip(self._lists("qualifier_kinds", rows), self._lists("qualifier_texts", rows), strict=True)
        return [
            tuple((QUALIFIERS[kind], text) for kind, text in zip(kinds, texts, strict=True)) for kinds, texts in pairs
        ]

    def _frequencies(self, rows: npt.NDArray[np.int64]) -> list[Frequency | None]:
        columns = self.columns
        found = zip(
            columns.frequency_low[rows].tolist(),
            columns.frequency_high[rows].tolist(),
            columns.numerator[rows].tolist(),
            columns.denominator[rows].tolist(),
            strict=True,
        )
        return [_frequency(*each) for each in found]

    def _evidence(self, rows: npt.NDArray[np.int64]) -> list[tuple[Evidence, ...]]:
        """The evidence of each row."""
        import pyarrow as pa

        starts = self._files.starts("EVIDENCE")
        first, last = starts[rows], starts[rows + 1]
        held = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])
        table = self._files.table("EVIDENCE").take(pa.array(held))
        columns = [table[field].to_pylist() for field in table.schema.names[1:]]
        read = [self._one_evidence(*each) for each in zip(*columns, strict=True)]
        ends = np.cumsum(last - first).tolist()
        return [tuple(read[start:stop]) for start, stop in zip([0, *ends[:-1]], ends, strict=True)]

    def _one_evidence(
        self,
        source: int,
        record: str,
        references: list[str],
        code: str,
        level: int,
        agent: int,
        quote: str,
        publication_count: int | None,
    ) -> Evidence:
        from .shard import AGENTS, LEVELS

        stated = self._files.manifest["sources"][source]
        return Evidence(
            stated["id"],
            stated["release"],
            record,
            tuple(references),
            code,
            LEVELS[level],
            AGENTS[agent],
            quote,
            publication_count,
        )

    def references_of(self, rows: Iterable[int]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Row and references of each piece of evidence of the given fact rows; cheaper than building the facts."""
        references = self._files.table("EVIDENCE")["references"]
        for row in rows:
            for item in self._files.rows_of("EVIDENCE", row):
                yield row, tuple(references[item].as_py())


def _frequency(low: float, high: float, numerator: int, denominator: int) -> Frequency | None:
    if low != low:  # not a number: not given
        return None
    if denominator > 0:
        return Frequency(numerator / denominator, numerator / denominator, numerator, denominator)
    return Frequency(round(low, 6), round(high, 6))
