"""What the graph in use holds, where it has holes, and how quickly it opens and is asked. Prints JSON.

    python benchmarks/graph.py --sample 500

Neighbourhoods are those of a seeded sample of concepts that have a fact, one step around each, read for the first time.
"""

import argparse
import json
import os
import random
import statistics
import time
from collections import Counter
from pathlib import Path

import numpy as np

from clinigraph.config import resolve_settings
from kg import Category, Outcome, Predicate, Snapshot, graph_folder, prefix_of

_DRUGS = (Category.DRUG, Category.CHEMICAL)


def main() -> None:
    """Count, time and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=None)
    parser.add_argument("--sample", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    folder = graph_folder(resolve_settings({"cache": arguments.cache}).cache) / "snapshot"
    opened = sorted(_seconds_to_open(folder) for _ in range(5))
    snapshot = Snapshot.open(folder)
    report = {
        "benchmark": "graph",
        "kg_version": snapshot.version,
        "load_average": os.getloadavg()[0],
        "open_seconds": round(statistics.median(opened), 3),
        "neighbourhood_ms": _neighbourhoods(snapshot, arguments.sample, arguments.seed),
        "counts": dict(snapshot.counts),
        "facts_by_source": {source["id"]: source["counts"]["facts"] for source in snapshot.sources},
        "facts_by_tier": _by_tier(snapshot),
        "mappings_by_outcome": _outcomes(snapshot),
        "identifiers_of_diseases": _fused(snapshot),
        "holes": _holes(snapshot),
    }
    print(json.dumps(report))


def _seconds_to_open(folder: Path) -> float:
    began = time.perf_counter()
    snapshot = Snapshot.open(folder)
    snapshot.label_at(0)
    return time.perf_counter() - began


def _neighbourhoods(snapshot: Snapshot, size: int, seed: int) -> dict[str, float]:
    columns = snapshot.columns
    ends = np.unique(np.concatenate([columns.subject, columns.object]))
    chosen = random.Random(seed).sample(ends.tolist(), min(size, len(ends)))
    times = []
    for position in chosen:
        curie = snapshot.curie_at(position)
        began = time.perf_counter()
        snapshot.neighbourhood(curie)
        times.append((time.perf_counter() - began) * 1000)
    return {
        name: round(float(np.percentile(times, share)), 2) for name, share in (("p50", 50), ("p95", 95), ("p99", 99))
    }


def _by_tier(snapshot: Snapshot) -> dict[str, int]:
    found: Counter[str] = Counter()
    for source in snapshot.sources:
        found[source["tier"]] += source["counts"]["facts"]
    return dict(found)


def _outcomes(snapshot: Snapshot) -> dict[str, int]:
    found = Counter(outcome for _, outcome in snapshot.mappings())
    return {outcome.value: found[outcome] for outcome in Outcome}


def _fused(snapshot: Snapshot) -> dict[str, int]:
    """Disease concepts that have an identifier of each vocabulary, and those that have several identifiers."""
    found: Counter[str] = Counter()
    for curie in snapshot.concepts(Category.DISEASE):
        concept = snapshot.concept(curie)
        found.update({prefix_of(known) for known in (curie, *concept.equivalents)})
        found["diseases"] += 1
        found["with several"] += bool(concept.equivalents)
    return dict(sorted(found.items()))


def _holes(snapshot: Snapshot) -> dict[str, int]:
    """Diseases and drugs about which nothing of a kind is known."""
    diseases = list(snapshot.concepts(Category.DISEASE))
    found = {"diseases": len(diseases)}
    for name, predicate, outgoing in (
        ("diseases_without_findings", Predicate.HAS_PHENOTYPE, True),
        ("diseases_without_genes", Predicate.GENE_OF_DISEASE, False),
        ("diseases_without_treatment", Predicate.TREATS, False),
    ):
        rows = snapshot.columns
        chosen = rows.predicate == list(Predicate).index(predicate)
        known = set(np.unique((rows.subject if outgoing else rows.object)[chosen]).tolist())
        found[name] = sum(snapshot.position(curie) not in known for curie in diseases)
    described = {item.concept for item in snapshot.descriptions()}
    found["diseases_without_text"] = sum(curie not in described for curie in diseases)
    drugs = [curie for category in _DRUGS for curie in snapshot.concepts(category)]
    rows = snapshot.columns
    interacting = rows.predicate == list(Predicate).index(Predicate.INTERACTS_WITH)
    ends = set(np.unique(np.concatenate([rows.subject[interacting], rows.object[interacting]])).tolist())
    above = (set(snapshot.ancestor_positions(snapshot.position(curie)).tolist()) for curie in drugs)
    found |= {"drugs": len(drugs), "drugs_without_interaction": sum(not (found_above & ends) for found_above in above)}
    return found


if __name__ == "__main__":
    main()
