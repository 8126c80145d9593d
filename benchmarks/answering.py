"""How long an answer takes, cold and warm, and each step of it. Prints JSON.

    python benchmarks/answering.py                      # the default model
    python benchmarks/answering.py --generator graph    # graph sentences alone

Cold is a process of its own, from its start to its first token and to its end; warm is the same question asked again
and again by a process that has everything open. Steps are reported as median and 95th percentile over
``benchmarks/questions.txt``.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from clinigraph.answering import Answer
from clinigraph.config import resolve_settings
from clinigraph.progress import ProgressBars
from clinigraph.wiring import Application
from model import Author

QUESTIONS = Path(__file__).with_name("questions.txt")
_CLI = [sys.executable, "-c", "from clinigraph.cli import main; main()"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generator", default=None)
    parser.add_argument("--model", default=None)
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    parser.add_argument("--cold-runs", type=int, default=3)
    arguments = parser.parse_args()
    settings = resolve_settings({"generator": arguments.generator, "model": arguments.model})
    questions = arguments.questions.read_text(encoding="utf-8").splitlines()
    with ProgressBars() as bars:
        answerer = Application(settings, bars).answerer
    answers = [answerer.answer(question) for question in [questions[0], *questions]][1:]
    flags = ["--generator", settings.generator, "--model", settings.model]
    result = {
        "benchmark": "answering",
        "processors": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "model": answers[0].model,
        "questions": len(questions),
        "help_s": _median(_seconds([*_CLI, "--help"]) for _ in range(5)),
        "cold_answer_s": _median(
            _seconds([*_CLI, "ask", questions[0], "--json", *flags]) for _ in range(arguments.cold_runs)
        ),
        "warm_ms": {step: _spread([answer.timings_ms[step] for answer in answers if step in answer.timings_ms])
                    for step in ("linking", "retrieval", "first_token", "first_claim", "total")},
        **_outcomes(answers),
    }  # fmt: skip
    print(json.dumps(result))


def _seconds(command: Sequence[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 2)


def _spread(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    ordered = sorted(values)
    return {
        "p50": round(statistics.median(ordered), 1),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1),
    }


def _outcomes(answers: Sequence[Answer]) -> dict[str, float]:
    """Who wrote what is shown, and how much of the model's text did not pass."""
    shown = [claim for answer in answers for claim in answer.verified.claims]
    written = sum(claim.written_by is Author.MODEL for claim in shown)
    rejected = sum(len(answer.verified.rejected) for answer in answers)
    return {
        "abstained": sum(answer.verified.abstained for answer in answers),
        "sentences_by_model": written,
        "sentences_by_graph": len(shown) - written,
        "model_sentences_rejected": rejected,
        "model_sentences_passed_share": round(written / max(1, written + rejected), 3),
    }


if __name__ == "__main__":
    main()
