"""Finds measured values in a document and turns each into findings."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kg import Curie

from ..normalise import words_of
from ..phrases import Phrases, Words
from .growth import Compared, compare_after, compare_before
from .judging import Judged, judge
from .reading import Reading, find_pair, find_reading
from .table import Analyte, Growth, MeasurementTable, Patient, read_table

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

_DIGIT = re.compile(r"\d")
_JOINT = re.compile(r"[\s,/&]*(?:and|or)?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Measured:
    """Tokens ``start:stop`` tell a value that shows a finding, or excludes it."""

    start: int
    stop: int
    finding: Curie
    absent: bool


@dataclass(frozen=True, slots=True)
class _Named:
    start: int
    stop: int
    rows: tuple[Analyte | Growth, ...]


class MeasurementFinder:
    """Finds values by the names of the table. Holds a matcher over one vocabulary, no texts."""

    def __init__(self, vocab: "Vocab", table: MeasurementTable | None = None) -> None:
        self._table = read_table() if table is None else table
        rows: list[Analyte | Growth] = [*self._table.growth.values(), *self._table.analytes.values()]
        self._names = Phrases(vocab.strings, _by_words((name.casefold(), row) for row in rows for name in row.names))
        self._symbols = Phrases(vocab.strings, _by_words((name, row) for row in rows for name in row.symbols))

    def find(self, doc: "Doc", patient: Callable[[], Patient]) -> list[Measured]:
        """The findings that the values of ``doc`` show or exclude in a patient, in reading order.

        ``patient`` is asked only if there is a name of the table.
        """
        text = doc.text
        if _DIGIT.search(text) is None:
            return []
        names = self._named(doc)
        if not names:
            return []
        starts = [doc[name.start].idx for name in names]
        told = _Told(doc, text, patient())
        found: list[Measured] = []
        for at, name in enumerate(names):
            limit = next((start for start in starts[at + 1 :] if start > doc[name.stop - 1].idx), len(text))
            found += self._read(told, name, limit, names[at + 1 :])
        return found

    def _named(self, doc: "Doc") -> list[_Named]:
        """The names of the table in reading order, the longest where they overlap."""
        matches = [
            *self._names.find(doc.to_array("LOWER").tolist()),
            *self._symbols.find(doc.to_array("ORTH").tolist()),
        ]
        taken = np.zeros(len(doc), dtype=np.bool_)
        kept: dict[tuple[int, int], list[Analyte | Growth]] = {}
        for named, start, stop, _ in sorted(matches, key=lambda m: (m[1] - m[2], m[1])):
            if (start, stop) not in kept and taken[start:stop].any():
                continue
            if self._belongs_elsewhere(doc, start):
                continue
            taken[start:stop] = True
            rows = kept.setdefault((start, stop), [])
            rows += [row for row in named if row not in rows]
        return [_Named(*place, tuple(rows)) for place, rows in sorted(kept.items())]

    def _belongs_elsewhere(self, doc: "Doc", start: int) -> bool:
        before = start - 1
        while before >= 0 and doc[before].text in {"-", "–"}:
            before -= 1
        return before >= 0 and doc[before].lower_ in self._table.not_after

    def _read(self, told: "_Told", name: _Named, limit: int, later: Sequence[_Named]) -> Iterator[Measured]:
        end = told.end(name)
        for row in name.rows:
            if isinstance(row, Growth):
                compared = _compare(told, name, row, limit, later)
                if compared is not None:
                    yield from _measured(told, name, (compared.start, compared.stop), compared.findings)
                    return
            elif row.parts:
                yield from self._read_pair(told, name, row)
            else:
                reading = find_reading(told.text, end, row)
                if reading is not None:
                    yield from _measured(told, name, (end, reading.stop), judge(reading, row, told.patient))

    def _read_pair(self, told: "_Told", name: _Named, row: Analyte) -> Iterator[Measured]:
        end = told.end(name)
        pair = find_pair(told.text, end)
        if pair is None:
            return
        first, second, stop = pair
        parts = [self._table.analytes[key] for key in row.parts]
        plausible = all(p.plausible[0] <= v <= p.plausible[1] for p, v in zip(parts, (first, second), strict=True))
        if not plausible or second >= first:
            return
        for part, value in zip(parts, (first, second), strict=True):
            yield from _measured(told, name, (end, stop), judge(Reading(value, value, stop), part, told.patient))


def _by_words(names: Iterable[tuple[str, Analyte | Growth]]) -> dict[Words, list[Analyte | Growth]]:
    found: dict[Words, list[Analyte | Growth]] = {}
    for name, row in names:
        found.setdefault(tuple(words_of(name)), []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class _Told:
    """A document with its text, and the patient of it."""

    doc: "Doc"
    text: str
    patient: Patient

    def end(self, name: _Named) -> int:
        """The character behind a name."""
        last = self.doc[name.stop - 1]
        return last.idx + len(last)


def _compare(told: _Told, name: _Named, row: Growth, limit: int, later: Sequence[_Named]) -> Compared | None:
    """The comparison with a chart that belongs to a name; names joined by "and" share the one behind the last."""
    doc, text = told.doc, told.text
    end, last = told.end(name), name
    for other in later:
        if not _JOINT.fullmatch(text, end, doc[other.start].idx) or not any(isinstance(r, Growth) for r in other.rows):
            break
        end, last = told.end(other), other
    following = next((doc[other.start].idx for other in later if other.start >= last.stop), len(text))
    after = compare_after(text, end, max(limit, following), row)
    return after or compare_before(text, doc[name.start].idx, row)


def _measured(told: _Told, name: _Named, place: tuple[int, int], findings: tuple[Judged, ...]) -> Iterator[Measured]:
    """The findings with the tokens from the name to the value."""
    if not findings:
        return
    doc = told.doc
    first = min(doc[name.start].idx, place[0])
    span = doc.char_span(first, max(place[1], told.end(name)), alignment_mode="expand")
    if span is None:
        return
    stop = span.end
    while stop > span.start + 1 and doc[stop - 1].is_space:
        stop -= 1
    for finding, absent in findings:
        yield Measured(span.start, stop, finding, absent)
