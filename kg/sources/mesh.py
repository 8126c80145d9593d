"""MeSH headings of diseases (tree C) with their scope notes (US National Library of Medicine, public domain)."""

import csv
import io
from collections.abc import Iterator
from typing import IO

from ..concept import Category, Concept, Description, Name, NameKind
from ..errors import MalformedSource
from ..record import Record

SOURCE = "mesh"
_SIGNS_AND_SYMPTOMS = "C23"


def read_mesh(headings: IO[bytes], entry_terms: IO[bytes], release: str) -> Iterator[Record]:
    """Concepts with entry terms as synonyms, and scope notes.

    ``headings`` is a table with the columns MeSH ID, Tree ID, Name and Description; ``entry_terms`` has rows of
    identifier, heading and ``|``-joined entry terms. A heading that stands only under C23 (signs, symptoms, pathology)
    is a phenotype.
    """
    synonyms = _entry_terms(entry_terms)
    table = csv.DictReader(io.TextIOWrapper(headings, encoding="utf-8", newline=""), delimiter="\t")
    if not {"MeSH ID", "Tree ID", "Name", "Description"} <= set(table.fieldnames or ()):
        raise MalformedSource(SOURCE, "its header", "a column is missing")
    for row in table:
        local, label, note = row["MeSH ID"], row["Name"], row["Description"].strip()
        if not local or not row["Tree ID"].startswith("C"):
            continue
        curie = f"MESH:{local}"
        trees = row["Tree ID"].split("|")
        sign = all(tree.startswith(_SIGNS_AND_SYMPTOMS) for tree in trees)
        names = [Name(label, NameKind.LABEL)]
        names += [Name(text, NameKind.EXACT) for text in synonyms.get(local, ()) if text != label]
        yield Concept(curie, Category.PHENOTYPE if sign else Category.DISEASE, tuple(names), note or None)
        if note:
            yield Description(curie, label, note, "scope note", SOURCE, release, curie)


def _entry_terms(file: IO[bytes]) -> dict[str, list[str]]:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    rows = (line.rstrip("\n").split("\t") for line in text)
    return {row[0]: [term for term in row[2].split("|") if term] for row in rows if len(row) > 2}
