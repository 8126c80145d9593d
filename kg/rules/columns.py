"""Rules over the columns of the snapshot: what the queries of the same rule say, for many diseases at once.

Tests hold each equal to its queries on made-up graphs. Which thresholds, messages and severities there are is data.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ..case import Case
from ..fact import Predicate, Sex
from ..onset import ONSET_RANGES
from ..shard import PREDICATES
from ..snapshot import Snapshot
from .case_graph import affected_by, age_in_words, frequency_at, pooled_shares
from .queries import Outcome
from .rule import Verdict

_SETTINGS = Mapping[str, Any]
_NOT_APPLICABLE = Outcome(Verdict.NOT_APPLICABLE, {})
_UNKNOWN = Outcome(Verdict.UNKNOWN, {})
_OPEN = {"open": ""}
"""Says that the answer to the rule's question would decide."""

_ROOT = "HP:0000118"  # phenotypic abnormality
_X_LINKED_RECESSIVE, _Y_LINKED, _MALE_LIMITED, _FEMALE_LIMITED = "HP:0001419", "HP:0001450", "HP:0001475", "HP:0034344"
_AUTOSOMAL = frozenset({"HP:0000006", "HP:0000007"})
_X_LINKED = frozenset({"HP:0001417", _X_LINKED_RECESSIVE, "HP:0001423"})


class CaseView:
    """A case as concept positions, with the closures that rules compare; ``ranked`` are the candidates, best first."""

    def __init__(self, case: Case, snapshot: Snapshot, ranked: Sequence[int] = ()) -> None:
        self.case, self.snapshot = case, snapshot
        self.rank = {disease: rank for rank, disease in reversed(list(enumerate(ranked, 1)))}
        self._observed = list(map(snapshot.position, case.observed))
        self._excluded = list(map(snapshot.position, case.excluded))
        self.genes = frozenset(map(snapshot.position, case.genes))
        self.affected_by = affected_by(case)

    @cached_property
    def excluded_below(self) -> frozenset[int]:
        """Excluded findings and all below them."""
        return frozenset(
            place for each in self._excluded for place in self.snapshot.descendant_positions(each).tolist()
        )

    @cached_property
    def observed_above(self) -> Mapping[int, list[int]]:
        """Observed findings and all above them -> the observed findings below each."""
        found = defaultdict(list)
        for observed in self._observed:
            for above in self.snapshot.ancestor_positions(observed).tolist():
                found[above].append(observed)
        return found

    @cached_property
    def observed_related(self) -> frozenset[int]:
        """Everything above or below an observed finding."""
        below = (place for each in self._observed for place in self.snapshot.descendant_positions(each).tolist())
        return frozenset(below) | self.observed_above.keys()

    @cached_property
    def forms(self) -> Mapping[int, list[int]]:
        """Ranked disease -> the ranked diseases above or below it in the hierarchy."""
        found = defaultdict(list)
        for disease in self.rank:
            for above in self.snapshot.ancestor_positions(disease).tolist():
                if above != disease and above in self.rank:
                    found[disease].append(above)
                    found[above].append(disease)
        return found

    @property
    def sex_word(self) -> str:
        """The sex as an adjective."""
        return {Sex.FEMALE: "female", Sex.MALE: "male"}.get(self.case.sex, "of unknown sex")


class DiseaseView:
    """What the graph records about one disease, as rows and positions; ``hidden`` rows count as missing."""

    def __init__(self, snapshot: Snapshot, position: int, hidden: frozenset[int] = frozenset()) -> None:
        self.snapshot, self.position = snapshot, position
        self.label = snapshot.label_at(position)
        columns = snapshot.columns
        found = snapshot.rows_from(position)
        first, last = found.start, found.stop
        predicate = columns.predicate[first:last]

        def rows(wanted: Predicate) -> list[int]:
            found = np.flatnonzero(predicate == PREDICATES.index(wanted)) + first
            return [row for row in found.tolist() if row not in hidden] if hidden else found.tolist()

        def positive(wanted: Predicate) -> list[tuple[int, int]]:
            return [(row, int(columns.object[row])) for row in rows(wanted) if not columns.negated[row]]

        phenotypes = rows(Predicate.HAS_PHENOTYPE)
        self.phenotypes = [(row, int(columns.object[row]), bool(columns.negated[row])) for row in phenotypes]
        self.known = {finding for _, finding, negated in self.phenotypes if not negated}
        self.pooled = pooled_shares(snapshot, phenotypes)
        self.modes = [(row, snapshot.curie_at(mode)) for row, mode in positive(Predicate.HAS_INHERITANCE)]
        self.onsets = [
            (row, course, *ONSET_RANGES[snapshot.curie_at(course)])
            for row, course in positive(Predicate.HAS_CLINICAL_COURSE)
            if snapshot.curie_at(course) in ONSET_RANGES
        ]
        to = snapshot.rows_to(position)
        to = to[columns.predicate[to] == PREDICATES.index(Predicate.GENE_OF_DISEASE)]
        self.genes = [(int(row), int(columns.subject[row])) for row in to if not columns.negated[row]]

    def frequency(self, row: int) -> str | None:
        """The frequency in one row, as it is written in a sentence."""
        return frequency_at(self.snapshot, row)

    def named(self, positions: Iterable[int]) -> str:
        """Labels of concepts, sorted and joined."""
        return _joined(self.snapshot.label_at(position) for position in positions)


