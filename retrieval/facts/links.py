"""Links between concepts: facts about them, and facts about their kinds or classes that count for them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kg import SYMMETRIC, Curie, Fact, Snapshot

from .hierarchy import levels_down, path_up
from .relation import Relation, Side

Positions = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Link:
    """``facts`` state a relation of ``subject`` and ``object``; ``path`` says why they count for those asked about.

    ``path`` holds the ``subclass_of`` facts between a concept asked about and the one that the facts are about.
    """

    subject: Curie
    object: Curie
    facts: tuple[Fact, ...]
    path: tuple[Fact, ...] = ()

    @property
    def negated(self) -> bool:
        """Whether every fact says that it is not so."""
        return all(fact.negated for fact in self.facts)


@dataclass(frozen=True, slots=True)
class LinkFinder:
    """Reads links from a snapshot."""

    snapshot: Snapshot

    def between(self, relation: Relation, subject: Curie, object: Curie) -> tuple[Link, ...]:
        """Links between two concepts, the nearest first; a symmetric relation is read both ways."""
        found = self._directed(relation, subject, object)
        if relation.predicates & SYMMETRIC:
            found += self._directed(relation, object, subject)
        return tuple(sorted(found, key=lambda link: (len(link.path), link.negated, link.subject, link.object)))

    def _directed(self, relation: Relation, subject: Curie, object: Curie) -> list[Link]:
        subjects, objects = self._around(relation, Side.SUBJECT, subject), self._around(relation, Side.OBJECT, object)
        by_ends: dict[tuple[Curie, Curie], list[Fact]] = defaultdict(list)
        for fact in self._facts(subjects, objects):
            if fact.predicate in relation.predicates:
                by_ends[fact.subject, fact.object].append(fact)
        return [
            Link(*ends, tuple(facts), (*self._way(subject, ends[0]), *self._way(object, ends[1])))
            for ends, facts in by_ends.items()
        ]

    def _around(self, relation: Relation, side: Side, curie: Curie) -> Positions:
        """Positions of the concept and of all whose facts count for it."""
        position = self.snapshot.position(curie)
        parts = [np.asarray([position], dtype=np.int32)]
        if relation.counts_kinds(side):
            parts.append(self.snapshot.descendant_positions(position))
        if relation.counts_classes(side):
            parts.append(self.snapshot.ancestor_positions(position))
        return np.unique(np.concatenate(parts)).astype(np.int32)

    def _facts(self, subjects: Positions, objects: Positions) -> list[Fact]:
        """Facts with a subject and an object among these, looked up from the smaller side."""
        columns = self.snapshot.columns
        if len(objects) < len(subjects):
            rows = np.concatenate([self.snapshot.rows_to(int(position)) for position in objects])
            rows = rows[np.isin(columns.subject[rows], subjects)]
        else:
            starts = np.searchsorted(columns.subject, subjects)
            stops = np.searchsorted(columns.subject, subjects, side="right")
            rows = np.concatenate([np.arange(first, last) for first, last in zip(starts, stops, strict=True)])
            rows = rows[np.isin(columns.object[rows], objects)]
        return [self.snapshot.fact_at(int(row)) for row in np.sort(rows)]

    def _way(self, asked: Curie, found: Curie) -> tuple[Fact, ...]:
        return path_up(self.snapshot, asked, found) or path_up(self.snapshot, found, asked)

    def of(self, relation: Relation, side: Side, curie: Curie) -> tuple[Link, ...]:
        """Everything linked to a concept by its own facts, and by those of its classes where they count."""
        asked = [curie]
        if relation.counts_classes(side):
            asked += sorted(self.snapshot.ancestors(curie) - {curie})
        links = [link for about in asked for link in self._own(relation, side, about, curie)]
        return tuple(sorted(links, key=lambda link: (len(link.path), link.subject, link.object)))

    def nearest(self, relation: Relation, side: Side, curie: Curie) -> tuple[Link, ...]:
        """As `of`; where there is nothing, what is linked to the nearest kinds of the concept."""
        links = self.of(relation, side, curie)
        if links or not relation.counts_kinds(side):
            return links
        for level in levels_down(self.snapshot, curie):
            found = [link for kind in level for link in self._own(relation, side, kind, curie)]
            if found:
                return tuple(found)
        return ()

    def _own(self, relation: Relation, side: Side, about: Curie, asked: Curie) -> list[Link]:
        by_ends: dict[tuple[Curie, Curie], list[Fact]] = defaultdict(list)
        for fact in self.facts_at(relation, side, about):
            if not fact.negated:
                turned = (side is Side.SUBJECT) is not (fact.subject == about)
                ends = (fact.object, fact.subject) if turned else (fact.subject, fact.object)
                by_ends[ends].append(fact)
        path = self._way(asked, about) if by_ends else ()
        return [Link(*ends, tuple(facts), path) for ends, facts in by_ends.items()]

    def facts_at(self, relation: Relation, side: Side, curie: Curie) -> list[Fact]:
        """The facts of a relation with this concept on a side; on either side of a symmetric relation."""
        facts: list[Fact] = []
        if side is Side.SUBJECT or relation.predicates & SYMMETRIC:
            facts += self.snapshot.facts_from(curie)
        if side is Side.OBJECT or relation.predicates & SYMMETRIC:
            facts += self.snapshot.facts_to(curie)
        return [fact for fact in facts if fact.predicate in relation.predicates]


def facts_of(links: Iterable[Link]) -> list[Fact]:
    """All facts of some links, those of their paths behind them, each once."""
    own = [fact for link in links for fact in link.facts]
    return list(dict.fromkeys([*own, *(fact for link in links for fact in link.path)]))


def far_end(link: Link, curies: Sequence[Curie]) -> Curie:
    """The end of a link that is none of the given concepts."""
    return link.object if link.subject in curies else link.subject
