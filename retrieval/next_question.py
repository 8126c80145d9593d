"""What to find out next: the findings whose presence or absence is expected to tell most about the diagnosis.

The worth of a question is its mutual information with the diagnosis (Lindley 1956, doi:10.1214/aoms/1177728069) under
the ranking's probabilities: h(P(yes)) - sum of P(disease) h(P(yes | disease)), h being the entropy of a yes or no. The
best diseases stand for themselves and all others for one more, in which a finding is as frequent as in the background.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kg import Case, Curie, Snapshot

from .case_text import PHENOTYPIC_ABNORMALITY
from .cost import Cost, Costs
from .profiles import propagate

if TYPE_CHECKING:
    from scipy import sparse

    from .ranking import DiseaseRanker

_NOTHING = 1e-6  # bits
_ALIKE = 0.9
"""Of two findings whose frequencies over the candidates correlate more, one is asked for."""

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class QuestionSettings:
    """How questions are chosen and when asking ends; see docs/decisions/016-reports.md for how the values were found.

    ``candidates`` diseases are told apart. ``unexplained`` is the share of findings that annotations cannot explain,
    as in the ranking. Asking ends when no question is worth ``least_bits``, when the first disease has a probability of
    ``settled``, or after ``most_questions``.
    """

    candidates: int = 300
    unexplained: float = 0.2
    least_bits: float = 0.02
    settled: float = 0.9
    most_questions: int = 20


@dataclass(frozen=True, slots=True)
class Separation:
    """A disease that an answer moves. ``frequency`` is the estimated share of its patients with the finding.

    ``if_yes`` and ``if_no`` are what its probability is multiplied with. ``fact_rows`` state the frequency; they are
    empty where nothing is recorded.
    """

    disease: Curie
    frequency: float
    if_yes: float
    if_no: float
    fact_rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NextQuestion:
    """A finding to ask for. ``bits`` is the expected information, ``probability`` how likely it is there.

    ``raises`` are the diseases that a yes makes more probable, ``lowers`` those that it makes less probable, the most
    moved first.
    """

    finding: Curie
    bits: float
    probability: float
    cost: Cost
    raises: tuple[Separation, ...]
    lowers: tuple[Separation, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What can be asked about a case, best first, and how open it is: entropy of the candidates in bits."""

    questions: tuple[NextQuestion, ...]
    entropy_bits: float
    leader: Curie | None
    leader_probability: float


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The best diseases: ``places`` on the axes, ``prior`` with the rest last, and their frequencies by term."""

    places: Places
    prior: Floats
    stated: sparse.csr_array
    present: sparse.csr_array


class QuestionPlanner:
    """Finds the questions of most worth for cases of one graph."""

    def __init__(
        self, snapshot: Snapshot, ranker: DiseaseRanker, settings: QuestionSettings = QuestionSettings()
    ) -> None:
        self._snapshot, self._ranker, self.settings = snapshot, ranker, settings
        self._costs = Costs(snapshot)

    def outlook(
        self,
        case: Case,
        count: int = 5,
        costs: Collection[Cost] = tuple(Cost),
        skip: Collection[Curie] = (),
        withhold: Collection[str] = (),
    ) -> Outlook:
        """The ``count`` best questions of some costs; what is known, implied or to be skipped is not asked for.

        Raises:
            NothingToRank: no finding of the case is a phenotype of the graph.
        """
        found = self._candidates(case, withhold)
        terms = self._askable(case, found, skip)
        if not len(found.places) or not len(terms):
            return self._as_outlook((), found)
        chance = self._chances(found, terms)
        bits = information(found.prior, chance)
        chosen = self._apart(terms, bits, chance, found.prior, count, frozenset(costs))
        return self._as_outlook([self._question(found, terms, chance, bits, at) for at in chosen], found)

    def _as_outlook(self, questions: Sequence[NextQuestion], found: _Candidates) -> Outlook:
        leader = self._ranker.diseases[int(found.places[0])] if len(found.places) else None
        first = float(found.prior[0]) if leader else 0.0
        return Outlook(tuple(questions), float(_entropy(found.prior)), leader, first)

    def is_over(self, outlook: Outlook, asked: int) -> str | None:
        """Why there is nothing more to ask, or ``None``."""
        settings = self.settings
        if outlook.leader_probability >= settings.settled:
            return f"the first diagnosis has a probability of {outlook.leader_probability:.0%}"
        if not outlook.questions or outlook.questions[0].bits < settings.least_bits:
            return "no further question is expected to change the ranking"
        return f"{asked} questions were asked" if asked >= settings.most_questions else None

    def askable(self, case: Case, skip: Collection[Curie] = (), withhold: Collection[str] = ()) -> dict[Curie, float]:
        """Every finding that could be asked for, with its probability; what other orders of questions choose from."""
        found = self._candidates(case, withhold)
        terms = self._askable(case, found, skip)
        yes = found.prior @ self._chances(found, terms)
        positions = self._ranker.index.axes.terms[terms]
        return {self._snapshot.curie_at(int(place)): float(p) for place, p in zip(positions, yes, strict=True)}

    def _candidates(self, case: Case, withhold: Collection[str]) -> _Candidates:
        from scipy import sparse

        scores = self._ranker.scores(case, withhold)
        probabilities = self._ranker.probabilities(scores, self._ranker.temperature(case))
        places = np.argsort(-probabilities, kind="stable")[: self.settings.candidates]
        prior = np.append(probabilities[places], max(0.0, 1.0 - float(probabilities[places].sum())))
        index, amended = self._ranker.index, self._ranker.amended(withhold)
        stated = index.stated[places]
        if amended is not None:
            changed = np.isin(places, amended.diseases)
            dense = stated.toarray()
            dense[changed] = amended.stated[np.searchsorted(amended.diseases, places[changed])].toarray()
            stated = sparse.csr_array(dense)
        return _Candidates(places, prior, stated, propagate(stated, index.axes.ancestors))

    @cached_property
    def _background(self) -> Floats:
        """(n_terms,): how frequent each finding is in the mean disease."""
        present = self._ranker.index.present_by_term
        return np.asarray(present.sum(axis=1), dtype=np.float64).ravel() / present.shape[1]

    @cached_property
    def _abnormal(self) -> npt.NDArray[np.bool_]:
        """(n_terms,): which terms are findings."""
        root = self._snapshot.resolve(PHENOTYPIC_ABNORMALITY)
        if root is None:
            return np.zeros(len(self._ranker.index.axes.terms), dtype=bool)
        below = self._snapshot.descendant_positions(self._snapshot.position(root))
        return np.isin(self._ranker.index.axes.terms, below)

    def _askable(self, case: Case, found: _Candidates, skip: Collection[Curie]) -> Places:
        """Terms that some candidate is annotated with and that the case neither says nor implies."""
        snapshot = self._snapshot
        known: set[int] = set()
        for curie in case.observed:
            known.update(snapshot.ancestor_positions(snapshot.position(curie)).tolist())
        for curie in (*case.excluded, *skip):
            known.update(snapshot.descendant_positions(snapshot.position(curie)).tolist())
        terms = np.unique(found.stated.indices[found.stated.data > 0])
        positions = self._ranker.index.axes.terms[terms]
        return np.asarray(terms[self._abnormal[terms] & ~np.isin(positions, list(known))], dtype=np.int64)

    def _chances(self, found: _Candidates, terms: Places) -> Floats:
        """(n_candidates + 1, n_terms): the chance of each finding in each candidate, and in all others."""
        share, common = self.settings.unexplained, self._background[terms]
        own = found.present[:, terms].toarray()
        return np.vstack([(1 - share) * own + share * common, common])

    def _apart(
        self, terms: Places, bits: Floats, chance: Floats, prior: Floats, count: int, costs: frozenset[Cost]
    ) -> list[int]:
        """The best terms of which none is more specific or more general than another, or tells the same."""
        ancestors = self._ranker.index.axes.ancestors
        positions = self._ranker.index.axes.terms
        chosen: list[int] = []
        around: set[int] = set()
        for at in np.lexsort((terms, -bits)).tolist():
            if len(chosen) == count or bits[at] < _NOTHING:
                break
            term = int(terms[at])
            above = ancestors.indices[ancestors.indptr[term] : ancestors.indptr[term + 1]].tolist()
            if term in around or any(int(terms[other]) in above for other in chosen):
                continue
            if any(_correlation(chance[:, at], chance[:, other], prior) > _ALIKE for other in chosen):
                continue
            if self._costs.of(int(positions[term])) in costs:
                chosen.append(at)
                around.update(above)
        return chosen

    def _question(self, found: _Candidates, terms: Places, chance: Floats, bits: Floats, at: int) -> NextQuestion:
        term = int(terms[at])
        yes = float(found.prior @ chance[:, at])
        position = int(self._ranker.index.axes.terms[term])
        lift = chance[:-1, at] / yes
        fall = (1 - chance[:-1, at]) / (1 - yes)
        moved = found.prior[:-1] * np.abs(lift - fall)
        order = np.lexsort((found.places, -moved)).tolist()
        told = [
            Separation(
                self._ranker.diseases[int(found.places[row])],
                float(found.present[[row], [term]][0]),
                float(lift[row]),
                float(fall[row]),
                self._rows(int(found.places[row]), term),
            )
            for row in [*[r for r in order if lift[r] > 1][:3], *[r for r in order if lift[r] <= 1][:3]]
        ]
        return NextQuestion(
            self._snapshot.curie_at(position),
            float(bits[at]),
            yes,
            self._costs.of(position),
            tuple(item for item in told if item.if_yes > 1),
            tuple(item for item in told if item.if_yes <= 1),
        )

    def _rows(self, disease: int, term: int) -> tuple[int, ...]:
        """The snapshot rows that annotate a disease with a term, or else with something more specific."""
        index, columns = self._ranker.index, self._snapshot.columns
        first, last = np.searchsorted(index.annotations.disease, [disease, disease + 1])
        rows, own = index.annotations.row[first:last], index.annotations.term[first:last]
        said = columns.negated[rows] == 0
        exact = rows[said & (own == term)]
        if len(exact):
            return tuple(map(int, exact))
        below = np.asarray(index.axes.ancestors[own][:, [term]].toarray()).ravel().astype(bool)
        return tuple(map(int, rows[said & below]))


def information(prior: Floats, chance: Floats) -> Floats:
    """(n_terms,) bits that a yes or no is expected to tell about which of the candidates it is.

    Args:
        prior: (n_candidates,) probabilities that sum to 1.
        chance: (n_candidates, n_terms) how likely a yes is in each.
    """
    return _of_yes_or_no(prior @ chance) - prior @ _of_yes_or_no(chance)


def _of_yes_or_no(chance: Floats) -> Floats:
    return _entropy_terms(chance) + _entropy_terms(1 - chance)


def _entropy(shares: Floats) -> float:
    return float(_entropy_terms(shares).sum())


def _entropy_terms(shares: Floats) -> Floats:
    kept = np.clip(shares, 1e-300, 1.0)
    return np.asarray(-kept * np.log2(kept))


def _correlation(one: Floats, other: Floats, weights: Floats) -> float:
    left, right = one - weights @ one, other - weights @ other
    spread = float(np.sqrt((weights @ left**2) * (weights @ right**2)))
    return float(weights @ (left * right)) / spread if spread else 0.0
