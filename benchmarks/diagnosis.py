"""Print how well diseases are ranked for phenopackets, as JSON.

    python benchmarks/diagnosis.py --cases ../shared/bench/diagnosis/phenopackets-dev.zip
    python benchmarks/diagnosis.py --cases CASES.zip --protocol withheld
    python benchmarks/diagnosis.py --cases CASES.zip --ablation
    python benchmarks/diagnosis.py --cases CASES.zip --simulated 1500
    python benchmarks/diagnosis.py --cases CASES.zip --corrected

The right answer is the phenopacket's own diagnosis, or a concept fused with it. A tie takes the mean of its ranks.
Under the protocol ``withheld`` every annotation whose references are all among the case's own publications is ignored.
Figures are percentages of cases; intervals are 95 % bootstrap intervals over cases, or over diseases where the name
says so. With ``--corrected`` the first 100 are checked and corrected by the graph rules, which do not see withheld
annotations either. With ``--simulated`` the cases are simulated from the graph instead, without the diseases of the
phenopackets.
"""

import argparse
import json
import os
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path

from clinigraph.correcting import penalty
from kg import Case, DiagnosisChecker, Snapshot, graph_folder, read_phenopacket
from retrieval import DiseaseRanker, Exclusion, NothingToRank, RankingIndexDamaged, RankingSettings
from retrieval.simulated_patients import simulate_patients

CUTOFFS = (1, 3, 10)
RESAMPLES = 1000
SIZES = ((0, 1), (2, 3), (4, 6), (7, 10), (11, 20), (21, 10_000))
BINS = 10
CHECKED = 100

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Solved:
    """A case and its diagnosis; ``concept`` is the canonical one, ``None`` where the graph does not know it."""

    case: Case
    diagnosis: str
    concept: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case went.

    ``rank`` is that of the right disease, infinite where it is not ranked; ``confidence`` the probability of the first
    candidate and ``in_first_ten`` that of the first ten together.
    """

    rank: float
    confidence: float
    in_first_ten: float = 0.0


def read_solved(path: Path, snapshot: Snapshot) -> Iterator[Solved]:
    """Every phenopacket with a diagnosis in a zip file or folder, by name."""
    for name, content in sorted(_documents(path)):
        stated = _diagnosis(json.loads(content))
        if stated:
            yield Solved(read_phenopacket(content, name, snapshot), stated, snapshot.resolve(stated))


def _documents(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        yield from ((file.name, file.read_bytes()) for file in path.rglob("*.json"))
        return
    with zipfile.ZipFile(path) as archive:
        yield from ((name, archive.read(name)) for name in archive.namelist() if name.endswith(".json"))


def _diagnosis(packet: Mapping[str, Any]) -> str | None:
    stated = [item["diagnosis"]["disease"]["id"] for item in packet.get("interpretations", ()) if "diagnosis" in item]
    stated += [item["term"]["id"] for item in packet.get("diseases", ()) if not item.get("excluded")]
    return str(stated[0]) if stated else None


def outcomes(ranker: DiseaseRanker, solved: Iterable[Solved], *, withheld: bool) -> list[Outcome]:
    """How each case went."""
    place = {disease: index for index, disease in enumerate(ranker.diseases)}
    return [_outcome(ranker, item, place, withheld=withheld) for item in solved]


def _outcome(ranker: DiseaseRanker, item: Solved, place: Mapping[str, int], *, withheld: bool) -> Outcome:
    try:
        scores = ranker.scores(item.case, item.case.publications if withheld else ())
    except NothingToRank:
        return Outcome((len(place) + 1) / 2, 1 / len(place), 10 / len(place))
    return _of_scores(
        scores, ranker.probabilities(scores, ranker.temperature(item.case)), place.get(item.concept or "")
    )


def _of_scores(scores: Floats, probabilities: Floats, right: int | None) -> Outcome:
    confidence, ten = float(probabilities.max()), float(np.partition(probabilities, -10)[-10:].sum())
    if right is None:
        return Outcome(float("inf"), confidence, ten)
    better, equal = int((scores > scores[right]).sum()), int((scores == scores[right]).sum())
    return Outcome(better + (equal + 1) / 2, confidence, ten)


def corrected_outcomes(
    ranker: DiseaseRanker, snapshot: Snapshot, solved: Iterable[Solved], *, withheld: bool
) -> list[Outcome]:
    """The same after the rules have corrected the order of the first `CHECKED`."""
    checker = DiagnosisChecker(snapshot)
    place = {disease: index for index, disease in enumerate(ranker.diseases)}
    found = []
    for item in solved:
        hidden = item.case.publications if withheld else ()
        try:
            scores = ranker.scores(item.case, hidden)
        except NothingToRank:
            found.append(_outcome(ranker, item, place, withheld=withheld))
            continue
        first = np.argsort(-scores, kind="stable")[:CHECKED]
        rows = ranker.withheld_rows(hidden)
        for at, results in zip(first, checker.check(item.case, [ranker.diseases[k] for k in first], rows), strict=True):
            scores[at] -= penalty(results)
        probabilities = ranker.probabilities(scores, ranker.temperature(item.case))
        found.append(_of_scores(scores, probabilities, place.get(item.concept or "")))
    return found


def figures(found: list[Outcome], solved: list[Solved], snapshot: Snapshot) -> dict[str, Any]:
    """Shares of cases within each cutoff, per case and per disease; rank, calibration, and by number of findings."""
    rank = np.array([outcome.rank for outcome in found])
    diseases = np.array([item.diagnosis for item in solved])
    by_disease = [rank[diseases == disease] for disease in np.unique(diseases)]
    rng = np.random.default_rng(0)
    samples = [rng.choice(rank, len(rank)) for _ in range(RESAMPLES)]
    clusters = [_drawn(by_disease, rng) for _ in range(RESAMPLES)]
    result: dict[str, Any] = {"cases": len(rank), "diseases": len(by_disease)}
    for cutoff in CUTOFFS:
        result[f"first_{cutoff}"] = _percent(rank <= cutoff)
        result[f"first_{cutoff}_interval"] = _interval([_percent(sample <= cutoff) for sample in samples])
        result[f"first_{cutoff}_interval_over_diseases"] = _interval([_percent(drawn <= cutoff) for drawn in clusters])
        result[f"first_{cutoff}_per_disease"] = round(float(np.mean([_percent(r <= cutoff) for r in by_disease])), 1)
    result["mrr"] = round(float(np.mean(1 / rank)), 3)
    result["median_rank"] = float(np.median(rank))
    result["calibration_error"] = calibration_error(np.array([outcome.confidence for outcome in found]), rank == 1)
    confidence = np.array([outcome.confidence for outcome in found])
    result["reliability"] = reliability(confidence, rank == 1)
    ten = np.array([outcome.in_first_ten for outcome in found])
    result["calibration_error_of_first_10"] = calibration_error(ten, rank <= 10)
    result["by_sufficiency"] = _by_sufficiency(rank, ten)
    result["by_findings"] = _by_findings(rank, solved)
    result["by_organ_system"] = _by_organ_system(rank, solved, snapshot)
    return result


def calibration_error(confidence: Floats, right: npt.NDArray[np.bool_]) -> float:
    """Expected calibration error of the first candidate's probability, in bins of equal width (Naeini et al. 2015)."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(confidence[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)]
    return round(float(sum(gaps)), 3)


