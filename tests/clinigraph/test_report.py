"""``clinigraph report``: every form says the same, holds to its standard, and is written whole or not at all."""

import io
import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from google.protobuf.json_format import Parse
from phenopackets import Phenopacket
from pypdf import PdfReader
from selectolax.lexbor import LexborHTMLParser

from clinigraph.differential import Differential
from clinigraph.report import ReportFormat, ReportRecord, changes_since, format_of, write_reports
from clinigraph.report.bars import contribution_bars, ratio_in_words
from clinigraph.report.content import report_record
from clinigraph.report.drawing import svg
from clinigraph.report.fhir import fhir_bundle
from clinigraph.report.html import html
from clinigraph.report.markdown import markdown
from clinigraph.report.network import case_network
from clinigraph.report.pdf import pdf
from clinigraph.report.record import VerdictRecord
from clinigraph.report.wording import percent, told
from kg import Case, RuleResult, Severity, Snapshot, Stamp, Verdict, read_case_json
from tests.clinigraph.conftest import CommandLine
from tests.small_graph import MARFAN, SmallGraph

ODD = '<script>alert("x")</script> | *bold* ]] & 漢字 \x07'
FORMS = ("r.html", "r.pdf", "r.md", "r.json", "r.fhir.json", "r.phenopacket.json")


def packet(*observed: str, **fields: Any) -> dict[str, Any]:
    features: list[dict[str, Any]] = [{"type": {"id": curie, "label": ""}} for curie in observed]
    features.append({"type": {"id": "HP:0001249"}, "excluded": True})
    features.append({"type": {"id": "HP:7777777", "label": ODD}})
    subject = {"id": "s", "sex": "MALE", "timeAtLastEncounter": {"age": {"iso8601duration": "P12Y"}}}
    meta = {"created": "2025-01-01T00:00:00Z", "createdBy": "a lab", "phenopacketSchemaVersion": "2.0"}
    return {"id": ODD, "subject": subject, "phenotypicFeatures": features, "metaData": meta} | fields


@pytest.fixture
def case_file(tmp_path: Path) -> Path:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(packet("HP:0001166", "HP:0001083")), "utf-8")
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made")


@pytest.fixture
def folder(cli: CommandLine, case_file: Path, made: Path, tmp_path: Path) -> Path:
    """A folder with the report in every form, which is made once."""
    if not any(made.iterdir()):
        to = [argument for name in FORMS for argument in ("--to", str(made / name))]
        printed = cli.output("report", case_file, *to, "--compare", "1", "2")
        assert printed.split() == [str(made / name) for name in FORMS]
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def report(folder: Path) -> ReportRecord:
    return ReportRecord.model_validate_json((folder / "r.json").read_bytes())


# --- the content -----------------------------------------------------------------------------------------------------


def test_it_says_from_what_and_when_it_was_made(report: ReportRecord, world: SmallGraph) -> None:
    assert report.kg_version == world.snapshot.version
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", report.made)
    assert report.program.startswith("clinigraph ")
    assert report.model == "none (graph alone)"
    assert "does not replace" in report.limits[0]
    assert {source.id for source in report.sources} >= {"hpoa"}
    assert all(source.release and source.citation and source.licence for source in report.sources)


def test_each_finding_has_its_bearing_ratio_frequency_and_source(report: ReportRecord) -> None:
    first = report.candidates[0]
    assert (first.rank, first.id) == (1, "OMIM:154700")
    by_id = {item.id: item for item in first.findings}
    lens = by_id["HP:0001083"]
    assert (lens.bearing, lens.status, lens.frequency, lens.references) == ("for", "observed", "6/10", ["PMID:100"])
    assert lens.likelihood_ratio is not None
    assert lens.likelihood_ratio > 1
    assert lens.sources == ["HPO disease annotations 2025-01-16"] or lens.sources[0].endswith("test")
    silent = by_id["HP:0002616"]
    assert (silent.bearing, silent.status, silent.frequency) == ("silent", "not told", "9/9")
    assert silent.likelihood_ratio is None
    assert {item.bearing for item in first.findings if item.id == "HP:0001249"} <= {"looked for", "against"}


