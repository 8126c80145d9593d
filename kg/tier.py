"""How far a source is to be trusted."""

from enum import StrEnum


class Tier(StrEnum):
    """Trust tiers, the most trusted first; every fact shows the tier of its source."""

    CURATED_ONTOLOGY = "curated ontology"
    CURATED_DATABASE = "curated database"
    GUIDELINE = "guideline text"
    USER = "user's own"
    LITERATURE_MINED = "literature-mined"
    GENERATED = "generated"

    @property
    def rank(self) -> int:
        """0 for the most trusted tier, rising."""
        return list(Tier).index(self)
