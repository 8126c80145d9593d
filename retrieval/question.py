"""What a question asks: its concepts, and the topics it wants to know about."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kg import Category, Curie, Snapshot

from .mention import Mention


@dataclass(frozen=True, slots=True)
class Topic:
    """One row of ``data/topics.toml``."""

    id: str
    cues: tuple[re.Pattern[str], ...]
    passages: tuple[str, ...]
    words: tuple[str, ...]
    missing: str

    def asked_in(self, text: str) -> bool:
        """Whether a lower-cased question contains one of the cues."""
        return any(cue.search(text) for cue in self.cues)

    def answered_by(self, text: str) -> bool:
        """Whether a passage speaks of the topic at all."""
        lowered = text.lower()
        return not self.words or any(word in lowered for word in self.words)


@cache
def topics() -> tuple[Topic, ...]:
    """The topic table, in file order."""
    table = tomllib.loads((resources.files("data") / "topics.toml").read_text(encoding="utf-8"))
    return tuple(
        Topic(
            name,
            tuple(re.compile(cue) for cue in row["cues"]),
            tuple(row["passages"]),
            tuple(row["words"]),
            row["missing"],
        )
        for name, row in table.items()
    )


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its mentions and topics; no topic means that it asks about a concept in general."""

    text: str
    mentions: tuple[Mention, ...]
    topics: tuple[Topic, ...]

    def asks(self, *ids: str) -> bool:
        """Whether one of these topics is asked for."""
        return any(topic.id in ids for topic in self.topics)

    def concepts(self, snapshot: Snapshot) -> dict[Category, tuple[Curie, ...]]:
        """The mentioned concepts by category, each once, in order.

        Words that name both a disease and a finding ("ectopia lentis") are read as the finding beside a disease or
        where diseases are asked for, and as the disease otherwise.
        """
        readings = [_readings(mention, snapshot) for mention in self.mentions]
        diseases_known = any(Category.DISEASE in found and Category.PHENOTYPE not in found for found in readings)
        as_finding = (diseases_known and not self.asks("kinds")) or self.asks("diseases_with_finding")
        chosen: dict[Category, dict[Curie, None]] = {}
        for found in readings:
            both = Category.DISEASE in found and Category.PHENOTYPE in found
            for category in (Category.DISEASE, Category.PHENOTYPE, Category.GENE):
                if category in found and not (both and (category is Category.DISEASE) == as_finding):
                    chosen.setdefault(category, {})[found[category]] = None
        return {category: tuple(curies) for category, curies in chosen.items()}


def _readings(mention: Mention, snapshot: Snapshot) -> dict[Category, Curie]:
    """What a mention can mean: its best reading of each category."""
    found: dict[Category, Curie] = {}
    for curie in (mention.curie, *mention.alternatives):
        if (concept := snapshot.find(curie)) is not None:
            found.setdefault(concept.category, concept.curie)
    return found


def understand(text: str, mentions: Iterable[Mention]) -> Question:
    """The question with its topics; a definition is asked for only where nothing more special is."""
    mentions = tuple(mentions)
    lowered = _without(text, mentions).lower()
    asked = [topic for topic in topics() if topic.asked_in(lowered)]
    special = [topic for topic in asked if topic.id != "definition"]
    return Question(text, mentions, tuple(special or asked))


def _without(text: str, mentions: Iterable[Mention]) -> str:
    """The text with its mentions blanked out, so that "congenital" in a disease's name asks for nothing."""
    for mention in mentions:
        text = text[: mention.start] + "…" * (mention.end - mention.start) + text[mention.end :]
    return text
