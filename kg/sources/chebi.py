"""Drugs among the Chemical Entities of Biological Interest: kinds and roles (Hastings et al. 2016, CC BY 4.0)."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

from ..concept import Category, Concept, Curie, Name, NameKind
from ..errors import MalformedSource
from ..fact import Evidence, Fact, Predicate
from ..record import Record
from .indications import class_treats, members_applied, read_indications

SOURCE = "chebi"
_ROLE = "CHEBI:50906"
_PREDICATES = {"is_a": Predicate.SUBCLASS_OF, "has_role": Predicate.HAS_ROLE}


def read_chebi(terms: IO[bytes], mappings: IO[bytes], release: str) -> Iterator[Record]:
    """The entries that DrugBank drugs are mapped to, and all that they are or do: ``is_a`` and ``has_role`` upwards.

    Roles that are defined by what they treat give ``treats`` facts, and their drugs ``applied_to_treat`` facts.
    ``terms`` is a list of terms as JSON; ``mappings`` has the columns DRUGBANK_ID, NAMESPACE and ID.
    """
    try:
        by_curie: dict[Curie, dict[str, Any]] = {term["id"]: term for term in json.load(terms)}
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise MalformedSource(SOURCE, "its JSON", str(error)) from error
    drugs = {curie for curie in _mapped(mappings) if curie in by_curie}
    roles = _below_role(by_curie)
    for curie in sorted(_reachable(drugs, by_curie)):
        term = by_curie[curie]
        category = Category.CHEMICAL_ROLE if curie in roles else Category.CHEMICAL
        category = Category.DRUG if curie in drugs else category
        names = [Name(term["name"], NameKind.LABEL)]
        names += [Name(text, NameKind.EXACT) for text in term.get("synonyms", ()) if text != term["name"]]
        yield Concept(curie, category, tuple(names), None, tuple(term.get("alt_ids", ())))
        evidence = (Evidence(SOURCE, release, curie, (curie,)),)
        for relation, predicate in _PREDICATES.items():
            for other in _related(term, relation, by_curie):
                yield Fact(curie, predicate, other, evidence)
    yield from _indications(drugs, roles, by_curie, release)


def _indications(
    drugs: set[Curie], roles: set[Curie], terms: Mapping[Curie, dict[str, Any]], release: str
) -> Iterator[Fact]:
    table = read_indications(SOURCE)
    treated = {curie: table[terms[curie]["name"]] for curie in sorted(roles) if terms[curie]["name"] in table}
    for role, disease in treated.items():
        yield class_treats(role, terms[role]["name"], disease, SOURCE, release)
    for drug in sorted(drugs):
        own = {role for role in _related(terms[drug], "has_role", terms) if role in roles}
        labels = {role: terms[role]["name"] for role in _reachable(own, terms) & treated.keys()}
        yield from members_applied(drug, labels, treated, SOURCE, release)


def _mapped(file: IO[bytes]) -> set[Curie]:
    rows = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8", newline=""), delimiter="\t")
    return {f"CHEBI:{row['ID']}" for row in rows if row["NAMESPACE"] == "CHEBI"}


def _related(term: Mapping[str, Any], relation: str, known: Mapping[Curie, Any]) -> list[Curie]:
    return [other for other in term.get("relations", {}).get(relation, ()) if other in known]


def _reachable(start: set[Curie], terms: Mapping[Curie, dict[str, Any]]) -> set[Curie]:
    found, waiting = set(start), list(start)
    while waiting:
        term = terms[waiting.pop()]
        new = {other for relation in _PREDICATES for other in _related(term, relation, terms)} - found
        found |= new
        waiting += new
    return found


def _below_role(terms: Mapping[Curie, dict[str, Any]]) -> set[Curie]:
    """Every term under the root of roles; chemicals are everything else."""
    children: dict[Curie, list[Curie]] = {}
    for curie, term in terms.items():
        for parent in _related(term, "is_a", terms):
            children.setdefault(parent, []).append(curie)
    found, waiting = {_ROLE}, [_ROLE]
    while waiting:
        new = set(children.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found
