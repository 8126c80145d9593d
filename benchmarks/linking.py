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
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from kg import Category, Snapshot, open_snapshot
from retrieval import Reader
from retrieval.coded import CodedLinker, Weighed, contexts_of, table_of
from retrieval.coding import Coder
from retrieval.given import GivenLinker
from retrieval.hashed_weights import prune
from retrieval.linking_model import LinkingModel, read_linking_model, wordings_of, write_linking_model
from retrieval.normalise import hash_letters
from retrieval.readings import long_forms_in, written_out
from retrieval.trees import Trees, no_trees

RESAMPLES = 1000
RIDGE = 0.3
KEPT_PER_LABEL = 100
FOLDS = 8
TREE_FOLDS = 4
N_TREES = 100
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
        right = 0
        for mention, ranked in zip(document.mentions, linker.rank_all(*_said(document)), strict=True):
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


@dataclass(frozen=True, slots=True)
class Weighing:
    """The evidence of the mentions of documents: rows of candidates, which are right, and the mention of each."""

    rows: NDArray[np.float32]
    truth: NDArray[np.bool_]
    lists: NDArray[np.int64]


def learn(documents: Sequence[Document], linker: CodedLinker, snapshot: Snapshot) -> LinkingModel:
    """A model of the identifiers in ``documents``.

    Trees are grown on evidence from models of the other documents, so that a training mention is as often known by its
    wording as a new one; those of the second pass also on probabilities of trees that did not see the document.
    """
    folds = [at % FOLDS for at in range(len(documents))]
    weighed: list[list[Weighed]] = [[] for _ in documents]
    for fold in range(FOLDS):
        model = remember([d for d, own in zip(documents, folds, strict=True) if own != fold], linker)
        for at in (at for at, own in enumerate(folds) if own == fold):
            weighed[at] = linker.weigh(*_said(documents[at]), model)
    alone = _grow(_weighing(documents, weighed, snapshot))
    unseen = list(weighed)
    for fold in range(TREE_FOLDS):
        others = [at for at in range(len(documents)) if at % TREE_FOLDS != fold]
        trees = _grow(_weighing([documents[at] for at in others], [weighed[at] for at in others], snapshot))
        for at in range(fold, len(documents), TREE_FOLDS):
            unseen[at] = [one.weighed_by(trees) for one in weighed[at]]
    together = _grow(_weighing(documents, unseen, snapshot, in_context=True))
    return replace(remember(documents, linker), alone=alone, together=together)


def remember(documents: Sequence[Document], linker: CodedLinker) -> LinkingModel:
    """A model that knows the wordings of ``documents`` and a linear score, without trees."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for document in documents:
        mentions, long_forms = _said(document)
        for mention, marked in zip(mentions, document.mentions, strict=True):
            seen[written_out(mention, long_forms).casefold()][marked.codes[0]] += 1
    counts = sum(seen.values(), Counter[str]())
    curies = sorted(counts)
    column = {curie: at for at, curie in enumerate(curies)}
    letters: dict[int, Counter[int]] = defaultdict(Counter)
    words: dict[int, Counter[int]] = defaultdict(Counter)
    for text, times in seen.items():
        known = Counter({column[code]: n for code, n in times.items()})
        letters[hash_letters(text)] += known
        words[linker.reader.key(text)] += known
    examples = [(text, code) for text in sorted(seen) for code in sorted(seen[text])]
    features = linker.reader.features.matrix([linker.reader.piece(text) for text, _ in examples])
    target = np.zeros((len(examples), len(curies)), dtype=np.float32)
    target[np.arange(len(examples)), [column[code] for _, code in examples]] = 1
    kernel = (features @ features.T).toarray()
    dual = np.linalg.solve(kernel + RIDGE * np.eye(len(examples), dtype=np.float32), target)
    used = np.unique(features.indices).astype(np.int64)
    weights = np.ascontiguousarray((features[:, used].T @ dual).T)
    pruned = prune(weights, used, curies, [counts[curie] for curie in curies], KEPT_PER_LABEL)
    return LinkingModel(pruned, wordings_of(letters), wordings_of(words), no_trees(), no_trees())


def _said(document: Document) -> tuple[list[str], dict[str, str]]:
    """The wordings of a document's mentions, and what its abbreviations stand for."""
    mentions = [mention.text for mention in document.mentions]
    return mentions, long_forms_in(document.text, mentions)


def _weighing(
    documents: Sequence[Document], weighed: Sequence[Sequence[Weighed]], snapshot: Snapshot, in_context: bool = False
) -> Weighing:
    rows, truth, lists = [], [], []
    for document, found in zip(documents, weighed, strict=True):
        contexts = contexts_of([m.text for m in document.mentions], found) if in_context else [None] * len(found)
        for mention, one, context in zip(document.mentions, found, contexts, strict=True):
            if one.candidates:
                rows.append(table_of(one.candidates, context))
                truth += [is_gold(candidate.code, mention, snapshot) for candidate in one.candidates]
                lists += [len(rows) - 1] * len(one.candidates)
    return Weighing(np.vstack(rows), np.array(truth), np.array(lists))


def _grow(weighing: Weighing) -> Trees:
    from benchmarks.boosting import Boosting, boost, listwise

    settings = Boosting(n_trees=N_TREES, step=0.1, leaves=12, rows_a_leaf=40)
    return boost(weighing.rows, listwise(weighing.truth, weighing.lists), settings)


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
    reader = Reader(snapshot, options.lexicon or snapshot.folder.parent / "lexicon", learned=False)
    given = GivenLinker(reader.lexicon, reader.linker.table, CATEGORIES)
    by_rules = options.rules_only or options.learn or not options.model.is_file()
    model = None if by_rules else read_linking_model(options.model)
    linker = CodedLinker(given, Coder(snapshot, options.vocabularies), model)
    documents = [document for path in options.paths for document in read_corpus(path, options.part)]
    if options.learn:
        learned = learn(documents, linker, snapshot)
        write_linking_model(learned, options.learn)
        report: dict[str, Any] = {"identifiers": len(learned.weights.curies), "bytes": options.learn.stat().st_size}
    else:
        report = {"learned": model is not None, **score(documents, linker, snapshot)}
    print(json.dumps({"kg_version": snapshot.version, **report}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
