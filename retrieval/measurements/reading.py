"""A number behind the name of an analyte: its unit, sign of comparison, flag and the range that is printed with it."""

import re
from dataclasses import dataclass
from functools import cache

from .table import Analyte, Unit, read_table

NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?![\d.,]\d)|\d+(?:[.,]\d{1,4})?|\.\d+)"
REACH = 160
"""How many characters behind a name are looked at."""

_LINK = (
    r"(?:[\s|:=~≈→]|,\s|\([^()\d]{0,25}\)|(?:levels?|counts?|concentrations?|conc|values?|results?|readings?|of|is|was|were|"
    r"are|at|to|measured|found|be|been|has|had|have|showed|shows|approximately|about|around|only|serum|plasma|blood|now|"
    r"today|currently|initially|initial|on|admission|arrival|presentation|fell|rose|fallen|risen|dropped|dropping|falling|"
    r"rising|increased|decreased|elevated|raised|reduced|low|high|normal|up|down|as|peak|peaked|nadir|the|a|returned|"
    r"came|back|remained|stable|improved|recorded|noted|reached|mildly|slightly|markedly|very|random|total)\b)"
)
_COMPARED = r"(?P<compared>[<>≤≥]=?|less than|more than|greater than|above|below|under|over|up to)"
_FROM = rf"(?:from\s+{NUMBER}[^\d\n]{{0,15}}?\s+to\s+)?"
_VALUE = re.compile(
    rf"{_LINK}{{0,8}}?{_FROM}(?:{_COMPARED}\s*)?(?P<value>{NUMBER})(?:\s*[-–]\s*(?P<second>{NUMBER}))?", re.IGNORECASE
)
_PAIR = re.compile(rf"{_LINK}{{0,8}}?(?P<first>\d{{2,3}})\s*/\s*(?P<second>\d{{2,3}})(?![\d/])", re.IGNORECASE)
_NORMAL_FLAG = r"normal(?!\s*(?:ranges?|values?|limits?)?\s*[<>≤≥:=\d]|\s+up to)"
_FLAG = re.compile(
    rf"\s*[|(\[]?\s*(?P<flag>HH|LL|H|L|(?i:high|low|elevated|raised|reduced|decreased|{_NORMAL_FLAG})|[↑↓])"
    r"(?![\w-])\s*[)\]]?"
)
_RANGE = re.compile(
    r"(?P<open>\s*[|\t]\s*|\s*,?\s*[(\[]\s*|\s*,?\s*(?=normal|ref|nl\b|rr\b|range))"
    r"(?P<word>(?:normal|reference|ref|nl|rr|n|nr|range)\b\.?\s*(?:ranges?|intervals?|values?|limits?)?"
    r"\s*[:=,]?\s*(?:is|are|was)?\s*)?"
    rf"(?:(?P<low>{NUMBER})(?P<middle>[^\d()\[\]]{{0,14}}?)\s*(?:-|–|—|to|\.\.)\s*(?P<high>{NUMBER})"
    rf"|(?P<sign>[<>≤≥]=?|up to|less than|below|above)\s*(?P<limit>{NUMBER}))(?P<unit>[^()\[\]\n|;]{{0,16}})[)\]]?",
    re.IGNORECASE,
)
_UPPER = frozenset({"<", "≤", "<=", "≤=", "less than", "below", "under", "up to"})
_HIGH_FLAGS = frozenset({"h", "hh", "high", "elevated", "raised", "↑"})
_LOW_FLAGS = frozenset({"l", "ll", "low", "reduced", "decreased", "↓"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A measured value in the unit of its analyte, ``low`` to ``high`` where two are given or one side is open.

    ``flag`` is +1 for a value that the text calls high, -1 for low, 0 for normal. ``printed`` is the range of the text.
    ``stop`` is the character behind it all.
    """

    low: float
    high: float
    stop: int
    flag: int | None = None
    printed: tuple[float | None, float | None] | None = None


def number_of(text: str) -> float:
    """The number that some digits mean: a comma before three digits parts thousands, else decimals.

    >>> number_of("150,000"), number_of("7,2"), number_of(".5")
    (150000.0, 7.2, 0.5)
    """
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", text):
        return float(text.replace(",", ""))
    return float(text.replace(",", "."))


def find_reading(text: str, at: int, analyte: Analyte) -> Reading | None:
    """What stands behind the name that ends at ``at``, or ``None`` if it is no number or in no unit of the analyte."""
    match = _VALUE.match(text, at, at + REACH)
    if match is None or re.match(r"\d|\s*/\s*\d|[.,]\d|\+", text[match.end() : match.end() + 4]):
        return None
    first = number_of(match["value"])
    second = number_of(match["second"]) if match["second"] else first
    if second < first:
        return None
    stop = match.end()
    unit, stop = _unit_at(text, stop, analyte)
    printed, flag, end = _printed(text, stop, analyte, unit)
    if unit is None:
        unit = printed[1] if printed else None
    if unit is None and flag is None and _is_foreign(text, stop):
        return None
    if unit is None:
        unit = _bare_unit(analyte, first) or (Unit(1.0) if printed or flag is not None else None)
    if unit is None:
        return None
    low, high = unit.convert(first), unit.convert(second)
    if not (analyte.plausible[0] <= low <= high <= analyte.plausible[1]) and not printed:
        return None
    if match["compared"]:
        low, high = (float("-inf"), high) if match["compared"].casefold() in _UPPER else (low, float("inf"))
    limits = printed[0] if printed else None
    if limits is not None:
        limits = _convert(unit, limits[0]), _convert(unit, limits[1])
    return Reading(low, high, end, flag, limits)


def _convert(unit: Unit, number: float | None) -> float | None:
    return None if number is None else unit.convert(number)


def find_pair(text: str, at: int) -> tuple[float, float, int] | None:
    """The two numbers of a pair such as 120/80 behind a name, and the character behind them."""
    match = _PAIR.match(text, at, at + REACH)
    if match is None:
        return None
    unit = re.compile(r"\s*mm\s*hg", re.IGNORECASE).match(text, match.end())
    return float(match["first"]), float(match["second"]), unit.end() if unit else match.end()


def _unit_at(text: str, at: int, analyte: Analyte) -> tuple[Unit | None, int]:
    pattern, units = _unit_pattern(analyte.key)
    match = pattern.match(text, at)
    if match is None or match.lastgroup is None:
        return None, at
    return units[int(match.lastgroup[1:])], match.end()


@cache
def _unit_pattern(key: str) -> tuple[re.Pattern[str], tuple[Unit, ...]]:
    """A pattern with one group for each unit of an analyte, the longest first."""
    units = read_table().analytes[key].units
    written = sorted((unit for unit in units if unit), key=lambda unit: (-len(unit), unit))
    groups = (f"(?P<u{at}>{_spellings(unit)})" for at, unit in enumerate(written))
    pattern = rf"[\s|]*(?:{'|'.join(groups)})(?![A-Za-z0-9/^])" if written else r"(?!)"
    return re.compile(pattern, re.IGNORECASE), tuple(units[unit] for unit in written)


def _spellings(unit: str) -> str:
    """A pattern for the ways to write a unit: blanks, micro signs, powers of ten and of length."""
    pattern = re.escape(unit).replace(r"\ ", r"\s*").replace("/", r"\s*/\s*")
    pattern = re.sub(r"x?10\\\^(\d+)", r"(?:[x×*]\\s*)?10\\s*(?:\\^|\\*\\*|e|\\*)?\\s*(?:\1)", pattern)
    pattern = re.sub(r"(?<![A-Za-z])e(\d+)", r"e\1", pattern)
    for digit, raised in zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True):
        pattern = pattern.replace(f"(?:{digit})", f"(?:{digit}|{raised})")
    pattern = pattern.replace("°", r"[°º˚]\s*").replace("m2", "m[2²]").replace(r"m\^2", r"m\^2")
    pattern = pattern.replace("mm3", "mm[3³]").replace("cumm", r"cu\s*mm")
    pattern = re.sub(r"(?<![A-Za-z\\])(m?)l\b", r"\1(?:l|litre|liter)", pattern)
    return re.sub(r"(?<![A-Za-z])u(?=(?:l|g|mol|kat|u|iu|m)\b|l)", "[uµμ]", pattern)


def _bare_unit(analyte: Analyte, number: float) -> Unit | None:
    fitting = [unit for unit, (low, high) in analyte.bare.items() if low <= number <= high]
    return analyte.units[fitting[0]] if len(fitting) == 1 else None


def _is_foreign(text: str, at: int) -> bool:
    """Whether a number is followed by a unit that the analyte does not have."""
    match = re.match(r"\s*(?:([A-Za-zµμ]+)|(%|°|/\s*\w))", text[at : at + 16])
    if match is None:
        return False
    return bool(match[2]) or match[1].casefold() in read_table().foreign


def _printed(
    text: str, at: int, analyte: Analyte, unit: Unit | None
) -> tuple[tuple[tuple[float | None, float | None], Unit | None] | None, int | None, int]:
    """The range that is printed behind a value with the unit in it, the flag, and where they end."""
    flag, end = _flag_at(text, at)
    match = _RANGE.match(text, end, end + 80)
    if match is None or (match["word"] or match["open"].strip() or "\t" in match["open"]) in ("", None, False):
        return None, flag, end
    inner = _unit_at(text, match.start("unit"), analyte)[0] or (
        _unit_at(text, match.start("middle"), analyte)[0] if match["middle"] else None
    )
    if match["limit"]:
        limit = number_of(match["limit"])
        limits: tuple[float | None, float | None] = (
            (None, limit) if match["sign"].casefold() in _UPPER else (limit, None)
        )
    else:
        low, high = number_of(match["low"]), number_of(match["high"])
        if low >= high or (match["middle"].strip() and inner is None):
            return None, flag, end
        limits = low, high
    if match["unit"].strip() and inner is None and not _ends_softly(match["unit"]):
        return None, flag, end
    if flag is None:
        flag, _ = _flag_at(text, match.end())
    return (limits, unit or inner), flag, match.end()


def _ends_softly(rest: str) -> bool:
    """Whether what stands behind a range is no unit."""
    return not re.match(r"\s*[A-Za-zµμ%°]+\s*/|\s*[%°]", rest)


def _flag_at(text: str, at: int) -> tuple[int | None, int]:
    match = _FLAG.match(text, at)
    if match is None:
        return None, at
    word = match["flag"].casefold()
    return (1 if word in _HIGH_FLAGS else -1 if word in _LOW_FLAGS else 0), match.end()
