"""The text of PDF files, page by page."""

import logging
from collections.abc import Iterator
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from .documents import Section
from .intake import Intake
from .kinds import Kind

# What the library says about odd files is said again, in plain words, by the report of the import.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

# A damaged file makes the parser fail in many ways beside its own errors.
_DAMAGED = (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, OSError, RecursionError)


def pdf_sections(path: Path, intake: Intake) -> Iterator[Section]:
    """A section for each page with text; pages and files that cannot be read are reported."""
    try:
        reader = PdfReader(path)
        pages = len(reader.pages)
        title = _title(reader) or path.stem
    except NotImplementedError as error:
        intake.reject(Kind.LEFT_OUT, path.name, f"the PDF is locked in a way that cannot be opened ({error})")
        return
    except _DAMAGED as error:
        reason = "it is locked by a password" if "decrypt" in str(error) else f"it is no readable PDF ({error})"
        intake.reject(Kind.MALFORMED, path.name, reason)
        return
    for number in range(pages):
        try:
            text = reader.pages[number].extract_text()
        except (*_DAMAGED, NotImplementedError) as error:
            intake.reject(Kind.MALFORMED, f"{path.name} page {number + 1}", f"the page cannot be read ({error})")
            continue
        if text := "\n".join(line.rstrip() for line in text.splitlines()).strip():
            yield Section((title, f"page {number + 1}"), text, f"p{number + 1}")


def _title(reader: PdfReader) -> str:
    told = reader.metadata
    return (told.title or "").strip() if told is not None else ""
