"""What a rule is, and what it says about one diagnosis, medicine or patient."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..concept import Curie


class Verdict(StrEnum):
    """What a rule says. What cannot be decided is ``unknown``; it never counts as satisfied."""

    SATISFIED = "satisfied"
    VIOLATED = "violated"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"


class Severity(StrEnum):
    """How much a violation weighs, the gravest first."""

    URGENT = "urgent"  # somebody must act now
    MAJOR = "major"
    MINOR = "minor"
    NOTE = "note"  # worth knowing; changes nothing


class RuleSubject(StrEnum):
    """What a rule is about: ``$this`` of its patterns."""

    DIAGNOSIS = "diagnosis"
    DRUG = "drug"
    CASE = "case"


class Correction(StrEnum):
    """What a violated rule does to a diagnosis; nothing is ever dropped."""

    NONE = "none"
    DEMOTE = "demote"  # a bounded penalty on its score
    REPLACE = "replace"  # point to the concept that fits instead


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a rule table.

    ``applies``, ``violated`` and ``satisfied`` are SPARQL SELECT queries over the graph of `kg.rules.case_graph`, with
    ``$this`` as in SHACL. They are asked in this order: without a row of the first the rule is not applicable, then the
    first of the others that has a row decides, and without any the verdict is unknown. What they select besides
    ``$this`` and ``?fact`` fills the slots of the messages. ``needs`` names fields of the case without which the rule
    cannot apply; ``needs_observed`` concepts of which one, or a kind of one, must be observed, which spares queries
    that could find nothing; ``column`` an equivalent that reads the columns of the snapshot. ``asks`` is what to find
    out where the verdict is unknown; it is not asked where nothing fills one of its slots.
    """

    id: str
    applies_to: RuleSubject
    severity: Severity
    messages: Mapping[Verdict, str]
    citation: str
    applies: str
    violated: str
    satisfied: str = ""
    settings: Mapping[str, float] = field(default_factory=dict)
    column: str | None = None
    correction: Correction = Correction.NONE
    needs: tuple[str, ...] = ()
    asks: str | None = None
    needs_observed: tuple[Curie, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The verdict of one rule, in words.

    ``fact_rows`` are the snapshot rows it rests on. ``about`` is the disease or drug, ``None`` for the patient.
    ``asks`` is a question whose answer would decide, ``instead`` the concepts that fit better.
    """

    rule: str
    severity: Severity
    verdict: Verdict
    message: str
    fact_rows: tuple[int, ...] = ()
    about: Curie | None = None
    correction: Correction = Correction.NONE
    asks: str | None = None
    instead: tuple[Curie, ...] = ()
    citation: str = ""
