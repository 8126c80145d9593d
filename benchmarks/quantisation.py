"""What quantisation changes in the answers of the default model. Prints JSON.

    clinigraph tune data tuning-data --seed 7 --groups 2600 --patients 150 --tagged 80
    python -m benchmarks.quantisation tuning-data/held_out_concepts.jsonl --questions 50

The same questions are answered from the same evidence by each form of the weights, greedily; the first form is what the
others are held against. Compared are the sentences that stand after the checks.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from clinigraph.answering import QuestionAnswerer
from clinigraph.config import resolve_settings
from clinigraph.evaluating.graph_questions import read_questions
from clinigraph.evaluating.intervals import wilson
from clinigraph.evaluating.rows import evenly
from clinigraph.wiring import Application
from kg import silent
from model import Author

from .speed import RUNTIMES, open_runtime

FORMS = ("transformers", "openvino F16", "openvino", "openvino Q4_0")


def main() -> None:
    """Answer by each form and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions_file", type=Path)
    parser.add_argument("--questions", type=int, default=50)
    parser.add_argument("--forms", choices=RUNTIMES, nargs="+", default=FORMS)
    arguments = parser.parse_args()
    settings = resolve_settings({"generator": "graph"})
    application = Application(settings, silent)
    asked = [question.text for question in evenly(read_questions(arguments.questions_file), arguments.questions)]
    answers: dict[str, list[dict[str, Any]]] = {}
    for form in arguments.forms:
        with tempfile.TemporaryDirectory() as scratch:
            generator = open_runtime(form, settings.cache, Path(scratch))
            answerer = application.answerer.varied(generator=generator, risk_model=None)
            answers[form] = [answered(answerer, text) for text in asked]
    reference = answers[arguments.forms[0]]
    told = {form: compared(rows, reference) for form, rows in answers.items()}
    print(json.dumps({"benchmark": "quantisation", "against": arguments.forms[0], "forms": told}, indent=1))


def answered(answerer: QuestionAnswerer, text: str) -> dict[str, Any]:
    """One answer: whether the model was asked, its sentences that stand after the checks, and how many do not."""
    question, context = answerer.gather(text)
    answer = answerer.answer_from(question, context).verified
    kept = [(claim.text, claim.citations) for claim in answer.claims if claim.written_by is Author.MODEL]
    asked = bool(context.items) and not context.complete
    return {"asked": asked, "kept": kept, "rejected": len(answer.rejected)}


def compared(rows: list[dict[str, Any]], reference: list[dict[str, Any]]) -> dict[str, Any]:
    """How many answers are the reference's, and how many sentences pass the checks; 95 % intervals."""
    both = [(row, other) for row, other in zip(rows, reference, strict=True) if other["asked"]]
    kept = sum(len(row["kept"]) for row in rows)
    tried = kept + sum(row["rejected"] for row in rows)
    return {
        "answers by the model": len(both),
        "same sentences and citations": wilson(sum(row["kept"] == other["kept"] for row, other in both), len(both)),
        "sentences that pass": wilson(kept, tried),
        "answers with a sentence of the model": wilson(sum(bool(row["kept"]) for row, _ in both), len(both)),
    }


if __name__ == "__main__":
    main()
