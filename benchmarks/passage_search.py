"""Passage search in numbers: building, size, latency, and how often a concept's passage is found under its other names.

Run it as ``python benchmarks/passage_search.py`` once a graph is built; it prints one JSON object. The probe is
known-item search: the question is a synonym of a concept, never its title, and the passages about that concept are the
answer. It compares lexical, dense and fused rankings on the same questions, without any benchmark corpus.
"""

import argparse
import json
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from platformdirs import user_cache_path
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

from kg import NameKind, Snapshot, graph_folder, silent
from retrieval import Embedder, PassageSearch, ScoredPassage, SentenceTransformerEmbedder, default_encoder
from retrieval.dense import DenseIndex
from retrieval.lexical import LexicalIndex

Result = TypeVar("Result")

DEPTH = 100
"""Ranks beyond this count as not found."""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cache = os.environ.get("CLINIGRAPH_CACHE") or user_cache_path("clinigraph")
    parser.add_argument("--cache", type=Path, default=Path(cache))
    parser.add_argument("--questions", type=int, default=500, help="questions of each kind")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    snapshot = Snapshot.open(graph_folder(arguments.cache) / "snapshot")
    embedder = SentenceTransformerEmbedder(default_encoder(), arguments.cache)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "passages"
        figures = {"kg_version": snapshot.version, "encoder": embedder.name}
        report: dict[str, object] = figures | {"build": building(snapshot.folder, arguments.cache, folder)}
        opening, search = timed(lambda: PassageSearch.open(folder, embedder))
        first, _ = timed(lambda: search.search("What causes Marfan syndrome?", 10))
        report |= {"open_s": round(opening, 3), "first_question_s": round(first, 3)}
        asked = {
            kind: questions(snapshot, search, layperson, arguments.questions, arguments.seed)
            for kind, layperson in (("layperson", True), ("synonym", False))
        }
        report["latency_ms"] = latencies(folder, search, embedder, [text for text, _ in asked["synonym"][:200]])
        report["known_item"] = {kind: known_items(search, pairs) for kind, pairs in asked.items()}
    print(json.dumps(report, indent=1))


def timed(action: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds and result."""
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


def building(snapshot: Path, cache: Path, folder: Path) -> dict[str, float]:
    """Time, peak memory and size of an index, built in a process of its own."""
    process = multiprocessing.get_context("spawn").Process(target=build, args=(snapshot, cache, folder))
    start = time.perf_counter()
    process.start()
    process.join()
    seconds = round(time.perf_counter() - start, 3)
    if process.exitcode:
        sys.exit("the build failed")
    peak_bytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    size_bytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    counts = {"passages": manifest["passages"], "encoded": manifest["encoded"]}
    return counts | {"seconds": seconds, "peak_mb": peak_bytes >> 20, "index_mb": round(size_bytes / 2**20, 1)}


def build(snapshot: Path, cache: Path, folder: Path) -> None:
    """Build the index."""
    embedder = SentenceTransformerEmbedder(default_encoder(), cache)
    PassageSearch.build(Snapshot.open(snapshot), folder, embedder, cache / "vectors", silent)


def questions(
    snapshot: Snapshot, search: PassageSearch, layperson: bool, count: int, seed: int
) -> list[tuple[str, str]]:
    """Synonyms that are no title of their concept's passages, with the concept."""
    titles: dict[str, set[str]] = {}
    for passage in search.passages:
        titles.setdefault(passage.concept, set()).add(passage.title.casefold())
    found = sorted(
        (name.text, concept)
        for concept, _, name in snapshot.names()
        if name.kind is not NameKind.LABEL
        and name.layperson is layperson
        and not name.abbreviation
        and concept in titles
        and name.text.casefold() not in titles[concept]
    )
    return random.Random(seed).sample(found, min(count, len(found)))


def known_items(search: PassageSearch, asked: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Mean reciprocal rank and hit rates of the first passage about the right concept, for each way to search."""
    rank_of: dict[str, Callable[[int, ScoredPassage], int | None]] = {
        "lexical": lambda _, item: item.lexical_rank,
        "dense": lambda _, item: item.dense_rank,
        "hybrid": lambda place, _: place,
    }
    best: dict[str, list[float]] = {way: [] for way in rank_of}
    for text, concept in asked:
        found = search.search(text, 3 * DEPTH)
        right = [(place, item) for place, item in enumerate(found, start=1) if item.passage.concept == concept]
        for way, place_of in rank_of.items():
            places = [place for where, item in right if (place := place_of(where, item)) is not None]
            best[way].append(min((place for place in places if place <= DEPTH), default=float("inf")))
    return {"questions": len(asked)} | {way: quality(np.array(places)) for way, places in best.items()}


def quality(places: np.ndarray[tuple[int], np.dtype[np.float64]]) -> dict[str, float]:
    """Figures of the ranks (n,) of first right passages, infinite where none was found."""
    return {
        "mrr": round(float((1 / places).mean()), 3),
        "hit@1": round(float((places <= 1).mean()), 3),
        "hit@10": round(float((places <= 10).mean()), 3),
    }


def latencies(
    folder: Path, search: PassageSearch, embedder: Embedder, texts: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of one question at a time, in ms."""
    lexical, dense = LexicalIndex.open(folder / "lexical"), DenseIndex.open(folder / "dense.faiss")
    ways: dict[str, Callable[[str], object]] = {
        "lexical": lambda text: lexical.search(text, 10),
        "dense": lambda text: dense.search(embedder.encode([text])[0], 10),
        "hybrid": lambda text: search.search(text, 10),
    }
    with threadpool_limits(1):  # as PassageSearch does
        measured = {way: [1000 * timed(partial(ask, text))[0] for text in texts] for way, ask in ways.items()}
    return {
        way: {"p50": round(float(np.median(times)), 1), "p95": round(float(np.quantile(times, 0.95)), 1)}
        for way, times in measured.items()
    }


if __name__ == "__main__":
    main()
