"""Numbers that describe a piece of a text to the learned models: hashed words, letters, pairs of words and headings."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .normalise import TokenKind, hash_word
from .windows import WordTable

FEATURE_BITS = 18
N_FEATURES = 1 << FEATURE_BITS

UInt64s: TypeAlias = NDArray[np.uint64]
Ints: TypeAlias = NDArray[np.int64]
Found: TypeAlias = tuple[Ints, Ints, float]
"""Pieces, the features found in them, and the weight of those."""

_LONGEST_PAIRED = 12  # words of a piece that are paired with each other
_WORD, _PLAIN, _LETTERS, _PAIR, _BAG, _HEADING, _HEADED, _BEFORE = range(1, 9)
_WEIGHTS = {_LETTERS: 0.4, _BAG: 0.7, _BEFORE: 0.3}
_N_GRAM = 4
_START, _STOP = hash_word("^"), hash_word("$")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that are described together: rows of a `WordTable`, the folded words of the heading, the words before."""

    rows: tuple[int, ...]
    heading: tuple[str, ...] = ()
    previous: tuple[int, ...] = ()


def _hashed(kind: int, first: Any, second: Any = 0) -> Ints:
    with np.errstate(over="ignore"):
        mixed = np.asarray(first, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        mixed = mixed + np.asarray(second, dtype=np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
        mixed = mixed + np.uint64(kind * 0x165667B19E3779F9 & (1 << 64) - 1)
        mixed ^= mixed >> np.uint64(29)
        return (mixed * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(64 - FEATURE_BITS)).astype(np.int64)


@cache
def _pairs(n: int) -> Ints:
    """All pairs below ``n``, ``(n_pairs, 2)``."""
    return np.array(list(combinations(range(n), 2)), dtype=np.int64).reshape(-1, 2)


def spread(starts: Ints, counts: Ints) -> Ints:
    """The numbers ``starts[i]`` to ``starts[i] + counts[i] - 1`` of each i in a row."""
    ends = np.cumsum(counts)
    return np.repeat(starts - (ends - counts), counts) + np.arange(int(ends[-1]) if len(ends) else 0)


class ClauseFeatures:
    """Makes the sparse features of pieces of text; remembers those of single words."""

    def __init__(self, table: WordTable) -> None:
        self._table = table
        self._meaning: dict[int, int] = {}
        self._letters: dict[int, Ints] = {}
        self._headings: dict[str, int] = {}

    def matrix(self, pieces: Sequence[Piece]) -> Any:
        """The features of each piece, ``(n, N_FEATURES)`` sparse; the squares of a row sum to one."""
        n = len(pieces)
        found = [entry for entry in self._found(pieces) if len(entry[0])]
        if not found:
            return sparse.csr_array((n, N_FEATURES), dtype=np.float32)
        key = np.concatenate([piece << FEATURE_BITS | feature for piece, feature, _ in found])
        weight = np.concatenate([np.full(len(piece), weight, dtype=np.float32) for piece, _, weight in found])
        key, first = np.unique(key, return_index=True)
        piece, weight = key >> FEATURE_BITS, weight[first]
        length = np.sqrt(np.bincount(piece, weights=weight**2, minlength=n))
        bounds = np.searchsorted(piece, np.arange(n + 1))
        values = (weight / length[piece]).astype(np.float32)
        return sparse.csr_array((values, key & (N_FEATURES - 1), bounds), shape=(n, N_FEATURES))

    def _found(self, pieces: Sequence[Piece]) -> list[Found]:
        n = len(pieces)
        lengths = np.array([len(piece.rows) for piece in pieces], dtype=np.int64)
        owner = np.repeat(np.arange(n), lengths)
        rows = [row for piece in pieces for row in piece.rows]
        forms = self._table.forms
        meaning = np.array([self._meaning_of(row) for row in rows], dtype=np.uint64)
        plain = np.array([self._table.plain_hash[row] or hash_word(forms[row].plain) for row in rows], dtype=np.uint64)
        letters = [self._letters_of(row) for row in rows]
        sizes = np.array([len(grams) for grams in letters], dtype=np.int64)
        telling = np.array([not forms[row].qualifier for row in rows], dtype=np.bool_)
        before = [(at, self._meaning_of(row)) for at, piece in enumerate(pieces) for row in piece.previous]
        return [
            (owner, _hashed(_WORD, meaning), 1.0),
            (owner, _hashed(_PLAIN, plain), 1.0),
            (np.repeat(owner, sizes), np.concatenate(letters) if letters else owner, _WEIGHTS[_LETTERS]),
            *self._headed(pieces, lengths, meaning),
            *_paired(owner[telling], meaning[telling], n),
            (
                np.array([at for at, _ in before], dtype=np.int64),
                _hashed(_BEFORE, np.array([word for _, word in before], dtype=np.uint64)),
                _WEIGHTS[_BEFORE],
            ),
        ]

    def _headed(self, pieces: Sequence[Piece], lengths: Ints, meaning: UInt64s) -> list[Found]:
        """Words of headings, alone and with each word under them."""
        names = [name for piece in pieces for name in piece.heading]
        keys = np.array([self._headings.setdefault(name, hash_word(name)) for name in names], dtype=np.uint64)
        owner = np.repeat(np.arange(len(pieces)), [len(piece.heading) for piece in pieces])
        starts = np.cumsum(lengths) - lengths
        words = spread(starts[owner], lengths[owner])
        heads = np.repeat(np.arange(len(owner)), lengths[owner])
        return [
            (owner, _hashed(_HEADING, keys), 1.0),
            (owner[heads], _hashed(_HEADED, keys[heads], meaning[words]), 1.0),
        ]

    def _meaning_of(self, row: int) -> int:
        known = self._meaning.get(row)
        if known is None:
            form = self._table.forms[row]
            known = self._meaning[row] = hash_word(form.word if form.kind is TokenKind.CONTENT else form.plain)
        return known

    def _letters_of(self, row: int) -> Ints:
        known = self._letters.get(row)
        if known is None:
            padded = f"<{self._table.forms[row].plain}>"
            grams = {padded[at : at + _N_GRAM] for at in range(max(1, len(padded) - _N_GRAM + 1))}
            known = self._letters[row] = _hashed(_LETTERS, np.array(sorted(map(hash_word, grams)), dtype=np.uint64))
        return known


def _paired(owner: Ints, meaning: UInt64s, n: int) -> list[Found]:
    """Neighbouring words, begin and end among them, and all pairs of the first words of a piece."""
    lengths = np.bincount(owner, minlength=n)
    starts = np.cumsum(lengths) - lengths
    every = np.arange(n)
    left = np.concatenate((np.full(n, _START, dtype=np.uint64), meaning))
    right = np.concatenate((meaning, np.full(n, _STOP, dtype=np.uint64)))
    order_left = np.argsort(np.concatenate((every, owner)), kind="stable")
    order_right = np.argsort(np.concatenate((owner, every)), kind="stable")
    neighbours = np.concatenate((every, owner))[order_left]
    found: list[Found] = [(neighbours, _hashed(_PAIR, left[order_left], right[order_right]), 1.0)]
    kept = np.arange(len(owner)) - starts[owner] < _LONGEST_PAIRED
    owner, meaning = owner[kept], meaning[kept]
    meaning = meaning[np.lexsort((meaning, owner))]
    lengths = np.bincount(owner, minlength=n)
    starts = np.cumsum(lengths) - lengths
    for length in sorted(set(lengths.tolist()) - {0, 1}):
        of_length = np.flatnonzero(lengths == length)
        at = starts[of_length][:, None, None] + _pairs(length)
        features = _hashed(_BAG, meaning[at[..., 0]], meaning[at[..., 1]])
        found.append((np.repeat(of_length, features.shape[1]), features.ravel(), _WEIGHTS[_BAG]))
    return found
