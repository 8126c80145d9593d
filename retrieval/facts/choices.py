"""Multiple choice: which of some options is linked to everything that a question names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg import Category, Curie, Snapshot

from ..evidence import EvidenceItem, Found, Judgement
from ..forms import forms
from ..mention import Mention
from ..question import Question, readings
from ..wording import join_words
from .items import ItemMaker
from .links import Link, LinkFinder, facts_of
from .relation import Relation, relations, relations_between
from .relation import Side as RelationSide
from .scores import ASKED_PAIR, ASKED_TOPIC, GROUP_SIZE
from .telling import Teller

_SEPARATOR = re.compile(r"\s*[,;\n]\s*|\s+or\s+")


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its words, and what they can mean."""

    text: str
    curies: tuple[tuple[Category, Curie], ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """An option with its links to each of the concepts asked about; an empty tuple where there is none."""

    option: Option
    links: tuple[tuple[Relation, tuple[Link, ...]], ...]

    @property
    def hits(self) -> int:
        """How many of the concepts it is linked to."""
        return sum(bool(links) for _, links in self.links)


@dataclass(frozen=True, slots=True)
class Chooser:
    """Answers multiple choice by intersection: only an option that is linked to all that is named is the answer."""

    make: ItemMaker
    links: LinkFinder
    tell: Teller

    @property
    def snapshot(self) -> Snapshot:
        """The graph that is read."""
        return self.make.snapshot

    def choose(self, question: Question) -> Found | None:
        """The options that fit, or why that cannot be known; ``None`` if a text is no multiple choice."""
        start = _options_start(question)
        if start is None:
            return None
        options = list(self._options(question, start))
        stem = [mention for mention in question.mentions if mention.end <= start]
        if len(options) < 2 or not stem:
            return None
        scored = [self._score(option, stem) for option in options]
        full = [each for each in scored if each.hits == len(stem)]
        if full:
            return Found(tuple(self._item(each, stem, ASKED_PAIR) for each in full), complete=True)
        return Found(tuple(self._none(scored, stem)), Judgement.UNKNOWN, complete=True)

    def _options(self, question: Question, start: int) -> Iterator[Option]:
        """Options in order; one between two separators, unless a separator stands inside a mention."""
        text, at = question.text, start
        inside = [mention for mention in question.mentions if mention.start >= start]
        cuts = [
            match.span()
            for match in _SEPARATOR.finditer(text, start)
            if not any(mention.start < match.start() < mention.end for mention in inside)
        ]
        for stop, following in (*cuts, (len(text), len(text))):
            words = text[at:stop].strip(" .?")
            if words:
                own = [mention for mention in inside if at <= mention.start and mention.end <= stop]
                yield Option(words, tuple(self._meanings(own)))
            at = following

    def _meanings(self, mentions: Sequence[Mention]) -> Iterator[tuple[Category, Curie]]:
        best = max(mentions, key=lambda mention: mention.end - mention.start, default=None)
        if best is not None:
            for category, curies in readings(best, self.snapshot).items():
                yield from ((category, curie) for curie in curies)

    def _score(self, option: Option, stem: Sequence[Mention]) -> Scored:
        return Scored(option, tuple(self._linked(option, mention) for mention in stem))

    def _linked(self, option: Option, mention: Mention) -> tuple[Relation, tuple[Link, ...]]:
        """The first relation, by the order of the table, that links any meaning of an option to any of a mention."""
        first: Relation | None = None
        for category, curie in option.curies:
            for other, curies in readings(mention, self.snapshot).items():
                for relation, side in relations_between(category, other):
                    first = first or relation
                    for about in curies:
                        ends = (curie, about) if side is RelationSide.SUBJECT else (about, curie)
                        links = [link for link in self.links.between(relation, *ends) if not link.negated]
                        if links:
                            return relation, tuple(links[:GROUP_SIZE])
        return first or next(iter(relations().values())), ()

    def _item(self, scored: Scored, stem: Sequence[Mention], score: float) -> EvidenceItem:
        """That an option is linked to those concepts of the stem to which it is."""
        found = [(relation, links, mention) for (relation, links), mention in zip(scored.links, stem, strict=True)]
        linked = [(relation, links, mention) for relation, links, mention in found if links]
        told = join_words([self.tell.link_text(relation, links[0], (mention.curie,)).removesuffix(".")
                           for relation, links, mention in linked])  # fmt: skip
        facts = facts_of([link for _, links, _ in linked for link in links])
        curies = [curie for _, links, _ in linked for link in links for curie in (link.subject, link.object)]
        text = f"{scored.option.text}: {told}."
        return self.make.of_facts(text, curies, facts, score)

    def _none(self, scored: Sequence[Scored], stem: Sequence[Mention]) -> Iterator[EvidenceItem]:
        names = join_words([self.make.inside(mention.curie) for mention in stem])
        predicates = {predicate for each in scored for relation, _ in each.links for predicate in relation.predicates}
        text = f"no option is recorded with {'all of ' if len(stem) > 2 else 'both ' if len(stem) > 1 else ''}{names}."
        yield self.make.of_search(text, [mention.curie for mention in stem], predicates)
        most = max(each.hits for each in scored)
        for each in scored:
            if most and each.hits == most:
                yield self._item(each, stem, ASKED_TOPIC)


def _options_start(question: Question) -> int | None:
    """Where the options begin."""
    found = [match.end() for match in re.finditer(forms()["options"], question.text, re.IGNORECASE)]
    return found[-1] if found else None
