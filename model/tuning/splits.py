"""Held-out concepts, relations and question forms, drawn by hash before any example is made."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from kg import Curie

from .example import Split
from .forms import Forms

_STEPS = 10_000


def share_of(*parts: object) -> float:
    """A fraction in 0..1 that depends on the text of ``parts`` alone, evenly spread.

    >>> share_of(1, "a") == share_of(1, "a")
    True
    """
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") % _STEPS / _STEPS


@dataclass(frozen=True, slots=True)
class Splitting:
    """What is held out. A concept, a relation or a form is on one side for good, whatever else is drawn.

    ``relations`` is how many relations that are not core are held out; the other numbers are shares.
    """

    seed: int
    concepts: float = 0.12
    validation: float = 0.04
    forms: float = 0.15
    relations: int = 2

    def of_concept(self, curie: Curie) -> Split:
        """Where everything about a concept goes."""
        share = share_of(self.seed, "concept", curie)
        if share < self.concepts:
            return Split.HELD_OUT_CONCEPTS
        return Split.VALIDATION if share < self.concepts + self.validation else Split.TRAIN

    def held_out_relations(self, forms: Forms) -> frozenset[str]:
        """The relations that are never trained."""
        free = sorted(name for name, relation in forms.relations.items() if not relation.core)
        return frozenset(sorted(free, key=lambda name: share_of(self.seed, "relation", name))[: self.relations])

    def is_held_out_form(self, wording: str) -> bool:
        """Whether a question form is never trained."""
        return share_of(self.seed, "form", wording) < self.forms

    def of(self, concepts: Iterable[Curie], relation: str, wording: str, forms: Forms) -> Split:
        """Where an example goes: by its concepts before its relation before its form."""
        by_concept = {self.of_concept(curie) for curie in concepts}
        if Split.HELD_OUT_CONCEPTS in by_concept:
            return Split.HELD_OUT_CONCEPTS
        if relation in self.held_out_relations(forms):
            return Split.HELD_OUT_RELATIONS
        if self.is_held_out_form(wording):
            return Split.HELD_OUT_FORMS
        return Split.VALIDATION if Split.VALIDATION in by_concept else Split.TRAIN
