"""Log likelihood ratios of one finding for every disease.

An observed finding is explained by the disease's own annotation, by its relatives' or by neither. Evidence reaches it
through each common ancestor ``a``: given that a patient has ``a``, the finding itself is as likely as in the
background, so the ratio there is P(a | disease) / P(a), and the ratios of all levels are mixed with weights that fade
with the information lost. LIRICAL (Robinson et al. 2020, doi:10.1016/j.ajhg.2020.06.021) is the special case of one
level; mixing with a background share is Jelinek-Mercer smoothing (Zhai and Lafferty 2004, doi:10.1145/984321.984322).

An excluded finding was looked for and not seen: P(looked for | disease) falls with what is outside the disease's
spectrum, and P(not seen | disease) with the finding's frequency.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from .profiles import Floats, Ints
from .ranking_index import RankingIndex
from .ranking_settings import Exclusion
from .withholding import Amended

if TYPE_CHECKING:
    from scipy import sparse

_T = TypeVar("_T")

_CACHED_TERMS = 2048
_BATCH = 64
_KEY_RANGE = 0.1
"""Over so much of frequency a finding becomes a key finding."""

_RARE = 0.2
"""Added to the number of diseases that have a term, so that a term without annotation has a background too."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """One excluded term against every disease: ``log_ratio`` (n_diseases,), and the mean that scales it."""

    mean: float
    log_ratio: Floats


class LRU(Generic[_T]):
    """The latest values by term."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[int, _T] = OrderedDict()

    def find(self, term: int) -> _T | None:
        """The kept value, which becomes the latest one."""
        if term in self._values:
            self._values.move_to_end(term)
        return self._values.get(term)

    def keep(self, term: int, value: _T) -> None:
        """Keep a value and drop the oldest if there are too many."""
        self._values[term] = value
        if len(self._values) > self._size:
            self._values.popitem(last=False)


