"""Relations that a sentence asserts: which family of verbs it uses, and who is on the acting side."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from .reading import Span, Statement, any_of, cues, inside


class Side(StrEnum):
    """The side of a relation on which a concept stands."""

    ACTING = "acting"
    RECEIVING = "receiving"


@dataclass(frozen=True, slots=True)
class Relation:
    """One use of a relation word. ``forward`` words put the acting side first; ``directed`` families have two sides."""

    family: str
    span: Span
    forward: bool
    directed: bool

    def side_of(self, span: Span | None) -> Side:
        """The side of a concept by its place; one that goes without saying comes first."""
        before = span is None or span[0] < self.span[0]
        return Side.ACTING if before is self.forward else Side.RECEIVING


@lru_cache(maxsize=1)
def _families() -> Mapping[str, tuple[re.Pattern[str], frozenset[str]]]:
    table = cues()["relations"]
    return {
        name: (any_of([*words["forward"], *words["backward"]]), frozenset(words["backward"]))
        for name, words in table.items()
    }


def relations_in(text: str, names: tuple[Span, ...]) -> Iterator[Relation]:
    """The relation words of a sentence outside the names in it, family by family.

    >>> [(r.family, r.forward) for r in relations_in("It is caused by a virus.", ())]
    [('cause', False)]
    """
    for family, (pattern, backward) in _families().items():
        for match in pattern.finditer(text):
            if not inside(match.span(), names):
                word = " ".join(match.group().casefold().split())
                yield Relation(family, match.span(), word not in backward, bool(backward))


def within(relation: Relation, statement: Statement) -> bool:
    """Whether a relation word stands in a statement."""
    return statement.holds(relation.span)
