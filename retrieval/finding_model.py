"""The learned model of findings in examination notes: weights, the wordings it has read, and a decision by trees."""

import zlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg import Curie

from .hashed_weights import HashedWeights, weights_from_columns, weights_to_columns
from .trees import Trees, trees_from_columns, trees_to_columns

MODEL_FILE = "finding_model.npz"

LEAST_SCORE = 0.06
"""Scores of the linear model below this one make no candidate."""

EVIDENCE = (
    "score",
    "score of a part",
    "best score",
    "behind best score",
    "rank by score",
    "link score",
    "link length",
    "asserted",
    "denied nearby",
    "linked",
    "links",
    "log count",
    "words",
    "denial word",
    "name",
    "name covered",
    "piece covered",
    "name covered without heading",
    "name kind",
    "by a whole clause",
    "behind best name",
    "rank by name",
    "wording",
    "wording covered",
    "piece covered by wording",
    "times worded",
    "behind best wording",
    "rank by wording",
)
"""What the decision on a candidate rests on, in the order of the columns that the trees read."""


@dataclass(frozen=True, slots=True)
class Wordings:
    """How the training notes word findings: the hashed words of each wording end at ``ends``; ``labels`` are rows."""

    words: NDArray[np.uint64]
    ends: NDArray[np.int32]
    labels: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class FindingModel:
    """What was learned: a linear score for each finding, wordings of findings, and trees that weigh all evidence.

    A finding is believed from a probability of ``threshold`` on. ``seen`` are sorted hashes of the training notes.
    """

    weights: HashedWeights
    wordings: Wordings
    trees: Trees
    threshold: float
    seen: NDArray[np.uint32]

    def probabilities(self, evidence: NDArray[np.float32]) -> NDArray[np.float64]:
        """How likely each candidate is right, given its `EVIDENCE`."""
        likely: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(self.trees.score(evidence), -50, 50)))
        return likely

    def count(self, curie: Curie) -> int:
        """How often a finding stood in the training notes."""
        return self.weights.count(curie)

    def has_seen(self, note: int) -> bool:
        """Whether the note with this hash was one of the training notes."""
        at = int(np.searchsorted(self.seen, note))
        return at < len(self.seen) and int(self.seen[at]) == note


def note_hash(text: str) -> int:
    """The number by which a model remembers that it has seen a note."""
    return zlib.crc32(" ".join(text.split()).encode("utf-8", "replace"))


def write_model(model: FindingModel, path: Path) -> None:
    """Write ``model`` as one compressed archive of plain arrays."""
    columns: dict[str, Any] = {
        **weights_to_columns(model.weights),
        **trees_to_columns(model.trees, "tree_"),
        **{f"wording_{name}": getattr(model.wordings, name) for name in Wordings.__dataclass_fields__},
        "threshold": np.float64(model.threshold),
        "seen": model.seen,
    }
    np.savez_compressed(path, **columns, allow_pickle=False)


def read_model(path: Path) -> FindingModel:
    """The model in ``path``.

    Raises:
        OSError: there is no such file.
    """
    with np.load(path, allow_pickle=False) as archive:
        columns: dict[str, Any] = dict(archive)
    return FindingModel(
        weights_from_columns(columns),
        Wordings(**{name: columns[f"wording_{name}"] for name in Wordings.__dataclass_fields__}),
        trees_from_columns(columns, "tree_"),
        float(columns["threshold"]),
        columns["seen"],
    )


@lru_cache(maxsize=1)
def find_shipped_model() -> FindingModel | None:
    """The model that ships with this package, or ``None`` if it was left out."""
    resource = files("data").joinpath(MODEL_FILE)
    if not resource.is_file():
        return None
    with as_file(resource) as path:
        return read_model(path)
