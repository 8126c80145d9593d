"""What a claim stands on: the evidence it cites, read once, and the places where it speaks of a concept."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from kg import Curie, Fact, prefix_of
from retrieval import EvidenceItem, Mention

from .claims import split_sentences
from .quantities import Quantity, quantities_in
from .reading import Span, Statement, Word, denies, inside, leading_denial, plain_stems, statements_of, words_of

Linker: TypeAlias = Callable[[str], Sequence[Mention]]
"""Finds the concepts that a text names."""

IsA: TypeAlias = Callable[[Curie, Curie], bool]
"""Whether the first concept is the second one or a kind of it."""


def same_concept(child: Curie, parent: Curie) -> bool:
    """An `IsA` that knows no hierarchy."""
    return child == parent


def same_kind(one: Curie, other: Curie) -> bool:
    """Whether two concepts come from one vocabulary, so that each could take the other's place in a sentence."""
    return prefix_of(one) == prefix_of(other)


@dataclass(frozen=True, slots=True)
class Reading:
    """One sentence as the checks see it; every span counts from the start of ``text``.

    What stands inside a mention is part of a name and says nothing of its own.
    """

    text: str
    mentions: tuple[Mention, ...]
    words: tuple[Word, ...]
    statements: tuple[Statement, ...]
    quantities: tuple[Quantity, ...]

    @property
    def names(self) -> tuple[Span, ...]:
        """The spans of the mentions."""
        return tuple(span_of(mention) for mention in self.mentions)

    def statement_at(self, span: Span) -> Statement:
        """The statement in which a span begins."""
        return next(statement for statement in self.statements if statement.holds(span))


def span_of(part: Mention | Word) -> Span:
    """Where a mention or word lies in its text."""
    return (part.start, part.end)


def read_sentence(text: str, linker: Linker, known: Collection[Curie] = ()) -> Reading:
    """Read one sentence. Of overlapping mentions the longest counts; words such as "disease" alone name nothing.

    Words that can mean several concepts mean a ``known`` one, if they can.
    """
    words = words_of(text)
    found = _naming([_without_denial(mention) for mention in _longest(linker(text))], words)
    mentions = tuple(settled(mention, known) for mention in found)
    names = tuple(span_of(mention) for mention in mentions)
    return Reading(text, mentions, words, statements_of(text, names), quantities_in(text, names))


def _without_denial(mention: Mention) -> Mention:
    """The mention without a leading "no" or "lack", unless the concept's own label denies ("absent speech")."""
    denial = leading_denial(mention.text)
    if not denial or denies(mention.label):
        return mention
    return replace(mention, start=mention.start + denial, text=mention.text[denial:])


def settled(mention: Mention, known: Collection[Curie]) -> Mention:
    """The mention, as one of a ``known`` concept where its words can mean one."""
    if mention.curie in known:
        return mention
    meant = next((curie for curie in mention.alternatives if curie in known), mention.curie)
    return replace(mention, curie=meant) if meant != mention.curie else mention