def test_what_is_not_recorded_is_unexplained(report: ReportRecord) -> None:
    bearings = {item.bearing for candidate in report.candidates for item in candidate.findings}
    assert "unexplained" in bearings


def test_every_verdict_is_there_and_unknown_comes_before_satisfied(report: ReportRecord) -> None:
    for candidate in report.candidates:
        order = [item.verdict for item in candidate.verdicts]
        places = ["violated", "unknown", "satisfied", "not applicable"]
        assert order == sorted(order, key=places.index)
        assert len({item.id for item in candidate.verdicts}) == len(order)
    assert any(item.verdict == "unknown" for candidate in report.candidates for item in candidate.verdicts)


def test_questions_and_what_was_not_understood(report: ReportRecord) -> None:
    assert report.questions
    assert all(item.reason and item.bits > 0 for item in report.questions)
    assert any("Not understood" in notice for notice in report.notices)
    assert "HP:7777777" in report.patient.unresolved[0]


def test_what_is_urgent_is_said_first(world: SmallGraph) -> None:
    said = {Severity.URGENT: "The patient is in danger.", Severity.NOTE: "Something to know."}
    rules = tuple(RuleResult(severity, severity, Verdict.VIOLATED, text) for severity, text in said.items())
    unknown = RuleResult("other", Severity.URGENT, Verdict.UNKNOWN, "Not known.")
    case = Case("x", ())
    differential = Differential(case, (), 0, world.snapshot.version, {}, (*rules, unknown), warnings=("A warning.",))
    stamp = Stamp(datetime(2026, 1, 1, tzinfo=UTC), "clinigraph", world.snapshot.version)
    notices = report_record(differential, world.snapshot, stamp).notices
    assert notices == ["Urgent: The patient is in danger.", "A warning."]


# --- the forms -------------------------------------------------------------------------------------------------------


