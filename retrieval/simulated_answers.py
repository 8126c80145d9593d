"""Simulated patients who can be asked: what the graph says of their disease decides what they answer.

A patient of `simulated_patients` keeps a few observed findings. Every other finding of the disease is there with its
estimated frequency, drawn once, and with it all that is more general; what the disease is not annotated with is absent.
Some answers are wrong and some are not known.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from kg import Case, Curie, Finding, FindingStatus, Snapshot

from .simulated_patients import Blur, simulate_patients

if TYPE_CHECKING:
    from .ranking import DiseaseRanker


@dataclass(frozen=True, slots=True)
class Answering:
    """``told`` observed findings open a case; answers are wrong or not known with these probabilities."""

    told: int = 3
    wrong: float = 0.05
    unknown: float = 0.1


@dataclass(frozen=True, slots=True)
class AskedPatient:
    """A case as it is told at first, its disease, and every finding that the patient has."""

    case: Case
    disease: Curie
    present: frozenset[Curie]
    answering: Answering
    seed: int

    def answer(self, finding: Curie) -> FindingStatus | None:
        """What the patient says about a finding; ``None`` for "I do not know". The same each time."""
        rng = np.random.default_rng([self.seed, *finding.encode()])
        if rng.random() < self.answering.unknown:
            return None
        is_there = (finding in self.present) != (rng.random() < self.answering.wrong)
        return FindingStatus.OBSERVED if is_there else FindingStatus.EXCLUDED


def asked_patients(
    snapshot: Snapshot, ranker: "DiseaseRanker", count: int, seed: int = 0, answering: Answering = Answering()
) -> Iterator[AskedPatient]:
    """Patients with at least ``told`` observed findings; deterministic for a seed."""
    made = 0
    places = {curie: place for place, curie in enumerate(ranker.diseases)}
    for case, disease in simulate_patients(snapshot, count * 4, seed, blur=Blur(unrelated=0.25)):
        if made == count:
            return
        if len(case.observed) < answering.told or disease not in places:
            continue
        rng = np.random.default_rng([seed, made])
        told = sorted(rng.permutation(list(case.observed)).tolist()[: answering.told])
        present = _drawn(snapshot, ranker, places[disease], rng) | _with_ancestors(snapshot, case.observed)
        findings = tuple(Finding(curie, FindingStatus.OBSERVED) for curie in told)
        yield AskedPatient(replace(case, findings=findings), disease, present, answering, seed * 100_003 + made)
        made += 1


def _drawn(snapshot: Snapshot, ranker: "DiseaseRanker", place: int, rng: np.random.Generator) -> frozenset[Curie]:
    row = ranker.index.stated[[place]].tocoo()
    there = rng.random(len(row.data)) < row.data
    positions = ranker.index.axes.terms[row.coords[1][there]]
    return _with_ancestors(snapshot, [snapshot.curie_at(int(position)) for position in positions])


def _with_ancestors(snapshot: Snapshot, findings: list[Curie] | tuple[Curie, ...]) -> frozenset[Curie]:
    return frozenset(above for curie in findings for above in snapshot.ancestors(curie))
