"""A claim beside the evidence it cites: what every check takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg import Curie
from retrieval import Mention

from .claims import normalised
from .grounds import Ground, IsA, Place, Reading, same_kind, span_of
from .reading import Statement


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a claim is about: a concept, and the words for it, empty where it goes without saying."""

    curie: Curie
    text: str = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """A claim as read, the grounds it cites, what the question asks about, and the concept hierarchy."""

    reading: Reading
    grounds: tuple[Ground, ...]
    asked: tuple[Mention, ...]
    is_a: IsA

    def anchors(self) -> tuple[Anchor, ...]:
        """What the claim is about: the subjects of its evidence that it names; else the one that goes without saying.

        Without either, the first concept that it names.
        """
        subjects = {ground.subject for ground in self.grounds if ground.subject is not None}
        named = [m for m in self.reading.mentions if m.curie in subjects]
        if named:
            return tuple({m.curie: Anchor(m.curie, m.text) for m in named}.values())
        if (implied := self._implied(subjects)) is not None:
            return (Anchor(implied),)
        return tuple(Anchor(m.curie, m.text) for m in self.reading.mentions[:1])

    def _implied(self, subjects: set[Curie]) -> Curie | None:
        """The one subject of all evidence, if the claim names nothing of its kind and the question asks of it alone."""
        if len(subjects) != 1:
            return None
        subject = next(iter(subjects))
        rivals = {m.curie for m in self.asked if same_kind(m.curie, subject)}
        names_rival = any(same_kind(m.curie, subject) for m in self.reading.mentions)
        return subject if rivals == {subject} and not names_rival else None

    def others(self) -> tuple[Mention, ...]:
        """The mentions that are no anchor."""
        anchored = {anchor.curie for anchor in self.anchors()}
        return tuple(m for m in self.reading.mentions if m.curie not in anchored)

    def statement_of(self, mention: Mention) -> Statement:
        """The claim's statement in which a concept is named."""
        return self.reading.statement_at(span_of(mention))

    def quotes(self, ground: Ground) -> bool:
        """Whether the claim repeats a sentence of the evidence word for word, and names what it is about."""
        said = normalised(self.reading.text)
        named = any(anchor.text for anchor in self.anchors())
        return named and any(normalised(reading.text) == said for reading in ground.sentences)

    def meetings(self, ground: Ground, anchor: Anchor, mention: Mention) -> Iterator[tuple[Place, Place]]:
        """Where one statement of the evidence speaks of both concepts."""
        firsts = list(ground.places_of(anchor.curie, anchor.text, self.is_a))
        for second in ground.places_of(mention.curie, mention.text, self.is_a):
            for first in firsts:
                if first.statement is second.statement:
                    yield first, second


def overlap(one: Reading, statement: Statement, other: Reading) -> int:
    """How many different stems a statement of ``other`` shares with ``one``."""
    stems = {word.stem for word in other.words if statement.holds(span_of(word))}
    return len({word.stem for word in one.words} & stems)


def joined(words: Sequence[str]) -> str:
    """Words for a message, each once, in quotes."""
    return ", ".join(f"“{word}”" for word in dict.fromkeys(words))
