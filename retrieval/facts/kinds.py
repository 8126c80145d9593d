"""Where concepts stand in the classification."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg import Curie, Fact, Predicate, Snapshot

from ..evidence import EvidenceItem
from ..wording import join_words, kind_sentence, listing, objects_of
from .hierarchy import path_up
from .items import ItemMaker
from .scores import ASKED_PAIR, ASKED_TOPIC, KINDS_LISTED


@dataclass(frozen=True, slots=True)
class KindFacts:
    """Reads what is a kind of what."""

    make: ItemMaker

    @property
    def snapshot(self) -> Snapshot:
        """The graph that is read."""
        return self.make.snapshot

    def above(self, curie: Curie, score: float) -> Iterator[EvidenceItem]:
        """What a concept is a kind of."""
        up = self.snapshot.facts_from(curie, Predicate.SUBCLASS_OF)
        parents = objects_of(up, Predicate.SUBCLASS_OF)[:KINDS_LISTED]
        if parents:
            text = kind_sentence(self.snapshot.label(curie), [self.make.inside(parent) for parent in parents])
            yield self.make.of_facts(text, (curie, *parents), up, score - 0.05)

    def below(self, curie: Curie, score: float) -> Iterator[EvidenceItem]:
        """The direct kinds of a concept."""
        down = self.snapshot.facts_to(curie, Predicate.SUBCLASS_OF)
        kinds = tuple(dict.fromkeys(fact.subject for fact in down))
        if kinds:
            listed = listing([self.make.inside(kind) for kind in kinds])
            count = f"{len(kinds)} direct kinds" if len(kinds) > 1 else "one direct kind"
            text = f"{self.snapshot.label(curie)} has {count}: {listed}."
            yield self.make.of_facts(text, (curie, *kinds[:KINDS_LISTED]), down, score)

    def between(self, child: Curie, parents: Sequence[Curie]) -> Iterator[EvidenceItem]:
        """How one concept is a kind of the others, step by step, or where it stands instead."""
        placed = False
        for parent in parents:
            if path := path_up(self.snapshot, child, parent):
                text = self.step_by_step(path)
                yield self.make.of_facts(text, (child, parent, *(fact.object for fact in path)), path, ASKED_PAIR)
                placed = True
        if not placed:
            yield from self.above(child, ASKED_TOPIC)

    def step_by_step(self, path: Sequence[Fact]) -> str:
        """A sentence on the first and last concept of a path, with those between them."""
        steps = [self.make.inside(fact.object) for fact in path]
        by = f", by way of {join_words(steps[:-1])}" if len(steps) > 1 else ""
        return f"{self.snapshot.label(path[0].subject)} is a kind of {steps[-1]}{by}."
