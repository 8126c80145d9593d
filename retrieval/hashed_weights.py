"""Learned weights of hashed features for each of some concepts, eight bits a weight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kg import Curie

from .finding_features import N_FEATURES

_COLUMNS = ("counts", "features", "starts", "labels", "values", "scales")


@dataclass(frozen=True, slots=True, eq=False)
class HashedWeights:
    """Weights by feature. ``features`` are sorted; row ``i`` holds ``labels`` and ``values`` ``starts[i]:starts[i+1]``.

    ``curies`` are the concepts, ``counts`` says how often each stood in the training texts, ``scales`` is what a value
    of one is worth.
    """

    curies: tuple[Curie, ...]
    counts: NDArray[np.int32]
    features: NDArray[np.int32]
    starts: NDArray[np.int32]
    labels: NDArray[np.int16]
    values: NDArray[np.int8]
    scales: NDArray[np.float32]

    def scores(self, rows: Any) -> Any:
        """The score of every concept for each of ``rows``, ``(n, n_concepts)`` sparse."""
        return rows @ _matrix(self)

    def row(self, curie: Curie) -> int | None:
        """The row of a concept, if there are weights of it."""
        return _rows(self.curies).get(curie)

    def count(self, curie: Curie) -> int:
        """How often a concept stood in the training texts."""
        row = self.row(curie)
        return 0 if row is None else int(self.counts[row])


@lru_cache(maxsize=8)
def _rows(curies: tuple[Curie, ...]) -> dict[Curie, int]:
    return {curie: row for row, curie in enumerate(curies)}


@lru_cache(maxsize=8)
def _matrix(weights: HashedWeights) -> Any:
    values = (weights.values * weights.scales[weights.labels]).astype(np.float32)
    starts = np.zeros(N_FEATURES + 1, dtype=np.int64)
    starts[weights.features + 1] = np.diff(weights.starts)
    return sparse.csr_array(
        (values, weights.labels.astype(np.int32), np.cumsum(starts)), shape=(N_FEATURES, len(weights.curies))
    )


def no_weights() -> HashedWeights:
    """Weights of nothing."""
    none = np.zeros(0, dtype=np.int32)
    labels, values = none.astype(np.int16), none.astype(np.int8)
    return HashedWeights((), none, none, np.zeros(1, dtype=np.int32), labels, values, none.astype(np.float32))


def prune(
    weights: NDArray[np.float32],
    columns: NDArray[np.int64],
    curies: Sequence[Curie],
    counts: Sequence[int],
    kept_per_label: int,
) -> HashedWeights:
    """The largest ``kept_per_label`` weights of each concept.

    ``weights`` are ``(n_labels, n_columns)``, ``columns`` the features that they are of.
    """
    features: list[NDArray[np.int64]] = []
    labels: list[NDArray[np.int64]] = []
    values: list[NDArray[np.float32]] = []
    scales = np.zeros(len(curies), dtype=np.float32)
    for label, row in enumerate(weights):
        size = min(kept_per_label, len(row) - 1)
        kept = np.sort(np.argpartition(-np.abs(row), size)[:size])
        scales[label] = max(float(np.abs(row[kept]).max(initial=0)), 1e-9) / 127
        rounded = np.rint(row[kept] / scales[label])
        features.append(columns[kept[rounded != 0]])
        values.append(rounded[rounded != 0])
        labels.append(np.full(len(values[-1]), label))
    feature, label_of, value = np.concatenate(features), np.concatenate(labels), np.concatenate(values)
    order = np.lexsort((label_of, feature))
    unique, first = np.unique(feature[order], return_index=True)
    return HashedWeights(
        tuple(curies),
        np.asarray(counts, dtype=np.int32),
        unique.astype(np.int32),
        np.append(first, len(feature)).astype(np.int32),
        label_of[order].astype(np.int16),
        value[order].astype(np.int8),
        scales,
    )


def weights_to_columns(weights: HashedWeights) -> dict[str, Any]:
    """The arrays of ``weights`` by name."""
    curies = np.array([curie.encode("ascii") for curie in weights.curies], dtype="S")
    return {"curies": curies} | {name: getattr(weights, name) for name in _COLUMNS}


def weights_from_columns(columns: Mapping[str, Any]) -> HashedWeights:
    """The weights that `weights_to_columns` made ``columns`` of."""
    curies = tuple(curie.decode("ascii") for curie in columns["curies"].tolist())
    return HashedWeights(curies, **{name: columns[name] for name in _COLUMNS})
