"""Graph rules: patterns over a case and the graph that check a diagnosis.

Which rules there are, how severe and how worded is data (``data/rules.toml``); this module owns the few patterns they
are made of. A rule that cannot be decided is ``unknown``; it never counts as satisfied.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, partial
from importlib import resources
from string import Formatter
from typing import Any

import numpy as np

from .case import Case
from .concept import Curie
from .errors import MalformedRule
from .fact import Predicate, Sex
from .phenopacket import ONSET_YEARS
from .shard import PREDICATES
from .snapshot import Snapshot

_DISEASES_KEPT = 20_000


class Verdict(StrEnum):
    """What a rule says about one diagnosis."""

    SATISFIED = "satisfied"
    VIOLATED = "violated"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"


class Severity(StrEnum):
    """How much a violation weighs."""

    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the rule table. ``settings`` are the pattern's own thresholds and tables."""

    id: str
    pattern: str
    severity: Severity
    messages: Mapping[Verdict, str]
    citation: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The verdict of one rule on one diagnosis, in words; ``fact_rows`` are the snapshot rows it rests on."""

    rule: str
    severity: Severity
    verdict: Verdict
    message: str
    fact_rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a pattern found: a verdict, values for the message's slots, and the fact rows behind it."""

    verdict: Verdict
    slots: Mapping[str, str]
    rows: tuple[int, ...] = ()


def read_rules(text: str | None = None) -> tuple[Rule, ...]:
    """The rules of a TOML text, or those that ship, in file order.

    Raises:
        MalformedRule: the text is not TOML, or a rule lacks a field or setting, or names an unknown pattern or slot.
    """
    if text is None:
        text = (resources.files("data") / "rules.toml").read_text(encoding="utf-8")
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MalformedRule("the rule file", str(error)) from None
    return tuple(_rule(name, fields) for name, fields in tables.items())


def _rule(name: str, fields: dict[str, Any]) -> Rule:
    try:
        messages = {verdict: str(fields.pop(verdict.value.replace(" ", "_"))) for verdict in Verdict}
        severity, citation = Severity(fields.pop("severity")), str(fields.pop("citation"))
        rule = Rule(name, str(fields.pop("pattern")), severity, messages, citation, fields)
        slots = {slot for message in messages.values() for _, slot, _, _ in Formatter().parse(message) if slot}
    except (KeyError, ValueError, AttributeError) as error:
        raise MalformedRule(f"rule {name}", f"{error} is missing or unknown") from None
    if rule.pattern not in PATTERNS:
        raise MalformedRule(f"rule {name}", f"there is no pattern {rule.pattern}; choose from {', '.join(PATTERNS)}")
    if unknown := slots - SLOTS:
        raise MalformedRule(f"rule {name}", f"its message uses the unknown slot {{{sorted(unknown)[0]}}}")
    if missing := SETTINGS.get(rule.pattern, frozenset()) - set(rule.settings):
        raise MalformedRule(f"rule {name}", f"its pattern needs the setting {sorted(missing)[0]}")
    return rule


class DiagnosisChecker:
    """Applies rules to diagnoses; what it reads of a disease is kept for the next case of a batch."""

    def __init__(self, snapshot: Snapshot, rules: tuple[Rule, ...] | None = None) -> None:
        self._snapshot = snapshot
        self.rules = read_rules() if rules is None else rules
        self._disease = lru_cache(maxsize=_DISEASES_KEPT)(partial(_DiseaseView, snapshot))

    def check(self, case: Case, diseases: Iterable[Curie]) -> Iterator[tuple[RuleResult, ...]]:
        """For each disease the verdict of every rule, in rule order.

        Raises:
            UnknownConcept: the graph does not have a disease.
        """
        view = _CaseView(case, self._snapshot)
        for disease in diseases:
            about = self._disease(self._snapshot.position(disease))
            yield tuple(_apply(rule, view, about) for rule in self.rules)


def _apply(rule: Rule, case: "_CaseView", disease: "_DiseaseView") -> RuleResult:
    outcome = PATTERNS[rule.pattern](case, disease, rule.settings)
    slots = _EMPTY_SLOTS | {"disease": disease.label, "sex": case.sex_word} | dict(outcome.slots)
    message = rule.messages[outcome.verdict].format_map(slots)
    return RuleResult(rule.id, rule.severity, outcome.verdict, message, outcome.rows)


