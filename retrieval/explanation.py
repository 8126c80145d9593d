"""Why a disease has its score: each finding's share, the annotation it was compared with and the facts behind that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kg import Curie, FindingStatus, Snapshot

from .likelihood import FindingLikelihood
from .profiles import Floats, Ints
from .ranked import Contribution, Relation
from .ranking_index import RankingIndex
from .withholding import Amended

_LEAST_LIFT = 2.0
"""A common ancestor explains something if the disease has it at least so many times as often as the background."""


@dataclass(frozen=True, slots=True)
class _Stated:
    """What one disease is annotated with: terms, their frequencies, and bool (n_entries, n_terms) ancestors of each."""

    terms: Ints
    values: Floats
    reach: npt.NDArray[np.bool_]

    def most_frequent(self, term: int) -> int | None:
        """The most frequent entry that is ``term`` or more specific; ``term`` itself wins a tie."""
        below = np.flatnonzero(self.reach[:, term])
        if not len(below):
            return None
        return int(max(below, key=lambda entry: (self.values[entry], self.terms[entry] == term, -entry)))

    def frequencies(self, terms: Ints) -> Floats:
        """How frequent each term or anything more specific is; zero where the disease has nothing of it."""
        weighted = np.where(self.reach[:, terms], self.values[:, None], np.float32(0))
        return np.asarray(weighted.max(axis=0, initial=0.0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Terms:
    """The usable findings of a case: identifier to term on the axes; ``denied`` were excluded when asked for."""

    observed: Mapping[Curie, int]
    excluded: Mapping[Curie, int]
    denied: Mapping[Curie, int]


class Explainer:
    """Explains the scores of one case under one set of withheld annotations."""

    def __init__(
        self,
        snapshot: Snapshot,
        index: RankingIndex,
        likelihood: FindingLikelihood,
        terms: Terms,
        diseases: Ints,
        amended: Amended | None,
    ) -> None:
        self._snapshot, self._index, self._likelihood, self._amended = snapshot, index, likelihood, amended
        self._terms, self._diseases = terms, diseases
        self._penalties = likelihood.penalties(amended)
        places = list(terms.observed.values())
        self._observed_ratios = [found[diseases] for found in likelihood.observed(places, amended)]
        self._excluded_ratios = [likelihood.excluded(term, amended)[diseases] for term in terms.excluded.values()]
        self._denied_ratios = [likelihood.denied(term, amended)[diseases] for term in terms.denied.values()]

    def explain(self) -> dict[int, tuple[Contribution, ...]]:
        """For each disease, by its index on the axes, the contributions to its score; they sum to it."""
        return {int(disease): tuple(self._explain(at, int(disease))) for at, disease in enumerate(self._diseases)}

    def _explain(self, at: int, disease: int) -> Iterator[Contribution]:
        stated = self._stated(disease)
        for (finding, term), ratios in zip(self._terms.observed.items(), self._observed_ratios, strict=True):
            yield self._observed(disease, stated, finding, term, float(ratios[at]))
        for (finding, term), ratios in zip(self._terms.excluded.items(), self._excluded_ratios, strict=True):
            yield from self._excluded(disease, stated, finding, term, float(ratios[at]))
        for (finding, term), ratios in zip(self._terms.denied.items(), self._denied_ratios, strict=True):
            matched = stated.most_frequent(term)
            facts = () if matched is None else self._facts(disease, stated, matched)
            relation = Relation.SILENT if matched is None else Relation.EXCLUDED
            yield Contribution(finding, FindingStatus.EXCLUDED, float(ratios[at]), relation, *facts)

    def _observed(self, disease: int, stated: _Stated, finding: Curie, term: int, whole: float) -> Contribution:
        ratio = whole - float(self._penalties[disease])
        matched, own = self._closest(term, stated)
        smoothed = float(self._likelihood.smoothed(np.array(own, dtype=np.float32)))
        from_relatives = bool(np.exp(whole) > 2 * smoothed)
        if matched is None or from_relatives:
            relation = Relation.RELATIVES if from_relatives else Relation.SILENT
            return Contribution(finding, FindingStatus.OBSERVED, ratio, relation)
        facts = self._facts(disease, stated, matched)
        return Contribution(finding, FindingStatus.OBSERVED, ratio, self._relation(term, stated, matched), *facts)

    def _excluded(
        self, disease: int, stated: _Stated, finding: Curie, term: int, total: float
    ) -> Iterator[Contribution]:
        matched = stated.most_frequent(term)
        if matched is not None:
            facts = self._facts(disease, stated, matched)
            penalty = self._likelihood.absence_penalty(facts[1])
            total -= penalty
            yield Contribution(finding, FindingStatus.EXCLUDED, penalty, Relation.EXCLUDED, *facts)
        yield Contribution(finding, FindingStatus.EXCLUDED, total, Relation.LOOKED_FOR)

    def _closest(self, term: int, stated: _Stated) -> tuple[int | None, float]:
        """The entry that explains ``term`` best, unless what they share is common; and the own ratio."""
        above, share = self._likelihood.levels(term)
        lift = stated.frequencies(above) / self._likelihood.background[above]
        best = int(np.argmax(share * lift))
        level = int(above[best])
        trivial = level != term and lift[best] < _LEAST_LIFT
        return (None if trivial else stated.most_frequent(level)), float((share * lift).sum())

    def _relation(self, term: int, stated: _Stated, matched: int) -> Relation:
        other = int(stated.terms[matched])
        if other == term:
            return Relation.EXACT
        if stated.reach[matched, term]:
            return Relation.ANNOTATION_MORE_SPECIFIC
        above, _ = self._likelihood.levels(term)
        return Relation.ANNOTATION_MORE_GENERAL if other in above else Relation.RELATED

    def _facts(self, disease: int, stated: _Stated, matched: int) -> tuple[Curie, float, tuple[int, ...]]:
        """Identifier and frequency of an entry, and the snapshot rows that state it, without those withheld."""
        term = int(stated.terms[matched])
        found, columns = self._index.annotations, self._snapshot.columns
        first, last = np.searchsorted(found.disease, [disease, disease + 1])
        rows = found.row[first:last][found.term[first:last] == term]
        rows = rows[columns.negated[rows] == 0]
        if self._amended is not None:
            rows = np.setdiff1d(rows, self._amended.rows)
        curie = self._snapshot.curie_at(int(self._index.axes.terms[term]))
        return curie, float(stated.values[matched]), tuple(map(int, rows))

    def _stated(self, disease: int) -> _Stated:
        matrix, row = self._index.stated, disease
        if self._amended is not None and disease in self._amended.diseases:
            matrix, row = self._amended.stated, int(np.searchsorted(self._amended.diseases, disease))
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        terms = np.asarray(matrix.indices[part], dtype=np.int64)
        return _Stated(terms, np.asarray(matrix.data[part]), self._index.axes.ancestors[terms].toarray())
