"""The words that change what a text says about a finding, read from ``cues.tsv``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from .normalise import words_of


class Direction(StrEnum):
    """Where the effect of a cue reaches."""

    FORWARD = "forward"
    """What follows, to the end of the sentence or a stop."""
    NEAR = "near"
    """What follows, to the end of the phrase."""
    BACKWARD = "backward"
    """What precedes."""
    ADJACENT = "adjacent"
    """What ends directly before the words."""
    OPENING = "opening"
    """A mention that begins with the words."""
    SELF = "self"
    """A mention that is these words and no more."""
    HEADER = "header"
    """The section under a heading of these words."""
    ANSWER = "answer"
    """The cell, heading or question before an answer of these very words."""
    QUESTION = "question"
    """A sentence that begins so and ends in a question mark."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Cue:
    """One row of ``cues.tsv``: words, their effects, and for a stop the effects that end there.

    The words "{relative}" and "{side}" stand for all words of that class.
    """

    words: tuple[str, ...]
    effects: frozenset[str]
    direction: Direction
    ends: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CueTable:
    """All cues, and the words of each class by its name in braces."""

    cues: tuple[Cue, ...]
    classes: Mapping[str, tuple[tuple[str, ...], ...]]


CLASSES = ("relative", "side")


@lru_cache(maxsize=1)
def read_table() -> CueTable:
    """The cue table that ships, read once."""
    lines = files("retrieval").joinpath("cues.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    classes = {
        f"{{{name}}}": tuple(tuple(words_of(text)) for text, effect, _, _ in rows if effect == name) for name in CLASSES
    }
    cues = (_cue(text, effect, direction) for text, effect, direction, _ in rows if effect not in CLASSES)
    return CueTable(tuple(cues), classes)


def read_cues() -> tuple[Cue, ...]:
    """The rows of the cue table."""
    return read_table().cues


def _cue(text: str, effect: str, direction: str) -> Cue:
    words = tuple(
        word for part in re.split(r"(\{\w+\})", text) for word in ([part] if part[:1] == "{" else words_of(part))
    )
    if effect == "stop":
        return Cue(words, frozenset(), Direction.NONE, frozenset(direction.split()))
    if effect == "pseudo":
        return Cue(words, frozenset(), Direction.NONE)
    return Cue(words, frozenset(effect.split("+")), Direction(direction))


def whose(words: Sequence[str]) -> str:
    """The relative that class words name: "maternal aunt", or a side of the family where no one is named."""
    told = " ".join(words)
    return f"{told} side" if told in _side_words() else told


@lru_cache(maxsize=1)
def _side_words() -> frozenset[str]:
    return frozenset(" ".join(words) for words in read_table().classes["{side}"])
