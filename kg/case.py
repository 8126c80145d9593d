"""A patient case in graph terms."""

from dataclasses import dataclass
from enum import StrEnum

from .concept import Curie, check_curie
from .fact import Sex


class FindingStatus(StrEnum):
    """Whether a finding was seen, or looked for and not seen. What nobody looked for is no finding at all."""

    OBSERVED = "observed"
    EXCLUDED = "excluded"


class MedicationUse(StrEnum):
    """Whether a medicine is taken now, was taken, or is only being considered."""

    CURRENT = "current"
    PAST = "past"
    PROPOSED = "proposed"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an item of a case was read: its words, and their character offsets where the case was told as text."""

    text: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One phenotype of a patient. ``onset_years`` is the age at which it was first seen, where known.

    ``asked`` findings answer a question of this program, so that their being looked for says nothing of what was
    suspected; only whether they are there does.
    """

    concept: Curie
    status: FindingStatus
    onset_years: float | None = None
    origin: Origin | None = None
    asked: bool = False

    def __post_init__(self) -> None:
        check_curie(self.concept)


@dataclass(frozen=True, slots=True)
class Condition:
    """A disease that the patient is already known to have, or known not to have."""

    concept: Curie
    status: FindingStatus = FindingStatus.OBSERVED
    onset_years: float | None = None
    origin: Origin | None = None

    def __post_init__(self) -> None:
        check_curie(self.concept)


@dataclass(frozen=True, slots=True)
class Medication:
    """A medicine of the patient. ``dose`` is what the record says, in its own words ("5 mg twice daily")."""

    concept: Curie
    use: MedicationUse = MedicationUse.CURRENT
    dose: str | None = None
    origin: Origin | None = None

    def __post_init__(self) -> None:
        check_curie(self.concept)


@dataclass(frozen=True, slots=True)
class Allergy:
    """A substance that the patient does not tolerate, and what it causes where that is told."""

    concept: Curie
    reaction: Curie | None = None
    origin: Origin | None = None

    def __post_init__(self) -> None:
        check_curie(self.concept)


@dataclass(frozen=True, slots=True)
class FamilyFinding:
    """A finding or disease of a relative; ``relative`` in the words of the text ("mother"), where told."""

    concept: Curie
    relative: str | None = None
    status: FindingStatus = FindingStatus.OBSERVED
    origin: Origin | None = None

    def __post_init__(self) -> None:
        check_curie(self.concept)


@dataclass(frozen=True, slots=True)
class Case:
    """One patient: who they are, what was found, what they have, take and do not tolerate.

    ``inheritance`` are modes of inheritance that the family history suggests. ``pregnant`` is ``None`` where it is not
    said. ``publications`` are PMIDs that report this very patient; ``unresolved`` names what could not be read as a
    concept, so that nothing disappears silently. ``gestation_weeks`` is how far a present pregnancy has come.
    ``origins`` tells where what is no item of its own was read: a field's name, or the CURIE of a gene or mode, with
    its place.
    """

    id: str
    findings: tuple[Finding, ...]
    sex: Sex = Sex.UNKNOWN
    age_years: float | None = None
    onset_years: float | None = None
    genes: tuple[Curie, ...] = ()
    inheritance: tuple[Curie, ...] = ()
    conditions: tuple[Condition, ...] = ()
    medications: tuple[Medication, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    pregnant: bool | None = None
    family: tuple[FamilyFinding, ...] = ()
    publications: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()
    gestation_weeks: float | None = None
    origins: tuple[tuple[str, Origin], ...] = ()

    def with_status(self, status: FindingStatus) -> tuple[Curie, ...]:
        """The concepts found with this status, each once, in order."""
        return tuple(dict.fromkeys(f.concept for f in self.findings if f.status is status))

    @property
    def denied(self) -> tuple[Curie, ...]:
        """Excluded findings that were only asked for."""
        by_status = (f for f in self.findings if f.status is FindingStatus.EXCLUDED)
        told = {f.concept: f.asked for f in sorted(by_status, key=lambda f: f.asked, reverse=True)}
        return tuple(curie for curie in self.excluded if told[curie])

    @property
    def observed(self) -> tuple[Curie, ...]:
        """Findings that were seen."""
        return self.with_status(FindingStatus.OBSERVED)

    @property
    def excluded(self) -> tuple[Curie, ...]:
        """Findings that were looked for and not seen."""
        return self.with_status(FindingStatus.EXCLUDED)
