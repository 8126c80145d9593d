"""A report as PDF pages of A4, set by ReportLab; the same content and order as the page in HTML."""

import io
from collections.abc import Iterator, Sequence

from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Spacer

from .bars import contribution_bars, finding_name, ratio_in_words
from .network import case_network
from .pdf_drawing import DrawingFlowable
from .pdf_fonts import register_face
from .pdf_pages import numbered
from .pdf_style import COLUMN, HEIGHT, MARGIN, UNKNOWN_SOFT, WARN, WARN_SOFT, Row, Typesetter
from .record import BearingRecord, CandidateRecord, NamedRecord, ReportRecord, VerdictRecord
from .wording import (
    BEARINGS,
    VERDICTS,
    Verdict,
    bearing_counts,
    below_table,
    case_lists,
    patient_line,
    percent,
    question_groups,
    shared_sources,
    tabled,
    told,
    unresolved,
    verdict_counts,
    violated,
)

_WITH_CHART = 5
_TINTS = {Verdict.VIOLATED: WARN_SOFT, Verdict.UNKNOWN: UNKNOWN_SOFT}
_UNKNOWN = "“Unknown” means that a rule could not be checked; it is never the same as fine."


def pdf(report: ReportRecord) -> bytes:
    """The pages; the same report gives the same bytes on one machine."""
    face = register_face()
    setter = Typesetter(face)
    story = list(_story(report, setter))
    file = io.BytesIO()
    document = BaseDocTemplate(
        file,
        title=f"Differential diagnosis – {report.patient.id}",
        author=report.program,
        subject=f"Graph {report.kg_version}, made {report.made}",
        lang="en",
        invariant=1,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
    )
    frame = Frame(MARGIN, MARGIN, COLUMN, HEIGHT - 2 * MARGIN, 0, 0, 0, 0)
    document.addPageTemplates([PageTemplate("page", [frame])])
    document.build(story, canvasmaker=numbered(report, face.regular))
    return file.getvalue()


def _story(report: ReportRecord, setter: Typesetter) -> Iterator[Flowable]:
    yield from _head(report, setter)
    yield from _changes(report, setter)
    yield from _overview(report, setter)
    yield from _patient(report, setter)
    yield from _checks(report, setter)
    yield from _questions(report, setter)
    yield from _comparison(report, setter)
    yield setter.text("The diseases one by one", "heading")
    for candidate in report.candidates:
        yield from _candidate(candidate, setter)
    yield from _foot(report, setter)


def _head(report: ReportRecord, setter: Typesetter) -> Iterator[Flowable]:
    yield setter.text("Differential diagnosis", "title")
    yield setter.text(f"{setter.plain(report.patient.id)} · {setter.plain(patient_line(report.patient))}")
    made = (
        f"made {report.made}",
        report.program,
        f"graph {report.kg_version}",
        f"language model: {report.model}",
        f"{report.compared:,} diseases compared",
    )
    yield setter.text(" · ".join(map(setter.plain, made)), "small")
    yield Spacer(1, 4)
    yield setter.note([f"<b>{setter.plain(report.limits[0])}</b>"])
    if report.notices:
        yield Spacer(1, 5)
        yield setter.note(["<b>Please note</b>", *map(setter.plain, report.notices)], WARN_SOFT, WARN)


def _changes(report: ReportRecord, setter: Typesetter) -> Iterator[Flowable]:
    if report.changes is None:
        return
    yield setter.text("What changed", "heading")
    since = f"Compared with the report of {report.changes.since} on graph {report.changes.old_kg_version}."
    yield setter.text(setter.plain(since), "small")
    if not report.changes.changes:
        yield setter.text("Nothing that this report shows has changed.")
    for item in report.changes.changes:
        about = f"<b>{setter.plain(item.disease)}</b>: " if item.disease else ""
        yield setter.text(f"• {about}{setter.plain(item.text)}")


