"""All diseases by their findings, as a sparse matrix: how specific a finding is, and who shares it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kg import Curie, Predicate, Snapshot

if TYPE_CHECKING:
    from scipy import sparse


class FindingsIndex:
    """Recorded findings of every disease, each with all it is a kind of; made on first use, in about a second."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    @cached_property
    def matrix(self) -> sparse.csr_array:
        """Float matrix (n_concepts, n_concepts): 1 where the row's disease has the column's finding or a kind of it."""
        from scipy import sparse

        columns = self._snapshot.columns
        wanted = self._has_phenotype_code
        rows = np.flatnonzero((columns.predicate == wanted) & (columns.negated == 0))
        ones = np.ones(len(rows), dtype=np.float32)
        size = len(self._snapshot)
        own = sparse.csr_array((ones, (columns.subject[rows], columns.object[rows])), shape=(size, size))
        whole = own @ self._snapshot.closure().astype(np.float32)
        whole.data[:] = 1.0
        return sparse.csr_array(whole)

    @cached_property
    def _has_phenotype_code(self) -> int:
        """The number that stands for the predicate in the columns; -1 if no fact has it."""
        column = self._snapshot.columns.predicate
        for code in np.unique(column):
            row = int(np.flatnonzero(column == code)[0])
            if self._snapshot.fact_at(row).predicate is Predicate.HAS_PHENOTYPE:
                return int(code)
        return -1

    @cached_property
    def information(self) -> npt.NDArray[np.float64]:
        """Information content of each finding (n_concepts,): -ln of the share of diseases that have it."""
        counts = np.asarray(self.matrix.sum(axis=0)).ravel().astype(np.float64)
        diseases = max(1, int((np.diff(self.matrix.indptr) > 0).sum()))
        content: npt.NDArray[np.float64] = -np.log(np.maximum(counts, 1.0) / diseases)
        return content

    def specificity(self, finding: Curie) -> float:
        """Information content of one finding, in nats."""
        return float(self.information[self._snapshot.position(finding)])

    def similar(self, disease: Curie, most: int) -> list[tuple[Curie, float]]:
        """The diseases whose findings are most alike, with simGIC in 0..1 (Pesquita et al. 2008); best first.

        Kinds and classes of the disease are left out, and so is what shares nothing.
        """
        position = self._snapshot.position(disease)
        own = self.matrix[[position]]
        if own.nnz == 0:
            return []
        weighted = own.multiply(self.information).tocsr()
        shared = np.asarray((self.matrix @ weighted.T).todense()).ravel()
        sums = self.matrix @ self.information
        union = sums + sums[position] - shared
        scores = np.where(union > 0, shared / np.maximum(union, 1e-9), 0.0)
        related = [*self._snapshot.ancestor_positions(position), *self._snapshot.descendant_positions(position)]
        scores[np.asarray(related, dtype=np.int64)] = 0.0
        order = np.lexsort((np.arange(len(scores)), -scores))[:most]
        return [(self._snapshot.curie_at(int(at)), float(scores[at])) for at in order if scores[at] > 0]
