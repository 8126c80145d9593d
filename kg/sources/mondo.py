"""Disease identities and hierarchy of MONDO (Vasilevsky et al. 2022, doi:10.1101/2022.04.13.22273750; CC BY 4.0)."""

import json
from collections.abc import Iterator
from typing import IO, Any

from ..concept import Category, Concept, Curie, Name, NameKind
from ..errors import MalformedSource
from ..fact import Evidence, Fact, Predicate
from ..record import Match, Record

SOURCE = "mondo"

# MONDO's own prefixes -> bioregistry prefixes of the identifiers worth fusing with.
_FUSED = {"OMIM": "OMIM", "Orphanet": "ORPHA", "DECIPHER": "DECIPHER", "DOID": "DOID", "MESH": "MESH"}


def read_mondo(file: IO[bytes], release: str) -> Iterator[Record]:
    """Concepts, ``subclass_of`` facts, and a match for each cross-reference to a vocabulary worth fusing with.

    This serialisation does not say which cross-references are exact; fusion decides where they are ambiguous.
    """
    try:
        terms: list[dict[str, Any]] = json.load(file)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise MalformedSource(SOURCE, "its JSON", str(error)) from error
    for term in terms:
        curie = f"MONDO:{term['id']}"
        names = [Name(term["name"], NameKind.LABEL)]
        names += [Name(text, NameKind.EXACT) for text in term.get("synonyms", ()) if text != term["name"]]
        merged = tuple(_curie(alt) for alt in term.get("alt_ids", ()))
        yield Concept(curie, Category.DISEASE, tuple(names), None, merged, tuple(_xrefs(term)))
        for parent in term.get("relations", {}).get("is_a", ()):
            yield Fact(curie, Predicate.SUBCLASS_OF, _curie(parent), (Evidence(SOURCE, release, curie, (curie,)),))
        for other in _fusible(term):
            yield Match(curie, other, SOURCE, release)


def _curie(local: str) -> Curie:
    return local if ":" in local else f"MONDO:{local}"


def _xrefs(term: dict[str, Any]) -> list[str]:
    return sorted(f"{ref['namespace']}:{ref['id']}" for ref in term.get("xrefs", ()))


def _fusible(term: dict[str, Any]) -> list[Curie]:
    refs = term.get("xrefs", ())
    return sorted(f"{_FUSED[ref['namespace']]}:{ref['id']}" for ref in refs if ref["namespace"] in _FUSED)
