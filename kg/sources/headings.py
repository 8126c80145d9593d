"""MeSH headings as plain values, from a table of identifier, heading, entry terms and tree numbers."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO


@dataclass(frozen=True, slots=True)
class Heading:
    """One MeSH heading; ``trees`` are its places in the hierarchy, such as ``C05.116.099.674``."""

    local: str
    label: str
    entry_terms: tuple[str, ...]
    trees: tuple[str, ...]


def read_headings(file: IO[bytes]) -> Iterator[Heading]:
    """Every heading, in file order; ``|`` joins entry terms and tree numbers."""
    for line in io.TextIOWrapper(file, encoding="utf-8", newline=""):
        row = [*line.rstrip("\r\n").split("\t"), "", "", ""]
        if row[0]:
            yield Heading(row[0], row[1], _listed(row[2]), _listed(row[3]))


def parents_of(heading: Heading, by_tree: Mapping[str, str]) -> list[str]:
    """Identifiers of the headings right above; ``by_tree`` says which heading stands at a tree number."""
    above = {by_tree.get(tree.rpartition(".")[0], "") for tree in heading.trees}
    return sorted(above - {"", heading.local})


def _listed(text: str) -> tuple[str, ...]:
    return tuple(item for item in text.split("|") if item)
