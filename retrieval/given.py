"""Concepts for a span that is known to name one: by its words in full, else by the names that share most of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kg import Category, Curie, NameKind

from .lexicon import Entry, Lexicon
from .normalise import TokenKind, hash_letters, words_of
from .readings import written_out
from .windows import NameHashes, UInt64s, WordTable, hash_names, rows_of_name

_KIND_COST = {
    NameKind.LABEL: 0.0,
    NameKind.EXACT: 0.01,
    NameKind.NARROW: 0.04,
    NameKind.BROAD: 0.06,
    NameKind.RELATED: 0.06,
}
_KINDS = tuple(NameKind)
_CLOSE_SCORE = (0.0, 0.9, 0.95, 0.98, 1.0)
_SHARED_SCORE = 0.85  # of the overlap of words; below any match in full
_COMMON = 4000  # names; words of more names than that bring up no candidate
_LEAST = 0.25
_TOP = 40
_LOOKED_AT = 150  # names
_CACHED = 20_000


@dataclass(frozen=True, slots=True, order=True)
class NameMatch:
    """How well the best name of a concept fits.

    ``score`` lies in 0..1. ``close`` is 4 for the same letters, 3 for the same words in order, 2 without order, 1 by
    meaning, 0 where only some words are shared. ``overlap`` is the Dice coefficient of the words by weight,
    ``of_mention`` and ``of_name`` the shares of each that are common. ``kind`` is the place of its `NameKind`,
    ``names`` how many names of the concept fit.
    """

    score: float
    close: int
    overlap: float
    of_mention: float
    of_name: float
    kind: int
    names: int = 1


@dataclass(frozen=True, slots=True)
class Ranked:
    """A concept for a given span, with how well its best name fits, 0..1."""

    curie: Curie
    score: float


class GivenLinker:
    """Ranks the concepts of some categories for given mentions. Holds postings of the lexicon's words, no texts."""

    def __init__(self, lexicon: Lexicon, table: WordTable, categories: frozenset[Category]) -> None:
        self.lexicon = lexicon
        self.table = table
        self._categories = categories
        self.matches = lru_cache(maxsize=_CACHED)(self._matches)
        """How well names of each concept fit a text; concepts of which none does are left out."""

    def rank(self, mention: str, long_forms: Mapping[str, str] | None = None) -> list[Ranked]:
        """The concepts that ``mention`` may name, best first; ``long_forms`` are abbreviations its text defines."""
        full = written_out(mention, long_forms or {})
        readings = [full, mention] if full != mention else [mention]
        found: dict[Curie, float] = {}
        for at, reading in enumerate(readings):
            for curie, match in self.matches(reading).items():
                found[curie] = max(found.get(curie, 0.0), match.score * (0.9 if at else 1.0))
        order = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        return [Ranked(curie, round(score, 4)) for curie, score in order]

    def content(self, reading: str) -> tuple[list[int], list[int]]:
        """The rows of the words and signs of a text, and of its words that carry meaning, each once."""
        rows = rows_of_name(words_of(reading), self.table)
        forms, hashes = self.table.forms, self.table.bag_hash
        return rows, [r for r in dict.fromkeys(rows) if forms[r].kind is TokenKind.CONTENT and hashes[r]]

    def _matches(self, reading: str) -> dict[Curie, NameMatch]:
        rows, content = self.content(reading)
        found: dict[Curie, NameMatch] = {}
        if content:
            for curie, match in self._exact(reading, rows):
                found[curie] = _joined(found.get(curie), match, 1)
            self._add_similar([self.table.bag_hash[row] for row in content], found)
        return found

    def _exact(self, reading: str, rows: Sequence[int]) -> Iterator[tuple[Curie, NameMatch]]:
        hashes = hash_names([rows], self.table)
        letters = hash_letters(reading)
        surface = hash_letters(reading.casefold())
        for key in self.lexicon.find(hashes.bag).tolist():
            for entry in self.lexicon.entries(key) if key >= 0 else ():
                if entry.category in self._categories:
                    close = _closeness(entry, hashes, letters, surface)
                    score = _CLOSE_SCORE[close] - _KIND_COST[entry.kind]
                    yield entry.curie, NameMatch(score, close, 1.0, 1.0, 1.0, _KINDS.index(entry.kind))

    def _add_similar(self, hashes: Sequence[int], found: dict[Curie, NameMatch]) -> None:
        """Names that share words: weighted Dice over inverse document frequencies, below any exact one."""
        post = _read_postings(self.lexicon, self._categories)
        words = np.unique(np.asarray(hashes, dtype=np.uint64))
        at = np.searchsorted(post.words, words)
        at = np.where(at == len(post.words), 0, at)
        known = at[post.words[at] == words] if len(post.words) else at[:0]
        mass = float(post.weight[known].sum()) + (len(words) - len(known)) * post.unknown
        names, shared = post.shared(known)
        if not len(names) or not mass:
            return
        overlap = 2 * shared / (mass + post.mass[names])
        added = 0
        for place in np.argsort(-overlap, kind="stable")[:_LOOKED_AT].tolist():
            if overlap[place] < _LEAST:
                break
            row = int(names[place])
            entry = self.lexicon.entry(row)
            if entry.curie not in found:
                if added == _TOP:
                    continue
                added += 1
            share = float(overlap[place])
            score = max(0.0, _SHARED_SCORE * share - _KIND_COST[entry.kind])
            of_name = float(shared[place] / max(post.mass[row], 1e-9))
            match = NameMatch(score, 0, share, float(shared[place] / mass), of_name, _KINDS.index(entry.kind))
            found[entry.curie] = _joined(found.get(entry.curie), match, 0)


