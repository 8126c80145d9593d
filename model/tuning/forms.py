"""The table of question forms and relations that instruction data is made from."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kg import Category, Predicate

from ..errors import MalformedTuningData


@dataclass(frozen=True, slots=True)
class Relation:
    """One row of ``forms.toml``: how a relation is asked for, and which evidence answers.

    ``about`` is ``None`` where any concept can be asked about. ``second`` is the category of a second concept.
    """

    id: str
    about: Category | None
    predicates: frozenset[Predicate]
    side: str
    cues: tuple[re.Pattern[str], ...]
    questions: tuple[str, ...]
    lay: tuple[str, ...] = ()
    second: Category | None = None
    only: bool = False
    core: bool = False
    most: int = 1

    @property
    def wordings(self) -> tuple[str, ...]:
        """All question forms."""
        return (*self.questions, *self.lay)


@dataclass(frozen=True, slots=True)
class Forms:
    """The whole table. ``unanswered`` asks what the graph has no facts for; ``unanswered_words`` might answer it."""

    relations: Mapping[str, Relation]
    unanswered: tuple[str, ...]
    unanswered_words: tuple[str, ...]
    follow_up: Mapping[str, tuple[str, ...]]


@cache
def forms() -> Forms:
    """The shipped table."""
    return parse_forms((resources.files("model") / "tuning" / "forms.toml").read_text(encoding="utf-8"))


def parse_forms(text: str) -> Forms:
    """Read a table.

    Raises:
        MalformedTuningData: it is no TOML, or a row lacks a field or has a wrong one.
    """
    try:
        table = tomllib.loads(text)
        relations = {name: _relation(name, dict(row)) for name, row in table["relations"].items()}
        other = table["unanswered"]
        follow_up = {name: tuple(asked) for name, asked in table["follow_up"].items()}
        questions = (*other["questions"], *other["lay"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, re.error) as error:
        raise MalformedTuningData("forms.toml", None, f"{type(error).__name__}: {error}") from error
    return Forms(relations, questions, tuple(other["words"]), follow_up)


def _relation(name: str, row: dict[str, object]) -> Relation:
    about, second = str(row.pop("about")), row.pop("with", None)
    predicates = frozenset(Predicate[str(each)] for each in _list(row.pop("predicates")))
    cues = tuple(re.compile(str(cue)) for cue in _list(row.pop("cues")))
    questions, lay = (tuple(map(str, _list(row.pop(key)))) for key in ("questions", "lay"))
    return Relation(
        name,
        None if about == "ANY" else Category[about],
        predicates,
        str(row.pop("side")),
        cues,
        questions,
        lay,
        None if second is None else Category[str(second)],
        **row,  # type: ignore[arg-type]  # an unknown or mistyped field raises TypeError, which is reported
    )


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value
