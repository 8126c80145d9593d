"""Ages, life stages and sex in English text, as numbers of years and `kg.Sex`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg import Sex

LIFE_STAGE_YEARS = {
    "fetus": 0.0,
    "fetal period": 0.0,
    "prenatally": 0.0,
    "birth": 0.0,
    "newborn": 0.0,
    "neonate": 0.0,
    "neonatal period": 0.0,
    "infant": 0.5,
    "infancy": 0.5,
    "toddler": 2.0,
    "early childhood": 3.0,
    "child": 5.0,
    "childhood": 5.0,
    "adolescent": 13.0,
    "adolescence": 13.0,
    "teenager": 15.0,
    "young adult": 20.0,
    "young adulthood": 20.0,
    "adult": 30.0,
    "adulthood": 30.0,
    "middle age": 50.0,
    "old age": 70.0,
}
"""One age for a stage of life, ours; where HPO defines the stage as an onset (HP:0003674), inside its range."""

_NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=1
    )
}
_UNIT_YEARS = {"y": 1.0, "m": 1 / 12, "w": 7 / 365.25, "d": 1 / 365.25, "h": 1 / 8766}

_NOUN_SEX = {
    **dict.fromkeys(["man", "boy", "male", "gentleman", "m", "mr"], Sex.MALE),
    **dict.fromkeys(["woman", "girl", "female", "lady", "f", "mrs", "ms", "miss"], Sex.FEMALE),
}
_PRONOUN_SEX = {
    "he": Sex.MALE,
    "his": Sex.MALE,
    "him": Sex.MALE,
    "she": Sex.FEMALE,
    "her": Sex.FEMALE,
    "hers": Sex.FEMALE,
}

_NUMBER = rf"(?:\d{{1,3}}(?:\.\d+)?|{'|'.join(_NUMBER_WORDS)})"
_UNIT = r"(?:years?|yrs?|y/?o|months?|mos?|mths?|weeks?|wks?|days?|hours?)"
_AMOUNT = rf"{_NUMBER}[\s-]*{_UNIT}"
_LENGTH = rf"{_AMOUNT}(?:(?:,\s*|\s+and\s+|\s+|-){_AMOUNT})?"
_STAGE = "|".join(sorted(map(re.escape, LIFE_STAGE_YEARS), key=lambda stage: (-len(stage), stage)))

_AMOUNTS = re.compile(rf"({_NUMBER})[\s-]*({_UNIT})", re.IGNORECASE)
_PERSON = (
    r"(?:man|woman|boy|girl|male|female|gentleman|lady|infant|newborn|neonate|fetus|child|individual|patient|proband"
    r"|person|adult|adolescent)"
)
_PATIENT = re.compile(
    rf"(?P<age>{_LENGTH})(?:[\s-]*old)?,?\s+(?P<nouns>(?:[\w-]+\s+){{0,4}}?{_PERSON}(?:\s+{_PERSON})*)\b", re.IGNORECASE
)
_SUBJECT = re.compile(
    rf"\b(?:patient|proband|individual|case|subject|child|infant|he|she)\s+(?:is|was)\s+(?:an?\s+)?"
    rf"(?:(?P<nouns>(?:[\w-]+\s+){{0,3}}?{_PERSON}(?:\s+{_PERSON})*)|(?P<age>{_LENGTH})(?:[\s-]*old)?)\b",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r"\b(?P<age>\d{1,3}\s*(?:-\s*)?(?:yo|y/o|y\.o\.|yrs?|y|mo|years?)(?:[\s-]*old)?)[\s,]*(?P<letter>[MF])\b"
    r"|(?:(?:^|\n)\s*|\b)(?P<years>\d{1,3})(?P<sign>[MF])\b"
)
_AGED = re.compile(
    rf"\b(?:aged|age)\s*[:=|]?\s*(?P<age>{_LENGTH})\b|\b(?:aged|age\s*[:=|])\s*(?P<years>\d{{1,3}})\b(?!\s*[-/.]\s*\d)",
    re.IGNORECASE,
)
_SEX_FIELD = re.compile(r"\b(?:sex|gender)\s*[:=|]\s*(?P<nouns>male|female|man|woman|boy|girl|m|f)\b", re.IGNORECASE)
_TITLED = re.compile(r"(?<!Dear )\b(?P<nouns>Mr|Mrs|Ms|Miss)\b\.?\s+[A-Z]")
_RELATIVE_BEFORE = re.compile(
    r"\b(?:mother|father|mum|mom|dad|brother|sister|uncle|aunt|cousin|grand\w+|son|daughter|husband|wife|partner|parents?"
    r"|sibling|twin|niece|nephew|FH|family history)\b[^.;\n]*$",
    re.IGNORECASE,
)
_RELATIVE_REACH = 80
"""Characters before an age in which a relative makes it his or hers."""

_NAMED = re.compile(
    rf"(?:^|\b(?:an?|this|the|our)\s+)(?P<nouns>(?:[\w-]+\s+){{0,2}}?{_PERSON}(?:\s+{_PERSON})*)\b", re.IGNORECASE
)
_WHEN = re.compile(
    rf"\b(?:(?:since|from|at|by)\s+(?:(?:the|an)\s+)?(?:age\s+(?:of\s+)?)?(?P<age>{_LENGTH})(?:\s+of\s+age)?"
    rf"|(?:since|from|at)\s+(?:(?:the|an)\s+)?age\s+(?:of\s+)?(?P<years>{_NUMBER})\b"
    rf"|(?:since|from|at|in|during|as)\s+(?:(?:the|an?|his|her|their)\s+)?(?:(?:early|late)\s+)??(?P<stage>{_STAGE})"
    rf"|when\s+(?:\w+\s+){{1,2}}was\s+(?:(?:an?\s+)?(?P<when_stage>{_STAGE})|(?P<when_age>{_LENGTH})))\b",
    re.IGNORECASE,
)
_LASTING = re.compile(
    rf"\b(?:(?:for|over|during|in)\s+(?:about\s+|approximately\s+|nearly\s+|almost\s+)?(?:(?:the\s+)?(?:past|last)\s+)?"
    rf"(?P<length>{_LENGTH})(?!\s*(?:of\s+age|old))(?!-)|(?P<history>{_LENGTH})[\s-]+history\s+of"
    rf"|(?P<ago>{_LENGTH})\s+(?:ago|earlier|previously))\b",
    re.IGNORECASE,
)
LASTING_REACH = 40
"""Characters between a span of time ("for two years") and what it dates."""

_ONSET = re.compile(
    r"\b(?:onset|began|begun|started|first\s+(?:symptoms?|signs?|noted|noticed|seen|manifestations?)|manifested|"
    r"initial\s+(?:symptoms?|presentation)|became\s+symptomatic|symptomatic\s+(?:since|from))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TimePhrase:
    """A time in a patient's life, such as "at the age of 3 years": where it stands and the age it means."""

    start: int
    end: int
    years: float
    reach: int | None = None
    """How many characters away it may be from what it dates; ``None``: its whole sentence."""


