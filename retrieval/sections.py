"""Sections of a letter and what their headings say; list items and the sentence that introduces them."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .cues import Cue, whose

if TYPE_CHECKING:
    from spacy.tokens import Doc

HEADER_WORDS = 6
"""Longest section heading, in tokens."""

_ITEM_WORDS = 12  # a longer line is prose, not an item
_BULLETS = frozenset("-*•▪◦‣·–+")
_MARKS = frozenset("#*_-•▪◦‣·>= ")
"""Signs before the words of a heading, such as those of Markdown."""

_EMPHASIS = frozenset("*_")


@dataclass(frozen=True, slots=True)
class Section:
    """Tokens ``start:stop`` stand under a heading that gives them ``effects``."""

    start: int
    stop: int
    effects: frozenset[str]
    relative: str | None = None


class Headings:
    """Known headings; a word such as "{relative}" in one stands for all words of its class."""

    def __init__(
        self, rows: Mapping[tuple[str, ...], Cue], classes: Mapping[str, Sequence[tuple[str, ...]]] | None = None
    ) -> None:
        self._rows = rows
        self._classes = {words: name for name, members in (classes or {}).items() for words in members}
        self._longest = max(map(len, self._classes), default=0)

    def find(self, words: tuple[str, ...]) -> tuple[Cue | None, str | None]:
        """The row of a heading, and the relative that it names."""
        if words in self._rows:
            return self._rows[words], None
        told: list[str] = []
        general: list[str] = []
        at = 0
        while at < len(words):
            stops = range(min(len(words), at + self._longest), at, -1)
            stop = next((stop for stop in stops if words[at:stop] in self._classes), None)
            if stop is None:
                general.append(words[at])
                at += 1
            else:
                general.append(self._classes[words[at:stop]])
                told += words[at:stop]
                at = stop
        cue = self._rows.get(tuple(general)) if told else None
        return cue, None if cue is None else whose(told)


NO_SECTION = Section(0, 0, frozenset())


@dataclass(frozen=True, slots=True)
class _Heading:
    start: int
    stop: int  # one past the colon, or the end of the line
    words: tuple[str, ...]


def find_sections(doc: "Doc", sentence_starts: Sequence[int], known: "Headings") -> list[Section]:
    """The sections of ``doc`` in reading order. Any heading ends the section before it, whether it is known or not.

    A section whose text begins in the line of its heading also ends at an empty line that no list item follows.
    """
    breaks = _line_breaks(doc)
    headings = sorted(
        [*_colon_headings(doc, set(sentence_starts)), *_line_headings(doc, breaks, known)], key=lambda h: h.start
    )
    sections = []
    for at, heading in enumerate(headings):
        stop = headings[at + 1].start if at + 1 < len(headings) else len(doc)
        cue, relative = known.find(heading.words)
        if cue is not None and heading.stop < len(doc) and not _is_break(doc[heading.stop].text):
            stop = min(stop, _end_of_paragraph(doc, heading.stop, stop, breaks))
        effects = frozenset[str]() if cue is None else cue.effects
        sections.append(Section(heading.start, stop, effects, relative))
    return sections


def _line_breaks(doc: "Doc") -> list[int]:
    spaces = np.flatnonzero(doc.to_array("IS_SPACE")).tolist()
    return [at for at in spaces if _is_break(doc[at].text)]


def _is_break(text: str) -> bool:
    return text.isspace() and ("\n" in text or "\r" in text)


def is_empty_line(text: str) -> bool:
    """Whether white space holds more than one line break."""
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n") > 1


def _end_of_paragraph(doc: "Doc", start: int, stop: int, breaks: Sequence[int]) -> int:
    for at in breaks:
        if start <= at < stop and is_empty_line(doc[at].text) and at + 1 < stop and not is_bullet(doc, at + 1):
            return at
    return stop


def is_bullet(doc: "Doc", at: int) -> bool:
    """Whether the line at ``at`` begins as a list item: with a sign, or a number or letter and a stop or bracket."""
    text = doc[at].text
    if text in _BULLETS or text == "[" or text in "☐☑☒":
        return True
    numbered = (text.isdigit() and len(text) < 3) or (len(text) == 1 and text.isalpha())
    return numbered and at + 1 < len(doc) and doc[at + 1].text in {".", ")"}


def _colon_headings(doc: "Doc", sentence_starts: set[int]) -> Iterator[_Heading]:
    for colon in np.flatnonzero(doc.to_array("ORTH") == doc.vocab.strings[":"]).tolist():
        words = _heading_before(doc, colon, sentence_starts)
        if words:
            yield _Heading(colon - len(words), colon + 1, words)


def _heading_before(doc: "Doc", colon: int, sentence_starts: set[int]) -> tuple[str, ...]:
    """The lower-case words of the heading that ends at ``colon``, or an empty tuple."""
    at = colon
    while at > 0 and at not in sentence_starts and colon - at <= HEADER_WORDS and _is_heading_word(doc[at - 1].text):
        at -= 1
    at_start = at == 0 or at in sentence_starts or doc[at - 1].is_space or doc[at - 1].text in ".:*#_"
    if at == colon or not at_start or not doc[at].text[0].isupper():
        return ()
    return tuple(token.lower_ for token in doc[at:colon])


def _is_heading_word(text: str) -> bool:
    return text[0].isalpha() or text in "/-&"


def _line_headings(doc: "Doc", breaks: Sequence[int], known: "Headings") -> Iterator[_Heading]:
    """Lines without a colon that are a known heading, are marked as one, or are in capitals throughout."""
    for begin, end in zip([-1, *breaks], [*breaks, len(doc)], strict=True):
        start = begin + 1
        while start < end and (doc[start].text in _MARKS or doc[start].is_space):
            start += 1
        stop = end
        while stop > start and (doc[stop - 1].text in _MARKS or doc[stop - 1].is_space):
            stop -= 1
        if not 0 < stop - start <= HEADER_WORDS or not doc[start].text[0].isupper():
            continue
        tokens = doc[start:stop]
        if not all(_is_heading_word(token.text) for token in tokens):
            continue
        words = tuple(token.lower_ for token in tokens)
        capitals = len(words) > 1 and all(token.text.isupper() or not token.is_alpha for token in tokens)
        first, last = doc[begin + 1].text, doc[end - 1].text
        marked = first == "#" or (first in _EMPHASIS and last in _EMPHASIS)
        if known.find(words)[0] is not None or ((capitals or marked) and end < len(doc)):
            yield _Heading(start, stop, words)


def find_leads(doc: "Doc", bounds: Sequence[int], headings: Set[int]) -> dict[int, int]:
    """For each sentence that is a list item, the sentence that introduces the list and ends in a colon.

    ``bounds`` are the sentence starts and the length of ``doc``; a sentence at one of the ``headings`` is no item.
    """
    leads: dict[int, int] = {}
    lead: int | None = None
    for at in range(len(bounds) - 1):
        start, stop = bounds[at], bounds[at + 1]
        last = stop - 1
        while last > start and doc[last].is_space:
            last -= 1
        if doc[last].text == ":":
            lead = at
        elif lead is not None:
            after_gap = start > 0 and doc[start - 1].is_space and is_empty_line(doc[start - 1].text)
            item = is_bullet(doc, start) or (not after_gap and stop - start <= _ITEM_WORDS and doc[last].text != ".")
            if item and start not in headings:
                leads[at] = lead
            else:
                lead = None
    return leads
