"""The graph as it would be without some publications: only the diseases that lose annotations are computed again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from kg import FactColumns

from .profiles import Annotations, Floats, Ints, profile, propagate
from .ranking_index import RankingIndex

if TYPE_CHECKING:
    from scipy import sparse


@dataclass(frozen=True, slots=True)
class Amended:
    """The diseases that lose annotations, by their index, and what remains of them.

    ``rows`` are the facts that are withheld. ``stated`` is a sparse, ``present`` and ``spectrum`` are dense profiles
    (n_amended, n_terms), ``present_change`` is what ``present`` has lost. ``touched`` are the diseases whose ratio
    changes, with (n_amended, n_touched) ``passed_on``: how much of the change of an amended disease's own ratio
    reaches each.
    """

    diseases: Ints
    rows: Ints
    stated: sparse.csr_array
    present: Floats
    present_change: Floats
    spectrum: Floats
    touched: Ints
    passed_on: Floats


def withhold(index: RankingIndex, columns: FactColumns, references: Collection[str]) -> Amended | None:
    """What changes when annotations are ignored whose references are all among these; ``None`` if nothing does."""
    if not references:
        return None
    cited = np.concatenate([index.references.entries(reference) for reference in sorted(set(references))])
    entries, times = np.unique(cited, return_counts=True)
    entries = entries[times == index.references_per_annotation[entries]]
    return _amended(index, columns, entries) if len(entries) else None


def _amended(index: RankingIndex, columns: FactColumns, entries: Ints) -> Amended:
    diseases = np.unique(index.annotations.disease[entries])
    axes = replace(index.axes, diseases=index.axes.diseases[diseases])
    rest = profile(
        _rest(index.annotations, diseases, entries), index.described[diseases], columns, axes, index.settings
    )
    lent = index.relatives_by_source[diseases]
    touched = np.union1d(lent.indices, diseases)
    passed_on = lent[:, touched].toarray()
    passed_on[np.arange(len(diseases)), np.searchsorted(touched, diseases)] += 1 - index.settings.silent_share
    present, spectrum = rest.present.toarray(), rest.spectrum.toarray()
    change = present - propagate(index.stated[diseases], axes.ancestors).toarray()
    return Amended(diseases, index.annotations.row[entries], rest.stated, present, change, spectrum, touched, passed_on)


def _rest(found: Annotations, diseases: Ints, entries: Ints) -> Annotations:
    """The other annotations of the diseases, which are numbered from 0."""
    first, last = np.searchsorted(found.disease, diseases), np.searchsorted(found.disease, diseases, side="right")
    theirs = np.concatenate([np.arange(start, stop) for start, stop in zip(first, last, strict=True)])
    kept = np.setdiff1d(theirs, entries)
    return Annotations(found.row[kept], np.searchsorted(diseases, found.disease[kept]), found.term[kept])
