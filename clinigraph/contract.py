"""The JSON that leaves the application. Documented in ``docs/json.md``; fields are added, never renamed."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EntityRecord(_Record):
    """A concept found in a text; ``start`` and ``end`` count characters of the caller's own text."""

    curie: str
    label: str
    start: int
    end: int
    assertion: str
    score: float
    equivalents: list[str]


class ChecksRecord(_Record):
    """The verdict of each check: passed, failed or unchecked."""

    citation: str
    entities: str
    numbers: str
    polarity: str


class RejectedRecord(_Record):
    """A sentence of the model that failed a check and is not part of the answer; ``reasons`` names what failed."""

    text: str
    citations: list[int]
    checks: ChecksRecord
    reasons: list[str]


class ClaimRecord(_Record):
    """One sentence of the answer. ``replaces`` is the model's failed sentence that the graph's stands for.

    ``attributed`` says that the checks, not the model, chose what it cites.
    """

    text: str
    citations: list[int]
    written_by: Literal["model", "graph"]
    checks: ChecksRecord
    replaces: str | None = None
    attributed: bool = False


class EvidenceRecord(_Record):
    """One numbered piece of evidence. ``tier`` is how far the least trusted source behind it is to be trusted."""

    n: int
    kind: Literal["fact", "passage"]
    text: str
    curies: list[str]
    source: str
    release: str
    reference: str
    tier: str | None = None


class AnswerRecord(_Record):
    """What ``clinigraph ask --json`` prints, and one line of ``--batch``."""

    question: str
    entities: list[EntityRecord]
    answer: str
    claims: list[ClaimRecord]
    rejected: list[RejectedRecord]
    evidence: list[EvidenceRecord]
    abstained: bool
    reason: str | None
    kg_version: str
    model: str
    timings_ms: dict[str, float]
    degraded: str | None = None
    judgement: Literal["True", "False", "Cannot be known"] | None = None
    risk: float | None = None


class RuleRecord(_Record):
    """The verdict of one rule: satisfied, violated, unknown or not applicable.

    ``about`` is the medicine that a rule of the case is about, ``None`` for the patient; ``asks`` a question whose
    answer would decide; ``instead`` what fits better; ``citation`` why the rule is sound.
    """

    id: str
    severity: str
    verdict: str
    message: str
    references: list[str] = []
    about: str | None = None
    asks: str | None = None
    instead: list[str] = []
    citation: str = ""


class FindingRecord(_Record):
    """How one finding of the case bears on one disease; ``log_ratio`` in natural-log units."""

    id: str
    label: str
    status: str
    relation: str
    log_ratio: float
    matched: str | None
    references: list[str]


class DiagnosisRecord(_Record):
    """One ranked disease."""

    id: str
    label: str
    equivalents: list[str]
    score: float
    probability: float
    rules: list[RuleRecord]
    findings: list[FindingRecord] | None = None
    explanation: list[ClaimRecord] | None = None
    penalty: float = 0.0
    rank_by_findings: int = 0
    instead: str | None = None


class MissingRecord(_Record):
    """A question that would decide rules which are unknown now, and the diagnoses or medicines it is about."""

    question: str
    rules: list[str]
    about: list[str]


class SufficiencyRecord(_Record):
    """How much a case can tell; ``level`` is ample, limited or little."""

    level: str
    removed: float
    alternatives: float
    in_first_ten: float


class FindingsRecord(_Record):
    """The findings of a case, as canonical identifiers."""

    observed: list[str]
    excluded: list[str]
    unresolved: list[str] = []


class SeparationRecord(_Record):
    """A disease that an answer moves: ``if_yes`` and ``if_no`` are what its probability is multiplied with.

    ``frequency`` is estimated, ``stated`` what the source says of it.
    """

    id: str
    label: str
    frequency: float
    stated: str | None
    if_yes: float
    if_no: float
    references: list[str]


class QuestionRecord(_Record):
    """A finding that is worth finding out; ``bits`` is the information that its answer is expected to give."""

    id: str
    label: str
    question: str
    cost: str
    bits: float
    probability: float
    reason: str
    separates: list[SeparationRecord]


class DifferentialRecord(_Record):
    """One line of ``clinigraph diagnose --jsonl``."""

    case: str
    findings: FindingsRecord
    diagnoses: list[DiagnosisRecord]
    kg_version: str
    timings_ms: dict[str, float]
    compared: int = 0
    model: str | None = None
    summary: list[ClaimRecord] | None = None
    case_rules: list[RuleRecord] = []
    missing: list[MissingRecord] = []
    warnings: list[str] = []
    sufficiency: SufficiencyRecord | None = None
    questions: list[QuestionRecord] | None = None


class FailedCaseRecord(_Record):
    """A case that could not be read or ranked; the batch goes on."""

    case: str
    error: str


class FailedQuestionRecord(_Record):
    """A line of a batch that is no usable question; the batch goes on."""

    question: str
    error: str


class MentionRecord(_Record):
    """One line of ``clinigraph annotate --jsonl``."""

    doc: str
    start: int
    end: int
    text: str
    curie: str
    label: str
    score: float
    assertion: str
    relative: str | None = None


class PlaceRecord(_Record):
    """Words of a text and where they stand, as offsets in characters; none where the case was no text."""

    text: str
    start: int | None = None
    end: int | None = None


class CaseFindingRecord(_Record):
    """A finding or condition of a case. ``status`` is observed or excluded."""

    curie: str
    label: str
    status: str
    onset_years: float | None
    origin: PlaceRecord | None


class MedicationRecord(_Record):
    """A medicine. ``use`` is current, past or proposed; ``dose`` is in the words of the record."""

    curie: str
    label: str
    use: str
    dose: str | None
    origin: PlaceRecord | None


class AllergyRecord(_Record):
    """A substance that is not tolerated, and what it causes."""

    curie: str
    label: str
    reaction: str | None
    reaction_label: str | None
    origin: PlaceRecord | None


class FamilyFindingRecord(_Record):
    """A finding or disease of a relative."""

    curie: str
    label: str
    relative: str | None
    status: str
    origin: PlaceRecord | None


class NamedRecord(_Record):
    """A gene or a mode of inheritance."""

    curie: str
    label: str
    origin: PlaceRecord | None


class CaseRecord(_Record):
    """What ``clinigraph case --json`` prints. ``origins`` places single values by the names of their fields."""

    case: str
    sex: str
    age_years: float | None
    onset_years: float | None
    pregnant: bool | None
    gestation_weeks: float | None
    findings: list[CaseFindingRecord]
    conditions: list[CaseFindingRecord]
    medications: list[MedicationRecord]
    allergies: list[AllergyRecord]
    family: list[FamilyFindingRecord]
    genes: list[NamedRecord]
    inheritance: list[NamedRecord]
    origins: dict[str, PlaceRecord]
    publications: list[str]
    unresolved: list[str]
    kg_version: str
