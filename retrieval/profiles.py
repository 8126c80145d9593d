"""What is known of each disease's findings: frequency estimates, and the same propagated to more general findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kg import Category, FactColumns, Predicate, Snapshot

from .ranking_settings import RankingSettings

if TYPE_CHECKING:
    from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_PHENOTYPES = tuple(Predicate).index(Predicate.HAS_PHENOTYPE)


@dataclass(frozen=True, slots=True)
class Axes:
    """Which concepts the rows and columns of every matrix stand for.

    ``diseases`` and ``terms`` are concept positions in rising order; ``ancestors`` is (n_terms, n_terms), row term,
    column ancestor or the term itself.
    """

    diseases: Ints
    terms: Ints
    ancestors: sparse.csr_array


@dataclass(frozen=True, slots=True)
class Annotations:
    """One entry per phenotype fact, in snapshot order: its snapshot row, and its disease and term on the axes."""

    row: Ints
    disease: Ints
    term: Ints


@dataclass(frozen=True, slots=True)
class Profiles:
    """Sparse matrices (n_diseases, n_terms) of some diseases.

    ``stated`` holds the frequency of each annotated or described finding; ``present`` the same propagated to
    ancestors (the most frequent descendant counts); ``spectrum`` also has, with weight 1, what was looked for and
    never found.
    """

    stated: sparse.csr_array
    present: sparse.csr_array
    spectrum: sparse.csr_array


def read_axes(snapshot: Snapshot) -> tuple[Axes, Annotations]:
    """The diseases that have a phenotype annotation, the phenotype terms, and the annotations themselves."""
    columns = snapshot.columns
    phenotypes = set(snapshot.concepts(Category.PHENOTYPE))
    terms = np.array([place for place, curie in enumerate(snapshot.concepts()) if curie in phenotypes], dtype=np.int64)
    rows = np.flatnonzero((columns.predicate == _PHENOTYPES) & np.isin(columns.object, terms))
    diseases = np.unique(columns.subject[rows[columns.negated[rows] == 0]]).astype(np.int64)
    rows = rows[np.isin(columns.subject[rows], diseases)]
    ancestors = snapshot.closure()[terms][:, terms].tocsr()
    ancestors.sort_indices()
    found = Annotations(
        rows, np.searchsorted(diseases, columns.subject[rows]), np.searchsorted(terms, columns.object[rows])
    )
    return Axes(diseases, terms, ancestors), found


def profile(
    annotations: Annotations,
    described: sparse.csr_array,
    columns: FactColumns,
    axes: Axes,
    settings: RankingSettings,
) -> Profiles:
    """The profiles of all diseases from some annotations; ``described`` is bool (n_diseases, n_terms)."""
    annotated, denied = _frequencies(annotations, columns, axes, settings)
    stated = annotated.maximum(described.astype(np.float32) * np.float32(settings.described_frequency)).tocsr()
    spectrum = stated.maximum(denied).tocsr()
    return Profiles(stated, propagate(stated, axes.ancestors), propagate(spectrum, axes.ancestors))


def _frequencies(
    found: Annotations, columns: FactColumns, axes: Axes, settings: RankingSettings
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Posterior mean frequency of each annotated pair of disease and term, and 1 for each pair that is only denied."""
    from scipy import sparse

    shape = (len(axes.diseases), len(axes.terms))
    pair, which = np.unique(found.disease * shape[1] + found.term, return_inverse=True)
    with_it, seen = _counts(found, columns, settings)
    positive = np.bincount(which, columns.negated[found.row] == 0, len(pair)) > 0
    cases, patients = np.bincount(which, with_it, len(pair)), np.bincount(which, seen, len(pair))
    prior = settings.prior_positive + settings.prior_negative
    mean = (cases + settings.prior_positive) / (patients + prior)
    values = (np.where(positive, mean, 0), np.where(positive, 0, 1.0))
    matrices = []
    for value in values:
        kept = value > 0
        entries = (value[kept].astype(np.float32), np.divmod(pair[kept], shape[1]))
        matrices.append(sparse.csr_array(entries, shape=shape))
    return matrices[0], matrices[1]


def _counts(
    found: Annotations, columns: FactColumns, settings: RankingSettings
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """How many patients of each fact have the finding, and out of how many; zero of zero where it does not say."""
    row = found.row
    counted = columns.denominator[row].astype(np.float64)
    middle = (columns.frequency_low[row].astype(np.float64) + columns.frequency_high[row]) / 2
    middle = np.where(columns.negated[row] == 1, np.where(np.isnan(middle), 0.0, middle), middle)
    known = ~np.isnan(middle)
    share = np.where(known, middle, 0.0)
    patients = np.where(counted > 0, counted, np.where(known, settings.band_patients, 0.0))
    return share * patients, patients


def propagate(stated: sparse.csr_array, ancestors: sparse.csr_array) -> sparse.csr_array:
    """Each value also at every ancestor of its term; where several meet, the largest."""
    from scipy import sparse

    stated = stated.tocsr()
    lengths = np.diff(ancestors.indptr)[stated.indices]
    rows = np.repeat(np.repeat(np.arange(stated.shape[0]), np.diff(stated.indptr)), lengths)
    starts = np.repeat(ancestors.indptr[stated.indices], lengths)
    offsets = np.arange(len(starts)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    key = rows.astype(np.int64) * stated.shape[1] + ancestors.indices[starts + offsets]
    values = np.repeat(stated.data, lengths)
    order = np.lexsort((values, key))
    key, values = key[order], values[order]
    last = np.append(key[1:] != key[:-1], True) if len(key) else np.zeros(0, bool)
    entries = (values[last], np.divmod(key[last], stated.shape[1]))
    return sparse.csr_array(entries, shape=stated.shape)
