"""What tuning did to the model itself: general text that it predicts worse (forgetting), and edges that it knows.

General text is what Python ships about its own language (``pydoc_data.topics``, PSF licence), or a file of the user's.
Edges are asked without evidence: of four labels, one of them right, the model is to find the right one most probable.
Where trained edges are known better than held-out ones, tuning memorised; where both are, it taught.
"""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model import Message, Role, TextScorer

from ..errors import UnreadableFile
from .graph_questions import GraphQuestion, read_questions
from .intervals import wilson
from .rows import Row, by_condition, evenly

if TYPE_CHECKING:
    from ..wiring import Application

FORGETTING, EDGES = "language", "edges"
_CHARACTERS = 24_000
_OTHERS = 3
_LONGEST = 4
_FILES = {"trained": "train.jsonl", "held out": "held_out_concepts.jsonl"}

Has = Callable[[str, str, str], bool]


def measure_forgetting(
    application: "Application", path: Path | None, sample: int, has: Has
) -> Iterator[tuple[Row | None, int, int]]:
    """One row: the perplexity of general text."""
    if not has(FORGETTING, "general text", "all"):
        scorer = TextScorer(application.settings.model, application.settings.cache, application.report)
        perplexity, tokens = scorer.perplexity(_text(path))
        row = {"suite": FORGETTING, "condition": "general text", "id": "all"}
        yield {**row, "perplexity": round(perplexity, 3), "tokens": tokens}, 0, 1
    yield None, 1, 1


def _text(path: Path | None) -> str:
    if path is None:
        from pydoc_data.topics import topics

        return "\n".join(topics.values())[:_CHARACTERS]
    try:
        return path.read_text(encoding="utf-8")[:_CHARACTERS]
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(path, f"{error}.") from error


def measure_edges(
    application: "Application", path: Path, sample: int, has: Has
) -> Iterator[tuple[Row | None, int, int]]:
    """A row for each edge, trained and held out; ``path`` is the folder that ``clinigraph tune data`` wrote."""
    edges = [(kind, q) for kind, name in _FILES.items() for q in evenly(_named(path / name, application), sample)]
    labels = _labels_by_relation(application, [question for _, question in edges])
    missing = [(kind, question) for kind, question in edges if not has(EDGES, kind, question.id)]
    scorer = TextScorer(application.settings.model, application.settings.cache, application.report) if missing else None
    for done, (kind, question) in enumerate(missing):
        rng = random.Random(question.id)
        right = application.snapshot.label(min(question.expected))
        own = {application.snapshot.label(curie) for curie in question.expected}
        others = [label for label in labels[question.relation] if label not in own]
        if scorer is not None and len(others) >= _OTHERS:
            answers = [right, *rng.sample(others, _OTHERS)]
            chosen = scorer.choose([Message(Role.USER, question.text)], answers)
            row: Row = {"suite": EDGES, "condition": kind, "id": question.id, "relation": question.relation}
            row |= {"question": question.text, "right": chosen == 0, "chosen": answers[chosen]}
            yield row, done, len(missing)
    yield None, len(missing), len(missing)


def _named(path: Path, application: "Application") -> list[GraphQuestion]:
    """Questions whose answer is a short list of concepts: a definition or overview expects too many to be an edge."""
    short = [question for question in read_questions(path) if 1 <= len(question.expected) <= _LONGEST]
    return [question for question in short if application.snapshot.find(min(question.expected))]


def _labels_by_relation(application: "Application", questions: list[GraphQuestion]) -> dict[str, list[str]]:
    labels: dict[str, dict[str, None]] = {}
    for question in questions:
        labels.setdefault(question.relation, {})[application.snapshot.label(min(question.expected))] = None
    return {relation: list(found) for relation, found in labels.items()}


def summarise_forgetting(rows: list[Row]) -> dict[str, Any]:
    """The perplexity."""
    return {row["condition"]: {"perplexity": row["perplexity"], "tokens": row["tokens"]} for row in rows}


def summarise_edges(rows: list[Row]) -> dict[str, Any]:
    """The share of edges recognised among four, by whether training saw them; chance is a quarter."""
    return {
        kind: {"accuracy": wilson(sum(row["right"] for row in group), len(group))}
        for kind, group in by_condition(rows).items()
    }
