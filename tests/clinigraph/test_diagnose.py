"""``clinigraph diagnose``: a file, a folder or an archive of cases; a bad one does not stop the others."""

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clinigraph.contract import DifferentialRecord, FailedCaseRecord
from kg import RuleSubject, read_rules
from tests.clinigraph.conftest import CommandLine
from tests.small_graph import MARFAN, SmallGraph

TEXT = "A 12-year-old boy has spider fingers and lens dislocation. He never had seizures. His mother has scoliosis."


def packet(name: str, observed: list[str], excluded: list[str] | None = None, **fields: Any) -> dict[str, Any]:
    features: list[dict[str, Any]] = [{"type": {"id": curie, "label": ""}} for curie in observed]
    features += [{"type": {"id": curie}, "excluded": True} for curie in excluded or []]
    return {"id": name, "subject": {"id": name}, "phenotypicFeatures": features} | fields


MARFAN_PACKET = packet("p1", ["HP:0001166", "HP:0001083"], ["HP:0001249"])


def write(path: Path, content: dict[str, Any] | str | bytes) -> Path:
    if isinstance(content, dict):
        content = json.dumps(content)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def diagnosed(cli: CommandLine, path: Path, out: Path, *flags: str) -> list[DifferentialRecord | FailedCaseRecord]:
    assert cli.output("diagnose", path, "--jsonl", out, *flags) == ""
    lines = out.read_text(encoding="utf-8").splitlines()
    return [
        FailedCaseRecord.model_validate_json(line)
        if "error" in json.loads(line)
        else DifferentialRecord.model_validate_json(line, strict=True)
        for line in lines
    ]


def single(cli: CommandLine, path: Path, *flags: str) -> DifferentialRecord:
    (record,) = diagnosed(cli, path, path.with_suffix(".jsonl"), *flags)
    assert isinstance(record, DifferentialRecord), record
    return record


# --- one case --------------------------------------------------------------------------------------------------------


def test_a_phenopacket(cli: CommandLine, world: SmallGraph, tmp_path: Path) -> None:
    record = single(cli, write(tmp_path / "p.json", MARFAN_PACKET))
    assert record.case == "p1"
    assert record.findings.observed == ["HP:0001166", "HP:0001083"]
    assert record.findings.excluded == ["HP:0001249"]
    assert record.kg_version == world.snapshot.version
    assert record.compared == len(record.diagnoses) == 9
    assert (record.model, record.summary) == (None, None)
    first = record.diagnoses[0]
    assert (first.id, first.label) == ("OMIM:154700", "Marfan syndrome")
    assert {MARFAN, "ORPHA:558"} <= set(first.equivalents)
    assert first.id not in first.equivalents
    scores = [diagnosis.score for diagnosis in record.diagnoses]
    assert scores == sorted(scores, reverse=True)
    assert sum(diagnosis.probability for diagnosis in record.diagnoses) == pytest.approx(1, abs=1e-4)


def test_every_rule_has_a_verdict_for_every_disease(cli: CommandLine, tmp_path: Path) -> None:
    record = single(cli, write(tmp_path / "p.json", MARFAN_PACKET))
    ids = [rule.id for rule in read_rules() if rule.applies_to is RuleSubject.DIAGNOSIS]
    for diagnosis in record.diagnoses:
        assert [rule.id for rule in diagnosis.rules] == ids
        assert {rule.verdict for rule in diagnosis.rules} <= {"satisfied", "violated", "unknown", "not applicable"}
        assert all(rule.message for rule in diagnosis.rules)
        assert all(rule.citation for rule in diagnosis.rules if rule.verdict == "violated")
    violated = {d.id: {rule.id for rule in d.rules if rule.verdict == "violated"} for d in record.diagnoses}
    assert violated["OMIM:154700"] == set()
    assert "impossible-finding" in violated["OMIM:609192"]  # 0 of 9 had it


def test_the_names_that_were_promised(cli: CommandLine, tmp_path: Path) -> None:
    single(cli, write(tmp_path / "p.json", MARFAN_PACKET))
    record = json.loads((tmp_path / "p.jsonl").read_text())
    assert {"case", "findings", "diagnoses", "kg_version", "timings_ms"} <= set(record)
    assert {"observed", "excluded"} <= set(record["findings"])
    assert {"id", "label", "equivalents", "score", "probability", "rules"} <= set(record["diagnoses"][0])
    assert {"id", "verdict", "message"} <= set(record["diagnoses"][0]["rules"][0])


