"""The table of measured values: names, units, ranges by age and sex, and the findings outside of them."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from kg import Curie, Sex

ADULT_YEARS = 30.0
"""The age of a patient whose age is not known."""

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Patient:
    """What ranges depend on."""

    age_years: float | None = None
    sex: Sex = Sex.UNKNOWN


@dataclass(frozen=True, slots=True)
class Range:
    """A range for one sex (or both, ``None``) and the ages ``from_years`` to below ``to_years``; with its source."""

    sex: Sex | None
    from_years: float
    to_years: float
    low: float | None
    high: float | None
    source: str


@dataclass(frozen=True, slots=True)
class Unit:
    """How a number in some unit becomes one in the unit of the analyte: ``factor * number + offset``."""

    factor: float
    offset: float = 0.0

    def convert(self, number: float) -> float:
        """The number in the unit of the analyte."""
        return self.factor * number + self.offset


@dataclass(frozen=True, slots=True)
class Analyte:
    """One row of the table. Numbers are in ``unit``; ``above`` are further limits and the findings beyond them."""

    key: str
    names: tuple[str, ...]
    symbols: tuple[str, ...]
    unit: str
    units: Mapping[str, Unit]
    bare: Mapping[str, Interval]
    plausible: Interval
    low: Curie | None
    high: Curie | None
    above: tuple[tuple[float, Curie], ...]
    normal: Interval | None
    ranges: tuple[Range, ...]
    parts: tuple[str, ...]

    @property
    def findings(self) -> tuple[Curie, ...]:
        """All findings that a value can be, or can exclude."""
        return tuple(filter(None, (self.low, self.high, *(curie for _, curie in self.above))))

    def range_for(self, patient: Patient) -> tuple[float | None, float | None] | None:
        """Lower and upper limit for a patient, the widest of both sexes where the sex is not known; ``None`` if none.

        An unknown age is that of an adult.
        """
        age = ADULT_YEARS if patient.age_years is None else patient.age_years
        rows = [
            row
            for row in self.ranges
            if row.from_years <= age < row.to_years and (patient.sex not in _KNOWN or row.sex in (None, patient.sex))
        ]
        if not rows:
            return None
        lows, highs = [row.low for row in rows], [row.high for row in rows]
        low = None if None in lows else min(value for value in lows if value is not None)
        return low, None if None in highs else max(value for value in highs if value is not None)


@dataclass(frozen=True, slots=True)
class Growth:
    """A measure of the body that a text compares with a chart: what lies below or above which centile or deviation."""

    key: str
    names: tuple[str, ...]
    symbols: tuple[str, ...]
    low: Curie
    high: Curie
    centiles: Interval
    deviations: Interval
    source: str


@dataclass(frozen=True, slots=True)
class MeasurementTable:
    """``data/reference_ranges.toml``. ``not_after`` are words before names, ``foreign`` units behind numbers."""

    analytes: Mapping[str, Analyte]
    growth: Mapping[str, Growth]
    sources: Mapping[str, str]
    not_after: frozenset[str]
    foreign: frozenset[str]


_KNOWN = (Sex.FEMALE, Sex.MALE)


@lru_cache(maxsize=1)
def read_table() -> MeasurementTable:
    """The table that ships, read once."""
    tables = tomllib.loads(files("data").joinpath("reference_ranges.toml").read_text("utf-8"))
    analytes = {key: _analyte(key, row) for key, row in tables["analytes"].items()}
    units = (re.match(r"[a-z]+", unit) for analyte in analytes.values() for unit in analyte.units)
    return MeasurementTable(
        analytes,
        {key: _growth(key, row) for key, row in tables["growth"].items()},
        tables["sources"],
        frozenset(tables["context"]["not_after"]),
        frozenset(tables["context"]["foreign"]) | {unit.group() for unit in units if unit is not None},
    )


def _analyte(key: str, row: Mapping[str, Any]) -> Analyte:
    return Analyte(
        key,
        tuple(row["names"]),
        tuple(row.get("symbols", ())),
        row["unit"],
        {unit: Unit(*rule) if isinstance(rule, list) else Unit(float(rule)) for unit, rule in row["units"].items()},
        {unit: _interval(limits) for unit, limits in row.get("bare", {}).items()},
        _interval(row.get("plausible", (float("-inf"), float("inf")))),
        row.get("low"),
        row.get("high"),
        tuple((float(further["limit"]), further["is"]) for further in row.get("above", ())),
        _interval(row["normal"]) if "normal" in row else None,
        tuple(map(_range, row.get("ranges", ()))),
        tuple(row.get("parts", ())),
    )


def _range(row: Mapping[str, Any]) -> Range:
    sex = Sex(row["sex"]) if "sex" in row else None
    return Range(
        sex, float(row.get("from", 0)), float(row.get("to", 1000)), row.get("low"), row.get("high"), row["source"]
    )


def _growth(key: str, row: Mapping[str, Any]) -> Growth:
    return Growth(
        key,
        tuple(row["names"]),
        tuple(row.get("symbols", ())),
        row["low"],
        row["high"],
        _interval(row["centiles"]),
        _interval(row["deviations"]),
        row["source"],
    )


def _interval(pair: Sequence[float]) -> Interval:
    return float(pair[0]), float(pair[1])
