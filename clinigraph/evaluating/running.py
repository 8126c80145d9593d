"""Runs the suites that were asked for and writes their figures."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model import Signs, shipped_risk_model

from ..errors import UnwritableFile, UsageError
from ..progress import ProgressBars
from . import abstracts, diagnoses, genetics, graph_questions, language, statements
from .rows import Row, RowStore

if TYPE_CHECKING:
    from ..wiring import Application


class Suite(StrEnum):
    """What can be measured; all but ``language`` need a file or folder."""

    GRAPH = graph_questions.SUITE
    BIOMIXQA = statements.SUITE
    PUBMEDQA = abstracts.SUITE
    GHR = genetics.SUITE
    DIFFERENTIAL = diagnoses.SUITE
    FORGETTING = language.FORGETTING
    EDGES = language.EDGES


@dataclass(frozen=True, slots=True)
class Request:
    """One suite and the file it reads."""

    suite: Suite
    path: Path | None


Measure = Callable[["Application", Path, int, Callable[[str, str, str], bool]], Iterator[tuple[Row | None, int, int]]]

_MEASURES: dict[Suite, Measure] = {
    Suite.GRAPH: graph_questions.measure,
    Suite.BIOMIXQA: statements.measure,
    Suite.PUBMEDQA: abstracts.measure,
    Suite.GHR: genetics.measure,
    Suite.DIFFERENTIAL: diagnoses.measure,
    Suite.EDGES: language.measure_edges,
}
_SUMMARIES: dict[Suite, Callable[[list[Row]], dict[str, Any]]] = {
    Suite.BIOMIXQA: statements.summarise,
    Suite.PUBMEDQA: abstracts.summarise,
    Suite.GHR: genetics.summarise,
    Suite.DIFFERENTIAL: diagnoses.summarise,
    Suite.FORGETTING: language.summarise_forgetting,
    Suite.EDGES: language.summarise_edges,
}


def parse_requests(words: Sequence[str]) -> list[Request]:
    """What ``SUITE=FILE`` words ask for.

    Raises:
        UsageError: a suite is unknown, or lacks its file.
    """
    requests = []
    for word in words:
        name, _, place = word.partition("=")
        if name not in list(Suite):
            raise UsageError(f"There is no suite {name!r}; use {', '.join(Suite)}.")
        path = Path(place).expanduser() if place else None
        if path is None and Suite(name) is not Suite.FORGETTING:
            raise UsageError(f"The suite {name} needs its file: write {name}=FILE.")
        if path is not None and not path.exists():
            raise UsageError(f"{path} does not exist; it was to be read for {name}.")
        requests.append(Request(Suite(name), path))
    return requests


def evaluate(
    application: "Application", requests: Sequence[Request], out: Path, sample: int, bars: ProgressBars
) -> dict[str, Any]:
    """Measure what is not yet in ``out``'s rows, then write and return the figures.

    The rows lie beside ``out``, as ``NAME.rows.jsonl``; sentences to judge by hand as ``NAME.sheet.jsonl``.

    Raises:
        UnwritableFile: ``out`` cannot be written.
    """
    model = application.generator.name if application.generator is not None else "graph"
    header = {"kg_version": application.snapshot.version, "model": model, "sample": str(sample)}
    with RowStore(out.with_suffix(".rows.jsonl"), header) as store:
        for request in requests:
            for row, done, total in _measured(application, request, sample, store):
                bars(f"evaluate {request.suite.value}", done, total)
                if row is not None:
                    store.add(row)
        results: dict[str, Any] = {**header, "suites": {}}
        for request in requests:
            results["suites"][request.suite.value] = _summary(request.suite, store.of(request.suite))
        judged = graph_questions.sheet(store.of(Suite.GRAPH), 60)
    _write(out, json.dumps(results, indent=1, ensure_ascii=False))
    if judged:
        lines = [json.dumps(row, ensure_ascii=False) for row in judged]
        _write(out.with_suffix(".sheet.jsonl"), "\n".join(lines) + "\n")
    return results


def _measured(
    application: "Application", request: Request, sample: int, store: RowStore
) -> Iterator[tuple[Row | None, int, int]]:
    if request.suite is Suite.FORGETTING:
        yield from language.measure_forgetting(application, request.path, sample, store.has)
    elif request.path is not None:
        yield from _MEASURES[request.suite](application, request.path, sample, store.has)


def _summary(suite: Suite, rows: list[Row]) -> dict[str, Any]:
    if suite is Suite.GRAPH:
        return graph_questions.summarise(rows, risk_of, shipped_risk_model().threshold)
    return _SUMMARIES[suite](rows)


def risk_of(row: Row) -> float | None:
    """The lowest risk that an answer had while it grew; ``None`` where its form makes sure of it."""
    if row.get("by_form") or not row.get("signs"):
        return None
    return min(shipped_risk_model().risk(Signs(**signs)) for signs in row["signs"])


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnwritableFile(path, error.strerror or str(error)) from error
