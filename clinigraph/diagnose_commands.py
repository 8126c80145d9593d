"""What ``diagnose`` does once its arguments are read."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from kg import Case, GraphError
from model import ModelError
from retrieval import Outlook, RetrievalError

from .case_reading import CaseSource, TypedCase, case_of, given_cases, is_single, usable_case
from .comparing import compared
from .config import Settings
from .contract import FailedCaseRecord
from .differential import Differential
from .errors import UsageError
from .explaining import CANDIDATES
from .interview import interview
from .next_steps import next_steps
from .output import json_lines
from .progress import ProgressBars
from .question_words import question_record
from .records import claim_record, differential_record
from .screen import AnswerScreen, show_differential
from .screen_questions import show_comparison, show_questions
from .wiring import Application

_TOP_PRINTED = 5
_TOP_WRITTEN = 100


@dataclass(frozen=True, slots=True)
class DiagnoseOptions:
    """How cases are diagnosed. ``None`` for ``top`` or ``explain`` lets the kind of output decide."""

    top: int | None
    withhold_own_publications: bool
    explain: bool | None
    ask: bool = False
    compare: tuple[str, str] | None = None


def diagnose_cases(settings: Settings, given: Path | TypedCase, out: Path | None, options: DiagnoseOptions) -> None:
    """Print the differential of each case, or write one JSON object a case; a bad case does not stop a batch."""
    single = is_single(given)
    if (options.ask or options.compare) and not single:
        raise UsageError("--ask and --compare need one case, not a folder or an archive.")
    with ProgressBars() as bars:
        application = Application(settings, bars)
        cases = given_cases(given)
        _ = application.diagnostician  # a graph or model that cannot be opened is no fault of a case
        if out is None:
            _print_cases(application, bars, cases, options, single)
            return
        if options.explain:
            _ = application.explainer
        failed: Exception | None = None
        with json_lines(out) as file:
            for done, (name, source) in enumerate(cases):
                bars("diagnose cases", done, len(cases))
                failed = _write_case(application, bars, name, source, options, file)
        bars("diagnose cases", len(cases), len(cases))
    if single and failed is not None:
        raise failed


def _write_case(
    application: Application, bars: ProgressBars, name: str, source: CaseSource, options: DiagnoseOptions, file: IO[str]
) -> Exception | None:
    """Write the line of one case; returns the error that the line reports, if it reports one."""
    failure: Exception | None = None
    try:
        case = _asked(application, bars, case_of(application, name, source), options)
        explained = CANDIDATES if options.explain else 0
        differential = _differential(application, case, options, _TOP_WRITTEN, explained)
        record = differential_record(differential, application.snapshot)
        more: dict[str, object] = {}
        if options.explain:
            outlook = _outlook(application, case, options)
            more["questions"] = [question_record(item, application.snapshot) for item in outlook.questions]
        if options.explain and application.explainer is not None:
            said = application.explainer.explain(differential)
            more |= {"summary": [claim_record(claim) for claim in said.verified.claims], "model": said.model}
        line = record.model_copy(update=more).model_dump_json()
    except (UsageError, GraphError, RetrievalError, ModelError) as error:
        failure = error
        line = FailedCaseRecord(case=name, error=str(error)).model_dump_json()
    file.write(line + "\n")
    return failure


def _print_cases(
    application: Application,
    bars: ProgressBars,
    cases: list[tuple[str, CaseSource]],
    options: DiagnoseOptions,
    single: bool,
) -> None:
    failures = 0
    for name, source in cases:
        try:
            case = _asked(application, bars, case_of(application, name, source), options)
            shown = options.top or _TOP_PRINTED
            differential = _differential(application, case, options, _TOP_PRINTED, max(shown, CANDIDATES))
        except (UsageError, GraphError, RetrievalError) as error:
            if single:
                raise
            failures += 1
            print(f"clinigraph: {error}", file=sys.stderr)
            continue
        bars.close()
        show_differential(differential, application.snapshot)
        if single:
            _show_more(application, bars, case, differential, options)
        elif options.explain:
            _explain(application, bars, differential)
    if failures:
        raise UsageError(f"{failures} case{'s' if failures > 1 else ''} could not be diagnosed; see above.")


def _show_more(
    application: Application,
    bars: ProgressBars,
    case: Case,
    differential: Differential,
    options: DiagnoseOptions,
) -> None:
    """What a single case gets beside its differential: two diseases side by side, questions, and an explanation."""
    if options.compare is not None:
        pair = compared(application, differential, options.compare, _withheld(case, options))
        show_comparison(pair, application.snapshot)
    show_questions(_outlook(application, case, options), application.snapshot)
    if options.explain or options.explain is None:
        _explain(application, bars, differential)


def _explain(application: Application, bars: ProgressBars, differential: Differential) -> None:
    if (explainer := application.explainer) is not None:
        bars.close()
        screen = AnswerScreen()
        explanation = explainer.explain(differential, on_claim=screen.show_claim)
        screen.finish_explanation(explanation)


def _asked(application: Application, bars: ProgressBars, case: Case, options: DiagnoseOptions) -> Case:
    """The case with the answers of an interview, where one is wanted."""
    if not options.ask:
        return case
    bars.close()
    usable = usable_case(case, application.snapshot)
    answers = interview(application.planner, application.snapshot, usable, _withheld(case, options))
    return replace(case, findings=(*case.findings, *answers))


def _outlook(application: Application, case: Case, options: DiagnoseOptions) -> Outlook:
    return next_steps(application.planner, application.snapshot, case, _withheld(case, options))


def _withheld(case: Case, options: DiagnoseOptions) -> tuple[str, ...]:
    return case.publications if options.withhold_own_publications else ()


def _differential(
    application: Application, case: Case, options: DiagnoseOptions, default_top: int, explained: int
) -> Differential:
    return application.diagnostician.differential(
        case,
        options.top or default_top,
        withhold_own_publications=options.withhold_own_publications,
        explain=explained,
    )