def _closeness(entry: Entry, hashes: NameHashes, letters: int, surface: int) -> int:
    if entry.surface == surface or entry.ordered == letters:
        return 4
    if entry.ordered == int(hashes.ordered[0]):
        return 3
    return 2 if entry.plain_bag == int(hashes.plain_bag[0]) else 1


def _joined(known: NameMatch | None, match: NameMatch, more: int) -> NameMatch:
    """The better of two matches of one concept, with the number of names that fit."""
    if known is None:
        return match
    best = max(known, match)
    names = known.names + more
    return NameMatch(best.score, best.close, best.overlap, best.of_mention, best.of_name, best.kind, names)


@dataclass(frozen=True, slots=True)
class _Postings:
    """Sorted hashed words; the names that have ``words[i]`` are ``rows[starts[i]:starts[i+1]]``."""

    words: UInt64s
    starts: NDArray[np.int64]
    rows: NDArray[np.int64]
    weight: NDArray[np.float64]
    mass: NDArray[np.float64]
    unknown: float

    def shared(self, words: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The names that have one of the rarer of ``words``, and the weight of the words that they share."""
        sizes = self.starts[words + 1] - self.starts[words]
        rows = [self.rows[self.starts[word] : self.starts[word + 1]] for word in words.tolist()]
        rare = [names for names, size in zip(rows, sizes.tolist(), strict=True) if size <= _COMMON] or rows
        if not rows:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        names = np.unique(np.concatenate(rare))
        every = np.concatenate(rows)
        at = np.searchsorted(names, every)
        at[at == len(names)] = 0
        kept = names[at] == every
        weight = np.repeat(self.weight[words], sizes)
        return names, np.bincount(at[kept], weights=weight[kept], minlength=len(names)).astype(np.float64)


@lru_cache(maxsize=4)
def _read_postings(lexicon: Lexicon, categories: frozenset[Category]) -> _Postings:
    flat, ends, wanted = lexicon.name_columns(categories)
    owner = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
    keep = wanted[owner]
    flat, owner = np.asarray(flat)[keep], owner[keep]
    order = np.argsort(flat, kind="stable")
    words, starts = np.unique(flat[order], return_index=True)
    bounds = np.append(starts, len(flat)).astype(np.int64)
    unknown = float(np.log(max(2, int(wanted.sum()))))
    weight = unknown - np.log(np.diff(bounds))
    mass = np.zeros(len(ends), dtype=np.float64)
    np.add.at(mass, owner, weight[np.searchsorted(words, flat)])
    return _Postings(words, bounds, owner[order], weight, mass, unknown)
