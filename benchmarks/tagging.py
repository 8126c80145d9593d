"""Print how well text is read, as JSON.

    python benchmarks/tagging.py gscplus ../shared/bench/tagging/gscplus-dev.tsv
    python benchmarks/tagging.py physexam ../shared/bench/tagging/physexam-train.tsv
    python benchmarks/tagging.py context ../shared/bench/tagging/conText-dev.tsv

``gscplus``: HPO mentions of abstracts; a document counts each concept once, a mention its offsets and concept. Gold
identifiers are resolved to the graph's; only phenotypic abnormalities count. ``longest`` keeps one mention where
several lie inside each other, ``nested`` keeps all, ``general`` also those inside that are more general than the one
around them, as the corpus marks "hearing loss" inside "sensorineural hearing loss". Only names count: the corpus does
not mark "normal kidneys".
``physexam``: concepts of the findings (polarity empty) of one observation. Where ``learned_from`` is above 0, the
learned model has seen that many of the observations and the figure says nothing: take ``learn_findings.py``, which
leaves the observations out that it reads, or ``--rules-only``.
``context``: the assertion of a given span in a given sentence; ``macro_f1`` is over the labels that the corpus has.
Intervals are 95 % bootstrap intervals over documents, observations or sentences. Speed is processor time of one core,
linking and assertion together.
"""

import argparse
import csv
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from platformdirs import user_cache_path

from kg import Category, Snapshot, open_snapshot
from retrieval import Assertion, Mention, Reader
from retrieval.cues import read_cues
from retrieval.finding_model import find_shipped_model, note_hash
from retrieval.normalise import words_of

RESAMPLES = 1000
PHENOTYPES = frozenset({Category.PHENOTYPE})
ABNORMALITY = "HP:0000118"

Counts: TypeAlias = tuple[int, int, int]
"""True positives, false positives, false negatives."""


@dataclass(frozen=True, slots=True)
class Abstract:
    """A document of GSC+ with its gold mentions as start, end and canonical identifier."""

    id: str
    text: str
    gold: frozenset[tuple[int, int, str]]


def read_gscplus(path: Path, snapshot: Snapshot) -> list[Abstract]:
    """Documents of the form: identifier, text, then ``start⇥end⇥text⇥HP id`` lines, then an empty line."""
    abstracts = []
    for block in path.read_text("utf-8").strip().split("\n\n"):
        identifier, text, *rows = block.split("\n")
        gold = set()
        for row in rows:
            start, end, _, curie = row.split("\t")[:4]
            canonical = snapshot.resolve(curie.strip().replace("_", ":"))
            if canonical is not None and snapshot.is_a(canonical, ABNORMALITY):
                gold.add((int(start), int(end), canonical))
        abstracts.append(Abstract(identifier, text, frozenset(gold)))
    return abstracts


def score_gscplus(path: Path, snapshot: Snapshot, reader: Reader) -> dict[str, Any]:
    """Document-level and mention-level figures, without, with some and with all nested mentions."""
    abstracts = read_gscplus(path, snapshot)
    report: dict[str, Any] = {"documents": len(abstracts), "mentions": sum(len(a.gold) for a in abstracts)}
    longest, nested = (
        [
            _findings(reader.mentions(a.text, categories=PHENOTYPES, nested=all_of, named_only=True), snapshot)
            for a in abstracts
        ]
        for all_of in (False, True)
    )
    general = [_general(outer, every, snapshot) for outer, every in zip(longest, nested, strict=True)]
    for name, found in (("longest", longest), ("general", general), ("nested", nested)):
        pairs = list(zip(abstracts, found, strict=True))
        report[name] = {
            "document": figures([_compare({m.curie for m in ms}, {c for _, _, c in a.gold}) for a, ms in pairs]),
            "mention": figures([_compare({(m.start, m.end, m.curie) for m in ms}, a.gold) for a, ms in pairs]),
        }
        if name == "longest":
            report["errors"] = dict(sum((_kinds_of_error(a, ms, snapshot) for a, ms in pairs), Counter[str]()))
    report["speed"] = speed(reader, [a.text for a in abstracts])
    return report


def _findings(mentions: Iterable[Mention], snapshot: Snapshot) -> tuple[Mention, ...]:
    """The mentions of HPO phenotypic abnormalities."""
    return tuple(m for m in mentions if m.curie.startswith("HP:") and snapshot.is_a(m.curie, ABNORMALITY))


