"""What is exported: concepts, and facts between them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..concept import Concept, Curie
from ..fact import Fact

if TYPE_CHECKING:
    import networkx as nx

    from ..snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Extract:
    """Concepts and facts, each read anew whenever they are asked for, so that a whole graph needs no memory.

    ``centre`` is the concept that a neighbourhood is of.
    """

    concepts: Callable[[], Iterator[Concept]]
    facts: Callable[[], Iterator[Fact]]
    centre: Curie | None = None


def whole_graph(snapshot: "Snapshot") -> Extract:
    """Every concept and fact of a graph, in order of identifiers."""

    def facts() -> Iterator[Fact]:
        for curie in snapshot.concepts():
            yield from snapshot.facts_from(curie)

    return Extract(lambda: map(snapshot.concept, snapshot.concepts()), facts)


def neighbourhood(snapshot: "Snapshot", graph: "nx.MultiDiGraph[Curie]", centre: Curie | None = None) -> Extract:
    """A graph as `Snapshot.neighbourhood` returns it, in order of identifiers; ``centre`` is the concept it is of."""
    found = sorted(
        (data["fact"] for _, _, data in graph.edges(data=True)),
        key=lambda fact: (fact.subject, fact.predicate, fact.object, fact.negated, str(fact)),
    )
    resolved = snapshot.resolve(centre) if centre is not None else None
    return Extract(lambda: map(snapshot.concept, sorted(graph.nodes)), lambda: iter(found), resolved)
