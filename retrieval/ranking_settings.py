"""Parameters of the ranking; where each value comes from is told in docs/decisions/008-ranking-likelihood.md."""

import math
from dataclasses import dataclass
from enum import StrEnum


class Exclusion(StrEnum):
    """What an excluded finding says about a disease."""

    LOOKED_FOR = "looked for"  # what was suspected, and that it is absent
    ABSENCE = "absence"  # only that it is absent


@dataclass(frozen=True, slots=True)
class RankingSettings:
    """How findings are weighed. The defaults are the method; every other value is for ablation.

    Frequencies: ``prior_positive`` and ``prior_negative`` are pseudo-counts of the Beta prior of a frequency;
    ``band_patients`` is how many counted patients a frequency band or percentage is worth; ``described_frequency`` is
    the frequency of a finding that only the disease's description names.

    Observed findings: ``silent_share`` is the share of findings that a disease's annotation cannot explain; it bounds
    the penalty of a silent finding. ``level_decay`` is how fast evidence fades with the information lost on the way
    to a common ancestor. ``relatives_share`` is the weight of each kind of relative. ``length_weight`` normalises for
    the number of findings annotated, ``length_offset`` is added to that number.

    Excluded findings: ``exclusion`` says how they count; the chance of absence is 1 - ``absence_weight`` * frequency;
    ``looked_for_share`` is the share of exclusions that are about the disease's own spectrum; ``excluded_weight``
    scales the whole term. What was suspected counts the less for a disease, the more often it has the finding, and
    from ``key_frequency`` on not at all: the absence of a key finding never speaks for a disease.

    The patient: ``sex_weight``, ``onset_weight`` and ``family_weight`` scale what each says; ``onset_prior`` is how
    many patients the average disease's onset is worth beside a disease's own, ``onset_spread`` the share of patients
    counted in the next bin of age as well, ``relative_odds`` how much likelier a relative's disease is.

    ``temperature`` divides scores before they become probabilities, because findings depend on each other; it grows by
    ``temperature_growth`` times the square root of the number of observed findings.
    """

    prior_positive: float = 1.0
    prior_negative: float = 1.0
    band_patients: float = 10.0
    described_frequency: float = 0.5
    silent_share: float = 0.2
    level_decay: float = 2.0
    relatives_share: float = 0.1
    largest_class: int = 200
    length_weight: float = 0.7
    length_offset: float = 5.0
    exclusion: Exclusion = Exclusion.LOOKED_FOR
    absence_weight: float = 0.95
    looked_for_share: float = 0.4
    excluded_weight: float = 0.6
    key_frequency: float = 0.9
    sex_weight: float = 1.0
    onset_weight: float = 0.5
    onset_prior: float = 10.0
    onset_spread: float = 0.2
    family_weight: float = 1.0
    relative_odds: float = 10.0
    temperature: float = 0.5
    temperature_growth: float = 0.75

    def temperature_of(self, observed: int) -> float:
        """What divides the scores of a case with so many observed findings."""
        return self.temperature + self.temperature_growth * math.sqrt(max(observed, 1))


DEFAULT = RankingSettings()
