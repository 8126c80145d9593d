"""A case while it is read from a record, each entry once."""

from dataclasses import dataclass, field

from ..case import Allergy, Case, Condition, FamilyFinding, Finding, FindingStatus, Medication
from ..concept import Curie
from ..fact import Sex


@dataclass(slots=True)
class Draft:
    """What has been read so far."""

    findings: dict[tuple[Curie, FindingStatus], Finding] = field(default_factory=dict)
    conditions: dict[tuple[Curie, FindingStatus], Condition] = field(default_factory=dict)
    medications: list[Medication] = field(default_factory=list)
    allergies: list[Allergy] = field(default_factory=list)
    family: list[FamilyFinding] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)
    pregnant: bool | None = None
    age_years: float | None = None

    def add_finding(self, finding: Finding) -> None:
        """Keep a finding; of two of one status the earlier onset."""
        key = finding.concept, finding.status
        kept = self.findings.get(key)
        if kept is None or _earlier(finding.onset_years, kept.onset_years):
            self.findings[key] = finding

    def add_condition(self, condition: Condition) -> None:
        """Keep a disease; of two of one status the earlier onset."""
        key = condition.concept, condition.status
        kept = self.conditions.get(key)
        if kept is None or _earlier(condition.onset_years, kept.onset_years):
            self.conditions[key] = condition

    def leave_out(self, text: str) -> None:
        """List what could not be read as a concept."""
        if text:
            self.unresolved.append(text)

    def case(self, identity: str, sex: Sex, age_years: float | None) -> Case:
        """The case as it was read."""
        return Case(
            identity,
            tuple(self.findings.values()),
            sex=sex,
            age_years=age_years,
            conditions=tuple(self.conditions.values()),
            medications=tuple(dict.fromkeys(self.medications)),
            allergies=tuple(dict.fromkeys(self.allergies)),
            pregnant=self.pregnant,
            family=tuple(dict.fromkeys(self.family)),
            unresolved=tuple(dict.fromkeys(self.unresolved)),
        )


def _earlier(one: float | None, other: float | None) -> bool:
    return one is not None and (other is None or one < other)
