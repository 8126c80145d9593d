"""Boosted regression trees as plain arrays: a sum of small trees for each row of a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

_COLUMNS = ("feature", "split", "left", "right", "value", "roots")


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Nodes of all trees in one list; ``roots`` says where each tree begins.

    A row goes ``left`` where its ``feature`` is at most ``split``; a leaf is its own child and has a ``value``.
    ``depth`` is the longest way to a leaf.
    """

    feature: NDArray[np.int16]
    split: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float32]
    roots: NDArray[np.int32]
    depth: int

    def score(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """The sum of the trees for each of ``rows``, ``(n, n_features) float32``."""
        total = np.zeros(len(rows), dtype=np.float64)
        columns = np.ascontiguousarray(rows.T)
        for splits, values in _masks(self):
            left = np.full(len(rows), len(values) - 1, dtype=np.uint16)
            for feature, split, kept in splits:
                left &= ~((columns[feature] > split) * ~kept)
            total += values[left]
        return total


@lru_cache(maxsize=8)
def _masks(trees: Trees) -> list[tuple[list[tuple[int, np.float32, np.uint16]], NDArray[np.float32]]]:
    """Each tree as its splits, with the leaves that stay if a row goes right, and a value for each set of leaves left.

    The first leaf that is left is the row's own (Lucchese et al. 2015). A tree has at most 16 leaves.
    """
    found = []
    for root in trees.roots.tolist():
        leaves: list[int] = []
        splits: list[tuple[int, np.float32, np.uint16]] = []
        _walk(trees, root, leaves, splits)
        sets = np.arange(1 << len(leaves))
        first = np.log2(np.maximum(sets & -sets, 1)).astype(np.int64)
        found.append((splits, trees.value[np.array(leaves)][first]))
    return found


def _walk(trees: Trees, node: int, leaves: list[int], splits: list[tuple[int, np.float32, np.uint16]]) -> None:
    left, right = int(trees.left[node]), int(trees.right[node])
    if left == node:
        leaves.append(node)
        return
    before = len(leaves)
    _walk(trees, left, leaves, splits)
    gone = sum(1 << leaf for leaf in range(before, len(leaves)))
    splits.append((int(trees.feature[node]), trees.split[node], np.uint16(~gone & 0xFFFF)))
    _walk(trees, right, leaves, splits)


def no_trees() -> Trees:
    """A sum over no tree at all."""
    none = np.zeros(0, dtype=np.int32)
    return Trees(none.astype(np.int16), none.astype(np.float32), none, none, none.astype(np.float32), none, 0)


def trees_to_columns(trees: Trees, prefix: str) -> dict[str, Any]:
    """The arrays of ``trees`` under names that begin with ``prefix``."""
    return {prefix + name: getattr(trees, name) for name in _COLUMNS} | {prefix + "depth": np.int64(trees.depth)}


def trees_from_columns(columns: Mapping[str, Any], prefix: str) -> Trees:
    """The trees that `trees_to_columns` made ``columns`` of."""
    return Trees(**{name: columns[prefix + name] for name in _COLUMNS}, depth=int(columns[prefix + "depth"]))
