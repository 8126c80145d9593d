"""Evidence items and the context they form: what a question may be answered from."""

from dataclasses import dataclass
from enum import StrEnum

from kg import Curie, Fact, Tier

from .mention import Mention


class EvidenceKind(StrEnum):
    """Where an evidence item comes from."""

    FACT = "fact"
    PASSAGE = "passage"


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One numbered piece of evidence.

    ``text`` is one plain sentence for a group of facts, or the passage itself. ``curies`` are the concepts it is
    about, the subject first. ``surface_forms`` are the names (labels and synonyms) under which those concepts may be
    recognised. ``reference`` is what a reader looks up: PMIDs or record identifiers, joined by ``"; "``. ``facts`` are
    the graph facts behind a fact item, empty for a passage; a fact item without facts says what a concept's record
    holds, or what was looked for and not found. ``score`` is the relevance to the question, higher is better. ``tier``
    is that of the least trusted fact it rests on, or of the passage's source; ``None`` where none is listed.
    """

    n: int
    kind: EvidenceKind
    text: str
    curies: tuple[Curie, ...]
    source: str
    release: str
    reference: str
    facts: tuple[Fact, ...] = ()
    surface_forms: tuple[str, ...] = ()
    score: float = 0.0
    tier: Tier | None = None


class Judgement(StrEnum):
    """What the graph makes of a statement; the answer begins with it."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Cannot be known"

    @property
    def negation(self) -> "Judgement":
        """The judgement of the opposite statement."""
        return {Judgement.TRUE: Judgement.FALSE, Judgement.FALSE: Judgement.TRUE}.get(self, self)


@dataclass(frozen=True, slots=True)
class Found:
    """Unnumbered evidence for one question, the most relevant first.

    ``judgement`` is that of a statement. ``complete`` says that the items are the whole answer, which prose could only
    repeat.
    """

    items: tuple[EvidenceItem, ...] = ()
    judgement: Judgement | None = None
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """Everything chosen for one question, numbered from 1, within a token budget.

    ``judgement`` is that of the statement, if the question is one. A ``complete`` context is answered by the sentences
    of its items alone.
    """

    question: str
    mentions: tuple[Mention, ...]
    items: tuple[EvidenceItem, ...]
    judgement: Judgement | None = None
    complete: bool = False

    def item(self, n: int) -> EvidenceItem | None:
        """The evidence numbered ``n``, or ``None``."""
        return next((item for item in self.items if item.n == n), None)
