"""``clinigraph evaluate``: what is measured is what the product does, once, and what cannot be read is said."""

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clinigraph.evaluating.graph_questions import read_questions, sheet
from clinigraph.evaluating.intervals import bootstrap_mean, wilson
from clinigraph.evaluating.rows import RowStore
from tests.clinigraph.conftest import CommandLine
from tests.clinigraph.test_diagnose import packet

INHERITED = {
    "id": "q1",
    "task": "answer",
    "relation": "inheritance",
    "question": "How is Marfan syndrome inherited?",
    "concept": "OMIM:154700",
    "expected": ["HP:0000006"],
    "answering": ["Marfan syndrome shows autosomal dominant inheritance."],
}
ABSTAINS = {**INHERITED, "id": "q2", "task": "abstain", "expected": [], "answering": []}
TRUE = "Marfan syndrome shows autosomal dominant inheritance [1]."


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "held_out.jsonl"
    path.write_text(json.dumps(INHERITED) + "\n" + json.dumps(ABSTAINS) + "\n", encoding="utf-8")
    return path


def results(cli: CommandLine, tmp_path: Path, *suites: str) -> dict[str, Any]:
    out = tmp_path / "results.json"
    printed = json.loads(cli.output("evaluate", *suites, "--out", out))
    written: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    assert printed["suites"].keys() == written["suites"].keys()
    return written


def rows(tmp_path: Path) -> list[dict[str, Any]]:
    lines = (tmp_path / "results.rows.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[1:]]


def test_the_graph_alone_is_right_and_silent_where_its_evidence_is_taken(
    cli: CommandLine, tmp_path: Path, questions: Path
) -> None:
    figures = results(cli, tmp_path, f"graph={questions}")["suites"]["graph"]
    assert figures["graph alone"]["right"]["value"] == 1.0
    assert figures["graph alone"]["right"]["n"] == 1
    withheld = [row for row in rows(tmp_path) if row["condition"].endswith("withheld")]
    assert not any(row["right"] for row in withheld)
    assert all("dominant" not in item["text"] for row in withheld for item in row["evidence"])


@pytest.mark.parametrize(("relation", "right"), [("inheritance", 1.0), ("genes", 0.0)])
def test_a_fact_of_the_relation_asked_for_is_right_though_the_file_expects_another_answer(
    cli: CommandLine, tmp_path: Path, relation: str, right: float
) -> None:
    path = tmp_path / "held_out.jsonl"
    question = {**INHERITED, "relation": relation, "expected": [], "answering": ["Marfan syndrome is rare."]}
    path.write_text(json.dumps(question) + "\n", encoding="utf-8")
    figures = results(cli, tmp_path, f"graph={path}")["suites"]["graph"]
    assert figures["graph alone"]["right"]["value"] == right


def test_what_the_model_says_is_counted(
    cli: CommandLine, say: Callable[[str], None], tmp_path: Path, questions: Path
) -> None:
    say(f"{TRUE} Marfan syndrome is deadly [1].")
    figures = results(cli, tmp_path, f"graph={questions}")["suites"]["graph"]
    model = figures["model with evidence"]
    assert model["model_sentences_passed"] == {**wilson(1, 2)}
    assert model["failed_by_check"] == {"entities": 1}
    assert model["answers_with_model_sentence"]["value"] == 1.0
    assert figures["model alone"]["right"]["value"] == 1.0
    judged = [json.loads(line) for line in (tmp_path / "results.sheet.jsonl").read_text().splitlines()]
    assert {row["sentence"] for row in judged} >= {"Marfan syndrome is deadly."}
    assert all(row["entailed"] is None for row in judged)


def test_a_sentence_of_abstention_is_an_abstention_of_the_model(
    cli: CommandLine, say: Callable[[str], None], tmp_path: Path, questions: Path
) -> None:
    say("The evidence does not say.")
    results(cli, tmp_path, f"graph={questions}")
    signs = [row["signs"] for row in rows(tmp_path) if row["condition"] == "model with evidence"]
    assert signs[0][0]["model_abstained"] == 1.0


def test_what_was_measured_is_not_measured_again(
    cli: CommandLine, say: Callable[[str], None], tmp_path: Path, questions: Path
) -> None:
    say(TRUE)
    first = results(cli, tmp_path, f"graph={questions}")
    before = rows(tmp_path)
    torn = (tmp_path / "results.rows.jsonl").read_text(encoding="utf-8") + '{"suite": "gra'
    (tmp_path / "results.rows.jsonl").write_text(torn, encoding="utf-8")
    say("Something else.")
    assert results(cli, tmp_path, f"graph={questions}") == first
    assert rows(tmp_path) == before


def test_rows_of_another_model_are_not_taken_over(tmp_path: Path) -> None:
    row = {"suite": "graph", "condition": "model", "id": "1"}
    with RowStore(tmp_path / "r.jsonl", {"model": "one"}) as store:
        store.add(row)
    with RowStore(tmp_path / "r.jsonl", {"model": "one"}) as store:
        assert store.has("graph", "model", "1")
    with RowStore(tmp_path / "r.jsonl", {"model": "two"}) as store:
        assert not store.has("graph", "model", "1")


def test_statements_are_judged(cli: CommandLine, say: Callable[[str], None], tmp_path: Path) -> None:
    say("True")
    path = tmp_path / "statements.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([["text", "label"], ["Marfan syndrome is associated with FBN1", "True"]])
    figures = results(cli, tmp_path, f"biomixqa={path}")["suites"]["biomixqa"]
    assert figures["whole product"]["accuracy"]["value"] == 1.0
    assert figures["model alone"]["accuracy"]["value"] == 1.0


def test_abstracts_are_asked_with_and_without(cli: CommandLine, say: Callable[[str], None], tmp_path: Path) -> None:
    say("yes")
    path = tmp_path / "pubmedqa.zip"
    table = {
        str(number): {"QUESTION": "Is it?", "CONTEXTS": ["It is."], "final_decision": label}
        for number, label in enumerate(["yes", "no"])
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pubmedqa.json", json.dumps(table))
    figures = results(cli, tmp_path, f"pubmedqa={path}")["suites"]["pubmedqa"]
    assert set(figures) == {"model with the abstract", "model alone"}
    assert figures["model alone"]["accuracy"]["value"] == 0.5
    assert figures["model alone"]["macro_f1"] == pytest.approx(2 / 9, abs=1e-3)
    assert figures["model alone"]["answered"] == {"yes": 2, "no": 0, "maybe": 0}


def test_cases_are_diagnosed_by_all_means(cli: CommandLine, say: Callable[[str], None], tmp_path: Path) -> None:
    say("[1]")
    solved = packet("p1", ["HP:0001166", "HP:0001083"], diseases=[{"term": {"id": "OMIM:154700", "label": ""}}])
    path = tmp_path / "cases.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("p1.json", json.dumps(solved))
    figures = results(cli, tmp_path, f"differential={path}")["suites"]["differential"]
    assert len(figures) == 5
    assert figures["graph, rules off"]["first_1"]["value"] == 1.0
    assert figures["model chooses among the first ten"]["first_1"]["value"] == 1.0
    assert figures["model alone"]["first_10"]["value"] == 0.0


def test_published_genetics_are_compared(cli: CommandLine, tmp_path: Path) -> None:
    document = """<Document><Focus>Marfan syndrome</Focus><QAPairs><QAPair>
    <Question qtype="inheritance">How is Marfan syndrome inherited?</Question>
    <Answer>This condition is inherited in an autosomal dominant pattern.</Answer></QAPair><QAPair>
    <Question qtype="genetic changes">What are the genetic changes related to Marfan syndrome?</Question>
    <Answer>Mutations in the FBN1 gene cause Marfan syndrome.</Answer></QAPair></QAPairs></Document>"""
    path = tmp_path / "medquad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("3_GHR_QA/1.xml", document)
    figures = results(cli, tmp_path, f"ghr={path}")["suites"]["ghr"]["graph alone"]
    assert figures["main_mode_right"]["value"] == 1.0
    assert figures["genes_recall"]["value"] == 1.0


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("nonsense", "There is no suite"),
        ("graph", "needs its file: write graph=FILE"),
        ("graph=/no/such/file", "does not exist"),
    ],
)
def test_what_cannot_be_asked_for_is_said(cli: CommandLine, tmp_path: Path, word: str, told: str) -> None:
    assert told in cli.complaint("evaluate", word, "--out", tmp_path / "r.json")


