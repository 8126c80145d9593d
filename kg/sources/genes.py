"""Genes by HGNC, and the diseases HPO links them to (``genes_to_phenotype.txt``)."""

import csv
import io
from collections.abc import Iterator
from typing import IO

from ..concept import Category, Concept, Curie, Name, NameKind
from ..errors import MalformedSource
from ..fact import AgentType, Evidence, Fact, Predicate
from ..record import Match, Record

_NCBI = "NCBI Gene ID(supplied by NCBI)"
_UNIPROT = "UniProt ID(supplied by UniProt)"


def read_hgnc(file: IO[bytes], release: str) -> Iterator[Record]:
    """Every approved human gene but pseudogenes, with all its names, and its NCBI and Ensembl numbers as matches."""
    for row in _table(file, "hgnc", {"HGNC ID", "Approved symbol", "Approved name", "Status", "Locus type", _NCBI}):
        if row["Status"] != "Approved" or row["Locus type"] == "pseudogene":
            continue
        names = [Name(row["Approved symbol"], NameKind.LABEL, abbreviation=True)]
        names.append(Name(row["Approved name"], NameKind.EXACT))
        names += [Name(symbol, NameKind.EXACT, abbreviation=True) for symbol in _listed(row["Previous symbols"])]
        names += [Name(symbol, NameKind.RELATED, abbreviation=True) for symbol in _listed(row["Alias symbols"])]
        same = [f"NCBIGene:{row[_NCBI]}"] if row[_NCBI] else []
        same += [f"ENSEMBL:{row['Ensembl gene ID']}"] if row["Ensembl gene ID"] else []
        proteins = tuple(f"UniProtKB:{item}" for item in _listed(row[_UNIPROT]))
        yield Concept(row["HGNC ID"], Category.GENE, tuple(names), None, (), proteins)
        yield from (Match(row["HGNC ID"], other, "hgnc", release) for other in same)


def read_gene_diseases(file: IO[bytes], release: str) -> Iterator[Record]:
    """One ``gene_associated_with_condition`` fact per pair of gene and disease in ``genes_to_phenotype.txt``.

    The file has a row for each phenotype, so a pair comes up many times. It states no kind of association.
    """
    seen: set[tuple[str, str]] = set()
    for row in _table(file, "genes_to_phenotype", {"ncbi_gene_id", "gene_symbol", "disease_id"}):
        pair = (row["ncbi_gene_id"], row["disease_id"])
        if pair not in seen:
            seen.add(pair)
            yield _gene_of_disease(f"NCBIGene:{pair[0]}", pair[1], release)


def _gene_of_disease(gene: Curie, disease: Curie, release: str) -> Fact:
    evidence = Evidence("hpo-genes", release, disease, (disease,), agent_type=AgentType.AUTOMATED)
    return Fact(gene, Predicate.GENE_OF_DISEASE, disease, (evidence,))


def _table(file: IO[bytes], source: str, columns: set[str]) -> Iterator[dict[str, str]]:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    reader = csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
    if missing := columns - set(reader.fieldnames or ()):
        raise MalformedSource(source, "its header", f"columns {', '.join(sorted(missing))} are missing")
    for row in reader:
        if None in row.values():
            raise MalformedSource(source, f"line {reader.line_num}", "the row is cut short")
        yield row


def _listed(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]
