"""The differential: ranked diseases for a case, each checked and corrected by the graph rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg import (
    Case,
    CaseChecker,
    Curie,
    DiagnosisChecker,
    Predicate,
    RuleResult,
    Snapshot,
    Verdict,
    bounded_case,
    coherent_case,
    prefix_of,
)
from retrieval import NothingToRank, RankedDisease, Sufficiency

from .correcting import Corrected, MissingFact, corrected, is_contradicted, missing_facts, with_replacements
from .timing import Stopwatch

if TYPE_CHECKING:
    from retrieval import DiseaseRanker

_CLINICAL_PREFIXES = ("OMIM", "ORPHA", "DECIPHER", "MONDO")
_ALSO_CHECKED = 20  # candidates below those shown, which can rise where others are demoted
_ASKED_ABOUT = 10  # diagnoses whose unknown rules are asked about
_TREATMENTS = (Predicate.TREATS, Predicate.APPLIED_TO_TREAT)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One candidate disease with the verdict of every rule.

    ``id`` is the identifier clinicians use (OMIM before ORPHA), ``equivalents`` are all others that mean exactly the
    same. ``ranked`` is its place after the rules: ``penalty`` was taken off its score, and the findings alone gave
    ``rank_by_findings``. ``instead`` is a sibling that no major rule contradicts.
    """

    id: Curie
    label: str
    equivalents: tuple[Curie, ...]
    ranked: RankedDisease
    rules: tuple[RuleResult, ...]
    penalty: float = 0.0
    rank_by_findings: int = 0
    instead: Curie | None = None

    @property
    def violations(self) -> tuple[RuleResult, ...]:
        """The rules that speak against it."""
        return tuple(result for result in self.rules if result.verdict is Verdict.VIOLATED)

    @property
    def is_contradicted(self) -> bool:
        """Whether a rule of major severity is violated."""
        return is_contradicted(self.rules)


@dataclass(frozen=True, slots=True)
class Differential:
    """Ranked, checked diseases for one case.

    ``compared`` is how many diseases were ranked in all. ``case_rules`` are verdicts on the patient and the medicines,
    ``missing`` what would decide rules that are unknown, ``warnings`` what of the case could not be used.
    """

    case: Case
    diagnoses: tuple[Diagnosis, ...]
    compared: int
    kg_version: str
    timings_ms: dict[str, float]
    case_rules: tuple[RuleResult, ...] = ()
    missing: tuple[MissingFact, ...] = ()
    warnings: tuple[str, ...] = ()
    sufficiency: Sufficiency | None = None


class Diagnostician:
    """Makes differentials from one snapshot. Ranking and rules need no language model."""

    def __init__(
        self,
        snapshot: Snapshot,
        ranker: "DiseaseRanker",
        checker: DiagnosisChecker,
        case_checker: CaseChecker | None = None,
    ) -> None:
        self._snapshot, self._ranker, self._checker = snapshot, ranker, checker
        self._case_checker = CaseChecker(snapshot) if case_checker is None else case_checker

    def differential(
        self, case: Case, top: int = 100, *, withhold_own_publications: bool = False, explain: int = 0
    ) -> Differential:
        """The ``top`` diseases, the first ``explain`` of them with what each finding contributed.

        Raises:
            NothingToRank: no finding of the case is a phenotype of the graph.
        """
        watch = Stopwatch()
        bounded, left_out = bounded_case(case)
        usable, contradicted = coherent_case(bounded, self._snapshot)
        warnings = (*left_out, *contradicted)
        withheld = case.publications if withhold_own_publications else ()
        with watch.step("ranking"):
            try:
                ranking = self._ranker.rank(usable, top + _ALSO_CHECKED, withheld)
            except NothingToRank:
                raise NothingToRank(case.id, warnings) from None
        with watch.step("rules"):
            diseases = [entry.disease for entry in ranking.diseases]
            results = list(self._checker.check(usable, diseases, self._ranker.withheld_rows(withheld)))
            placed = corrected(ranking.diseases, results, ranking.temperature)
            placed = with_replacements(placed, self._snapshot)[:top]
            case_rules = self._case_checker.check(bounded)
        with watch.step("explaining"):
            placed = self._explained(usable, placed, explain, withheld)
        asked = [result for item in placed[:_ASKED_ABOUT] for result in item.rules]
        return Differential(
            case,
            tuple(map(self._diagnosis, placed)),
            ranking.compared,
            self._snapshot.version,
            watch.timings_ms(),
            case_rules,
            missing_facts([*asked, *case_rules]),
            warnings,
            ranking.sufficiency,
        )

    def treatments(self, case: Case, disease: Curie) -> dict[Curie, tuple[RuleResult, ...]]:
        """What the rules say of each medicine that is recorded to treat a disease, if this patient were given it.

        Raises:
            UnknownConcept: the graph does not have the disease.
        """
        facts = [fact for predicate in _TREATMENTS for fact in self._snapshot.facts_to(disease, predicate)]
        return self._case_checker.check_drugs(case, [fact.subject for fact in facts if not fact.negated])

    def drugs(self, case: Case, drugs: Iterable[Curie]) -> dict[Curie, tuple[RuleResult, ...]]:
        """What the rules say of each of these medicines, if this patient were given it.

        Raises:
            UnknownConcept: the graph does not have a medicine.
        """
        return self._case_checker.check_drugs(case, drugs)

    def _explained(
        self, case: Case, placed: Sequence[Corrected], explain: int, withheld: Sequence[str]
    ) -> list[Corrected]:
        from dataclasses import replace

        wanted = [item.ranked.disease for item in placed[:explain]]
        reasons = self._ranker.explain(case, wanted, withheld) if wanted else {}
        return [
            replace(item, ranked=replace(item.ranked, contributions=reasons.get(item.ranked.disease, ())))
            for item in placed
        ]

    def _diagnosis(self, item: Corrected) -> Diagnosis:
        concept = self._snapshot.concept(item.ranked.disease)
        same = (concept.curie, *concept.equivalents)
        chosen = clinical_id(same)
        return Diagnosis(
            chosen,
            concept.label,
            tuple(curie for curie in same if curie != chosen),
            item.ranked,
            item.rules,
            item.penalty,
            item.rank_by_findings,
            item.instead,
        )


def clinical_id(equivalents: Sequence[Curie]) -> Curie:
    """The identifier that case reports use: OMIM before ORPHA, DECIPHER and MONDO; the first of equals."""
    ranks = {prefix: rank for rank, prefix in enumerate(_CLINICAL_PREFIXES)}
    return min(equivalents, key=lambda curie: (ranks.get(prefix_of(curie), len(ranks)), equivalents.index(curie)))
