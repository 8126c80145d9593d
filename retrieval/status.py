"""The status of a mention: each thing that a text can say about it, and the one label that follows."""

from collections.abc import Set
from dataclasses import dataclass, replace

from .mention import Assertion

AFFIRMED = "affirmed"
"""The effect that takes doubt and negation away."""


@dataclass(frozen=True, slots=True)
class Status:
    """What a text says about one mention. Several may hold: a negated finding of a relative's history."""

    negated: bool = False
    possible: bool = False
    historical: bool = False
    hypothetical: bool = False
    family: bool = False
    relative: str | None = None

    @property
    def assertion(self) -> Assertion:
        """The one label of a mention: whose it is comes first, then whether it is real, then whether it is there."""
        if self.family:
            return Assertion.FAMILY
        if self.hypothetical:
            return Assertion.HYPOTHETICAL
        if self.negated:
            return Assertion.ABSENT
        if self.possible:
            return Assertion.POSSIBLE
        return Assertion.HISTORICAL if self.historical else Assertion.PRESENT

    def answered(self, said: Set[str]) -> "Status":
        """This status once a cell, a box or a reply has ``said`` something, which outweighs doubt and negation."""
        if not said:
            return self
        plain = AFFIRMED in said or bool(said & {"negated", "possible"})
        return replace(
            self,
            negated="negated" in said or (self.negated and not plain),
            possible="possible" in said or (self.possible and not plain),
            hypothetical="hypothetical" in said or (self.hypothetical and not plain),
        )
