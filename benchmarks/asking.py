"""What questions are worth: the rank of the right disease after some, chosen in three ways, in simulated patients.

    python benchmarks/asking.py --patients 200

Patients come from the graph (``retrieval/simulated_answers.py``), their own publication withheld; a case opens with
three findings. Questions are chosen by expected information, at random among what could be asked, or as the finding
that is most frequent among the candidates. Prints JSON: for each way and number of questions the share of patients
whose disease is first and among the first ten, the mean reciprocal rank and the median rank, and the time of a step.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_path

from kg import Case, Curie, Finding, Snapshot, graph_folder
from retrieval import DiseaseRanker
from retrieval.next_question import QuestionPlanner, QuestionSettings
from retrieval.simulated_answers import AskedPatient, asked_patients

STOPS = (0, 3, 5, 10)

Choose = Callable[[Case, set[Curie], tuple[str, ...]], Curie | None]


def by_information(planner: QuestionPlanner) -> Choose:
    """The question of most expected information."""

    def choose(case: Case, asked: set[Curie], withheld: tuple[str, ...]) -> Curie | None:
        questions = planner.outlook(case, 1, skip=asked, withhold=withheld).questions
        return questions[0].finding if questions else None

    return choose


def at_random(planner: QuestionPlanner, seed: int) -> Choose:
    """Any finding of a candidate."""
    rng = np.random.default_rng(seed)

    def choose(case: Case, asked: set[Curie], withheld: tuple[str, ...]) -> Curie | None:
        found = sorted(planner.askable(case, asked, withheld))
        return str(rng.choice(found)) if found else None

    return choose


def most_frequent(planner: QuestionPlanner) -> Choose:
    """The finding that the patient most probably has."""

    def choose(case: Case, asked: set[Curie], withheld: tuple[str, ...]) -> Curie | None:
        found = planner.askable(case, asked, withheld)
        return min(found, key=lambda curie: (-found[curie], curie), default=None)

    return choose


def ranks(
    ranker: DiseaseRanker, patient: AskedPatient, choose: Choose, times: list[float], *, as_told: bool
) -> list[float]:
    """The rank of the right disease at each stop, ties at mean rank."""
    case, asked, found = patient.case, set[Curie](), []
    place = ranker.diseases.index(patient.disease)
    for n in range(STOPS[-1] + 1):
        if n in STOPS:
            scores = ranker.scores(case, case.publications)
            better, equal = int((scores > scores[place]).sum()), int((scores == scores[place]).sum())
            found.append(better + (equal + 1) / 2)
        if n == STOPS[-1]:
            break
        began = time.perf_counter()
        finding = choose(case, asked, case.publications)
        times.append(time.perf_counter() - began)
        if finding is None:
            continue
        asked.add(finding)
        answer = patient.answer(finding)
        if answer is not None:
            case = replace(case, findings=(*case.findings, Finding(finding, answer, asked=not as_told)))
    return found


def figures(found: list[list[float]]) -> dict[str, Any]:
    """What each number of questions reaches."""
    table = np.array(found)
    return {
        str(stop): {
            "first": round(100 * float(np.mean(table[:, at] <= 1)), 1),
            "first_10": round(100 * float(np.mean(table[:, at] <= 10)), 1),
            "mrr": round(float(np.mean(1 / table[:, at])), 3),
            "median_rank": float(np.median(table[:, at])),
        }
        for at, stop in enumerate(STOPS)
    }


def stopping(planner: QuestionPlanner, patients: list[AskedPatient]) -> dict[str, Any]:
    """How many questions are asked until asking stops by itself, and what is reached then."""
    counts, first = [], 0
    for patient in patients:
        case, asked = patient.case, set[Curie]()
        while True:
            outlook = planner.outlook(case, 1, skip=asked, withhold=case.publications)
            if planner.is_over(outlook, len(asked)) is not None:
                break
            finding = outlook.questions[0].finding
            asked.add(finding)
            if (answer := patient.answer(finding)) is not None:
                case = replace(case, findings=(*case.findings, Finding(finding, answer, asked=True)))
        counts.append(len(asked))
        first += outlook.leader == patient.disease
    return {
        "questions_mean": round(float(np.mean(counts)), 1),
        "questions_median": float(np.median(counts)),
        "first": round(100 * first / len(patients), 1),
    }


def main() -> int:
    """Run the benchmark that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--as-told", action="store_true", help="read a no like an exclusion that a case report tells")
    parser.add_argument("--until-it-stops", action="store_true", help="also ask until asking stops by itself")
    parser.add_argument("--candidates", type=int, default=QuestionSettings().candidates)
    parser.add_argument("--ways", default="information,random,frequent")
    cache = os.environ.get("CLINIGRAPH_CACHE") or user_cache_path("clinigraph")
    parser.add_argument("--cache", type=Path, default=Path(cache))
    arguments = parser.parse_args()
    folder = graph_folder(arguments.cache)
    snapshot = Snapshot.open(folder / "snapshot")
    ranker = DiseaseRanker.open(snapshot, folder / "ranking")
    planner = QuestionPlanner(snapshot, ranker, QuestionSettings(candidates=arguments.candidates))
    patients = list(asked_patients(snapshot, ranker, arguments.patients, arguments.seed))
    ways = {
        "information": by_information(planner),
        "random": at_random(planner, arguments.seed),
        "frequent": most_frequent(planner),
    }
    result: dict[str, Any] = {"kg_version": snapshot.version, "patients": len(patients)}
    for name in arguments.ways.split(","):
        times: list[float] = []
        result[name] = figures(
            [ranks(ranker, patient, ways[name], times, as_told=arguments.as_told) for patient in patients]
        )
        result[name]["step_ms_p50_p95"] = [round(1000 * float(v), 1) for v in np.percentile(times, [50, 95])]
    if arguments.until_it_stops:
        result["until_it_stops"] = stopping(planner, patients)
    print(json.dumps(result, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
