"""The forms of a report, and how they reach the disk: all of them whole, or none."""

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from ..errors import UnwritableFile, UsageError
from .record import ReportRecord


class ReportFormat(Enum):
    """A form, by the ending of its file; longer endings come first."""

    FHIR = ".fhir.json"
    PHENOPACKET = ".phenopacket.json"
    JSON = ".json"
    HTML = ".html"
    MARKDOWN = ".md"
    PDF = ".pdf"


_ALSO = {".htm": ReportFormat.HTML, ".markdown": ReportFormat.MARKDOWN}


def format_of(path: Path) -> ReportFormat:
    """The form that a file's name asks for.

    Raises:
        UsageError: its ending is of none.
    """
    name = path.name.lower()
    for form in ReportFormat:
        if name.endswith(form.value):
            return form
    for ending, form in _ALSO.items():
        if name.endswith(ending):
            return form
    known = ", ".join(form.value for form in ReportFormat)
    raise UsageError(f"{path} has no ending of a report; choose from {known}.")


def render(form: ReportFormat, report: ReportRecord, packet: Mapping[str, Any]) -> bytes:
    """The content of one file; ``packet`` is the case with its proposals as a phenopacket."""
    if form is ReportFormat.PDF:
        from .pdf import pdf

        return pdf(report)
    if form is ReportFormat.HTML:
        from .html import html

        return _bytes(html(report))
    if form is ReportFormat.MARKDOWN:
        from .markdown import markdown

        return _bytes(markdown(report))
    if form is ReportFormat.FHIR:
        from .fhir import fhir_bundle

        return _json(fhir_bundle(report))
    if form is ReportFormat.PHENOPACKET:
        return _json(packet)
    return _bytes(report.model_dump_json(indent=1) + "\n")


def _json(value: Mapping[str, Any]) -> bytes:
    return _bytes(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def write_reports(paths: Sequence[Path], report: ReportRecord, packet: Mapping[str, Any]) -> None:
    """Write each path in the form of its ending; a file that is there is replaced only by a whole one.

    Raises:
        UsageError: an ending is of no form.
        UnwritableFile: a file cannot be written; none is replaced before all are on the disk.
    """
    contents = [(path, render(format_of(path), report, packet)) for path in paths]
    scratches: list[tuple[Path, Path]] = []
    current = Path()
    try:
        for path, content in contents:
            current = path
            scratch = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(3)}")
            scratches.append((scratch, path))
            with scratch.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for scratch, path in scratches:
            current = path
            os.replace(scratch, path)
    except OSError as error:
        raise UnwritableFile(current, error.strerror or str(error)) from error
    finally:
        for scratch, _ in scratches:
            scratch.unlink(missing_ok=True)
