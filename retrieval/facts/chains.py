"""Lists, counts and questions in two steps: which things of one kind are linked to a concept, if need be by others.

"Which drugs treat diseases caused by mutations in FBN1" goes from the gene to diseases and from these to drugs. Each
step is one row of the table of relations, and each edge of a path is a fact with its source.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg import Category, Curie, Fact, Snapshot

from ..evidence import EvidenceItem, Found
from ..forms import forms
from ..question import Question, readings
from ..wording import listing
from .items import ItemMaker
from .kinds import KindFacts
from .links import Link, LinkFinder
from .relation import Relation, Side, relations_between
from .scores import ASKED_PAIR, ASKED_TOPIC, LISTED
from .telling import Teller

_PATHS_SHOWN = 3
_MOST_ENDS = 5_000


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun that asks for concepts of a category, and where it stands."""

    category: Category
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step away from where one is: along a relation, of which one's own concept is ``side``."""

    relation: Relation
    side: Side


@dataclass(frozen=True, slots=True)
class Path:
    """Links from the concept asked about outwards, in order."""

    links: tuple[tuple[Relation, Link], ...]

    @property
    def facts(self) -> list[Fact]:
        """The facts of every edge, and those that say why it counts."""
        return [fact for _, link in self.links for fact in (*link.facts, *link.path)]


@dataclass(frozen=True, slots=True)
class Chains:
    """Walks from a named concept to what is asked for."""

    make: ItemMaker
    links: LinkFinder
    tell: Teller
    kinds: KindFacts

    @property
    def snapshot(self) -> Snapshot:
        """The graph that is walked."""
        return self.make.snapshot

    def find(self, question: Question) -> Found | None:
        """What a list, a count or a question in two steps asks for; ``None`` if a question is none of these."""
        text = question.masked
        counting, listing_all = (re.search(forms()[form], text) is not None for form in ("counts", "lists"))
        if not question.mentions:
            return None
        if (counting or listing_all) and (items := list(self._kinds_below(question, text))):
            return Found(tuple(items), complete=True)
        nouns = _nouns(text)
        ways = [
            (curie, steps)
            for anchor, curie in self._anchors(question)
            if (steps := _steps(nouns, anchor, text)) and (len(steps) > 1 or counting or listing_all)
        ]
        for curie, steps in ways:
            if walked := tuple(self._walk(curie, steps, nouns[0].text)):
                return Found(walked, complete=True)
        return Found((self._none(*ways[0]),), complete=True) if ways else None

    def _kinds_below(self, question: Question, text: str) -> Iterator[EvidenceItem]:
        noun = re.search(forms()["kinds"]["noun"], text)
        first = _nouns(text)[:1]
        if noun and not (first and first[0].start < noun.start()):
            for found in question.concepts(self.snapshot).values():
                for curie in found:
                    yield from self.kinds.below(curie, ASKED_PAIR)

    def _anchors(self, question: Question) -> Iterator[tuple[Category, Curie]]:
        """What the last mention can mean, then the one before it."""
        for mention in reversed(question.mentions):
            for category, curies in readings(mention, self.snapshot).items():
                yield from ((category, curie) for curie in curies)

    def _walk(self, anchor: Curie, steps: Sequence[Step], noun: str) -> Iterator[EvidenceItem]:
        """One sentence on how many there are and which, then one on each of the first paths."""
        paths: dict[Curie, list[Path]] = {anchor: [Path(())]}
        for n, step in enumerate(steps):
            paths = self._step(paths, step, first=n == 0)
        if not paths:
            return
        ranked = sorted(paths, key=lambda curie: (-len(paths[curie]), self.snapshot.label(curie), curie))
        shown = ranked[:LISTED]
        facts = list(dict.fromkeys(fact for curie in shown for fact in paths[curie][0].facts))
        own_only = not any(link.path for curie in ranked for path in paths[curie] for _, link in path.links)
        text = self._summary(anchor, ranked, steps, noun, own_only=own_only)
        yield self.make.of_facts(text, (anchor, *shown), facts, ASKED_PAIR)
        if len(steps) > 1:
            for curie in ranked[:_PATHS_SHOWN]:
                path = paths[curie][0]
                curies = [end for _, link in path.links for end in (link.subject, link.object)]
                yield self.make.of_facts(self._path_text(path, anchor), (curie, *curies), path.facts, ASKED_TOPIC)

    def _step(self, paths: dict[Curie, list[Path]], step: Step, *, first: bool) -> dict[Curie, list[Path]]:
        """One step further from every end; facts about kinds of the first concept count for it."""
        further: dict[Curie, list[Path]] = {}
        for curie in list(paths)[:_MOST_ENDS]:
            for link in self._links(step, curie) if first else self.links.of(step.relation, step.side, curie):
                end = link.object if step.side is Side.SUBJECT else link.subject
                ways = [Path((*path.links, (step.relation, link))) for path in paths[curie]]
                further.setdefault(end, []).extend(ways)
        return further

    def _links(self, step: Step, curie: Curie) -> Sequence[Link]:
        """All links of the concept and of its kinds where they count: "diseases with arachnodactyly" of any kind."""
        if step.relation.id != "finding" or step.side is not Side.OBJECT:
            return self.links.nearest(step.relation, step.side, curie)
        kinds = sorted(self.snapshot.descendants(curie) - {curie})
        own = list(self.links.of(step.relation, step.side, curie))
        return own + [link for kind in kinds for link in self.links.of(step.relation, step.side, kind)]

    def _summary(
        self, anchor: Curie, ends: Sequence[Curie], steps: Sequence[Step], noun: str, *, own_only: bool
    ) -> str:
        label = self.make.inside(anchor)
        listed = listing([self.make.inside(end) for end in ends], LISTED)
        many = f"{len(ends):,} {noun if noun.endswith('s') or len(ends) == 1 else noun + 's'}"
        one = noun.removesuffix("s") if len(ends) == 1 else ""
        counted = f"One {one}" if one else many
        verb = "is" if one else "are"
        if len(steps) == 1:
            about = f"{label} or its kinds" if not own_only else label
            return f"{counted} {verb} recorded for {about}: {listed}."
        return f"{counted} {verb} linked to {label} by way of {_plural(steps[0])}: {listed}."

    def _path_text(self, path: Path, anchor: Curie) -> str:
        """The sentences of a path, the edge of what was asked for first."""
        told = [self.tell.link_text(relation, link, (anchor,) if n == 0 else ())
                for n, (relation, link) in enumerate(path.links)]  # fmt: skip
        return f"{', and '.join(text.removesuffix('.') for text in reversed(told))}."

    def _none(self, anchor: Curie, steps: Sequence[Step]) -> EvidenceItem:
        predicates = {predicate for step in steps for predicate in step.relation.predicates}
        label = self.make.inside(anchor)
        nouns = " and then ".join(step.relation.noun for step in steps)
        searched = self.make.sources.stating(predicates)
        where = listing(list(searched)) if searched else "this graph"
        text = f"Nothing was found for {label} by way of {nouns} in {where}; that does not mean there is none."
        return self.make.of_search(text, (anchor,), predicates)


