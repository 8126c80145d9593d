"""Questions and answers of MedQuAD XML (Ben Abacha and Demner-Fushman 2019, doi:10.1186/s12859-019-3119-4)."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from ..concept import Description
from ..record import Record
from .intake import Intake
from .kinds import Kind
from .markup import elements, of_root, text_of

ROOTS = frozenset({"Document", "doc"})  # a few files of the NINDS folder are of an older form, in lower case
_PAIRS = frozenset({"QAPair", "pair"})
_BREAK = re.compile(r"\s*\n\s*\n\s*|\s{3,}(?=- )")  # answers are pages whose lists lost their lines


def read_medquad(paths: Sequence[Path], intake: Intake) -> Iterator[Record]:
    """A description for each question that has an answer; its title is the question, its reference the page's address.

    The reference ends in ``#`` and the question's identifier. Questions without an answer are reported: the dataset
    leaves out answers that are not free.

    Raises:
        NotThisFormat: no file is MedQuAD XML.
        UnsafeXml: it could exhaust the memory.
    """
    for path in of_root(paths, ROOTS, intake):
        for document in elements(path, ROOTS, intake):
            yield from _answers(document, f"{path.parent.name}/{path.name}", intake)


def _answers(document: Element, where: str, intake: Intake) -> Iterator[Description]:
    number = document.get("id") or document.get("docid") or ""
    page = document.get("url") or number or where
    for pair in (element for element in document.iter() if element.tag in _PAIRS):
        question = _either(pair, "Question")
        title = text_of(question)
        if question is None or not title:
            intake.reject(Kind.MALFORMED, where, "a pair has no question")
            continue
        identifier = question.get("qid") or f"{number}-{pair.get('pid', '')}"
        answer = _either(pair, "Answer")
        text = _paragraphs("".join(answer.itertext())) if answer is not None else ""
        if not text:
            intake.reject(Kind.NO_TEXT, f"{where} {identifier}", "the question has no answer")
            continue
        request = intake.request
        yield Description(None, title, text, "answer", request.source, request.release, f"{page}#{identifier}")


def _either(pair: Element, tag: str) -> Element | None:
    found = pair.find(tag)
    return found if found is not None else pair.find(tag.lower())


def _paragraphs(text: str) -> str:
    parts = (" ".join(part.split()) for part in _BREAK.split(text))
    return "\n".join(part for part in parts if part)
