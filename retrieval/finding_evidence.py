"""What speaks for each finding that a clause of an examination may name, as one table for all clauses of a text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .assertion import Status
from .examination import Clause
from .finding_model import EVIDENCE, LEAST_SCORE
from .finding_names import Matches
from .linker import Link
from .mention import Assertion
from .normalise import word_tables
from .windows import WordTable

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

_ASSERTED = {Assertion.PRESENT: 1.0, Assertion.ABSENT: -1.0}
_BY_NAME, _BY_WORDING, _BY_SCORE = 10, 6, 8  # candidates of a clause
_LAST_RANK = 20
_LEAST_FIT = 0.35
_CLOSE_FIT = 0.6
_NO_KIND = 6


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of the linear model that are not too low: piece, concept row, score."""

    piece: Ints
    concept: Ints
    score: Floats


@dataclass(frozen=True, slots=True)
class NamedMatches:
    """Matches with the concept row of each name and its kind."""

    matches: Matches
    concept: Ints
    kind: Ints


@dataclass(frozen=True, slots=True)
class Linked:
    """What the rules link in a clause: ``at`` is a position in the links, ``concept`` a row of the lexicon."""

    clause: int
    concept: int
    at: int


@dataclass(frozen=True, slots=True)
class Candidates:
    """Findings that clauses may name; ``at`` is the position of a link or -1, ``evidence`` ``(n, len(EVIDENCE))``."""

    clause: Ints
    concept: Ints
    at: Ints
    evidence: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Cut:
    """The pieces of clauses: the clause of each, and whether it is the whole clause."""

    clause: Ints
    whole: NDArray[np.bool_]


Count: TypeAlias = Callable[[Ints, Ints], Floats]
"""Clauses and concept rows → how often each concept stood in the notes that were learned from."""


@lru_cache(maxsize=1)
def _denials() -> frozenset[str]:
    return frozenset(word_tables()["denials"]["words"])


class _Best:
    """The best value of each candidate of a clause, its rank there and the best one of the clause."""

    def __init__(self, key: Ints, value: Floats, most: int, n_concepts: int) -> None:
        order = np.lexsort((-value, key))
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = key[order][1:] != key[order][:-1]
        self.row = order[first]
        key, value = key[self.row], value[self.row]
        clause = key // n_concepts
        order = np.lexsort((key, -value, clause))
        begin = np.searchsorted(clause[order], clause[order])
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order)) - begin
        best = np.empty(len(order))
        best[order] = value[order[begin]]
        self.key, self.value, self.rank, self.best = key, value, rank, best
        self.kept = np.flatnonzero(rank < most)
        at, start = np.unique(clause, return_index=True)
        self._clauses, self._best = at, best[start]

    def places(self, keys: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """Where ``keys`` are, and whether they are anywhere."""
        if not len(self.key):
            return np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=np.bool_)
        at = np.minimum(np.searchsorted(self.key, keys), len(self.key) - 1)
        return at, self.key[at] == keys

    def best_of(self, clause: Ints) -> Floats:
        """The best value in each of ``clause``, 0 where there is none."""
        if not len(self._clauses):
            return np.zeros(len(clause))
        at = np.minimum(np.searchsorted(self._clauses, clause), len(self._clauses) - 1)
        return np.where(self._clauses[at] == clause, self._best[at], 0.0)


@dataclass(frozen=True, slots=True)
class Sources:
    """What candidates come from: names of the graph, wordings of notes, scores of the linear model, links."""

    names: NamedMatches
    wordings: NamedMatches
    scores: Scores
    links: Sequence[Linked]


def weigh(
    sources: Sources,
    cut: Cut,
    clauses: Sequence[Clause],
    links: Sequence[Link],
    statuses: Sequence[Status],
    table: WordTable,
    n_concepts: int,
    count: Count,
) -> Candidates:
    """The candidates of all ``clauses`` with their evidence, by clause and concept row."""
    names = _close(sources.names, _LEAST_FIT)
    by_name = _best_matches(names, cut, _BY_NAME, n_concepts)
    by_wording = _best_matches(sources.wordings, cut, _BY_WORDING, n_concepts)
    scores = sources.scores
    score_key = cut.clause[scores.piece] * n_concepts + scores.concept
    by_score = _Best(score_key, scores.score, _BY_SCORE, n_concepts)
    linked = {link.clause * n_concepts + link.concept: link.at for link in sources.links}
    kept_scores = by_score.key[by_score.kept[by_score.value[by_score.kept] >= LEAST_SCORE]]
    linked_keys = np.array(sorted(linked), dtype=np.int64)
    keys = np.unique(
        np.concatenate([by_name.key[by_name.kept], by_wording.key[by_wording.kept], kept_scores, linked_keys])
    )
    clause, concept = keys // n_concepts, keys % n_concepts
    at = np.array([linked.get(key, -1) for key in keys.tolist()], dtype=np.int64)
    whole = cut.whole[scores.piece]
    by_whole = _Best(score_key[whole], scores.score[whole], _BY_SCORE, n_concepts)
    columns = [
        *_scored(by_whole, by_score, keys, clause),
        *_links(at, clause, sources.links, links, statuses),
        np.log1p(count(clause, concept)),
        np.array([len(c.rows) for c in clauses], dtype=np.float64)[clause],
        np.array([_denies(c, table) for c in clauses], dtype=np.float64)[clause],
        *_named(by_name, names, cut, keys, clause),
        *_worded(by_wording, sources.wordings, cut, keys, clause, n_concepts),
    ]
    assert len(columns) == len(EVIDENCE)
    return Candidates(clause, concept, at, np.column_stack(columns).astype(np.float32))


