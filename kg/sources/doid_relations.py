"""What definitions of the Disease Ontology say by relation: symptoms, place, transmission, cause, inheritance.

They are written in prose with relations in it: "… has_material_basis_in Rift Valley fever virus, which is
transmitted_by Aedes mosquitoes. The infection has_symptom jaundice, has_symptom vomiting blood …".
"""

import re
from collections.abc import Iterator

from ..concept import Category, Curie
from ..fact import Predicate
from ..record import Record
from .plain import PlainNames

_RELATION = r"(?:has_symptoms?|located_in|transmitted_by|has_material_basis_in|results_in|derives_from)"
_SAID = re.compile(
    rf"\b(has_symptoms?|located_in|transmitted_by|has_material_basis_in) +(.+?)"
    rf"(?=,|;|\.(?: |$)|:|$| (?:and|or|which|that|possibly|respectively|in humans|of humans)\b| {_RELATION})"
)
_LEADING = re.compile(r"^(?:the|an?|by|infected) +", re.IGNORECASE)
_LONGEST_NAME = 8  # words; a longer phrase is a clause, no thing

_INHERITANCE = {
    "autosomal dominant": "HP:0000006",
    "autosomal recessive": "HP:0000007",
    "x-linked": "HP:0001417",
    "x-linked dominant": "HP:0001423",
    "x-linked recessive": "HP:0001419",
    "mitochondrial": "HP:0001427",
    "digenic": "HP:0010984",
}
_INHERITED = re.compile(rf"\b({'|'.join(sorted(_INHERITANCE, key=len, reverse=True))}) inheritance\b", re.IGNORECASE)


def read_relations(disease: Curie, definition: str, infectious: bool, names: PlainNames) -> Iterator[Record]:
    """One fact per relation and thing in a definition; what an infectious disease is based in is an organism."""
    for found in _SAID.finditer(definition):
        relation, phrase = found[1].rstrip("s"), _LEADING.sub("", re.sub(r" *\(.*?\)", "", found[2])).strip(" ()")
        if not phrase or len(phrase.split()) > _LONGEST_NAME or "(" in phrase:
            continue
        quote = definition[found.start() : found.end()]
        if relation == "has_symptom":
            sign = names.curie(phrase, Category.PHENOTYPE)
            yield names.fact(disease, Predicate.HAS_PHENOTYPE, sign, disease, quote)
        elif relation == "located_in":
            place = names.curie(phrase, Category.ANATOMY)
            yield names.fact(disease, Predicate.LOCATED_IN, place, disease, quote)
        elif relation == "transmitted_by":
            carrier = names.curie(phrase, Category.EXPOSURE)
            yield names.fact(disease, Predicate.TRANSMITTED_BY, carrier, disease, quote)
        elif infectious:
            yield names.fact(names.curie(phrase, Category.ORGANISM), Predicate.CAUSES, disease, disease, quote)
    for mode in dict.fromkeys(found[1].lower() for found in _INHERITED.finditer(definition)):
        yield names.fact(disease, Predicate.HAS_INHERITANCE, _INHERITANCE[mode], disease, f"{mode} inheritance")
