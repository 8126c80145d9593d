"""Sections of a physical examination ("EARS: low set, posteriorly rotated") cut into clauses and their parts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .finding_features import Piece
from .normalise import Form, TokenKind, word_tables
from .windows import Elements, WordTable, elements_of

if TYPE_CHECKING:
    from spacy.tokens import Doc

_HEADING_WORDS = 5
_ENDS = frozenset({".", ";", ":", ",", "\n"})


@dataclass(frozen=True, slots=True)
class Clause:
    """Words of one clause of an examination: rows of a `WordTable`, with the first and last token of each.

    ``heading`` are the folded words of the section's heading, ``previous`` the rows of the clause before it in the
    section. ``parts`` are the ranges of ``rows`` between words such as "and" and "with"; one if there are none.
    """

    rows: tuple[int, ...]
    first: tuple[int, ...]
    last: tuple[int, ...]
    heading: tuple[str, ...]
    previous: tuple[int, ...] = ()
    parts: tuple[tuple[int, int], ...] = ()

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The clause as a whole, and each of its parts if there are several."""
        whole = Piece(self.rows, self.heading, self.previous)
        if len(self.parts) < 2:
            return (whole,)
        return (whole, *(Piece(self.rows[start:stop], self.heading) for start, stop in self.parts))

    @property
    def start(self) -> int:
        """The first token."""
        return self.first[0]

    @property
    def stop(self) -> int:
        """One past the last token."""
        return self.last[-1] + 1


@lru_cache(maxsize=1)
def _parting() -> frozenset[str]:
    return frozenset(word_tables()["parting"]["words"])


@lru_cache(maxsize=1)
def _regions() -> frozenset[str]:
    return frozenset(word_tables()["regions"]["words"])


def clauses(doc: "Doc", table: WordTable) -> Iterator[Clause]:
    """The clauses of all examination sections of ``doc``, in reading order."""
    sections = list(_sections(doc))
    if not sections:
        return
    elements = elements_of(doc, table)
    for heading, start, stop in sections:
        low, high = np.searchsorted(elements.first, [start, stop]).tolist()
        previous: tuple[int, ...] = ()
        for clause in _cut(doc, elements, low, high, heading, table):
            yield replace(clause, previous=previous)
            previous = clause.rows


def _sections(doc: "Doc") -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Examination sections as heading words and the token range of their text: to the next heading or empty line."""
    headings = list(_headings(doc))
    for at, (start, colon) in enumerate(headings):
        words = tuple(token.lower_ for token in doc[start:colon] if token.is_alpha)
        if not words or not all(token.lower_ in _regions() for token in doc[start:colon] if not token.is_space):
            continue
        stop = headings[at + 1][0] if at + 1 < len(headings) else len(doc)
        blank = next((t.i for t in doc[colon + 1 : stop] if t.is_space and t.text.count("\n") > 1), stop)
        yield words, colon + 1, blank


def _headings(doc: "Doc") -> Iterator[tuple[int, int]]:
    """Token ranges of all headings, known or not: up to a colon, from the begin of a line or sentence."""
    for colon in np.flatnonzero(doc.to_array("ORTH") == doc.vocab.strings[":"]).tolist():
        start = colon
        while start and colon - start < _HEADING_WORDS and (doc[start - 1].is_alpha or doc[start - 1].text in "/&"):
            start -= 1
        at_start = start == 0 or doc[start].is_sent_start or doc[start - 1].is_space or doc[start - 1].text in ".;"
        if start < colon and at_start and doc[start].text[0].isupper():
            yield start, colon


def _cut(
    doc: "Doc", elements: Elements, low: int, high: int, heading: tuple[str, ...], table: WordTable
) -> Iterator[Clause]:
    begin = low
    for at in range(low, high + 1):
        if at < high and not (not elements.content[at] and doc[int(elements.first[at])].text in _ENDS):
            continue
        forms = [table.forms[row] for row in elements.row[begin:at].tolist()]
        kept = [begin + i for i, form in enumerate(forms) if form.kind is not TokenKind.JOINT]
        if any(elements.content[i] for i in kept):
            yield Clause(
                tuple(elements.row[kept].tolist()),
                tuple(elements.first[kept].tolist()),
                tuple(elements.last[kept].tolist()),
                heading,
                parts=_parts(forms),
            )
        begin = at + 1


def _parts(forms: Sequence[Form]) -> tuple[tuple[int, int], ...]:
    """The ranges of the words of ``forms``, joints not counted, that no joint and no parting word separates."""
    parts: list[tuple[int, int]] = []
    start = at = 0
    for form in forms:
        joint = form.kind is TokenKind.JOINT
        if (joint or form.plain in _parting()) and at > start:
            parts.append((start, at))
            start = at
        at += not joint
    return (*parts, (start, at)) if at > start else tuple(parts)
