"""PubMedQA (Jin et al. 2019): yes, no or maybe, from an abstract and without it. The graph has no part in it."""

import json
import zipfile
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model import Decoding, Message, Role

from ..errors import UnreadableFile
from .intervals import wilson
from .rows import Row, by_condition, evenly

if TYPE_CHECKING:
    from ..wiring import Application

SUITE = "pubmedqa"
ANSWERS = ("yes", "no", "maybe")
_ASKED = "Answer the question with yes, no or maybe."
_CHOICES = Decoding(max_new_tokens=4, pattern="(yes|no|maybe)")
_LONGEST_CHARACTERS = 6_000


class Condition(StrEnum):
    """What the model is shown."""

    ABSTRACT = "model with the abstract"
    ALONE = "model alone"


def measure(
    application: "Application", path: Path, sample: int, has: Callable[[str, str, str], bool]
) -> Iterator[tuple[Row | None, int, int]]:
    """A row for each question and condition that is not there yet, or ``None``, with how many are done of how many."""
    generator = application.generator
    questions = evenly(read_questions(path), sample)
    for done, (number, text, abstract, label) in enumerate(questions if generator is not None else []):
        for condition in Condition:
            if generator is not None and not has(SUITE, condition, number):
                shown = f"{abstract}\n\n{text}" if condition is Condition.ABSTRACT else text
                messages = [Message(Role.SYSTEM, _ASKED), Message(Role.USER, shown)]
                said = "".join(generator.stream(messages, _CHOICES)).strip()
                row = {"suite": SUITE, "condition": condition.value, "id": number, "question": text, "label": label}
                yield {**row, "answer": said, "right": said == label}, done, len(questions)
    yield None, len(questions), len(questions)


def read_questions(path: Path) -> list[tuple[str, str, str, str]]:
    """PubMed id, question, abstract and label of each question of a zip file with one JSON file.

    Raises:
        UnreadableFile: it is no such file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            name = next(name for name in archive.namelist() if name.endswith(".json"))
            table = json.loads(archive.read(name))
        return [
            (number, row["QUESTION"], " ".join(row["CONTEXTS"])[:_LONGEST_CHARACTERS], row["final_decision"])
            for number, row in sorted(table.items())
        ]
    except (OSError, zipfile.BadZipFile, StopIteration, ValueError, KeyError, TypeError) as error:
        raise UnreadableFile(path, f"it is no zip file of PubMedQA ({error}).") from error


def summarise(rows: list[Row]) -> dict[str, Any]:
    """Accuracy and macro-averaged F1 of each condition."""
    return {name: _figures(group) for name, group in by_condition(rows).items()}


def _figures(rows: list[Row]) -> dict[str, Any]:
    scores = []
    for label in ANSWERS:
        hits = sum(row["label"] == row["answer"] == label for row in rows)
        total = sum(row["label"] == label for row in rows) + sum(row["answer"] == label for row in rows)
        scores.append(2 * hits / total if total else 0.0)
    given = {answer: sum(row["answer"] == answer for row in rows) for answer in ANSWERS}
    return {
        "accuracy": wilson(sum(row["right"] for row in rows), len(rows)),
        "macro_f1": round(sum(scores) / len(scores), 4),
        "answered": given,
    }
