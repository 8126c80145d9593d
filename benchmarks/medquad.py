"""Does a question find its own answer? MedQuAD's answers as passages, searched by words, by vectors and by both.

Run it as ``python benchmarks/medquad.py``; it prints one JSON object. It reads MedQuAD (Ben Abacha and Demner-Fushman
2019, doi:10.1186/s12859-019-3119-4) from ``../shared/bench/qa/medquad.zip`` or the folder in ``CLINIGRAPH_BENCH``.
The answers of a seeded sample of documents of each collection are indexed as the product indexes a user's texts: cut
into passages, titled with the document's subject. A seeded sample of their questions is then asked, without any
concept. What counts is the place of the answer, which is that of its best passage; answers to the same question in the
same words are all right. Empty answers are left out. Encoding takes most of the time and is done once: the vectors are
kept in the cache.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path

from kg import ArchiveUnavailable, Description
from retrieval import PassageSearch, ScoredPassage, SentenceTransformerEmbedder, default_encoder
from retrieval.encoders import default_reranker
from retrieval.splade import SpladeReranker

DEPTH = 100
"""Ranks beyond this count as not found, and are not fused."""

FUSION_K = 60
"""The constant of reciprocal-rank fusion: Cormack, Clarke and Buettcher 2009, doi:10.1145/1571941.1572114."""

RESAMPLES = 1000
MEASURES = ("mrr", "hit@1", "hit@10", "ndcg@10")
Figures = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and its answer in one document of one collection."""

    id: str
    collection: str
    document: str
    subject: str
    question: str
    answer: str


def main() -> None:
    """Print the figures."""
    arguments = parsed_arguments()
    embedder = SentenceTransformerEmbedder(default_encoder(), arguments.cache)
    reranker = SpladeReranker(default_reranker(), arguments.cache)
    try:
        reranker.fetch()
    except ArchiveUnavailable as error:
        print(f"without a reranker: {error}", file=sys.stderr)
    pairs = sample_of_documents(read_pairs(arguments.archive), arguments.one_in, arguments.seed)
    asked = sample_of_questions(pairs, arguments.questions, arguments.seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "index"
        PassageSearch.write(map(described, pairs), "medquad", folder, embedder, arguments.cache / "vectors", progress)
        plain = PassageSearch.open(folder, embedder)
        reranked = PassageSearch.open(folder, embedder, reranker=reranker)
        report: dict[str, object] = {"answers": len(pairs), "passages": len(plain), "questions": len(asked)}
        report["encoder"], report["reranker"], report["seed"] = embedder.name, reranker.name, arguments.seed
        report |= measured(plain, reranked, asked, right_answers(pairs), arguments.seed)
    print(json.dumps(report, indent=1))


def parsed_arguments() -> argparse.Namespace:
    """What the command line says."""
    bench = Path(os.environ.get("CLINIGRAPH_BENCH") or Path(__file__).parents[2] / "shared" / "bench")
    cache = os.environ.get("CLINIGRAPH_CACHE") or user_cache_path("clinigraph")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=Path, default=bench / "qa" / "medquad.zip")
    parser.add_argument("--cache", type=Path, default=Path(cache))
    parser.add_argument("--one-in", type=int, default=6, help="take one in so many documents, 12 a collection at least")
    parser.add_argument("--questions", type=int, default=1000, help="questions asked, over all collections")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def progress(step: str, done: int, total: int) -> None:
    """Say it on standard error."""
    print(f"{step} {done}/{total}", file=sys.stderr, flush=True)


def read_pairs(archive: Path) -> Iterator[Pair]:
    """The pairs with an answer, in the order of the archive's names."""
    with zipfile.ZipFile(archive) as bundle:
        for name in sorted(bundle.namelist()):
            if name.endswith(".xml"):
                yield from pairs_of(ElementTree.fromstring(bundle.read(name)), *name.split("/")[-2:])


def pairs_of(document: ElementTree.Element, collection: str, name: str) -> Iterator[Pair]:
    """The pairs of one document that have an answer."""
    subject = (document.findtext("Focus") or "").strip()
    for number, pair in enumerate(document.iter("QAPair")):
        answer, question = (" ".join((pair.findtext(part) or "").split()) for part in ("Answer", "Question"))
        if answer and question:
            yield Pair(f"MEDQUAD:{collection}-{name}-{number}", collection, name, subject, question, answer)


