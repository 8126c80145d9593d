"""Graph rules: patterns over a case and the graph that check a diagnosis.

Which rules there are, how severe and how worded is data (``data/rules.toml``); this module owns the few patterns they
are made of. A rule that cannot be decided is ``unknown``; it never counts as satisfied.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from string import Formatter
from typing import Any

from .case import Case
from .concept import Curie
from .errors import MalformedRule
from .fact import Fact, Predicate, Sex
from .phenopacket import ONSET_YEARS
from .snapshot import Snapshot


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
    """The verdict of one rule on one diagnosis, in words, with the facts it rests on."""

    rule: str
    severity: Severity
    verdict: Verdict
    message: str
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class _Finding:
    """What a pattern found: a verdict, values for the message's slots, and the facts behind it."""

    verdict: Verdict
    slots: Mapping[str, str]
    facts: tuple[Fact, ...] = ()


def read_rules(text: str | None = None) -> tuple[Rule, ...]:
    """The rules of a TOML text, or those that ship, in file order.

    Raises:
        MalformedRule: the text is not TOML, or a rule lacks a field or names an unknown pattern.
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
    except (KeyError, ValueError, AttributeError) as error:
        raise MalformedRule(f"rule {name}", f"{error} is missing or unknown") from None
    if rule.pattern not in PATTERNS:
        raise MalformedRule(f"rule {name}", f"there is no pattern {rule.pattern}; choose from {', '.join(PATTERNS)}")
    for message in messages.values():
        if unknown := {slot for _, slot, _, _ in Formatter().parse(message) if slot} - SLOTS:
            raise MalformedRule(f"rule {name}", f"its message uses the unknown slot {{{sorted(unknown)[0]}}}")
    return rule


def check_diagnosis(rules: tuple[Rule, ...], case: Case, disease: Curie, snapshot: Snapshot) -> tuple[RuleResult, ...]:
    """The verdict of every rule on one disease for this case, in rule order.

    Raises:
        UnknownConcept: the graph does not have the disease.
    """
    view = _View(case, disease, snapshot)
    return tuple(_apply(rule, view) for rule in rules)


def _apply(rule: Rule, view: "_View") -> RuleResult:
    found = PATTERNS[rule.pattern](view, rule.settings)
    slots = dict.fromkeys(SLOTS, "") | {"disease": view.label, "sex": view.sex_word} | dict(found.slots)
    return RuleResult(rule.id, rule.severity, found.verdict, rule.messages[found.verdict].format(**slots), found.facts)


class _View:
    """One case beside one disease, with the facts of the disease read once."""

    def __init__(self, case: Case, disease: Curie, snapshot: Snapshot) -> None:
        self.case, self.snapshot = case, snapshot
        self.label = snapshot.label(disease)
        facts = snapshot.facts_from(disease)
        self.phenotypes = tuple(fact for fact in facts if fact.predicate is Predicate.HAS_PHENOTYPE)
        self.inheritance = tuple(f for f in facts if f.predicate is Predicate.HAS_INHERITANCE and not f.negated)
        self.courses = tuple(f for f in facts if f.predicate is Predicate.HAS_CLINICAL_COURSE and not f.negated)
        self.genes = snapshot.facts_to(disease, Predicate.GENE_OF_DISEASE)

    @property
    def sex_word(self) -> str:
        return {Sex.FEMALE: "female", Sex.MALE: "male"}.get(self.case.sex, "of unknown sex")

    def named(self, concepts: tuple[Curie, ...]) -> str:
        """Labels of concepts, joined by commas."""
        return ", ".join(self.snapshot.label(concept) for concept in dict.fromkeys(concepts))

    def is_a(self, child: Curie, parent: Curie) -> bool:
        return self.snapshot.is_a(child, parent)


def _excluded_finding(view: _View, settings: Mapping[str, Any]) -> _Finding:
    """An excluded finding excludes its subclasses too; each is compared with what the disease usually shows."""
    if not view.case.excluded:
        return _Finding(Verdict.NOT_APPLICABLE, {})
    told = False
    worst: tuple[float, Curie, Fact] | None = None
    for fact in view.phenotypes:
        excluded = next((item for item in view.case.excluded if view.is_a(fact.object, item)), None)
        if excluded is None:
            continue
        if fact.negated:
            told = True
        elif fact.frequency is not None:
            told = True
            share = fact.frequency.midpoint
            counted = fact.frequency.denominator is None or fact.frequency.denominator >= 3
            if share >= settings["min_frequency"] and counted and (worst is None or share > worst[0]):
                worst = (share, excluded, fact)
    if worst is not None:
        _, excluded, fact = worst
        return _Finding(
            Verdict.VIOLATED, {"finding": view.named((fact.object,)), "frequency": str(fact.frequency)}, (fact,)
        )
    return _Finding(Verdict.SATISFIED if told else Verdict.UNKNOWN, {})


def _negated_finding(view: _View, settings: Mapping[str, Any]) -> _Finding:
    """An observed finding, or a more special one, that the disease is recorded not to have in any patient."""
    if not view.case.observed:
        return _Finding(Verdict.NOT_APPLICABLE, {})
    positive = {fact.object for fact in view.phenotypes if not fact.negated}
    for fact in view.phenotypes:
        if fact.negated and fact.object not in positive:
            for observed in view.case.observed:
                if view.is_a(observed, fact.object):
                    return _Finding(Verdict.VIOLATED, {"finding": view.named((observed,))}, (fact,))
    return _Finding(Verdict.SATISFIED if view.phenotypes else Verdict.UNKNOWN, {})


def _sex_limited(view: _View, settings: Mapping[str, Any]) -> _Finding:
    """Every recorded mode of inheritance restricts the disease to one sex."""
    limits = [(fact, settings["modes"].get(fact.object)) for fact in view.inheritance]
    if not limits or any(limit is None for _, limit in limits):
        return _Finding(Verdict.NOT_APPLICABLE, {})
    facts = tuple(fact for fact, _ in limits)
    slots = {"inheritance": view.named(tuple(fact.object for fact in facts))}
    if view.case.sex not in (Sex.FEMALE, Sex.MALE):
        return _Finding(Verdict.UNKNOWN, slots, facts)
    fits = any(limit == view.case.sex for _, limit in limits)
    return _Finding(Verdict.SATISFIED if fits else Verdict.VIOLATED, slots, facts)


def _onset(view: _View, settings: Mapping[str, Any]) -> _Finding:
    """The age by which the patient was affected, against the earliest recorded onset of the disease."""
    begins = [(ONSET_YEARS[fact.object], fact) for fact in view.courses if fact.object in ONSET_YEARS]
    if not begins:
        return _Finding(Verdict.UNKNOWN, {"missing": f"No onset is recorded for {view.label}."})
    earliest, fact = min(begins, key=lambda pair: pair[0])
    ages = [f.onset_years for f in view.case.findings if f.onset_years is not None]
    affected_by = min(
        [*ages, *(a for a in (view.case.onset_years, view.case.age_years) if a is not None)], default=None
    )
    slots = {"onset": view.snapshot.label(fact.object).lower()}
    if affected_by is None:
        slots["missing"] = "Neither age nor onset of the patient is known."
        return _Finding(Verdict.UNKNOWN, slots, (fact,))
    slots["age"] = _age_in_words(affected_by)
    late = affected_by + settings["slack_years"] < earliest
    return _Finding(Verdict.VIOLATED if late else Verdict.SATISFIED, slots, (fact,))


def _age_in_words(years: float) -> str:
    if years < 0:
        return "before birth"
    if years < 2:
        months = round(years * 12)
        return f"{months} month{'' if months == 1 else 's'} of age"
    return f"{years:.0f} years of age"


def _gene(view: _View, settings: Mapping[str, Any]) -> _Finding:
    """Whether genes are recorded, and whether one that the case names is among them."""
    if not view.genes:
        return _Finding(Verdict.UNKNOWN, {})
    known = tuple(fact.subject for fact in view.genes)
    slots = {"genes": view.named(known), "case_gene": view.named(view.case.genes)}
    contradicts = bool(view.case.genes) and not set(view.case.genes) & set(known)
    return _Finding(Verdict.VIOLATED if contradicts else Verdict.SATISFIED, slots, view.genes)


def _inheritance(view: _View, settings: Mapping[str, Any]) -> _Finding:
    """Whether a mode of inheritance is recorded, and whether it is the one the case suggests, if it suggests one."""
    if not view.inheritance:
        return _Finding(Verdict.UNKNOWN, {})
    modes = tuple(fact.object for fact in view.inheritance)
    suggested = view.case.inheritance
    slots = {"inheritance": view.named(modes), "case_inheritance": view.named(suggested)}
    fits = not suggested or any(view.is_a(a, b) or view.is_a(b, a) for a in suggested for b in modes)
    return _Finding(Verdict.SATISFIED if fits else Verdict.VIOLATED, slots, view.inheritance)


PATTERNS: Mapping[str, Callable[[_View, Mapping[str, Any]], _Finding]] = {
    "excluded_finding": _excluded_finding,
    "negated_finding": _negated_finding,
    "sex_limited": _sex_limited,
    "onset": _onset,
    "gene": _gene,
    "inheritance": _inheritance,
}
"""Pattern name, as rules use it, to its implementation."""

SLOTS = frozenset(
    {"disease", "finding", "frequency", "sex", "inheritance", "case_inheritance", "age", "onset", "missing", "genes"}
    | {"case_gene"}
)
"""What a message may name in braces."""
