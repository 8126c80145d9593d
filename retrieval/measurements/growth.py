"""Growth told against a chart: "height below the 3rd centile", "head circumference -3 SD"."""

import re
from dataclasses import dataclass

from .judging import Judged
from .reading import NUMBER, number_of
from .table import Growth

WINDOW = 90
"""How many characters behind (or before) a name are looked at."""

_BELOW = r"below|under|beneath|less than|lower than|<|≤|well below|far below|just below"
_ABOVE = r"above|over|more than|greater than|higher than|exceeding|>|≥|well above|just above"
_SIDE = rf"(?:(?P<below>{_BELOW})|(?P<above>{_ABOVE}))"
_SIDE_OF_P = rf"(?:(?P<below2>{_BELOW})|(?P<above2>{_ABOVE}))"
_ORDINAL = r"\s*(?:st|nd|rd|th)?\s*-?\s*"
_CENTILE_WORD = r"(?:per)?(?:centile|%ile|pctl)s?"
_CENTILE = re.compile(
    rf"(?:{_SIDE}\s*(?:the\s+)?)?"
    rf"(?:(?P<from>{NUMBER}){_ORDINAL}(?:{_CENTILE_WORD})?\s*(?:-|–|to|and)\s*(?:the\s+)?)?"
    rf"(?P<centile>{NUMBER}){_ORDINAL}{_CENTILE_WORD}"
    rf"|(?:{_SIDE_OF_P}\s*)?\bP(?P<p>\d{{1,2}})\b",
    re.IGNORECASE,
)
_DEVIATION = re.compile(
    rf"(?:(?:z[\s-]?scores?|SDS|SD\s+score)\s*(?:of|was|is|=|:)?\s*\(?(?P<first>[-+−–]?\s*{NUMBER}))"
    rf"|(?:{_SIDE}\s*(?:the\s+)?)?(?P<number>(?:[-+−–]\s*)?{NUMBER})\s*(?:SDS?|standard\s+deviations?|z[\s-]?scores?)\b"
    r"(?:\s*(?P<under>below|under|less than)|\s*(?P<over>above|over|greater than))?",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.;]\s|\n\s*\n|\n(?=[-*•])")
_BEFORE = re.compile(r"\s*(?:for|in)\s+(?:(?:his|her|the|their|age\s+and)\s+)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Compared:
    """Findings of one comparison and the characters of it."""

    start: int
    stop: int
    findings: tuple[Judged, ...]


def compare_after(text: str, at: int, limit: int, growth: Growth) -> Compared | None:
    """The first comparison behind a name that ends at ``at``, before ``limit``."""
    stop = min(at + WINDOW, limit, len(text))
    end = _SENTENCE_END.search(text, at, stop)
    stop = end.start() if end else stop
    matches = [m for m in (_CENTILE.search(text, at, stop), _DEVIATION.search(text, at, stop)) if m is not None]
    if not matches:
        return None
    match = min(matches, key=lambda found: found.start())
    return Compared(match.start(), match.end(), _judge(match, growth))


def compare_before(text: str, at: int, growth: Growth) -> Compared | None:
    """The comparison that ends before a name at ``at``: "below the 3rd centile for height"."""
    start = max(0, at - WINDOW)
    joint = _BEFORE.search(text, start, at)
    if joint is None:
        return None
    for pattern in (_CENTILE, _DEVIATION):
        for match in pattern.finditer(text, start, joint.start() + 1):
            if match.end() >= joint.start() and match.end() <= joint.start() + 1:
                return Compared(match.start(), match.end(), _judge(match, growth))
    return None


def _judge(match: re.Match[str], growth: Growth) -> tuple[Judged, ...]:
    both: tuple[Judged, ...] = ((growth.low, True), (growth.high, True))
    groups = match.groupdict()
    if match.re is _CENTILE:
        low, high = growth.centiles
        value = number_of(groups["centile"] or groups["p"])
        first = number_of(groups["from"]) if groups["from"] else value
        if groups["below"] or groups["below2"]:
            return ((growth.low, False),) if value <= low else ()
        if groups["above"] or groups["above2"]:
            return ((growth.high, False),) if value >= high else ()
        if max(value, first) < low:
            return ((growth.low, False),)
        if min(value, first) > high:
            return ((growth.high, False),)
        return both if low < min(value, first) and max(value, first) < high else ()
    low, high = growth.deviations
    value = _signed(groups)
    if groups["below"] and not groups["first"]:
        return ((growth.low, False),) if value <= low else ()
    if groups["above"] and not groups["first"]:
        return ((growth.high, False),) if value >= high else ()
    if value < low:
        return ((growth.low, False),)
    return ((growth.high, False),) if value > high else both


def _signed(groups: dict[str, str | None]) -> float:
    written = (groups["first"] or groups["number"] or "0").replace("−", "-").replace("–", "-").replace(" ", "")
    value = number_of(written.lstrip("+-"))
    minus = written.startswith("-") or bool(groups["under"])
    if groups["below"] and not groups["first"] and not written.startswith("+"):
        minus = True
    return -value if minus else value
