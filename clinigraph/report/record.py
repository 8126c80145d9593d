"""The content of a report, which is also its JSON. Documented in ``docs/json.md``; fields are added, never renamed.

Every other form of a report is made from this alone, so all say the same.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from ..contract import ClaimRecord, QuestionRecord

Bearing = Literal["for", "against", "unexplained", "silent", "looked for"]
"""How a finding bears on a disease: for it, against it, there without being recorded for the disease, recorded for the
disease but not told of the patient, or looked for without being decisive."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NamedRecord(_Record):
    """A concept of the case; ``words`` are those of the record it was read from, where they differ from the label."""

    id: str
    label: str
    words: str | None = None
    note: str | None = None


class PatientRecord(_Record):
    """What is known of the patient. Names and birth dates are never part of it."""

    id: str
    sex: str
    age_years: float | None
    onset_years: float | None
    pregnant: bool | None
    observed: list[NamedRecord]
    excluded: list[NamedRecord]
    conditions: list[NamedRecord]
    medications: list[NamedRecord]
    allergies: list[NamedRecord]
    family: list[NamedRecord]
    unresolved: list[str]


class BearingRecord(_Record):
    """How one finding bears on one disease.

    ``likelihood_ratio`` is how many times more likely the disease made it than the background; null where the finding
    is not told. ``frequency`` is what the source says; ``matched`` is the recorded finding it was compared with.
    """

    id: str
    label: str
    status: Literal["observed", "excluded", "not told"]
    bearing: Bearing
    likelihood_ratio: float | None
    frequency: str | None
    matched: NamedRecord | None
    relation: str
    sources: list[str]
    references: list[str]


class VerdictRecord(_Record):
    """What one rule says: satisfied, violated, unknown or not applicable; unknown is never fine.

    ``about`` names the medicine that a rule of the case is about, ``instead`` what fits better.
    """

    id: str
    severity: str
    verdict: Literal["violated", "unknown", "satisfied", "not applicable"]
    message: str
    about: str | None = None
    citation: str | None = None
    references: list[str] = []
    instead: list[str] = []


class TreatmentRecord(_Record):
    """A medicine that the graph records for a disease, and what the rules say of giving it to this patient."""

    id: str
    label: str
    verdicts: list[VerdictRecord]


class CandidateRecord(_Record):
    """One disease of the differential. ``note`` says what the rules did to its place."""

    rank: int
    id: str
    label: str
    equivalents: list[str]
    definition: str | None
    probability: float
    score: float
    contradicted: bool
    note: str | None = None
    findings: list[BearingRecord]
    verdicts: list[VerdictRecord]
    treatments: list[TreatmentRecord] = []


class ComparisonRecord(_Record):
    """Two diseases side by side: their ratios for each finding of the case, the most different first."""

    first: CandidateRecord
    second: CandidateRecord


class SourceRecord(_Record):
    """A source behind what the report says."""

    id: str
    title: str
    release: str
    licence: str
    citation: str
    tier: str


class ChangeRecord(_Record):
    """One difference from an earlier report."""

    kind: Literal["graph", "case", "disease", "fact", "verdict"]
    disease: str | None
    text: str


class ChangesRecord(_Record):
    """What changed since an earlier report of the same case."""

    since: str
    old_kg_version: str
    changes: list[ChangeRecord]


class ReportRecord(_Record):
    """One report."""

    kind: Literal["clinigraph report"] = "clinigraph report"
    made: str
    program: str
    kg_version: str
    model: str
    compared: int
    patient: PatientRecord
    notices: list[str]
    candidates: list[CandidateRecord]
    case_verdicts: list[VerdictRecord] = []
    requests: list[str] = []
    sufficiency: str | None = None
    questions: list[QuestionRecord]
    comparison: ComparisonRecord | None = None
    summary: list[ClaimRecord] = []
    sources: list[SourceRecord]
    changes: ChangesRecord | None = None
    limits: list[str]