def _general(longest: Sequence[Mention], nested: Sequence[Mention], snapshot: Snapshot) -> tuple[Mention, ...]:
    """The longest mentions, and those inside one of them that name something more general."""

    def inside(inner: Mention, outer: Mention) -> bool:
        within = outer.start <= inner.start and inner.end <= outer.end
        return within and inner.curie != outer.curie and snapshot.is_a(outer.curie, inner.curie)

    return (*longest, *(m for m in nested if m not in longest and any(inside(m, outer) for outer in longest)))


def _kinds_of_error(abstract: Abstract, mentions: Sequence[Mention], snapshot: Snapshot) -> Counter[str]:
    """Mention-level errors: what is wrong with each false mention and why each gold one was missed."""
    kinds: Counter[str] = Counter()
    found = {(m.start, m.end, m.curie) for m in mentions}
    for start, end, curie in sorted(found - abstract.gold):
        near = {c for s, e, c in abstract.gold if s < end and start < e}
        kinds["false: " + _relation(curie, near, snapshot)] += 1
    for start, end, curie in sorted(abstract.gold - found):
        near = {c for s, e, c in found if s < end and start < e}
        inside = any(s <= start and end <= e and (s, e) != (start, end) for s, e, _ in abstract.gold)
        kinds["missed: " + ("inside a longer gold mention" if inside else _relation(curie, near, snapshot))] += 1
    return kinds


def _relation(curie: str, near: Iterable[str], snapshot: Snapshot) -> str:
    near = set(near)
    if not near:
        return "nothing there"
    if curie in near:
        return "other boundaries"
    related = any(snapshot.is_a(curie, other) or snapshot.is_a(other, curie) for other in near)
    return "more general or more specific concept" if related else "other concept"


def score_physexam(path: Path, snapshot: Snapshot, reader: Reader) -> dict[str, Any]:
    """Figures over the concepts of findings in examination notes, each concept once an observation."""
    gold: dict[str, set[str]] = {}
    texts: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            texts[row["StringID"]] = row["Text"]
            wanted = gold.setdefault(row["StringID"], set())
            canonical = snapshot.resolve(row["Term"]) if row["Term"] not in ("", "NA") else None
            if canonical is not None and row["Negated"] != "X":
                wanted.add(canonical)
    counts = []
    kinds: Counter[str] = Counter()
    for key, text in texts.items():
        mentions = _findings(reader.mentions(text, categories=PHENOTYPES), snapshot)
        found = {m.curie for m in mentions if m.assertion is not Assertion.ABSENT}
        absent = {m.curie for m in mentions} - found
        counts.append(_compare(found, gold[key]))
        kinds.update("false: " + kin(curie, gold[key], snapshot) for curie in found - gold[key])
        kinds.update(
            "missed: " + ("read as absent" if curie in absent else kin(curie, found, snapshot))
            for curie in gold[key] - found
        )
    model = find_shipped_model()
    seen = 0 if model is None else sum(model.has_seen(note_hash(text)) for text in texts.values())
    return {
        "observations": len(texts),
        "learned_from": seen,
        "findings": figures(counts),
        "errors": dict(kinds.most_common()),
        "speed": speed(reader, list(texts.values())),
    }


def kin(curie: str, others: Iterable[str], snapshot: Snapshot) -> str:
    """How a concept is related to any of some others."""
    related = any(snapshot.is_a(curie, other) or snapshot.is_a(other, curie) for other in others)
    return "more general or more specific concept" if related else "unrelated"


_LABELS: dict[str, tuple[int, frozenset[str]]] = {
    "negated": (3, frozenset({"negated"})),
    "possible": (3, frozenset({"possible"})),
    "historical": (4, frozenset({"historical"})),
    "hypothetical": (4, frozenset({"hypothetical", "not particular"})),
    "family": (5, frozenset({"other", "family", "family member"})),
}
"""Status attribute → gold column, and its values that mean it ("not particular" is the corpus's hypothetical)."""


def score_context(path: Path, reader: Reader) -> dict[str, Any]:
    """Figures per assertion label where the span is given. The span's words stand in capitals in the sentence."""
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:] if line.strip()]
    predicted, gold = [], []
    seconds = time.process_time()
    for row in rows:
        predicted.append(reader.status(row[2], *_find_span(row[1], row[2])))
        gold.append([value.strip().casefold() for value in row])
    seconds = time.process_time() - seconds
    report: dict[str, Any] = {"sentences": len(rows), "sentences_per_second": round(len(rows) / seconds)}
    for label, (column, values) in _LABELS.items():
        truth = [row[column] in values for row in gold]
        guess = [getattr(status, label) for status in predicted]
        counts = [(int(t and g), int(g and not t), int(t and not g)) for t, g in zip(truth, guess, strict=True)]
        report[label] = {"gold": sum(truth), **figures(counts)}
        kinds = (_kind_of_miss(row, label, t) for row, t, g in zip(rows, truth, guess, strict=True) if t != g)
        report[label]["errors"] = dict(Counter(kinds).most_common())
    report["macro_f1"] = round(float(np.mean([report[label]["f1"] for label in _LABELS if report[label]["gold"]])), 3)
    return report


