"""A patient case in graph terms."""

from dataclasses import dataclass
from enum import StrEnum

from .concept import Curie, check_curie
from .fact import Sex


class FindingStatus(StrEnum):
    """Whether a finding was seen, or looked for and not seen. What nobody looked for is no finding at all."""

    OBSERVED = "observed"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Finding:
    """One phenotype of a patient. ``onset_years`` is the age at which it was first seen, where known."""

    concept: Curie
    status: FindingStatus
    onset_years: float | None = None
    source_text: str | None = None

    def __post_init__(self) -> None:
        check_curie(self.concept)


@dataclass(frozen=True, slots=True)
class Case:
    """One patient: who they are and what was found.

    ``inheritance`` are modes of inheritance that the family history suggests. ``publications`` are PMIDs that report
    this very patient; ``unresolved`` names what could not be read as a concept, so that nothing disappears silently.
    """

    id: str
    findings: tuple[Finding, ...]
    sex: Sex = Sex.UNKNOWN
    age_years: float | None = None
    onset_years: float | None = None
    genes: tuple[Curie, ...] = ()
    inheritance: tuple[Curie, ...] = ()
    publications: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()

    def with_status(self, status: FindingStatus) -> tuple[Curie, ...]:
        """The concepts found with this status, each once, in order."""
        return tuple(dict.fromkeys(f.concept for f in self.findings if f.status is status))

    @property
    def observed(self) -> tuple[Curie, ...]:
        """Findings that were seen."""
        return self.with_status(FindingStatus.OBSERVED)

    @property
    def excluded(self) -> tuple[Curie, ...]:
        """Findings that were looked for and not seen."""
        return self.with_status(FindingStatus.EXCLUDED)