class _CaseView:
    """A case as concept positions, with the closures that patterns compare."""

    def __init__(self, case: Case, snapshot: Snapshot) -> None:
        self.case = case
        self.snapshot = snapshot
        self.excluded_below = {
            below: excluded
            for excluded in map(snapshot.position, reversed(case.excluded))
            for below in snapshot.descendant_positions(excluded).tolist()
        }
        self.observed_above = {
            above: observed
            for observed in map(snapshot.position, reversed(case.observed))
            for above in snapshot.ancestor_positions(observed).tolist()
        }
        self.genes = frozenset(map(snapshot.position, case.genes))
        ages = [finding.onset_years for finding in case.findings]
        self.affected_by = min(
            (age for age in (*ages, case.onset_years, case.age_years) if age is not None), default=None
        )

    @property
    def sex_word(self) -> str:
        return {Sex.FEMALE: "female", Sex.MALE: "male"}.get(self.case.sex, "of unknown sex")


class _DiseaseView:
    """What the graph records about one disease, as rows and positions."""

    def __init__(self, snapshot: Snapshot, position: int) -> None:
        self.snapshot = snapshot
        self.label = snapshot.label_at(position)
        columns = snapshot.columns
        first, last = np.searchsorted(columns.subject, [position, position + 1]).tolist()
        predicate = columns.predicate[first:last]

        def rows(wanted: Predicate, positive: bool) -> list[int]:
            chosen = predicate == PREDICATES.index(wanted)
            if positive:
                chosen &= columns.negated[first:last] == 0
            return [int(row) + first for row in np.flatnonzero(chosen)]

        self.phenotypes = [_Phenotype.read(snapshot, row) for row in rows(Predicate.HAS_PHENOTYPE, False)]
        self.inheritance = [(row, int(columns.object[row])) for row in rows(Predicate.HAS_INHERITANCE, True)]
        self.courses = [(row, int(columns.object[row])) for row in rows(Predicate.HAS_CLINICAL_COURSE, True)]
        gene_predicate = PREDICATES.index(Predicate.GENE_OF_DISEASE)
        to = snapshot.rows_to(position)
        self.genes = [(int(row), int(columns.subject[row])) for row in to if columns.predicate[row] == gene_predicate]

    def named(self, positions: Iterable[int]) -> str:
        """Labels of concepts, joined by commas."""
        return ", ".join(self.snapshot.label_at(position) for position in dict.fromkeys(positions))


@dataclass(frozen=True, slots=True)
class _Phenotype:
    """One annotation. ``share`` of patients is None where not given, ``patients`` is -1 where not counted."""

    row: int
    finding: int
    negated: bool
    share: float | None
    patients: int

    @classmethod
    def read(cls, snapshot: Snapshot, row: int) -> "_Phenotype":
        columns = snapshot.columns
        share = float(columns.frequency_low[row] + columns.frequency_high[row]) / 2
        return cls(
            row,
            int(columns.object[row]),
            bool(columns.negated[row]),
            None if np.isnan(share) else share,
            int(columns.denominator[row]),
        )


def _excluded_finding(case: _CaseView, disease: _DiseaseView, settings: Mapping[str, Any]) -> _Outcome:
    """An excluded finding excludes what lies below it too; each is compared with what the disease usually shows."""
    if not case.case.excluded:
        return _Outcome(Verdict.NOT_APPLICABLE, {})
    told = [item for item in disease.phenotypes if item.finding in case.excluded_below]
    positive = [item for item in told if not item.negated and item.share is not None]
    usual = [
        (item.share, -item.row, item)
        for item in positive
        if item.share is not None
        and item.share >= settings["min_frequency"]
        and (item.patients < 0 or item.patients >= settings["min_patients"])
    ]
    if usual:
        worst = max(usual)[2]
        frequency = str(case.snapshot.fact_at(worst.row).frequency)
        return _Outcome(
            Verdict.VIOLATED, {"finding": disease.named((worst.finding,)), "frequency": frequency}, (worst.row,)
        )
    return _Outcome(Verdict.SATISFIED if positive or any(item.negated for item in told) else Verdict.UNKNOWN, {})


def _negated_finding(case: _CaseView, disease: _DiseaseView, settings: Mapping[str, Any]) -> _Outcome:
    """An observed finding, or one above it, that the disease is recorded not to have, and by nobody to have."""
    if not case.case.observed:
        return _Outcome(Verdict.NOT_APPLICABLE, {})
    positive = {item.finding for item in disease.phenotypes if not item.negated}
    for item in disease.phenotypes:
        if item.negated and item.finding not in positive and item.finding in case.observed_above:
            observed = case.observed_above[item.finding]
            return _Outcome(Verdict.VIOLATED, {"finding": disease.named((observed,))}, (item.row,))
    return _Outcome(Verdict.SATISFIED if disease.phenotypes else Verdict.UNKNOWN, {})


