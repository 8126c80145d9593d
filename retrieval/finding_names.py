"""Which findings have names, or wordings in notes, that share words with a piece of a note, and how much is shared."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kg import Category, NameKind

from .finding_features import Piece
from .lexicon import FINDINGS, Lexicon
from .normalise import TokenKind
from .windows import WordTable

UInt64s: TypeAlias = NDArray[np.uint64]
Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

_NO_WORD = np.uint64(0)  # so that no vocabulary is empty
_LEAST_WEIGHT, _MOST_WEIGHT = 0.1, 9.0
_LEAST_OF_NAME = 0.25  # share of a name that a piece must have
_LEAST_OF_PIECE = 0.1
_HEADING_COUNTS = 0.8  # of a word's weight where it stands in the heading alone
_KIND_COST = 0.01  # a step away from a label


@dataclass(frozen=True, slots=True)
class Matches:
    """Names that share words with pieces: all columns have one entry a pair of a piece and a name.

    ``fit`` is the harmonic mean of the shares of the name (heading included) and of the piece that are covered, by
    weight of words; a little less for synonyms.
    """

    piece: Ints
    name: Ints
    fit: Floats
    of_name: Floats
    of_piece: Floats
    of_name_alone: Floats

    def __getitem__(self, kept: Any) -> "Matches":
        return Matches(*(getattr(self, column)[kept] for column in Matches.__dataclass_fields__))


class NameIndex:
    """Sets of words, each of a finding, found by any word. Holds a sparse matrix, ``(n_names, n_words)``.

    ``words`` are hashed words, ending at ``ends`` for each name; ``vocabulary`` are sorted words with ``weights``.
    """

    def __init__(self, words: UInt64s, ends: Ints, vocabulary: UInt64s, weights: Floats, cost: Floats) -> None:
        self._vocabulary = vocabulary
        self._cost = cost
        owner = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
        column, known = _places(words, vocabulary)
        weight = np.where(known, weights[column], _MOST_WEIGHT)
        self.mass = np.bincount(owner, weights=weight, minlength=len(ends))
        entries: Any = (weight[known], (column[known], owner[known]))
        shape: Any = (len(vocabulary), len(ends))
        self._by_word: Any = sparse.csr_array(entries, shape=shape, dtype=np.float32)
        self._weights = weights

    def matches(self, pieces: Sequence[Piece], table: WordTable) -> Matches:
        """The names that share enough words with each of ``pieces``."""
        present, mass = self._words(pieces, table)
        shared = (present @ self._by_word).tocoo()
        kept = np.flatnonzero(shared.data > _LEAST_OF_NAME * self.mass[shared.col])
        kept = kept[shared.data[kept] > _LEAST_OF_PIECE * mass[shared.row[kept]]]
        piece, name, both = (column[kept] for column in (shared.row, shared.col, shared.data.astype(np.float64)))
        piece, name = piece.astype(np.int64), name.astype(np.int64)
        alone, of_piece = both / self.mass[name], both / mass[piece]
        headings = {heading: at for at, heading in enumerate(dict.fromkeys(p.heading for p in pieces))}
        under = np.array([headings[p.heading] for p in pieces], dtype=np.int64)
        helped = self._headings(list(headings), table)[under[piece], name]
        of_name = np.minimum(1.0, (both + _HEADING_COUNTS * helped) / self.mass[name])
        fit = 2 * of_name * of_piece / (of_name + of_piece) - self._cost[name]
        return Matches(piece, name, fit, of_name, of_piece, alone)

    def _words(self, pieces: Sequence[Piece], table: WordTable) -> tuple[Any, Floats]:
        rows = [row for piece in pieces for row in piece.rows]
        owner = np.repeat(np.arange(len(pieces)), [len(piece.rows) for piece in pieces])
        hashes = np.array([_hash(row, table) for row in rows], dtype=np.uint64)
        kept = hashes != 0
        column, known = _places(hashes[kept], self._vocabulary)
        owner = owner[kept]
        weight = np.where(known, self._weights[column], _MOST_WEIGHT)
        mass = np.maximum(np.bincount(owner, weights=weight, minlength=len(pieces)), 1e-9)
        key = np.unique(owner[known] * len(self._vocabulary) + column[known])
        shape = (len(pieces), len(self._vocabulary))
        return sparse.csr_array(
            (np.ones(len(key), dtype=np.float32), np.divmod(key, len(self._vocabulary))), shape=shape
        ), mass

    def _headings(self, headings: Sequence[tuple[str, ...]], table: WordTable) -> Any:
        pieces = [Piece(tuple(table.row(word) for word in heading)) for heading in headings]
        return (self._words(pieces, table)[0] @ self._by_word).toarray()


def _places(words: UInt64s, vocabulary: UInt64s) -> tuple[Ints, NDArray[np.bool_]]:
    at = np.searchsorted(vocabulary, words)
    at[at == len(vocabulary)] = 0
    return at, vocabulary[at] == words if len(vocabulary) else np.zeros(len(words), dtype=np.bool_)


def _hash(row: int, table: WordTable) -> int:
    return table.bag_hash[row] if table.forms[row].kind is TokenKind.CONTENT else 0


@dataclass(frozen=True, slots=True, eq=False)
class FindingNames:
    """The names of all findings: an index, the concept row of each name and its kind."""

    index: NameIndex
    concept: Ints
    kind: Ints
    vocabulary: UInt64s
    weights: Floats


@lru_cache(maxsize=2)
def finding_names(lexicon: Lexicon) -> FindingNames:
    """The names of the lexicon's HPO findings, the same words of one finding once, under the closest kind."""
    columns = lexicon.finding_columns(Category.PHENOTYPE, FINDINGS.encode())
    order = np.lexsort((columns.kind, columns.words_sum, columns.concept))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = np.diff(columns.concept[order]) != 0
    first[1:] |= columns.words_sum[order][1:] != columns.words_sum[order][:-1]
    names = order[first]
    words = [columns.words[start:stop] for start, stop in zip(columns.starts[names], columns.ends[names], strict=True)]
    flat = np.concatenate(words) if words else np.zeros(0, dtype=np.uint64)
    ends = np.cumsum(columns.ends[names] - columns.starts[names])
    vocabulary, times = np.unique(np.append(flat, _NO_WORD), return_counts=True)
    rarity = np.log(max(1, len(names)) / (times + 1.0)).astype(np.float64)
    weights = np.clip(rarity, _LEAST_WEIGHT, _MOST_WEIGHT)
    kind = columns.kind[names].astype(np.int64)
    index = NameIndex(flat, ends, vocabulary, weights, _KIND_COST * kind.astype(np.float64))
    return FindingNames(index, columns.concept[names].astype(np.int64), kind, vocabulary, weights)


def index_of(words: UInt64s, ends: Ints, names: FindingNames) -> NameIndex:
    """An index of other wordings, their words weighed as in ``names``."""
    return NameIndex(words, ends, names.vocabulary, names.weights, np.full(len(ends), _KIND_COST * len(NameKind)))
