r"""Print how well diseases are linked with the mention given, as JSON; or learn the model that weighs the candidates.

    python benchmarks/linking.py ../shared/bench/linking/NCBIdevelopset_corpus.txt
    python benchmarks/linking.py ../shared/bench/linking/bc5cdr-train-dev.zip --part Development
    python benchmarks/linking.py ../shared/bench/linking/NCBItrainset_corpus.txt \
        ../shared/bench/linking/bc5cdr-train-dev.zip --part Training --learn data/linking_model.npz

Inputs are the corpora's own formats: NCBI disease (PubTator text) and BC5CDR (BioC XML, or a zip of them; ``--part``
picks files by a word of their name). A mention is right where the first identifier is a gold one or fused with one in
the graph; mentions whose gold identifier is -1 are left out. Intervals are 95 % bootstrap intervals over documents.
"""

import argparse
import json
import os
import re
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from platformdirs import user_cache_path
from scipy import sparse

from kg import Category, Snapshot, open_snapshot
from retrieval import Reader
from retrieval.coded import CodedLinker
from retrieval.coding import Coder
from retrieval.definitions import abbreviations
from retrieval.finding_features import N_FEATURES
from retrieval.finding_model import LEAST_SCORE, FindingModel, prune, read_model, write_model
from retrieval.given import GivenLinker

RESAMPLES = 1000
RIDGE = 0.3
KEPT_PER_LABEL = 120
CATEGORIES = frozenset({Category.DISEASE, Category.PHENOTYPE})
_TITLE = re.compile(r"\d+\|[ta]\|")


@dataclass(frozen=True, slots=True)
class Marked:
    """A gold mention: its words, and its identifiers."""

    text: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its gold mentions of diseases."""

    text: str
    mentions: tuple[Marked, ...]


def read_corpus(path: Path, part: str) -> list[Document]:
    """The documents of a file in either format."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if part in name and name.endswith(".xml")]
            return [document for name in names for document in _bioc(archive.read(name))]
    if path.suffix == ".xml":
        return list(_bioc(path.read_bytes()))
    return list(_pubtator(path.read_text("utf-8-sig")))


def _pubtator(text: str) -> Iterator[Document]:
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        lines = block.split("\n")
        said = " ".join(line.split("|", 2)[2] for line in lines if _TITLE.match(line))
        rows = [line.split("\t") for line in lines if not _TITLE.match(line) and line.count("\t") >= 5]
        yield Document(said, tuple(_marked((row[3], row[5]) for row in rows)))


def _bioc(data: bytes) -> Iterator[Document]:
    for document in ElementTree.fromstring(data).iter("document"):
        texts = [passage.findtext("text") or "" for passage in document.iter("passage")]
        found = []
        for annotation in document.iter("annotation"):
            notes = {note.get("key"): note.text or "" for note in annotation.iter("infon")}
            if notes.get("type") == "Disease":
                found.append((annotation.findtext("text") or "", notes.get("MESH", "-1")))
        yield Document(" ".join(texts), tuple(_marked(found)))


def _marked(pairs: Any) -> Iterator[Marked]:
    for text, codes in pairs:
        parts = [code.strip() for code in re.split(r"[|+,]", codes)]
        known = tuple(_prefixed(code) for code in parts if code and code != "-1")
        if known:
            yield Marked(text, known)


def _prefixed(code: str) -> str:
    if ":" in code:
        return code
    return ("OMIM:" if code.isdigit() else "MESH:") + code


def score(documents: Sequence[Document], linker: CodedLinker, snapshot: Snapshot) -> dict[str, Any]:
    """Accuracy with its interval, errors by kind and speed."""
    counts, kinds = [], Counter[str]()
    start = time.process_time()
    for document in documents:
        long_forms = abbreviations(document.text)
        right = 0
        for mention in document.mentions:
            ranked = linker.rank(mention.text, long_forms)
            kind = _kind(ranked, mention, snapshot)
            right += kind == "right"
            kinds[kind] += 1
        counts.append((right, len(document.mentions)))
    seconds = time.process_time() - start
    table = np.asarray(counts, dtype=np.float64).reshape(-1, 2)
    draws = np.random.default_rng(0).integers(0, len(table), size=(RESAMPLES, len(table)))
    spread = [table[draw].sum(axis=0) for draw in draws]
    low, high = np.percentile([right / max(n, 1) for right, n in spread], [2.5, 97.5])
    return {
        "documents": len(documents),
        "mentions": int(table[:, 1].sum()),
        "accuracy": round(float(table[:, 0].sum() / max(table[:, 1].sum(), 1)), 3),
        "accuracy_95": [round(float(low), 3), round(float(high), 3)],
        "kinds": dict(kinds.most_common()),
        "mentions_per_second": round(float(table[:, 1].sum()) / max(seconds, 1e-9)),
    }


def _kind(ranked: Sequence[str], mention: Marked, snapshot: Snapshot) -> str:
    if not ranked:
        return "nothing found"
    if is_gold(ranked[0], mention, snapshot):
        return "right"
    if any(is_gold(code, mention, snapshot) for code in ranked):
        return "right one ranked lower"
    first = snapshot.resolve(ranked[0])
    golds = [known for code in mention.codes if (known := snapshot.resolve(code)) is not None]
    if not golds:
        return "gold identifier not in the graph"
    if first and any(snapshot.is_a(first, gold) or snapshot.is_a(gold, first) for gold in golds):
        return "more general or more specific"
    return "other concept"