class Outline(HTMLParser):
    """Whether tags are balanced, and what scripts, links and images a page has."""

    VOID = frozenset({"meta", "br", "link", "img", "hr", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_needs_nothing_else_and_nothing_in_it_is_markup(folder: Path) -> None:
    text = (folder / "r.html").read_text("utf-8")
    outline = Outline()
    outline.feed(text)
    assert outline.open == []
    tags = [tag for tag, _ in outline.seen]
    assert not {"script", "link", "img", "iframe"} & set(tags)
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not re.search(r"url\(|@import|src=", text)
    assert all(not href.startswith("javascript") for _, a in outline.seen if (href := a.get("href")))
    ids = [a["id"] for _, a in outline.seen if "id" in a]
    assert len(ids) == len(set(ids))


def test_the_page_can_be_read_aloud(folder: Path) -> None:
    tree = LexborHTMLParser((folder / "r.html").read_text("utf-8"))
    assert [page.attributes["lang"] for page in tree.css("html")] == ["en"]
    for drawing in tree.css("svg"):
        named = (drawing.attributes["aria-labelledby"] or "").split()
        assert drawing.attributes["role"] == "img"
        assert [bool(part.text()) for name in named for part in tree.css(f"#{name}")] == [True, True]
    for table in tree.css("table"):
        assert all(cell.attributes.get("scope") for cell in table.css("th"))
    assert len(tree.css("h1")) == 1


def test_the_page_says_what_it_must(folder: Path, report: ReportRecord) -> None:
    (body,) = LexborHTMLParser((folder / "r.html").read_text("utf-8")).css("body")
    text = " ".join(body.text(separator=" ").split())
    wanted = ("does not replace", report.kg_version, report.made, "PMID:100", "Side by side", "not be checked")
    for said in wanted:
        assert said in text
    for candidate in report.candidates:
        for verdict in candidate.verdicts:
            assert verdict.id in text


def test_markdown_has_no_markup_of_others(folder: Path, report: ReportRecord) -> None:
    text = (folder / "r.md").read_text("utf-8")
    assert not re.search(r"(?<!\\)[<*]script", text)
    assert r"\<script\>" in text
    widths: set[int] = set()
    for line in text.splitlines():
        cells = re.split(r"(?<!\\)\|", line)
        if line.startswith("|"):
            widths.add(len(cells))
        elif widths:
            assert len(widths) == 1, line
            widths.clear()
    for said in (report.kg_version, "does not replace", "**unknown**", "PMID:100"):
        assert said in text


def test_the_pages_in_pdf(folder: Path, report: ReportRecord) -> None:
    content = (folder / "r.pdf").read_bytes()
    reader = PdfReader(io.BytesIO(content))
    texts = [page.extract_text() for page in reader.pages]
    for number, text in enumerate(texts, start=1):
        assert f"Page {number} of {len(texts)}" in text
        assert "does not replace one" in text
    whole = " ".join(" ".join(texts).split())
    for said in (report.kg_version, "PMID:100", "Marfan syndrome", '<script>alert("x")</script>'):
        assert said in whole
    assert reader.metadata is not None
    assert reader.metadata.author == report.program
    assert "typeface lacks" in whole or "漢字" in whole


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_fhir_holds_to_r4_and_its_references_resolve(folder: Path, report: ReportRecord) -> None:
    content = json.loads((folder / "r.fhir.json").read_text("utf-8"))
    Bundle.model_validate(content)
    assert content["type"] == "document"
    assert content["entry"][0]["resource"]["resourceType"] == "Composition"
    urls = [entry["fullUrl"] for entry in content["entry"]]
    assert len(urls) == len(set(urls))
    assert set(references(content)) <= set(urls)
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for entry in content["entry"]:
        by_kind.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    statuses = {item["verificationStatus"]["coding"][0]["code"] for item in by_kind["Condition"]}
    assert statuses == {"differential"}
    assert len(by_kind["Condition"]) == len(report.candidates)
    first = by_kind["Condition"][0]
    codes = {coding["system"]: coding["code"] for coding in first["code"]["coding"]}
    assert codes["https://omim.org"] == "154700"
    assert codes["http://purl.obolibrary.org/obo/mondo.owl"] == MARFAN
    assert len(first["evidence"][0]["detail"]) == 2
    shares = [item["probabilityDecimal"] for item in by_kind["RiskAssessment"][0]["prediction"]]
    assert shares == sorted(shares, reverse=True)
    narrative = json.dumps(by_kind["Composition"])
    assert "unknown: " in narrative
    assert "<script" not in narrative


def test_fhir_reads_back_as_the_same_case(folder: Path, report: ReportRecord, world: SmallGraph) -> None:
    case = read_case_json((folder / "r.fhir.json").read_bytes(), "r", world.snapshot)
    assert list(case.observed) == [item.id for item in report.patient.observed]
    assert list(case.excluded) == [item.id for item in report.patient.excluded]
    assert (case.sex.value, case.age_years, case.conditions) == (report.patient.sex, 12, ())


def test_the_phenopacket_keeps_what_it_was_made_from(folder: Path, report: ReportRecord) -> None:
    text = (folder / "r.phenopacket.json").read_text("utf-8")
    message = Parse(text, Phenopacket())
    assert message.meta_data.created_by == "a lab"
    assert [item.type.id for item in message.phenotypic_features][-1] == "HP:7777777"
    proposed = [item.diagnosis.disease.id for item in message.interpretations]
    assert proposed == [candidate.id for candidate in report.candidates]


def test_every_form_names_the_same_diseases(folder: Path, report: ReportRecord) -> None:
    texts = [(folder / name).read_text("utf-8") for name in FORMS if not name.endswith(".pdf")]
    for candidate in report.candidates:
        assert all(candidate.label in text for text in texts)


def test_sentences_of_a_model_are_checked_and_marked(
    cli: CommandLine, say: Callable[[str], None], case_file: Path, tmp_path: Path
) -> None:
    say("Marfan syndrome fits ectopia lentis [1]. Huntington disease is certain [7].")
    cli.output("report", case_file, "--explain", "--to", tmp_path / "e.json", "--to", tmp_path / "e.html")
    report = ReportRecord.model_validate_json((tmp_path / "e.json").read_bytes())
    assert report.model == "fake"
    assert report.summary
    assert not any("certain" in claim.text for claim in report.summary)
    assert "In sentences" in (tmp_path / "e.html").read_text("utf-8")


def test_answers_of_an_interview_are_in_the_report(cli: CommandLine, case_file: Path, tmp_path: Path) -> None:
    result = cli.run("report", case_file, "--ask", "--to", tmp_path / "a.json", stdin=b"y\ns\n")
    assert result.exit_code == 0, result.stderr
    report = ReportRecord.model_validate_json((tmp_path / "a.json").read_bytes())
    assert len(report.patient.observed) == 3


def test_any_text_stays_text(report: ReportRecord) -> None:
    letters = "<>&\"'`|*_#[](){}%\\/!-~;:=\n\t\x00\x0b\u2028\ud7ff漢é ascript"
    random_ = random.Random(0)
    tags = None
    for _ in range(60):
        text = "x" + "".join(random_.choices(letters, k=40))
        odd = report.model_copy(update={"notices": [text], "candidates": [], "questions": [], "case_verdicts": []})
        outline = Outline()
        outline.feed(html(odd))
        assert outline.open == []
        found = [tag for tag, _ in outline.seen]
        tags = tags or found
        assert found == tags
        assert not re.search(r"(?<!\\)<", markdown(odd))
        Bundle.model_validate(fhir_bundle(odd))


@pytest.mark.parametrize("text", ["<b>&amp;</font><a href='x'>", "x" * 5000, "\x00\x1f\u202e\uffff", "(((\\ %s {0}"])
def test_any_text_can_be_set_on_pages(report: ReportRecord, text: str) -> None:
    odd = report.model_copy(update={"notices": [text], "candidates": report.candidates[:1]})
    odd = odd.model_copy(update={"patient": odd.patient.model_copy(update={"id": text})})
    assert PdfReader(io.BytesIO(pdf(odd))).pages


# --- pictures --------------------------------------------------------------------------------------------------------


def test_bars_show_what_speaks_for_and_against(report: ReportRecord) -> None:
    bars = contribution_bars(report.candidates[0])
    assert bars is not None
    assert "Ectopia lentis" in bars.description
    text = svg(bars, "b")
    assert text.count("<title") == 1 + text.count("<rect")
    assert contribution_bars(report.candidates[0].model_copy(update={"findings": []})) is None


def test_the_network_links_findings_to_diseases(report: ReportRecord) -> None:
    network = case_network(report)
    assert network is not None
    assert "Marfan syndrome: " in network.description
    text = svg(network, "n")
    assert 'id="n-t"' in text
    assert case_network(report.model_copy(update={"candidates": []})) is None


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (1.0, "×1.0"),
        (12.3, "×12"),
        (1234.0, "×1,234"),
        (0.5, "÷2.0"),
        (0.01, "÷100"),
        (2.4e9, "×2 billion"),
        (None, "–"),
    ],
)
def test_ratios_in_words(ratio: float | None, words: str) -> None:
    assert ratio_in_words(ratio) == words


