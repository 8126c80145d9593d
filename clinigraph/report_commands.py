"""What ``report`` does once its arguments are read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kg import CheckedCase, Proposal, Stamp, packet_of
from retrieval import NothingToRank

from .case_reading import TypedCase, case_of, given_cases, is_single
from .comparing import compared
from .config import Settings
from .differential import Differential
from .errors import UsageError
from .inputs import read_bytes
from .interview import interview
from .progress import ProgressBars
from .records import claim_record
from .report import Extras, ReportRecord, changes_since, format_of, report_record, write_reports
from .report.changes import read_report
from .report.wording import percent
from .wiring import Application

DEFAULT_TOP = 10
_QUESTIONS = 6


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a report holds beside the differential; ``to`` are the files to write."""

    to: tuple[Path, ...]
    top: int = DEFAULT_TOP
    withhold_own_publications: bool = False
    explain: bool = False
    ask: bool = False
    compare: tuple[str, str] | None = None
    since: Path | None = None


def write_report(settings: Settings, given: Path | TypedCase, options: ReportOptions) -> None:
    """Write the report of one case in every form that was asked for, or none of them.

    Raises:
        UsageError: the case, an ending or the earlier report cannot be used.
    """
    for path in options.to:
        format_of(path)  # before anything is computed
    if not options.to:
        raise UsageError("Say where to write the report, such as --to report.html; repeat --to for more forms.")
    if not is_single(given):
        raise UsageError("A report is about one case, not a folder or an archive; give one file.")
    earlier = None if options.since is None else read_report(read_bytes(options.since), options.since)
    stamp = Stamp(datetime.now(UTC).replace(microsecond=0), f"clinigraph {version('clinigraph')}", "")
    with ProgressBars() as bars:
        application = Application(settings, bars)
        ((name, source),) = given_cases(given)
        checked = case_of(application, name, source)
        bars.close()
        if options.ask:
            checked = _asked(application, checked, options)
        stamp = replace(stamp, kg_version=application.snapshot.version)
        report, differential = make_report(application, checked, stamp, options)
    if earlier is not None:
        report = report.model_copy(update={"changes": changes_since(earlier, report)})
    packet = packet_of(checked.case, _proposals(differential), application.snapshot, stamp, _original(source))
    write_reports(options.to, report, packet)
    for path in options.to:
        print(path)


def make_report(
    application: Application, checked: CheckedCase, stamp: Stamp, options: ReportOptions
) -> tuple[ReportRecord, Differential]:
    """The report of a case that was read, and the differential behind it.

    A case without any finding that can be ranked has a report without diseases, which says so.
    """
    case = checked.case
    withheld = case.publications if options.withhold_own_publications else ()
    try:
        differential = application.diagnostician.differential(
            case,
            options.top,
            withhold_own_publications=options.withhold_own_publications,
            explain=options.top,
        )
    except NothingToRank as error:
        if not _says_something(checked):
            raise
        empty = Differential(case, (), 0, application.snapshot.version, {})
        told = replace(checked, notices=(str(error), *checked.notices))
        return report_record(told, empty, application.snapshot, stamp), empty
    pair = None if options.compare is None else compared(application, differential, options.compare, withheld)
    outlook = application.planner.outlook(case, _QUESTIONS, withhold=withheld)
    extras = Extras(outlook, pair)
    if options.explain and (explainer := application.explainer) is not None:
        said = explainer.explain(differential)
        extras = replace(extras, summary=[claim_record(claim) for claim in said.verified.claims], model=said.model)
    return report_record(checked, differential, application.snapshot, stamp, extras), differential


def _says_something(checked: CheckedCase) -> bool:
    """Whether a case without findings still holds what can be reported safely."""
    case = checked.case
    return bool(case.medications or case.conditions or case.allergies or case.family)


def _asked(application: Application, checked: CheckedCase, options: ReportOptions) -> CheckedCase:
    withheld = checked.case.publications if options.withhold_own_publications else ()
    answers = interview(application.planner, application.snapshot, checked.case, withheld)
    return replace(checked, case=replace(checked.case, findings=(*checked.case.findings, *answers)))


def _proposals(differential: Differential) -> list[Proposal]:
    return [
        Proposal(
            item.id,
            item.label,
            f"Rank {item.ranked.rank} of {differential.compared}, probability {percent(item.ranked.probability)}; "
            f"{len(item.violations)} rules violated. Proposed, not confirmed.",
        )
        for item in differential.diagnoses
    ]


def _original(source: object) -> Mapping[str, Any] | None:
    """The phenopacket that a case was read from, if it was one."""
    if not isinstance(source, bytes) or source.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return None
    packet = json.loads(source.decode("utf-8-sig"))
    return packet if "resourceType" not in packet else None