def _joined(texts: Iterable[str]) -> str:
    return ", ".join(sorted(set(texts)))


def _rows(rows: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(rows)))


def _denied_finding(case: CaseView, disease: DiseaseView, settings: _SETTINGS) -> Outcome:
    """An excluded finding of a certain frequency; what else was excluded, another rule is about."""
    violated = _denied(case, disease, settings)
    if not violated:
        return _NOT_APPLICABLE
    return Outcome(Verdict.VIOLATED, {"what": _joined(violated.values())}, _rows(violated))


def _excluded_finding(case: CaseView, disease: DiseaseView, settings: _SETTINGS) -> Outcome:
    if not case.case.excluded:
        return _NOT_APPLICABLE
    violated = _denied(case, disease, settings)
    if violated:
        return Outcome(Verdict.VIOLATED, {"what": _joined(violated.values())}, _rows(violated))
    told = [item for item in disease.phenotypes if item[1] in case.excluded_below]
    decided = [row for row, finding, negated in told if negated or finding in disease.pooled]
    return Outcome(Verdict.SATISFIED, {}, _rows(decided)) if decided else _UNKNOWN


def _denied(case: CaseView, disease: DiseaseView, settings: _SETTINGS) -> dict[int, str]:
    """Rows of the excluded findings that the disease has as often as the settings say, each in words."""
    told = [item for item in disease.phenotypes if item[1] in case.excluded_below]
    violated = {}
    for row, finding, negated in told:
        share, patients = disease.pooled.get(finding, (0.0, 0.0))
        usual = settings["at_least"] <= share <= settings["at_most"] and patients >= settings["min_patients"]
        if usual and not negated and (frequency := disease.frequency(row)) is not None:
            violated[row] = f"{disease.snapshot.label_at(finding)} ({frequency})"
    return violated


def _negated_finding(case: CaseView, disease: DiseaseView, settings: _SETTINGS) -> Outcome:
    if not case.case.observed:
        return _NOT_APPLICABLE
    rows, seen = [], []
    for row, finding, negated in disease.phenotypes:
        few = finding in disease.pooled and disease.pooled[finding][1] < settings["min_patients"]
        if negated and not few and finding not in disease.known and finding in case.observed_above:
            rows.append(row)
            seen += case.observed_above[finding]
    if rows:
        return Outcome(Verdict.VIOLATED, {"finding": disease.named(seen)}, _rows(rows))
    return Outcome(Verdict.SATISFIED, {}) if disease.known else _UNKNOWN


def _explained_findings(case: CaseView, disease: DiseaseView, settings: _SETTINGS) -> Outcome:
    rows = [
        row
        for row, finding, negated in disease.phenotypes
        if not negated and finding in case.observed_related and disease.snapshot.curie_at(finding) != _ROOT
    ]
    if rows:
        return Outcome(Verdict.SATISFIED, _OPEN, _rows(rows))
    return Outcome(Verdict.VIOLATED, _OPEN) if disease.known else _UNKNOWN


def _sex_limited(case: CaseView, disease: DiseaseView, settings: _SETTINGS) -> Outcome:
    modes = {mode for _, mode in disease.modes}
    limits = {_Y_LINKED: Sex.MALE, _MALE_LIMITED: Sex.MALE, _FEMALE_LIMITED: Sex.FEMALE}
    limiting = {mode for mode in modes & limits.keys() if mode != _Y_LINKED or not modes & (_AUTOSOMAL | _X_LINKED)}
    if not limiting:
        return _NOT_APPLICABLE
    inheritance = _joined(map(disease.snapshot.label, limiting))
    if case.case.sex not in (Sex.FEMALE, Sex.MALE):
        return Outcome(Verdict.UNKNOWN, {"inheritance": inheritance})
    against = [(row, mode) for row, mode in disease.modes if limits.get(mode, case.case.sex) is not case.case.sex]
    verdict = Verdict.VIOLATED if against else Verdict.SATISFIED
    told = against or [(row, mode) for row, mode in disease.modes if mode in limits]
    labels = _joined(disease.snapshot.label(mode) for mode in limiting | {mode for _, mode in told})
    return Outcome(verdict, {"inheritance": labels}, _rows(row for row, _ in told))


