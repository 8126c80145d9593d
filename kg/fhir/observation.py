"""What an observation says: a finding seen or not seen, a measurement too low or too high, pregnancy, age."""

from typing import Any

from ..case import Finding, FindingStatus, Origin
from .codes import code_tables, codes_of, codings, laboratory_table, words_of
from .json_values import date_of, number_of, object_of, objects_of, text_of, years_between, years_of
from .reading import Reading

_SKIPPED = frozenset({"entered-in-error", "cancelled"})


def read_observation(reading: Reading, resource: dict[str, Any]) -> None:
    """Read an observation and each of its components; one whose data is absent says nothing."""
    if text_of(resource.get("status")) in _SKIPPED:
        return
    onset = years_between(reading.born, date_of(resource.get("effectiveDateTime")))
    components = list(objects_of(resource, "component"))
    for part in (resource, *components):
        if "dataAbsentReason" not in part:
            _read_part(reading, part, onset, has_components=bool(components) and part is resource)


def _read_part(reading: Reading, part: dict[str, Any], seen_years: float | None, *, has_components: bool) -> None:
    code, value = part.get("code"), part.get("valueCodeableConcept")
    tables, asked = code_tables(), codes_of(code)
    if asked & set(tables["pregnancy"]["questions"]):
        _read_pregnancy(reading, part)
    elif asked & set(tables["age"]["questions"]):
        reading.draft.age_years = years_of(part.get("valueQuantity"))
    elif measured := [code for _, code, _ in codings(code) if code in laboratory_table()]:
        _read_measurement(reading, part, measured[0])
    elif (said := _presence(part)) is not None:
        reading.add(code, said, seen_years if said is FindingStatus.OBSERVED else None)
    elif isinstance(value, dict):
        reading.add(value, FindingStatus.OBSERVED, seen_years)  # such as "clinical finding": arachnodactyly
    elif "valueQuantity" in part:
        _leave_unjudged(reading, part)
    elif not has_components:
        reading.add(code, FindingStatus.OBSERVED, seen_years)


def _presence(part: dict[str, Any]) -> FindingStatus | None:
    """Whether a value or an interpretation says that what the code names is there; ``None`` if they do not say."""
    values, interpretation = code_tables()["values"], code_tables()["interpretation"]
    answer = part.get("valueBoolean")
    said = codes_of(part.get("valueCodeableConcept")) | {text_of(part.get("valueString")).casefold()}
    judged = _interpretation(part)
    if answer is True or said & set(values["present"]):
        return FindingStatus.OBSERVED
    if answer is False or said & set(values["absent"]):
        return FindingStatus.EXCLUDED
    if judged & set(interpretation["present"]):
        return FindingStatus.OBSERVED
    return FindingStatus.EXCLUDED if judged & set(interpretation["absent"]) else None


def _interpretation(part: dict[str, Any]) -> frozenset[str]:
    return frozenset(code for item in objects_of(part, "interpretation") for code in codes_of(item))


def _read_pregnancy(reading: Reading, part: dict[str, Any]) -> None:
    table = code_tables()["pregnancy"]
    said = codes_of(part.get("valueCodeableConcept"))
    if said & set(table["yes"]) or part.get("valueBoolean") is True:
        reading.draft.pregnant = True
    elif said & set(table["no"]) or part.get("valueBoolean") is False:
        reading.draft.pregnant = False


def _read_measurement(reading: Reading, part: dict[str, Any], loinc: str) -> None:
    """A result against the interpretation that the record gives, else against its reference range."""
    findings = laboratory_table()[loinc]
    level = _level(part)
    if level is None:
        _leave_unjudged(reading, part)
        return
    origin = Origin(_measured_words(part))
    for direction, finding in (("low", findings.low), ("high", findings.high)):
        if finding is None or (curie := reading.snapshot.resolve(finding)) is None:
            continue
        if level == direction:
            reading.draft.add_finding(Finding(curie, FindingStatus.OBSERVED, None, origin))
        elif level == "normal":
            reading.draft.add_finding(Finding(curie, FindingStatus.EXCLUDED, None, origin))


def _level(part: dict[str, Any]) -> str | None:
    table, judged = code_tables()["interpretation"], _interpretation(part)
    for level in ("high", "low", "normal"):
        if judged & set(table[level]):
            return level
    if judged & set(table["present"]):
        return "high"  # such as protein in urine: detected
    if judged & set(table["absent"]):
        return "normal"
    return _against_range(part)


def _against_range(part: dict[str, Any]) -> str | None:
    quantity = object_of(part.get("valueQuantity"))
    value = number_of(quantity.get("value"))
    ranges = [item for item in objects_of(part, "referenceRange") if "appliesTo" not in item and "age" not in item]
    if value is None or len(ranges) != 1 or text_of(quantity.get("comparator")):
        return None
    low, high = (object_of(ranges[0].get(end)) for end in ("low", "high"))
    unit = text_of(quantity.get("unit"))
    if any(text_of(end.get("unit")) not in ("", unit) for end in (low, high)):
        return None
    lowest, highest = number_of(low.get("value")), number_of(high.get("value"))
    if lowest is None and highest is None:
        return None
    if lowest is not None and value < lowest:
        return "low"
    if highest is not None and value > highest:
        return "high"
    return "normal" if lowest is not None and highest is not None else None


def _leave_unjudged(reading: Reading, part: dict[str, Any]) -> None:
    if words := words_of(part.get("code")):
        reading.draft.leave_out(f"{words} (a result that is not judged)")


def _measured_words(part: dict[str, Any]) -> str:
    quantity = object_of(part.get("valueQuantity"))
    value = quantity.get("value", "")
    unit = text_of(quantity.get("unit")) or text_of(quantity.get("code"))
    return " ".join(f"{words_of(part.get('code'))} {value} {unit}".split())