def is_gold(code: str, mention: Marked, snapshot: Snapshot) -> bool:
    """Whether ``code`` is one of the mention's identifiers, or fused with one."""
    return any(code == gold or (snapshot.resolve(code) or code) == snapshot.resolve(gold) for gold in mention.codes)


def learn(documents: Sequence[Document], linker: CodedLinker, snapshot: Snapshot) -> FindingModel:
    """A model of the identifiers in ``documents``: kernel ridge regression, then logistic regression on candidates.

    The second stage sees scores of models without the mention's own words (closed form, one group a wording).
    """
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it has no types

    seen: dict[tuple[str, tuple[str, ...]], dict[str, str]] = {}
    for document in documents:
        long_forms = abbreviations(document.text)
        for mention in document.mentions:
            seen.setdefault((mention.text, mention.codes[:1]), long_forms)
    wordings = sorted(seen)
    counts = Counter(m.codes[0] for d in documents for m in d.mentions)
    curies = sorted(counts)
    column = {curie: at for at, curie in enumerate(curies)}
    rows = [linker.features(text, seen[text, codes]) for text, codes in wordings]
    starts = np.cumsum([0, *map(len, rows)])
    features = sparse.csr_array(
        ([v for row in rows for v in row.values()], [c for row in rows for c in row], starts),
        shape=(len(rows), N_FEATURES),
        dtype=np.float32,
    )
    target = np.zeros((len(rows), len(curies)), dtype=np.float32)
    target[np.arange(len(rows)), [column[codes[0]] for _, codes in wordings]] = 1
    kernel = (features @ features.T).toarray()
    inverse = np.linalg.inv(kernel + RIDGE * np.eye(len(rows), dtype=np.float32))
    dual = inverse @ target
    used = np.unique(features.indices).astype(np.int64)
    weights = np.ascontiguousarray((features[:, used].T @ dual).T)
    none = np.zeros(0)
    parts = prune(weights, used, curies, [counts[curie] for curie in curies], KEPT_PER_LABEL)
    model = FindingModel(**parts, coefficients=none, intercept=0.0, threshold=0.5, seen=none)  # type: ignore[arg-type]
    unseen = target - dual / np.diag(inverse)[:, None]
    evidence, truth = [], []
    for at, (text, codes) in enumerate(wordings):
        given = {curies[label]: float(unseen[at, label]) for label in np.flatnonzero(unseen[at] >= LEAST_SCORE)}
        for candidate in linker.candidates(text, seen[text, codes], given, model):
            evidence.append(candidate.evidence)
            truth.append(is_gold(candidate.code, Marked(text, codes), snapshot))
    x, y = np.asarray(evidence), np.asarray(truth)
    spread = np.where(x.std(axis=0) > 0, x.std(axis=0), 1)
    decision = LogisticRegression(max_iter=1000).fit((x - x.mean(axis=0)) / spread, y)
    coefficients = decision.coef_[0] / spread
    intercept = float(decision.intercept_[0] - coefficients @ x.mean(axis=0))
    return replace(model, coefficients=coefficients, intercept=intercept)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure one corpus, or learn from some."""
    parser = argparse.ArgumentParser(description="Measure disease linking with the mention given; prints JSON.")
    parser.add_argument("paths", type=Path, nargs="+")
    parser.add_argument("--part", default="", help="word in the names of the files to take from a zip")
    parser.add_argument("--learn", type=Path, help="learn a model from the given files and write it here")
    shipped = Path(__file__).parents[1] / "data" / "linking_model.npz"
    parser.add_argument("--model", type=Path, default=shipped, help="the learned model")
    parser.add_argument("--rules-only", action="store_true", help="names decide alone, without a learned model")
    parser.add_argument("--vocabularies", nargs="+", default=["MESH", "OMIM"], help="identifiers to code in")
    cache = Path(os.environ.get("CLINIGRAPH_CACHE") or user_cache_path("clinigraph"))
    parser.add_argument("--cache", type=Path, default=cache, help="the cache with the built graph")
    parser.add_argument("--lexicon", type=Path, help="folder of the lexicon; default: lexicon/ beside the snapshot")
    options = parser.parse_args(arguments)
    for path in options.paths:
        if not path.is_file():
            print(f"{path} is no file; give the path of a corpus.", file=sys.stderr)
            return 2
    snapshot = open_snapshot(options.cache)
    reader = Reader(snapshot, options.lexicon or snapshot.folder.parent / "lexicon")
    given = GivenLinker(reader.lexicon, reader.linker.table, CATEGORIES)
    model = None if options.rules_only or options.learn or not options.model.is_file() else read_model(options.model)
    linker = CodedLinker(given, Coder(snapshot, options.vocabularies), reader.linker.table, model)
    documents = [document for path in options.paths for document in read_corpus(path, options.part)]
    if options.learn:
        learned = learn(documents, linker, snapshot)
        write_model(learned, options.learn)
        report: dict[str, Any] = {"identifiers": len(learned.curies), "bytes": options.learn.stat().st_size}
    else:
        report = {"learned": model is not None, **score(documents, linker, snapshot)}
    print(json.dumps({"kg_version": snapshot.version, **report}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