def test_a_text(cli: CommandLine, tmp_path: Path) -> None:
    record = single(cli, write(tmp_path / "letter.txt", TEXT))
    assert record.case == "letter.txt"
    assert set(record.findings.observed) == {"HP:0001166", "HP:0001083"}
    assert record.findings.excluded == ["HP:0001250"]
    assert record.diagnoses[0].id == "OMIM:154700"
    (huntington,) = [diagnosis for diagnosis in record.diagnoses if diagnosis.id == "OMIM:143100"]
    (onset,) = [rule for rule in huntington.rules if rule.id == "onset"]
    assert (onset.verdict, "12 years of age" in onset.message) == ("violated", True)


def test_a_phenopacket_by_any_name(cli: CommandLine, tmp_path: Path) -> None:
    assert single(cli, write(tmp_path / "p.txt", "\n " + json.dumps(MARFAN_PACKET))).case == "p1"


def test_obsolete_and_unknown_terms(cli: CommandLine, tmp_path: Path) -> None:
    terms = ["HP:0006000", "HP:0040000", "HP:7777777"]
    record = single(cli, write(tmp_path / "p.json", packet("p2", terms)))
    assert record.findings.observed == ["HP:0001166"]
    assert record.findings.unresolved == ["HP:0040000", "HP:7777777"]


def test_as_many_diseases_as_wanted(cli: CommandLine, tmp_path: Path) -> None:
    path = write(tmp_path / "p.json", MARFAN_PACKET)
    assert len(single(cli, path, "--top", "2").diagnoses) == 2
    assert single(cli, path, "--top", "2").compared == 9


def test_the_same_case_gets_the_same_ranking(cli: CommandLine, tmp_path: Path) -> None:
    path = write(tmp_path / "p.json", MARFAN_PACKET)
    assert single(cli, path).diagnoses == single(cli, path).diagnoses


def test_own_publications_are_withheld(cli: CommandLine, tmp_path: Path) -> None:
    path = write(tmp_path / "p.json", packet("PMID_100_patient", ["HP:0001083"]))

    def score(*flags: str) -> float:
        (marfan,) = [found for found in single(cli, path, *flags).diagnoses if found.id == "OMIM:154700"]
        return marfan.score

    assert score("--withhold-own-publications") < score()  # the lens is known from PMID:100 alone
    write(path, packet("PMID_999_patient", ["HP:0001083"]))
    assert score("--withhold-own-publications") == score()
    write(path, packet("PMID_100_patient", ["HP:0001166"]))
    assert score("--withhold-own-publications") > 0  # PMID:101 reports long fingers too


# --- what cannot be, and what the rules change -----------------------------------------------------------------------


def test_what_cannot_be_is_left_out_and_said(cli: CommandLine, tmp_path: Path) -> None:
    age = {"timeAtLastEncounter": {"age": {"iso8601duration": "P200Y"}}}
    case = packet("p", ["HP:0001166", "HP:0001083", "HP:0001250"], ["HP:0001250"], subject=age)
    record = single(cli, write(tmp_path / "p.json", case))
    assert [warning.partition(" ")[0] for warning in record.warnings] == ["The", "Seizure"]
    assert "200 years is impossible" in record.warnings[0]
    assert record.diagnoses[0].id == "OMIM:154700"
    (contradiction,) = [rule for rule in record.case_rules if rule.id == "contradictory-findings"]
    assert contradiction.verdict == "violated"
    text = cli.output("diagnose", tmp_path / "p.json")
    assert "left out: The age of 200 years" in text


def test_contradictions_alone_cannot_be_ranked(cli: CommandLine, tmp_path: Path) -> None:
    said = cli.complaint("diagnose", write(tmp_path / "p.json", packet("p", ["HP:0001166"], ["HP:0001166"])))
    assert "no finding that the graph knows" in said
    assert "present and as absent" in said


def test_ten_thousand_findings(cli: CommandLine, tmp_path: Path) -> None:
    record = single(cli, write(tmp_path / "p.json", packet("p", ["HP:0001166", "HP:0001083"] * 5_000)))
    assert record.diagnoses[0].id == "OMIM:154700"
    assert "10,000 findings" in record.warnings[0]


def test_only_excluded_findings(cli: CommandLine, tmp_path: Path) -> None:
    record = single(cli, write(tmp_path / "p.json", packet("p", [], ["HP:0001166"])))
    (rule,) = [rule for rule in record.case_rules if rule.id == "no-observed-finding"]
    assert rule.verdict == "violated"
    assert record.sufficiency is not None
    assert record.sufficiency.level in ("limited", "little", "ample")


def test_a_contradicted_disease_is_demoted_not_dropped(cli: CommandLine, tmp_path: Path) -> None:
    young = {"sex": "MALE", "timeAtLastEncounter": {"age": {"iso8601duration": "P1Y"}}}
    record = single(cli, write(tmp_path / "p.json", packet("p", ["HP:0002072"], subject=young)))
    (huntington,) = [found for found in record.diagnoses if found.id == "OMIM:143100"]
    assert huntington.penalty > 0
    assert huntington.rank_by_findings <= record.diagnoses.index(huntington) + 1
    assert len(record.diagnoses) == record.compared


