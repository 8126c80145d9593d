"""Rankings, and one ranking out of several."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""Vectors (n, dim), or one vector (dim,)."""

Ranking = Sequence[tuple[int, float]]
"""Row and score, best first; equal scores by row."""

FUSION_K = 60
"""The constant of reciprocal-rank fusion: Cormack, Clarke and Buettcher 2009, doi:10.1145/1571941.1572114."""


def rank(rows: npt.NDArray[np.integer], scores: npt.NDArray[np.floating], k: int) -> Ranking:
    """The ``k`` best of ``rows`` by their scores; equal scores by row.

    >>> rank(np.array([7, 3, 5]), np.array([0.5, 0.5, 0.9]), 2)
    [(5, 0.9), (3, 0.5)]
    """
    order = np.lexsort((rows, -scores))[:k]
    return [(int(rows[i]), float(scores[i])) for i in order]


def fuse(rankings: Iterable[tuple[Ranking, float]], k: int = FUSION_K) -> Ranking:
    """All rows of any ranking by the weighted sum of ``1 / (k + rank)`` over the rankings that have them.

    Each ranking comes with its weight.

    >>> fuse([([(1, 9.0), (2, 8.0)], 1.0), ([(2, 0.3)], 1.0)], k=0)
    [(2, 1.5), (1, 1.0)]
    """
    scores: defaultdict[int, float] = defaultdict(float)
    for ranking, weight in rankings:
        for place, (row, _) in enumerate(ranking, start=1):
            scores[row] += weight / (k + place)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
