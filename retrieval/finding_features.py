"""Numbers that describe a clause of an examination to the learned model of findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import sqrt

from .examination import Clause
from .normalise import TokenKind, hash_word
from .windows import WordTable

FEATURE_BITS = 18
N_FEATURES = 1 << FEATURE_BITS

_MASK = (1 << 64) - 1
_LONGEST_PAIRED = 12  # words of a clause that are paired with each other
_WORD, _PLAIN, _LETTERS, _PAIR, _BAG, _HEADING, _HEADED, _BEFORE = range(1, 9)
_WEIGHTS = {_LETTERS: 0.4, _BAG: 0.7, _BEFORE: 0.3}
_N_GRAM = 4
_START, _STOP = hash_word("^"), hash_word("$")


def _feature(kind: int, first: int, second: int = 0) -> int:
    mixed = (first * 0x9E3779B97F4A7C15 + second * 0xC2B2AE3D27D4EB4F + kind * 0x165667B19E3779F9) & _MASK
    mixed ^= mixed >> 29
    return (mixed * 0xBF58476D1CE4E5B9 & _MASK) >> (64 - FEATURE_BITS)


@dataclass(frozen=True, slots=True)
class Word:
    """One word type: the hash of its meaning, the features it has alone, and whether it is a mere qualifier."""

    meaning: int
    own: tuple[tuple[int, float], ...]
    qualifier: bool


class ClauseFeatures:
    """Makes the sparse features of clauses; remembers those of single words."""

    def __init__(self, table: WordTable) -> None:
        self._table = table
        self._words: dict[int, Word] = {}
        self._headings: dict[str, int] = {}

    def word(self, row: int) -> Word:
        """The word of a row of the table."""
        known = self._words.get(row)
        if known is None:
            form = self._table.forms[row]
            meaning = hash_word(form.word if form.kind is TokenKind.CONTENT else form.plain)
            padded = f"<{form.plain}>"
            grams = {padded[at : at + _N_GRAM] for at in range(max(1, len(padded) - _N_GRAM + 1))}
            own = {_feature(_WORD, meaning): 1.0, _feature(_PLAIN, hash_word(form.plain)): 1.0}
            own |= {_feature(_LETTERS, hash_word(gram)): _WEIGHTS[_LETTERS] for gram in sorted(grams)}
            known = self._words[row] = Word(meaning, tuple(own.items()), form.qualifier)
        return known

    def features(self, rows: Sequence[int], heading: Sequence[str], previous: Sequence[int]) -> dict[int, float]:
        """The features of a clause, as index below `N_FEATURES` → value; their squares sum to one."""
        words = [self.word(row) for row in rows]
        found: dict[int, float] = {}
        for word in words:
            found.update(word.own)
        for name in heading:
            key = self._headings.setdefault(name, hash_word(name))
            found[_feature(_HEADING, key)] = 1.0
            found.update((_feature(_HEADED, key, word.meaning), 1.0) for word in words)
        telling = [word.meaning for word in words if not word.qualifier]
        for first, second in pairwise([_START, *telling, _STOP]):
            found[_feature(_PAIR, first, second)] = 1.0
        for first, second in combinations(sorted(telling[:_LONGEST_PAIRED]), 2):
            found[_feature(_BAG, first, second)] = _WEIGHTS[_BAG]
        for row in previous:
            found.setdefault(_feature(_BEFORE, self.word(row).meaning), _WEIGHTS[_BEFORE])
        length = sqrt(sum(value * value for value in found.values())) or 1.0
        return {feature: value / length for feature, value in found.items()}

    def of(self, clause: Clause) -> dict[int, float]:
        """The features of ``clause``."""
        return self.features(clause.rows, clause.heading, clause.previous)
