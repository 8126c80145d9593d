"""Red flags: findings that together must not be missed, each row of ``data/red_flags.toml`` made into a rule.

A row has ``all_of``, lists of findings of which one each must be there (a kind of it counts), perhaps ``min_age_years``
or ``max_age_years``, what to ``say`` and a ``citation``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

_KNOWN = {"all_of", "say", "citation", "min_age_years", "max_age_years", "severity"}


def as_rule_table(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as a table of rule fields.

    It applies when one finding of each list is there or may be there and at least one is; it is violated when all are
    there and satisfied when one list was looked for and not found. Otherwise it is unknown, and asks for the rest.

    Raises:
        KeyError: a field is missing or unknown.
    """
    if unknown := sorted(set(row) - _KNOWN):
        raise KeyError(unknown[0])
    groups: Sequence[Sequence[str]] = row["all_of"]
    ages, perhaps = _ages(row, known=True), _ages(row, known=False)
    seen = " ".join(_seen(place, group) for place, group in enumerate(groups))
    findings = " ".join(f"?seen{place}" for place in range(len(groups)))
    table = {
        "applies_to": "case",
        "severity": row.get("severity", "urgent"),
        "citation": row["citation"],
        "needs": ["observed"],
        "needs_observed": _every(groups),
        "applies": f"SELECT $this ?seen WHERE {{ $this a clinigraph:Case . {{ {_any(groups)} }} {perhaps} }}",
        "violated": f"SELECT $this {findings} WHERE {{ $this a clinigraph:Case . {ages} {seen} }}",
        "satisfied": f"SELECT $this WHERE {{ $this a clinigraph:Case . {{ {_denied(groups)} }} }}",
        "says": {
            "violated": f"{row['say']} (found: {', '.join(f'{{seen{place}}}' for place in range(len(groups)))})",
            "satisfied": f"Of this picture there is {{seen}}, but the rest was looked for and is absent. {row['say']}",
            "unknown": f"Of this picture there is {{seen}}; the rest was not reported. {row['say']}",
            "not_applicable": "No finding of the picture is reported.",
        },
    }
    if len(groups) > 1:
        table["asks"] = f"Is the rest of the picture present? {row['say']}"
    return table


def _seen(place: int, group: Sequence[str]) -> str:
    return f"$this clinigraph:observed ?seen{place} . {_kind_of(f'?seen{place}', group)}"


def _any(groups: Sequence[Sequence[str]]) -> str:
    return f"$this clinigraph:observed ?seen . {_kind_of('?seen', _every(groups))}"


def _every(groups: Sequence[Sequence[str]]) -> list[str]:
    return sorted({finding for group in groups for finding in group})


def _denied(groups: Sequence[Sequence[str]]) -> str:
    """Every finding of one list is excluded, or something above it is."""
    parts = []
    for place, group in enumerate(groups):
        each = " ".join(
            f"$this clinigraph:excluded ?no{place}x{which} . {finding} clinigraph:is_a ?no{place}x{which} ."
            for which, finding in enumerate(group)
        )
        parts.append(f"{{ {each} }}")
    return " UNION ".join(parts)


def _kind_of(variable: str, group: Sequence[str]) -> str:
    return " UNION ".join(f"{{ {variable} clinigraph:is_a {finding} }}" for finding in group) + " ."


def _ages(row: Mapping[str, Any], *, known: bool) -> str:
    """The limits of age as a part of a query; without ``known`` an age that is not told is within them."""
    limits = [f"?age {sign} {float(row[name])}" for name, sign in _LIMITS if name in row]
    if not limits:
        return ""
    age = "$this clinigraph:age_years ?age ."
    return (
        f"{age} FILTER({' && '.join(limits)})"
        if known
        else (f"OPTIONAL {{ {age} }} FILTER(!BOUND(?age) || ({' && '.join(limits)}))")
    )


_LIMITS = (("min_age_years", ">="), ("max_age_years", "<="))
