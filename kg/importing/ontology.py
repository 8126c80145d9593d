"""Terms of any ontology, as plain values, and the records they become."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..concept import Category, Concept, Curie, Name, NameKind
from ..fact import Predicate
from ..record import Match, MatchKind, Record
from .intake import Intake, stated
from .vocabulary import CATEGORIES_BY_NAMESPACE, Relation, category_of, relation_of

_IS_A = Relation(Predicate.SUBCLASS_OF)


@dataclass(slots=True)
class Term:
    """One term as its file writes it. ``where`` is its place there; ``relations`` are a word and a target each.

    ``replaces`` are identifiers merged into it; ``replaced_by`` is what an obsolete term names as its successors.
    """

    id: str
    where: str
    label: str = ""
    definition: str | None = None
    namespace: str = ""
    category: str = ""
    names: list[Name] = field(default_factory=list)
    xrefs: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    relations: list[tuple[str, str]] = field(default_factory=list)
    matches: list[tuple[MatchKind, str]] = field(default_factory=list)
    replaces: list[str] = field(default_factory=list)
    replaced_by: list[str] = field(default_factory=list)
    obsolete: bool = False


def records_of(terms: Iterable[Term], intake: Intake) -> Iterator[Record]:
    """Concepts, facts and matches of the live terms in their order, then the identifiers that obsolete ones left.

    An obsolete identifier becomes an equivalent of its successor if there is exactly one, and it is in the file.
    """
    live: dict[Curie, Concept] = {}
    left: list[tuple[Curie, Curie]] = []
    for term in terms:
        curie = intake.curie(term.id, term.where)
        if curie is None:
            continue
        if term.obsolete:
            successors = {intake.find_curie(text) for text in term.replaced_by} - {None}
            left += [(curie, successor) for successor in successors if successor and len(successors) == 1]
            continue
        if not term.label and not term.parents and not term.relations:
            continue  # named only to be referred to
        concept = _concept(curie, term, intake)
        live.setdefault(curie, Concept(curie, concept.category, concept.names[:1]))
        yield concept
        yield from _statements(curie, term, intake)
    for old, successor in left:
        if successor in live:
            heir = live[successor]
            yield Concept(heir.curie, heir.category, heir.names, equivalents=(old,))


def _concept(curie: Curie, term: Term, intake: Intake) -> Concept:
    label = " ".join(term.label.split()) or curie
    seen = {(label, NameKind.LABEL)}
    names = [Name(label, NameKind.LABEL)]
    for name in term.names:
        if name.text.strip() and name.text != label and (name.text, name.kind) not in seen:
            seen.add((name.text, name.kind))
            names.append(name)
    merged = dict.fromkeys(intake.find_curie(text) for text in term.replaces)
    return Concept(
        curie,
        _category(curie, term, intake),
        tuple(names),
        term.definition or None,
        tuple(old for old in merged if old is not None and old != curie),
        tuple(dict.fromkeys(intake.find_curie(text) or text for text in term.xrefs)),
    )


def _category(curie: Curie, term: Term, intake: Intake) -> Category:
    said = category_of([term.category]) if term.category else None
    return said or CATEGORIES_BY_NAMESPACE.get(term.namespace.lower()) or intake.category(curie)


def _statements(curie: Curie, term: Term, intake: Intake) -> Iterator[Record]:
    evidence = intake.evidence(curie, (curie,))
    for parent in dict.fromkeys(term.parents):
        if (found := intake.curie(parent, term.where)) is not None:
            yield stated(curie, _IS_A, found, evidence)
    for word, target in dict.fromkeys(term.relations):
        if (found := intake.curie(target, term.where)) is not None:
            yield stated(curie, relation_of(word), found, evidence, written=word)
    for kind, target in dict.fromkeys(term.matches):
        if (found := intake.curie(target, term.where)) is not None:
            yield Match(curie, found, intake.request.source, intake.request.release, kind)