def _close(named: NamedMatches, least: float) -> NamedMatches:
    kept = np.flatnonzero(named.matches.fit >= least)
    return NamedMatches(named.matches[kept], named.concept[kept], named.kind[kept])


def _best_matches(named: NamedMatches, cut: Cut, most: int, n_concepts: int) -> _Best:
    return _Best(cut.clause[named.matches.piece] * n_concepts + named.concept, named.matches.fit, most, n_concepts)


def _denies(clause: Clause, table: WordTable) -> bool:
    return any(table.forms[row].plain in _denials() for row in clause.rows)


def _scored(by_whole: _Best, by_score: _Best, keys: Ints, clause: Ints) -> list[Any]:
    best = by_score.best_of(clause)
    at, found = by_score.places(keys)
    in_part = np.where(found, by_score.value[at] if len(by_score.key) else 0, 0.0)
    rank = np.where(found, np.minimum(by_score.rank[at] if len(by_score.key) else 0, _LAST_RANK), _LAST_RANK)
    at, found = by_whole.places(keys)
    in_whole = np.where(found, by_whole.value[at] if len(by_whole.key) else 0, 0.0)
    return [in_whole, in_part, best, best - in_part, rank]


def _links(
    at: Ints, clause: Ints, inside: Sequence[Linked], links: Sequence[Link], statuses: Sequence[Status]
) -> list[Any]:
    n_clauses = int(clause.max(initial=-1)) + 1
    longest, negated, number = np.ones(n_clauses), np.zeros(n_clauses), np.zeros(n_clauses)
    for link in inside:
        longest[link.clause] = max(longest[link.clause], links[link.at].n_words)
        negated[link.clause] = max(negated[link.clause], float(statuses[link.at].negated))
        number[link.clause] += 1
    has = at >= 0
    score, length, asserted = np.zeros(len(at)), np.zeros(len(at)), np.zeros(len(at))
    for row in np.flatnonzero(has).tolist():
        named = links[int(at[row])]
        score[row], length[row] = named.score, named.n_words / longest[clause[row]]
        asserted[row] = _ASSERTED.get(statuses[int(at[row])].assertion, 0.5)
    return [score, length, asserted, negated[clause], has.astype(np.float64), number[clause]]


def _named(best: _Best, named: NamedMatches, cut: Cut, keys: Ints, clause: Ints) -> list[Any]:
    fit, rank, columns = _matched(best, named, keys)
    at, found = best.places(keys)
    row = best.row[at] if len(best.row) else at
    kind = np.where(found, named.kind[row] if len(best.row) else 0, _NO_KIND)
    whole = np.where(found, cut.whole[named.matches.piece[row]] if len(best.row) else False, False)
    return [fit, *columns, kind, whole.astype(np.float64), best.best_of(clause) - fit, rank]


def _worded(best: _Best, worded: NamedMatches, cut: Cut, keys: Ints, clause: Ints, n_concepts: int) -> list[Any]:
    fit, rank, columns = _matched(best, worded, keys)
    close = worded.matches.fit > _CLOSE_FIT
    key = cut.clause[worded.matches.piece[close]] * n_concepts + worded.concept[close]
    known, times = np.unique(key, return_counts=True)
    at = np.minimum(np.searchsorted(known, keys), max(len(known) - 1, 0))
    worded_often = np.where(known[at] == keys, times[at], 0) if len(known) else np.zeros(len(keys))
    return [fit, *columns[:2], worded_often, best.best_of(clause) - fit, rank]


def _matched(best: _Best, named: NamedMatches, keys: Ints) -> tuple[Floats, Ints, list[Floats]]:
    at, found = best.places(keys)
    if not len(best.key):
        none = np.zeros(len(keys))
        return none, np.full(len(keys), _LAST_RANK), [none, none, none]
    row, m = best.row[at], named.matches
    fit = np.where(found, best.value[at], 0.0)
    rank = np.where(found, np.minimum(best.rank[at], _LAST_RANK), _LAST_RANK)
    return fit, rank, [np.where(found, column[row], 0.0) for column in (m.of_name, m.of_piece, m.of_name_alone)]
