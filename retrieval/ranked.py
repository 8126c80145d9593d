"""What a ranking says: diseases in order, and what each finding of the case contributed to each."""

from dataclasses import dataclass
from enum import StrEnum

from kg import Curie, FindingStatus

from .sufficiency import Sufficiency


class Relation(StrEnum):
    """How a finding of the case stands to what is known of a disease."""

    EXACT = "exact"
    ANNOTATION_MORE_SPECIFIC = "annotation more specific"
    ANNOTATION_MORE_GENERAL = "annotation more general"
    RELATED = "related"  # a common ancestor is annotated from both sides
    RELATIVES = "relatives"  # only diseases of the same class or gene have it
    SILENT = "silent"  # nothing is known; bounded penalty
    EXCLUDED = "excluded"  # annotated, looked for and not seen; never raises a disease
    LOOKED_FOR = "looked for"  # what was looked for tells what was suspected, whether seen or not


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one finding adds to one disease's score, in natural-log units.

    ``matched`` is the annotated finding it was compared with, ``fact_rows`` are the snapshot rows that annotate it;
    they are empty when the disease's description alone names it. ``frequency`` is the estimated share of patients
    with ``matched``.
    """

    finding: Curie
    status: FindingStatus
    log_ratio: float
    relation: Relation
    matched: Curie | None = None
    frequency: float | None = None
    fact_rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RankedDisease:
    """One candidate. ``score`` is the log likelihood ratio of disease against background, summed over findings.

    ``probability`` is its share among all diseases of the graph; the probabilities of all diseases sum to 1. ``rank``
    starts at 1; equal scores are ordered by identifier.
    """

    disease: Curie
    score: float
    probability: float
    rank: int
    contributions: tuple[Contribution, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best candidates for a case, best first, and how many diseases were compared.

    Probabilities are scores divided by ``temperature``, normalised. ``sufficiency`` says how much the case can tell.
    """

    diseases: tuple[RankedDisease, ...]
    compared: int
    temperature: float = 1.0
    sufficiency: Sufficiency | None = None

    def find(self, disease: Curie) -> RankedDisease | None:
        """The entry of a canonical disease identifier, if it is among the best."""
        return next((entry for entry in self.diseases if entry.disease == disease), None)
