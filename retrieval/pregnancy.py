"""Whether a text says that the patient is pregnant, and in which week."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kg import Sex

from .case_words import case_words

YOUNGEST, OLDEST = 9.0, 60.0
"""Ages in years between which a pregnancy is believed."""

_LONGEST_WEEKS = 44
_SENTENCE = re.compile(r"[.!?]\s|\n")


@dataclass(frozen=True, slots=True)
class Pregnancy:
    """What is said, the completed weeks where they are told, and the characters that say it."""

    pregnant: bool
    weeks: float | None
    start: int
    end: int


def find_pregnancy(text: str, age_years: float | None, sex: Sex) -> Pregnancy | None:
    """What ``text`` says about a present pregnancy of the patient: the first statement; ``None`` if there is none."""
    if sex is Sex.MALE or (age_years is not None and not YOUNGEST <= age_years <= OLDEST):
        return None
    words = case_words()
    denied = _first(words.not_pregnant, text)
    stated = [match for match in _all(words.pregnant, text) if not _is_another(text, match)]
    if stated and (denied is None or stated[0].start() < denied.start()):
        match = stated[0]
        return Pregnancy(True, _weeks(text, match), match.start(), match.end())
    return None if denied is None else Pregnancy(False, None, denied.start(), denied.end())


def _first(patterns: Iterable[re.Pattern[str]], text: str) -> re.Match[str] | None:
    return next(iter(_all(patterns, text)), None)


def _all(patterns: Iterable[re.Pattern[str]], text: str) -> list[re.Match[str]]:
    return sorted((match for pattern in patterns for match in pattern.finditer(text)), key=lambda match: match.start())


def _is_another(text: str, match: re.Match[str]) -> bool:
    """Whether the words before it in the sentence make the pregnancy that of a birth, of someone else, or a wish."""
    begins = [end.end() for end in _SENTENCE.finditer(text, 0, match.start())]
    before = text[begins[-1] if begins else 0 : match.start()].casefold()
    near = re.findall(r"[\w'’]+", before)[-8:]
    return any(word in case_words().other_pregnancy for word in near)


def _weeks(text: str, match: re.Match[str]) -> float | None:
    found = case_words().weeks.search(text, match.start(), min(len(text), match.end() + 30))
    if found is None:
        return None
    weeks = int(found["weeks"]) + int(found["days"] or 0) / 7
    return round(weeks, 2) if weeks <= _LONGEST_WEEKS else None
