"""Boosted regression trees as plain arrays: a sum of small trees for each row of a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_COLUMNS = ("feature", "split", "left", "right", "value", "roots")


@dataclass(frozen=True, slots=True)
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
        every = np.arange(len(rows))
        for root in self.roots.tolist():
            at = np.full(len(rows), root, dtype=np.int32)
            for _ in range(self.depth):
                below = rows[every, self.feature[at]] <= self.split[at]
                at = np.where(below, self.left[at], self.right[at])
            total += self.value[at]
        return total


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
