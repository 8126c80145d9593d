"""Classes of disease that are defined by a mode of inheritance."""

import re

from kg import Category, Curie, Snapshot

# How such classes are called in Mondo and the Disease Ontology, and the mode (HPO) that defines them.
_DISEASE = r"(genetic |inherited |hereditary )?(disease|disorder)$"
_CLASSES = (
    (re.compile(rf"autosomal dominant {_DISEASE}"), "HP:0000006"),
    (re.compile(rf"autosomal recessive {_DISEASE}"), "HP:0000007"),
    (re.compile(rf"x-linked {_DISEASE}"), "HP:0001417"),
    (re.compile(rf"x-linked dominant {_DISEASE}"), "HP:0001423"),
    (re.compile(rf"x-linked recessive {_DISEASE}"), "HP:0001419"),
    (re.compile(rf"y-linked {_DISEASE}"), "HP:0001450"),
    (re.compile(rf"mitochondrially inherited {_DISEASE}"), "HP:0001427"),
    (re.compile(r"(hereditary|monogenic|mendelian) (disease|disorder)$"), "HP:0034345"),
)
_ANY_MENDELIAN = "HP:0034345"


def mode_of_class(snapshot: Snapshot, curie: Curie) -> Curie | None:
    """The mode of inheritance that defines a class of disease; ``None`` if none does, or the graph lacks it."""
    label = snapshot.label(curie).lower()
    mode = next((mode for pattern, mode in _CLASSES if pattern.match(label)), None)
    return None if mode is None else snapshot.resolve(mode)


def classes_by_mode(snapshot: Snapshot, disease: Curie) -> dict[Curie, Curie]:
    """The classes of a disease that a single mode defines, with that mode, in order of identifier."""
    found = {}
    for curie in sorted(snapshot.ancestors(disease) - {disease}):
        if snapshot.category_at(snapshot.position(curie)) is Category.DISEASE:
            mode = mode_of_class(snapshot, curie)
            if mode is not None and mode != _ANY_MENDELIAN:
                found[curie] = mode
    return found
