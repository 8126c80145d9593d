"""Hashes of word windows: one sum that ignores order and one that does not, for every window of a text at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .normalise import Form, Normaliser, TokenKind, hash_letters, hash_word
from .spelling import Spelling

if TYPE_CHECKING:
    from spacy.tokens import Doc

UInt64s: TypeAlias = NDArray[np.uint64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

MAX_ELEMENTS = 14
"""Longest name that is looked up, in words and signs."""

_MASK = (1 << 64) - 1
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2**64
_BASE_INVERSE = pow(_BASE, -1, 1 << 64)


@dataclass(frozen=True, slots=True)
class NameHashes:
    """Hashes of names, one entry a name: words by meaning without order, plain words without order, all in order.

    ``n_content`` counts words; it is 0 for a name without words or with too many.
    """

    bag: UInt64s
    plain_bag: UInt64s
    ordered: UInt64s
    n_content: Ints


class WordTable:
    """Numbers of every token type met so far; one row a type. Grows with the text, so it belongs to one reader."""

    def __init__(self, normaliser: Normaliser, spelling: Spelling | None = None, correct: bool = True) -> None:
        self.normaliser = normaliser
        self.spelling = spelling
        self.correct = correct and spelling is not None
        self._first_halves = {first for first, _ in spelling.compounds} if spelling else set()
        self.corrected: list[bool] = []
        self._rows: dict[str, int] = {}
        self.forms: list[Form] = []
        self.kind: list[int] = []
        self.bag_hash: list[int] = []
        self.plain_hash: list[int] = []
        self._tokens: list[str] = []
        self._letters: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.forms)

    def row(self, token: str) -> int:
        """The row of a token type."""
        row = self._rows.get(token)
        if row is None:
            row = self._rows[token] = len(self.forms)
            form = self.normaliser.form(token)
            content = form.kind is TokenKind.CONTENT
            meant = self.spelling.correction(form.plain) if content and self.correct and self.spelling else None
            if meant is not None:
                form = self.normaliser.form(meant)
            self.corrected.append(meant is not None)
            self.forms.append(form)
            self.kind.append(int(form.kind))
            self._tokens.append(token)
            self.bag_hash.append(hash_word(form.word) if content and not form.silent else 0)
            self.plain_hash.append(0 if form.kind is TokenKind.TRANSPARENT else hash_word(form.plain))
        return row

    def form(self, token: str) -> Form:
        """The form of a token type."""
        return self.forms[self.row(token)]

    def letters_hash(self, row: int) -> int:
        """The hash of the letters of a token type, with their case."""
        known = self._letters.get(row)
        if known is None:
            known = self._letters[row] = hash_letters(self._tokens[row])
        return known

    def joined(self, first: int, second: int) -> int:
        """The row of a prefix and the word behind its hyphen, written as one word."""
        return self.row(self.forms[first].plain + self.forms[second].plain)

    def opens_compound(self, row: int) -> bool:
        """Whether a row is the first half of a compound such as ``finger`` of "finger nail"."""
        return self.forms[row].plain in self._first_halves

    def compound(self, first: int, second: int) -> int | None:
        """The row of two neighbouring words that names write as one, if they do."""
        if self.spelling is None:
            return None
        joined = self.spelling.compounds.get((self.forms[first].plain, self.forms[second].plain))
        return None if joined is None else self.row(joined)

    def is_prefix(self, row: int) -> bool:
        """Whether a row is a prefix such as ``non``."""
        return self.forms[row].plain in self.normaliser.prefixes

    def joins(self, first: int, sign: int, second: int) -> bool:
        """Whether three neighbouring rows are one hyphenated word with a prefix."""
        forms = self.forms
        return (
            self.is_prefix(first)
            and forms[sign].kind is TokenKind.TRANSPARENT
            and forms[sign].plain == "-"
            and forms[second].kind is TokenKind.CONTENT
            and forms[second].plain.isalpha()
        )


def rows_of_name(tokens: Sequence[str], table: WordTable) -> list[int]:
    """The word rows of a name given as tokens, a hyphenated prefix joined with its word."""
    rows = [table.row(token) for token in tokens]
    rows = _merge_prefixes(rows, table) if "-" in tokens else rows
    return _merge_compounds(rows, table) if any(map(table.opens_compound, rows)) else rows


def hash_names(names: Sequence[Sequence[int]], table: WordTable) -> NameHashes:
    """The hashes of names given as word rows."""
    n = len(names)
    lengths = np.fromiter(map(len, names), dtype=np.int64, count=n)
    rows = np.fromiter(chain.from_iterable(names), dtype=np.int64, count=int(lengths.sum()))
    kind = np.asarray(table.kind, dtype=np.int64)[rows]
    seen = kind != TokenKind.TRANSPARENT
    rows, kind, owner = rows[seen], kind[seen], np.repeat(np.arange(n), lengths)[seen]
    content = kind == TokenKind.CONTENT
    n_content = np.bincount(owner[content], minlength=n)
    before = np.concatenate(([0], np.cumsum(content)))
    first = np.concatenate(([0], np.cumsum(n_content)))[:-1]
    inside = (before[1:] > first[owner]) & (before[:-1] < (first + n_content)[owner])
    rows, content, owner = rows[inside], content[inside], owner[inside]
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    n_elements = np.bincount(owner, minlength=n)
    place = np.arange(len(owner)) - np.repeat(starts, np.diff(np.append(starts, len(owner))))
    plain = np.asarray(table.plain_hash, dtype=np.uint64)[rows]
    bag = np.asarray(table.bag_hash, dtype=np.uint64)[rows]

    def total(values: UInt64s) -> UInt64s:
        sums = np.zeros(n, dtype=np.uint64)
        if len(starts):
            sums[owner[starts]] = np.add.reduceat(values, starts)
        return sums

    powers = _powers(_BASE, int(place.max(initial=0)) + 1)
    return NameHashes(
        total(bag),
        total(np.where(content, plain, np.uint64(0))),
        total(plain * powers[place]),
        np.where(n_elements <= MAX_ELEMENTS, n_content, 0),
    )


def _merge_prefixes(rows: list[int], table: WordTable) -> list[int]:
    merged: list[int] = []
    at = 0
    while at < len(rows):
        if at + 2 < len(rows) and table.joins(rows[at], rows[at + 1], rows[at + 2]):
            merged.append(table.joined(rows[at], rows[at + 2]))
            at += 3
        else:
            merged.append(rows[at])
            at += 1
    return merged


def _merge_compounds(rows: list[int], table: WordTable) -> list[int]:
    merged: list[int] = []
    for row in rows:
        joined = table.compound(merged[-1], row) if merged else None
        if joined is None:
            merged.append(row)
        else:
            merged[-1] = joined
    return merged


_CLASSIFIES = "classifies-as"  # a word that no name has


@dataclass(frozen=True, slots=True)
class Elements:
    """The words and signs of a text that can be part of a name, with running sums over their hashes.

    All arrays have one entry an element, the sums one more. ``first`` and ``last`` are token indices (a hyphenated word
    covers three tokens). ``content`` marks words; the others are list joints or other signs.
    """

    row: Ints
    first: Ints
    last: Ints
    content: Bools
    joint: Bools
    qualifier: Bools
    bag_sum: UInt64s
    plain_sum: UInt64s
    ordered_sum: UInt64s
    signs_before: Ints
    corrected_before: Ints

    def __len__(self) -> int:
        return len(self.row)

    def ordered(self, start: Ints, stop: Ints) -> UInt64s:
        """Ordered hashes of the windows ``start[i]:stop[i]``."""
        shifted: UInt64s = self.ordered_sum[stop] - self.ordered_sum[start]
        return shifted * _powers(_BASE_INVERSE, len(self) + 1)[start]

    def has_qualifying_tail(self, start: Ints, stop: Ints) -> Bools:
        """Whether the windows end in a comma and one qualifier: "intellectual disability, severe"."""
        last = stop - 1
        one_sign = self.signs_before[stop] - self.signs_before[start] == 1
        tail: Bools = one_sign & self.qualifier[last] & self.joint[np.maximum(last - 1, 0)]
        return tail

    def ordered_pair(self, a: int, b: int, c: int, d: int) -> int:
        """The ordered hash of the elements ``a:b`` followed by ``c:d``."""
        first, second = self.ordered(np.array([a, c]), np.array([b, d])).tolist()
        return int(first + second * pow(_BASE, b - a, 1 << 64)) & _MASK


def _powers(base: int, n: int) -> UInt64s:
    factors = np.full(n, base, dtype=np.uint64)
    factors[:1] = 1
    powers: UInt64s = np.multiply.accumulate(factors)
    return powers


def _running(values: UInt64s) -> UInt64s:
    total = np.zeros(len(values) + 1, dtype=np.uint64)
    np.cumsum(values, out=total[1:])
    return total


def elements_of(doc: "Doc", table: WordTable) -> Elements:
    """The `Elements` of a document.

    A prefix, a hyphen and a word become one element. An abbreviation in brackets is left out, so that a name is found
    across it ("branchio-oto-renal (BOR) syndrome").
    """
    types, local = np.unique(doc.to_array("ORTH"), return_inverse=True)
    type_rows = [table.row(doc.vocab.strings[orth]) for orth in types.tolist()]
    rows = np.asarray(type_rows, dtype=np.int64)[local]
    last = np.arange(len(rows))
    hidden = np.zeros(len(rows), dtype=np.bool_)
    prefixes = np.asarray([table.is_prefix(row) for row in type_rows], dtype=np.bool_)[local]
    for at in np.flatnonzero(prefixes[:-2]).tolist():
        if not hidden[at] and table.joins(int(rows[at]), int(rows[at + 1]), int(rows[at + 2])):
            rows[at] = table.joined(int(rows[at]), int(rows[at + 2]))
            last[at] = at + 2
            hidden[at + 2] = True
    opens = np.asarray([table.opens_compound(row) for row in type_rows], dtype=np.bool_)[local]
    for at in np.flatnonzero(opens[:-1]).tolist():
        joined = None if hidden[at] else table.compound(int(rows[at]), int(rows[at + 1]))
        if joined is not None:
            rows[at], last[at], hidden[at + 1] = joined, at + 1, True
    for at in bracketed_abbreviations(doc):
        hidden[at - 1 : at + 2] = True
    for at in _classifying_verbs(doc):
        rows[at] = table.row(_CLASSIFIES)
    keep = ~hidden & ~_transparent(rows, table)
    return _assemble(rows[keep], np.flatnonzero(keep), last[keep], table)


def _classifying_verbs(doc: "Doc") -> list[int]:
    """Token indices of forms of "be" before an article: what stands on each side has a name of its own."""
    orth, strings = doc.to_array("LOWER"), doc.vocab.strings
    verbs = np.isin(orth[:-1], [strings.add(word) for word in ("is", "are", "was", "were")])
    articles = np.isin(orth[1:], [strings.add(word) for word in ("a", "an", "the", "not")])
    found: list[int] = np.flatnonzero(verbs & articles).tolist()
    return found


def bracketed_abbreviations(doc: "Doc") -> list[int]:
    """Token indices of single tokens with two capitals that stand alone in round brackets."""
    orth = doc.to_array("ORTH")
    alone = (orth[:-2] == doc.vocab.strings.add("(")) & (orth[2:] == doc.vocab.strings.add(")"))
    return [at for at in (np.flatnonzero(alone) + 1).tolist() if is_abbreviation(doc[at].text)]


def is_abbreviation(text: str) -> bool:
    """Whether ``text`` looks like an abbreviation: 2 to 10 characters, at least two of them capitals."""
    return 2 <= len(text) <= 10 and sum(c.isupper() for c in text) >= 2


def without_qualifiers(elements: Elements, table: WordTable) -> Elements:
    """The same elements less the qualifiers such as "bilateral"."""
    keep = ~elements.qualifier
    return _assemble(elements.row[keep], elements.first[keep], elements.last[keep], table)


def _transparent(rows: Ints, table: WordTable) -> Bools:
    types, local = np.unique(rows, return_inverse=True)
    kinds = [table.kind[row] == TokenKind.TRANSPARENT for row in types.tolist()]
    transparent: Bools = np.asarray(kinds, dtype=np.bool_)[local]
    return transparent


def _assemble(rows: Ints, first: Ints, last: Ints, table: WordTable) -> Elements:
    types, local = np.unique(rows, return_inverse=True)
    forms = [table.forms[row] for row in types.tolist()]
    kind = np.asarray([form.kind for form in forms], dtype=np.int64)[local]
    plain = np.asarray([table.plain_hash[row] for row in types.tolist()], dtype=np.uint64)[local]
    bag = np.asarray([table.bag_hash[row] for row in types.tolist()], dtype=np.uint64)[local]
    content = kind == TokenKind.CONTENT
    return Elements(
        row=rows,
        first=first,
        last=last,
        content=content,
        joint=kind == TokenKind.JOINT,
        qualifier=np.asarray([form.qualifier for form in forms], dtype=np.bool_)[local],
        bag_sum=_running(bag),
        plain_sum=_running(np.where(content, plain, np.uint64(0))),
        ordered_sum=_running(plain * _powers(_BASE, len(rows))),
        signs_before=np.concatenate(([0], np.cumsum(~content))),
        corrected_before=np.concatenate(
            ([0], np.cumsum(np.asarray([table.corrected[row] for row in types.tolist()], dtype=np.bool_)[local]))
        ),
    )