OWN_RULE = """
[adults-only]
applies_to = "diagnosis"
severity = "major"
citation = "our ward"
applies = "SELECT $this WHERE { $this a clinigraph:Candidate . ?case clinigraph:age_years ?age }"
violated = "SELECT $this WHERE { $this a clinigraph:Candidate . ?c clinigraph:age_years ?age . FILTER (?age < 18.0) }"
[adults-only.says]
violated = "The patient is too young for our study of {disease}."
not_applicable = "The age is not known."
unknown = "The patient is an adult."
"""


def test_rules_of_ones_own(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = write(tmp_path / "rules" / "ward.toml", OWN_RULE)
    young = {"timeAtLastEncounter": {"age": {"iso8601duration": "P9Y"}}}
    path = write(tmp_path / "p.json", packet("p", ["HP:0001166"], subject=young))
    for place in (rules, rules.parent):
        monkeypatch.setenv("CLINIGRAPH_RULES", str(place))
        (own,) = [rule for rule in single(cli, path).diagnoses[0].rules if rule.id == "adults-only"]
        assert (own.verdict, "too young for our study of Marfan" in own.message) == ("violated", True)
    write(rules, OWN_RULE.replace("adults-only", "gene"))  # one of the same name takes the place of the shipped one
    (own,) = [rule for rule in single(cli, path).diagnoses[0].rules if rule.id == "gene"]
    assert own.verdict == "violated"


def test_rules_that_cannot_be_used(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "p.json", MARFAN_PACKET)
    monkeypatch.setenv("CLINIGRAPH_RULES", str(write(tmp_path / "rules.toml", OWN_RULE.replace("}", "", 1))))
    assert "rule adults-only cannot be used" in cli.complaint("diagnose", path)
    monkeypatch.setenv("CLINIGRAPH_RULES", str(tmp_path / "none.toml"))
    assert "none.toml cannot be used" in cli.complaint("diagnose", path)


def test_what_is_missing_is_asked_for(cli: CommandLine, tmp_path: Path) -> None:
    record = single(cli, write(tmp_path / "p.json", MARFAN_PACKET))
    (onset,) = [item for item in record.missing if item.rules == ["onset"]]
    assert onset.question == "At what age was the patient first affected?"
    assert MARFAN in onset.about


# --- many cases ------------------------------------------------------------------------------------------------------

BROKEN: dict[str, tuple[str | bytes, str]] = {
    "b1.json": (json.dumps(MARFAN_PACKET)[:-30], "not JSON"),
    "b2.json": (b'{"id": "\xff\xfe"}', "not UTF-8"),
    "b3.json": ('{"resourceType": "Patient"}', "no phenopacket"),
    "b4.txt": ("", "empty"),
    "b5.txt": (b"Fieber \xe4", "not UTF-8"),
    "b6.txt": ("The weather was fine.", "no finding"),
    "b7.json": (json.dumps(packet("b7", ["HP:7777777"])), "no finding"),
    "b8.json": (json.dumps(packet("b8", [])), "no finding"),
}


def test_a_folder_goes_on_after_bad_cases(cli: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    for name, (content, _) in BROKEN.items():
        write(folder / name, content)
    write(folder / "a.json", MARFAN_PACKET)
    write(folder / "deeper" / "z.txt", TEXT)
    write(folder / "notes.docx", b"PK")
    records = diagnosed(cli, folder, tmp_path / "out.jsonl")
    assert len(records) == len(BROKEN) + 2
    failed = {record.case: record.error for record in records if isinstance(record, FailedCaseRecord)}
    assert set(failed) == set(BROKEN)
    for name, (_, reason) in BROKEN.items():
        assert reason in failed[name]
        assert "\n" not in failed[name]
    assert [record.case for record in records if isinstance(record, DifferentialRecord)] == ["p1", "z.txt"]


def zipped(path: Path, contents: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return path


@pytest.mark.parametrize("where", ["beginning", "middle", "end"])
def test_an_archive_with_a_damaged_member_goes_on(cli: CommandLine, tmp_path: Path, where: str) -> None:
    good = json.dumps(MARFAN_PACKET)
    path = zipped(tmp_path / "cases.zip", {"a.json": good, "b.json": good + " " * 3 + "x" * 40, "c.json": good})
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("b.json")
    start = info.header_offset + 30 + len(info.filename)
    at = {"beginning": start, "middle": start + info.compress_size // 2, "end": start + info.compress_size - 6}[where]
    content[at : at + 6] = b"\xff" * 6
    path.write_bytes(content)
    first, second, third = diagnosed(cli, path, tmp_path / "out.jsonl")
    assert isinstance(first, DifferentialRecord)
    assert isinstance(second, FailedCaseRecord)
    assert isinstance(third, DifferentialRecord)
    assert second.case == "b.json"


def test_folder_and_archive_give_the_same(cli: CommandLine, tmp_path: Path) -> None:
    contents: dict[str, str | bytes] = {"a.json": json.dumps(MARFAN_PACKET), "b.txt": TEXT}
    for name, content in contents.items():
        write(tmp_path / "cases" / name, content)

    def without_times(path: Path) -> list[DifferentialRecord | FailedCaseRecord]:
        return [record.model_copy(update={"timings_ms": {}}) for record in diagnosed(cli, path, tmp_path / "o.jsonl")]

    assert without_times(tmp_path / "cases") == without_times(zipped(tmp_path / "cases.zip", contents))


def test_an_earlier_result_survives_a_run_that_cannot_start(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = write(tmp_path / "p.json", MARFAN_PACKET), write(tmp_path / "out.jsonl", "kept\n")
    cli.complaint("diagnose", path, "--jsonl", out, "--cache", tmp_path / "no-graph")
    assert out.read_text() == "kept\n"
    cli.complaint("diagnose", path, "--jsonl", out, "--explain", "--generator", "model", "--model", "nosuch")
    assert out.read_text() == "kept\n"
    questions = write(tmp_path / "q.txt", "What is Marfan syndrome?")
    cli.complaint("ask", "--batch", questions, "--jsonl", out, "--generator", "model", "--model", "nosuch")
    assert out.read_text() == "kept\n"


# --- explanations ----------------------------------------------------------------------------------------------------

SAID = "Marfan syndrome fits best [1]. Marfan syndrome fits ectopia lentis [1]. Huntington disease is certain [7]."


def test_a_batch_explains_only_when_it_is_told_to(cli: CommandLine, say: Callable[[str], None], tmp_path: Path) -> None:
    say(SAID)
    path = write(tmp_path / "p.json", MARFAN_PACKET)
    assert single(cli, path).summary is None
    record = single(cli, path, "--explain")
    assert record.model == "fake"
    assert record.summary
    assert all(claim.checks.citation == "passed" for claim in record.summary)
    assert not any("certain" in claim.text for claim in record.summary)
    assert record.diagnoses[0].findings


def test_what_the_model_names_is_linked_to_the_ranking(
    cli: CommandLine, say: Callable[[str], None], tmp_path: Path
) -> None:
    say(SAID)
    text = cli.output("diagnose", write(tmp_path / "p.json", MARFAN_PACKET))
    named = text.partition("Named by the model:\n")[2]
    assert f"Marfan syndrome ({MARFAN}), rank 1" in named
    assert "Huntington disease" in named
    assert re.search(r"certain.*there is no evidence 7", named)


# --- on the screen ---------------------------------------------------------------------------------------------------


def test_the_screen_shows_for_against_unknown_and_violated(cli: CommandLine, tmp_path: Path) -> None:
    path = write(tmp_path / "p.json", MARFAN_PACKET | {"subject": {"sex": "FEMALE"}})
    text = cli.output("diagnose", path, "--top", "9")
    assert "observed: Arachnodactyly, Ectopia lentis" in text
    assert "excluded: Intellectual disability" in text
    first = text.split("\n\n")[1]
    assert first.startswith("1. Marfan syndrome (OMIM:154700)")
    assert "for  Ectopia lentis in 6/10 of patients" in first
    assert "[PMID:100]" in first
    assert re.search(r"unknown +onset: Either no onset", first)
    assert re.search(r"violated +impossible-finding: Present here.*: Ectopia lentis\. \[ORPHA:60030\]", text)
    assert re.search(r"violated +x-linked-recessive-in-female: The patient is female", text)


def test_the_screen_names_what_it_did_not_understand(cli: CommandLine, tmp_path: Path) -> None:
    text = cli.output("diagnose", write(tmp_path / "p.json", packet("p", ["HP:0001166", "HP:7777777"])))
    assert "not understood: HP:7777777" in text


def test_cases_of_a_folder_are_printed_and_bad_ones_counted(cli: CommandLine, tmp_path: Path) -> None:
    write(tmp_path / "cases" / "a.json", MARFAN_PACKET)
    write(tmp_path / "cases" / "b.json", "[")
    result = cli.run("diagnose", tmp_path / "cases")
    assert result.exit_code == 1
    assert "1. Marfan syndrome" in result.stdout
    said = result.stderr.splitlines()
    assert len(said) == 2
    assert "b.json cannot be read as a case" in said[0]
    assert said[1] == "clinigraph: 1 case could not be diagnosed; see above."