def _overview(report: ReportRecord, setter: Typesetter) -> Iterator[Flowable]:
    yield setter.text("Overview", "heading")
    if not report.candidates:
        yield setter.text("No disease could be ranked; see the notes above.")
        return
    rows = []
    for item in report.candidates:
        flag = f'<br/><font color="{WARN}"><b>contradicted by a rule</b></font>' if item.contradicted else ""
        note = f"<br/>{setter.muted(item.note)}" if item.note else ""
        name = f"<b>{setter.plain(item.label)}</b> {setter.muted(item.id)}{flag}{note}"
        rows.append(
            Row(
                (
                    str(item.rank),
                    name,
                    percent(item.probability),
                    setter.plain(bearing_counts(item)),
                    setter.plain(_counts(item.verdicts)),
                )
            )
        )
    yield setter.table(("#", "Disease", "Probability", "Findings", "Rules"), rows, (4, 41, 11, 27, 23), (0, 2))
    if report.sufficiency:
        yield setter.note([setter.plain(report.sufficiency)])
    if (network := case_network(report)) is not None:
        yield DrawingFlowable(network, setter.face, COLUMN)
        yield setter.text("Findings of the case and the first diseases.", "small")


def _counts(verdicts: Sequence[VerdictRecord]) -> str:
    return ", ".join(f"{number} {verdict}" for verdict, number in verdict_counts(verdicts).items() if number)


def _patient(report: ReportRecord, setter: Typesetter) -> Iterator[Flowable]:
    yield setter.text("The case as it was read", "heading")
    patient = report.patient
    rows = []
    for kind in case_lists(patient):
        more = f"; and {kind.more} more" if kind.more else ""
        rows.append(Row((kind.heading, "; ".join(_named(item, setter) for item in kind.items) + more)))
    if patient.unresolved:
        rows.append(Row(("Not understood", setter.plain("; ".join(unresolved(patient))))))
    yield setter.table(("", ""), rows, (18, 82))


def _named(item: NamedRecord, setter: Typesetter) -> str:
    words = f" “{setter.plain(item.words)}”" if item.words else ""
    note = f" ({setter.plain(item.note)})" if item.note else ""
    return f"{setter.plain(item.label)} {setter.muted(item.id)}{words}{note}"


def _checks(report: ReportRecord, setter: Typesetter) -> Iterator[Flowable]:
    if report.case_verdicts or report.requests:
        yield setter.text("Checks of the case itself", "heading")
    if report.case_verdicts:
        yield setter.text(_UNKNOWN, "small")
        yield from _verdicts(report.case_verdicts, setter)
    for text in report.requests:
        yield setter.text(f"• {setter.plain(text)}")


def _questions(report: ReportRecord, setter: Typesetter) -> Iterator[Flowable]:
    if report.questions:
        yield setter.text("To find out next", "heading")
    for heading, items in question_groups(report.questions):
        yield setter.text(heading, "name")
        for n, item in enumerate(items, start=1):
            about = setter.muted(f"{item.id} · {item.cost} · {item.bits:.2f} bits")
            reason = setter.plain(item.reason[:1].upper() + item.reason[1:])
            yield setter.text(f"{n}. <b>{setter.plain(item.question)}</b> {about}<br/>{reason}")
    if report.summary:
        yield setter.text("In sentences", "heading")
    for claim in report.summary:
        yield setter.text(f"<b>{claim.written_by}</b> {setter.plain(claim.text)}")


def _comparison(report: ReportRecord, setter: Typesetter) -> Iterator[Flowable]:
    if report.comparison is None:
        return
    one, two = report.comparison.first, report.comparison.second
    right = {(item.id, item.status): item for item in two.findings}
    rows = [
        Row((_finding(item, setter), _ratio(item, setter), _ratio(other, setter)))
        for item in one.findings
        if item.likelihood_ratio is not None and (other := right.get((item.id, item.status))) is not None
    ]
    rows.append(Row(("<b>Probability</b>", percent(one.probability), percent(two.probability))))
    yield setter.text("Side by side", "heading")
    yield setter.table(("Finding", one.label, two.label), rows, (50, 25, 25), (1, 2))


def _ratio(item: BearingRecord, setter: Typesetter) -> str:
    return " ".join(filter(None, (ratio_in_words(item.likelihood_ratio), setter.muted(item.frequency or ""))))


