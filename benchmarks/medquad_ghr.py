"""Genes and modes of inheritance against MedQuAD's Genetics Home Reference (Ben Abacha & Demner-Fushman 2019).

    python benchmarks/medquad_ghr.py ../shared/bench/qa/medquad.zip     # prints JSON

Questions of ``3_GHR_QA`` of the types "genetic changes" and "inheritance" are asked as ``clinigraph ask --batch
--generator graph`` would; the disease is whatever the reader finds in the question.

Gold genes are the HGNC symbols in sentences of the published answer that speak of a gene: approved symbols, matched in
their capitals as whole words, and former symbols or aliases of just one gene where "gene" stands beside them. The
answer's genes are those of the gene facts that its sentences cite, and those in its quotations by the same rule; "first
sentence" counts the facts of the first one alone.
Recall and precision are means over questions, a question without an answer having recall 0 and, in "precision", 0 as
well; pooled figures count genes over all questions. Questions whose published answer names no gene are counted, not
scored.

Modes are found in both answers by `MODES`; the main mode is the one that the published answer names first. A question
is right if ours names the main mode; it is exact if both name the same modes.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks.intervals import bootstrap_mean, wilson
from clinigraph.answering import Answer, QuestionAnswerer
from clinigraph.config import resolve_settings
from clinigraph.evaluating.published_genetics import (
    GeneNames,
    Row,
    cited_facts,
    modes_in,
    quoted_genes,
    read_rows,
)
from clinigraph.progress import ProgressBars
from clinigraph.wiring import Application
from kg import Category, Curie, Predicate, Snapshot


def main() -> None:
    """Ask all questions and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="MedQuAD as a zip archive")
    parser.add_argument("--limit", type=int, default=None, help="ask only about so many diseases, evenly spread")
    parser.add_argument("--failed", action="store_true", help="list the questions that were not answered right")
    arguments = parser.parse_args()
    rows = list(read_rows(arguments.file))
    if arguments.limit:
        step = max(1, len(rows) // (2 * arguments.limit))
        rows = [row for n, row in enumerate(rows) if (n // 2) % step == 0]
    with ProgressBars() as bars:
        application = Application(resolve_settings({"generator": "graph"}), bars)
        answerer = application.answerer
    genes = _genes([row for row in rows if row.type == "genetic changes"], answerer, application.snapshot)
    modes = _modes([row for row in rows if row.type == "inheritance"], answerer, application.snapshot)
    result = {
        "benchmark": "medquad_ghr",
        "kg_version": application.snapshot.version,
        "genes": genes,
        "inheritance": modes,
    }
    if not arguments.failed:
        genes.pop("failed"), modes.pop("failed")
    print(json.dumps(result, indent=1))


def _diseases(answer: Answer, snapshot: Snapshot) -> list[Curie]:
    curies = [curie for mention in answer.context.mentions for curie in (mention.curie, *mention.alternatives)]
    return [c for c in curies if snapshot.category_at(snapshot.position(c)) is Category.DISEASE]


def _genes(rows: Sequence[Row], answerer: QuestionAnswerer, snapshot: Snapshot) -> dict[str, object]:
    names = GeneNames(snapshot)
    whole, first = GeneScore(), GeneScore()
    kinds: Counter[str] = Counter()
    failed = []
    for row in rows:
        gold = names.genes_in(row.answer)
        answer = answerer.answer(row.question)
        given = {fact.subject for fact in cited_facts(answer, Predicate.GENE_OF_DISEASE)} | quoted_genes(answer, names)
        if not gold:
            kinds["no gene in the published answer" + (", genes in ours" if given else "")] += 1
            continue
        whole.add(gold, given)
        first.add(gold, {fact.subject for fact in cited_facts(answer, Predicate.GENE_OF_DISEASE, first_only=True)})
        kind = _kind(gold, given, _diseases(answer, snapshot))
        kinds[kind] += 1
        if kind != "same genes":
            failed.append({"disease": row.disease, "kind": kind, "read": _read(answer),
                           "gold": _labels(gold, snapshot), "given": _labels(given, snapshot)})  # fmt: skip
    return {"questions": len(rows), "whole answer": whole.figures(), "first sentence": first.figures(),
            "rows": dict(kinds.most_common()), "failed": failed}  # fmt: skip


def _read(answer: Answer) -> list[str]:
    return [f"{mention.label} ({mention.curie})" for mention in answer.context.mentions]


def _labels(curies: set[Curie], snapshot: Snapshot) -> list[str]:
    return sorted(snapshot.label(curie) for curie in curies)


def _kind(gold: set[Curie], given: set[Curie], diseases: Sequence[Curie]) -> str:
    if given == gold:
        return "same genes"
    if not diseases:
        return "no disease linked"
    if not given:
        return "no gene fact"
    if not gold & given:
        return "none of the genes (another disease linked, or other genes)"
    if gold < given:
        return "all genes and others"
    return "some of the genes" if given < gold else "some of the genes and others"


class GeneScore:
    """Recall and precision over questions."""

    def __init__(self) -> None:
        self._recall: list[float] = []
        self._precision: list[float] = []
        self._hits = self._gold = self._given = 0
        self._answered: list[float] = []

    def add(self, gold: set[Curie], given: set[Curie]) -> None:
        """Count one question."""
        hits = len(gold & given)
        self._recall.append(hits / len(gold))
        self._precision.append(hits / len(given) if given else 0.0)
        if given:
            self._answered.append(hits / len(given))
        self._hits, self._gold, self._given = self._hits + hits, self._gold + len(gold), self._given + len(given)

    def figures(self) -> dict[str, object]:
        """The figures with their intervals."""
        return {
            "recall": bootstrap_mean(self._recall),
            "precision": bootstrap_mean(self._precision),
            "precision_of_answered": bootstrap_mean(self._answered),
            "pooled_recall": wilson(self._hits, self._gold),
            "pooled_precision": wilson(self._hits, self._given),
        }


def _modes(rows: Sequence[Row], answerer: QuestionAnswerer, snapshot: Snapshot) -> dict[str, object]:
    kinds: Counter[str] = Counter()
    by_mode: dict[str, list[bool]] = defaultdict(list)
    exact = []
    failed = []
    for row in rows:
        gold = modes_in(row.answer)
        answer = answerer.answer(row.question)
        given = set(modes_in(answer.verified.text))
        if not gold:
            kinds["no mode in the published answer"] += 1
            continue
        right = gold[0] in given
        by_mode[gold[0]].append(right)
        exact.append(set(gold) == given)
        kind = "right" if right else "no disease linked" if not _diseases(answer, snapshot) else (
            "another mode" if given else "no mode recorded")  # fmt: skip
        kinds[f"{kind}{', not inherited' if gold[0] == 'not inherited' else ''}"] += 1
        if not right:
            failed.append({"disease": row.disease, "kind": kind, "read": _read(answer), "gold": gold,
                           "given": sorted(given)})  # fmt: skip
    inherited = [right for mode, found in by_mode.items() if mode != "not inherited" for right in found]
    everything = [right for found in by_mode.values() for right in found]
    return {
        "questions": len(rows),
        "accuracy": wilson(sum(inherited), len(inherited)),
        "accuracy_with_not_inherited": wilson(sum(everything), len(everything)),
        "same_set_of_modes": wilson(sum(exact), len(exact)),
        "by_mode": {mode: wilson(sum(found), len(found)) for mode, found in sorted(by_mode.items())},
        "rows": dict(kinds.most_common()),
        "failed": failed,
    }


if __name__ == "__main__":
    main()
