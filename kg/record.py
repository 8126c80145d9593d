"""What a source reader yields."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from .concept import Concept, Curie, Description, check_curie
from .fact import Fact


class MatchKind(StrEnum):
    """How two identifiers relate: SKOS mapping relations, of which only an exact match is ever fused."""

    EXACT = "skos:exactMatch"
    CLOSE = "skos:closeMatch"
    BROAD = "skos:broadMatch"
    NARROW = "skos:narrowMatch"
    RELATED = "skos:relatedMatch"


@dataclass(frozen=True, slots=True)
class Match:
    """A source's claim about how two identifiers relate, as in SSSOM (Matentzoglu et al. 2022).

    ``BROAD`` says that the object is the broader one. ``justification`` is a term of the Semantic Mapping Vocabulary.
    """

    subject: Curie
    object: Curie
    source: str
    release: str
    kind: MatchKind = MatchKind.EXACT
    justification: str = "semapv:UnspecifiedMatching"

    def __post_init__(self) -> None:
        check_curie(self.subject)
        check_curie(self.object)


Record: TypeAlias = Concept | Fact | Description | Match
"""One statement of a source."""
