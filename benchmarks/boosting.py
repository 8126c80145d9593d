"""Gradient boosting of regression trees (Friedman 2001), for single answers and for the best of a list.

The trees are grown by scikit-learn and handed over as `retrieval.trees.Trees`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from retrieval.trees import Trees

Floats: TypeAlias = NDArray[np.float64]
Loss: TypeAlias = Callable[[Floats], tuple[Floats, Floats]]
"""Scores of all rows → the negative gradient and the curvature of the loss in each."""


@dataclass(frozen=True, slots=True)
class Boosting:
    """How trees are grown: number, step, leaves, rows a leaf, share of rows a tree sees, pull towards zero, seed."""

    n_trees: int
    step: float = 0.1
    leaves: int = 12
    rows_a_leaf: int = 40
    share: float = 0.6
    ridge: float = 1.0
    seed: int = 0


def logistic(truth: NDArray[np.bool_]) -> Loss:
    """The loss of answering yes or no to each row."""
    wanted = truth.astype(np.float64)

    def loss(scores: Floats) -> tuple[Floats, Floats]:
        likely = 1 / (1 + np.exp(-np.clip(scores, -50, 50)))
        return wanted - likely, np.maximum(likely * (1 - likely), 1e-4)

    return loss


def listwise(truth: NDArray[np.bool_], lists: NDArray[np.int64]) -> Loss:
    """The loss of a right row being the best of its list (softmax); ``lists`` numbers them, in order.

    A list without a right row teaches nothing.
    """
    n_lists = int(lists.max(initial=-1)) + 1
    starts = np.searchsorted(lists, np.arange(n_lists))
    useful = np.bincount(lists, weights=truth, minlength=n_lists)[lists] > 0

    def loss(scores: Floats) -> tuple[Floats, Floats]:
        power = np.exp(scores - np.maximum.reduceat(scores, starts)[lists])
        share = power / np.bincount(lists, weights=power, minlength=n_lists)[lists]
        right = share * truth
        wanted = right / np.maximum(np.bincount(lists, weights=right, minlength=n_lists)[lists], 1e-12)
        return (wanted - share) * useful, np.maximum(share * (1 - share), 1e-3) * useful

    return loss


def boost(rows: NDArray[np.float32], loss: Loss, settings: Boosting) -> Trees:
    """Trees that lower ``loss`` over ``rows``, one Newton step a leaf."""
    from sklearn.tree import DecisionTreeRegressor

    random = np.random.default_rng(settings.seed)
    scores = np.zeros(len(rows))
    grown: list[tuple[Any, Floats]] = []
    for number in range(settings.n_trees):
        gradient, curvature = loss(scores)
        seen = np.flatnonzero(random.random(len(rows)) < settings.share)
        tree = DecisionTreeRegressor(
            max_leaf_nodes=settings.leaves, min_samples_leaf=settings.rows_a_leaf, random_state=number
        ).fit(rows[seen], gradient[seen])
        leaf = tree.apply(rows)
        size = tree.tree_.node_count
        value: Floats = np.bincount(leaf, weights=gradient, minlength=size).astype(np.float64)
        value = settings.step * value / (np.bincount(leaf, weights=curvature, minlength=size) + settings.ridge)
        scores += value[leaf]
        grown.append((tree.tree_, value))
    return _joined(grown)


def _joined(grown: list[tuple[Any, Floats]]) -> Trees:
    sizes = [len(value) for _, value in grown]
    roots = np.cumsum([0, *sizes])[:-1].astype(np.int32)
    own = np.arange(sum(sizes), dtype=np.int32)
    first = np.repeat(roots, sizes)
    left = np.concatenate([tree.children_left for tree, _ in grown])
    right = np.concatenate([tree.children_right for tree, _ in grown])
    leaf = left < 0
    return Trees(
        np.where(leaf, 0, np.concatenate([tree.feature for tree, _ in grown])).astype(np.int16),
        np.where(leaf, 0, np.concatenate([tree.threshold for tree, _ in grown])).astype(np.float32),
        np.where(leaf, own, left + first).astype(np.int32),
        np.where(leaf, own, right + first).astype(np.int32),
        np.where(leaf, np.concatenate([value for _, value in grown]), 0).astype(np.float32),
        roots,
        max(int(tree.max_depth) for tree, _ in grown),
    )
