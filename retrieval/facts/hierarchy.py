"""Ways through the classification, as the facts that they are made of."""

from collections.abc import Iterator

from kg import Curie, Fact, Predicate, Snapshot


def path_up(snapshot: Snapshot, child: Curie, parent: Curie) -> tuple[Fact, ...]:
    """The ``subclass_of`` facts of a shortest way from a concept up to another; empty if there is none."""
    if child == parent or not snapshot.is_a(child, parent):
        return ()
    ways: dict[Curie, tuple[Fact, ...]] = {child: ()}
    edge = [child]
    while parent not in ways and edge:
        reached = [fact for node in edge for fact in snapshot.facts_from(node, Predicate.SUBCLASS_OF)]
        edge = []
        for fact in sorted(reached, key=lambda fact: (fact.subject, fact.object)):
            if fact.object not in ways and snapshot.is_a(fact.object, parent):
                ways[fact.object] = (*ways[fact.subject], fact)
                edge.append(fact.object)
    return ways.get(parent, ())


def levels_down(snapshot: Snapshot, curie: Curie) -> Iterator[tuple[Curie, ...]]:
    """The concept, then its kinds, then their kinds, each concept once at its nearest level."""
    seen = {curie}
    edge: tuple[Curie, ...] = (curie,)
    while edge:
        yield edge
        below = {child for node in edge for child in snapshot.children(node)} - seen
        seen |= below
        edge = tuple(sorted(below))
