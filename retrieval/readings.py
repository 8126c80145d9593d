"""What a given mention stands for: its abbreviations written out, and the members of a list in it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from .definitions import abbreviations
from .windows import is_abbreviation

_MEMBERS = re.compile(r"\s*(?:,|/|\band/or\b|\band\b|\bor\b)\s*")
_WORDS = re.compile(r"[\s-]+")
_SMALL = frozenset({"of", "and", "the", "in"})
_MOST_MEMBERS = 5


class ReadingKind(IntEnum):
    """How a reading was made of a mention."""

    WHOLE = 0  # abbreviations written out
    AS_IT_STANDS = 1
    MEMBER = 2  # one member of a list


@dataclass(frozen=True, slots=True)
class Reading:
    """One wording that a mention may stand for."""

    text: str
    kind: ReadingKind


def readings_of(mention: str, long_forms: Mapping[str, str]) -> list[Reading]:
    """The readings of a mention, the likeliest first.

    >>> [r.text for r in readings_of("breast and ovarian cancer", {})]
    ['breast and ovarian cancer', 'ovarian cancer', 'breast', 'breast cancer', 'breast ovarian cancer']
    """
    whole = written_out(mention, long_forms)
    found = [Reading(whole, ReadingKind.WHOLE)]
    if whole != mention:
        found.append(Reading(mention, ReadingKind.AS_IT_STANDS))
    return found + [Reading(text, ReadingKind.MEMBER) for text in _members(whole)]


def _members(text: str) -> list[str]:
    """The members of a list with the head or the beginning that they share."""
    parts = [part for part in _MEMBERS.split(text) if part]
    if not 2 <= len(parts) <= _MOST_MEMBERS:
        return []
    last, first = parts[-1].split(), parts[0].split()
    found = [parts[-1]]
    for part in parts[:-1]:
        found.append(part)
        if len(last) > 1:
            found += [f"{part} {last[-1]}", f"{part} {' '.join(last[1:])}", f"{part} {parts[-1]}"]
    if len(first) > 1:
        found += [f"{first[0]} {part}" for part in parts[1:]]
    return list(dict.fromkeys(found))


def written_out(mention: str, long_forms: Mapping[str, str]) -> str:
    """``mention`` with the abbreviations that its text defines written out."""
    if mention in long_forms:
        return long_forms[mention]
    return " ".join(long_forms.get(word, word) for word in mention.split())


def long_forms_in(text: str, mentions: Iterable[str]) -> dict[str, str]:
    """Abbreviations that ``text`` defines, and those of ``mentions`` whose letters spell another mention.

    >>> long_forms_in("", ["overactive bladder", "OAB", "early-onset dystonia", "EODs", "EOP"])
    {'OAB': 'overactive bladder', 'EODs': 'early-onset dystonia'}
    """
    found = abbreviations(text)
    texts = list(dict.fromkeys(mentions))
    words_of_texts = [(mention, [word for word in _WORDS.split(mention.casefold()) if word]) for mention in texts]
    for mention in texts:
        if mention in found or " " in mention or not is_abbreviation(mention):
            continue
        single = mention.removesuffix("s")
        letters = "".join(c for c in single.casefold() if c.isalpha())
        spelt = (other for other, words in words_of_texts if len(words) > 1 and _spells(letters, words))
        long_form = found.get(single) or next(spelt, None)
        if long_form is not None:
            found[mention] = long_form
    return found


def _spells(letters: str, words: Sequence[str]) -> bool:
    """Whether ``letters`` occur in order in ``words`` and the first letters of those, small words apart, in them."""
    if not letters or words[0][0] != letters[0]:
        return False
    inside, initials = iter("".join(words)), iter(letters)
    return all(c in inside for c in letters) and all(w[0] in initials for w in words if w not in _SMALL)
