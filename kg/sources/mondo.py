"""Disease identities and hierarchy of MONDO (Vasilevsky et al. 2022, doi:10.1101/2022.04.13.22273750; CC BY 4.0)."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any

from ..concept import Category, Concept, Curie, Name, NameKind, prefix_of
from ..errors import MalformedSource
from ..fact import Evidence, Fact, Predicate
from ..record import Match, MatchKind, Record

SOURCE = "mondo"

# MONDO's own prefixes -> bioregistry prefixes of vocabularies that are in the graph, where fusion decides by names.
_FUSED = {"OMIM": "OMIM", "Orphanet": "ORPHA", "DECIPHER": "DECIPHER", "DOID": "DOID", "MESH": "MESH"}

# Vocabularies of which the graph has the identifiers alone, so that no name can settle a doubtful one: only where one
# disease and one identifier refer to each other alone are they taken as the same.
_NUMBERS = {"UMLS": "UMLS", "NCIT": "NCIT", "SCTID": "SNOMEDCT", "EFO": "EFO", "GARD": "GARD",
            "OMIMPS": "OMIMPS"}  # fmt: skip
_CLOSE = {"HP": "HP"}
_REFERRED = "semapv:DatabaseCrossReference"


def read_mondo(file: IO[bytes], release: str) -> Iterator[Record]:
    """Concepts, ``subclass_of`` facts, and a match for each cross-reference to a vocabulary worth fusing with.

    This serialisation does not say which cross-references are exact. One to a vocabulary of the graph is left to
    fusion where it is ambiguous; one to a bare number is exact if it is the only one both ways, else close. A phenotype
    of HPO is close to the disease of the same name.
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
            yield Match(curie, other, SOURCE, release, justification=_REFERRED)
    yield from _number_matches(terms, release)


def _number_matches(terms: list[dict[str, Any]], release: str) -> Iterator[Match]:
    refs = [
        (f"MONDO:{term['id']}", f"{(_NUMBERS | _CLOSE)[ref['namespace']]}:{ref['id']}")
        for term in terms
        for ref in term.get("xrefs", ())
        if ref["namespace"] in _NUMBERS | _CLOSE
    ]
    to = Counter((curie, prefix_of(other)) for curie, other in set(refs))
    by = Counter(other for _, other in set(refs))
    for curie, other in sorted(set(refs)):
        alone = to[curie, prefix_of(other)] == by[other] == 1 and prefix_of(other) not in _CLOSE.values()
        yield Match(curie, other, SOURCE, release, MatchKind.EXACT if alone else MatchKind.CLOSE, _REFERRED)


def _curie(local: str) -> Curie:
    return local if ":" in local else f"MONDO:{local}"


def _xrefs(term: dict[str, Any]) -> list[str]:
    return sorted(f"{ref['namespace']}:{ref['id']}" for ref in term.get("xrefs", ()))


def _fusible(term: dict[str, Any]) -> list[Curie]:
    refs = term.get("xrefs", ())
    return sorted(f"{_FUSED[ref['namespace']]}:{ref['id']}" for ref in refs if ref["namespace"] in _FUSED)
