"""The table of relations: what a typed query may ask of the graph, and how its facts are said."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from kg import Category, Predicate

from ..wording import Wording, join_words


class Side(StrEnum):
    """The side of a relation on which a concept stands."""

    SUBJECT = "subject"
    OBJECT = "object"

    @property
    def other(self) -> "Side":
        """The opposite side."""
        return Side.OBJECT if self is Side.SUBJECT else Side.SUBJECT


class HoldsFor(StrEnum):
    """For whom else a fact counts; see ``data/relations.toml``."""

    KINDS_OF_SUBJECT = "kinds of subject"
    CLASSES_OF_SUBJECT = "classes of subject"
    KINDS_OF_OBJECT = "kinds of object"
    CLASSES_OF_OBJECT = "classes of object"


@dataclass(frozen=True, slots=True)
class Relation:
    """One row of ``data/relations.toml``."""

    id: str
    predicates: frozenset[Predicate]
    subject: frozenset[Category]
    object: frozenset[Category]
    holds_for: frozenset[HoldsFor]
    pair: str
    absent: str
    of_subject: str
    of_object: str
    noun: str
    states: tuple[re.Pattern[str], ...]
    states_reversed: tuple[re.Pattern[str], ...]
    between: re.Pattern[str] | None
    safety: bool

    def takes(self, side: Side, category: Category) -> bool:
        """Whether a concept of this category can stand on a side."""
        allowed = self.subject if side is Side.SUBJECT else self.object
        return not allowed or category in allowed

    def counts_kinds(self, side: Side) -> bool:
        """Whether a fact about a kind of the concept on a side counts for it."""
        return (HoldsFor.KINDS_OF_SUBJECT if side is Side.SUBJECT else HoldsFor.KINDS_OF_OBJECT) in self.holds_for

    def counts_classes(self, side: Side) -> bool:
        """Whether a fact about a class of the concept on a side counts for it."""
        return (HoldsFor.CLASSES_OF_SUBJECT if side is Side.SUBJECT else HoldsFor.CLASSES_OF_OBJECT) in self.holds_for

    def say_pair(self, subject: Wording, object: Wording, negated: bool = False) -> str:
        """One sentence on two labels; ``negated`` where the graph records that it is not so."""
        absent = self.absent or f"It is recorded that this does not hold: {self.pair}"
        return _sentence(absent if negated else self.pair, subject, object)

    def say_list(self, side: Side, label: Wording, others: Sequence[str]) -> str:
        """One sentence on a label, which stands on ``side``, and everything it is linked to."""
        template = self.of_subject if side is Side.SUBJECT else self.of_object
        genes = "gene" if len(others) == 1 else "genes"
        return _sentence(template, label, label).format(others=join_words(others), genes=genes)


def _sentence(template: str, subject: Wording, object: Wording) -> str:
    """The template with its two labels in place."""
    for name, label in (("{subject}", subject), ("{object}", object)):
        word = label.first if template.startswith(name) else label.inside
        template = template.replace(
            name, word.replace("{", "{{").replace("}", "}}") if "{others}" in template else word
        )
    return template


@cache
def relations() -> dict[str, Relation]:
    """The relation table, in file order, by id."""
    table = tomllib.loads((resources.files("data") / "relations.toml").read_text(encoding="utf-8"))
    return {name: _relation(name, row) for name, row in table.items()}


def _relation(name: str, row: dict[str, Any]) -> Relation:
    return Relation(
        name,
        frozenset(Predicate[word] for word in row["predicates"]),
        frozenset(Category[word] for word in row["subject"]),
        frozenset(Category[word] for word in row["object"]),
        frozenset(HoldsFor(word) for word in row["holds_for"]),
        row["pair"],
        row.get("absent", ""),
        row["of_subject"],
        row["of_object"],
        row["noun"],
        _phrases(row["states"]),
        _phrases(row.get("states_reversed", [])),
        re.compile(row["between"]) if "between" in row else None,
        row.get("safety", False),
    )


def _phrases(rows: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    """Whole words, any white space between them."""
    spaced = (row.replace(" ", r"\s+") for row in rows)
    return tuple(re.compile(rf"(?<!\S)(?:{row})(?!\S)", re.IGNORECASE) for row in spaced)


def relations_between(subject: Category, object: Category) -> tuple[tuple[Relation, Side], ...]:
    """The relations that can link two categories, each with the side of the first one, in file order."""
    found: list[tuple[Relation, Side]] = []
    for relation in relations().values():
        if relation.id == "kind":
            continue
        for side in Side:
            if relation.takes(side, subject) and relation.takes(side.other, object):
                found.append((relation, side))
                break
    return tuple(found)
