"""Confidence intervals of shares and of means over questions."""

import math
from collections.abc import Sequence

import numpy as np

_Z = 1.959964


def wilson(right: int, total: int) -> dict[str, float]:
    """A share with its 95 % interval (Wilson 1927), as ``{value, low, high, n}``."""
    if total == 0:
        return {"value": 0.0, "low": 0.0, "high": 1.0, "n": 0}
    share = right / total
    middle = share + _Z**2 / (2 * total)
    spread = _Z * math.sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2))
    scale = 1 + _Z**2 / total
    low, high = ((middle + sign * spread) / scale for sign in (-1, 1))
    return {"value": round(share, 4), "low": round(low, 4), "high": round(high, 4), "n": total}


def bootstrap_mean(values: Sequence[float], seed: int = 0, rounds: int = 2_000) -> dict[str, float]:
    """The mean with its 95 % bootstrap interval over questions, as ``{value, low, high, n}``."""
    if not values:
        return {"value": 0.0, "low": 0.0, "high": 1.0, "n": 0}
    array = np.asarray(values, dtype=np.float64)
    means = np.random.default_rng(seed).choice(array, (rounds, len(array))).mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return {"value": round(float(array.mean()), 4), "low": round(float(low), 4), "high": round(float(high), 4),
            "n": len(array)}  # fmt: skip
