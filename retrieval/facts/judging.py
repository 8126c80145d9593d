"""Statements judged: true, false, or not to be known from the graph, with the evidence for it.

What the graph does not hold is not false. False is only what a recorded fact contradicts: the opposite of a denied
fact, an absence that a source records, a class that is itself a kind of its alleged member.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from kg import Category, Curie, Predicate, Snapshot

from ..evidence import EvidenceItem, Found, Judgement
from ..question import Question
from .hierarchy import path_up
from .inheritance import mode_of_class
from .items import ItemMaker
from .kinds import KindFacts
from .links import Link, LinkFinder
from .relation import Side, relations
from .scores import ASKED_PAIR, ASKED_TOPIC
from .statement import Part, Statement, read_statements
from .telling import Teller, severity_rank

_SHOWN = 4
_CONTEXT = 2
_MOST_FACTS = 300  # a list of more says nothing about one statement, and takes long to read


@dataclass(frozen=True, slots=True)
class Judge:
    """Holds statements against the graph."""

    make: ItemMaker
    links: LinkFinder
    tell: Teller
    kinds: KindFacts

    @property
    def snapshot(self) -> Snapshot:
        """The graph."""
        return self.make.snapshot

    def judge(self, question: Question) -> Found | None:
        """The judgement on the statement that a text makes; ``None`` if it makes none."""
        statements = read_statements(question, self.snapshot)
        if not statements:
            return None
        if not statements[0].known:
            return Found((self._unknown_part(statements[0]),), Judgement.UNKNOWN, complete=True)
        for statement in statements:
            holds, items = self._kind(statement) if statement.relation.id == "kind" else self._linked(statement)
            if holds is not Judgement.UNKNOWN:
                return Found(tuple(items), holds.negation if statement.negated else holds, complete=True)
        items = [self._not_recorded(statements[0]), *self._nearby(statements[0])]
        return Found(tuple(items), Judgement.UNKNOWN, complete=True)

    def _linked(self, statement: Statement) -> tuple[Judgement, list[EvidenceItem]]:
        """Whether any reading of the statement is recorded, or recorded as absent."""
        relation = statement.relation
        found = [
            (link, ends)
            for ends in product(statement.subjects, statement.objects)
            for link in self.links.between(relation, *ends)
        ]
        if stating := [pair for pair in found if not pair[0].negated]:
            direct = [pair for pair in stating if not pair[0].path] or stating
            chosen = sorted(direct, key=lambda pair: self._weight(pair[0]))[:_SHOWN]
            return Judgement.TRUE, [self.tell.link_item(relation, link, ends, ASKED_PAIR) for link, ends in chosen]
        if denied := [pair for pair in found if not pair[0].path]:
            link, ends = denied[0]
            return Judgement.FALSE, [self.tell.link_item(relation, link, ends, ASKED_PAIR)]
        return Judgement.UNKNOWN, []

    def _weight(self, link: Link) -> tuple[int, int, int]:
        """The most severe first, then the best trusted, then the nearest."""
        tier = self.make.sources.tier_of([*link.facts, *link.path])
        return severity_rank(link.facts), 0 if tier is None else tier.rank, len(link.path)

    def _kind(self, statement: Statement) -> tuple[Judgement, list[EvidenceItem]]:
        for child, parent in product(statement.subjects, statement.objects):
            if path := path_up(self.snapshot, child, parent):
                curies = (child, parent, *(fact.object for fact in path))
                text = self.kinds.step_by_step(path)
                return Judgement.TRUE, [self.make.of_facts(text, curies, path, ASKED_PAIR)]
        for child, parent in product(statement.subjects, statement.objects):
            if items := list(self._by_inheritance(child, parent)):
                return Judgement.TRUE, items
        child, parent = statement.subjects[0], statement.objects[0]
        if path := path_up(self.snapshot, parent, child):
            text = f"{self.kinds.step_by_step(path)[:-1]}, not the other way round."
            return Judgement.FALSE, [self.make.of_facts(text, (child, parent), path, ASKED_PAIR)]
        return Judgement.UNKNOWN, []

    def _by_inheritance(self, child: Curie, parent: Curie) -> Iterator[EvidenceItem]:
        """Membership in a class that a mode of inheritance defines, from the recorded modes."""
        if self.make.category(child) is not Category.DISEASE:
            return
        mode = mode_of_class(self.snapshot, parent)
        if mode is not None:
            links = self.links.between(relations()["inheritance"], child, mode)
            for link in [link for link in links if not link.negated][:_SHOWN]:
                yield self.tell.link_item(relations()["inheritance"], link, (child,), ASKED_PAIR)

    def _unknown_part(self, statement: Statement) -> EvidenceItem:
        """That a side of the statement is no concept which the relation could link."""
        subject_known = bool(statement.subjects)
        part = statement.object if subject_known else statement.subject
        known: Part = statement.subject if subject_known else statement.object
        curies = [curies[0] for curies in known.readings.values()][:1]
        if part.readings:
            text = f"in this graph, “{part.text}” is nothing that has {statement.relation.noun}."
        else:
            text = f"“{part.text}” is not the name of one concept of this graph."
        return self.make.of_search(text, curies, statement.relation.predicates)

    def _not_recorded(self, statement: Statement) -> EvidenceItem:
        subject, object = statement.subjects[0], statement.objects[0]
        if statement.relation.id == "kind":
            child, parent = self.make.inside(subject), self.make.inside(object)
            text = f"the classification does not record {child} as a kind of {parent}, nor rule it out."
            return self.make.of_search(text, (subject, object), [Predicate.SUBCLASS_OF])
        item = self.tell.nothing(statement.relation, (subject, object))
        return self.make.of_search(
            f"{item.text[0].lower()}{item.text[1:]}", (subject, object), statement.relation.predicates
        )

    def _nearby(self, statement: Statement) -> Iterator[EvidenceItem]:
        """What is recorded instead, so that a reader sees where the graph stands."""
        if statement.relation.id == "kind":
            yield from self.kinds.above(statement.subjects[0], ASKED_TOPIC)
            return
        for side, curie in ((Side.OBJECT, statement.objects[0]), (Side.SUBJECT, statement.subjects[0])):
            if len(self.snapshot.rows_to(self.snapshot.position(curie))) > _MOST_FACTS:
                continue
            found = self.links.of(statement.relation, side, curie)
            yield from self.tell.list_items(statement.relation, side, curie, found, ASKED_TOPIC)[:_CONTEXT]