def _candidate(item: CandidateRecord, setter: Typesetter) -> Iterator[Flowable]:
    yield setter.text(f"{item.rank}. {setter.plain(item.label)} – {percent(item.probability)}", "name")
    yield setter.text(f"{setter.reference(item.id)} {setter.plain(item.definition or '')}", "small")
    if item.note:
        yield setter.text(f"<b>{setter.plain(item.note[:1].upper() + item.note[1:])}.</b>")
    if item.rank <= _WITH_CHART and (bars := contribution_bars(item)) is not None:
        yield DrawingFlowable(bars, setter.face, COLUMN * 0.92)
    if item.findings:
        shared = shared_sources(item.findings)
        rows = [_finding_row(found, setter, with_source=not shared) for found in tabled(item.findings)]
        source = f"Source: {'; '.join(shared)}" if shared else "Source"
        yield setter.table(("", "Finding", "Bearing", "Ratio", "Frequency", source), rows, (3, 42, 13, 8, 13, 35), (3,))
        for sentence in below_table(item.findings):
            yield setter.text(setter.plain(sentence), "small")
    yield from _verdicts(item.verdicts, setter)
    yield from _treatments(item, setter)


def _finding(item: BearingRecord, setter: Typesetter) -> str:
    matched = f"<br/>{setter.muted(f'recorded as {item.matched.label}')}" if item.matched else ""
    return f"{setter.plain(finding_name(item))} {setter.muted(item.id)}{matched}"


def _finding_row(item: BearingRecord, setter: Typesetter, *, with_source: bool) -> Row:
    sign = BEARINGS[item.bearing]
    cited = ", ".join(map(setter.reference, item.references[:3]))
    named = f"<br/>{setter.muted('; '.join(item.sources))}" if with_source and item.sources else ""
    source = f"{cited}{named}"
    if item.relation == "relatives" and not item.sources:
        source = setter.muted("inferred from diseases of the same class or gene")
    cells = (
        f"<b>{sign.plain_mark}</b>",
        _finding(item, setter),
        sign.heading,
        ratio_in_words(item.likelihood_ratio),
        setter.plain(item.frequency or "–"),
        source,
    )
    return Row(cells)


def _verdicts(verdicts: Sequence[VerdictRecord], setter: Typesetter) -> Iterator[Flowable]:
    shown = told(verdicts)
    if shown.rows:
        yield setter.table(("", "Rule", _UNKNOWN), [_verdict_row(item, setter) for item in shown.rows], (3, 15, 82))
    if shown.not_applicable:
        yield setter.text(setter.plain(f"Not applicable here: {', '.join(shown.not_applicable)}."), "small")


def _verdict_row(item: VerdictRecord, setter: Typesetter) -> Row:
    verdict = Verdict(item.verdict)
    about = f"<b>{setter.plain(item.about)}:</b> " if item.about else ""
    rather = f"<br/>{setter.plain('Rather: ' + ', '.join(item.instead))}" if item.instead else ""
    cited = f"<br/>{', '.join(map(setter.reference, item.references[:4]))}" if item.references else ""
    cells = (
        f"<b>{VERDICTS[verdict].plain_mark}</b>",
        f"<b>{verdict}</b><br/>{setter.muted(item.severity)}",
        f"{about}{setter.plain(item.message)} {setter.muted(item.id)}{rather}{cited}",
    )
    return Row(cells, _TINTS.get(verdict))


def _treatments(item: CandidateRecord, setter: Typesetter) -> Iterator[Flowable]:
    if item.treatments:
        yield setter.text("<b>Medicines that the graph records for it, in this patient</b>")
    for drug in item.treatments:
        against = [verdict.message for verdict in violated(drug.verdicts)]
        about = setter.muted(f"{drug.id} · {_counts(drug.verdicts)}")
        yield setter.text(f"• <b>{setter.plain(drug.label)}</b> {about} {setter.plain(' '.join(against))}")


def _foot(report: ReportRecord, setter: Typesetter) -> Iterator[Flowable]:
    yield setter.text("Sources and limits", "heading")
    rows = [
        Row(
            (
                f"<b>{setter.plain(item.title)}</b>",
                setter.plain(item.release),
                setter.plain(item.tier),
                f"{setter.plain(item.citation)}<br/>{setter.muted(item.licence)}",
            )
        )
        for item in report.sources
    ]
    yield setter.table(("Source", "Release", "Trust", "Citation and licence"), rows, (26, 13, 15, 46))
    for limit in report.limits:
        yield setter.text(f"• {setter.plain(limit)}")
    if setter.lacked:
        yield setter.text("A “?” may stand for a character that the typeface lacks; the page in HTML has it.", "small")
