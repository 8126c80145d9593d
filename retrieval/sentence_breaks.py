"""Where sentences begin, by punctuation, line breaks and abbreviations; made for clinical notes."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from spacy.tokens import Doc

_ENDS = frozenset({".", "!", "?"})
_CLOSERS = frozenset("\"')]}”’»")
_ABBREVIATIONS = frozenset(
    {"dr", "mr", "mrs", "ms", "prof", "vs", "fig", "figs", "approx", "ca", "cf", "al", "st", "eg", "ie", "jr"}
)
"""Words that a full stop may follow inside a sentence."""

_BEFORE_QUERY = frozenset({",", ":", "(", "-", "/"})
"""Signs behind which a question mark stands for "possible": "Impression: ? stroke"."""

_BULLET = re.compile(r"[-*•▪◦‣·–]|\d{1,2}|[a-z]")
_SHORT_LINE = 60
"""Characters; a shorter line that the next one continues with a capital is an item, not wrapped prose."""

_LINE_TOKENS = 20


def sentence_starts(doc: "Doc") -> NDArray[np.bool_]:
    """For each token whether a sentence begins there.

    A sentence ends at ``.``, ``!`` or ``?`` before a capital, digit or bracket, unless an abbreviation or an initial
    stands before the stop; at an empty line; and at a line break before a bullet, a heading or after a short line.
    """
    starts = np.zeros(len(doc), dtype=np.bool_)
    starts[:1] = True
    ends = np.array([doc.vocab.strings.add(sign) for sign in sorted(_ENDS)], dtype=np.uint64)
    for at in np.flatnonzero(np.isin(doc.to_array("ORTH"), ends)).tolist():
        after = _sentence_after(doc, at)
        if after is not None:
            starts[after] = True
    for at in np.flatnonzero(doc.to_array("IS_SPACE")[:-1]).tolist():
        if _has_line_break(doc[at].text) and _line_begins_sentence(doc, at):
            starts[at + 1] = True
    for at in _items_in_line(doc):
        starts[at] = True
    return starts


def _items_in_line(doc: "Doc") -> Iterator[int]:
    """The numbers that begin the items of a list inside a line: "1) cough 2) fever", in order from 1."""
    expected = 1
    for at in np.flatnonzero(doc.to_array("ORTH") == doc.vocab.strings[")"]).tolist():
        number = doc[at - 1].text if at else ""
        if number == "1" and _is_apart(doc, at - 1):
            expected = 1
        if number == str(expected) and _is_apart(doc, at - 1):
            yield at - 1
            expected += 1


def _is_apart(doc: "Doc", at: int) -> bool:
    return at == 0 or doc[at - 1].is_space or (bool(doc[at - 1].whitespace_) and doc[at - 1].text != "(")


def _sentence_after(doc: "Doc", at: int) -> int | None:
    """The token that begins the sentence after the sign at ``at``, if that ends one."""
    if doc[at].text == "?" and (at == 0 or doc[at - 1].is_space or doc[at - 1].text in _BEFORE_QUERY):
        return None
    after = at + 1
    while after < len(doc) and doc[after].text in _CLOSERS | _ENDS:
        after += 1
    if after >= len(doc) or not (doc[after - 1].whitespace_ or doc[after].is_space):
        return None
    while after < len(doc) - 1 and doc[after].is_space:
        after += 1
    if doc[at].text == "." and at and _is_abbreviation(doc[at - 1].text, at < 2 or doc[at - 2].text == "."):
        return None
    return None if doc[after].text[0].islower() else after


def _is_abbreviation(word: str, after_stop: bool) -> bool:
    """Whether a full stop behind ``word`` belongs to it; ``after_stop`` marks the later letters of ``i.e.``."""
    return word.casefold() in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and (word.isupper() or after_stop))


def _line_begins_sentence(doc: "Doc", at: int) -> bool:
    """Whether the line after the line break token ``at`` begins a sentence."""
    if doc[at].text.replace("\r\n", "\n").replace("\r", "\n").count("\n") > 1:
        return True
    following = doc[at + 1].text
    if _BULLET.fullmatch(following) and (at + 2 >= len(doc) or not doc[at + 2].is_alpha or not following.isalnum()):
        return True
    if not following[0].isupper() or at == 0 or doc[at - 1].text in {",", "and", "or", "-"}:
        return False
    line = at - 1
    while line > 0 and at - line < _LINE_TOKENS and not _has_line_break(doc[line - 1].text):
        line -= 1
    return doc[at].idx - doc[line].idx < _SHORT_LINE


def _has_line_break(text: str) -> bool:
    return "\n" in text or "\r" in text
