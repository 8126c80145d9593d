"""Curated mappings of Biomappings (Hoyt et al. 2023, doi:10.1093/bioinformatics/btad130; CC0), an SSSOM table."""

import csv
import io
from collections.abc import Iterator
from typing import IO

from ..concept import Curie
from ..errors import MalformedSource
from ..record import Match, MatchKind, Record

SOURCE = "biomappings"

# Its lower-case prefixes -> those of the graph, for vocabularies that the graph has; other rows are of no use here.
_PREFIXES = {"mesh": "MESH", "doid": "DOID", "mondo": "MONDO", "hp": "HP", "chebi": "CHEBI", "umls": "UMLS",
             "ncit": "NCIT", "efo": "EFO", "orphanet.ordo": "ORPHA"}  # fmt: skip
_KINDS = {kind.value: kind for kind in MatchKind}
_COLUMNS = {"subject_id", "predicate_id", "object_id", "mapping_justification"}


def read_biomappings(file: IO[bytes], release: str) -> Iterator[Record]:
    """One match per row that people have confirmed, between vocabularies of the graph."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    reader = csv.DictReader((line for line in text if not line.startswith("#")), delimiter="\t")
    if missing := _COLUMNS - set(reader.fieldnames or ()):
        raise MalformedSource(SOURCE, "its header", f"columns {', '.join(sorted(missing))} are missing")
    for row in reader:
        left, right = _curie(row["subject_id"]), _curie(row["object_id"])
        if left and right and row["predicate_id"] in _KINDS:
            yield Match(left, right, SOURCE, release, _KINDS[row["predicate_id"]], row["mapping_justification"])


def _curie(text: str) -> Curie | None:
    prefix, _, local = text.partition(":")
    return f"{_PREFIXES[prefix]}:{local}" if prefix in _PREFIXES else None
