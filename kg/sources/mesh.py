"""MeSH headings of diseases and mental disorders with scope notes, and of drugs (US National Library of Medicine).

MeSH is in the public domain: https://www.nlm.nih.gov/databases/download/terms_and_conditions_mesh.html
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import IO

from ..concept import Category, Concept, Description, Name, NameKind
from ..errors import MalformedSource
from ..fact import Evidence, Fact, Predicate
from ..record import Record
from .drugs import drug_headings
from .headings import Heading, parents_of, read_headings

SOURCE = "mesh"
CHEMICALS = "mesh-chemicals"
_SIGNS_AND_SYMPTOMS = "C23"
_DISEASES = ("C", "F03")
_ANIMAL_DISEASES = "C22"
_ACTIONS = "D27"

# States of a patient that drugs are contraindicated in, from other trees.
_STATES = {"D011247": "Pregnancy", "D001942": "Breast Feeding"}


def read_mesh(notes: IO[bytes], headings: IO[bytes], release: str) -> Iterator[Record]:
    """Concepts of trees C and F03 with entry terms as synonyms, the hierarchy as ``subclass_of``, and scope notes.

    ``notes`` is a table with the columns MeSH ID, Tree ID, Name and Description; ``headings`` has rows of identifier,
    heading, ``|``-joined entry terms and tree numbers. A heading that stands only under C23 (signs, symptoms,
    pathology) is a phenotype; one that stands only under C22 (animal diseases) is left out.
    """
    texts = _scope_notes(notes)
    listed = {heading.local: heading for heading in read_headings(headings)}
    kept = [heading for heading in listed.values() if _of_people(heading) or heading.local in _STATES]
    by_tree = {tree: heading.local for heading in kept for tree in heading.trees if tree.startswith(_DISEASES)}
    for heading in kept:
        trees = [tree for tree in heading.trees if tree.startswith(_DISEASES)]
        sign = all(tree.startswith(_SIGNS_AND_SYMPTOMS) for tree in trees)
        note = texts.get(heading.local)
        yield _concept(heading, Category.PHENOTYPE if sign else Category.DISEASE, note)
        yield from _parents(heading, by_tree, SOURCE, release)
        if note:
            curie = f"MESH:{heading.local}"
            yield Description(curie, heading.label, note, "scope note", SOURCE, release, curie)


def read_mesh_chemicals(headings: IO[bytes], names: IO[bytes], mappings: IO[bytes], release: str) -> Iterator[Record]:
    """Headings of tree D that are drugs of the drug list, the headings above them, and pharmacological actions."""
    listed = {heading.local: heading for heading in read_headings(headings)}
    by_tree = {tree: heading.local for heading in listed.values() for tree in heading.trees if tree.startswith("D")}
    drugs = drug_headings(listed.values(), names, mappings)
    kept = drugs | {local for local, heading in listed.items() if any(t.startswith(_ACTIONS) for t in heading.trees)}
    waiting = sorted(kept)
    while waiting:
        above = [local for local in parents_of(listed[waiting.pop()], by_tree) if local not in kept]
        kept |= set(above)
        waiting += above
    for local in sorted(kept):
        heading = listed[local]
        action = any(tree.startswith(_ACTIONS) for tree in heading.trees)
        category = Category.DRUG if local in drugs else Category.CHEMICAL_ROLE if action else Category.CHEMICAL
        yield _concept(heading, category, None)
        yield from _parents(heading, by_tree, CHEMICALS, release)


def _of_people(heading: Heading) -> bool:
    trees = [tree for tree in heading.trees if tree.startswith(_DISEASES)]
    return any(not tree.startswith(_ANIMAL_DISEASES) for tree in trees)


def _concept(heading: Heading, category: Category, note: str | None) -> Concept:
    names = [Name(heading.label, NameKind.LABEL)]
    names += [Name(text, NameKind.EXACT) for text in heading.entry_terms if text != heading.label]
    return Concept(f"MESH:{heading.local}", category, tuple(names), note)


def _parents(heading: Heading, by_tree: Mapping[str, str], source: str, release: str) -> Iterable[Fact]:
    curie = f"MESH:{heading.local}"
    evidence = (Evidence(source, release, curie, (curie,)),)
    return [Fact(curie, Predicate.SUBCLASS_OF, f"MESH:{above}", evidence) for above in parents_of(heading, by_tree)]


def _scope_notes(file: IO[bytes]) -> dict[str, str]:
    table = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8", newline=""), delimiter="\t")
    if not {"MeSH ID", "Tree ID", "Name", "Description"} <= set(table.fieldnames or ()):
        raise MalformedSource(SOURCE, "its header", "a column is missing")
    return {
        row["MeSH ID"]: row["Description"].strip() for row in table if row["MeSH ID"] and row["Description"].strip()
    }
