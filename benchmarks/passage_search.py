"""Passage search in numbers: building, size, latency, and how often a concept's passage is found under its other names.

Run it as ``python benchmarks/passage_search.py`` once a graph is built; it prints one JSON object. The probe is
known-item search: the question is a synonym of a concept, never its title, and the passages about that concept are the
answer. It compares ways to search on the same questions, without any benchmark corpus: by words, by vectors, by the
reciprocal ranks of both (Cormack, Clarke and Buettcher 2009, doi:10.1145/1571941.1572114), by their blended scores, and
reranked. Half of the concepts were used to choose the shares of the blend; questions are about the other half.
"""

import argparse
import hashlib
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
from retrieval.encoders import default_reranker
from retrieval.lexical import LexicalIndex
from retrieval.splade import SpladeReranker

Result = TypeVar("Result")

DEPTH = 100
"""Ranks beyond this count as not found, and are not fused."""

FUSION_K = 60
"""The constant of reciprocal-rank fusion."""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cache = os.environ.get("CLINIGRAPH_CACHE") or user_cache_path("clinigraph")
    parser.add_argument("--cache", type=Path, default=Path(cache))
    parser.add_argument("--questions", type=int, default=500, help="questions of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--chosen-on", action="store_true", help="ask about the half that the shares were chosen on")
    arguments = parser.parse_args()
    snapshot = Snapshot.open(graph_folder(arguments.cache) / "snapshot")
    embedder = SentenceTransformerEmbedder(default_encoder(), arguments.cache)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "passages"
        reranker = SpladeReranker(default_reranker(), arguments.cache)
        reranker.fetch()
        figures = {"kg_version": snapshot.version, "encoder": embedder.name, "reranker": reranker.name}
        report: dict[str, object] = figures | {"build": building(snapshot.folder, arguments.cache, folder)}
        opening, search = timed(lambda: PassageSearch.open(folder, embedder))
        first, _ = timed(lambda: search.search("What causes Marfan syndrome?", 10))
        report |= {"open_s": round(opening, 3), "first_question_s": round(first, 3)}
        asked = {
            kind: [
                (text, concept)
                for text, concept in questions(snapshot, search, layperson, 2 * arguments.questions, arguments.seed)
                if in_chosen_half(concept) is arguments.chosen_on
            ]
            for kind, layperson in (("layperson", True), ("synonym", False))
        }
        closer = PassageSearch.open(folder, embedder, reranker=reranker)
        report["latency_ms"] = latencies(folder, search, closer, embedder, [text for text, _ in asked["synonym"][:200]])
        report["known_item"] = {kind: known_items(search, closer, pairs) for kind, pairs in asked.items()}
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
        if passage.concept is None:
            continue
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


def in_chosen_half(concept: str) -> bool:
    """Whether the shares were chosen with questions about this concept."""
    return hashlib.blake2b(concept.encode()).digest()[0] % 2 == 0


def known_items(
    search: PassageSearch, closer: PassageSearch, asked: Sequence[tuple[str, str]]
) -> dict[str, dict[str, float] | int]:
    """Mean reciprocal rank and hit rates of the first passage about the right concept, for each way to search."""
    best: dict[str, list[float]] = {way: [] for way in (*WAYS, "blended", "reranked")}
    for text, concept in asked:
        deep = search.search(text, 2 * DEPTH)  # has all that words or vectors rank within the depth
        for way, rank_of in WAYS.items():
            ranked = sorted((item for item in deep if rank_of(item) < np.inf), key=rank_of)
            best[way].append(place_of(concept, ranked))
        best["blended"].append(place_of(concept, search.search(text, DEPTH)))
        best["reranked"].append(place_of(concept, closer.search(text, DEPTH)))
    return {"questions": len(asked)} | {way: quality(np.array(places)) for way, places in best.items()}


def place_of(concept: str, found: Sequence[ScoredPassage]) -> float:
    """The place of the first passage about the concept, infinite where there is none."""
    places = (place for place, item in enumerate(found[:DEPTH], start=1) if item.passage.concept == concept)
    return next(places, np.inf)


def lexical(item: ScoredPassage) -> float:
    """The place by words alone."""
    return item.lexical_rank if item.lexical_rank and item.lexical_rank <= DEPTH else np.inf


def dense(item: ScoredPassage) -> float:
    """The place by vectors alone."""
    return item.dense_rank if item.dense_rank and item.dense_rank <= DEPTH else np.inf


def reciprocal(item: ScoredPassage) -> float:
    """The sum of reciprocal ranks, negative so that less is better."""
    return -sum(1 / (FUSION_K + rank) for rank in (lexical(item), dense(item)))


WAYS: dict[str, Callable[[ScoredPassage], float]] = {"lexical": lexical, "dense": dense, "reciprocal ranks": reciprocal}


def quality(places: np.ndarray[tuple[int], np.dtype[np.float64]]) -> dict[str, float]:
    """Figures of the ranks (n,) of first right passages, infinite where none was found."""
    return {
        "mrr": round(float((1 / places).mean()), 3),
        "hit@1": round(float((places <= 1).mean()), 3),
        "hit@10": round(float((places <= 10).mean()), 3),
    }


def latencies(
    folder: Path, search: PassageSearch, closer: PassageSearch, embedder: Embedder, texts: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of one question at a time, in ms."""
    words, vectors = LexicalIndex.open(folder / "lexical"), DenseIndex.open(folder / "dense.faiss")
    ways: dict[str, Callable[[str], object]] = {
        "lexical": lambda text: words.search(text, 10),
        "dense": lambda text: vectors.search(embedder.encode([text])[0], 10),
        "blended": lambda text: search.search(text, 10),
        "reranked": lambda text: closer.search(text, 10),
    }
    with threadpool_limits(1):  # as PassageSearch does
        measured = {way: [1000 * timed(partial(ask, text))[0] for text in texts] for way, ask in ways.items()}
    return {
        way: {"p50": round(float(np.median(times)), 1), "p95": round(float(np.quantile(times, 0.95)), 1)}
        for way, times in measured.items()
    }


if __name__ == "__main__":
    main()
