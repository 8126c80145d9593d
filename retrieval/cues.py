"""The words that change what a text says about a finding, read from ``cues.tsv``."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
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
    """One row of ``cues.tsv``: words, their effects, and for a stop the effects that end there."""

    words: tuple[str, ...]
    effects: frozenset[str]
    direction: Direction
    ends: frozenset[str] = frozenset()
    relative: str | None = None


@lru_cache(maxsize=1)
def read_cues() -> tuple[Cue, ...]:
    """The cue table, with relatives and sides of the family filled in."""
    lines = files("retrieval").joinpath("cues.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    fillers: dict[str, list[str]] = defaultdict(list)
    for text, effect, _direction, _source in rows:
        if effect in {"relative", "side"}:
            fillers[effect].append(text)
    return tuple(
        cue
        for text, effect, direction, _source in rows
        if effect not in fillers
        for cue in _cues_of_row(text, effect, direction, fillers)
    )


def _cues_of_row(text: str, effect: str, direction: str, fillers: Mapping[str, Sequence[str]]) -> Iterator[Cue]:
    for side in fillers["side"] if "{side}" in text else ("",):
        for relative in fillers["relative"] if "{relative}" in text else ("",):
            words = tuple(words_of(text.replace("{side}", side).replace("{relative}", relative)))
            if effect == "stop":
                yield Cue(words, frozenset(), Direction.NONE, frozenset(direction.split()))
            elif effect == "pseudo":
                yield Cue(words, frozenset(), Direction.NONE)
            else:
                whose = " ".join(filter(None, (side.removesuffix(" side"), relative or ("side" if side else ""))))
                yield Cue(words, frozenset(effect.split("+")), Direction(direction), relative=whose or None)