@pytest.mark.parametrize(
    ("share", "words"), [(0.999, "> 99 %"), (1.0, "> 99 %"), (0.42, "42 %"), (0.012, "1.2 %"), (0.0001, "0.0 %")]
)
def test_percentages(share: float, words: str) -> None:
    assert percent(share) == words


def verdict(rule: str, said: str, about: str | None = None) -> VerdictRecord:
    return VerdictRecord(id=rule, severity="major", verdict=said, message=f"{rule}.", about=about)  # type: ignore[arg-type]


def test_what_is_unknown_of_a_medicine_stays_unknown_in_one_row() -> None:
    shown = told(
        [
            verdict("a", "violated", "X"),
            verdict("b", "unknown", "X"),
            verdict("c", "unknown", "X"),
            verdict("d", "unknown"),
            verdict("e", "satisfied", "X"),
            verdict("f", "not applicable", "X"),
        ]
    )
    assert [(row.id, row.verdict) for row in shown.rows] == [
        ("a", "violated"),
        ("b, c", "unknown"),
        ("d", "unknown"),
        ("e", "satisfied"),
    ]
    assert shown.rows[1].message == "b. c."
    assert shown.not_applicable == ("X f",)


# --- since an earlier report -----------------------------------------------------------------------------------------


def texts_of(changes: Any, kind: str) -> list[str]:
    return [item.text for item in changes.changes if item.kind == kind]


