"""What a source reader yields."""

from dataclasses import dataclass
from typing import TypeAlias

from .concept import Concept, Curie, Description, check_curie
from .fact import Fact


@dataclass(frozen=True, slots=True)
class Match:
    """A source's claim that two identifiers mean exactly the same (SSSOM ``skos:exactMatch``)."""

    subject: Curie
    object: Curie
    source: str
    release: str

    def __post_init__(self) -> None:
        check_curie(self.subject)
        check_curie(self.object)


Record: TypeAlias = Concept | Fact | Description | Match