def _plural(step: Step) -> str:
    takes = step.relation.object if step.side is Side.SUBJECT else step.relation.subject
    return "diseases" if Category.DISEASE in takes else "other concepts"


def _nouns(text: str) -> list[Noun]:
    """The nouns of a text that name categories, in order."""
    found = [
        Noun(Category[name], match.group(), match.start(), match.end())
        for name, pattern in forms()["nouns"].items()
        for match in re.finditer(pattern, text)
    ]
    return sorted(found, key=lambda noun: (noun.start, -noun.end))


def _steps(nouns: Sequence[Noun], anchor: Category, text: str) -> tuple[Step, ...]:
    """The steps from an anchor of this category back to the first noun; empty if there is no way by one relation each.

    At most one noun stands between: the next one whose category differs from those at both ends.
    """
    if not nouns:
        return ()
    target = nouns[0]
    middle = next((noun for noun in nouns[1:] if noun.category not in (target.category, anchor)), None)
    ways = [(anchor, target)] if middle is None else [(anchor, middle), (middle.category, target)]
    steps = []
    for category, noun in ways:
        after = text[noun.end : (middle.start if middle is not None and noun is target else len(text))]
        step = _step(category, noun.category, after)
        if step is None:
            return ()
        steps.append(step)
    return tuple(steps)


def _step(at: Category, to: Category, words: str) -> Step | None:
    """The relation that the words between mean; the first that fits the categories where they mean none."""
    fitting = [Step(relation, side) for relation, side in relations_between(at, to)]
    meant = [step for step in fitting if step.relation.between is not None and step.relation.between.search(words)]
    return next(iter(meant or fitting), None)
