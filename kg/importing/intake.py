"""What every reader works with: the request, its identifiers, and the report of rows that cannot be used."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from ..concept import Category, Concept, Curie, Name, NameKind, prefix_of
from ..fact import SYMMETRIC, AgentType, Evidence, Fact, Frequency, KnowledgeLevel, Qualifier, Sex
from ..rejection import Rejections
from .identifiers import Identifiers, Unreadable
from .kinds import Kind
from .request import ImportRequest
from .vocabulary import CATEGORIES_BY_PREFIX, Relation

_QUALIFIER_ORDER = {qualifier: place for place, qualifier in enumerate(Qualifier)}


class Intake:
    """One import under way."""

    def __init__(self, request: ImportRequest, rejections: Rejections) -> None:
        self.request, self.rejections = request, rejections
        self.identifiers = Identifiers(request.prefixes)

    def looking_ahead(self) -> "Intake":
        """An intake of the same request whose reports go nowhere, for reading a file twice."""
        return Intake(self.request, Rejections())

    def reject(self, kind: Kind, where: str, reason: str) -> None:
        """Report one row that is left out."""
        self.rejections.add(kind, where, reason)

    def leave_out(self, where: str, counted: Counter[str]) -> None:
        """Report whole classes of rows that are left out on purpose, one line for each with its count."""
        for what, count in sorted(counted.items()):
            self.rejections.add(Kind.LEFT_OUT, where, f"{count} rows of {what}: the graph has no place for them")
            self.rejections.counts[Kind.LEFT_OUT] += count - 1

    def curie(self, text: str, where: str) -> Curie | None:
        """The CURIE of a text, or ``None`` after reporting it."""
        try:
            return self.identifiers.read(text)
        except Unreadable as error:
            self.reject(error.kind, where, error.reason)
            return None

    def find_curie(self, text: str) -> Curie | None:
        """The CURIE of a text, or ``None``; for texts that may well be something else."""
        try:
            return self.identifiers.read(text)
        except Unreadable:
            return None

    def category(self, curie: Curie) -> Category:
        """What a concept is by its prefix, for files that do not say it."""
        return CATEGORIES_BY_PREFIX.get(prefix_of(curie), self.request.category)

    def evidence(
        self,
        record: Curie,
        references: Iterable[str] = (),
        code: str = "",
        knowledge_level: KnowledgeLevel = KnowledgeLevel.ASSERTION,
        agent_type: AgentType = AgentType.MANUAL,
        quote: str = "",
        publication_count: int | None = None,
    ) -> Evidence:
        """Evidence that this import gives."""
        return Evidence(
            self.request.source,
            self.request.release,
            record,
            tuple(dict.fromkeys(references)),
            code,
            knowledge_level,
            agent_type,
            quote,
            publication_count,
        )


def named(curie: Curie, category: Category, label: str, synonyms: Iterable[str] = (), **fields: object) -> Concept:
    """A concept with a label and exact synonyms, each name once; its identifier is the label where there is none."""
    label = label.strip() or curie
    others = dict.fromkeys(text.strip() for text in synonyms)
    names = [Name(label, NameKind.LABEL), *(Name(text, NameKind.EXACT) for text in others if text and text != label)]
    return Concept(curie, category, tuple(names), **fields)  # type: ignore[arg-type] # the caller's fields are Concept's


def stated(
    subject: Curie,
    relation: Relation,
    target: Curie,
    evidence: Evidence,
    *,
    written: str = "",
    negated: bool = False,
    frequency: Frequency | None = None,
    onset: Curie | None = None,
    sex: Sex | None = None,
    modifiers: tuple[Curie, ...] = (),
    qualifiers: Iterable[tuple[Qualifier, str]] = (),
) -> Fact:
    """A fact in the direction the graph uses.

    ``written`` is the source's own word for the relation, kept where the graph's predicate says less. Where a symmetric
    predicate turns a pair round, ``evidence.record`` still says which one the source wrote first.
    """
    kept = dict(qualifiers)
    if written and not relation.exact:
        kept.setdefault(Qualifier.SOURCE_PREDICATE, written)
    if relation.inverted or (relation.predicate in SYMMETRIC and target < subject):
        subject, target = target, subject
    return Fact(
        subject,
        relation.predicate,
        target,
        (evidence,),
        negated or relation.negated or (frequency is not None and frequency.high == 0.0),
        frequency,
        onset,
        sex,
        modifiers,
        tuple(sorted(kept.items(), key=lambda item: _QUALIFIER_ORDER[item[0]])),
    )


def at(path: Path, line: int) -> str:
    """Where a row stands, as reports write it: ``nodes.tsv line 17``."""
    return f"{path.name} line {line}"
