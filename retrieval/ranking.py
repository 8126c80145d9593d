"""Diseases for findings: how well each disease of the graph explains a case."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kg import Case, Curie, Snapshot

from .errors import NothingToRank
from .explanation import Explainer, Terms
from .likelihood import FindingLikelihood
from .patient import PatientLikelihood
from .ranked import Contribution, RankedDisease, Ranking
from .ranking_index import RankingIndex, build_index, open_index, reweighted, write_index
from .ranking_settings import DEFAULT, RankingSettings
from .sufficiency import sufficiency
from .withholding import Amended
from .withholding import withhold as without

_KNOWN_FINDINGS = 20_000

Scores = npt.NDArray[np.float64]


class DiseaseRanker:
    """Ranks the diseases that have a phenotype annotation, one entry per fused concept."""

    def __init__(self, snapshot: Snapshot, index: RankingIndex) -> None:
        self._snapshot, self._index = snapshot, index
        self._settings = index.settings
        self._likelihood = FindingLikelihood(index)
        self._patient = PatientLikelihood(snapshot, index.axes.diseases, index.settings)
        self.diseases: tuple[Curie, ...] = tuple(snapshot.curie_at(int(place)) for place in index.axes.diseases)
        self._term = {int(position): term for term, position in enumerate(index.axes.terms)}
        self._find_term = lru_cache(maxsize=_KNOWN_FINDINGS)(self._resolve_term)
        self._place = {curie: place for place, curie in enumerate(self.diseases)}

    @classmethod
    def from_snapshot(cls, snapshot: Snapshot, settings: RankingSettings = DEFAULT) -> DiseaseRanker:
        """A ranker that computes its index in memory, in some seconds."""
        return cls(snapshot, build_index(snapshot, settings))

    @staticmethod
    def build(snapshot: Snapshot, folder: Path) -> None:
        """Write the index of a graph into ``folder``, whole or not at all."""
        write_index(build_index(snapshot), snapshot.version, folder)

    @classmethod
    def open(cls, snapshot: Snapshot, folder: Path, settings: RankingSettings = DEFAULT) -> DiseaseRanker:
        """A ranker over an index that `build` wrote.

        Raises:
            RankingIndexDamaged: the index is missing, incomplete or belongs to another graph.
        """
        return cls(snapshot, open_index(folder, snapshot.version, settings))

    def under(self, settings: RankingSettings) -> DiseaseRanker:
        """A ranker over the same graph with other settings."""
        return DiseaseRanker(self._snapshot, reweighted(self._index, self._snapshot, settings))

    def rank(self, case: Case, top: int | None = 100, withhold: Collection[str] = (), explain: int = 0) -> Ranking:
        """The ``top`` diseases for a case, all for ``None``; the first ``explain`` of them with their contributions.

        Annotations whose references are all among ``withhold`` (``PMID:…``) are ignored.

        Raises:
            NothingToRank: no finding is a phenotype of the graph.
        """
        if not self.diseases:
            return Ranking((), 0)
        amended = self._amended(withhold)
        scores = self._scores(case, amended, withhold)
        order = np.argsort(-scores, kind="stable")[:top]
        temperature = self.temperature(case)
        probabilities = self.probabilities(scores, temperature)
        reasons = self._explain(case, amended, order[:explain])
        return Ranking(
            tuple(
                RankedDisease(
                    self.diseases[place],
                    float(scores[place]),
                    float(probabilities[place]),
                    rank,
                    reasons.get(place, ()),
                )
                for rank, place in enumerate(map(int, order), 1)
            ),
            len(scores),
            temperature,
            sufficiency(probabilities),
        )

    def contributions(self, case: Case, disease: Curie, withhold: Collection[str] = ()) -> tuple[Contribution, ...]:
        """What each finding adds to the score of a disease, by canonical identifier; empty if it is not ranked."""
        place = self._place.get(disease)
        if place is None:
            return ()
        return self._explain(case, self._amended(withhold), np.array([place]))[place]

    def explain(
        self, case: Case, diseases: Iterable[Curie], withhold: Collection[str] = ()
    ) -> dict[Curie, tuple[Contribution, ...]]:
        """`contributions` of several diseases at once; those that are not ranked are left out."""
        places = [self._place[disease] for disease in diseases if disease in self._place]
        found = self._explain(case, self._amended(withhold), np.array(places, dtype=np.int64))
        return {self.diseases[place]: reasons for place, reasons in found.items()}

    def withheld_rows(self, withhold: Collection[str]) -> frozenset[int]:
        """Snapshot rows of the annotations, of findings and onset, whose references are all among these."""
        if not withhold:
            return frozenset()
        amended = self._amended(withhold)
        findings = [] if amended is None else amended.rows.tolist()
        return frozenset([*findings, *self._patient.hidden_rows(withhold).tolist()])

    def scores(self, case: Case, withhold: Collection[str] = ()) -> Scores:
        """Score of every disease, in the order of `diseases`; higher is better."""
        return self._scores(case, self._amended(withhold), withhold)

    @property
    def index(self) -> RankingIndex:
        """What the ranking knows of the graph."""
        return self._index

    def amended(self, withhold: Collection[str]) -> Amended | None:
        """What changes in the index without the annotations whose references are all withheld."""
        return self._amended(withhold)

    def probabilities(self, scores: Scores, temperature: float) -> Scores:
        """Scores as shares that sum to 1, all diseases being as likely before anything was found."""
        scaled = (scores - scores.max()) / temperature
        shares = np.exp(scaled)
        return np.asarray(shares / shares.sum())

    def temperature(self, case: Case) -> float:
        """What divides the scores of a case before they become probabilities."""
        return self._settings.temperature_of(len(self._terms(case).observed))

    def _scores(self, case: Case, amended: Amended | None, withhold: Collection[str]) -> Scores:
        terms = self._terms(case)
        if not terms.observed and not terms.excluded and not terms.denied:
            raise NothingToRank(case.id)
        total = np.zeros(len(self.diseases))
        for log_ratio in self._likelihood.observed(list(terms.observed.values()), amended):
            total += log_ratio
        for term in terms.excluded.values():
            total += self._likelihood.excluded(term, amended)
        for log_ratio in self._patient.log_ratios(case, withhold).values():
            total += log_ratio
        for term in terms.denied.values():
            total += self._likelihood.denied(term, amended)
        return total - len(terms.observed) * self._likelihood.penalties(amended)

    def _terms(self, case: Case) -> Terms:
        denied = set(case.denied)
        found = (
            dict(term for finding in findings if (term := self._find_term(finding)) is not None)
            for findings in (case.observed, [c for c in case.excluded if c not in denied], case.denied)
        )
        return Terms(*found)

    def _resolve_term(self, finding: Curie) -> tuple[Curie, int] | None:
        """The identifier that a finding resolves to and its term, if it is a phenotype of the graph."""
        curie = self._snapshot.resolve(finding)
        term = None if curie is None else self._term.get(self._snapshot.position(curie))
        return None if curie is None or term is None else (curie, term)

    def _amended(self, withhold: Collection[str]) -> Amended | None:
        return without(self._index, self._snapshot.columns, withhold)

    def _explain(
        self, case: Case, amended: Amended | None, places: npt.NDArray[np.int64]
    ) -> dict[int, tuple[Contribution, ...]]:
        terms = self._terms(case)
        return Explainer(self._snapshot, self._index, self._likelihood, terms, places, amended).explain()
