"""The Anatomical Therapeutic Chemical classification (WHO Collaborating Centre for Drug Statistics Methodology)."""

import csv
import io
import re
from collections.abc import Iterator
from typing import IO

from ..concept import Category, Concept, Name, NameKind
from ..errors import MalformedSource
from ..fact import Evidence, Fact, Predicate
from ..record import Match, Record
from .drugs import index_drugs
from .headings import read_headings
from .indications import class_treats, members_applied, read_indications
from .lexical import name_key

SOURCE = "atc"
_LENGTHS = {1: 1, 2: 3, 3: 4, 4: 5, 5: 7}
"""Level -> number of characters of its codes."""

_REMARK = re.compile(r" \((?!.*combination).*\)$")  # "retinol (vit A)"


def read_atc(
    table: IO[bytes], names: IO[bytes], mappings: IO[bytes], headings: IO[bytes], release: str
) -> Iterator[Record]:
    """Classes of four levels, substances below them, and a match of each substance to the drug of the same name.

    ``table`` has the columns ATC code, Level and Label; the other files are those of the drug list. A substance has
    one code for each use, so several codes may match one drug. Classes that are named after what they treat give
    ``treats`` facts, and their substances ``applied_to_treat`` facts.
    """
    drugs = index_drugs(names, mappings, read_headings(headings))
    rows = _rows(table)
    known = {code for code, _, _ in rows}
    treated = {f"ATC:{code}": disease for code, disease in read_indications(SOURCE).items() if code in known}
    labels = {f"ATC:{code}": label for code, _, label in rows}
    for code, level, label in rows:
        curie = f"ATC:{code}"
        category = Category.DRUG if level == max(_LENGTHS) else Category.CHEMICAL
        yield Concept(curie, category, (Name(label, NameKind.LABEL),))
        above = code[: _LENGTHS[level - 1]] if level > 1 else ""
        if above in known:
            evidence = Evidence(SOURCE, release, curie, (curie,))
            yield Fact(curie, Predicate.SUBCLASS_OF, f"ATC:{above}", (evidence,))
        if curie in treated:
            yield class_treats(curie, label, treated[curie], SOURCE, release)
        if level == max(_LENGTHS):
            classes = {f"ATC:{code[:length]}" for length in _LENGTHS.values()}
            within = {kind: labels[kind] for kind in classes & labels.keys()}
            yield from members_applied(curie, within, treated, SOURCE, release)
        if level == max(_LENGTHS) and (drug := drugs.get(name_key(_REMARK.sub("", label)))):
            yield Match(curie, drug, SOURCE, release, justification="semapv:LexicalMatching")


def _rows(file: IO[bytes]) -> list[tuple[str, int, str]]:
    """Code, level and label, by code; rows whose code is not one of the level's length are no codes."""
    reader = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8", newline=""), delimiter="\t")
    if missing := {"ATC code", "Level", "Label"} - set(reader.fieldnames or ()):
        raise MalformedSource(SOURCE, "its header", f"columns {', '.join(sorted(missing))} are missing")
    found = {}
    for row in reader:
        code, level, label = row["ATC code"], row["Level"], row["Label"]
        if label and level.isdigit() and len(code) == _LENGTHS.get(int(level)):
            found[code] = (int(level), label.strip().capitalize() if label.isupper() else label.strip())
    return [(code, *found[code]) for code in sorted(found)]
