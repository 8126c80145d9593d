"""How far each cue of a sentence reaches: to its end, a stop, a closing bracket or the next cue of polarity."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .answers import AnswerSigns, TokenRange
from .cues import Cue, Direction
from .sections import NO_SECTION, Section

if TYPE_CHECKING:
    from spacy.tokens import Doc

_POLARITY = frozenset({"negated", "possible"})
_FORWARD = (Direction.FORWARD, Direction.NEAR)


@dataclass(frozen=True, slots=True)
class Match:
    """A cue in a text: its tokens, and the rows of the table that have its words."""

    start: int
    stop: int
    cues: tuple[Cue, ...]
    relative: str | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """The mentions that a cue is about: those that begin in ``begins`` and end in ``ends``, both token ranges."""

    cue: Cue
    begins: TokenRange
    ends: TokenRange
    relative: str | None = None


@dataclass(frozen=True, slots=True)
class MarkedText:
    """One document as assertion sees it: sentences, sections, cues and the signs that answers need."""

    doc: "Doc"
    bounds: Sequence[int]
    leads: Mapping[int, int]
    sections: Sequence[Section]
    section_starts: Sequence[int]
    matches: Sequence[Match]
    match_starts: Sequence[int]
    own: Mapping[TokenRange, tuple[Cue, ...]]
    brackets: Sequence[int]
    signs: AnswerSigns
    reaches: dict[int, tuple["Reach", ...]] = field(default_factory=dict)

    def sentence_at(self, token: int) -> int:
        """The number of the sentence of a token."""
        return max(0, bisect_right(self.bounds, token) - 1)

    def range_of(self, sentence: int) -> TokenRange:
        """The tokens of a sentence."""
        return self.bounds[sentence], self.bounds[sentence + 1]

    def matches_in(self, tokens: TokenRange) -> Sequence[Match]:
        """The cues that begin inside some tokens."""
        return self.matches[bisect_left(self.match_starts, tokens[0]) : bisect_left(self.match_starts, tokens[1])]

    def section_at(self, token: int) -> Section:
        """The section of a token, or one without effects."""
        at = bisect_right(self.section_starts, token) - 1
        return self.sections[at] if at >= 0 and token < self.sections[at].stop else NO_SECTION

    def closing_bracket(self, token: int, sentence: TokenRange) -> int | None:
        """The bracket that closes round ``token`` in its sentence, if it stands in brackets."""
        at = bisect_left(self.brackets, token)
        if not 0 < at < len(self.brackets):
            return None
        opening, closing = self.brackets[at - 1], self.brackets[at]
        inside = sentence[0] <= opening and closing < sentence[1]
        return closing if inside and self.doc[opening].text == "(" and self.doc[closing].text == ")" else None


def reaches_of(text: MarkedText, sentence: TokenRange) -> Iterator[Reach]:
    """What the cues of a sentence are about; a mention may run over its end."""
    matches = text.matches_in(sentence)
    anywhere = 0, len(text.doc) + 1
    for at, match in enumerate(matches):
        for cue in match.cues:
            if cue.direction is Direction.ADJACENT:
                yield Reach(cue, anywhere, (match.start, match.start + 1), match.relative)
            elif cue.direction is Direction.BACKWARD:
                begin = _backward_start(text, cue, match, matches[:at], sentence)
                yield Reach(cue, (begin, match.start), anywhere, match.relative)
            elif cue.direction in _FORWARD:
                end = _forward_end(text, cue, match, matches[at + 1 :], sentence)
                yield Reach(cue, (0, end), (match.stop + 1, len(text.doc) + 1), match.relative)


def cues_reaching_end(text: MarkedText, sentence: TokenRange) -> list[Cue]:
    """The cues of a sentence that speaks about the list behind it."""
    matches = text.matches_in(sentence)
    return [
        cue
        for at, match in enumerate(matches)
        for cue in match.cues
        if cue.direction is Direction.FORWARD
        and _forward_end(text, cue, match, matches[at + 1 :], sentence) >= sentence[1]
    ]


def _forward_end(text: MarkedText, cue: Cue, match: Match, later: Sequence[Match], sentence: TokenRange) -> int:
    """The token where a forward effect ends: sentence, closing bracket, a stop of it, or a new cue of polarity.

    What stands in brackets ends nothing outside them.
    """
    bracket = text.closing_bracket(match.start, sentence)
    end = bracket or sentence[1]
    for other_match in later:
        if other_match.start >= end:
            break
        if text.closing_bracket(other_match.start, sentence) != bracket:
            continue
        for other in other_match.cues:
            if other.ends & cue.effects or (cue.direction is Direction.NEAR and "near" in other.ends):
                return other_match.start
            if other.direction is Direction.FORWARD and other.effects & _POLARITY and cue.effects & _POLARITY:
                return other_match.start
    return end


def _backward_start(text: MarkedText, cue: Cue, match: Match, earlier: Sequence[Match], sentence: TokenRange) -> int:
    """The token where a backward effect begins: the sentence; after a stop, only the last list member before it."""
    ends = cue.effects | {"before"}
    stops = [other.stop for other in earlier if any(found.ends & ends for found in other.cues)]
    if not stops:
        return sentence[0]
    begin = stops[-1]
    for at in range(match.start - 1, begin - 1, -1):
        if text.doc[at].text in {",", "and", ";"}:
            return at + 1
    return begin
