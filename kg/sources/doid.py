"""Human Disease Ontology terms and definitions (Schriml et al. 2022, doi:10.1093/nar/gkab1063; CC0)."""

from collections.abc import Iterator, Mapping
from typing import IO

from ..concept import Category, Concept, Curie, Description, Name, NameKind
from ..fact import Evidence, Fact, Predicate
from ..record import Record
from .doid_relations import read_relations
from .obo import OboTerm, read_obo_terms
from .plain import PlainNames

SOURCE = "doid"
_INFECTIOUS = "DOID:0050117"


def read_doid(file: IO[bytes], release: str) -> Iterator[Record]:
    """Concepts, ``subclass_of`` facts and definitions of ``HumanDO.obo``, without other ontologies' terms in it.

    Symptoms, places, ways of transmission, organisms and modes of inheritance are read from the definitions.
    """
    terms = {term.id: term for term in read_obo_terms(file, SOURCE) if term.id.startswith("DOID:")}
    plain = PlainNames(SOURCE, release)
    infectious: dict[Curie, bool] = {_INFECTIOUS: True}
    for term in terms.values():
        names = (Name(term.label, NameKind.LABEL), *term.synonyms)
        replaced = tuple(sorted({old for old in term.replaces if old.startswith("DOID:")}))
        yield Concept(term.id, Category.DISEASE, names, term.definition, replaced, tuple(sorted(set(term.xrefs))))
        for parent in term.parents:
            if parent.startswith("DOID:"):
                yield Fact(term.id, Predicate.SUBCLASS_OF, parent, (Evidence(SOURCE, release, term.id, (term.id,)),))
        if term.definition:
            yield Description(term.id, term.label, term.definition, "definition", SOURCE, release, term.id)
            stated = list(read_relations(term.id, term.definition, _is_infectious(term.id, terms, infectious), plain))
            yield from plain.take()
            yield from stated


def _is_infectious(curie: Curie, terms: Mapping[Curie, OboTerm], known: dict[Curie, bool]) -> bool:
    """Whether a term lies below disease by infectious agent; walks up once and remembers."""
    if curie not in known:
        known[curie] = False
        parents = terms[curie].parents if curie in terms else []
        known[curie] = any(_is_infectious(parent, terms, known) for parent in sorted(parents))
    return known[curie]
