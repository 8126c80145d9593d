"""Everything the ranking computes once for a graph, in memory or as memory-mapped files."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections import defaultdict
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kg import Snapshot

from .described import described_findings
from .errors import RankingIndexDamaged
from .profiles import Annotations, Axes, Ints, profile, read_axes
from .ranking_settings import DEFAULT, RankingSettings
from .relatives import relatives

if TYPE_CHECKING:
    from scipy import sparse

LAYOUT = 2
"""Raised whenever the files, or how they are computed, change."""

_MANIFEST = "manifest.json"
_MATRICES = (
    "ancestors",
    "described",
    "stated",
    "present_by_term",
    "spectrum_by_term",
    "relatives",
    "relatives_by_source",
)
_ARRAYS = ("diseases", "terms", "row", "disease", "term", "references", "reference_start", "reference_entry")


@dataclass(frozen=True, slots=True)
class References:
    """Which annotations cite what: ``names`` is sorted, ``entry[start[i]:start[i + 1]]`` are indices of annotations."""

    names: npt.NDArray[np.str_]
    start: Ints
    entry: Ints

    def entries(self, reference: str) -> Ints:
        """Annotations that cite a reference."""
        found = int(np.searchsorted(self.names, reference))
        if found == len(self.names) or self.names[found] != reference:
            return np.zeros(0, dtype=np.int64)
        return self.entry[self.start[found] : self.start[found + 1]]


@dataclass(frozen=True)
class RankingIndex:
    """Profiles of all diseases and what connects them, with the settings they were made under.

    ``described`` is bool and ``stated`` float32 (n_diseases, n_terms); ``present_by_term`` and ``spectrum_by_term``
    are (n_terms, n_diseases), as in `Profiles` but transposed. ``relatives`` is (n_diseases, n_diseases), row the
    disease that borrows, and ``relatives_by_source`` its transpose. All are in CSR form with sorted indices.
    """

    axes: Axes
    annotations: Annotations
    described: sparse.csr_array
    stated: sparse.csr_array
    present_by_term: sparse.csr_array
    spectrum_by_term: sparse.csr_array
    relatives: sparse.csr_array
    relatives_by_source: sparse.csr_array
    references: References
    settings: RankingSettings

    @cached_property
    def references_per_annotation(self) -> Ints:
        """How many references each annotation has."""
        return np.bincount(self.references.entry, minlength=len(self.annotations.row))


def build_index(snapshot: Snapshot, settings: RankingSettings = DEFAULT) -> RankingIndex:
    """The index of a graph, computed in memory."""
    axes, annotations = read_axes(snapshot)
    return _index(snapshot, axes, annotations, _described(snapshot, axes), _references(snapshot, annotations), settings)


def reweighted(index: RankingIndex, snapshot: Snapshot, settings: RankingSettings) -> RankingIndex:
    """The index of the same graph under other settings, without reading texts and references again."""
    return _index(snapshot, index.axes, index.annotations, index.described, index.references, settings)


def _index(
    snapshot: Snapshot,
    axes: Axes,
    annotations: Annotations,
    described: sparse.csr_array,
    references: References,
    settings: RankingSettings,
) -> RankingIndex:
    profiles = profile(annotations, described, snapshot.columns, axes, settings)
    borrowed = relatives(snapshot, axes, settings)
    return RankingIndex(
        axes,
        annotations,
        described,
        _sorted(profiles.stated),
        _sorted(profiles.present.T),
        _sorted(profiles.spectrum.T),
        _sorted(borrowed),
        _sorted(borrowed.T),
        references,
        settings,
    )


def _sorted(matrix: sparse.csr_array | sparse.csc_array) -> sparse.csr_array:
    result: sparse.csr_array = matrix.tocsr()
    result.sort_indices()
    return result


def _described(snapshot: Snapshot, axes: Axes) -> sparse.csr_array:
    from scipy import sparse

    curies = [snapshot.curie_at(int(position)) for position in axes.diseases]
    term = {snapshot.curie_at(int(position)): index for index, position in enumerate(axes.terms)}
    found = described_findings(snapshot, curies)
    pairs = [(row, term[finding]) for row, curie in enumerate(curies) for finding in sorted(found.get(curie, ()))]
    rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    shape = (len(axes.diseases), len(axes.terms))
    return sparse.csr_array((np.ones(len(pairs), dtype=bool), (rows, columns)), shape=shape)


def _references(snapshot: Snapshot, annotations: Annotations) -> References:
    citing: dict[str, list[int]] = defaultdict(list)
    entry_of = {int(row): entry for entry, row in enumerate(annotations.row)}
    for row, cited in snapshot.references_of(iter(entry_of)):
        for reference in cited:
            citing[reference].append(entry_of[row])
    names = sorted(citing)
    entries = [np.unique(np.array(citing[name], dtype=np.int64)) for name in names]
    start = np.cumsum([0, *map(len, entries)], dtype=np.int64)
    return References(np.array(names, dtype=np.str_), start, np.concatenate([*entries, np.zeros(0, dtype=np.int64)]))


def write_index(index: RankingIndex, version: str, folder: Path) -> None:
    """Write the index into ``folder``, which appears whole or not at all and replaces an older one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = folder.with_name(f".{folder.name}-{os.getpid()}-{secrets.token_hex(3)}")
    scratch.mkdir()
    try:
        for name, array in _arrays(index).items():
            np.save(scratch / f"{name}.npy", array, allow_pickle=False)
        (scratch / _MANIFEST).write_text(json.dumps(_stamp(version, index.settings)), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _stamp(version: str, settings: RankingSettings) -> dict[str, Any]:
    return {"layout": LAYOUT, "version": version, "settings": asdict(settings)}


def _arrays(index: RankingIndex) -> dict[str, npt.NDArray[Any]]:
    axes, annotations, references = index.axes, index.annotations, index.references
    arrays: dict[str, npt.NDArray[Any]] = {
        "diseases": axes.diseases,
        "terms": axes.terms,
        "row": annotations.row,
        "disease": annotations.disease,
        "term": annotations.term,
        "references": references.names,
        "reference_start": references.start,
        "reference_entry": references.entry,
    }
    matrices = {"ancestors": axes.ancestors} | {name: getattr(index, name) for name in _MATRICES[1:]}
    for name, matrix in matrices.items():
        arrays |= {f"{name}-{part}": getattr(matrix, part) for part in ("data", "indices", "indptr")}
    return arrays


def open_index(folder: Path, version: str, settings: RankingSettings = DEFAULT) -> RankingIndex:
    """The index in ``folder``, memory-mapped.

    Raises:
        RankingIndexDamaged: it is missing, incomplete, or belongs to another graph or program version.
    """
    from scipy import sparse

    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        if manifest != _stamp(version, settings):
            raise RankingIndexDamaged(folder, "made for another graph, with other settings or by another version")
        part = {name: _mapped(folder / f"{name}.npy") for name in _ARRAYS}
        shapes = _shapes(len(part["diseases"]), len(part["terms"]))
        matrix = {}
        for name in _MATRICES:
            data, indices, indptr = (_mapped(folder / f"{name}-{field}.npy") for field in ("data", "indices", "indptr"))
            matrix[name] = sparse.csr_array((data, indices, indptr), shape=shapes[name])
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise RankingIndexDamaged(folder, str(error)) from error
    return RankingIndex(
        axes=Axes(part["diseases"], part["terms"], matrix.pop("ancestors")),
        annotations=Annotations(part["row"], part["disease"], part["term"]),
        references=References(part["references"], part["reference_start"], part["reference_entry"]),
        settings=settings,
        **matrix,
    )


def _mapped(path: Path) -> npt.NDArray[Any]:
    """The array in a file, as a plain view: the class ``numpy.memmap`` itself is slow to slice."""
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _shapes(diseases: int, terms: int) -> dict[str, tuple[int, int]]:
    shapes = dict.fromkeys(_MATRICES, (diseases, terms))
    shapes |= dict.fromkeys(("present_by_term", "spectrum_by_term"), (terms, diseases))
    shapes |= dict.fromkeys(("relatives", "relatives_by_source"), (diseases, diseases))
    return shapes | {"ancestors": (terms, terms)}
