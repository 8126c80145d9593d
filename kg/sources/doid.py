"""Human Disease Ontology terms and definitions (Schriml et al. 2022, doi:10.1093/nar/gkab1063; CC0)."""

from collections.abc import Iterator
from typing import IO

from ..concept import Category, Concept, Description, Name, NameKind
from ..fact import Evidence, Fact, Predicate
from ..record import Record
from .obo import read_obo_terms

SOURCE = "doid"


def read_doid(file: IO[bytes], release: str) -> Iterator[Record]:
    """Concepts, ``subclass_of`` facts and definitions of ``HumanDO.obo``, without other ontologies' terms in it."""
    for term in read_obo_terms(file, SOURCE):
        if not term.id.startswith("DOID:"):
            continue
        names = (Name(term.label, NameKind.LABEL), *term.synonyms)
        replaced = tuple(sorted({old for old in term.replaces if old.startswith("DOID:")}))
        yield Concept(term.id, Category.DISEASE, names, term.definition, replaced, tuple(sorted(set(term.xrefs))))
        if term.definition:
            yield Description(term.id, term.label, term.definition, "definition", SOURCE, release, term.id)
        for parent in term.parents:
            if parent.startswith("DOID:"):
                yield Fact(term.id, Predicate.SUBCLASS_OF, parent, (Evidence(SOURCE, release, term.id, (term.id,)),))
