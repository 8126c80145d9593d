"""Cases typed on the command line or given as FHIR bundles, and the interview that asks for more."""

import json
from pathlib import Path
from typing import Any

import pytest

from clinigraph.case_reading import read_age, read_sex
from clinigraph.contract import DifferentialRecord
from clinigraph.errors import UsageError
from clinigraph.interview import Reply, interview
from kg import Case, Finding, FindingStatus, Sex
from retrieval import DiseaseRanker, QuestionPlanner, QuestionSettings
from tests.clinigraph.conftest import CommandLine
from tests.small_graph import MARFAN, SmallGraph

MARFAN_TYPED = ("--finding", "HP:0001166", "--finding", "ectopia lentis", "--not", "intellectual disability")


def typed(cli: CommandLine, out: Path, *arguments: str) -> DifferentialRecord:
    assert cli.output("diagnose", *arguments, "--jsonl", out) == ""
    return DifferentialRecord.model_validate_json(out.read_text(encoding="utf-8"), strict=True)


# --- typed -----------------------------------------------------------------------------------------------------------


def test_findings_by_identifier_or_name(cli: CommandLine, tmp_path: Path) -> None:
    record = typed(cli, tmp_path / "o.jsonl", *MARFAN_TYPED, "--sex", "female", "--age", "12")
    assert record.findings.observed == ["HP:0001166", "HP:0001083"]
    assert record.findings.excluded == ["HP:0001249"]
    assert record.diagnoses[0].id == "OMIM:154700"


@pytest.mark.parametrize("spelling", ["HP:0006000", "hp:0001166", "Spider fingers", "ARACHNODACTYLY"])
def test_obsolete_identifiers_and_other_names(cli: CommandLine, tmp_path: Path, spelling: str) -> None:
    assert typed(cli, tmp_path / "o.jsonl", "--finding", spelling).findings.observed == ["HP:0001166"]


def test_what_names_no_finding_is_told_and_the_rest_is_used(cli: CommandLine, tmp_path: Path) -> None:
    unknown = ("--finding", "HP:7777777", "--finding", "glowing ears", "--finding", MARFAN, "--not", "blue voice")
    record = typed(cli, tmp_path / "o.jsonl", *MARFAN_TYPED, *unknown)
    assert record.findings.unresolved == ["HP:7777777", "glowing ears", MARFAN, "no blue voice"]
    assert record.diagnoses
    assert "no finding" in cli.complaint("diagnose", "--finding", "glowing ears")


def test_bytes_that_are_no_text(cli: CommandLine, tmp_path: Path) -> None:
    record = typed(cli, tmp_path / "o.jsonl", *MARFAN_TYPED, "--finding", "\udcff", "--finding", "")
    assert record.findings.unresolved == ["?", ""]


def test_a_name_must_be_the_whole_text(cli: CommandLine, tmp_path: Path) -> None:
    text = "arachnodactyly and ectopia lentis"
    assert typed(cli, tmp_path / "o.jsonl", *MARFAN_TYPED, "--finding", text).findings.unresolved == [text]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "Give a file, or findings"),
        (["x.json", "--finding", "HP:0001166"], "not both"),
        (["x.json", "--age", "3"], "not both"),
    ],
)
def test_a_file_or_findings(cli: CommandLine, arguments: list[str], reason: str) -> None:
    result = cli.run("diagnose", *arguments)
    assert result.exit_code == 2
    assert reason in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("text", "years"),
    [("12", 12), ("3.5", 3.5), ("18 months", 1.5), ("18m", 1.5), ("P1Y6M", 1.5), ("0", 0), ("10 d", 10 / 365.25)],
)
def test_ages(text: str, years: float) -> None:
    assert read_age(text) == pytest.approx(years)


@pytest.mark.parametrize("text", ["old", "-3", "12 parsecs", "", "P"])
def test_what_is_no_age(text: str) -> None:
    with pytest.raises(UsageError, match="is no age; write years"):
        read_age(text)


