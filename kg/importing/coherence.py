"""What a file must not say about itself: two labels for one identifier, and hierarchies that run in a circle."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..concept import Concept, Curie, Name, NameKind
from ..fact import Fact, Predicate
from ..record import Record
from .intake import Intake
from .kinds import Kind


def one_label_each(records: Iterable[Record], intake: Intake) -> Iterator[Record]:
    """The records, where every concept keeps the label that came first; another one is reported and a synonym.

    Remembers one label for each identifier.
    """
    labels: dict[Curie, str] = {}
    for record in records:
        if isinstance(record, Concept):
            label = labels.setdefault(record.curie, record.label)
            if label != record.label:
                record = _relabelled(record, label, intake)
        yield record


def _relabelled(concept: Concept, label: str, intake: Intake) -> Concept:
    if concept.label == concept.curie:  # it had no label of its own
        return replace(concept, names=(Name(label, NameKind.LABEL), *concept.names[1:]))
    reason = f"it was called {label!r} before and {concept.label!r} now; the first is the label, the other a synonym"
    intake.reject(Kind.SECOND_LABEL, concept.curie, reason)
    if label == concept.curie:
        return concept
    others = (replace(concept.names[0], kind=NameKind.EXACT), *concept.names[1:])
    return replace(concept, names=(Name(label, NameKind.LABEL), *others))


def without_cycles(records: Iterable[Record], intake: Intake) -> Iterator[Record]:
    """The records, the hierarchy last, without the facts that close a circle; each circle is reported.

    Holds the ``subclass_of`` facts in memory until all else has passed.
    """
    hierarchy: list[Fact] = []
    for record in records:
        if isinstance(record, Fact) and record.predicate is Predicate.SUBCLASS_OF and not record.negated:
            hierarchy.append(record)
        else:
            yield record
    closing = _closing_facts(hierarchy, intake) if hierarchy else set()
    yield from (fact for row, fact in enumerate(hierarchy) if row not in closing)


def _closing_facts(hierarchy: list[Fact], intake: Intake) -> set[int]:
    """Rows that close a circle: within each strongly connected part, those that come after the rest of their circle."""
    import networkx as nx

    group = _groups(hierarchy)
    kept: nx.DiGraph[Curie] = nx.DiGraph()
    closing: set[int] = set()
    for row, fact in enumerate(hierarchy):
        if fact.subject != fact.object and group[fact.subject] != group[fact.object]:
            continue
        if fact.subject == fact.object:
            closing.add(row)
            intake.reject(Kind.CYCLE, fact.subject, "it is said to be a kind of itself; that is left out")
        elif fact.object in kept and fact.subject in kept and nx.has_path(kept, fact.object, fact.subject):
            closing.add(row)
            circle = [fact.subject, *nx.shortest_path(kept, fact.object, fact.subject)]
            intake.reject(Kind.CYCLE, " is a ".join(circle), f"{fact.subject} is a {fact.object} is left out")
        else:
            kept.add_edge(fact.subject, fact.object)
    return closing


def _groups(hierarchy: list[Fact]) -> dict[Curie, int]:
    """The strongly connected part that each identifier is in."""
    import numpy as np
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    number: dict[Curie, int] = {}
    for fact in hierarchy:
        number.setdefault(fact.subject, len(number))
        number.setdefault(fact.object, len(number))
    rows = [number[fact.subject] for fact in hierarchy]
    columns = [number[fact.object] for fact in hierarchy]
    links = sparse.csr_array((np.ones(len(rows), dtype=bool), (rows, columns)), shape=(len(number), len(number)))
    _, part = connected_components(links, directed=True, connection="strong")
    return {curie: int(part[place]) for curie, place in number.items()}