def _longest(mentions: Sequence[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (m.start - m.end, m.start)):
        if not inside(span_of(mention), [span_of(other) for other in kept]):
            kept.append(mention)
    return sorted(kept, key=lambda m: m.start)


def _naming(mentions: Sequence[Mention], words: Sequence[Word]) -> tuple[Mention, ...]:
    def says_something(mention: Mention) -> bool:
        return any(w.stem not in plain_stems() for w in words if inside(span_of(w), [span_of(mention)]))

    return tuple(mention for mention in mentions if says_something(mention))


@dataclass(frozen=True, slots=True)
class Place:
    """A statement of the evidence that speaks of a concept, and where; ``None`` where it goes without saying."""

    reading: Reading
    statement: Statement
    span: Span | None


@dataclass(frozen=True, slots=True)
class Ground:
    """One cited evidence item and its sentences.

    ``topics`` has, per sentence and statement, the concepts of the subject's kind that it speaks of: those it names,
    else those last named, the item's subject at first.
    """

    item: EvidenceItem
    sentences: tuple[Reading, ...]
    topics: tuple[tuple[frozenset[Curie], ...], ...]

    @property
    def subject(self) -> Curie | None:
        """The concept that the item is about, where it says so."""
        return self.item.curies[0] if self.item.curies else None

    def places_of(self, curie: Curie, text: str, is_a: IsA) -> Iterator[Place]:
        """Every statement that speaks of a concept, by identifier, by the same words, or as the current topic."""
        for reading, topics in zip(self.sentences, self.topics, strict=True):
            spans = tuple(self._spans(reading, curie, text, is_a))
            for statement, spoken_of in zip(reading.statements, topics, strict=True):
                named = [span for span in spans if statement.holds(span)]
                if named:
                    yield from (Place(reading, statement, span) for span in named)
                elif curie in spoken_of:
                    yield Place(reading, statement, None)

    def _spans(self, reading: Reading, curie: Curie, text: str, is_a: IsA) -> Iterator[Span]:
        for mention in reading.mentions:
            if self.is_meant(mention.curie, curie, is_a):
                yield span_of(mention)
        yield from phrase_spans(text, reading.words)

    def is_meant(self, evidence: Curie, claimed: Curie, is_a: IsA) -> bool:
        """Whether evidence about one concept speaks of a claimed one: the same, or for findings a broader one.

        What holds for one disease need not hold for a broader one, so concepts of the subject's kind must be the same.
        """
        if self.subject is not None and same_kind(claimed, self.subject):
            return evidence == claimed
        return is_a(evidence, claimed)

    def facts_between(self, one: Curie, other: Curie, is_a: IsA) -> tuple[Fact, ...]:
        """The item's facts that join two concepts, in either direction. A denied finding denies no broader one."""
        found = []
        for fact in self.item.facts:
            for near, far in ((fact.subject, fact.object), (fact.object, fact.subject)):
                met = self.is_meant(near, one, is_a) and self.is_meant(far, other, is_a)
                if met and (not fact.negated or (near, far) == (one, other)):
                    found.append(fact)
        return tuple(dict.fromkeys(found))

    def speaks_of(self, mention: Mention, is_a: IsA) -> bool:
        """Whether the item is about a concept, names it, or says the same words."""
        if any(self.is_meant(curie, mention.curie, is_a) for curie in self.item.curies):
            return True
        return next(self.places_of(mention.curie, mention.text, is_a), None) is not None


def phrase_spans(phrase: str, words: Sequence[Word]) -> Iterator[Span]:
    """Where the words of a phrase follow each other in a text, by stem."""
    return run_spans(words_of(phrase), words)


def run_spans(run: Sequence[Word], words: Sequence[Word]) -> Iterator[Span]:
    """Where some words follow each other in a text, by stem."""
    wanted = [word.stem for word in run]
    for at in range(len(words) - len(wanted) + 1 if wanted else 0):
        if all(words[at + i].stem == stem for i, stem in enumerate(wanted)):
            yield (words[at].start, words[at + len(wanted) - 1].end)


def read_item(item: EvidenceItem, linker: Linker) -> Ground:
    """Read an evidence item sentence by sentence."""
    spans = split_sentences(item.text)
    readings = tuple(read_sentence(item.text[s.start : s.end], linker, item.curies) for s in spans)
    return Ground(item, readings, _topics(item, readings))


def _topics(item: EvidenceItem, readings: Sequence[Reading]) -> tuple[tuple[frozenset[Curie], ...], ...]:
    if not item.curies:
        return tuple(tuple(frozenset[Curie]() for _ in reading.statements) for reading in readings)
    subject = item.curies[0]
    current, topics = frozenset({subject}), []
    for reading in readings:
        row = []
        for statement in reading.statements:
            named = [m.curie for m in reading.mentions if statement.holds(span_of(m)) and same_kind(m.curie, subject)]
            current = frozenset(named) or current
            row.append(current)
        topics.append(tuple(row))
    return tuple(topics)
