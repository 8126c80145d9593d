"""What ``report`` does once its arguments are read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kg import Case, Curie, MedicationUse, Proposal, RuleResult, Stamp, packet_of
from retrieval import NothingToRank

from .case_reading import TypedCase, case_of, given_cases, is_single, usable_case
from .comparing import compared
from .config import Settings
from .differential import Differential
from .errors import UsageError
from .inputs import read_bytes
from .interview import interview
from .next_steps import next_steps
from .progress import ProgressBars
from .records import claim_record
from .report import Extras, ReportRecord, changes_since, format_of, report_record, write_reports
from .report.changes import read_report
from .report.wording import percent
from .wiring import Application

DEFAULT_TOP = 10
_TREATED = 5  # diseases whose medicines are checked
_MOST_DRUGS = 8


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
        case = case_of(application, name, source)
        bars.close()
        if options.ask:
            case = _asked(application, case, options)
        stamp = replace(stamp, kg_version=application.snapshot.version)
        report, differential = make_report(application, case, stamp, options)
    if earlier is not None:
        report = report.model_copy(update={"changes": changes_since(earlier, report)})
    packet = packet_of(case, _proposals(differential), application.snapshot, stamp, _original(source))
    write_reports(options.to, report, packet)
    for path in options.to:
        print(path)


def make_report(
    application: Application, case: Case, stamp: Stamp, options: ReportOptions
) -> tuple[ReportRecord, Differential]:
    """The report of a case that was read, and the differential behind it.

    A case whose findings cannot be ranked, but which names medicines, has a report of their risks without diseases.

    Raises:
        NothingToRank: there is no finding to rank and no medicine to check.
    """
    snapshot = application.snapshot
    withheld = case.publications if options.withhold_own_publications else ()
    try:
        differential = application.diagnostician.differential(
            case,
            options.top,
            withhold_own_publications=options.withhold_own_publications,
            explain=options.top,
        )
    except NothingToRank as error:
        if not case.medications:
            raise
        unranked = _unranked(application, case, str(error))
        return report_record(unranked, snapshot, stamp), unranked
    pair = None if options.compare is None else compared(application, differential, options.compare, withheld)
    outlook = next_steps(application.planner, snapshot, case, withheld)
    extras = Extras(outlook, pair, _treatments(application, differential))
    if options.explain and (explainer := application.explainer) is not None:
        said = explainer.explain(differential)
        extras = replace(extras, summary=[claim_record(claim) for claim in said.verified.claims], model=said.model)
    return report_record(differential, snapshot, stamp, extras), differential


def _unranked(application: Application, case: Case, reason: str) -> Differential:
    """A differential without diseases that holds what the rules say of the medicines."""
    usable = usable_case(case, application.snapshot)
    present = [item.concept for item in case.medications if item.use is not MedicationUse.PAST]
    drugs = application.diagnostician.drugs(usable, present)
    results = tuple(result for found in drugs.values() for result in found)
    return Differential(case, (), 0, application.snapshot.version, {}, results, warnings=(reason,))


def _treatments(
    application: Application, differential: Differential
) -> dict[Curie, dict[Curie, tuple[RuleResult, ...]]]:
    """What the rules say of the medicines that are recorded for the first diseases."""
    usable = usable_case(differential.case, application.snapshot)
    found = {}
    for diagnosis in differential.diagnoses[:_TREATED]:
        drugs = application.diagnostician.treatments(usable, diagnosis.ranked.disease)
        found[diagnosis.ranked.disease] = dict(list(drugs.items())[:_MOST_DRUGS])
    return found


def _asked(application: Application, case: Case, options: ReportOptions) -> Case:
    withheld = case.publications if options.withhold_own_publications else ()
    usable = usable_case(case, application.snapshot)
    answers = interview(application.planner, application.snapshot, usable, withheld)
    return replace(case, findings=(*case.findings, *answers))


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
