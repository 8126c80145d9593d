"""What a patient's sex, age at onset and family say about each disease, as log ratios against the average disease.

Sex counts where inheritance depends on it. Onset is compared with the onset terms annotated for a disease: each puts
its patients into bins of age, and what is said of few patients is smoothed by the average disease. Where only the age
at the last visit is known, the disease had begun by then. What a disease says nothing of changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kg import ONSET_RANGES, PREDICATES, Case, Curie, FindingStatus, Predicate, Sex, Snapshot

from .profiles import Floats, Ints
from .ranking_settings import RankingSettings

BIN_ENDS = (0.0, 28 / 365.25, 1.0, 5.0, 16.0, 40.0, 60.0, 130.0)
"""Ages in years at which the bins of onset end: before birth, newborn, infant, child, juvenile, young adult, middle
age, late."""

_COUNTED_AS = 3.0  # patients that an onset without a number is worth
_AGREES, _DIFFERS = 0.9, 0.1  # chance that a family history suggests the true mode of inheritance, and another one

_X_LINKED, _RECESSIVE_X, _DOMINANT_X = "HP:0001417", "HP:0001419", "HP:0001423"
_DOMINANT, _RECESSIVE, _Y_LINKED, _MITOCHONDRIAL = "HP:0000006", "HP:0000007", "HP:0001450", "HP:0001427"
_MENDELIAN = frozenset({_DOMINANT, _RECESSIVE, _X_LINKED, _RECESSIVE_X, _DOMINANT_X, _Y_LINKED, _MITOCHONDRIAL})

FEMALE_SHARE: Mapping[Curie, float] = {
    _RECESSIVE_X: 0.1,  # hemizygous males; females seldom, by skewed inactivation
    _X_LINKED: 0.3,  # recessive or dominant is not told
    _DOMINANT_X: 0.6,  # two X chromosomes to be hit, and some are lethal in males
    _Y_LINKED: 0.01,
    "HP:0001475": 0.01,  # male-limited expression
    "HP:0034344": 0.99,  # female-limited expression
}
"""Share of females among patients by mode of inheritance; all other modes affect both sexes alike."""

_LIMITED = ("HP:0001475", "HP:0034344")
_CONSANGUINITY = "ICD10CM:Z84.3"
_PARENTS = frozenset({"mother", "father", "parent"})


@dataclass(frozen=True, slots=True)
class OnsetFacts:
    """One entry per onset annotation: snapshot row, disease on the axes, patients, and (n, n_bins) shares of bins."""

    row: Ints
    disease: Ints
    patients: Floats
    bins: Floats


class PatientLikelihood:
    """Log ratios for what is known of a patient besides findings; (n_diseases,) each, in the order of the axes."""

    def __init__(self, snapshot: Snapshot, diseases: Ints, settings: RankingSettings) -> None:
        self._snapshot, self._diseases, self._settings = snapshot, diseases, settings

    def log_ratios(self, case: Case, withhold: Collection[str] = ()) -> dict[str, Floats]:
        """The log ratios of each part that the case tells something about: sex, onset, family."""
        parts: dict[str, Floats] = {}
        if case.sex in (Sex.FEMALE, Sex.MALE) and self._settings.sex_weight:
            parts["sex"] = self._sex(case.sex)
        if self._settings.onset_weight and (onset := self._onset(case, withhold)) is not None:
            parts["onset"] = onset
        if self._settings.family_weight and (family := self._family(case)) is not None:
            parts["family"] = family
        return parts

    # Sex

    def _sex(self, sex: Sex) -> Floats:
        share = self._female_share if sex is Sex.FEMALE else 1 - self._female_share
        ratio: Floats = (self._settings.sex_weight * np.log(2 * share)).astype(np.float32)
        return ratio

    @cached_property
    def _female_share(self) -> Floats:
        share = np.full(len(self._diseases), 0.5, dtype=np.float32)
        for place, modes in self._modes.items():
            limited = [FEMALE_SHARE[mode] for mode in _LIMITED if mode in modes]
            mendelian = modes & _MENDELIAN
            told = limited or [FEMALE_SHARE.get(mode, 0.5) for mode in mendelian]
            if told:
                share[place] = np.mean(told)
        return share

    @cached_property
    def _modes(self) -> Mapping[int, frozenset[Curie]]:
        """Disease on the axes -> its recorded modes of inheritance."""
        columns = self._snapshot.columns
        chosen = (columns.predicate == PREDICATES.index(Predicate.HAS_INHERITANCE)) & (columns.negated == 0)
        found: dict[int, set[Curie]] = defaultdict(set)
        for row, place in zip(*self._on_axes(np.flatnonzero(chosen)), strict=True):
            found[int(place)].add(self._snapshot.curie_at(int(columns.object[row])))
        return {place: frozenset(modes) for place, modes in found.items()}

    def _on_axes(self, rows: Ints) -> tuple[Ints, Ints]:
        """The rows whose subject is on the axes, and its place there."""
        subject = self._snapshot.columns.subject[rows]
        place = np.minimum(np.searchsorted(self._diseases, subject), max(len(self._diseases) - 1, 0))
        known = self._diseases[place] == subject if len(self._diseases) else np.zeros(len(rows), dtype=bool)
        return rows[known], place[known]

    # Onset

    def _onset(self, case: Case, withhold: Collection[str]) -> Floats | None:
        onset = case.onset_years
        if onset is None:
            ages = [finding.onset_years for finding in case.findings if finding.status is FindingStatus.OBSERVED]
            onset = min((age for age in ages if age is not None), default=None)
        by = case.age_years
        if onset is None and by is None:
            return None
        chances, average = self._onset_chances(withhold)
        weights = _bin_of(onset) if onset is not None else _bins_until(float(by or 0.0))
        ratio: Floats = (chances @ weights) / float(average @ weights)
        return (self._settings.onset_weight * np.log(ratio)).astype(np.float32)

    def _onset_chances(self, withhold: Collection[str]) -> tuple[Floats, Floats]:
        """(n_diseases, n_bins) chance of each bin of age, and (n_bins,) that of the average disease."""
        if not withhold:
            return self._all_onsets
        facts, hidden = self._onset_facts, self._hidden(withhold)
        chances, average = self._all_onsets
        if not len(hidden):
            return chances, average
        chances = chances.copy()
        for place in np.unique(facts.disease[hidden]):
            first, last = np.searchsorted(facts.disease, [place, place + 1])
            kept = np.setdiff1d(np.arange(first, last), hidden)
            told = (facts.patients[kept, None] * facts.bins[kept]).sum(axis=0)
            chances[place] = self._smoothed(told[None, :], average)[0]
        return chances, average

    def _hidden(self, withhold: Collection[str]) -> Ints:
        """The onset entries whose references are all among these."""
        cited = [entry for reference in set(withhold) for entry in self._onset_references.get(reference, ())]
        entries, times = np.unique(np.array(cited, dtype=np.int64), return_counts=True)
        hidden: Ints = entries[times == self._references_per_entry[entries]]
        return hidden

    def hidden_rows(self, withhold: Collection[str]) -> Ints:
        """The snapshot rows of the onset annotations whose references are all among these."""
        return self._onset_facts.row[self._hidden(withhold)]

    @cached_property
    def _all_onsets(self) -> tuple[Floats, Floats]:
        facts = self._onset_facts
        told = np.zeros((len(self._diseases), len(BIN_ENDS)), dtype=np.float32)
        np.add.at(told, facts.disease, facts.patients[:, None] * facts.bins)
        known = told[told.sum(axis=1) > 0]
        shares = known / known.sum(axis=1, keepdims=True)
        average = (shares.sum(axis=0) + 1) / (len(shares) + len(BIN_ENDS))
        return self._smoothed(told, average), average.astype(np.float32)

    def _smoothed(self, told: Floats, average: Floats) -> Floats:
        """Counts with those of the neighbouring bins and of the average disease, as chances."""
        spread = self._settings.onset_spread
        moved = np.zeros_like(told)
        moved[:, 1:] += spread * told[:, :-1]
        moved[:, :-1] += spread * told[:, 1:]
        counts = told + moved
        prior = self._settings.onset_prior
        chances: Floats = (counts + prior * average) / (counts.sum(axis=1, keepdims=True) + prior)
        return chances

    @cached_property
    def _onset_facts(self) -> OnsetFacts:
        columns = self._snapshot.columns
        chosen = (columns.predicate == PREDICATES.index(Predicate.HAS_CLINICAL_COURSE)) & (columns.negated == 0)
        rows, places = self._on_axes(np.flatnonzero(chosen))
        ranges = [ONSET_RANGES.get(self._snapshot.curie_at(int(columns.object[row]))) for row in rows]
        told = np.array([found is not None for found in ranges], dtype=bool)
        rows, places = rows[told], places[told]
        bins = [_bins_between(*found) for found in ranges if found is not None]
        counted = columns.numerator[rows].astype(np.float32)
        patients = np.where(columns.denominator[rows] > 0, counted, np.float32(_COUNTED_AS))
        order = np.argsort(places, kind="stable")
        shares = np.array(bins, dtype=np.float32).reshape(-1, len(BIN_ENDS))
        return OnsetFacts(rows[order], places[order], patients[order].astype(np.float32), shares[order])

    @cached_property
    def _onset_references(self) -> Mapping[str, list[int]]:
        """Publication -> the onset entries that cite it."""
        entry = {int(row): at for at, row in enumerate(self._onset_facts.row)}
        found: dict[str, set[int]] = defaultdict(set)
        for row, cited in self._snapshot.references_of(iter(sorted(entry))):
            for reference in cited:
                found[reference].add(entry[row])
        return {reference: sorted(entries) for reference, entries in found.items()}

    @cached_property
    def _references_per_entry(self) -> Ints:
        entries = [entry for found in self._onset_references.values() for entry in found]
        return np.bincount(np.array(entries, dtype=np.int64), minlength=len(self._onset_facts.row))

    # Family

    def _family(self, case: Case) -> Floats | None:
        """Modes that the family history suggests, relatives with the disease itself, and related parents."""
        wanted = {curie for name in case.inheritance if (curie := self._snapshot.resolve(name)) is not None}
        relatives = [item for item in case.family if item.status is FindingStatus.OBSERVED]
        if not wanted and not relatives:
            return None
        total = np.zeros(len(self._diseases), dtype=np.float32)
        if wanted:
            total += self._suggested(wanted)
        concepts = {self._snapshot.resolve(item.concept) for item in relatives}
        for concept in sorted(filter(None, concepts)):
            total += self._shared_disease(concept)
        if _CONSANGUINITY in concepts:
            total += self._by_mode(frozenset({_RECESSIVE}), np.log(2.0), np.log(0.7))
        if self._has_affected_parent(case):
            total += self._by_mode(_MENDELIAN - {_RECESSIVE}, np.log(1.5), np.log(0.4))
        return (self._settings.family_weight * total).astype(np.float32)

    def _has_affected_parent(self, case: Case) -> bool:
        observed = {self._snapshot.resolve(curie) for curie in case.observed}
        return any(
            (item.relative or "").lower() in _PARENTS and self._snapshot.resolve(item.concept) in observed
            for item in case.family
            if item.status is FindingStatus.OBSERVED
        )

    def _suggested(self, wanted: set[Curie]) -> Floats:
        fits = [
            place for place, modes in self._modes.items() if any(self._related(a, b) for a in wanted for b in modes)
        ]
        share = max(len(fits), 1) / max(len(self._modes), 1)
        total = np.zeros(len(self._diseases), dtype=np.float32)
        total[list(self._modes)] = np.log(_DIFFERS / max(1 - share, _DIFFERS))
        total[fits] = np.log(_AGREES / min(share, _AGREES))
        return total

    def _related(self, one: Curie, other: Curie) -> bool:
        return self._snapshot.is_a(one, other) or self._snapshot.is_a(other, one)

    def _by_mode(self, modes: frozenset[Curie], if_any: float, if_none: float) -> Floats:
        """One value for diseases with one of these modes, another for those with other Mendelian modes alone."""
        total = np.zeros(len(self._diseases), dtype=np.float32)
        for place, recorded in self._modes.items():
            if recorded & modes:
                total[place] = if_any
            elif recorded & _MENDELIAN:
                total[place] = if_none
        return total

    def _shared_disease(self, concept: Curie) -> Floats:
        """A relative's own disease is likelier in the patient, as is what it is a kind of and what is a kind of it."""
        position = self._snapshot.position(concept)
        near = [*self._snapshot.ancestor_positions(position), *self._snapshot.descendant_positions(position)]
        total = np.zeros(len(self._diseases), dtype=np.float32)
        total[np.isin(self._diseases, np.array(near, dtype=np.int64))] = np.log(self._settings.relative_odds)
        return total


def _bins_between(begin: float, end: float) -> list[float]:
    """The share of each bin in a range of ages, each bin that it touches weighed by how far it reaches into it."""
    starts = (-1.0, *BIN_ENDS[:-1])
    if begin == end:
        return [1.0 if start <= begin < stop else 0.0 for start, stop in zip(starts, BIN_ENDS, strict=True)]
    inside = [
        max(0.0, min(end, stop) - max(begin, start)) / (stop - start)
        for start, stop in zip(starts, BIN_ENDS, strict=True)
    ]
    return [share / sum(inside) for share in inside]


def _bin_of(years: float) -> Floats:
    return np.array(_bins_between(years, years) if years < BIN_ENDS[-1] else [0.0] * 7 + [1.0], dtype=np.float32)


def _bins_until(years: float) -> Floats:
    """How far each bin lies before an age, 0 to 1."""
    starts = (-1.0, *BIN_ENDS[:-1])
    reached = [(years - start) / (stop - start) for start, stop in zip(starts, BIN_ENDS, strict=True)]
    shares = np.clip(np.array(reached, dtype=np.float32), 0, 1)
    return np.maximum(shares, np.float32(1e-3))
