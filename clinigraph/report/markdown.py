"""A report as Markdown that reads well as plain text too."""

import re
from collections.abc import Iterable, Iterator, Sequence

from .bars import finding_name, ratio_in_words
from .record import BearingRecord, CandidateRecord, NamedRecord, ReportRecord, TreatmentRecord, VerdictRecord
from .wording import (
    BEARINGS,
    VERDICTS,
    Verdict,
    bearing_counts,
    below_table,
    case_lists,
    link_of,
    patient_line,
    percent,
    question_groups,
    tabled,
    told,
    unresolved,
    verdict_counts,
    violated,
)

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")
_UNKNOWN = "“Unknown” means that a rule could not be checked; it is never the same as fine."


def markdown(report: ReportRecord) -> str:
    """The report; everything that comes from the case or the graph is escaped."""
    blocks = [
        *_head(report),
        *_changes(report),
        *_overview(report),
        *_patient(report),
        *_checks(report),
        *_questions(report),
        *_comparison(report),
        *(block for candidate in report.candidates for block in _candidate(candidate)),
        *_foot(report),
    ]
    return "\n\n".join(blocks) + "\n"


def plain(text: str) -> str:
    """A text in which nothing is markup, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _head(report: ReportRecord) -> Iterator[str]:
    yield "# Differential diagnosis"
    yield f"{plain(report.patient.id)} · {patient_line(report.patient)}"
    made = (report.made, report.program, f"graph {report.kg_version}", f"language model: {report.model}")
    yield f"{' · '.join(map(plain, made))} · {report.compared:,} diseases compared"
    yield f"> **{plain(report.limits[0])}**"
    if report.notices:
        yield "**Please note**\n\n" + _list(map(plain, report.notices))


def _changes(report: ReportRecord) -> Iterator[str]:
    if report.changes is None:
        return
    yield "## What changed"
    yield f"Compared with the report of {report.changes.since} on graph {plain(report.changes.old_kg_version)}."
    listed = [
        (f"**{plain(item.disease)}**: " if item.disease else "") + plain(item.text) for item in report.changes.changes
    ]
    yield _list(listed) if listed else "Nothing that this report shows has changed."


def _overview(report: ReportRecord) -> Iterator[str]:
    yield "## Overview"
    if not report.candidates:
        yield "No disease could be ranked; see the notes above."
        return
    rows = [
        (
            str(item.rank),
            f"{plain(item.label)} ({item.id})" + (" – contradicted by a rule" if item.contradicted else ""),
            percent(item.probability),
            bearing_counts(item),
            _counts(item.verdicts),
        )
        for item in report.candidates
    ]
    yield _table(("#", "Disease", "Probability", "Findings", "Rules"), rows)
    if report.sufficiency:
        yield plain(report.sufficiency)


def _counts(verdicts: Sequence[VerdictRecord]) -> str:
    return ", ".join(f"{number} {verdict}" for verdict, number in verdict_counts(verdicts).items() if number)


def _patient(report: ReportRecord) -> Iterator[str]:
    yield "## The case as it was read"
    patient = report.patient
    lines = [
        f"**{kind.heading}**: {'; '.join(map(_named, kind.items))}" + (f"; and {kind.more} more" if kind.more else "")
        for kind in case_lists(patient)
    ]
    if patient.unresolved:
        lines.append(f"**Not understood**: {'; '.join(map(plain, unresolved(patient)))}")
    yield _list(lines)


def _named(item: NamedRecord) -> str:
    words = f" “{plain(item.words)}”" if item.words else ""
    note = f" ({plain(item.note)})" if item.note else ""
    return f"{plain(item.label)} {item.id}{words}{note}"


def _checks(report: ReportRecord) -> Iterator[str]:
    if report.case_verdicts or report.requests:
        yield "## Checks of the case itself"
    if report.case_verdicts:
        yield _UNKNOWN
        yield _verdicts(report.case_verdicts)
    if report.requests:
        yield "What is missing:\n\n" + _list(map(plain, report.requests))


def _questions(report: ReportRecord) -> Iterator[str]:
    if report.questions:
        yield "## To find out next"
    for heading, items in question_groups(report.questions):
        yield f"### {heading}"
        yield "\n".join(
            f"{n}. **{plain(item.question)}** ({item.id}, {item.cost}, {item.bits:.2f} bits)  \n   {plain(item.reason)}"
            for n, item in enumerate(items, start=1)
        )
    if report.summary:
        yield "## In sentences"
        yield _list(f"*{claim.written_by}*: {plain(claim.text)}" for claim in report.summary)


def _comparison(report: ReportRecord) -> Iterator[str]:
    if report.comparison is None:
        return
    one, two = report.comparison.first, report.comparison.second
    right = {(item.id, item.status): item for item in two.findings}
    rows = [
        (_finding(item), ratio_in_words(item.likelihood_ratio), ratio_in_words(other.likelihood_ratio))
        for item in one.findings
        if item.likelihood_ratio is not None and (other := right.get((item.id, item.status))) is not None
    ]
    rows.append(("Probability", percent(one.probability), percent(two.probability)))
    yield "## Side by side"
    yield _table(("Finding", plain(one.label), plain(two.label)), rows)


def _candidate(item: CandidateRecord) -> Iterator[str]:
    yield f"## {item.rank}. {plain(item.label)} – {percent(item.probability)}"
    if item.note:
        yield f"**{plain(item.note)}**"
    yield " · ".join((_linked(item.id), *filter(None, [plain(item.definition or "")])))
    if item.findings:
        rows = [
            (
                BEARINGS[found.bearing].heading,
                _finding(found),
                ratio_in_words(found.likelihood_ratio),
                found.frequency or "–",
                "; ".join((*map(plain, found.sources), *map(_linked, found.references[:3]))),
            )
            for found in tabled(item.findings)
        ]
        yield _table(("Bearing", "Finding", "Ratio", "Frequency", "Source"), rows)
        yield from map(plain, below_table(item.findings))
    yield _UNKNOWN
    yield _verdicts(item.verdicts)
    if item.treatments:
        yield "Medicines that the graph records for it, in this patient:"
        yield _list(_treatment(drug) for drug in item.treatments)


def _finding(item: BearingRecord) -> str:
    return plain(finding_name(item))


def _treatment(drug: TreatmentRecord) -> str:
    against = [plain(verdict.message) for verdict in violated(drug.verdicts)]
    return " ".join((f"**{plain(drug.label)}** {drug.id} ({_counts(drug.verdicts)})", *against))


def _verdicts(verdicts: Sequence[VerdictRecord]) -> str:
    shown = told(verdicts)
    lines = [_verdict(item) for item in shown.rows]
    if shown.not_applicable:
        lines.append(f"Not applicable here: {plain(', '.join(shown.not_applicable))}.")
    return _list(lines)


def _verdict(item: VerdictRecord) -> str:
    about = f"*{plain(item.about)}* " if item.about else ""
    rather = f" Rather: {plain(', '.join(item.instead))}." if item.instead else ""
    cited = f" {', '.join(map(_linked, item.references[:4]))}" if item.references else ""
    mark = VERDICTS[Verdict(item.verdict)].mark
    return f"{mark} **{item.verdict}** ({item.severity}, {item.id}): {about}{plain(item.message)}{rather}{cited}"


def _foot(report: ReportRecord) -> Iterator[str]:
    yield "## Sources and limits"
    yield _list(
        f"{plain(item.title)} {plain(item.release)} ({item.tier}). {plain(item.citation)}. {plain(item.licence)}"
        for item in report.sources
    )
    yield _list(map(plain, report.limits))


def _linked(reference: str) -> str:
    page = link_of(reference)
    return plain(reference) if page is None else f"[{plain(reference)}]({page})"


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
