"""Short texts of indications, "HTN, Severe asthma, Gout (off-label)", as conditions in full.

What is an abbreviation, what is no disease and what cannot be told is a matter of the table
``data/indications_abbreviations.toml``; an abbreviation that it does not list is not guessed.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from .lexical import slug_of

_BETWEEN = re.compile(r"[,;](?![^()]*\))")
_NOTE = re.compile(r"\(([^()]*)\)")
_ABBREVIATION = re.compile(r"[A-Z][^\s/-]*[A-Z]|[a-z][A-Z]|^[A-Z]\.")
_CANCER = re.compile(r" ca$")


@dataclass(frozen=True, slots=True)
class Indication:
    """One condition by its full name; ``comment`` is what the text says of it beside the name."""

    condition: str
    comment: str = ""
    off_label: bool = False
    adjunct: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """What gives no condition: a short kind, and the reason in words."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Table:
    """The table, its names in lower case."""

    full: Mapping[str, Sequence[str]]
    within: Mapping[str, str]
    refused: Mapping[str, str]
    before: Sequence[str]
    after: Sequence[str]
    adjunct: Sequence[str]
    prevention: Sequence[str]
    vaccines: frozenset[str]
    shifted: Mapping[str, str]
    forms: frozenset[str]
    drugs: Mapping[str, str]


@lru_cache(maxsize=1)
def _table() -> _Table:
    rows = tomllib.loads((resources.files("data") / "indications_abbreviations.toml").read_text(encoding="utf-8"))
    words = rows["words"]
    return _Table(
        full={name: [found] if isinstance(found, str) else found for name, found in rows["full"].items()},
        within=rows["within"],
        refused={name: reason for reason, listed in rows["refused"].items() for name in listed},
        before=sorted(words["before"], key=len, reverse=True),
        after=words["after"],
        adjunct=words["adjunct"],
        prevention=rows["prevention"]["words"],
        vaccines=frozenset(rows["vaccines"]["classes"]),
        shifted=rows["shifted"],
        forms=frozenset(rows["forms"]["words"]),
        drugs=rows["drugs"],
    )


def is_vaccine(kind: str) -> bool:
    """Whether drugs of a class are vaccines, or antibodies given after an exposure."""
    return kind in _table().vaccines


def shifted_columns(drug: str, kind: str) -> bool:
    """Whether this is a row in which the class column holds an indication."""
    return _table().shifted.get(drug.lower()) == kind


def plain_drug(name: str) -> tuple[str, str]:
    """The substance that a drug's name names, and how it is given if the name says so.

    >>> plain_drug("Ketoconazole Topical")
    ('Ketoconazole', 'given as Ketoconazole Topical')
    """
    bare = _NOTE.sub("", name).strip()
    words = [word for word in bare.split() if word.lower() not in _table().forms]
    plain = " ".join(words) or bare
    return _table().drugs.get(plain.lower(), plain), "" if plain == name else f"given as {name}"


def indications_in(drug: str, text: str) -> Iterator[Indication | Unread]:
    """Every condition that a text names as reason to give a drug, and what of the text names none, in its order."""
    for part in _BETWEEN.split(text):
        yield from _read(drug, " ".join(part.split()))


def _read(drug: str, part: str) -> Iterator[Indication | Unread]:
    notes = [note.strip() for note in _NOTE.findall(part)]
    name = " ".join(_NOTE.sub(" ", part).split())
    if any("withdrawn" in note.lower() for note in notes):
        yield Unread("withdrawn", f"{part!r} says so")
        return
    off_label = "off-label" in notes
    remarks = [note for note in notes if note != "off-label"]
    for condition, kept, adjunct in _conditions(name):
        refused = _refusal(drug, name, condition)
        if refused is not None:
            yield refused
        else:
            yield Indication(condition, "; ".join((*kept, *remarks)), off_label, adjunct)


def _conditions(name: str) -> Iterator[tuple[str, list[str], bool]]:
    """Full names for a name, each with what its comment keeps of it and whether the drug is but an adjunct."""
    table = _table()
    bare, adjunct = _without_last(name, table.adjunct)
    kept: list[str] = []
    if not _is_listed(bare):
        bare, kept = _without_words(bare)
    bare = _CANCER.sub(" cancer", bare)
    key = bare.lower()
    if key in table.within:
        yield table.within[key], [*kept, bare], bool(adjunct)
        return
    for condition in table.full.get(key, [bare]):
        yield condition, kept, bool(adjunct)


def _without_words(name: str) -> tuple[str, list[str]]:
    """The name without a word of degree or stage before and after it, and these words."""
    table = _table()
    first = next((word for word in table.before if name.lower().startswith(f"{word} ")), "")
    rest, last = _without_last(name[len(first) :].strip(), table.after)
    return rest, [word for word in (first, last) if word]


def _without_last(name: str, words: Sequence[str]) -> tuple[str, str]:
    last = next((word for word in words if name.lower().endswith(f" {word}")), "")
    return name[: len(name) - len(last)].strip(), last


def _is_listed(name: str) -> bool:
    table, key = _table(), name.lower()
    return key in table.full or key in table.within or key in table.refused


def _refusal(drug: str, name: str, condition: str) -> Unread | None:
    """Why a name gives no fact, if it gives none."""
    table, key = _table(), name.lower()
    for listed in (f"{drug.lower()}: {key}", key, condition.lower()):
        if listed in table.refused:
            return Unread(table.refused[listed], f"{name!r} as the indication of {drug}")
    if _is_listed(name) or condition in _written_out():
        return None
    if not slug_of(condition):
        return Unread("no indication", f"{name!r} names nothing")
    if any(word in key for word in table.prevention):
        return Unread("prevention", f"{name!r} says what is to be prevented")
    if "/" in condition:
        return Unread("several in one", f"{name!r} names several things together")
    if _ABBREVIATION.search(condition):
        return Unread("abbreviation", f"{name!r} is not listed in data/indications_abbreviations.toml")
    return None


@lru_cache(maxsize=1)
def _written_out() -> frozenset[str]:
    """Every full name of the table."""
    table = _table()
    return frozenset((*table.within.values(), *(name for names in table.full.values() for name in names)))
