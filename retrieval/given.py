"""Concepts for a span that is known to name one: by its words in full, else by the names that share most of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kg import Category, Curie, NameKind

from .lexicon import Entry, Lexicon
from .normalise import TokenKind, hash_letters, words_of
from .windows import NameHashes, UInt64s, WordTable, hash_names, rows_of_name

_KIND_SCORE = {
    NameKind.LABEL: 0.0,
    NameKind.EXACT: 0.01,
    NameKind.NARROW: 0.04,
    NameKind.BROAD: 0.06,
    NameKind.RELATED: 0.06,
}
_COMMON = 4000  # names; words of more names than that bring up no candidate
_LEAST = 0.3
_TOP = 20


@dataclass(frozen=True, slots=True)
class Ranked:
    """A concept for a given span, with how well its best name fits, 0..1."""

    curie: Curie
    score: float


class GivenLinker:
    """Ranks the concepts of some categories for given mentions. Holds postings of the lexicon's words, no texts."""

    def __init__(self, lexicon: Lexicon, table: WordTable, categories: frozenset[Category]) -> None:
        self.lexicon = lexicon
        self._table = table
        self._categories = categories

    def rank(self, mention: str, long_forms: Mapping[str, str] | None = None) -> list[Ranked]:
        """The concepts that ``mention`` may name, best first; ``long_forms`` are abbreviations its text defines."""
        readings = [mention]
        if long_forms:
            full = written_out(mention, long_forms)
            readings = [full, mention] if full != mention else readings
        found: dict[Curie, float] = {}
        for at, reading in enumerate(readings):
            for curie, score in self._candidates(reading):
                found[curie] = max(found.get(curie, 0.0), score * (0.9 if at else 1.0))
        order = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        return [Ranked(curie, round(score, 4)) for curie, score in order[:_TOP]]

    def _candidates(self, reading: str) -> Iterator[tuple[Curie, float]]:
        rows = rows_of_name(words_of(reading), self._table)
        yield from self._exact(reading, rows)
        yield from self._similar(rows)

    def _exact(self, reading: str, rows: Sequence[int]) -> Iterator[tuple[Curie, float]]:
        hashes = hash_names([rows], self._table)
        letters = hash_letters(reading)
        surface = hash_letters(reading.casefold())
        for key in self.lexicon.find(hashes.bag).tolist():
            for entry in self.lexicon.entries(key) if key >= 0 else ():
                if entry.category in self._categories:
                    yield entry.curie, self._closeness(entry, hashes, letters, surface)

    @staticmethod
    def _closeness(entry: Entry, hashes: NameHashes, letters: int, surface: int) -> float:
        ordered, plain = int(hashes.ordered[0]), int(hashes.plain_bag[0])
        if entry.surface == surface or entry.ordered == letters:
            close = 1.0
        elif entry.ordered == ordered:
            close = 0.98
        elif entry.plain_bag == plain:
            close = 0.95
        else:
            close = 0.9
        return close - _KIND_SCORE[entry.kind]

    def _similar(self, rows: Sequence[int]) -> Iterator[tuple[Curie, float]]:
        """Names that share words: weighted Dice over inverse document frequencies, below any exact one."""
        table = self._table
        words = sorted(
            {table.bag_hash[r] for r in rows if table.forms[r].kind is TokenKind.CONTENT and table.bag_hash[r]}
        )
        post = self._postings()
        at = np.searchsorted(post.words, np.asarray(words, dtype=np.uint64))
        at = np.where(at == len(post.words), 0, at)
        known = [int(i) for i, word in zip(at, words, strict=True) if int(post.words[i]) == word]
        mass = sum(float(post.weight[i]) for i in known) + (len(words) - len(known)) * post.unknown
        few = [i for i in known if post.starts[i + 1] - post.starts[i] <= _COMMON] or known
        if not few or not mass:
            return
        names = np.unique(np.concatenate([post.rows[post.starts[i] : post.starts[i + 1]] for i in few]))
        shared = np.zeros(len(names))
        for i in known:
            with_word = post.rows[post.starts[i] : post.starts[i + 1]]
            shared[np.isin(names, with_word, assume_unique=True)] += post.weight[i]
        score = 2 * shared / (mass + post.mass[names])
        for place in np.argsort(-score, kind="stable")[: 5 * _TOP].tolist():
            if score[place] >= _LEAST:
                entry = self.lexicon.entry(int(names[place]))
                if entry.category in self._categories:
                    yield entry.curie, 0.85 * float(score[place]) - _KIND_SCORE[entry.kind]

    def _postings(self) -> "_Postings":
        return _read_postings(self.lexicon, self._categories)


@dataclass(frozen=True, slots=True)
class _Postings:
    """Sorted hashed words; the names that have ``words[i]`` are ``rows[starts[i]:starts[i+1]]``."""

    words: UInt64s
    starts: NDArray[np.int64]
    rows: NDArray[np.int64]
    weight: NDArray[np.float64]
    mass: NDArray[np.float64]
    unknown: float


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


def written_out(mention: str, long_forms: Mapping[str, str]) -> str:
    """``mention`` with the abbreviations that its text defines written out."""
    if mention in long_forms:
        return long_forms[mention]
    return " ".join(long_forms.get(word, word) for word in mention.split())