def test_the_same_report_has_not_changed(report: ReportRecord) -> None:
    assert changes_since(report, report).changes == []


def test_what_changed_between_two_graphs(report: ReportRecord) -> None:
    first, second, *rest = report.candidates
    lens = next(item for item in first.findings if item.id == "HP:0001083")
    older = [item for item in first.findings if item is not lens]
    older.append(lens.model_copy(update={"frequency": "1/10", "references": ["PMID:1"]}))
    was = first.model_copy(
        update={
            "rank": 2,
            "findings": older,
            "verdicts": [item.model_copy(update={"verdict": "unknown"}) for item in first.verdicts],
        }
    )
    old = report.model_copy(
        update={
            "kg_version": "old",
            "candidates": [second.model_copy(update={"rank": 1, "id": second.equivalents[0]}), was, *rest[:-1]],
            "patient": report.patient.model_copy(update={"observed": report.patient.observed[:1]}),
        }
    )
    changes = changes_since(old, report)
    assert changes.old_kg_version == "old"
    assert any("The graph was old" in text for text in texts_of(changes, "graph"))
    assert texts_of(changes, "case") == ["Ectopia lentis is now observed in the case."]
    moved = texts_of(changes, "disease")
    assert any(text.startswith("moved from rank 2 to 1") for text in moved)
    assert any("is new at rank" in text for text in moved)
    assert any("was recorded in 1/10 of patients, now in 6/10" in text for text in texts_of(changes, "fact"))
    assert any("was unknown, now satisfied" in text for text in texts_of(changes, "verdict"))
    gone = changes_since(report, old)
    assert any("no longer among the first" in text for text in texts_of(gone, "disease"))


def test_a_report_since_another(cli: CommandLine, folder: Path) -> None:
    old = json.loads((folder / "r.json").read_text("utf-8"))
    old["kg_version"] = "an older graph"
    (folder / "old.json").write_text(json.dumps(old), "utf-8")
    cli.output("report", folder / "case.json", "--since", folder / "old.json", "--to", folder / "new.md")
    text = (folder / "new.md").read_text("utf-8")
    assert "## What changed" in text
    assert "The graph was an older graph" in text