class FindingLikelihood:
    """Ratios for terms, by their index on the axes. Keeps the latest terms in memory."""

    def __init__(self, index: RankingIndex) -> None:
        self._index, self._settings = index, index.settings
        self._observed: LRU[Floats] = LRU(_CACHED_TERMS)
        self._excluded: LRU[Excluded] = LRU(_CACHED_TERMS)

    @cached_property
    def background(self) -> Floats:
        """(n_terms,): mean over diseases of the frequency of each term, never zero."""
        return _background(self._index.present_by_term)

    @cached_property
    def spectrum_background(self) -> Floats:
        """(n_terms,): the same for what is looked for."""
        return _background(self._index.spectrum_by_term)

    @cached_property
    def length_penalty(self) -> Floats:
        """(n_diseases,): taken off for each observed finding, more for a disease with many annotated findings."""
        return self._penalty(self._index.stated)

    @cached_property
    def _mean_size(self) -> float:
        return float(self._index.stated.sum()) / self._index.stated.shape[0] + self._settings.length_offset

    def _penalty(self, stated: sparse.csr_array) -> Floats:
        sizes = np.asarray(stated.sum(axis=1)).ravel() + self._settings.length_offset
        penalty: Floats = (self._settings.length_weight * np.log(sizes / self._mean_size)).astype(np.float32)
        return penalty

    @cached_property
    def levels(self) -> Callable[[int], tuple[Ints, Floats]]:
        """From a term to its ancestors with itself, and the share of evidence that each carries; shares sum to 1."""
        return lru_cache(maxsize=_CACHED_TERMS)(self._levels)

    def _levels(self, term: int) -> tuple[Ints, Floats]:
        ancestors = self._index.axes.ancestors
        above = ancestors.indices[ancestors.indptr[term] : ancestors.indptr[term + 1]].astype(np.int64)
        share: Floats = (self.background[term] / self.background[above]) ** self._settings.level_decay
        return above, share / share.sum()

    def observed(self, terms: Sequence[int], amended: Amended | None = None) -> Iterator[Floats]:
        """For each observed term, (n_diseases,) log likelihood ratios without the length penalty."""
        for start in range(0, len(terms), _BATCH):
            batch = terms[start : start + _BATCH]
            known = {term: self._observed.find(term) for term in batch}
            missing = [term for term, found in known.items() if found is None]
            fresh = dict(zip(missing, self._observe(missing), strict=True)) if missing else {}
            for term in batch:
                log_ratio = fresh[term] if (found := known[term]) is None else found
                self._observed.keep(term, log_ratio)
                yield log_ratio if amended is None else self._amend(term, log_ratio, amended)

    def _observe(self, terms: Sequence[int]) -> Iterator[Floats]:
        own = np.empty((self._index.present_by_term.shape[1], len(terms)), dtype=np.float32)
        for column, term in enumerate(terms):
            above, share = self.levels(term)
            own[:, column] = _mixed(self._index.present_by_term, above, share / self.background[above])
        ratios = self.smoothed(own) + self._index.relatives @ own
        return (row.copy() for row in np.log(ratios).T)  # a view would keep the whole batch in memory

    def _amend(self, term: int, log_ratio: Floats, amended: Amended) -> Floats:
        above, share = self.levels(term)
        change = amended.present_change[:, above] @ (share / self.background[above])
        ratio = np.exp(log_ratio[amended.touched]) + change @ amended.passed_on
        log_ratio = log_ratio.copy()
        log_ratio[amended.touched] = np.log(np.maximum(ratio, self._settings.silent_share))
        return log_ratio

    def smoothed(self, own: Floats) -> Floats:
        """A disease's own ratio mixed with the share that its annotation cannot explain."""
        share = np.float32(self._settings.silent_share)
        return (1 - share) * own + share

    def excluded(self, term: int, amended: Amended | None = None) -> Floats:
        """(n_diseases,) log likelihood ratio of a term that was looked for and not seen."""
        found = self._excluded.find(term)
        if found is None:
            found = self._exclude(term)
            self._excluded.keep(term, found)
        if amended is None:
            return found.log_ratio
        above, share = self.levels(term)
        looked_for = amended.spectrum[:, above] @ (share / self.spectrum_background[above])
        present = amended.present[:, term]
        absent = self._absent(looked_for, present)
        log_ratio = found.log_ratio.copy()
        log_ratio[amended.diseases] = self._excluded_log_ratio(absent / found.mean, present)
        return log_ratio

    def _exclude(self, term: int) -> Excluded:
        above, share = self.levels(term)
        looked_for = _mixed(self._index.spectrum_by_term, above, share / self.spectrum_background[above])
        present = _mixed(self._index.present_by_term, np.array([term]), np.ones(1, np.float32))
        absent = self._absent(looked_for, present)
        mean = float(absent.mean()) or 1.0
        return Excluded(mean, self._excluded_log_ratio(absent / mean, present))

    def _absent(self, looked_for: Floats, present: Floats) -> Floats:
        absent = np.float32(1) - np.float32(self._settings.absence_weight) * present
        return absent * looked_for if self._settings.exclusion is Exclusion.LOOKED_FOR else absent

    def _excluded_log_ratio(self, ratio: Floats, present: Floats) -> Floats:
        share, key = self._settings.looked_for_share, self._settings.key_frequency
        log_ratio: Floats = (self._settings.excluded_weight * np.log(share * ratio + 1 - share)).astype(np.float32)
        denied = np.flatnonzero(present > key - _KEY_RANGE)
        part = np.minimum((present[denied] - key) / np.float32(_KEY_RANGE) + 1, 1)
        penalty = self._settings.excluded_weight * np.log1p(-self._settings.absence_weight * present[denied])
        log_ratio[denied] = np.minimum(log_ratio[denied], (1 - part) * log_ratio[denied] + part * penalty)
        return log_ratio

    def denied(self, term: int, amended: Amended | None = None) -> Floats:
        """(n_diseases,) log likelihood ratio of a no to a question that anybody would have been asked."""
        share, common = np.float32(self._settings.silent_share), self.background[term]
        present = _mixed(self._index.present_by_term, np.array([term]), np.ones(1, np.float32))
        if amended is not None:
            present[amended.diseases] = amended.present[:, term]
        log_ratio: Floats = np.log((1 - (1 - share) * present - share * common) / (1 - common))
        return log_ratio

    def absence_penalty(self, frequency: float) -> float:
        """The part of an excluded finding's log ratio that its frequency in the disease explains; never positive."""
        return self._settings.excluded_weight * float(np.log1p(-self._settings.absence_weight * frequency))

    def penalties(self, amended: Amended | None) -> Floats:
        """`length_penalty`, with the amended diseases as they are without the withheld annotations."""
        if amended is None:
            return self.length_penalty
        penalty = self.length_penalty.copy()
        penalty[amended.diseases] = self._penalty(amended.stated)
        return penalty


def _background(by_term: sparse.csr_array) -> Floats:
    return (np.asarray(by_term.sum(axis=1)).ravel() + _RARE).astype(np.float32) / np.float32(by_term.shape[1])


def _mixed(by_term: sparse.csr_array, terms: Ints, weights: Floats) -> Floats:
    """(n_diseases,): weighted sum of some rows."""
    total = np.zeros(by_term.shape[1], dtype=np.float32)
    for term, weight in zip(terms, weights, strict=True):
        row = slice(by_term.indptr[term], by_term.indptr[term + 1])
        total[by_term.indices[row]] += weight * by_term.data[row]
    return total