def test_sexes() -> None:
    assert [read_sex(text) for text in ("F", "male", "Other", None)] == [Sex.FEMALE, Sex.MALE, Sex.OTHER, Sex.UNKNOWN]
    with pytest.raises(UsageError, match="'x' is no sex"):
        read_sex("x")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--age", "300"), "300"),
        (("--not", "HP:0001166"), "Arachnodactyly"),
    ],
)
def test_what_cannot_be_right_is_told_and_the_rest_is_used(
    cli: CommandLine, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    record = typed(cli, tmp_path / "o.jsonl", *MARFAN_TYPED, *arguments)
    assert any(told in warning for warning in record.warnings)
    assert record.diagnoses[0].id == "OMIM:154700"


# --- FHIR ------------------------------------------------------------------------------------------------------------


def bundle(*resources: dict[str, Any]) -> str:
    patient = {"resourceType": "Patient", "id": "p1", "gender": "male"}
    return json.dumps({"resourceType": "Bundle", "entry": [{"resource": item} for item in (patient, *resources)]})


def test_a_bundle(cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    texts = ("spider fingers", "lens dislocation")
    path.write_text(bundle(*({"resourceType": "Condition", "code": {"text": text}} for text in texts)))
    record = typed(cli, tmp_path / "o.jsonl", str(path))
    assert (record.case, record.findings.observed) == ("p1", ["HP:0001166", "HP:0001083"])
    assert record.diagnoses[0].id == "OMIM:154700"


def test_a_bundle_about_nobody_or_two(cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text('{"resourceType": "Bundle"}')
    assert "has no Patient; add the patient" in cli.complaint("diagnose", path)
    path.write_text(bundle({"resourceType": "Patient", "id": "p2"}))
    assert "is about 2 patients (p1, p2)" in cli.complaint("diagnose", path)


# --- asking ----------------------------------------------------------------------------------------------------------


def test_the_screen_says_what_to_find_out_next(cli: CommandLine) -> None:
    text = cli.output("diagnose", "--finding", "HP:0001166")
    asked = text.partition("To find out next\n")[2]
    assert "1. " in asked
    assert "bits)" in asked
    assert "a yes speaks for" in asked


def test_questions_are_in_the_json_of_an_explained_case(cli: CommandLine, tmp_path: Path) -> None:
    record = typed(cli, tmp_path / "o.jsonl", "--finding", "HP:0001166", "--explain")
    assert record.questions
    first = record.questions[0]
    assert first.bits > 0
    assert first.question.endswith("?")
    assert {item.id for item in first.separates}
    assert typed(cli, tmp_path / "o.jsonl", "--finding", "HP:0001166").questions is None


def test_an_interview_adds_what_is_answered(cli: CommandLine, tmp_path: Path) -> None:
    result = cli.run(
        "diagnose", "--finding", "HP:0001166", "--ask", "--jsonl", tmp_path / "o.jsonl", stdin=b"what?\nyes\nn\nd\ns\n"
    )
    assert result.exit_code == 0, result.stderr
    assert "Please answer y, n, d or s." in result.stderr
    assert "so far: " in result.stderr
    record = DifferentialRecord.model_validate_json((tmp_path / "o.jsonl").read_text())
    assert len(record.findings.observed) == 2
    assert len(record.findings.excluded) == 1


def test_an_interview_ends_with_the_input(cli: CommandLine, tmp_path: Path) -> None:
    result = cli.run("diagnose", "--finding", "HP:0001166", "--ask", "--jsonl", tmp_path / "o.jsonl", stdin=b"")
    assert result.exit_code == 0
    record = DifferentialRecord.model_validate_json((tmp_path / "o.jsonl").read_text())
    assert record.findings.observed == ["HP:0001166"]


def test_asking_needs_one_case(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "a.json").write_text(bundle())
    assert "need one case" in cli.complaint("diagnose", tmp_path / "cases", "--ask")


def test_an_interview_never_asks_twice_and_stops_by_itself(world: SmallGraph) -> None:
    snapshot = world.snapshot
    ranker = DiseaseRanker.open(snapshot, world.folder / "ranking")
    planner = QuestionPlanner(snapshot, ranker, QuestionSettings(least_bits=0.001, settled=1.0))
    asked: list[str] = []

    def ask(question: str) -> Reply:
        asked.append(question.partition(" ")[2])
        return Reply.UNKNOWN

    case = Case("c", (Finding("HP:0001166", FindingStatus.OBSERVED),))
    assert interview(planner, snapshot, case, ask=ask) == ()
    assert asked
    assert len(set(asked)) == len(asked) < 20


# --- side by side ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", [("1", "2"), (MARFAN, "ORPHA:60030"), ("Marfan syndrome", "Huntington disease")])
def test_two_diseases_side_by_side(cli: CommandLine, pair: tuple[str, str]) -> None:
    text = cli.output("diagnose", *MARFAN_TYPED, "--top", "2", "--compare", *pair)
    beside = text.partition("Side by side")[2]
    assert "Marfan syndrome (rank 1)" in beside
    assert "Arachnodactyly" in beside
    assert "sum" in beside


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        (("1", "1"), "are the same disease"),
        (("1", "no such disease"), "'no such disease' is no disease that is ranked"),
        (("1", "HP:0001166"), "is no disease that is ranked"),
        (("1", "99"), "'99' is no disease that is ranked"),
    ],
)
def test_what_cannot_be_compared(cli: CommandLine, pair: tuple[str, str], reason: str) -> None:
    assert reason in cli.complaint("diagnose", *MARFAN_TYPED, "--compare", *pair)
