"""Patients simulated from the graph's own annotations, to set parameters without looking at real cases.

Each patient comes from one publication's counted annotations of one disease: a finding seen in n of m patients is
observed with probability n/m and otherwise, half of the time, noted as excluded. Then the picture is blurred:
observed findings are left out, replaced by a parent, or joined by a finding of another disease. Where the publication
counts ages at onset, the patient mostly has one of them. The publication is to be withheld when the patient is ranked,
so the rest of the graph has to recognise what it never saw.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kg import ONSET_RANGES, Case, Curie, Finding, FindingStatus, Predicate, Snapshot

_PHENOTYPES, _COURSES = (
    tuple(Predicate).index(predicate) for predicate in (Predicate.HAS_PHENOTYPE, Predicate.HAS_CLINICAL_COURSE)
)
_OLDEST = 85.0  # years; onset terms without an upper end reach to it


@dataclass(frozen=True, slots=True)
class Blur:
    """How simulated patients differ from their publication; probabilities but for the counts."""

    excluded_noted: float = 0.5
    left_out: float = 0.15
    generalised: float = 0.15
    unrelated: float = 0.5
    fewest_findings: int = 3
    most_findings: int = 20
    per_disease: int = 2
    onset_told: float = 0.7


def simulate_patients(
    snapshot: Snapshot, count: int, seed: int = 0, leave_out: Collection[Curie] = (), blur: Blur = Blur()
) -> Iterator[tuple[Case, Curie]]:
    """Cases and their diseases, at most ``per_disease`` of each; deterministic for a seed."""
    rng = np.random.default_rng(seed)
    usable = [pair for pair in _publications(snapshot) if pair[0] not in leave_out]
    noise = snapshot.columns.object[snapshot.columns.predicate == _PHENOTYPES]
    onsets = _onsets(snapshot)
    drawn: Counter[Curie] = Counter()
    made = 0
    for index in rng.permutation(len(usable)):
        disease, publication, rows = usable[index]
        if made == count:
            return
        if drawn[disease] < blur.per_disease:
            observed, excluded = _findings(snapshot, rows, noise, rng, blur)
            if observed:
                drawn[disease] += 1
                made += 1
                findings = [Finding(curie, FindingStatus.OBSERVED) for curie in observed]
                findings += [Finding(curie, FindingStatus.EXCLUDED) for curie in excluded]
                onset = _onset(onsets.get((disease, publication), []), rng, blur)
                name = f"{disease} {publication}"
                yield Case(name, tuple(findings), onset_years=onset, publications=(publication,)), disease


def _publications(snapshot: Snapshot) -> list[tuple[Curie, str, list[int]]]:
    """Disease, PMID and fact rows, where a publication alone counts five findings and others annotate three more."""
    columns = snapshot.columns
    rows = np.flatnonzero(columns.predicate == _PHENOTYPES)
    cited: dict[int, set[str]] = defaultdict(set)
    for row, references in snapshot.references_of(iter(map(int, rows))):
        cited[row].update(references)
    groups: dict[tuple[int, str], list[int]] = defaultdict(list)
    total = Counter(map(int, columns.subject[rows]))
    for row, names in cited.items():
        reference = next(iter(names), "")
        if len(names) == 1 and reference.startswith("PMID:") and columns.denominator[row] > 0:
            groups[int(columns.subject[row]), reference].append(row)
    return [
        (snapshot.curie_at(subject), reference, found)
        for (subject, reference), found in sorted(groups.items())
        if len(found) >= 5 and total[subject] - len(found) >= 3
    ]


def _onsets(snapshot: Snapshot) -> dict[tuple[Curie, str], list[tuple[float, float, int]]]:
    """Disease and PMID -> youngest and oldest age in years and number of patients of each onset it alone counts."""
    columns = snapshot.columns
    rows = np.flatnonzero((columns.predicate == _COURSES) & (columns.numerator > 0))
    cited: dict[int, set[str]] = defaultdict(set)
    for row, references in snapshot.references_of(iter(map(int, rows))):
        cited[row].update(references)
    found: dict[tuple[Curie, str], list[tuple[float, float, int]]] = defaultdict(list)
    for row, names in sorted(cited.items()):
        ages = ONSET_RANGES.get(snapshot.curie_at(int(columns.object[row])))
        if ages is not None and len(names) == 1:
            begin, end = ages
            key = snapshot.curie_at(int(columns.subject[row])), next(iter(names))
            found[key].append((begin, min(end, _OLDEST), int(columns.numerator[row])))
    return found


def _onset(counted: list[tuple[float, float, int]], rng: np.random.Generator, blur: Blur) -> float | None:
    """The age at onset of one of the counted patients, in years."""
    if not counted or rng.random() >= blur.onset_told:
        return None
    patients = np.array([number for _, _, number in counted], dtype=np.float64)
    begin, end, _ = counted[int(rng.choice(len(counted), p=patients / patients.sum()))]
    return float(rng.uniform(begin, end))


def _findings(
    snapshot: Snapshot, rows: list[int], noise: npt.NDArray[np.int32], rng: np.random.Generator, blur: Blur
) -> tuple[list[Curie], list[Curie]]:
    columns = snapshot.columns
    observed, excluded = set(), set()
    for row in rows:
        curie = snapshot.curie_at(int(columns.object[row]))
        if rng.random() < columns.numerator[row] / columns.denominator[row]:
            if rng.random() >= blur.left_out:
                observed.add(_generalised(snapshot, curie, rng, blur))
        elif rng.random() < blur.excluded_noted:
            excluded.add(curie)
    if rng.random() < blur.unrelated:
        observed.add(snapshot.curie_at(int(rng.choice(noise))))
    kept = list(rng.permutation(sorted(observed)))[: rng.integers(blur.fewest_findings, blur.most_findings)]
    return sorted(map(str, kept)), sorted(excluded - observed)


def _generalised(snapshot: Snapshot, curie: Curie, rng: np.random.Generator, blur: Blur) -> Curie:
    parents = sorted(snapshot.parents(curie))
    return str(rng.choice(parents)) if parents and rng.random() < blur.generalised else curie
