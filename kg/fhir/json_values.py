"""Values of any JSON read safely: what has another form than FHIR says is as if it were not there."""

from collections.abc import Iterator
from datetime import date
from typing import Any

DAYS_PER_YEAR = 365.25

_YEARS_PER_UNIT = {
    "a": 1.0,
    "year": 1.0,
    "years": 1.0,
    "yr": 1.0,
    "mo": 1 / 12,
    "month": 1 / 12,
    "months": 1 / 12,
    "wk": 7 / DAYS_PER_YEAR,
    "week": 7 / DAYS_PER_YEAR,
    "weeks": 7 / DAYS_PER_YEAR,
    "d": 1 / DAYS_PER_YEAR,
    "day": 1 / DAYS_PER_YEAR,
    "days": 1 / DAYS_PER_YEAR,
}
"""UCUM codes and the words that stand in their place."""


def object_of(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects_of(value: Any, field: str) -> Iterator[dict[str, Any]]:
    """The objects in a list that is a field of an object."""
    items = object_of(value).get(field)
    return (item for item in (items if isinstance(items, list) else ()) if isinstance(item, dict))


def text_of(value: Any) -> str:
    """A text without the blanks around it, fit to be written as UTF-8; empty if it is none."""
    return value.strip().encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def number_of(value: Any) -> float | None:
    """The value if it is a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def date_of(value: Any) -> date | None:
    """The day of a FHIR date or dateTime; the first of a month or year that stands alone."""
    text = text_of(value)[:10]
    for pattern in ("{}", "{}-01", "{}-01-01"):
        try:
            return date.fromisoformat(pattern.format(text))
        except ValueError:
            continue
    return None


def years_of(quantity: Any) -> float | None:
    """Years of an Age or a Quantity of time."""
    value = number_of(object_of(quantity).get("value"))
    units = (text_of(object_of(quantity).get(field)).casefold() for field in ("code", "unit"))
    per_unit = next((_YEARS_PER_UNIT[unit] for unit in units if unit in _YEARS_PER_UNIT), None)
    return None if value is None or per_unit is None else value * per_unit


def years_between(birth: date | None, then: date | None) -> float | None:
    """Age in years on a day."""
    return None if birth is None or then is None else (then - birth).days / DAYS_PER_YEAR
