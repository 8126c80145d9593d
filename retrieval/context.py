"""The context of a question: facts and passages, numbered, within a token budget."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from kg import Curie, Snapshot

from .evidence import Context, EvidenceItem, EvidenceKind
from .facts import FactFinder
from .passages import Passage
from .question import Question
from .search import PassageSearch
from .wording import names_of

CountTokens = Callable[[str], int]
"""How many tokens a text has for the language model that will read it."""


@dataclass(frozen=True, slots=True)
class ContextSettings:
    """How much evidence to gather. ``token_budget`` bounds all item texts together."""

    token_budget: int = 700
    passages: int = 3
    candidates: int = 20


class ContextBuilder:
    """Gathers facts and passages for a question and keeps the most relevant that fit."""

    def __init__(
        self, snapshot: Snapshot, search: PassageSearch | None, settings: ContextSettings | None = None
    ) -> None:
        self._snapshot, self._search = snapshot, search
        self._facts = FactFinder(snapshot)
        self._settings = settings or ContextSettings()

    @property
    def degraded(self) -> str | None:
        """Why passages were searched by words alone or not at all; ``None`` if all is well."""
        return "no passage index is open" if self._search is None else self._search.degraded

    def build(self, question: Question, count_tokens: CountTokens) -> Context:
        """The context; the same question always gets the same one."""
        found = self._facts.find(question)
        items = [*found.items, *(() if found.complete else self._passages(question))]
        if not found.complete:
            items.sort(key=lambda item: (-item.score, item.kind is EvidenceKind.PASSAGE))
        chosen = _within_budget(items, self._settings.token_budget, count_tokens)
        numbered = tuple(replace(item, n=n) for n, item in enumerate(chosen, start=1))
        return Context(question.text, question.mentions, numbered, found.judgement, found.complete)

    def _passages(self, question: Question) -> Iterable[EvidenceItem]:
        """Passages about a mentioned concept that speak of what is asked; others are similar, not evidence."""
        about = _concepts(question, self._snapshot)
        if self._search is None or not about:
            return []
        found = self._search.search(question.text, self._settings.candidates, about=about)
        fitting = [
            (_relevance(scored.passage, question), rank, scored.passage)
            for rank, scored in enumerate(found)
            if scored.passage.concept in about and _answers(scored.passage, question)
        ]
        fitting.sort(key=lambda row: (-row[0], row[1]))
        return [self._item(passage, score) for score, _, passage in fitting[: self._settings.passages]]

    def _item(self, passage: Passage, score: float) -> EvidenceItem:
        about = () if passage.concept is None else (passage.concept,)
        year = "" if passage.year is None else f" ({passage.year})"
        return EvidenceItem(
            0,
            EvidenceKind.PASSAGE,
            f"{passage.title}{year}: {passage.text}",
            about,
            self._snapshot.title_of(passage.source),
            passage.release,
            passage.reference,
            surface_forms=names_of(self._snapshot, about),
            score=score,
            tier=self._facts.sources.tier_named(passage.source),
        )


def _concepts(question: Question, snapshot: Snapshot) -> tuple[Curie, ...]:
    curies = (curie for mention in question.mentions for curie in (mention.curie, *mention.alternatives))
    return tuple(dict.fromkeys(found for curie in curies if (found := snapshot.resolve(curie))))


def _answers(passage: Passage, question: Question) -> bool:
    return not question.topics or any(topic.answered_by(passage.text) for topic in question.topics)


def _relevance(passage: Passage, question: Question) -> float:
    """Definitions answer "what is"; other topics have facts that come before prose."""
    if not question.topics or question.asks("definition"):
        return 0.95
    named = any(passage.kind in topic.passages and topic.words for topic in question.topics)
    return 0.7 if named else 0.4


def _within_budget(items: Sequence[EvidenceItem], budget: int, count_tokens: CountTokens) -> list[EvidenceItem]:
    chosen: list[EvidenceItem] = []
    left = budget
    for item in items:
        cost = count_tokens(item.text) + 8  # number, source and line break in the prompt
        if cost <= left:
            chosen.append(item)
            left -= cost
    return chosen
