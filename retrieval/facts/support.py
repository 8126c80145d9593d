"""How well a link is supported, for answers that name the surest first."""

from collections.abc import Sequence

from kg import prefix_of

from .links import Link


def records_behind(link: Link) -> int:
    """How many independent records state it: sources, and within a source collections of records (OMIM, ORPHA)."""
    return len({(item.source, prefix_of(item.record)) for fact in link.facts for item in fact.evidence})


def statements_behind(link: Link) -> int:
    """How many pieces of evidence state it, each publication of a literature-mined fact counted."""
    return sum(item.publication_count or 1 for fact in link.facts for item in fact.evidence)


def best_supported(links: Sequence[Link]) -> list[Link]:
    """The links that at least two independent records state; all of them where there are none."""
    return [link for link in links if records_behind(link) > 1] or list(links)
