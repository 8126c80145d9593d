"""Dense search: the passages whose vectors point where the question's does."""

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

_SPARE = 16
"""Fetched beyond the wanted number, so that equal scores at the edge are cut by row and not by chance."""


class DenseIndex:
    """An exact FAISS index of half-precision vectors in a memory-mapped file; row numbers are those of the texts.

    Douze et al. 2024, arXiv:2401.08281. A text without a vector is never found.
    """

    def __init__(self, index: "faiss.Index") -> None:
        self._index = index

    @staticmethod
    def required_bytes(count: int, dim: int) -> int:
        """Memory that building an index of so many vectors takes: the index itself and one block of vectors."""
        return 2 * count * dim + 4 * min(count, _BLOCK) * dim

    @classmethod
    def write(cls, texts: Sequence[str], vectors: CompactVectors, path: Path) -> None:
        """Index the vectors of ``texts`` into a file."""
        import faiss

        dim = vectors.codes.shape[1]
        index = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        for first in range(0, len(texts), _BLOCK):
            index.add(vectors.vectors_of(texts[first : first + _BLOCK]))
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

    def rank_rows(self, vector: Vectors, rows: Sequence[int], k: int) -> Ranking:
        """The ``k`` nearest to a unit vector (dim,) among ``rows``, by cosine."""
        if not rows:
            return []
        chosen = np.asarray(rows, dtype=np.int64)
        return rank(chosen, self._index.reconstruct_batch(chosen) @ vector, k)
