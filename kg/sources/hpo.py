"""Human Phenotype Ontology terms (Gargano et al. 2024, doi:10.1093/nar/gkad1005)."""

from collections.abc import Iterator
from typing import IO

from ..concept import Category, Concept, Description, Name, NameKind
from ..fact import Evidence, Fact, Predicate
from ..record import Record
from .obo import OboTerm, read_obo_terms

SOURCE = "hpo"

# Direct children of HP:0000001 (All) and what their branches are; a branch that is not listed is left as OTHER.
_BRANCHES = {
    "HP:0000118": Category.PHENOTYPE,
    "HP:0000005": Category.INHERITANCE,
    "HP:0031797": Category.CLINICAL_COURSE,
    "HP:0012823": Category.CLINICAL_MODIFIER,
    "HP:0040279": Category.FREQUENCY,
    "HP:0032443": Category.PHENOTYPE,  # past medical history: HPOA annotates diseases with it as with phenotypes
}


def read_hpo(file: IO[bytes], release: str) -> Iterator[Record]:
    """Concepts, ``subclass_of`` facts and definitions of ``hp.obo``."""
    terms = {term.id: term for term in read_obo_terms(file, SOURCE)}
    categories: dict[str, Category] = {}
    for term in terms.values():
        yield Concept(
            term.id,
            _category(term.id, terms, categories),
            (Name(term.label, NameKind.LABEL), *term.synonyms),
            term.definition,
            tuple(sorted(set(term.replaces))),
            tuple(sorted(set(term.xrefs))),
        )
        if term.definition:
            yield Description(term.id, term.label, term.definition, "definition", SOURCE, release, term.id)
        for parent in term.parents:
            yield Fact(term.id, Predicate.SUBCLASS_OF, parent, (Evidence(SOURCE, release, term.id, (term.id,)),))


def _category(curie: str, terms: dict[str, OboTerm], known: dict[str, Category]) -> Category:
    """The branch that a term lies under; walks up once and remembers."""
    if curie in _BRANCHES:
        return _BRANCHES[curie]
    if curie not in known:
        known[curie] = Category.OTHER
        parents = sorted(terms[curie].parents) if curie in terms else []
        found = (_category(parent, terms, known) for parent in parents)
        known[curie] = next((category for category in found if category is not Category.OTHER), Category.OTHER)
    return known[curie]
