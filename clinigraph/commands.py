"""What ``ask`` and ``annotate`` do once their arguments are read."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from model import ModelError
from retrieval import draw_mentions

from .answering import QuestionAnswerer, check_question
from .case_reading import read_case
from .case_records import case_record
from .case_screen import show_case
from .config import Settings
from .contract import FailedQuestionRecord
from .errors import UsageError
from .inputs import STANDARD_INPUT, decode, read_bytes, read_one, read_texts, stream_standard_input
from .output import json_lines
from .progress import ProgressBars
from .records import answer_record, mention_record
from .screen import AnswerScreen, show_mentions
from .wiring import Application


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


def annotate_texts(settings: Settings, place: str, *, as_json: bool, page: Path | None = None) -> None:
    """Print every mention of each text, as JSON lines or as a table, or write them to an HTML ``page``."""
    if place == STANDARD_INPUT and as_json and page is None:
        _annotate_stream(settings)
        return
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


def _annotate_stream(settings: Settings) -> None:
    """Print the mentions of standard input while it comes; neither the text nor the mentions are kept."""
    with ProgressBars() as bars:
        reader = Application(settings, bars).reader
        bars.close()
        for mention in reader.stream(stream_standard_input()):
            print(mention_record(STANDARD_INPUT, mention).model_dump_json())


def show_one_case(settings: Settings, place: str, *, as_json: bool) -> None:
    """Print the case that a letter tells or a phenopacket holds, as lines for people or as one JSON object."""
    name, content = read_one(place)
    with ProgressBars() as bars:
        application = Application(settings, bars)
        record = case_record(read_case(application, name, content), application.snapshot)
        bars.close()
    if as_json:
        print(record.model_dump_json())
    else:
        show_case(record)


def _readable(place: str, failures: list[UsageError]) -> Iterator[tuple[str, str]]:
    for name, text in read_texts(place):
        if isinstance(text, UsageError):
            failures.append(text)
        else:
            yield name, text
