"""PubMed citations as XML (US National Library of Medicine): abstracts as texts, and what their indexing says together.

Most abstracts are under the copyright of their publishers: they may be indexed on the user's own machine, never passed
on. MeSH headings are the library's own work and free.
"""

import gzip
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from ..concept import Category, Concept, Curie, Description, Name, NameKind
from ..errors import MalformedSource
from ..fact import AgentType, Evidence, Fact, KnowledgeLevel, Predicate
from ..record import Record

ABSTRACTS = "pubmed"
PAIRS = "pubmed-pairs"
_YEAR = re.compile(r"(?:18|19|20)\d\d")
_CITED = 20  # references kept of each pair; the count says how many there are

# Qualifier of the drug's heading, qualifier of the disease's heading in the same citation -> what the two say together.
_PATTERNS = {
    ("Q000627", "Q000188"): Predicate.APPLIED_TO_TREAT,  # therapeutic use; drug therapy
    ("Q000009", "Q000139"): Predicate.HAS_SIDE_EFFECT,  # adverse effects; chemically induced
}


@dataclass(frozen=True, slots=True)
class _Heading:
    curie: Curie
    label: str
    qualifiers: frozenset[str]
    major: bool


def read_pubmed(*files: Any) -> Iterator[Record]:
    """The English abstract of every citation, with title, year and PubMed number; the last argument is the release."""
    *documents, release = files
    for citation in _citations(documents, ABSTRACTS):
        parts = citation.findall("Article/Abstract/AbstractText")
        text = "\n".join(_labelled(part) for part in parts if "".join(part.itertext()).strip())
        if text and citation.findtext("Article/Language") == "eng":
            title = "".join(citation.find("Article/ArticleTitle").itertext()).strip()  # type: ignore[union-attr] # the DTD requires it
            number = citation.findtext("PMID")
            yield Description(None, title, text, "abstract", ABSTRACTS, release, f"PMID:{number}", _year(citation))


def read_pubmed_pairs(*files: Any) -> Iterator[Record]:
    """Drugs and diseases that indexers put together, with the publications and their number.

    A drug indexed with "therapeutic use" and a disease with "drug therapy" in one citation give an ``applied_to_treat``
    fact; "adverse effects" and "chemically induced" a ``has_side_effect`` fact. One of the two must be a major topic.
    The indexer did not say that the one is for the other, so this is a statistical association.
    """
    *documents, release = files
    labels: dict[Curie, tuple[str, Category]] = {}
    found: dict[tuple[Curie, Predicate, Curie], list[str]] = defaultdict(list)
    for citation in _citations(documents, PAIRS):
        headings = [_heading(item) for item in citation.findall("MeshHeadingList/MeshHeading")]
        for (of_drug, of_disease), predicate in _PATTERNS.items():
            drugs = [heading for heading in headings if of_drug in heading.qualifiers]
            for disease in (heading for heading in headings if of_disease in heading.qualifiers):
                for drug in (drug for drug in drugs if drug.major or disease.major):
                    labels.setdefault(drug.curie, (drug.label, Category.DRUG))
                    labels.setdefault(disease.curie, (disease.label, Category.DISEASE))
                    found[drug.curie, predicate, disease.curie].append(f"PMID:{citation.findtext('PMID')}")
    for curie, (label, category) in sorted(labels.items()):
        yield Concept(curie, category, (Name(label, NameKind.LABEL),))
    for (subject, predicate, other), numbers in sorted(found.items()):
        evidence = Evidence(
            PAIRS,
            release,
            subject,
            tuple(sorted(numbers)[:_CITED]),
            knowledge_level=KnowledgeLevel.STATISTICAL,
            agent_type=AgentType.TEXT_MINING,
            publication_count=len(numbers),
        )
        yield Fact(subject, predicate, other, (evidence,))


def _citations(files: list[Any], source: str) -> Iterator[ElementTree.Element]:
    """Every citation of every gzipped file; it is emptied when the next one is asked for."""
    for file in files:
        try:
            with gzip.open(file) as text:
                for _, element in ElementTree.iterparse(text):
                    if element.tag == "MedlineCitation":
                        yield element
                        element.clear()
        except (ElementTree.ParseError, OSError, EOFError, zlib.error) as error:
            raise MalformedSource(source, "its XML", str(error)) from error


def _heading(item: ElementTree.Element) -> _Heading:
    descriptor = item.find("DescriptorName")
    assert descriptor is not None
    qualifiers = item.findall("QualifierName")
    major = any(part.get("MajorTopicYN") == "Y" for part in (descriptor, *qualifiers))
    numbers = frozenset(part.get("UI", "") for part in qualifiers)
    return _Heading(f"MESH:{descriptor.get('UI')}", descriptor.text or "", numbers, major)


def _labelled(part: ElementTree.Element) -> str:
    text, label = "".join(part.itertext()).strip(), part.get("Label", "")
    return f"{label}: {text}" if label and label != "UNLABELLED" else text


def _year(citation: ElementTree.Element) -> int | None:
    date = citation.find("Article/Journal/JournalIssue/PubDate")
    found = _YEAR.search("".join(date.itertext())) if date is not None else None
    return int(found[0]) if found else None
