"""MedQuAD's Genetics Home Reference (Ben Abacha & Demner-Fushman 2019): the genes and modes that its answers name.

Gold genes are the HGNC symbols in sentences of the published answer that speak of a gene: approved symbols, matched in
their capitals as whole words, and former symbols or aliases of just one gene where "gene" stands beside them. An
answer's genes are those of the gene facts that its sentences cite, and those in its quotations by the same rule.
"""

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from kg import Category, Curie, Fact, Predicate, Snapshot
from retrieval import EvidenceKind

from ..answering import Answer

COLLECTION = "3_GHR_QA"
MODES: Mapping[str, str] = {
    "autosomal dominant": r"autosomal[- ]dominant",
    "autosomal recessive": r"autosomal[- ]recessive",
    "X-linked": r"\bX-linked",
    "Y-linked": r"\bY-linked",
    "mitochondrial": r"mitochondrial (pattern( of inheritance)?|inheritance)|maternal(ly)? (inherit|pattern)",
    "not inherited": (
        r"\b(is|are) (\w+ )?not (\w+ )?inherited|\bnot (usually|generally|typically) inherited|\bsporadic\b"
    ),
}
"""Mode -> how an answer names it; regular expressions, in any capitals."""

_SYMBOL = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Row:
    """One question with its published answer."""

    disease: str
    type: str
    question: str
    answer: str


def read_rows(path: Path) -> Iterator[Row]:
    """The questions of both types, in the order of the archive."""
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if COLLECTION in name and name.endswith(".xml"):
                document = ElementTree.fromstring(archive.read(name))
                disease = document.findtext("Focus") or ""
                for pair in document.iter("QAPair"):
                    question = pair.find("Question")
                    if question is not None and question.get("qtype") in ("genetic changes", "inheritance"):
                        yield Row(
                            disease, question.get("qtype", ""), question.text or "", pair.findtext("Answer") or ""
                        )


class GeneNames:
    """Reads gene symbols out of an answer."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._approved: dict[str, Curie] = {}
        aliases: dict[str, set[Curie]] = defaultdict(set)
        for curie in snapshot.concepts(Category.GENE):
            concept = snapshot.concept(curie)
            self._approved[concept.label] = curie
            for name in concept.names[1:]:
                if name.abbreviation:
                    aliases[name.text].add(curie)
        self._aliases = {text: next(iter(curies)) for text, curies in aliases.items() if len(curies) == 1}

    def genes_in(self, text: str) -> set[Curie]:
        """The genes that a text names."""
        found: set[Curie] = set()
        for sentence in _SENTENCE.split(text):
            if re.search(r"\bgenes?\b", sentence):
                found.update(self._in_sentence(sentence))
        return found

    def _in_sentence(self, sentence: str) -> Iterator[Curie]:
        for match in _SYMBOL.finditer(sentence):
            symbol = match.group()
            if symbol in self._approved:
                yield self._approved[symbol]
            elif symbol in self._aliases and re.search(
                rf"\b{re.escape(symbol)} gene|\bgene {re.escape(symbol)}\b", sentence
            ):
                yield self._aliases[symbol]


def cited_facts(answer: Answer, predicate: Predicate, first_only: bool = False) -> list[Fact]:
    """Facts of a predicate that the sentences of an answer cite; of the first such sentence alone if asked."""
    found: list[Fact] = []
    for claim in answer.verified.claims:
        items = [item for n in claim.citations if (item := answer.context.item(n)) is not None]
        found += [fact for item in items for fact in item.facts if fact.predicate is predicate and not fact.negated]
        if found and first_only:
            break
    return found


def quoted_genes(answer: Answer, names: GeneNames) -> set[Curie]:
    """Genes that quoted passages name, by the rule for published answers."""
    items = [(claim, answer.context.item(n)) for claim in answer.verified.claims for n in claim.citations]
    quoted = [claim.text for claim, item in items if item is not None and item.kind is EvidenceKind.PASSAGE]
    return {gene for text in quoted for gene in names.genes_in(text)}


def modes_in(text: str) -> list[str]:
    """The modes that an answer names, in the order in which it does."""
    found = [(match.start(), mode) for mode, pattern in MODES.items() if (match := re.search(pattern, text, re.I))]
    return [mode for _, mode in sorted(found)]
