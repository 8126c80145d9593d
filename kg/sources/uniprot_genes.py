"""Genes whose variants UniProt has found in patients with a disease (CC BY 4.0)."""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree

from ..concept import Curie
from ..errors import MalformedSource
from ..fact import Evidence, Fact, Predicate, Qualifier
from ..record import Record

SOURCE = "uniprot-genes"
_SYMBOL = re.compile(r"'=', '([^']+)'")


def read_uniprot_genes(
    variants: IO[bytes], found_in: IO[bytes], diseases: IO[bytes], genes: IO[bytes], release: str
) -> Iterator[Record]:
    """One ``gene_associated_with_condition`` fact per gene and disease, with the number of variants found.

    ``variants`` says of which gene a variant is, ``found_in`` in which disease it was found, ``diseases`` gives the
    OMIM number of a disease, all as XML; ``genes`` is HGNC's table. A disease without an OMIM number and a gene
    without an approved symbol are left out.
    """
    omim = {row["name"]: "O" + row["mim_reference"] for row in _records(diseases) if row.get("mim_reference")}
    gene_of = {row["variant"]: (row["gene"], row["protein"]) for row in _records(variants)}
    known = _symbols(genes)
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in _records(found_in):
        symbol, protein = gene_of.get(row["variant"], ("", ""))
        if symbol in known and row["phenotype"] in omim:
            counts[known[symbol], row["phenotype"], protein] += 1
    for (gene, name, protein), count in sorted(counts.items()):
        evidence = Evidence(SOURCE, release, omim[name], (f"UniProt:{name}", f"UniProtKB:{protein}"))
        said = ((Qualifier.COMMENT, f"{count} variant{'s' if count > 1 else ''} found in patients"),)
        yield Fact(gene, Predicate.GENE_OF_DISEASE, omim[name], (evidence,), qualifiers=said)


def _records(file: IO[bytes]) -> Iterator[dict[str, str]]:
    """Fields of each record: its text, what it refers to, or the symbol that it searches for."""
    try:
        for _, element in ElementTree.iterparse(file):
            if element.tag == "record":
                yield {item.get("name", ""): _value(item) for item in element}
                element.clear()
    except ElementTree.ParseError as error:
        raise MalformedSource(SOURCE, "its XML", str(error)) from error


def _value(item: ElementTree.Element) -> str:
    if searched := _SYMBOL.search(item.get("search", "")):
        return searched[1]
    return item.get("ref") or item.text or ""


def _symbols(file: IO[bytes]) -> dict[str, Curie]:
    """Approved symbol -> gene, and previous symbol -> gene where only one gene had it."""
    table = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8", newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    rows = [row for row in table if row["Status"] == "Approved"]
    before: dict[str, set[Curie]] = defaultdict(set)
    for row in rows:
        for symbol in (row["Previous symbols"] or "").split(","):
            before[symbol.strip()].add(row["HGNC ID"])
    once = {symbol: next(iter(genes)) for symbol, genes in before.items() if symbol and len(genes) == 1}
    return once | {row["Approved symbol"]: row["HGNC ID"] for row in rows}
