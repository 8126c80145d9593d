"""The differential: ranked diseases for a case, each checked by the graph rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg import Case, Curie, DiagnosisChecker, RuleResult, Severity, Snapshot, Verdict, prefix_of
from retrieval import RankedDisease

from .timing import Stopwatch

if TYPE_CHECKING:
    from retrieval import DiseaseRanker

_CLINICAL_PREFIXES = ("OMIM", "ORPHA", "DECIPHER", "MONDO")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One candidate disease with the verdict of every rule.

    ``id`` is the identifier clinicians use (OMIM before ORPHA), ``equivalents`` are all others that mean exactly the
    same.
    """

    id: Curie
    label: str
    equivalents: tuple[Curie, ...]
    ranked: RankedDisease
    rules: tuple[RuleResult, ...]

    @property
    def violations(self) -> tuple[RuleResult, ...]:
        """The rules that speak against it."""
        return tuple(result for result in self.rules if result.verdict is Verdict.VIOLATED)

    @property
    def is_contradicted(self) -> bool:
        """Whether a rule of major severity is violated."""
        return any(result.severity is Severity.MAJOR for result in self.violations)


@dataclass(frozen=True, slots=True)
class Differential:
    """Ranked, checked diseases for one case. ``compared`` is how many diseases were ranked in all."""

    case: Case
    diagnoses: tuple[Diagnosis, ...]
    compared: int
    kg_version: str
    timings_ms: dict[str, float]


class Diagnostician:
    """Makes differentials from one snapshot. Ranking and rules need no language model."""

    def __init__(self, snapshot: Snapshot, ranker: "DiseaseRanker", checker: DiagnosisChecker) -> None:
        self._snapshot, self._ranker, self._checker = snapshot, ranker, checker

    def differential(
        self, case: Case, top: int = 100, *, withhold_own_publications: bool = False, explain: int = 0
    ) -> Differential:
        """The ``top`` diseases, the first ``explain`` of them with what each finding contributed.

        Raises:
            NothingToRank: no finding of the case is a phenotype of the graph.
        """
        watch = Stopwatch()
        withheld = case.publications if withhold_own_publications else ()
        with watch.step("ranking"):
            ranking = self._ranker.rank(case, top, withheld, explain=explain)
        with watch.step("rules"):
            diseases = [entry.disease for entry in ranking.diseases]
            results = list(self._checker.check(case, diseases))
        pairs = zip(ranking.diseases, results, strict=True)
        diagnoses = tuple(self._diagnosis(entry, checked) for entry, checked in pairs)
        return Differential(case, diagnoses, ranking.compared, self._snapshot.version, watch.timings_ms())

    def _diagnosis(self, entry: RankedDisease, rules: tuple[RuleResult, ...]) -> Diagnosis:
        concept = self._snapshot.concept(entry.disease)
        same = (concept.curie, *concept.equivalents)
        chosen = clinical_id(same)
        return Diagnosis(chosen, concept.label, tuple(curie for curie in same if curie != chosen), entry, rules)


def clinical_id(equivalents: Sequence[Curie]) -> Curie:
    """The identifier that case reports use: OMIM before ORPHA, DECIPHER and MONDO; the first of equals."""
    ranks = {prefix: rank for rank, prefix in enumerate(_CLINICAL_PREFIXES)}
    return min(equivalents, key=lambda curie: (ranks.get(prefix_of(curie), len(ranks)), equivalents.index(curie)))
