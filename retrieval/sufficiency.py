"""How much a case can tell: what its findings leave open among all diseases."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt


class SufficiencyLevel(StrEnum):
    """How far the findings of a case narrow the diseases down."""

    AMPLE = "ample"  # the first ten hold at least two thirds of the probability
    LIMITED = "limited"
    LITTLE = "little"  # they hold less than a third


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """What a case can tell.

    ``removed`` is the share of the uncertainty among all diseases that the findings take away, 0 to 1 (one minus
    entropy over the greatest entropy). ``alternatives`` is how many equally likely diseases the rest is worth.
    ``in_first_ten`` is the probability that the right disease is among the first ten, if it is a disease of the graph.
    """

    removed: float
    alternatives: float
    in_first_ten: float

    @property
    def level(self) -> SufficiencyLevel:
        """The figure in a word."""
        if self.in_first_ten >= 2 / 3:
            return SufficiencyLevel.AMPLE
        return SufficiencyLevel.LIMITED if self.in_first_ten >= 1 / 3 else SufficiencyLevel.LITTLE


def sufficiency(probabilities: npt.NDArray[np.float64]) -> Sufficiency:
    """The figure for the probabilities of all diseases."""
    present = probabilities[probabilities > 0]
    entropy = float(-(present * np.log(present)).sum())
    greatest = float(np.log(len(probabilities))) if len(probabilities) > 1 else 1.0
    ten = np.partition(probabilities, -10)[-10:] if len(probabilities) > 10 else probabilities
    return Sufficiency(max(0.0, 1 - entropy / greatest), float(np.exp(entropy)), float(ten.sum()))
