"""When diseases begin: the HPO onset terms as ages in years."""

from collections.abc import Mapping

from .concept import Curie

_WEEK, _DAY = 7 / 365.25, 1 / 365.25
_START = -40 * _WEEK
"""Gestation is counted in weeks since the last menstruation, 40 of them to birth."""

ONSET_RANGES: Mapping[Curie, tuple[float, float]] = {
    "HP:0030674": (_START, 0.0),  # Antenatal: before birth
    "HP:0011460": (_START, _START + 10 * _WEEK),  # Embryonal: up to 10 weeks of gestation
    "HP:0011461": (_START + 10 * _WEEK, 0.0),  # Fetal: from then to birth
    "HP:0034199": (_START + 11 * _WEEK, _START + 14 * _WEEK),  # Late first trimester
    "HP:0034198": (_START + 14 * _WEEK, _START + 28 * _WEEK),  # Second trimester
    "HP:0034197": (_START + 28 * _WEEK, 0.0),  # Third trimester
    "HP:0003577": (0.0, 0.0),  # Congenital: at birth
    "HP:0003623": (0.0, 28 * _DAY),  # Neonatal: within 28 days
    "HP:0003593": (28 * _DAY, 1.0),  # Infantile
    "HP:0410280": (28 * _DAY, 16.0),  # Pediatric
    "HP:0011463": (1.0, 5.0),  # Childhood
    "HP:0003621": (5.0, 16.0),  # Juvenile
    "HP:0003581": (16.0, 120.0),  # Adult
    "HP:0011462": (16.0, 40.0),  # Young adult
    "HP:0025708": (16.0, 19.0),  # Early young adult
    "HP:0025709": (19.0, 25.0),  # Intermediate young adult
    "HP:0025710": (25.0, 40.0),  # Late young adult
    "HP:0003596": (40.0, 60.0),  # Middle age
    "HP:0003584": (60.0, 120.0),  # Late
}
"""Onset term to the years of age between which it begins, from the definitions in HPO (below HP:0003674)."""

ONSET_YEARS: Mapping[Curie, float] = {term: begin for term, (begin, _) in ONSET_RANGES.items()}
"""Onset term to the earliest age of onset, in years; before birth is negative."""
