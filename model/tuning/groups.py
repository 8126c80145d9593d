"""Groups of examples: several questions put to one listing of evidence, made by the product's own retrieval."""

import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from kg import Category, Curie, Predicate, Snapshot
from retrieval import Context, EvidenceItem, Mention, Question, understand

from ..generator import Message, Role
from ..prompt import PromptTemplate, answer_messages
from .asking import GENERAL, Asker, Shape
from .example import Example, Split, Task
from .forms import Forms, Relation
from .splits import Splitting
from .targets import TargetWriter, Wanted, answers_by_fact, may_answer

if TYPE_CHECKING:
    from retrieval import ContextBuilder, Reader

UNANSWERED = "unanswered"
"""What stands for the relation of a question that the graph has no kind of fact for."""


@dataclass(slots=True)
class GroupMaker:
    """Draws groups about one concept after the other. Deterministic for a seed."""

    snapshot: Snapshot
    reader: "Reader"
    contexts: Callable[[int], "ContextBuilder"]
    writer: TargetWriter
    prompt: PromptTemplate
    forms: Forms
    splitting: Splitting
    count_tokens: Callable[[str], int]
    rng: random.Random
    shape: Shape
    ask: Asker = field(init=False)
    _others: dict[Split, deque[EvidenceItem]] = field(default_factory=dict)
    _number: Iterator[int] = field(default_factory=count)
    _all_items: list[tuple[EvidenceItem, Split]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ask = Asker(self.snapshot, self.forms, self.rng, self.shape)

    def group(self, concept: Curie) -> list[tuple[Example, Split]]:
        """The examples of one listing about a concept, each with its split; empty where none can be made."""
        category = self.snapshot.category_at(self.snapshot.position(concept))
        asked = [r for r in self.forms.relations.values() if r.about in (category, None) and r.id != UNANSWERED]
        general = self.rng.random() < self.shape.general
        anchors = [r for r in asked if (r.id in GENERAL) is general] or asked
        anchor = self.ask.chosen(anchors, concept)
        if anchor is None:
            return []
        found = self._context(anchor[0], anchor[1])
        if found is None:
            return []
        context = self._changed(found, self._meant(anchor[0], found.mentions))
        if not context.items:
            return []
        group = f"g{next(self._number)}"
        wanted = [anchor, *self.ask.further(asked, concept, context, general)]
        made = [self._example(one, text, form, context, group) for one, text, form in wanted]
        if (other := self._about_nothing(concept, context, group)) is not None:
            made.append(other)
        made += self._conversation([each for each in made if each is not None], context)
        made += self._contradiction(concept)
        self._remember(concept, context)
        return _once([each for each in made if each is not None])

    def _context(self, wanted: Wanted, text: str) -> Context | None:
        """The product's context for a question; ``None`` where the graph alone answers or the concept is not found."""
        question = self._read(text)
        if not _names(question.mentions, wanted.concept):
            return None
        builder = self.contexts(self.rng.choice(self.shape.budgets))
        context = builder.build(question, self.count_tokens)
        return None if context.complete or not context.items else context

    def _read(self, text: str) -> Question:
        return understand(text, self.reader.mentions(text, prefer=Category.DISEASE))

    def _changed(self, context: Context, wanted: Wanted) -> Context:
        """The context with items withheld, added or put in another order, and numbered anew."""
        items = list(context.items)
        drawn = self.rng.random()
        if drawn < self.shape.withheld:
            items = [item for item in items if not may_answer(wanted, item)]
        elif drawn < self.shape.withheld + self.shape.alone:
            items = [item for item in items if answers_by_fact(wanted, item)][: self.rng.choice((1, 1, 2))] or items
        split = self.splitting.of_concept(wanted.concept)
        others = [item for item in self._others.get(split, ()) if not wanted.is_about(item)]
        if others and (not items or self.rng.random() < self.shape.distracted):
            items += self.rng.sample(others, min(len(others), self.rng.choice((1, 2, 3))))
            self.rng.shuffle(items)
        elif self.rng.random() < self.shape.shuffled:
            self.rng.shuffle(items)
        return replace(context, items=tuple(replace(item, n=n) for n, item in enumerate(items, start=1)))

    def _meant(self, wanted: Wanted, mentions: Sequence[Mention]) -> Wanted:
        """What is asked, with everything that the words of the question can mean by it."""
        category = self.ask.category(wanted.concept)
        meant = [c for m in mentions if _names([m], wanted.concept) for c in (m.curie, *m.alternatives)]
        alike = frozenset(c for c in meant if self.snapshot.resolve(c) and self.ask.category(c) is category)
        if wanted.second is None:
            return replace(wanted, alike=alike)
        near = self.snapshot.ancestors(wanted.second) | self.snapshot.descendants(wanted.second)
        return replace(wanted, alike=alike, near=near, second_name=self.snapshot.label(wanted.second))

    def _remember(self, concept: Curie, context: Context) -> None:
        split = self.splitting.of_concept(concept)
        kept = self._others.setdefault(split, deque(maxlen=40))
        found = [item for item in context.items if concept in item.curies and len(item.text) < 400]
        kept.extend(found)
        if found:
            self._all_items.append((self.rng.choice(found), split))

    def remembered(self) -> list[tuple[EvidenceItem, Split]]:
        """One evidence item of each group made, with the split of its concept."""
        return list(self._all_items)

    def _example(
        self, wanted: Wanted, text: str, form: str, context: Context, group: str
    ) -> tuple[Example, Split] | None:
        question = self._read(text)
        if not _names(question.mentions, wanted.concept):
            return None
        wanted = self._meant(wanted, question.mentions)
        own = replace(context, question=text, mentions=question.mentions)
        target = self.writer.write(wanted, own)
        if target is None and any(may_answer(wanted, item) for item in own.items):
            return None  # it may be answered after all, so neither answer would be right
        answer = self.prompt.abstention if target is None else target.text
        cited = () if target is None else tuple(item for item in own.items if item.n in target.cited)
        return self._made(
            Task.ABSTAIN if target is None else Task.ANSWER,
            wanted,
            form,
            own,
            answer,
            group,
            answering=tuple(item.text for item in own.items if may_answer(wanted, item)),
            expected=tuple(dict.fromkeys(c for item in cited for c in item.curies if c != wanted.concept)),
        )

    def _about_nothing(self, concept: Curie, context: Context, group: str) -> tuple[Example, Split] | None:
        """A question that the evidence does not answer: on what no fact is about, or on another disease."""
        if self.ask.category(concept) is not Category.DISEASE:
            return None
        draw = self.rng.random()
        if draw < 0.2:
            form = self.rng.choice(self.forms.unanswered)
            nothing = Relation(UNANSWERED, Category.DISEASE, frozenset(), "subject", (), ())
            wanted = Wanted(nothing, concept)
            if any(may_answer(wanted, item, self.forms.unanswered_words) for item in context.items):
                return None
        elif draw < 0.3:
            stranger = self._stranger(concept)
            if stranger is None or any(stranger in item.curies for item in context.items):
                return None
            relation = self.rng.choice([r for r in self.forms.relations.values() if r.about is Category.DISEASE])
            if relation.second is not None or relation.id == "overview":
                return None
            form, wanted = self.rng.choice(relation.wordings), Wanted(relation, stranger)
        else:
            return None
        text = form.format(x=self.ask.name(wanted.concept))
        own = replace(context, question=text, mentions=self._read(text).mentions)
        return self._made(Task.ABSTAIN, wanted, form, own, self.prompt.abstention, group)

    def _conversation(self, made: Sequence[tuple[Example, Split]], context: Context) -> Iterator[tuple[Example, Split]]:
        """Two questions about one concept in a row; the second one calls it "it"."""
        answered = [(e, s) for e, s in made if e.task is Task.ANSWER]
        later = [(e, s) for e, s in answered if e.relation in self.forms.follow_up]
        if len(answered) < 2 or not later or self.rng.random() >= self.shape.multi_turn:
            return
        second, split = self.rng.choice(later)
        firsts = [(e, s) for e, s in answered if e.relation != second.relation and s is split]
        if not firsts:
            return
        first, _ = self.rng.choice(firsts)
        asked = self.rng.choice(self.forms.follow_up[second.relation])
        messages = (*first.messages, Message(Role.USER, asked), second.messages[-1])
        number = f"{first.group}-{next(self._number)}"
        yield replace(second, id=number, task=Task.MULTI_TURN, form=asked, question=asked, messages=messages), split

    def _contradiction(self, concept: Curie) -> Iterator[tuple[Example, Split]]:
        """A finding that one item gives a frequency for and another records as absent: both are to be said."""
        finding = self.forms.relations["finding"]
        if self.ask.category(concept) is not Category.DISEASE or self.rng.random() >= self.shape.contradicted:
            return
        facts = [f for f in self.snapshot.facts_from(concept, Predicate.HAS_PHENOTYPE) if f.frequency and not f.negated]
        if not facts:
            return
        fact = self.rng.choice(facts)
        worded = self.ask.worded(finding, concept, {"finding": fact.object})
        context = None if worded is None else self._context(worded[0], worded[1])
        if worded is None or context is None:
            return
        wanted = self._meant(worded[0], context.mentions)
        stating = [item for item in context.items if answers_by_fact(wanted, item)]
        denial = f"{self.snapshot.label(fact.object)} is recorded as absent in {self.snapshot.label(concept)}."
        if len(stating) != 1 or stating[0].curies[0] != concept:
            return
        denied = replace(stating[0], text=denial, facts=(replace(fact, negated=True, frequency=None),))
        others = [item for item in context.items if item is not stating[0]][:3]
        items = [stating[0], denied, *others]
        self.rng.shuffle(items)
        changed = replace(context, items=tuple(replace(item, n=n) for n, item in enumerate(items, start=1)))
        group = f"g{next(self._number)}"
        made = self._example(worded[0], worded[1], worded[2], changed, group)
        if made is not None and made[0].messages[-1].content.count("[") == 2:
            yield replace(made[0], task=Task.CONTRADICTION), made[1]

    def _stranger(self, concept: Curie) -> Curie | None:
        split = self.splitting.of_concept(concept)
        items = self._others.get(split, ())
        diseases = [c for item in items for c in item.curies[:1] if self.ask.category(c) is Category.DISEASE]
        return self.rng.choice(diseases) if diseases else None

    def _made(
        self,
        task: Task,
        wanted: Wanted,
        form: str,
        context: Context,
        answer: str,
        group: str,
        answering: tuple[str, ...] = (),
        expected: tuple[Curie, ...] = (),
    ) -> tuple[Example, Split]:
        messages = (*answer_messages(context, self.prompt, self.snapshot.label), Message(Role.ASSISTANT, answer))
        relation = wanted.relation.id
        example = Example(
            f"{group}-{next(self._number)}",
            group,
            task,
            relation,
            form,
            wanted.concept,
            messages,
            context.question,
            answering,
            expected,
        )
        concepts = [wanted.concept]
        if wanted.second is not None and wanted.relation.second is Category.DRUG:
            concepts.append(wanted.second)
        return example, self.splitting.of(concepts, relation, form, self.forms)


def _names(mentions: Sequence[Mention], concept: Curie) -> bool:
    return any(concept in (mention.curie, *mention.alternatives) for mention in mentions)


def _once(made: Sequence[tuple[Example, Split]]) -> list[tuple[Example, Split]]:
    """Each question once."""
    kept = {example.question.casefold(): (example, split) for example, split in made}
    return list(kept.values())