def _kind_of_miss(row: Sequence[str], label: str, truth: bool) -> str:
    """Why a label was missed or wrongly given, by what the sentence holds."""
    span, sentence = (" ".join(words_of(text.casefold())) for text in (row[1], row[2]))
    outside = f" {sentence} ".replace(f" {span} ", " * ")
    cued = any(f" {' '.join(cue.words)} " in outside for cue in read_cues() if label in cue.effects)
    if not truth:
        return "false: a cue out of place" if cued else "false: heading or list"
    if not outside.strip(" *.:;-,"):
        return "missed: the sentence is the span alone"
    return "missed: a cue that does not reach" if cued else "missed: no cue in the sentence"


def _find_span(condition: str, sentence: str) -> tuple[int, int]:
    """Where ``condition`` stands in ``sentence``: in capitals if it does so, else anyhow; all of it if nowhere."""
    for words, flags in ((condition.upper().split(), re.NOFLAG), (condition.split(), re.IGNORECASE)):
        match = re.search(r"\s+".join(map(re.escape, words)), sentence, flags)
        if match and match.end() > match.start():
            return match.span()
    return 0, len(sentence)


def figures(counts: Sequence[Counts]) -> dict[str, Any]:
    """Precision, recall and F1 over the sums of ``counts``, F1 with its bootstrap interval; one entry a document."""
    table = np.asarray(counts, dtype=np.int64).reshape(-1, 3)
    precision, recall, f1 = _rates(table.sum(axis=0))
    draws = np.random.default_rng(0).integers(0, max(1, len(table)), size=(RESAMPLES, len(table)))
    spread = [_rates(table[draw].sum(axis=0))[2] for draw in draws]
    low, high = np.percentile(spread, [2.5, 97.5])
    return {
        "precision": round(precision, 3),
        "recall": round(recall, 3),
        "f1": round(f1, 3),
        "f1_95": [round(float(low), 3), round(float(high), 3)],
        "tp_fp_fn": table.sum(axis=0).tolist(),
    }


def _rates(sums: Any) -> tuple[float, float, float]:
    tp, fp, fn = (float(value) for value in sums)
    return tp / max(tp + fp, 1), tp / max(tp + fn, 1), 2 * tp / max(2 * tp + fp + fn, 1)


def _compare(found: set[Any], gold: set[Any] | frozenset[Any]) -> Counts:
    return len(found & gold), len(found - gold), len(gold - found)


def speed(reader: Reader, texts: Sequence[str]) -> dict[str, float]:
    """Characters (in thousands) and documents read in a second of processor time, all categories linked, warm."""
    text = "\n\n".join(texts)
    reader.mentions(text)
    start = time.process_time()
    reader.mentions(text)
    seconds = time.process_time() - start
    return {
        "kb_per_second": round(len(text) / 1000 / seconds, 1),
        "documents_per_second": round(len(texts) / seconds, 1),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one benchmark and print its figures."""
    parser = argparse.ArgumentParser(description="Measure linking and assertion; prints JSON.")
    parser.add_argument("corpus", choices=["gscplus", "physexam", "context"])
    parser.add_argument("path", type=Path)
    cache = Path(os.environ.get("CLINIGRAPH_CACHE") or user_cache_path("clinigraph"))
    parser.add_argument("--cache", type=Path, default=cache, help="the cache with the built graph")
    parser.add_argument("--lexicon", type=Path, help="folder of the lexicon; default: lexicon/ beside the snapshot")
    parser.add_argument("--rules-only", action="store_true", help="read without the learned model")
    options = parser.parse_args(arguments)
    if not options.path.is_file():
        print(f"{options.path} is no file; give the path of the corpus.", file=sys.stderr)
        return 2
    snapshot = open_snapshot(options.cache)
    start = time.perf_counter()
    reader = Reader(snapshot, options.lexicon or snapshot.folder.parent / "lexicon", learned=not options.rules_only)
    loading = round(time.perf_counter() - start, 2)
    if options.corpus == "gscplus":
        report = score_gscplus(options.path, snapshot, reader)
    elif options.corpus == "physexam":
        report = score_physexam(options.path, snapshot, reader)
    else:
        report = score_context(options.path, reader)
    print(
        json.dumps({"corpus": options.corpus, "kg_version": snapshot.version, "loading_s": loading, **report}, indent=1)
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
