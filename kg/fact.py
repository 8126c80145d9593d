"""Facts: signed, qualified statements that never travel without their evidence."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from .concept import Curie, check_curie
from .errors import MalformedFrequency


class Predicate(StrEnum):
    """Relations of the graph: Biolink predicates, and some of our own where Biolink has none."""

    HAS_PHENOTYPE = "biolink:has_phenotype"
    HAS_INHERITANCE = "biolink:has_mode_of_inheritance"
    HAS_CLINICAL_COURSE = "clinigraph:has_clinical_course"
    HAS_CLINICAL_MODIFIER = "clinigraph:has_clinical_modifier"
    GENE_OF_DISEASE = "biolink:gene_associated_with_condition"
    SUBCLASS_OF = "biolink:subclass_of"
    TREATS = "biolink:treats"
    APPLIED_TO_TREAT = "biolink:applied_to_treat"
    CONTRAINDICATED_IN = "biolink:contraindicated_in"
    NEEDS_CAUTION_IN = "clinigraph:needs_caution_in"
    INTERACTS_WITH = "biolink:interacts_with"
    HAS_ROLE = "biolink:has_chemical_role"
    TARGETS = "biolink:affects"
    HAS_SIDE_EFFECT = "biolink:has_side_effect"
    CAUSES = "biolink:causes"
    PREDISPOSES_TO = "biolink:predisposes_to_condition"
    RED_FLAG_OF = "clinigraph:red_flag_of"
    DIAGNOSES = "biolink:diagnoses"
    EXCLUDES = "clinigraph:excludes"
    LOCATED_IN = "biolink:disease_has_location"
    TRANSMITTED_BY = "clinigraph:transmitted_by"
    PART_OF = "biolink:part_of"
    PARTICIPATES_IN = "biolink:participates_in"
    EXPRESSED_IN = "biolink:expressed_in"
    ASSOCIATED_WITH = "biolink:associated_with"
    RELATED_TO = "biolink:related_to"


SYMMETRIC = frozenset({Predicate.INTERACTS_WITH, Predicate.EXCLUDES, Predicate.ASSOCIATED_WITH, Predicate.RELATED_TO})
"""Predicates that hold in both directions when they hold in one; the subject is the smaller identifier."""


class Qualifier(StrEnum):
    """What a fact says beside its sign, frequency, onset and sex, in words of the source or of its translation."""

    SEVERITY = "clinigraph:severity"  # of an interaction: contraindicated, avoid, precaution, note
    MECHANISM = "clinigraph:mechanism"
    ADVICE = "clinigraph:advice"
    POPULATION = "biolink:population_context_qualifier"
    PREGNANCY_CATEGORY = "clinigraph:pregnancy_category"
    LIKELIHOOD_RATIO_POSITIVE = "clinigraph:likelihood_ratio_positive"
    LIKELIHOOD_RATIO_NEGATIVE = "clinigraph:likelihood_ratio_negative"
    DOSE = "clinigraph:dose"
    LINE = "clinigraph:line_of_treatment"
    SOURCE_PREDICATE = "biolink:original_predicate"
    COMMENT = "rdfs:comment"


class Sex(StrEnum):
    """Phenotypic sex, as GA4GH phenopackets name it."""

    FEMALE = "FEMALE"
    MALE = "MALE"
    OTHER = "OTHER_SEX"
    UNKNOWN = "UNKNOWN_SEX"


class KnowledgeLevel(StrEnum):
    """Biolink knowledge level of a statement."""

    ASSERTION = "knowledge_assertion"
    STATISTICAL = "statistical_association"
    PREDICTION = "prediction"


class AgentType(StrEnum):
    """Biolink agent type: who made a statement."""

    MANUAL = "manual_agent"
    AUTOMATED = "automated_agent"
    TEXT_MINING = "text_mining_agent"


@dataclass(frozen=True, slots=True)
class Frequency:
    """The share of patients with a finding, as a closed range of fractions ``0 <= low <= high <= 1``.

    A counted frequency has ``numerator`` and ``denominator``; ``0/n`` is a frequency of zero, not a missing one.
    """

    low: float
    high: float
    numerator: int | None = None
    denominator: int | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.low <= self.high <= 1.0:
            raise ValueError(f"a frequency lies in 0..1 with low <= high, not {self.low}..{self.high}")
        if (self.numerator is None) != (self.denominator is None):
            raise ValueError("a counted frequency needs both numerator and denominator")

    @property
    def midpoint(self) -> float:
        """The middle of the range."""
        return (self.low + self.high) / 2

    @property
    def band(self) -> Curie | None:
        """The HPO frequency term with exactly this range, unless the frequency was counted."""
        return None if self.denominator is not None else _BANDS_BY_RANGE.get((self.low, self.high))

    def __str__(self) -> str:
        if self.denominator is not None:
            return f"{self.numerator}/{self.denominator}"
        if self.low == self.high:
            return f"{self.low * 100:.3g}%"
        return f"{self.low * 100:.3g}–{self.high * 100:.3g}%"


FREQUENCY_BANDS: dict[Curie, tuple[float, float]] = {
    "HP:0040280": (1.0, 1.0),  # Obligate
    "HP:0040281": (0.80, 0.99),  # Very frequent
    "HP:0040282": (0.30, 0.79),  # Frequent
    "HP:0040283": (0.05, 0.29),  # Occasional
    "HP:0040284": (0.01, 0.04),  # Very rare
    "HP:0040285": (0.0, 0.0),  # Excluded
}
"""Ranges of the HPO frequency terms, from their definitions in HPO (children of HP:0040279)."""

_BANDS_BY_RANGE = {span: term for term, span in FREQUENCY_BANDS.items()}
_FRACTION = re.compile(r"(\d+)\s*/\s*(\d+)")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%?-(\d+(?:\.\d+)?)\s*)?%")


@lru_cache(maxsize=1 << 14)
def parse_frequency(text: str) -> Frequency | None:
    """Read one HPOA frequency; ``None`` for an empty one.

    Raises:
        MalformedFrequency: neither a fraction, a percentage nor an HPO frequency term.

    >>> parse_frequency("3/4")
    Frequency(low=0.75, high=0.75, numerator=3, denominator=4)
    >>> parse_frequency("0.5%").high
    0.005
    >>> parse_frequency("HP:0040285").high
    0.0
    """
    text = text.strip()
    if not text:
        return None
    if text in FREQUENCY_BANDS:
        return Frequency(*FREQUENCY_BANDS[text])
    if match := _FRACTION.fullmatch(text):
        numerator, denominator = int(match[1]), int(match[2])
        if denominator == 0 or numerator > denominator:
            raise MalformedFrequency(text)
        share = numerator / denominator
        return Frequency(share, share, numerator, denominator)
    if match := _PERCENT.fullmatch(text):
        low = float(match[1]) / 100
        high = float(match[2]) / 100 if match[2] else low
        if low <= high <= 1.0:
            return Frequency(low, high)
    raise MalformedFrequency(text)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a fact is believed.

    ``record`` is the subject as the source wrote it (``OMIM:154700``), before fusion. ``references`` are CURIEs of
    publications or records. ``code`` is the source's own evidence code (HPOA: PCS, TAS, IEA). ``quote`` is the source's
    own wording, in its language, where the fact was read from a text. ``publication_count`` says in how many
    publications a literature-mined fact was found, of which ``references`` may name but a few.
    """

    source: str
    release: str
    record: Curie
    references: tuple[str, ...] = ()
    code: str = ""
    knowledge_level: KnowledgeLevel = KnowledgeLevel.ASSERTION
    agent_type: AgentType = AgentType.MANUAL
    quote: str = ""
    publication_count: int | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """Subject, predicate, object, with sign, qualifiers and at least one piece of evidence.

    ``negated`` facts are statements of their own ("disease does not have phenotype"); a frequency of zero negates too.
    ``qualifiers`` are in the order of `Qualifier`, each at most once.
    """

    subject: Curie
    predicate: Predicate
    object: Curie
    evidence: tuple[Evidence, ...]
    negated: bool = False
    frequency: Frequency | None = None
    onset: Curie | None = None
    sex: Sex | None = None
    modifiers: tuple[Curie, ...] = ()
    qualifiers: tuple[tuple[Qualifier, str], ...] = ()

    def __post_init__(self) -> None:
        check_curie(self.subject)
        check_curie(self.object)
        if not self.evidence:
            raise ValueError(f"fact {self.subject} {self.predicate} {self.object} has no evidence")
        if self.frequency is not None and self.frequency.high == 0.0 and not self.negated:
            raise ValueError(f"fact {self.subject} {self.predicate} {self.object} has frequency 0 and must be negated")

    def qualifier(self, which: Qualifier) -> str | None:
        """What the fact says under one qualifier."""
        return next((text for found, text in self.qualifiers if found is which), None)

    @property
    def references(self) -> tuple[str, ...]:
        """Every reference of every piece of evidence, once, in order."""
        return tuple(dict.fromkeys(ref for item in self.evidence for ref in item.references))