def sample_of_documents(pairs: Iterable[Pair], one_in: int, seed: int) -> list[Pair]:
    """The pairs of a seeded sample of the documents of each collection, twelve documents at least."""
    documents: defaultdict[str, dict[str, list[Pair]]] = defaultdict(lambda: defaultdict(list))
    for pair in pairs:
        documents[pair.collection][pair.document].append(pair)
    chooser, chosen = random.Random(seed), []
    for _, by_name in sorted(documents.items()):
        count = min(len(by_name), max(len(by_name) // one_in, 12))
        chosen += [pair for name in chooser.sample(sorted(by_name), count) for pair in by_name[name]]
    return chosen


def sample_of_questions(pairs: Sequence[Pair], count: int, seed: int) -> list[Pair]:
    """A seeded sample, in its order."""
    return random.Random(seed).sample(pairs, min(count, len(pairs)))


def described(pair: Pair) -> Description:
    """The answer as a text to be indexed."""
    return Description(pair.id, pair.subject, pair.answer, "answer", "medquad", "2019", pair.id)


def right_answers(pairs: Iterable[Pair]) -> Mapping[str, set[str]]:
    """The ids of the answers to each question, whatever the case of its letters."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        found[pair.question.casefold()].add(pair.id)
    return found


def measured(
    plain: PassageSearch, reranked: PassageSearch, asked: Sequence[Pair], right: Mapping[str, set[str]], seed: int
) -> dict[str, object]:
    """Figures of each way to search over all questions and over each collection, and what a question takes."""
    rows: defaultdict[str, list[list[float]]] = defaultdict(list)
    times: defaultdict[str, list[float]] = defaultdict(list)
    for pair in asked:
        wanted = right[pair.question.casefold()]
        deep = plain.search(pair.question, 2 * DEPTH)  # has all that words or vectors rank within the depth
        for way, order in WAYS.items():
            rows[way].append(quality(order(deep), wanted))
        for way, search in (("blended", plain), ("reranked", reranked)):
            started = time.perf_counter()
            found = search.search(pair.question, DEPTH)
            times[way].append(time.perf_counter() - started)
            rows[way].append(quality(found, wanted))
    figures = {way: np.array(values) for way, values in rows.items()}
    collections = np.array([pair.collection for pair in asked])
    by_collection = {name: summary(figures, collections == name, seed) for name in sorted(set(collections))}
    latency = {way: [round(1000 * float(np.quantile(t, q)), 1) for q in (0.5, 0.95)] for way, t in times.items()}
    everything = summary(figures, np.full(len(asked), True), seed)
    return {"all": everything, "collections": by_collection, "latency_ms_p50_p95": latency}


def by_rank(rank_of: Callable[[ScoredPassage], float]) -> Callable[[Sequence[ScoredPassage]], list[ScoredPassage]]:
    """Puts what has a rank in its order, best first, and drops the rest."""
    return lambda found: sorted((item for item in found if rank_of(item) < np.inf), key=rank_of)


def lexical(item: ScoredPassage) -> float:
    """The place by words alone."""
    return item.lexical_rank if item.lexical_rank and item.lexical_rank <= DEPTH else np.inf


def dense(item: ScoredPassage) -> float:
    """The place by vectors alone."""
    return item.dense_rank if item.dense_rank and item.dense_rank <= DEPTH else np.inf


def reciprocal(item: ScoredPassage) -> float:
    """The sum of reciprocal ranks, negative so that less is better; ties by passage."""
    return -sum(1 / (FUSION_K + rank) for rank in (lexical(item), dense(item)))


WAYS: Mapping[str, Callable[[Sequence[ScoredPassage]], Sequence[ScoredPassage]]] = {
    "lexical": by_rank(lexical),
    "dense": by_rank(dense),
    "reciprocal ranks": by_rank(reciprocal),
}


def quality(found: Sequence[ScoredPassage], wanted: set[str]) -> list[float]:
    """Reciprocal rank, hit@1, hit@10 and nDCG@10 of the answers in their order."""
    answers = list(dict.fromkeys(item.passage.reference for item in found))
    places = [place for place, answer in enumerate(answers, start=1) if answer in wanted]
    first = places[0] if places else np.inf
    gain = sum(1 / np.log2(place + 1) for place in places if place <= 10)
    ideal = sum(1 / np.log2(place + 1) for place in range(1, min(len(wanted), 10) + 1))
    return [1 / first if first <= DEPTH else 0.0, float(first <= 1), float(first <= 10), gain / ideal]


def summary(figures: Mapping[str, Figures], chosen: npt.NDArray[np.bool_], seed: int) -> dict[str, object]:
    """Means over the chosen questions with 95 % intervals of the bootstrap, and the gain over reciprocal ranks."""
    count = int(chosen.sum())
    drawn = np.random.default_rng(seed).integers(0, count, (RESAMPLES, count))
    report: dict[str, object] = {"questions": count}
    for way, values in figures.items():
        report[way] = {name: interval(values[chosen, column], drawn) for column, name in enumerate(MEASURES)}
    gain = figures["reranked"][chosen, -1] - figures["reciprocal ranks"][chosen, -1]
    return report | {"gain of reranked over reciprocal ranks, ndcg@10": interval(gain, drawn)}


def interval(values: Figures, drawn: npt.NDArray[np.int64]) -> list[float]:
    """Mean, and the bounds between which 95 % of the means of the samples ``drawn`` lie."""
    means = values[drawn].mean(axis=1)
    return [round(float(figure), 3) for figure in (values.mean(), *np.quantile(means, [0.025, 0.975]))]


if __name__ == "__main__":
    main()