def years_of(length: str) -> float | None:
    """The years in an age such as "4-year, 10-month"; ``None`` if there is no amount in it.

    >>> years_of("18 months"), years_of("2-year, 6-month"), years_of("three years")
    (1.5, 2.5, 3.0)
    """
    amounts = [
        float(_NUMBER_WORDS.get(number.casefold(), 0) or number) * _UNIT_YEARS[unit[0].casefold()]
        for number, unit in _AMOUNTS.findall(length)
    ]
    return round(sum(amounts), 4) if amounts else None


@dataclass(frozen=True, slots=True)
class ToldPatient:
    """Age and sex as a text tells them, and the characters that do; no characters where pronouns tell the sex."""

    age_years: float | None = None
    sex: Sex = Sex.UNKNOWN
    age_place: tuple[int, int] | None = None
    sex_place: tuple[int, int] | None = None


def read_patient(text: str) -> ToldPatient:
    """The person whom ``text`` is about: by the first phrase that says so, else by pronouns."""
    age: float | None = None
    sex = Sex.UNKNOWN
    places: dict[str, tuple[int, int]] = {}
    for pattern in (_PATIENT, _SUBJECT, _SHORT, _AGED, _SEX_FIELD, _NAMED, _TITLED):
        match = next((m for m in pattern.finditer(text) if not _is_of_relative(text, m.start())), None)
        if match is None:
            continue
        groups = match.groupdict()
        name = next((key for key in ("nouns", "letter", "sign") if groups.get(key)), None)
        nouns, length = match[name] if name else "", groups.get("age") or groups.get("years")
        if age is None:
            age = _age_of(length) if length else _stage_of_nouns(nouns)
            if age is not None:
                places["age"] = match.span("age") if groups.get("age") else match.span()
        if sex is Sex.UNKNOWN:
            sex = _sex_of_nouns(nouns)
            if sex is not Sex.UNKNOWN and name:
                places["sex"] = match.span(name)
    if sex is Sex.UNKNOWN:
        sex = _sex_of_pronouns(text)
    return ToldPatient(age, sex, places.get("age"), places.get("sex"))


