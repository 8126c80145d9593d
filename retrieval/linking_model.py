"""The learned model that weighs the identifiers a given mention can mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg import Curie

from .hashed_weights import HashedWeights, weights_from_columns, weights_to_columns
from .trees import Trees, trees_from_columns, trees_to_columns

EVIDENCE = (
    "name",
    "name close",
    "overlap",
    "mention covered",
    "name covered",
    "name kind",
    "names",
    "letters of a name",
    "letters of the label",
    "steps",
    "heading number",
    "supplementary number",
    "OMIM",
    "series",
    "reading",
    "written out",
    "behind best name",
    "rank by name",
    "words lacking",
    "telling words lacking",
    "words added",
    "numbers lacking",
    "numbers added",
    "numbers shared",
    "last word shared",
    "first word shared",
    "score",
    "best score",
    "behind best score",
    "log count",
    "share by letters",
    "times by letters",
    "share by words",
    "times by words",
    "words of the mention",
    "capitals",
    "depth",
    "a finding",
    "candidates",
)
"""What speaks for an identifier by itself, in the order of the columns that the trees read."""

CONTEXT = (
    "first probability",
    "behind first",
    "first rank",
    "sum in other mentions",
    "best in other mentions",
    "best of another identifier in other mentions",
    "wordings in the text",
    "times mentioned",
)
"""What the other mentions of a text add to `EVIDENCE` in the second pass."""


@dataclass(frozen=True, slots=True)
class Wordings:
    """Which identifiers the wordings of the training texts were given.

    ``keys`` are sorted hashes; ``labels`` and ``times`` of ``keys[i]`` are ``starts[i]:starts[i+1]``.
    """

    keys: NDArray[np.uint64]
    starts: NDArray[np.int32]
    labels: NDArray[np.int16]
    times: NDArray[np.int16]

    def of(self, key: int) -> dict[int, int]:
        """Row of each identifier → how often the wording with this hash was given it."""
        at = int(np.searchsorted(self.keys, np.uint64(key)))
        if at == len(self.keys) or int(self.keys[at]) != key:
            return {}
        inside = slice(int(self.starts[at]), int(self.starts[at + 1]))
        return dict(zip(self.labels[inside].tolist(), self.times[inside].tolist(), strict=True))


def wordings_of(times: Mapping[int, Mapping[int, int]]) -> Wordings:
    """`Wordings` of hash → row of an identifier → times."""
    keys = sorted(times)
    rows = [(label, n) for key in keys for label, n in sorted(times[key].items())]
    return Wordings(
        np.array(keys, dtype=np.uint64),
        np.cumsum([0, *(len(times[key]) for key in keys)], dtype=np.int32),
        np.array([label for label, _ in rows], dtype=np.int16),
        np.minimum([n for _, n in rows], 1 << 14).astype(np.int16),
    )


@dataclass(frozen=True, slots=True)
class LinkingModel:
    """A linear score for each identifier, wordings by their letters and by their words, and trees of two passes.

    ``alone`` weighs `EVIDENCE`, ``together`` also `CONTEXT`.
    """

    weights: HashedWeights
    letters: Wordings
    words: Wordings
    alone: Trees
    together: Trees

    def named(self, rows: Mapping[int, int]) -> dict[Curie, int]:
        """The same by identifier."""
        return {self.weights.curies[row]: times for row, times in rows.items()}


def write_linking_model(model: LinkingModel, path: Path) -> None:
    """Write ``model`` as one compressed archive of plain arrays."""
    columns: dict[str, Any] = {
        **weights_to_columns(model.weights),
        **{f"letters_{name}": getattr(model.letters, name) for name in Wordings.__dataclass_fields__},
        **{f"words_{name}": getattr(model.words, name) for name in Wordings.__dataclass_fields__},
        **trees_to_columns(model.alone, "alone_"),
        **trees_to_columns(model.together, "together_"),
    }
    np.savez_compressed(path, **columns, allow_pickle=False)


def read_linking_model(path: Path) -> LinkingModel:
    """The model in ``path``.

    Raises:
        OSError: there is no such file.
    """
    with np.load(path, allow_pickle=False) as archive:
        columns: dict[str, Any] = dict(archive)
    fields = tuple(Wordings.__dataclass_fields__)
    return LinkingModel(
        weights_from_columns(columns),
        Wordings(**{name: columns[f"letters_{name}"] for name in fields}),
        Wordings(**{name: columns[f"words_{name}"] for name in fields}),
        trees_from_columns(columns, "alone_"),
        trees_from_columns(columns, "together_"),
    )
