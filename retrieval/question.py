"""What a question asks: its concepts, and the topics it wants to know about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg import Category, Curie, Snapshot

from .forms import is_category_noun
from .mention import Mention
from .topics import Topic, topics

_FIRST = (Category.DISEASE, Category.PHENOTYPE, Category.GENE)
_CATEGORIES = (*_FIRST, *(category for category in Category if category not in _FIRST))


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its mentions and topics; no topic means that it asks about a concept in general."""

    text: str
    mentions: tuple[Mention, ...]
    topics: tuple[Topic, ...]

    def asks(self, *ids: str) -> bool:
        """Whether one of these topics is asked for."""
        return any(topic.id in ids for topic in self.topics)

    @property
    def masked(self) -> str:
        """The lower-cased text with each mention blanked out, character for character."""
        return masked(self.text, self.mentions)

    def concepts(self, snapshot: Snapshot) -> dict[Category, tuple[Curie, ...]]:
        """The mentioned concepts by category, each once, in order.

        Words that name both a disease and a finding ("ectopia lentis") are read as the finding beside a disease or
        where diseases are asked for, and as the disease otherwise.
        """
        found = [readings(mention, snapshot) for mention in self.mentions]
        diseases_known = any(Category.DISEASE in each and Category.PHENOTYPE not in each for each in found)
        as_finding = (diseases_known and not self.asks("kinds")) or self.asks("diseases_with_finding")
        chosen: dict[Category, dict[Curie, None]] = {}
        for each in found:
            both = Category.DISEASE in each and Category.PHENOTYPE in each
            for category in _CATEGORIES:
                if category in each and not (both and category in _FIRST[:2] and (category is _FIRST[0]) == as_finding):
                    chosen.setdefault(category, {})[each[category][0]] = None
        return {category: tuple(curies) for category, curies in chosen.items()}

    def namesakes(self, curie: Curie, snapshot: Snapshot) -> tuple[Curie, ...]:
        """The concept and others of its category that the same words can mean, best first."""
        category = snapshot.category_at(snapshot.position(curie))
        return (
            curie,
            *(other for kind, other in self.meanings(curie, snapshot) if kind is category and other != curie),
        )

    def meanings(self, curie: Curie, snapshot: Snapshot) -> tuple[tuple[Category, Curie], ...]:
        """Everything that the words can mean which can mean this concept, with its category, the concept first."""
        found: dict[Curie, Category] = {curie: snapshot.category_at(snapshot.position(curie))}
        for mention in self.mentions:
            read = readings(mention, snapshot)
            if any(curie in curies for curies in read.values()):
                found |= {
                    other: category for category, curies in read.items() for other in curies if other not in found
                }
        return tuple((category, other) for other, category in found.items())


def readings(mention: Mention, snapshot: Snapshot) -> Mapping[Category, tuple[Curie, ...]]:
    """What a mention can mean, by category, its best reading first."""
    found: dict[Category, dict[Curie, None]] = {}
    for curie in (mention.curie, *mention.alternatives):
        if (concept := snapshot.find(curie)) is not None:
            found.setdefault(concept.category, {})[concept.curie] = None
    return {category: tuple(curies) for category, curies in found.items()}


def understand(text: str, mentions: Iterable[Mention]) -> Question:
    """The question with its topics; a definition is asked for only where nothing more special is.

    A noun that asks for concepts of a category ("drugs") is no mention of one, even if some source has such a concept.
    """
    mentions = tuple(mention for mention in mentions if not is_category_noun(mention.text))
    mentions = tuple(mention for mention in mentions if not _is_part_of_a_cue(mention, text))
    lowered = masked(text, mentions)
    asked = [topic for topic in topics() if topic.asked_in(lowered)]
    special = [topic for topic in asked if topic.id != "definition"]
    return Question(text, mentions, tuple(special or asked))


_SHORT = 3
_LONGEST_CUE = 3


def _is_part_of_a_cue(mention: Mention, text: str) -> bool:
    """Whether a short word in lower case belongs to what is asked for: "red" in "red flags" is no abbreviation."""
    if len(mention.text) > _SHORT or not mention.text.islower():
        return False
    lowered = text.lower()
    found = (match for topic in topics() for cue in topic.cues for match in cue.finditer(lowered))
    return any(
        match.start() <= mention.start and mention.end <= match.end() and 1 < len(match.group().split()) <= _LONGEST_CUE
        for match in found
    )


def masked(text: str, mentions: Iterable[Mention]) -> str:
    """The text in lower case, its mentions blanked out, so that "congenital" in a disease's name asks for nothing."""
    for mention in mentions:
        text = text[: mention.start] + "…" * (mention.end - mention.start) + text[mention.end :]
    return text.lower()
