"""Fit how likely an answer is wrong, choose the risk above which nothing is said, and print the risk–coverage curve.

    clinigraph evaluate graph=validation.jsonl --out RESULTS.json     # measures answers, whatever their risk
    python benchmarks/risk.py RESULTS.rows.jsonl --write data/risk.toml

An example is an answer of the model or of the graph alone, with evidence, or with evidence that does not answer; it
is wrong if it is shown and names no expected concept. A logistic regression over the signs of `model.risk`, with a
small penalty on the weights, is fitted to them. Its risks for the curve and the threshold are those of questions that
were left out of its fit (ten folds by question). The threshold is the one with the fewest wrong answers among those
that still answer ``--coverage`` of what can be answered and hold back ``--silent`` of what cannot; if none does both,
the one that falls least short.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from model import RiskModel, Signs

WITHHELD = ("model, evidence withheld", "graph alone, evidence withheld")
MEASURED = ("model with evidence", "graph alone", *WITHHELD)
FOLDS = 10
PENALTY = 1.0
NAMES = tuple(field.name for field in fields(Signs))

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """One answer: its signs after each sentence, whether it is wrong, and whether its evidence was withheld."""

    question: str
    signs: tuple[Signs, ...]
    wrong: bool
    withheld: bool


def main() -> None:
    """Fit, print the curve, and write the model if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=Path, nargs="+")
    parser.add_argument("--coverage", type=float, default=0.95, help="share of answerable questions to be answered")
    parser.add_argument("--silent", type=float, default=0.9, help="share of unanswerable questions held back")
    parser.add_argument("--write", type=Path, help="where the model is written")
    arguments = parser.parse_args()
    examples = read_examples(arguments.rows)
    risks = left_out_risks(examples)
    curve = risk_coverage(examples, risks)
    threshold = choose_threshold(curve, arguments.coverage, arguments.silent)
    model = fit(examples, threshold)
    chosen = next(point for point in curve if point["risk"] == threshold)
    print(json.dumps({"examples": len(examples), "wrong": sum(e.wrong for e in examples), "threshold": chosen,
                      "weights": dict(model.weights), "intercept": model.intercept,
                      "curve": curve[:: max(1, len(curve) // 20)]}, indent=1))  # fmt: skip
    if arguments.write:
        arguments.write.write_text(_toml(model, chosen, len(examples)), encoding="utf-8")


def read_examples(paths: Sequence[Path]) -> list[Example]:
    """The answers in the rows of evaluations, without those that the graph gives by form."""
    rows: list[dict[str, Any]] = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
    return [
        Example(
            row["id"],
            tuple(Signs(**signs) for signs in row["signs"]),
            not row["right"],
            row["condition"] in WITHHELD,
        )
        for row in rows
        if row.get("condition") in MEASURED and row["signs"] and not row["by_form"]
    ]


def fit(examples: Sequence[Example], threshold: float) -> RiskModel:
    """The regression over the signs of whole and of growing answers, each answer weighing the same."""
    signs = [(each, example.wrong, 1 / len(example.signs)) for example in examples for each in example.signs]
    x = np.array([[getattr(each, name) for name in NAMES] for each, _, _ in signs])
    y = np.array([wrong for _, wrong, _ in signs], dtype=np.float64)
    weight = np.array([share for _, _, share in signs])

    def loss(parameters: Floats) -> float:
        score = x @ parameters[1:] + parameters[0]
        return float(
            (weight * (np.logaddexp(0.0, score) - y * score)).sum() + PENALTY * (parameters[1:] ** 2).sum() / 2
        )

    found = minimize(loss, np.zeros(len(NAMES) + 1), method="L-BFGS-B").x
    return RiskModel(float(found[0]), {name: float(w) for name, w in zip(NAMES, found[1:], strict=True)}, threshold)


def left_out_risks(examples: Sequence[Example]) -> Floats:
    """The risk of each answer, by a model that has not seen its question."""
    fold = np.array([int(hashlib.sha256(e.question.encode()).hexdigest(), 16) % FOLDS for e in examples])
    risks = np.zeros(len(examples))
    for number in range(FOLDS):
        model = fit([e for e, f in zip(examples, fold, strict=True) if f != number], 1.0)
        for at in np.flatnonzero(fold == number).tolist():
            risks[at] = min(map(model.risk, examples[at].signs))
    return risks


def risk_coverage(examples: Sequence[Example], risks: Floats) -> list[dict[str, float]]:
    """For each risk that occurs: what share is shown, what share of that is wrong, and what is rightly held back."""
    wrong = np.array([example.wrong for example in examples])
    withheld = np.array([example.withheld for example in examples])
    points = []
    for threshold in sorted(set(risks.tolist())):
        shown = risks <= threshold
        answered = shown & ~withheld
        points.append({
            "risk": threshold,
            "coverage": round(float(answered.sum() / max(1, (~withheld).sum())), 4),
            "wrong_of_shown": round(float((wrong & answered).sum() / max(1, answered.sum())), 4),
            "held_back_without_evidence": round(float((withheld & ~shown).sum() / max(1, withheld.sum())), 4),
        })  # fmt: skip
    return points


def choose_threshold(curve: Sequence[dict[str, float]], coverage: float, silent: float) -> float:
    """The risk with the fewest wrong answers that answers enough and is silent enough; the lowest of equals."""

    def order(point: dict[str, float]) -> tuple[float, float, float]:
        short = max(0.0, coverage - point["coverage"]) + max(0.0, silent - point["held_back_without_evidence"])
        return (short, point["wrong_of_shown"], point["risk"])

    return min(curve, key=order)["risk"]


def _toml(model: RiskModel, chosen: dict[str, float], n: int) -> str:
    weights = "\n".join(f"{name} = {weight:.4f}" for name, weight in model.weights.items())
    told = ", ".join(f"{key} {value}" for key, value in chosen.items() if key != "risk")
    return f"""# How likely an answer is wrong: a logistic regression over the signs of model/risk.py, and the
# risk above which nothing is said. Written by `python benchmarks/risk.py ROWS --write data/risk.toml` from {n} of the
# answers of the shipped model and the graph on concepts that it was not tuned on. At the threshold, on questions that
# were left out of the fit: {told}.
intercept = {model.intercept:.4f}
threshold = {model.threshold:.6f}

[weights]
{weights}
"""


if __name__ == "__main__":
    main()
