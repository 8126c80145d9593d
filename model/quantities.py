"""Numbers in text as quantities that can be compared: shares, measures and counts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from .reading import Span, any_of, cues, inside


class Dimension(StrEnum):
    """What a quantity measures. A ``word`` is a share said in a word, such as "often"."""

    SHARE = "share"
    COUNT = "count"
    WORD = "word"
    TIME = "time_days"
    MASS = "mass_mg"
    LENGTH = "length_mm"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A closed range ``low..high`` in base units (shares are fractions); a plain number has ``low == high``.

    ``bound`` is a comparison such as ``"at least"``. ``tolerance`` is half a unit of the last digit given.
    """

    span: Span
    text: str
    dimension: Dimension
    low: float
    high: float
    bound: str = ""
    tolerance: float = 0.0

    def agrees_with(self, other: "Quantity") -> bool:
        """Whether this quantity repeats the other one, at most rounded; none and all never come from rounding."""
        if self.dimension is not other.dimension or self.bound != other.bound:
            return False
        pairs = ((self.low, other.low), (self.high, other.high))
        exact = self.dimension is Dimension.SHARE and any({0.0, 1.0} & set(pair) for pair in pairs)
        slack = 1e-9 if exact else self.tolerance + 1e-9
        return all(abs(mine - its) <= slack for mine, its in pairs)


_NUM = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_TO = r"(?:\s*[–—-]\s*|\s+to\s+)"
_BOUNDS: Mapping[str, str] = {
    "at least": ">=", "more than": ">", "over": ">", "above": ">", "greater than": ">", "exceeding": ">",
    "at most": "<=", "up to": "<=", "less than": "<", "under": "<", "below": "<", "fewer than": "<",
    ">": ">", "<": "<", "≥": ">=", "≤": "<=", "no more than": "<=", "no less than": ">=", "older than": ">",
    "younger than": "<", "before": "<", "after": ">",
}  # fmt: skip
_BOUND = re.compile("(" + "|".join(re.escape(b) for b in sorted(_BOUNDS, key=len, reverse=True)) + r")\s*$", re.I)


@lru_cache(maxsize=1)
def _units() -> Mapping[str, tuple[Dimension, float]]:
    table = cues()["units"]
    return {unit: (Dimension(name), factor) for name, units in table.items() for unit, factor in units.items()}


@lru_cache(maxsize=1)
def _patterns() -> Mapping[str, re.Pattern[str]]:
    table = cues()
    words = "|".join(sorted(table["number_words"], key=len, reverse=True))
    number = rf"(?:{_NUM}|(?:{words})(?![\w-]))"
    unit = "|".join(sorted(_units(), key=len, reverse=True))
    left, of, sign = r"(?<![\w.%/-])", r"(?:of|out of|in)(?:\s+(?:the|every))?", r"(?:%|percent\b|per cent\b)"
    return {
        "ratio": re.compile(rf"{left}({number})\s*(?:/|\s{of}\s)\s*({number})(?![\w%])", re.I),
        "percent": re.compile(rf"{left}({_NUM})\s*{sign}?(?:{_TO}({_NUM}))?\s*{sign}", re.I),
        "fraction": any_of(table["fraction_words"]),
        "share": any_of(table["shares"]),
        "number": re.compile(rf"{left}({number})(?:{_TO}({number}))?(?:[\s-]*({unit})(?!\w))?(?![\w%]|\.\d)", re.I),
    }


def quantities_in(text: str, names: Sequence[Span] = ()) -> tuple[Quantity, ...]:
    """Every quantity of a text, in order, without overlap; numbers inside ``names`` ("type 2") are no quantities.

    >>> [(q.dimension.value, q.low, q.high) for q in quantities_in("60% (3/5), from 2 to 4 years")]
    [('share', 0.6, 0.6), ('share', 0.6, 0.6), ('time_days', 730.5, 1461.0)]
    """
    taken: list[Span] = list(names)
    found: list[Quantity] = []
    for kind, read in _READERS:
        for match in _patterns()[kind].finditer(text):
            if inside(match.span(), taken) or _is_pronoun(match):
                continue
            if (quantity := read(match)) is not None:
                taken.append(match.span())
                found.append(quantity)
    return tuple(sorted(found, key=lambda quantity: quantity.span))


def _is_pronoun(match: re.Match[str]) -> bool:
    """Whether the match is the "one" of "one of the" or the "both" of "both … and", which count nothing."""
    word, rest = match.group().casefold(), match.string[match.end() :].casefold()
    return (word == "one" and bool(re.match(r"\s+(?:of|or)\b", rest))) or (word == "both" and " and " in rest)


def _value(text: str) -> float:
    words: Mapping[str, float] = cues()["number_words"]
    return float(words[text.casefold()]) if text.casefold() in words else float(text.replace(",", ""))


def _half_digit(text: str) -> float:
    whole, _, decimals = text.partition(".")
    return 0.5 * 10.0 ** -len(decimals) if whole[:1].isdigit() and decimals else 0.0


def _bound_before(match: re.Match[str]) -> str:
    found = _BOUND.search(match.string[: match.start()])
    return _BOUNDS[found[1].casefold()] if found else ""


def _ratio(match: re.Match[str]) -> Quantity | None:
    part, whole = _value(match[1]), _value(match[2])
    if whole == 0 or part > whole:
        return None
    share = part / whole
    return Quantity(match.span(), match.group(), Dimension.SHARE, share, share, _bound_before(match))


def _percent(match: re.Match[str]) -> Quantity:
    low = _value(match[1])
    high = _value(match[2]) if match[2] else low
    rounding = max(_half_digit(match[1]), 0.5 if "." not in match[1] else 0.0) / 100
    return Quantity(match.span(), match.group(), Dimension.SHARE, low / 100, high / 100, _bound_before(match), rounding)


def _fraction(match: re.Match[str]) -> Quantity:
    share = float(cues()["fraction_words"][" ".join(match.group().casefold().split())])
    return Quantity(match.span(), match.group(), Dimension.SHARE, share, share, _bound_before(match), 0.005)


def _share(match: re.Match[str]) -> Quantity:
    low, high = cues()["shares"][" ".join(match.group().casefold().split())]
    return Quantity(match.span(), match.group(), Dimension.WORD, low, high)


def _number(match: re.Match[str]) -> Quantity:
    low = _value(match[1])
    high = _value(match[2]) if match[2] else low
    dimension, factor = _units()[match[3].casefold()] if match[3] else (Dimension.COUNT, 1.0)
    rounding = 0.01 * factor if dimension is Dimension.TIME else 0.0  # 2 years are 24 months
    return Quantity(match.span(), match.group(), dimension, low * factor, high * factor, _bound_before(match), rounding)


_READERS = (("ratio", _ratio), ("percent", _percent), ("fraction", _fraction), ("number", _number), ("share", _share))
