"""Abstracts of PubMed XML (https://www.nlm.nih.gov/bsd/licensee/data_elements_doc.html)."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from ..concept import Description
from ..record import Record
from .intake import Intake
from .kinds import Kind
from .markup import elements, of_root, text_of

ROOTS = frozenset({"PubmedArticleSet", "PubmedArticle", "PubmedBookArticleSet"})
_RETRACTED = {"Retracted Publication", "Retraction of Publication"}
_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")


def read_pubmed(paths: Sequence[Path], intake: Intake) -> Iterator[Record]:
    """A description for each article with an abstract, its labelled parts as paragraphs; retracted ones are reported.

    Raises:
        NotThisFormat: no file is PubMed XML.
        UnsafeXml: it could exhaust the memory.
    """
    for path in of_root(paths, ROOTS, intake):
        for place, article in enumerate(elements(path, frozenset({"PubmedArticle"}), intake), 1):
            description = _abstract(article, f"{path.name} article {place}", intake)
            if description is not None:
                yield description


def _abstract(article: Element, where: str, intake: Intake) -> Description | None:
    citation = article.find("MedlineCitation")
    number = text_of(citation.find("PMID")) if citation is not None else ""
    if citation is None or not number.isdigit():
        intake.reject(Kind.MALFORMED, where, "the article has no PMID")
        return None
    if {text_of(kind) for kind in citation.iter("PublicationType")} & _RETRACTED:
        intake.reject(Kind.RETRACTED, f"PMID:{number}", "the publication was retracted")
        return None
    text = "\n\n".join(filter(None, map(_part, citation.findall("Article/Abstract/AbstractText"))))
    if not text:
        intake.reject(Kind.NO_TEXT, f"PMID:{number}", "the article has no abstract")
        return None
    request = intake.request
    title = text_of(citation.find("Article/ArticleTitle")).strip("[].") or f"PMID:{number}"
    return Description(
        None, title, text, "abstract", request.source, request.release, f"PMID:{number}", _year(citation)
    )


def _part(element: Element) -> str:
    text, label = text_of(element), element.get("Label", "").strip()
    return f"{label.capitalize()}: {text}" if label and text and label.upper() != "UNLABELLED" else text


def _year(citation: Element) -> int | None:
    """The year of the journal issue; else that of the electronic version, else that of the record."""
    for path in ("Article/Journal/JournalIssue/PubDate", "Article/ArticleDate", "DateCompleted"):
        if found := _YEAR.search(text_of(citation.find(path))):
            return int(found[1])
    return None
