"""Dense search: the passages whose vectors point where the question's does."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .fusion import Ranking, Vectors, rank
from .vectors import CompactVectors

if TYPE_CHECKING:
    import faiss

_BLOCK = 8192
"""Vectors decoded at a time while building."""

EXACT_LIMIT = 200_000
"""So many vectors are compared one by one in about 45 ms; more are parted into cells, of which the nearest are read."""

_PROBES = 64
"""Cells read for one question."""

_SAMPLES_PER_CELL = 40
"""Vectors that the cells are learnt from; FAISS asks for 39 at least."""

_SPARE = 16
"""Fetched beyond the wanted number, so that equal scores at the edge are cut by row and not by chance."""


class DenseIndex:
    """A FAISS index in a memory-mapped file; row numbers are those of the texts. A text without a vector is not found.

    Up to `EXACT_LIMIT` vectors it is exact, two bytes a component. Beyond, it is an inverted file of one byte a
    component, which looks into the `_PROBES` nearest of about two square roots of ``n`` cells. Douze et al. 2024,
    arXiv:2401.08281.
    """

    def __init__(self, index: "faiss.Index") -> None:
        self._index = index

    @staticmethod
    def required_bytes(count: int, dim: int) -> int:
        """Memory that building an index of so many vectors takes: the index itself and the vectors held beside it."""
        if count <= EXACT_LIMIT:
            return 2 * count * dim + 4 * min(count, _BLOCK) * dim
        cells = _cells(count)
        return (dim + 16) * count + 4 * (cells + max(_SAMPLES_PER_CELL * cells, _BLOCK)) * dim

    @classmethod
    def write(cls, texts: Sequence[str], vectors: CompactVectors, path: Path) -> None:
        """Index the vectors of ``texts`` into a file."""
        import faiss

        index = _exact(vectors.codes.shape[1]) if len(texts) <= EXACT_LIMIT else _parted(texts, vectors)
        for first in range(0, len(texts), _BLOCK):
            index.add(vectors.vectors_of(texts[first : first + _BLOCK]))
        if hasattr(index, "make_direct_map"):
            index.make_direct_map(True)  # so that vectors are found by row
        faiss.write_index(index, str(path))

    @classmethod
    def open(cls, path: Path) -> "DenseIndex":
        """The index in a file.

        Raises:
            OSError: there is no such file.
            ValueError: it is no such index.
        """
        import faiss

        try:
            return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))
        except RuntimeError as error:  # all that FAISS raises
            reason = str(error).strip().rsplit("\n", 1)[-1]
            raise ValueError(f"{path.name}: {reason}") from error

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """Length of the vectors."""
        return int(self._index.d)

    def search(self, vector: Vectors, k: int) -> Ranking:
        """The ``k`` rows nearest to a unit vector (dim,), by cosine."""
        scores, rows = self._index.search(vector[None, :], min(k + _SPARE, len(self)))
        found = (rows[0] >= 0) & (scores[0] > 0)
        return rank(rows[0][found], scores[0][found], k)

    def scores(self, vector: Vectors, rows: Sequence[int]) -> Vectors:
        """Cosines (n_rows,) float32 of a unit vector (dim,) with the vectors of ``rows``, 0 where there is none."""
        if not rows:
            return np.zeros(0, np.float32)
        cosines: Vectors = self._index.reconstruct_batch(np.asarray(rows, np.int64)) @ vector
        return cosines


def _cells(count: int) -> int:
    return round(2 * math.sqrt(count))


def _exact(dim: int) -> "faiss.Index":
    import faiss

    return faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)


def _parted(texts: Sequence[str], vectors: CompactVectors) -> "faiss.Index":
    """An inverted file without vectors, its cells learnt from texts that lie evenly among all."""
    import faiss

    dim, cells = vectors.codes.shape[1], _cells(len(texts))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dim), dim, cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    index.cp.niter = 8  # cells need not be perfect, and every round costs as much
    step = max(1, len(texts) // (_SAMPLES_PER_CELL * cells))
    index.train(vectors.vectors_of(texts[::step]))
    index.nprobe = min(_PROBES, cells)
    return index
