"""Abbreviations that a text defines: "polycystic kidney disease (PKD)" (Schwartz & Hearst 2003)."""

import re
from collections.abc import Iterator

_BRACKETED = re.compile(r"\(\s*([^()]{2,20}?)\s*[);,]")
_SHORT = re.compile(r"[^\W_][\w/.-]*(?: [\w/.-]+)?")
_WORD = re.compile(r"[^\s]+")
_LONGEST = 10


def abbreviations(text: str) -> dict[str, str]:
    """Short form → long form of every abbreviation that ``text`` defines in brackets, the first definition first.

    >>> abbreviations("Autosomal dominant polycystic kidney disease (ADPKD) and ataxia (AT)")["ADPKD"]
    'Autosomal dominant polycystic kidney disease'
    """
    return dict(reversed(list(_definitions(text))))


def _definitions(text: str) -> Iterator[tuple[str, str]]:
    for match in _BRACKETED.finditer(text):
        short = match[1]
        if not _SHORT.fullmatch(short) or not any(c.isupper() for c in short) or len(short) > _LONGEST:
            continue
        most = min(len(short) + 5, 2 * len(short))
        words = list(_WORD.finditer(text, max(0, match.start() - 200), match.start()))[-most:]
        if words:
            long_form = _long_form(short, text[words[0].start() : words[-1].end()])
            if long_form is not None:
                yield short, long_form


def _long_form(short: str, before: str) -> str | None:
    """The end of ``before`` whose letters spell ``short``, its first letter beginning a word; the shortest such."""
    at = len(before) - 1
    letters = [c for c in short.casefold() if c.isalnum()]
    for place, letter in reversed(list(enumerate(letters))):
        while at >= 0 and (before[at].casefold() != letter or (place == 0 and at > 0 and before[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return None
        at -= 1
    found = before[at + 1 :].strip()
    return found if len(found) > len(short) and short not in found.split() else None