def reliability(confidence: Floats, right: npt.NDArray[np.bool_]) -> list[dict[str, float]]:
    """For each bin of the first candidate's probability: cases, mean probability and share that was right."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        {
            "cases": int((bins == b).sum()),
            "said": round(float(confidence[bins == b].mean()), 3),
            "right": round(float(right[bins == b].mean()), 3),
        }
        for b in np.unique(bins)
    ]


def _by_sufficiency(rank: Floats, ten: Floats) -> dict[str, Any]:
    """Hits where the findings tell much, some and little, by the probability of the first ten."""
    rows = {}
    for level, low, high in (("little", 0, 1 / 3), ("limited", 1 / 3, 2 / 3), ("ample", 2 / 3, 1.01)):
        inside = (ten >= low) & (ten < high)
        if inside.any():
            shares = {f"first_{cutoff}": _percent(rank[inside] <= cutoff) for cutoff in CUTOFFS}
            rows[level] = {"cases": int(inside.sum())} | shares
    return rows


def _by_organ_system(rank: Floats, solved: list[Solved], snapshot: Snapshot) -> dict[str, Any]:
    """Hits by the organ system that most observed findings of a case belong to; ties go to the first by identifier."""
    systems = {snapshot.position(curie): curie for curie in snapshot.children("HP:0000118")}
    of = np.array([_organ_system(item.case, systems, snapshot) for item in solved])
    rows = {}
    for name, times in Counter(of.tolist()).most_common():
        inside = of == name
        shares = {f"first_{cutoff}": _percent(rank[inside] <= cutoff) for cutoff in CUTOFFS}
        label = snapshot.label(name) if name else "no observed finding"
        rows[label] = {"cases": times, "mrr": round(float(np.mean(1 / rank[inside])), 3)} | shares
    return rows


def _organ_system(case: Case, systems: Mapping[int, str], snapshot: Snapshot) -> str:
    times: Counter[str] = Counter()
    for curie in case.observed:
        above = snapshot.ancestor_positions(snapshot.position(curie)).tolist()
        times.update(systems[place] for place in above if place in systems)
    return min(times, key=lambda name: (-times[name], name), default="")


def _drawn(by_disease: list[Floats], rng: np.random.Generator) -> Floats:
    return np.concatenate([by_disease[index] for index in rng.integers(len(by_disease), size=len(by_disease))])


def _by_findings(rank: Floats, solved: list[Solved]) -> dict[str, Any]:
    observed = np.array([len(item.case.observed) for item in solved])
    rows = {}
    for low, high in SIZES:
        inside = (observed >= low) & (observed <= high)
        if inside.any():
            shares = {f"first_{cutoff}": _percent(rank[inside] <= cutoff) for cutoff in CUTOFFS}
            rows[f"{low}-{high}" if high < SIZES[-1][1] else f"{low}+"] = {"cases": int(inside.sum())} | shares
    return rows


def _percent(hits: npt.NDArray[np.bool_]) -> float:
    return round(100 * float(np.mean(hits)), 1)


def _interval(values: list[float]) -> list[float]:
    return [round(float(value), 1) for value in np.percentile(values, [2.5, 97.5])]


def ablations() -> dict[str, RankingSettings]:
    """The method, and the method without one component each."""
    full = RankingSettings()
    naive = replace(full, exclusion=Exclusion.ABSENCE, looked_for_share=1.0, excluded_weight=1.0)
    return {
        "full": full,
        "no relatives": replace(full, relatives_share=0.0),
        "no descriptions": replace(full, described_frequency=0.0),
        "no length normalisation": replace(full, length_weight=0.0),
        "no evidence through ancestors": replace(full, level_decay=100.0),
        "silent findings nearly forbidden": replace(full, silent_share=0.01),
        "no frequencies": replace(full, prior_positive=1e6, prior_negative=1e6),
        "counts taken at face value": replace(full, prior_positive=0.01, prior_negative=0.01),
        "absence of a key finding may speak for a disease": replace(full, key_frequency=9.0),
        "no sex, onset and family": replace(full, sex_weight=0.0, onset_weight=0.0, family_weight=0.0),
        "one temperature for all": replace(full, temperature=2.4, temperature_growth=0.0),
        "excluded findings ignored": replace(full, excluded_weight=0.0),
        "excluded findings as absence only": naive,
        "observed only, no relatives, no descriptions": replace(
            full, excluded_weight=0.0, relatives_share=0.0, described_frequency=0.0
        ),
    }


_IN_TABLE = (
    *(f"first_{cutoff}" for cutoff in CUTOFFS),
    "first_1_per_disease",
    "first_10_per_disease",
    "mrr",
    "calibration_error",
)


def report(
    ranker: DiseaseRanker,
    snapshot: Snapshot,
    solved: list[Solved],
    protocols: Iterable[str],
    *,
    whole: bool,
    corrected: bool = False,
) -> dict[str, Any]:
    """The figures under each protocol, all of them or those of the ablation table."""
    rows = {}
    for protocol in protocols:
        started, started_cpu = time.perf_counter(), time.process_time()
        withheld = protocol == "withheld"
        found = (
            corrected_outcomes(ranker, snapshot, solved, withheld=withheld)
            if corrected
            else outcomes(ranker, solved, withheld=withheld)
        )
        speeds = {
            "cases_per_second": round(len(solved) / (time.perf_counter() - started), 1),
            "cases_per_cpu_second": round(len(solved) / (time.process_time() - started_cpu), 1),
        }
        row = figures(found, solved, snapshot)
        rows[protocol] = row | speeds if whole else {key: row[key] for key in _IN_TABLE}
    return rows


def main() -> int:
    """Run the benchmark that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=Path, required=True, help="zip file or folder of GA4GH phenopackets")
    parser.add_argument("--protocol", choices=("published", "withheld", "both"), default="both")
    parser.add_argument("--ablation", action="store_true", help="also take out one component at a time")
    parser.add_argument("--simulated", type=int, metavar="N", help="rank N patients simulated from the graph instead")
    parser.add_argument("--corrected", action="store_true", help="let the graph rules correct the first 100")
    cache = os.environ.get("CLINIGRAPH_CACHE") or user_cache_path("clinigraph")
    parser.add_argument("--cache", type=Path, default=Path(cache))
    arguments = parser.parse_args()
    folder = graph_folder(arguments.cache)
    snapshot = Snapshot.open(folder / "snapshot")
    try:
        ranker = DiseaseRanker.open(snapshot, folder / "ranking")
    except RankingIndexDamaged:  # of another version of the program
        ranker = DiseaseRanker.from_snapshot(snapshot)
    solved = list(read_solved(arguments.cases, snapshot))
    protocols = ["published", "withheld"] if arguments.protocol == "both" else [arguments.protocol]
    if arguments.simulated:
        known = {item.concept for item in solved if item.concept}
        made = simulate_patients(snapshot, arguments.simulated, leave_out=known)
        solved, protocols = [Solved(case, disease, disease) for case, disease in made], ["withheld"]
    variants = ablations() if arguments.ablation else {"full": RankingSettings()}
    result: dict[str, Any] = {"kg_version": snapshot.version}
    for name, settings in variants.items():
        variant = ranker.under(settings) if arguments.ablation else ranker
        result[name] = report(
            variant, snapshot, solved, protocols, whole=not arguments.ablation, corrected=arguments.corrected
        )
    print(json.dumps(result, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
