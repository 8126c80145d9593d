"""Folders of documents: PDF, plain text, Markdown and HTML, as sections with their headings."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ..concept import Description
from ..record import Record
from .errors import FileTooLarge
from .files import text_lines, whole_text
from .intake import Intake
from .kinds import Kind

_LIMIT_BYTES = 64 << 20  # Markdown and HTML are parsed as a whole
_PART = 100_000  # characters of a plain text file; retrieval cuts passages of its own


_LINED = frozenset({".txt", ".text"})  # reading their lines reports that there are none


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a document: its headings from the outermost inwards, its text, and where it is (``p3``)."""

    headings: tuple[str, ...]
    text: str
    anchor: str


SectionReader: TypeAlias = Callable[[Path, Intake], Iterator[Section]]


def read_documents(paths: Sequence[Path], intake: Intake) -> Iterator[Record]:
    """A description for each section of each document, titled by document and headings.

    The reference is the path inside the folder that was passed, ``#``, and the page or heading. Documents without text
    are reported, and so are those that cannot be read.
    """
    for path in paths:
        name = _name(path, intake)
        found = False
        try:
            for section in READERS[path.suffix.lower()](path, intake):
                found = True
                yield _description(name, section, intake)
        except FileTooLarge as error:
            intake.reject(Kind.LEFT_OUT, name, str(error))
            continue
        if not found and path.stat().st_size:
            intake.reject(Kind.NO_TEXT, name, "no text can be read from it")
        elif not found and path.suffix.lower() not in _LINED:
            intake.reject(Kind.EMPTY, name, "the file is empty")


def _name(path: Path, intake: Intake) -> str:
    """The path inside the folder that the user passed; the name of a file that was passed itself."""
    for given in intake.request.paths:
        if given != path and path.is_relative_to(given):
            return path.relative_to(given).as_posix()
    return path.name


def _description(name: str, section: Section, intake: Intake) -> Description:
    title = " > ".join(dict.fromkeys(" ".join(heading.split()) for heading in section.headings if heading.strip()))
    reference = f"{name}#{section.anchor}" if section.anchor else name
    request = intake.request
    return Description(
        None, title or name, section.text, "document section", request.source, request.release, reference
    )


def _read_text(path: Path, intake: Intake) -> Iterator[Section]:
    """A plain text in parts that end at an empty line, or anywhere if there is none for very long."""
    lines: list[str] = []
    size = start = 0
    for number, line in text_lines(path, intake):
        start = start or number
        lines.append(line)
        size += len(line)
        if size > 2 * _PART or (size > _PART and not line.strip()):
            if text := "\n".join(lines).strip():
                yield Section((path.stem,), text, f"l{start}")
            lines, size, start = [], 0, 0
    if text := "\n".join(lines).strip():
        yield Section((path.stem,), text, f"l{start}")


def _read_pdf(path: Path, intake: Intake) -> Iterator[Section]:
    from .pdf import pdf_sections

    return pdf_sections(path, intake)


def _read_markdown(path: Path, intake: Intake) -> Iterator[Section]:
    from .markdown import markdown_sections

    text = whole_text(path, intake, _LIMIT_BYTES, "split it into smaller documents")
    return markdown_sections(text, path.stem) if text else iter(())


def _read_html(path: Path, intake: Intake) -> Iterator[Section]:
    from .html import html_sections

    text = whole_text(path, intake, _LIMIT_BYTES, "split it into smaller documents")
    return html_sections(text, path.stem) if text else iter(())


READERS: Mapping[str, SectionReader] = {
    ".pdf": _read_pdf,
    ".txt": _read_text,
    ".text": _read_text,
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".html": _read_html,
    ".htm": _read_html,
    ".xhtml": _read_html,
}
"""Ending of a document's name -> what reads it."""
