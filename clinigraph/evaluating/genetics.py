"""Genes and modes of inheritance against MedQuAD's Genetics Home Reference, asked of the whole product."""

import zipfile
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import Predicate
from model import Author

from ..answering import Answer, QuestionAnswerer
from ..errors import UnreadableFile
from . import published_genetics as published
from .intervals import bootstrap_mean, wilson
from .rows import Row, by_condition, evenly

if TYPE_CHECKING:
    from ..wiring import Application

SUITE = "ghr"


class Condition(StrEnum):
    """What answers."""

    MODEL = "model with evidence"
    GRAPH = "graph alone"


def measure(
    application: "Application", path: Path, sample: int, has: Callable[[str, str, str], bool]
) -> Iterator[tuple[Row | None, int, int]]:
    """A row for each question and condition that is not there yet, or ``None``, with how many are done of how many."""
    try:
        rows = list(published.read_rows(path))
    except (OSError, zipfile.BadZipFile) as error:
        raise UnreadableFile(path, f"it is no zip file of MedQuAD ({error}).") from error
    names = published.GeneNames(application.snapshot)
    asked = [(str(number), row) for number, row in enumerate(rows) if _gold(row, names)]
    asked = evenly(asked, sample)
    answerers = {Condition.GRAPH: application.answerer.varied(generator=None, risk_model=None)}
    if application.generator is not None:
        answerers[Condition.MODEL] = application.answerer
    for done, (number, row) in enumerate(asked):
        for condition, answerer in answerers.items():
            if not has(SUITE, condition, number):
                found = _row(row, names, answerer)
                yield {"suite": SUITE, "condition": condition.value, "id": number, **found}, done, len(asked)
    yield None, len(asked), len(asked)


def _gold(row: published.Row, names: published.GeneNames) -> list[str]:
    if row.type == "inheritance":
        return published.modes_in(row.answer)[:1]
    return sorted(names.genes_in(row.answer))


def _row(row: published.Row, names: published.GeneNames, answerer: QuestionAnswerer) -> Row:
    answer = answerer.answer(row.question)
    gold = _gold(row, names)
    is_mode = row.type == "inheritance"
    given = published.modes_in(answer.verified.text) if is_mode else sorted(_genes(answer, names))
    return {
        "type": row.type,
        "question": row.question,
        "gold": gold,
        "given": given,
        "answer": answer.verified.text,
        "by_model": any(claim.written_by is Author.MODEL for claim in answer.verified.claims),
        "recall": len(set(gold) & set(given)) / len(gold),
        "precision": len(set(gold) & set(given)) / len(given) if given else 0.0,
    }


def _genes(answer: Answer, names: published.GeneNames) -> set[str]:
    stated = published.cited_facts(answer, Predicate.GENE_OF_DISEASE)
    return {fact.subject for fact in stated} | published.quoted_genes(answer, names)


def summarise(rows: list[Row]) -> dict[str, Any]:
    """Recall and precision of genes, and the share of right main modes, of each condition."""
    return {name: _figures(group) for name, group in by_condition(rows).items()}


def _figures(rows: list[Row]) -> dict[str, Any]:
    genes = [row for row in rows if row["type"] != "inheritance"]
    modes = [row for row in rows if row["type"] == "inheritance"]
    worst = [row for row in rows if row["recall"] == 0]
    return {
        "genes_recall": bootstrap_mean([row["recall"] for row in genes]),
        "genes_precision": bootstrap_mean([row["precision"] for row in genes if row["given"]]),
        "main_mode_right": wilson(sum(row["recall"] > 0 for row in modes), len(modes)),
        "answers_with_model_sentence": wilson(sum(row["by_model"] for row in rows), len(rows)),
        "worst": [{key: row[key] for key in ("question", "gold", "given", "answer")} for row in worst[:15]],
    }
