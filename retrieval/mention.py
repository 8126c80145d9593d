"""Mentions: spans of a caller's text that name a concept of the graph."""

from dataclasses import dataclass
from enum import StrEnum

from kg import Curie


class Assertion(StrEnum):
    """What a text says about a mentioned finding (ConText, Harkema et al. 2009)."""

    PRESENT = "present"
    ABSENT = "absent"
    POSSIBLE = "possible"
    FAMILY = "family"
    HISTORICAL = "historical"
    HYPOTHETICAL = "hypothetical"


@dataclass(frozen=True, slots=True)
class Mention:
    """``text == document[start:end]`` names ``curie``; offsets count characters of the caller's own text.

    ``score`` lies in 0..1: 1 for an exact label, less for looser forms. ``alternatives`` are other concepts that the
    same words can mean, best first. ``relative`` is whose it is, as the text says it, where it is not the patient's.
    """

    start: int
    end: int
    text: str
    curie: Curie
    label: str
    score: float
    assertion: Assertion = Assertion.PRESENT
    alternatives: tuple[Curie, ...] = ()
    relative: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a mention needs 0 <= start < end, not {self.start}..{self.end}")
        if not 0.0 <= self.score <= 1.0:
            raise ValueError(f"a score lies in 0..1, not {self.score}")