def test_what_is_no_earlier_report(cli: CommandLine, case_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.md"
    for content in ("{}", "[", '{"kind": "clinigraph report"}'):
        (tmp_path / "old.json").write_text(content)
        said = cli.complaint("report", case_file, "--since", tmp_path / "old.json", "--to", out)
        assert "is no report in JSON" in said
    assert not out.exists()


# --- what can go wrong -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["r.docx", "r", "json", "r.fhir"])
def test_an_ending_of_no_form(cli: CommandLine, case_file: Path, tmp_path: Path, name: str) -> None:
    good = tmp_path / "r.html"
    assert "has no ending of a report; choose from .fhir.json" in cli.complaint(
        "report", case_file, "--to", good, "--to", tmp_path / name
    )
    assert not good.exists()


def test_endings() -> None:
    names = {
        "a.FHIR.json": "FHIR",
        "a.phenopacket.json": "PHENOPACKET",
        "a.json": "JSON",
        "a.htm": "HTML",
        "b.PDF": "PDF",
    }
    assert {name: format_of(Path(name)).name for name in names} == names
    assert format_of(Path("x.markdown")) is ReportFormat.MARKDOWN


def test_somewhere_to_write_is_needed(cli: CommandLine, case_file: Path) -> None:
    assert "Say where to write" in cli.complaint("report", case_file)


def test_a_report_is_about_one_case(cli: CommandLine, case_file: Path, tmp_path: Path) -> None:
    assert "about one case" in cli.complaint("report", tmp_path, "--to", tmp_path / "r.md")


def test_what_is_there_is_replaced_whole_or_not_at_all(folder: Path, report: ReportRecord) -> None:
    before = {name: (folder / name).read_bytes() for name in FORMS}
    with pytest.raises(Exception, match="cannot be written"):
        write_reports([folder / "r.md", folder / "no" / "r.html"], report, {})
    assert {name: (folder / name).read_bytes() for name in FORMS} == before
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_a_case_without_findings_is_refused(cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps({"id": "c", "subject": {}, "phenotypicFeatures": []}))
    assert "no finding" in cli.complaint("report", path, "--to", tmp_path / "r.md")
    assert not (tmp_path / "r.md").exists()


def drug_of(snapshot: Snapshot) -> str:
    from kg import Category

    return next(iter(snapshot.concepts(Category.DRUG)))


def test_medicines_are_checked_where_nothing_can_be_ranked(cli: CommandLine, world: SmallGraph, tmp_path: Path) -> None:
    drug = drug_of(world.snapshot)
    treatment = {"treatment": {"agent": {"id": drug, "label": "x"}}}
    (tmp_path / "c.json").write_text(json.dumps({"id": "c", "subject": {}, "medicalActions": [treatment]}))
    to = [argument for name in FORMS for argument in ("--to", str(tmp_path / name))]
    cli.output("report", tmp_path / "c.json", *to)
    report = ReportRecord.model_validate_json((tmp_path / "r.json").read_bytes())
    assert report.candidates == []
    assert any("no finding" in notice for notice in report.notices)
    assert report.case_verdicts
    assert {item.about for item in report.case_verdicts} == {world.snapshot.label(drug)}
    Bundle.model_validate_json((tmp_path / "r.fhir.json").read_text("utf-8"))
    assert "No disease could be ranked" in (tmp_path / "r.html").read_text("utf-8")


def test_only_excluded_findings(cli: CommandLine, tmp_path: Path) -> None:
    cli.output("report", "--not", "HP:0001250", "--to", tmp_path / "r.json")
    report = ReportRecord.model_validate_json((tmp_path / "r.json").read_bytes())
    assert report.candidates
    said = " ".join([*report.notices, *(item.message for item in report.case_verdicts if item.verdict == "violated")])
    assert "No finding was observed" in said


def test_ten_thousand_findings(cli: CommandLine, tmp_path: Path) -> None:
    features = [{"type": {"id": f"HP:{n:07}", "label": f"finding {n}"}} for n in range(9_000_000, 9_010_000)]
    features += [{"type": {"id": "HP:0001166"}}]
    (tmp_path / "c.json").write_text(json.dumps({"id": "c", "subject": {}, "phenotypicFeatures": features}))
    cli.output("report", tmp_path / "c.json", "--to", tmp_path / "r.json", "--to", tmp_path / "r.pdf")
    report = ReportRecord.model_validate_json((tmp_path / "r.json").read_bytes())
    assert any("and 9995 more" in notice for notice in report.notices)
    assert report.candidates[0].id == "OMIM:154700"
