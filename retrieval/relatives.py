"""Diseases that are alike before any finding is known: of one class, of one gene, or a kind of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kg import Predicate, Snapshot

from .profiles import Axes
from .ranking_settings import RankingSettings

if TYPE_CHECKING:
    from scipy import sparse

_GENE = tuple(Predicate).index(Predicate.GENE_OF_DISEASE)


def relatives(snapshot: Snapshot, axes: Axes, settings: RankingSettings) -> sparse.csr_array:
    """Float32 (n_diseases, n_diseases), zero diagonal: how much a disease borrows from each of its relatives.

    Three kinds, each adding up to ``relatives_share`` for a disease that has such relatives: the more general
    diseases it is a kind of; the members of its classes; the diseases of its genes. Small classes and genes with few
    diseases count more.
    """
    general = _more_general(snapshot, axes, settings.largest_class)
    same_class = _of_one_group(_memberships(snapshot, axes, settings.largest_class))
    same_gene = _of_one_group(_genes(snapshot, axes))
    kinds = [_shares(kind) for kind in (general, same_class, same_gene)]
    total: sparse.csr_array = (kinds[0] + kinds[1] + kinds[2]) * np.float32(settings.relatives_share)
    return total.tocsr().astype(np.float32)


def _memberships(snapshot: Snapshot, axes: Axes, largest: int) -> sparse.csr_array:
    """Bool (n_diseases, n_classes) for the classes that hold 2 to ``largest`` of the diseases."""
    member = snapshot.closure()[axes.diseases].tocsc().astype(np.float32)
    size = np.diff(member.indptr)
    chosen: sparse.csr_array = member[:, np.flatnonzero((size >= 2) & (size <= largest))].tocsr()
    return chosen


def _of_one_group(members: sparse.csr_array) -> sparse.csr_array:
    """(n_diseases, n_diseases): one over the size of every group that two diseases share, summed."""
    from scipy import sparse

    size = np.asarray(members.sum(axis=0)).ravel()
    together: sparse.csr_array = (members @ sparse.diags_array(1 / np.maximum(size, 1)) @ members.T).tocsr()
    return together


def _more_general(snapshot: Snapshot, axes: Axes, largest: int) -> sparse.csr_array:
    """A disease's ancestors that are diseases of the axes themselves, weighted by one over the size of their class."""
    from scipy import sparse

    above = snapshot.closure()[axes.diseases].tocsc()[:, axes.diseases].astype(np.float32)
    size = np.asarray(above.sum(axis=0)).ravel()
    weighted: sparse.csr_array = (above @ sparse.diags_array(np.where(size <= largest, 1 / size, 0))).tocsr()
    return weighted


def _genes(snapshot: Snapshot, axes: Axes) -> sparse.csr_array:
    from scipy import sparse

    columns = snapshot.columns
    rows = np.flatnonzero((columns.predicate == _GENE) & np.isin(columns.object, axes.diseases))
    disease = np.searchsorted(axes.diseases, columns.object[rows])
    _, gene = np.unique(columns.subject[rows], return_inverse=True)
    shape = (len(axes.diseases), int(gene.max(initial=-1)) + 1)
    links = sparse.csr_array((np.ones(len(rows), np.float32), (disease, gene)), shape=shape)
    links.data[:] = 1
    return links


def _shares(weights: sparse.csr_array) -> sparse.csr_array:
    """Rows scaled to sum 1, without the diagonal."""
    from scipy import sparse

    weights = weights.tocsr()
    weights.setdiag(0)
    weights.eliminate_zeros()
    total = np.asarray(weights.sum(axis=1)).ravel()
    scaled: sparse.csr_array = (sparse.diags_array(1 / np.where(total > 0, total, 1)) @ weights).tocsr()
    return scaled
