"""The learned model of findings in examination notes: weights for each finding, and a decision on each candidate."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg import Curie

MODEL_FILE = "finding_model.npz"

LEAST_SCORE = 0.06
"""Scores of the linear model below this one make no candidate."""

EVIDENCE = (
    "score",
    "best score",
    "behind best",
    "link score",
    "link length",
    "asserted",
    "denied nearby",
    "log count",
    "words",
    "denial word",
    "name covered",
    "name overlap",
    "score and link",
    "linked",
)
"""What the decision on a candidate rests on, in the order of the model's coefficients."""


@dataclass(frozen=True, slots=True)
class FindingModel:
    """Learned weights. ``features`` are sorted; row ``i`` holds ``labels`` and ``values`` ``starts[i]:starts[i+1]``.

    ``counts`` says how often each finding stood in the training notes; ``seen`` are sorted hashes of those notes.
    """

    curies: tuple[Curie, ...]
    counts: NDArray[np.int32]
    features: NDArray[np.int32]
    starts: NDArray[np.int32]
    labels: NDArray[np.int16]
    values: NDArray[np.int8]
    scales: NDArray[np.float32]
    coefficients: NDArray[np.float64]
    intercept: float
    threshold: float
    seen: NDArray[np.uint32]

    def scores(self, features: Mapping[int, float]) -> dict[int, float]:
        """Rows of findings with a score of at least `LEAST_SCORE`; about 1 where the words are those of a finding."""
        wanted = np.fromiter(features, dtype=np.int64, count=len(features))
        weights = np.fromiter(features.values(), dtype=np.float64, count=len(features))
        at = np.searchsorted(self.features, wanted)
        at[at == len(self.features)] = 0
        known = np.flatnonzero(self.features[at] == wanted) if len(self.features) else at[:0]
        if not len(known):
            return {}
        begin, end = self.starts[at[known]], self.starts[at[known] + 1]
        lengths = end - begin
        rows = np.repeat(begin - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths) + np.arange(lengths.sum())
        parts = self.values[rows] * np.repeat(weights[known], lengths)
        total = np.bincount(self.labels[rows], weights=parts, minlength=len(self.curies)) * self.scales
        return {int(row): float(total[row]) for row in np.flatnonzero(total >= LEAST_SCORE)}

    def probability(self, evidence: Sequence[float]) -> float:
        """How likely a candidate is a finding of the note; ``evidence`` in the order of `EVIDENCE`."""
        return 1.0 / (
            1.0 + exp(-max(-50.0, min(50.0, float(self.coefficients @ np.asarray(evidence)) + self.intercept)))
        )

    def row(self, curie: Curie) -> int | None:
        """The row of a finding, if the model knows it."""
        return _rows(self.curies).get(curie)

    def count(self, curie: Curie) -> int:
        """How often a finding stood in the training notes."""
        row = self.row(curie)
        return 0 if row is None else int(self.counts[row])

    def has_seen(self, note: int) -> bool:
        """Whether the note with this hash was one of the training notes."""
        at = int(np.searchsorted(self.seen, note))
        return at < len(self.seen) and int(self.seen[at]) == note


def note_hash(text: str) -> int:
    """The number by which a model remembers that it has seen a note."""
    return zlib.crc32(" ".join(text.split()).encode("utf-8", "replace"))


@lru_cache(maxsize=8)
def _rows(curies: tuple[Curie, ...]) -> dict[Curie, int]:
    return {curie: row for row, curie in enumerate(curies)}


def prune(
    weights: NDArray[np.float32],
    columns: NDArray[np.int64],
    curies: Sequence[Curie],
    counts: Sequence[int],
    kept_per_label: int,
) -> dict[str, Any]:
    """The largest ``kept_per_label`` weights of each finding as the arrays of a `FindingModel`.

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
    return {
        "curies": tuple(curies),
        "counts": np.asarray(counts, dtype=np.int32),
        "features": unique.astype(np.int32),
        "starts": np.append(first, len(feature)).astype(np.int32),
        "labels": label_of[order].astype(np.int16),
        "values": value[order].astype(np.int8),
        "scales": scales,
    }


def write_model(model: FindingModel, path: Path) -> None:
    """Write ``model`` as one compressed archive of plain arrays."""
    columns = {name: getattr(model, name) for name in FindingModel.__dataclass_fields__}
    columns["curies"] = np.array([curie.encode("ascii") for curie in model.curies], dtype="S")
    np.savez_compressed(path, **columns, allow_pickle=False)


def read_model(path: Path) -> FindingModel:
    """The model in ``path``.

    Raises:
        OSError: there is no such file.
    """
    with np.load(path, allow_pickle=False) as archive:
        columns: dict[str, Any] = {name: archive[name] for name in FindingModel.__dataclass_fields__}
    columns["curies"] = tuple(curie.decode("ascii") for curie in columns["curies"].tolist())
    columns["intercept"], columns["threshold"] = float(columns["intercept"]), float(columns["threshold"])
    return FindingModel(**columns)


@lru_cache(maxsize=1)
def find_shipped_model() -> FindingModel | None:
    """The model that ships with this package, or ``None`` if it was left out."""
    resource = files("data").joinpath(MODEL_FILE)
    if not resource.is_file():
        return None
    with as_file(resource) as path:
        return read_model(path)
