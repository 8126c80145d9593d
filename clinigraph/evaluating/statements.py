"""BiomixQA (Soman et al. 2024), statements judged true or false: by the whole product, and by the model alone."""

import csv
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model import Decoding, Message, Role
from retrieval import Judgement

from ..errors import UnreadableFile
from .intervals import wilson
from .rows import Row, by_condition, evenly

if TYPE_CHECKING:
    from ..wiring import Application

SUITE = "biomixqa"
_ASKED = "Is the statement true or false? Answer True or False."
_CHOICES = Decoding(max_new_tokens=4, pattern="(True|False)")


class Condition(StrEnum):
    """What judges."""

    PRODUCT = "whole product"
    ALONE = "model alone"


def measure(
    application: "Application", path: Path, sample: int, has: Callable[[str, str, str], bool]
) -> Iterator[tuple[Row | None, int, int]]:
    """A row for each statement and condition that is not there yet, or ``None``, with how many are done of how many."""
    statements = evenly(read_statements(path), sample)
    for done, (number, text, label) in enumerate(statements):
        row = {"suite": SUITE, "id": number, "text": text, "label": label}
        if not has(SUITE, Condition.PRODUCT, number):
            judged = application.answerer.answer(text).context.judgement
            given = "none" if judged is None else judged.value
            yield (
                {**row, "condition": Condition.PRODUCT.value, "answer": given, "right": given == label},
                done,
                len(statements),
            )
        if application.generator is not None and not has(SUITE, Condition.ALONE, number):
            messages = [Message(Role.SYSTEM, _ASKED), Message(Role.USER, text)]
            said = "".join(application.generator.stream(messages, _CHOICES)).strip()
            yield (
                {**row, "condition": Condition.ALONE.value, "answer": said, "right": said == label},
                done,
                len(statements),
            )
    yield None, len(statements), len(statements)


def read_statements(path: Path) -> list[tuple[str, str, str]]:
    """Number, text and label (True or False) of each statement.

    Raises:
        UnreadableFile: it is missing or lacks a column.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [(str(number), row["text"], row["label"]) for number, row in enumerate(csv.DictReader(file))]
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(path, f"{error}.") from error
    except KeyError as error:
        raise UnreadableFile(path, f"it lacks the column {error}.") from error


def summarise(rows: list[Row]) -> dict[str, Any]:
    """Accuracy of each condition; an abstention of the product is wrong here, and counted apart."""
    return {
        name: {
            "accuracy": wilson(sum(row["right"] for row in group), len(group)),
            "abstained": sum(row["answer"] in ("none", Judgement.UNKNOWN.value) for row in group),
            "worst": [{key: row[key] for key in ("text", "label", "answer")} for row in group if not row["right"]][:15],
        }
        for name, group in by_condition(rows).items()
    }
