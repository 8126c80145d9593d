"""What a text says about each mention: cues from a table, scopes by rules (ConText, Harkema et al. 2009)."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from .mention import Assertion
from .normalise import words_of

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

TokenRange = tuple[int, int]

HEADER_WORDS = 6
"""Longest section heading, in tokens."""


class Direction(StrEnum):
    """Which side of a cue its effect reaches."""

    FORWARD = "forward"
    BACKWARD = "backward"
    HEADER = "header"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Cue:
    """One row of ``cues.tsv``: words, their effects, and for a stop the effects that end there."""

    words: tuple[str, ...]
    effects: frozenset[str]
    direction: Direction
    ends: frozenset[str] = frozenset()
    relative: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """What a text says about one mention. Several may hold: a negated finding of a relative's history."""

    negated: bool = False
    possible: bool = False
    historical: bool = False
    hypothetical: bool = False
    family: bool = False
    relative: str | None = None

    @property
    def assertion(self) -> Assertion:
        """The one label of a mention: whose it is comes first, then whether it is real, then whether it is there."""
        if self.family:
            return Assertion.FAMILY
        if self.hypothetical:
            return Assertion.HYPOTHETICAL
        if self.negated:
            return Assertion.ABSENT
        if self.possible:
            return Assertion.POSSIBLE
        return Assertion.HISTORICAL if self.historical else Assertion.PRESENT


@dataclass(frozen=True, slots=True)
class _Match:
    start: int
    stop: int
    cues: tuple[Cue, ...]


_POLARITY = frozenset({"negated", "possible"})


@lru_cache(maxsize=1)
def read_cues() -> tuple[Cue, ...]:
    """The cue table, with relatives filled in."""
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
                yield Cue(words, frozenset(effect.split("+")), Direction(direction), relative=relative or None)


class AssertionReader:
    """Finds cues and decides the `Status` of token ranges. Holds a matcher over one vocabulary, no texts."""

    def __init__(self, vocab: "Vocab", cues: Iterable[Cue] | None = None) -> None:
        from spacy.matcher import PhraseMatcher
        from spacy.tokens import Doc

        self._headers: dict[tuple[str, ...], frozenset[str]] = {}
        by_words: dict[tuple[str, ...], list[Cue]] = defaultdict(list)
        for cue in read_cues() if cues is None else cues:
            if cue.direction is Direction.HEADER:
                self._headers[cue.words] = cue.effects
            else:
                by_words[cue.words].append(cue)
        self._matcher = PhraseMatcher(vocab, attr="LOWER")
        self._cues: dict[int, tuple[Cue, ...]] = {}
        for at, (words, same) in enumerate(by_words.items()):
            key = f"cue-{at}"
            self._matcher.add(key, [Doc(vocab, words=list(words))])
            self._cues[vocab.strings[key]] = tuple(same)

    def statuses(self, doc: "Doc", ranges: Sequence[TokenRange]) -> list[Status]:
        """The status of each token range, in the given order. The document needs sentence starts."""
        if not ranges:
            return []
        starts = np.flatnonzero(doc.to_array("SENT_START") == 1).tolist() or [0]
        matches = self._matches(doc, ranges)
        match_starts = [match.start for match in matches]
        sections = self._sections(doc, starts)
        section_starts = [start for start, _ in sections]
        starts = sorted({*starts, *section_starts})
        bounds = [*starts, len(doc)]
        statuses = []
        for token_range in ranges:
            sentence = max(0, bisect_right(starts, token_range[0]) - 1)
            first, last = bounds[sentence], max(bounds[sentence + 1], token_range[1])
            inside = matches[bisect_right(match_starts, first - 1) : bisect_right(match_starts, last - 1)]
            section = bisect_right(section_starts, token_range[0]) - 1
            effects = sections[section][1] if section >= 0 else frozenset()
            statuses.append(self._status(doc, token_range, (first, last), inside, effects))
        return statuses

    def _matches(self, doc: "Doc", ranges: Sequence[TokenRange]) -> list[_Match]:
        """Cues in reading order, the longest where they overlap, none that ends inside a mention."""
        covered = np.full(len(doc), -1, dtype=np.int64)
        for at, (start, stop) in enumerate(ranges):
            covered[start:stop] = at
        kept: list[_Match] = []
        taken = np.zeros(len(doc), dtype=np.bool_)
        for key, start, stop in sorted(self._cues_in(doc), key=self._precedence):
            if taken[start:stop].any() or (covered[stop - 1] >= 0):
                continue
            taken[start:stop] = True
            kept.append(_Match(start, stop, self._cues[key]))
        return sorted(kept, key=lambda match: match.start)

    def _cues_in(self, doc: "Doc") -> list[tuple[int, int, int]]:
        """All cues as key and token range, line breaks and double blanks between their words left out."""
        is_space = doc.to_array("IS_SPACE").astype(np.bool_)
        if not is_space.any():
            return list(self._matcher(doc))
        from spacy.tokens import Doc

        places = np.flatnonzero(~is_space).tolist()
        words = Doc(doc.vocab, words=[doc[at].text for at in places])
        return [(key, places[start], places[stop - 1] + 1) for key, start, stop in self._matcher(words)]

    def _precedence(self, match: tuple[int, int, int]) -> tuple[int, int]:
        """Longer cues first; one that only takes away the effect of another counts as one word longer."""
        key, start, stop = match
        pseudo = not any(cue.effects or cue.ends for cue in self._cues[key])
        return start - stop - pseudo, start

    def _status(
        self, doc: "Doc", token_range: TokenRange, sentence: TokenRange, matches: list[_Match], section: frozenset[str]
    ) -> Status:
        effects, relative = set(section), None
        for at, match in enumerate(matches):
            for cue in match.cues:
                if cue.direction is not Direction.NONE and _reaches(
                    doc, cue, match, at, matches, token_range, sentence
                ):
                    effects |= cue.effects
                    relative = cue.relative or relative
        return Status(
            negated="negated" in effects,
            possible="possible" in effects,
            historical="historical" in effects,
            hypothetical="hypothetical" in effects,
            family="family" in effects,
            relative=relative,
        )

    def _sections(self, doc: "Doc", sentence_starts: list[int]) -> list[tuple[int, frozenset[str]]]:
        """Where sections begin and what their headings say, in reading order."""
        colons = np.flatnonzero(doc.to_array("ORTH") == doc.vocab.strings[":"]).tolist()
        begins = set(sentence_starts)
        sections = []
        for colon in colons:
            words = _heading_before(doc, colon, begins)
            if words:
                sections.append((colon - len(words), self._headers.get(words, frozenset())))
        return sections


