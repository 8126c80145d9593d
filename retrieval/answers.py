"""Answers behind a finding: table cells ("Fever | no"), boxes ("[x] cough") and questions ("Any seizures? No.")."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .cues import Cue, Direction
from .status import AFFIRMED

if TYPE_CHECKING:
    from spacy.tokens import Doc

TokenRange = tuple[int, int]

_SEPARATORS = frozenset({"|", ":", "=", "-", "–", "—", "→"})
_ENDS = frozenset({".", ",", ";", "|", "!", ")"})
_REACH = 8
"""How many tokens away a separator, a box or the words of an answer may lie."""

_EMPTY_BOXES, _TICKED_BOXES = frozenset("☐▢"), frozenset("☑☒✓✔✗")
_TICKS = frozenset("xX✓✔✗*+")
_BOXES = _EMPTY_BOXES | _TICKED_BOXES | {"]"}
_BORDERS = _SEPARATORS | _BOXES
_BEFORE_QUERY = frozenset({"(", ",", ":", "-"})


@dataclass(frozen=True, slots=True)
class AnswerSigns:
    """The tokens round which answers stand, in reading order: borders of cells and boxes, and question marks.

    ``has_boxes`` says whether there may be boxes at all.
    """

    borders: Sequence[int]
    questions: Sequence[int]
    has_boxes: bool

    @classmethod
    def of(cls, doc: "Doc") -> "AnswerSigns":
        """The signs of ``doc``."""
        strings, orth = doc.vocab.strings, doc.to_array("ORTH")
        signs = np.array([strings[sign] for sign in sorted(_BORDERS) if sign in strings], dtype=np.uint64)
        at = np.isin(orth, signs)
        at[[space for space in np.flatnonzero(doc.to_array("IS_SPACE")).tolist() if "\t" in doc[space].text]] = True
        boxes = [strings[sign] for sign in sorted(_BOXES) if sign in strings]
        return cls(
            np.flatnonzero(at).tolist(),
            np.flatnonzero(orth == strings["?"]).tolist(),
            bool(np.isin(orth, np.array(boxes, dtype=np.uint64)).any()),
        )

    def is_near(self, mention: TokenRange) -> bool:
        """Whether a cell or box may answer for a mention."""
        at = bisect_left(self.borders, mention[0] - _REACH)
        return at < len(self.borders) and self.borders[at] < mention[1] + _REACH

    def question(self, start: int, stop: int) -> int | None:
        """The first question mark in a range of tokens."""
        at = bisect_left(self.questions, start)
        return self.questions[at] if at < len(self.questions) and self.questions[at] < stop else None


class AnswerReader:
    """Finds the answer to a finding in the tokens around it."""

    def __init__(self, cues: Iterable[Cue]) -> None:
        self._answers: dict[tuple[str, ...], frozenset[str]] = {}
        self._openers: set[tuple[str, ...]] = set()
        for cue in cues:
            if cue.direction is Direction.ANSWER:
                self._answers[cue.words] = cue.effects
            elif cue.direction is Direction.QUESTION:
                self._openers.add(cue.words)
        self._longest = max(map(len, self._answers), default=0)

    def effects(
        self, doc: "Doc", signs: AnswerSigns, mention: TokenRange, sentence: TokenRange, asked: bool = False
    ) -> frozenset[str]:
        """What a cell, a box or the reply to a question says about a mention; empty if there is none.

        ``asked`` leaves questions alone.
        """
        said = frozenset[str]()
        if signs.is_near(mention):
            said = self._cell(doc, mention[1])
            if not said and signs.has_boxes:
                said = self._box(doc, mention[0])
        return said or (frozenset() if asked else self._question(doc, signs, mention, sentence))

    def _cell(self, doc: "Doc", after: int) -> frozenset[str]:
        for at in range(after, min(after + _REACH, len(doc))):
            text = doc[at].text
            if "\n" in text or "\r" in text:
                break
            border = text == "|" or "\t" in text
            if border or (text in _SEPARATORS and at == after):
                return self._answer(doc, at + 1)
            if at == after and text not in {"(", "/"} and not text[0].isalpha() and not text.isspace():
                break
        return frozenset()

    def _answer(self, doc: "Doc", start: int) -> frozenset[str]:
        """The effects of the answer that fills the cell at ``start`` alone."""
        words: list[str] = []
        for at in range(start, min(start + self._longest + _REACH, len(doc))):
            text = doc[at].text
            if (text in _ENDS and words) or "\n" in text or "\r" in text or ("\t" in text and words):
                break
            if not text.isspace():
                words.append(text.lower())
        return self._answers.get(tuple(words), frozenset())

    def _box(self, doc: "Doc", before: int) -> frozenset[str]:
        for at in range(before - 1, max(-1, before - 1 - _REACH), -1):
            text = doc[at].text
            if text in _EMPTY_BOXES:
                return frozenset({"negated"})
            if text in _TICKED_BOXES:
                return frozenset({AFFIRMED})
            if text == "]" and at:
                inside = doc[at - 1].text
                if inside == "[" or (inside in _TICKS and at > 1 and doc[at - 2].text == "["):
                    return frozenset({"negated"}) if inside == "[" else frozenset({AFFIRMED})
            if "\n" in text or "\r" in text or text in {".", ";"}:
                break
        return frozenset()

    def _question(self, doc: "Doc", signs: AnswerSigns, mention: TokenRange, sentence: TokenRange) -> frozenset[str]:
        marked = mention[0] - 1
        if signs.question(max(marked, sentence[0]), mention[0]) is not None and (
            marked == sentence[0] or not doc[marked].whitespace_ or doc[marked - 1].text in _BEFORE_QUERY
        ):
            return frozenset({"possible"})
        asked = signs.question(mention[1], sentence[1])
        if asked is None:
            return frozenset()
        answer = self._answer(doc, asked + 1)
        if answer:
            return answer
        if self._opens_question(doc, sentence[0], mention[0]):
            return frozenset({"hypothetical"})
        return frozenset({"possible"}) if asked - mention[1] < 3 else frozenset()

    def _opens_question(self, doc: "Doc", start: int, stop: int) -> bool:
        first = next((at for at in range(start, stop) if doc[at].is_alpha), stop)
        return any(tuple(token.lower_ for token in doc[first : first + n]) in self._openers for n in (1, 2))
