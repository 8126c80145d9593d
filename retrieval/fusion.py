"""Rankings, and one ranking out of several ways to score the same candidates."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""Vectors (n, dim), or one vector (dim,)."""

Ranking = Sequence[tuple[int, float]]
"""Row and score, best first; equal scores by row."""


def rank(rows: npt.NDArray[np.integer], scores: npt.NDArray[np.floating], k: int) -> Ranking:
    """The ``k`` best of ``rows`` by their scores; equal scores by row.

    >>> rank(np.array([7, 3, 5]), np.array([0.5, 0.5, 0.9]), 2)
    [(5, 0.9), (3, 0.5)]
    """
    order = np.lexsort((rows, -scores))[:k]
    return [(int(rows[i]), float(scores[i])) for i in order]


def standardised(scores: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Scores (n,) less their mean, in standard deviations; zeros where all are equal.

    >>> standardised([1.0, 3.0]).tolist(), standardised([2.0]).tolist()
    ([-1.0, 1.0], [0.0])
    """
    values = np.asarray(scores, np.float64)
    if not len(values):
        return values
    deviation = float(values.std())
    result: npt.NDArray[np.float64] = (values - values.mean()) / (deviation if deviation > 0 else 1)
    return result


def blend(parts: Iterable[tuple[npt.ArrayLike, float]]) -> npt.NDArray[np.float64]:
    """The mean of several scores (n,) of the same candidates, standardised first, each counting by its weight.

    A convex combination of scores finds more than reciprocal ranks do, since it keeps how much better the better one
    is: Bruch, Gai and Ingber 2023, arXiv:2210.11934.

    >>> blend([([9.0, 1.0], 1.0), ([0.3, 0.2], 3.0)]).tolist()
    [1.0, -1.0]
    """
    weighted = [(standardised(scores), weight) for scores, weight in parts]
    total = sum(weight for _, weight in weighted)
    mean: npt.NDArray[np.float64] = np.sum([scores * (weight / total) for scores, weight in weighted], axis=0)
    return mean
