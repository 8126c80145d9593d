"""From a value to findings: present beyond a limit, absent within the range."""

from collections.abc import Iterator

from kg import Curie

from .reading import Reading
from .table import Analyte, Patient

Judged = tuple[Curie, bool]
"""A finding, and whether it is absent."""


def judge(reading: Reading, analyte: Analyte, patient: Patient) -> tuple[Judged, ...]:
    """The findings that a reading shows or excludes: by the range of the text, then its flag, then the table."""
    if reading.flag == 1 and not reading.printed:
        return ((analyte.high, False),) if analyte.high else ()
    if reading.flag == -1 and not reading.printed:
        return ((analyte.low, False),) if analyte.low else ()
    if reading.flag == 0 and not reading.printed:
        return tuple((curie, True) for curie in analyte.findings)
    limits = reading.printed or analyte.range_for(patient)
    if limits is None:
        return ()
    return tuple(_compare(reading, analyte, limits))


def _compare(reading: Reading, analyte: Analyte, limits: tuple[float | None, float | None]) -> Iterator[Judged]:
    low, high = limits
    normal = None if reading.printed else analyte.normal
    if analyte.high and high is not None and reading.low > high - _slack(reading):
        yield _beyond(reading, analyte, high), False
        return
    if analyte.low and low is not None and reading.high < low + _slack(reading, below=True):
        yield analyte.low, False
        return
    inside = normal or (_or(low, float("-inf")), _or(high, float("inf")))
    if analyte.low and (low is not None or normal) and reading.low >= inside[0]:
        yield analyte.low, True
    if analyte.high and (high is not None or normal) and reading.high <= inside[1]:
        yield analyte.high, True
        yield from ((curie, True) for _, curie in analyte.above)


def _beyond(reading: Reading, analyte: Analyte, high: float) -> Curie:
    """The finding beyond the highest limit that a value exceeds."""
    further = [curie for limit, curie in analyte.above if reading.low > max(limit, high)]
    found = further[-1] if further else analyte.high
    if found is None:
        raise ValueError(f"{analyte.key} has no finding for high values")
    return found


def _slack(reading: Reading, *, below: bool = False) -> float:
    """Open values ("> 5", "< 3") lie beyond a limit that they name themselves."""
    if below:
        return 1e-9 if reading.low == float("-inf") else 0.0
    return 1e-9 if reading.high == float("inf") else 0.0


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