def _heading_before(doc: "Doc", colon: int, sentence_starts: set[int]) -> tuple[str, ...]:
    """The lower-case words of the heading that ends at ``colon``, or an empty tuple."""
    at = colon
    while at > 0 and at not in sentence_starts and colon - at <= HEADER_WORDS and _is_heading_word(doc[at - 1].text):
        at -= 1
    at_start = at == 0 or at in sentence_starts or doc[at - 1].is_space or doc[at - 1].text in ".:"
    if at == colon or not at_start or not doc[at].text[0].isupper():
        return ()
    return tuple(token.lower_ for token in doc[at:colon])


def _is_heading_word(text: str) -> bool:
    return text[0].isalpha() or text in "/-&"


def _reaches(
    doc: "Doc",
    cue: Cue,
    match: _Match,
    at: int,
    matches: list[_Match],
    token_range: TokenRange,
    sentence: TokenRange,
) -> bool:
    """Whether the effect of a cue reaches a token range."""
    if cue.direction is Direction.FORWARD:
        if token_range[1] <= match.stop:
            return False
        return token_range[0] < _forward_end(cue, matches[at + 1 :], sentence[1])
    if token_range[0] >= match.start:
        return False
    return token_range[0] >= _backward_start(doc, match, matches[:at], sentence[0])


def _forward_end(cue: Cue, later: list[_Match], end: int) -> int:
    """The token where a forward effect ends: the sentence, a stop of this effect, or a new cue of polarity."""
    for match in later:
        for other in match.cues:
            if other.ends & cue.effects:
                return match.start
            if other.direction is Direction.FORWARD and other.effects & _POLARITY and cue.effects & _POLARITY:
                return match.start
    return end


def _backward_start(doc: "Doc", match: _Match, earlier: list[_Match], start: int) -> int:
    """The token where a backward effect begins: the sentence; after a stop, only the last list member before it."""
    stops = [other.stop for other in earlier if any(cue.ends for cue in other.cues)]
    if not stops:
        return start
    begin = stops[-1]
    for at in range(match.start - 1, begin - 1, -1):
        if doc[at].text in {",", "and", ";"}:
            return at + 1
    return begin
