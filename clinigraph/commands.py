"""What ``ask``, ``diagnose`` and ``annotate`` do once their arguments are read."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kg import Case, GraphError, read_phenopacket
from model import ModelError
from retrieval import RetrievalError, draw_mentions

from .answering import QuestionAnswerer, check_question
from .config import Settings
from .contract import FailedCaseRecord, FailedQuestionRecord
from .differential import Differential
from .errors import UsageError
from .explaining import CANDIDATES
from .inputs import decode, read_bytes, read_cases, read_texts
from .output import json_lines
from .progress import ProgressBars
from .records import answer_record, claim_record, differential_record, mention_record
from .screen import AnswerScreen, show_differential, show_mentions
from .wiring import Application

_TOP_PRINTED = 5
_TOP_WRITTEN = 100


def ask_one(settings: Settings, question: str, *, as_json: bool) -> None:
    """Print the answer to one question."""
    check_question(question)
    with ProgressBars() as bars:
        application = Application(settings, bars)
        answerer = application.answerer
        bars.close()
        if as_json:
            print(answer_record(answerer.answer(question), application.snapshot).model_dump_json())
            return
        screen = AnswerScreen()
        screen.finish(answerer.answer(question, on_claim=screen.show_claim))


def ask_batch(settings: Settings, questions: Path, out: Path) -> None:
    """Write one JSON object for each line of a file; a line that is no question gets ``{question, error}``."""
    lines = [line for line in decode(read_bytes(questions), questions).splitlines() if line.strip()]
    if not lines:
        raise UsageError(f"{questions} has no question; write one a line.")
    with ProgressBars() as bars:
        application = Application(settings, bars)
        answerer = application.answerer  # before the output is opened, which empties what an earlier run wrote
        with json_lines(out) as file:
            _answer_lines(application, answerer, lines, bars, file)


def _answer_lines(
    application: Application, answerer: QuestionAnswerer, lines: list[str], bars: ProgressBars, file: IO[str]
) -> None:
    for done, line in enumerate(lines):
        bars("answer questions", done, len(lines))
        try:
            record = answer_record(answerer.answer(line), application.snapshot).model_dump_json()
        except (UsageError, ModelError) as error:
            record = FailedQuestionRecord(question=line[:200], error=str(error)).model_dump_json()
        file.write(record + "\n")
    bars("answer questions", len(lines), len(lines))


@dataclass(frozen=True, slots=True)
class DiagnoseOptions:
    """How cases are diagnosed. ``None`` for ``top`` or ``explain`` lets the kind of output decide."""

    top: int | None
    withhold_own_publications: bool
    explain: bool | None


def diagnose_cases(settings: Settings, path: Path, out: Path | None, options: DiagnoseOptions) -> None:
    """Print the differential of each case, or write one JSON object a case; a bad case does not stop a batch."""
    single = not path.is_dir() and path.suffix.lower() != ".zip"
    with ProgressBars() as bars:
        application = Application(settings, bars)
        cases = list(read_cases(path))
        _ = application.diagnostician  # a graph or model that cannot be opened is no fault of a case
        if out is None:
            _print_cases(application, bars, cases, options, single)
            return
        if options.explain:
            _ = application.explainer
        failed: Exception | None = None
        with json_lines(out) as file:
            for done, (name, content) in enumerate(cases):
                bars("diagnose cases", done, len(cases))
                failed = _write_case(application, name, content, options, file)
        bars("diagnose cases", len(cases), len(cases))
    if single and failed is not None:
        raise failed


def _write_case(
    application: Application, name: str, content: bytes | UsageError, options: DiagnoseOptions, file: IO[str]
) -> Exception | None:
    """Write the line of one case; returns the error that the line reports, if it reports one."""
    failure: Exception | None = None
    try:
        explained = CANDIDATES if options.explain else 0
        differential = _differential(application, name, content, options, _TOP_WRITTEN, explained)
        record = differential_record(differential, application.snapshot)
        if options.explain and application.explainer is not None:
            said = application.explainer.explain(differential)
            summary = [claim_record(claim) for claim in said.verified.claims]
            record = record.model_copy(update={"summary": summary, "model": said.model})
        line = record.model_dump_json()
    except (UsageError, GraphError, RetrievalError, ModelError) as error:
        failure = error
        line = FailedCaseRecord(case=name, error=str(error)).model_dump_json()
    file.write(line + "\n")
    return failure


def _print_cases(
    application: Application,
    bars: ProgressBars,
    cases: list[tuple[str, bytes | UsageError]],
    options: DiagnoseOptions,
    single: bool,
) -> None:
    explain = single if options.explain is None else options.explain
    failures = 0
    for name, content in cases:
        try:
            shown = options.top or _TOP_PRINTED
            differential = _differential(application, name, content, options, _TOP_PRINTED, max(shown, CANDIDATES))
        except (UsageError, GraphError, RetrievalError) as error:
            if single:
                raise
            failures += 1
            print(f"clinigraph: {error}", file=sys.stderr)
            continue
        bars.close()
        show_differential(differential, application.snapshot)
        if explain and (explainer := application.explainer) is not None:
            bars.close()
            screen = AnswerScreen()
            explanation = explainer.explain(differential, on_claim=screen.show_claim)
            screen.finish_explanation(explanation)
    if failures:
        raise UsageError(f"{failures} case{'s' if failures > 1 else ''} could not be diagnosed; see above.")


def _differential(
    application: Application,
    name: str,
    content: bytes | UsageError,
    options: DiagnoseOptions,
    default_top: int,
    explained: int,
) -> Differential:
    if isinstance(content, UsageError):
        raise content
    return application.diagnostician.differential(
        read_case(application, name, content),
        options.top or default_top,
        withhold_own_publications=options.withhold_own_publications,
        explain=explained,
    )


def read_case(application: Application, name: str, content: bytes) -> Case:
    """The case in a phenopacket, by its name or its first character, or in a text.

    Raises:
        MalformedCase: it is no phenopacket.
        UnreadableFile: it is no UTF-8 text, or empty.
    """
    if not content.strip():
        raise UsageError(f"{name} is empty; give a phenopacket or a text that describes a patient.")
    if name.lower().endswith(".json") or content.lstrip()[:1] == b"{":
        return read_phenopacket(content, name, application.snapshot)
    from retrieval import read_case_text  # needs spaCy

    return read_case_text(decode(content, name), name, application.reader, application.snapshot)


def annotate_texts(settings: Settings, place: str, *, as_json: bool, page: Path | None = None) -> None:
    """Print every mention of each text, as JSON lines or as a table, or write them to an HTML ``page``."""
    failures: list[UsageError] = []
    with ProgressBars() as bars:
        texts = list(_readable(place, failures))
        reader = Application(settings, bars).reader
        bars.close()
        if page is not None:
            marked = [(name, text, reader.mentions(text)) for name, text in texts]
            page.write_text(draw_mentions(marked), "utf-8", "replace")
            texts = []
        for name, text in texts:
            mentions = reader.mentions(text)
            if as_json:
                for mention in mentions:
                    print(mention_record(name, mention).model_dump_json())
            else:
                show_mentions(name, mentions)
    if failures:
        raise failures[0]


def _readable(place: str, failures: list[UsageError]) -> Iterator[tuple[str, str]]:
    for name, text in read_texts(place):
        if isinstance(text, UsageError):
            failures.append(text)
        else:
            yield name, text
