"""Evidence items and the context they form: what a question may be answered from."""

from dataclasses import dataclass
from enum import StrEnum

from kg import Curie, Fact

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
    the graph facts behind a fact item, empty for a passage. ``score`` is the relevance to the question, higher is
    better.
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


@dataclass(frozen=True, slots=True)
class Context:
    """Everything chosen for one question, numbered from 1, within a token budget."""

    question: str
    mentions: tuple[Mention, ...]
    items: tuple[EvidenceItem, ...]

    def item(self, n: int) -> EvidenceItem | None:
        """The evidence numbered ``n``, or ``None``."""
        return next((item for item in self.items if item.n == n), None)