def _sex_limited(case: _CaseView, disease: _DiseaseView, settings: Mapping[str, Any]) -> _Outcome:
    """Every recorded mode of inheritance restricts the disease to one sex."""
    modes = [settings["modes"].get(case.snapshot.curie_at(mode)) for _, mode in disease.inheritance]
    if not modes or None in modes:
        return _Outcome(Verdict.NOT_APPLICABLE, {})
    rows = tuple(row for row, _ in disease.inheritance)
    slots = {"inheritance": disease.named(mode for _, mode in disease.inheritance)}
    if case.case.sex not in (Sex.FEMALE, Sex.MALE):
        return _Outcome(Verdict.UNKNOWN, slots, rows)
    return _Outcome(Verdict.SATISFIED if case.case.sex in modes else Verdict.VIOLATED, slots, rows)


def _onset(case: _CaseView, disease: _DiseaseView, settings: Mapping[str, Any]) -> _Outcome:
    """The age by which the patient was affected, against the earliest recorded onset of the disease."""
    stated = [(ONSET_YEARS.get(case.snapshot.curie_at(course)), row, course) for row, course in disease.courses]
    begins = [(years, row, course) for years, row, course in stated if years is not None]
    if not begins:
        return _Outcome(Verdict.UNKNOWN, {"missing": f"No onset is recorded for {disease.label}."})
    earliest, row, course = min(begins)
    slots = {"onset": case.snapshot.label_at(course).lower()}
    if case.affected_by is None:
        slots["missing"] = "Neither age nor onset of the patient is known."
        return _Outcome(Verdict.UNKNOWN, slots, (row,))
    slots["age"] = _age_in_words(case.affected_by)
    too_early = case.affected_by + settings["slack_years"] < earliest
    return _Outcome(Verdict.VIOLATED if too_early else Verdict.SATISFIED, slots, (row,))


def _age_in_words(years: float) -> str:
    if years < 0:
        return "before birth"
    months = round(years * 12)
    if months < 24:
        return f"{months} month{'' if months == 1 else 's'} of age"
    return f"{years:.0f} years of age"


def _gene(case: _CaseView, disease: _DiseaseView, settings: Mapping[str, Any]) -> _Outcome:
    """Whether genes are recorded, and whether one that the case names is among them."""
    if not disease.genes:
        return _Outcome(Verdict.UNKNOWN, {})
    known = [gene for _, gene in disease.genes]
    slots = {"genes": disease.named(known), "case_gene": disease.named(sorted(case.genes))}
    contradicts = bool(case.genes) and not case.genes & set(known)
    verdict = Verdict.VIOLATED if contradicts else Verdict.SATISFIED
    return _Outcome(verdict, slots, tuple(row for row, _ in disease.genes))


def _inheritance(case: _CaseView, disease: _DiseaseView, settings: Mapping[str, Any]) -> _Outcome:
    """Whether a mode of inheritance is recorded, and whether it is the one the case suggests, if it suggests one."""
    if not disease.inheritance:
        return _Outcome(Verdict.UNKNOWN, {})
    modes = [case.snapshot.curie_at(mode) for _, mode in disease.inheritance]
    suggested = case.case.inheritance
    slots = {
        "inheritance": disease.named(mode for _, mode in disease.inheritance),
        "case_inheritance": disease.named(map(case.snapshot.position, suggested)),
    }
    is_a = case.snapshot.is_a
    fits = not suggested or any(is_a(a, b) or is_a(b, a) for a in suggested for b in modes)
    return _Outcome(
        Verdict.SATISFIED if fits else Verdict.VIOLATED, slots, tuple(row for row, _ in disease.inheritance)
    )


PATTERNS: Mapping[str, Callable[[_CaseView, _DiseaseView, Mapping[str, Any]], _Outcome]] = {
    "excluded_finding": _excluded_finding,
    "negated_finding": _negated_finding,
    "sex_limited": _sex_limited,
    "onset": _onset,
    "gene": _gene,
    "inheritance": _inheritance,
}
"""Pattern name, as rules use it, to its implementation."""

SETTINGS: Mapping[str, frozenset[str]] = {
    "excluded_finding": frozenset({"min_frequency", "min_patients"}),
    "sex_limited": frozenset({"modes"}),
    "onset": frozenset({"slack_years"}),
}
"""Pattern name to the settings it cannot do without."""

SLOTS = frozenset(
    {"disease", "finding", "frequency", "sex", "inheritance", "case_inheritance", "age", "onset", "missing", "genes"}
    | {"case_gene"}
)
"""What a message may name in braces."""

_EMPTY_SLOTS = dict.fromkeys(SLOTS, "")
