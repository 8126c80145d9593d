"""Questions about a concept: which relations are asked, in which words, with which second concept."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kg import Category, Curie, NameKind, Predicate, Snapshot
from retrieval import Context

from .forms import Forms, Relation
from .targets import Wanted, answers_by_fact

GENERAL = ("definition", "overview")
"""Relations that ask for a concept at large."""
SELDOM = frozenset({"treatment", "red_flags", "risk_factors", "transmission"})
"""Relations that few concepts have facts of; one that has is asked about them more often."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How groups are drawn; all but the counts are probabilities.

    ``general_questions`` are put to evidence on a concept at large, ``special_questions`` to evidence on one relation.
    ``withheld`` takes the answering items away; ``alone`` takes all others away, so that a short listing does not tell
    that nothing answers; ``shuffled`` changes their order; ``distracted`` puts items about other
    concepts among them; ``multi_turn`` adds a second question to one that was answered;
    ``contradicted`` adds the denial of a fact; ``seldom`` asks about a relation that few concepts have facts of.
    """

    general: float = 0.4
    general_questions: int = 5
    special_questions: int = 2
    withheld: float = 0.12
    alone: float = 0.25
    shuffled: float = 0.4
    distracted: float = 0.3
    multi_turn: float = 0.12
    contradicted: float = 0.06
    seldom: float = 0.6
    budgets: tuple[int, ...] = (160, 260, 400, 700)


@dataclass(slots=True)
class Asker:
    """Draws questions. Deterministic for the state of ``rng``, which others draw from too."""

    snapshot: Snapshot
    forms: Forms
    rng: random.Random
    shape: Shape
    _all_findings: list[Curie] = field(default_factory=list)

    def chosen(self, relations: Sequence[Relation], concept: Curie) -> tuple[Wanted, str, str] | None:
        """A question on a relation that the graph has facts of for the concept, if it has facts of any."""
        likely = [r for r in relations if not r.predicates or self._has_facts(r, concept)]
        if not likely:
            return None
        seldom = [relation for relation in likely if relation.id in SELDOM]
        if seldom and self.rng.random() < self.shape.seldom:
            likely = seldom
        return self.worded(self.rng.choice(likely), concept, self._second(likely, concept))

    def _has_facts(self, relation: Relation, concept: Curie) -> bool:
        forward = relation.side != "object" and any(self.snapshot.facts_from(concept, p) for p in relation.predicates)
        return forward or (
            relation.side != "subject" and any(self.snapshot.facts_to(concept, p) for p in relation.predicates)
        )

    def _second(self, relations: Sequence[Relation], concept: Curie) -> dict[str, Curie]:
        """For relations of two concepts, a second one that the first is linked to."""
        chosen = {}
        for relation in relations:
            if relation.second is not None:
                facts = [f for p in sorted(relation.predicates) for f in self.snapshot.facts_from(concept, p)]
                facts += [f for p in sorted(relation.predicates) for f in self.snapshot.facts_to(concept, p)]
                ends = sorted({f.object if f.subject == concept else f.subject for f in facts})
                ends = [end for end in ends if self.category(end) is relation.second]
                denied = [f.object for f in facts if f.negated and f.subject == concept]
                if denied and self.rng.random() < 0.4:
                    ends = denied
                if ends:
                    chosen[relation.id] = self.rng.choice(ends)
        return chosen

    def worded(self, relation: Relation, concept: Curie, second: dict[str, Curie]) -> tuple[Wanted, str, str] | None:
        """What is asked, the question and the wording it was made from; ``None`` if a second concept is lacking."""
        if relation.second is not None and relation.id not in second:
            return None
        other = second.get(relation.id)
        form = self.rng.choice(relation.wordings)
        names = {"x": self.name(concept), "y": "" if other is None else self.name(other)}
        return Wanted(relation, concept, other), form.format(**names), form

    def name(self, concept: Curie) -> str:
        """Mostly the label, at times a synonym, as people write it."""
        names = [n.text for n in self.snapshot.concept(concept).names if n.kind is not NameKind.LABEL]
        names = [name for name in names if 4 <= len(name) <= 60]
        label = self.snapshot.label(concept)
        name = self.rng.choice(names) if names and self.rng.random() < 0.2 else label
        if self.category(concept) is Category.PHENOTYPE and name[1:].islower():
            return name.lower()
        return name

    def further(
        self, asked: Sequence[Relation], concept: Curie, context: Context, general: bool
    ) -> Iterator[tuple[Wanted, str, str]]:
        """More questions that can be put to a context about a concept, some of which it does not answer."""
        most = self.shape.general_questions if general else self.shape.special_questions
        answered = [r for r in asked if any(answers_by_fact(Wanted(r, concept), item) for item in context.items)]
        named = [
            c for item in context.items if item.facts for c in item.curies if self.category(c) is Category.PHENOTYPE
        ]
        pool = [r for r in answered if r.second is None]
        self.rng.shuffle(pool)
        for relation in pool[: most - 1]:
            if worded := self.worded(relation, concept, {}):
                yield worded
        finding = self.forms.relations["finding"]
        if finding in asked and named and self.rng.random() < 0.5:
            yield from self._asking(finding, concept, self.rng.choice(named))
        silent = [r for r in asked if r not in answered and r.second is None and r.id not in GENERAL]
        if silent and self.rng.random() < 0.35:
            yield from self._asking(self.rng.choice(silent), concept)
        if finding in asked and self.rng.random() < 0.12:
            yield from self._asking(finding, concept, self.rng.choice(self._findings()))

    def _asking(
        self, relation: Relation, concept: Curie, second: Curie | None = None
    ) -> Iterator[tuple[Wanted, str, str]]:
        """A question on a relation, if it can be asked."""
        worded = self.worded(relation, concept, {} if second is None else {relation.id: second})
        if worded is not None:
            yield worded

    def _findings(self) -> list[Curie]:
        if not self._all_findings:
            columns = self.snapshot.columns
            rows = columns.predicate == tuple(Predicate).index(Predicate.HAS_PHENOTYPE)
            found = sorted(set(columns.object[rows].tolist()))
            self._all_findings += [self.snapshot.curie_at(int(position)) for position in found]
        return self._all_findings

    def category(self, curie: Curie) -> Category:
        """A concept's category."""
        return self.snapshot.category_at(self.snapshot.position(curie))
