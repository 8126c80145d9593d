"""What the form of the weights and the pattern of decoding change in the answers of the default model. Prints JSON.

    clinigraph tune data tuning-data --seed 7 --groups 2600 --patients 150 --tagged 80
    python -m benchmarks.decoding weights tuning-data/validation.jsonl --questions 50
    python -m benchmarks.decoding pattern tuning-data/validation.jsonl --questions 50

The same questions are answered from the same evidence in each way, greedily; the first way is what the others are held
against. Compared are the sentences that stand after the checks. Patterns: ``words`` is the one that answers are decoded
by, ``brackets`` lets square brackets hold a number of the evidence and nothing else, ``none`` lets all pass.
"""

import argparse
import json
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clinigraph.answering import QuestionAnswerer
from clinigraph.config import resolve_settings
from clinigraph.evaluating.graph_questions import read_questions
from clinigraph.evaluating.intervals import wilson
from clinigraph.evaluating.rows import evenly
from clinigraph.wiring import Application
from kg import silent
from model import Author, Decoding, Generator, Message

from .speed import open_runtime

WAYS = {
    "weights": ("transformers", "openvino F16", "openvino", "openvino Q4_0"),
    "pattern": ("words", "brackets", "none"),
}


@dataclass(frozen=True, slots=True)
class Repatterned:
    """A generator that decodes by another pattern than it is told to."""

    inner: Generator
    pattern: str

    @property
    def name(self) -> str:
        """The generator's own."""
        return self.inner.name

    def count_tokens(self, text: str) -> int:
        """As the generator counts."""
        return self.inner.count_tokens(text)

    def stream(self, messages: Sequence[Message], settings: Decoding) -> Iterator[str]:
        """The answer by the other pattern."""
        numbers = "|".join(re.findall(r"^\[(\d+)\]", messages[-1].content, re.MULTILINE))
        pattern = rf"([^\[\]]|\[({numbers})\])+" if self.pattern == "brackets" and numbers else None
        return self.inner.stream(messages, replace(settings, pattern=pattern))

    def generate_batch(self, conversations: Sequence[Sequence[Message]], settings: Decoding) -> list[str]:
        """The answers by the other pattern, one after the other: each has a pattern of its own."""
        return ["".join(self.stream(messages, settings)) for messages in conversations]


def main() -> None:
    """Answer in each way and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("varied", choices=WAYS)
    parser.add_argument("questions_file", type=Path)
    parser.add_argument("--questions", type=int, default=50)
    arguments = parser.parse_args()
    settings = resolve_settings({"generator": "graph"})
    application = Application(settings, silent)
    asked = [question.text for question in evenly(read_questions(arguments.questions_file), arguments.questions)]
    ways = WAYS[arguments.varied]
    answers: dict[str, list[dict[str, Any]]] = {}
    for way in ways:
        with opened(way, settings.cache) as generator:
            answerer = application.answerer.varied(generator=generator, risk_model=None)
            answers[way] = [answered(answerer, text) for text in asked]
    told = {way: compared(rows, answers[ways[0]]) for way, rows in answers.items()}
    print(json.dumps({"benchmark": "decoding", "against": ways[0], "ways": told}, indent=1))


@contextmanager
def opened(way: str, cache: Path) -> Iterator[Generator]:
    """The default model in one way."""
    with tempfile.TemporaryDirectory() as scratch:
        if way in WAYS["weights"]:
            yield open_runtime(way, cache, Path(scratch))
            return
        generator = open_runtime("openvino", cache, Path(scratch))
        yield generator if way == "words" else Repatterned(generator, way)


def answered(answerer: QuestionAnswerer, text: str) -> dict[str, Any]:
    """One answer: whether the model was asked, its sentences that stand after the checks, and how many do not."""
    question, context = answerer.gather(text)
    began = time.perf_counter()
    answer = answerer.answer_from(question, context).verified
    kept = [(claim.text, claim.citations) for claim in answer.claims if claim.written_by is Author.MODEL]
    asked = bool(context.items) and not context.complete
    return {"asked": asked, "kept": kept, "rejected": len(answer.rejected), "seconds": time.perf_counter() - began}


def compared(rows: list[dict[str, Any]], reference: list[dict[str, Any]]) -> dict[str, Any]:
    """How many answers are the reference's, and how many sentences pass the checks; 95 % intervals."""
    both = [(row, other) for row, other in zip(rows, reference, strict=True) if other["asked"]]
    kept = sum(len(row["kept"]) for row in rows)
    seconds = sorted(row["seconds"] for row, _ in both)
    return {
        "same sentences and citations": wilson(sum(row["kept"] == other["kept"] for row, other in both), len(both)),
        "sentences that pass": wilson(kept, kept + sum(row["rejected"] for row in rows)),
        "answers with a sentence of the model": wilson(sum(bool(row["kept"]) for row, _ in both), len(both)),
        "seconds an answer, median": round(seconds[len(seconds) // 2], 2),
    }


if __name__ == "__main__":
    main()