@pytest.mark.parametrize("content", ['{"question": "What?"}', "{torn", "[]", '{"question": "What?", "expected": []}'])
def test_a_line_that_is_no_question_is_named(cli: CommandLine, tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(content + "\n", encoding="utf-8")
    said = cli.complaint("evaluate", f"graph={path}", "--out", tmp_path / "r.json")
    assert "line 1 is no question" in said or "it has no question with an answer" in said


@pytest.mark.parametrize("suite", ["pubmedqa", "ghr", "differential", "biomixqa"])
def test_a_file_of_another_kind_is_refused(
    cli: CommandLine, say: Callable[[str], None], tmp_path: Path, suite: str
) -> None:
    say("yes")
    path = tmp_path / "other.txt"
    path.write_text("no such thing\nat all\n", encoding="utf-8")
    assert "cannot be read" in cli.complaint("evaluate", f"{suite}={path}", "--out", tmp_path / "r.json")


def test_questions_without_an_answer_are_left_out(questions: Path) -> None:
    assert [question.id for question in read_questions(questions)] == ["q1"]


def test_intervals_hold_their_value() -> None:
    for figure in (wilson(7, 10), bootstrap_mean([0.0, 1.0, 1.0, 1.0])):
        assert 0.0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1.0
    assert wilson(0, 0)["n"] == 0


def test_a_sheet_shows_each_sentence_beside_what_it_cites() -> None:
    row = {
        "question": "?",
        "evidence": [{"n": 1, "text": "One."}],
        "model_sentences": [{"text": "One.", "citations": [1]}],
        "rejected": [{"text": "Two.", "citations": []}],
    }
    first, second = sheet([row], 10)
    assert (first["evidence"], first["passed"]) == (["One."], True)
    assert (second["evidence"], second["passed"]) == ([], False)