def _x_linked_recessive(case: CaseView, disease: DiseaseView, settings: _SETTINGS) -> Outcome:
    modes = {mode for _, mode in disease.modes}
    others = (_AUTOSOMAL | _X_LINKED | {_Y_LINKED}) - {_X_LINKED_RECESSIVE}
    if _X_LINKED_RECESSIVE not in modes or modes & others:
        return _NOT_APPLICABLE
    if case.case.sex not in (Sex.FEMALE, Sex.MALE):
        return _UNKNOWN
    verdict = Verdict.VIOLATED if case.case.sex is Sex.FEMALE else Verdict.SATISFIED
    return Outcome(verdict, {}, _rows(row for row, mode in disease.modes if mode == _X_LINKED_RECESSIVE))


def _onset_too_early(case: CaseView, disease: DiseaseView, settings: _SETTINGS) -> Outcome:
    if not disease.onsets:
        return _UNKNOWN
    if case.affected_by is None:
        return Outcome(Verdict.UNKNOWN, _OPEN)
    fits = [item for item in disease.onsets if item[2] <= case.affected_by + settings["slack_years"]]
    told = fits or disease.onsets
    slots = {"age": age_in_words(case.affected_by), "onset": _onset_names(disease, told)}
    return Outcome(Verdict.SATISFIED if fits else Verdict.VIOLATED, slots, _rows(row for row, *_ in told))


def _onset_too_late(case: CaseView, disease: DiseaseView, settings: _SETTINGS) -> Outcome:
    if case.case.onset_years is None:
        return _NOT_APPLICABLE
    if not disease.onsets:
        return _UNKNOWN
    fits = [item for item in disease.onsets if item[3] + settings["slack_years"] >= case.case.onset_years]
    told = fits or disease.onsets
    verdict = Verdict.SATISFIED if fits else Verdict.VIOLATED
    return Outcome(verdict, {"onset": _onset_names(disease, told)}, _rows(row for row, *_ in told))


def _onset_names(disease: DiseaseView, told: Iterable[tuple[int, int, float, float]]) -> str:
    return _joined(disease.snapshot.label_at(course).lower() for _, course, _, _ in told)


def _gene(case: CaseView, disease: DiseaseView, settings: _SETTINGS) -> Outcome:
    if not case.genes:
        return _NOT_APPLICABLE
    slots = {"case_gene": disease.named(case.genes)}
    if not disease.genes:
        return Outcome(Verdict.UNKNOWN, slots)
    shared = [(row, gene) for row, gene in disease.genes if gene in case.genes]
    told = shared or disease.genes
    slots["genes"] = disease.named(gene for _, gene in told)
    return Outcome(Verdict.SATISFIED if shared else Verdict.VIOLATED, slots, _rows(row for row, _ in told))


def _inheritance(case: CaseView, disease: DiseaseView, settings: _SETTINGS) -> Outcome:
    suggested = case.case.inheritance
    if not suggested:
        return _NOT_APPLICABLE
    label, is_a = disease.snapshot.label, disease.snapshot.is_a
    slots = {"suggested": _joined(map(label, suggested))}
    if not disease.modes:
        return Outcome(Verdict.UNKNOWN, slots)
    fits = [
        (row, mode) for row, mode in disease.modes if any(is_a(mode, each) or is_a(each, mode) for each in suggested)
    ]
    told = fits or disease.modes
    slots["inheritance"] = _joined(label(mode) for _, mode in told)
    return Outcome(Verdict.SATISFIED if fits else Verdict.VIOLATED, slots, _rows(row for row, _ in told))


def _named_above(case: CaseView, disease: DiseaseView, settings: _SETTINGS) -> Outcome:
    rank = case.rank.get(disease.position, 0)
    if rank <= 1:
        return _NOT_APPLICABLE
    above = [other for other in case.forms.get(disease.position, ()) if case.rank[other] < rank]
    if not above:
        return Outcome(Verdict.SATISFIED, {})
    instead = tuple(sorted({disease.snapshot.curie_at(each) for each in above}))
    return Outcome(Verdict.VIOLATED, {"instead": disease.named(above)}, (), instead)


COLUMNS: Mapping[str, Callable[[CaseView, DiseaseView, _SETTINGS], Outcome]] = {
    "denied_finding": _denied_finding,
    "excluded_finding": _excluded_finding,
    "negated_finding": _negated_finding,
    "explained_findings": _explained_findings,
    "sex_limited": _sex_limited,
    "x_linked_recessive": _x_linked_recessive,
    "onset_too_early": _onset_too_early,
    "onset_too_late": _onset_too_late,
    "gene": _gene,
    "inheritance": _inheritance,
    "named_above": _named_above,
}
"""Name, as rules use it, to the implementation."""