def find_patient(text: str) -> tuple[float | None, Sex]:
    """Age in years and sex of the person whom ``text`` is about.

    >>> find_patient("A 2-month-old female infant was seen.")
    (0.1667, <Sex.FEMALE: 'FEMALE'>)
    """
    told = read_patient(text)
    return told.age_years, told.sex


def _is_of_relative(text: str, at: int) -> bool:
    return _RELATIVE_BEFORE.search(text, max(0, at - _RELATIVE_REACH), at) is not None


def _age_of(length: str) -> float | None:
    return years_of(length) if re.search(r"[a-z]", length, re.IGNORECASE) else years_of(f"{length} years")


def find_times(text: str, age_years: float | None = None) -> Iterator[TimePhrase]:
    """The times in a patient's life that ``text`` names, in reading order.

    Spans up to now ("for two years", "two years ago") count back from ``age_years``, and are left out without it.
    """
    found = [phrase for match in _WHEN.finditer(text) if (phrase := _time_of(match)) is not None]
    if age_years is not None:
        for match in _LASTING.finditer(text):
            length = years_of(match["length"] or match["history"] or match["ago"])
            overlaps = any(phrase.start < match.end() and match.start() < phrase.end for phrase in found)
            if length is not None and length <= age_years and not overlaps:
                years = round(age_years - length, 4)
                found.append(TimePhrase(match.start(), match.end(), years, LASTING_REACH))
    yield from sorted(found, key=lambda phrase: phrase.start)


def _time_of(match: re.Match[str]) -> TimePhrase | None:
    length = match["age"] or match["when_age"]
    stage = match["stage"] or match["when_stage"]
    if length:
        years = years_of(length)
    elif stage:
        years = LIFE_STAGE_YEARS[re.sub(r"\s+", " ", stage.casefold())]
    else:
        years = years_of(f"{match['years']} years")
    return None if years is None else TimePhrase(match.start(), match.end(), years)


def speaks_of_onset(sentence: str) -> bool:
    """Whether a sentence tells when the disease began."""
    return _ONSET.search(sentence) is not None


def _stage_of_nouns(nouns: str) -> float | None:
    """Only a newborn's age follows from the noun."""
    return 0.0 if re.search(r"\b(newborn|neonate|fetus)\b", nouns, re.IGNORECASE) else None


def _sex_of_nouns(nouns: str) -> Sex:
    found = {_NOUN_SEX[word] for word in re.findall(r"\w+", nouns.casefold()) if word in _NOUN_SEX}
    return found.pop() if len(found) == 1 else Sex.UNKNOWN


def _sex_of_pronouns(text: str) -> Sex:
    words = [_PRONOUN_SEX[word] for word in re.findall(r"\w+", text.casefold()) if word in _PRONOUN_SEX]
    male, female = words.count(Sex.MALE), words.count(Sex.FEMALE)
    return Sex.UNKNOWN if male == female else Sex.MALE if male > female else Sex.FEMALE
