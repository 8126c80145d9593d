"""BiomixQA (Soman et al. 2024) answered by graph sentences alone. Prints JSON.

    python benchmarks/biomixqa.py ../shared/bench/qa/biomixqa-true_false_questions.csv
    python benchmarks/biomixqa.py ../shared/bench/qa/biomixqa-mcq_questions.csv

The path is that of ``clinigraph ask --batch --generator graph``. True or false: the answer begins with True, False or
Cannot be known, and whatever does not begin with the label is wrong, abstentions too. Multiple choice: the answer is
right if it names the right option and no other; the share that the graph can know is that of the questions whose right
option is linked to both diseases by recorded facts.
"""

import argparse
import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.intervals import wilson
from clinigraph.answering import Answer, QuestionAnswerer
from clinigraph.config import resolve_settings
from clinigraph.progress import ProgressBars
from clinigraph.wiring import Application
from retrieval import Judgement

_RELATION_WORDS = ("identifier", "associat", "treats", " is ")


def main() -> None:
    """Answer every question of the file and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--wrong", action="store_true", help="list the questions that were not answered right")
    arguments = parser.parse_args()
    with arguments.file.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with ProgressBars() as bars:
        application = Application(resolve_settings({"generator": "graph"}), bars)
        answerer = application.answerer
    measured = _true_false(rows, answerer) if "label" in rows[0] else _multiple_choice(rows, answerer)
    wrong = measured.pop("wrong")
    result = {"benchmark": "biomixqa", "kg_version": application.snapshot.version, **measured}
    print(json.dumps(result | ({"wrong": wrong} if arguments.wrong else {}), indent=1))


def _said(answer: Answer) -> str:
    return answer.verified.reason or "" if answer.verified.abstained else answer.verified.text


def _true_false(rows: Sequence[Mapping[str, str]], answerer: QuestionAnswerer) -> dict[str, object]:
    outcomes, wrong = [], []
    for row in rows:
        said = _said(answerer.answer(row["text"]))
        judgement = next((each.value for each in Judgement if said.startswith(each.value)), "none")
        outcomes.append((row["text"], row["label"], judgement))
        if judgement != row["label"]:
            wrong.append({"text": row["text"], "label": row["label"], "answer": said})
    right = sum(label == judgement for _, label, judgement in outcomes)
    given = [(label, judgement) for _, label, judgement in outcomes if judgement in ("True", "False")]
    return {
        "task": "true or false",
        "accuracy": wilson(right, len(rows)),
        "accuracy_of_given": wilson(sum(label == judgement for label, judgement in given), len(given)),
        "abstained": len(rows) - len(given),
        "confusion": dict(Counter(f"{label} answered {judgement}" for _, label, judgement in outcomes)),
        "by_relation": _by_relation(outcomes),
        "wrong": wrong,
    }


def _by_relation(outcomes: Iterable[tuple[str, str, str]]) -> dict[str, dict[str, float]]:
    """Accuracy by the relation word of the statement."""
    groups: dict[str, list[bool]] = {}
    for text, label, judgement in outcomes:
        word = next((word for word in _RELATION_WORDS if word in text), "other")
        groups.setdefault(word.strip(), []).append(label == judgement)
    return {word: wilson(sum(right), len(right)) for word, right in sorted(groups.items())}


def _multiple_choice(rows: Sequence[Mapping[str, str]], answerer: QuestionAnswerer) -> dict[str, object]:
    right = answered = knowable = partly = 0
    wrong = []
    for row in rows:
        answer = answerer.answer(row["text"])
        named = _options_named(answer)
        unknown = answer.context.judgement is Judgement.UNKNOWN
        is_right = not unknown and named == [row["correct_node"]]
        right += is_right
        answered += not unknown
        knowable += not unknown and row["correct_node"] in named
        partly += unknown and named == [row["correct_node"]]
        if not is_right:
            wrong.append({"text": row["text"], "right": row["correct_node"], "answer": _said(answer)})
    return {
        "task": "multiple choice",
        "accuracy": wilson(right, len(rows)),
        "accuracy_of_answered": wilson(right, answered),
        "graph_can_know": wilson(knowable, len(rows)),
        "accuracy_with_the_option_linked_to_most": wilson(right + partly, len(rows)),
        "wrong": wrong,
    }


def _options_named(answer: Answer) -> list[str]:
    """The options that the answer's sentences are about: each opens one of them."""
    opened = (re.match(r"([^\s:]+): ", claim.text) for claim in answer.verified.claims)
    return [match[1] for match in opened if match and match[1] not in {each.value for each in Judgement}]


if __name__ == "__main__":
    main()
