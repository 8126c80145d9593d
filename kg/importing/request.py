"""What a user asks to import."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..concept import Category


class Format(StrEnum):
    """What kinds of files can be imported, by the names a user passes."""

    OBO = "obo"
    OWL = "owl"  # RDF/XML, Turtle, N-Triples and the other RDF syntaxes, with OWL or SKOS inside
    OBOGRAPH = "obograph"  # JSON
    KGX = "kgx"  # tab-separated or JSON lines
    SSSOM = "sssom"
    TABLE = "table"  # CSV or TSV triples, with a mapping file
    UMLS = "umls"  # a folder of RRF files
    RXNORM = "rxnorm"  # a folder of RRF files
    PRIMEKG = "primekg"
    HETIONET = "hetionet"  # nodes.tsv and edges.sif, or edges.sif.gz
    PUBMED = "pubmed"
    MEDQUAD = "medquad"
    DOCUMENTS = "documents"  # PDF, text, Markdown, HTML


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """One import: files of one format that become one source.

    ``prefixes`` are the prefixes of identifiers that the user declares beside those the graph knows. ``mapping`` is the
    mapping file of a `Format.TABLE`. ``encoding`` is tried on lines that are not UTF-8. ``category`` is what concepts
    are when neither the file nor their prefix says it.
    """

    source: str
    release: str
    paths: tuple[Path, ...]
    format: Format
    mapping: Path | None = None
    prefixes: frozenset[str] = frozenset()
    encoding: str | None = None
    category: Category = Category.OTHER

    def __post_init__(self) -> None:
        if not self.paths:
            raise ValueError("an import needs at least one file or folder")
