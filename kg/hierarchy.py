"""What lies under what: the reflexive, transitive closure of ``subclass_of``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .mapped import Ints, MappedFiles

if TYPE_CHECKING:
    from scipy import sparse


class Hierarchy:
    """Ancestors and descendants by position."""

    def __init__(self, files: MappedFiles, size: int) -> None:
        self._files, self._size = files, size

    def ancestors(self, position: int) -> Ints:
        """Positions of all superclasses and the concept itself, sorted."""
        closure = self.closure
        return np.asarray(closure.indices[closure.indptr[position] : closure.indptr[position + 1]])

    def descendants(self, position: int) -> Ints:
        """Positions of all subclasses and the concept itself, sorted."""
        column = self._by_ancestor
        return np.asarray(column.indices[column.indptr[position] : column.indptr[position + 1]])

    def is_under(self, position: int, ancestor: int) -> bool:
        """Whether ``ancestor`` is the concept itself or a superclass of it."""
        ancestors = self.ancestors(position)
        found = int(np.searchsorted(ancestors, ancestor))
        return found < len(ancestors) and int(ancestors[found]) == ancestor

    @cached_property
    def closure(self) -> sparse.csr_array:
        """Bool matrix (n_concepts, n_concepts): row concept, its ancestors and itself as columns."""
        from scipy import sparse

        from .layout import CLOSURE

        indptr, indices = (self._files.arrays[name] for name in CLOSURE)
        ones = np.ones(len(indices), dtype=bool)
        return sparse.csr_array((ones, indices, indptr), shape=(self._size, self._size))

    @cached_property
    def _by_ancestor(self) -> sparse.csc_array:
        matrix = self.closure.tocsc()
        matrix.sort_indices()
        return matrix
