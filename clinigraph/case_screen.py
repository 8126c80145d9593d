"""A case as people read it: one line an item, with the words it was read from."""

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape

from .contract import CaseRecord, PlaceRecord

_WORDS_SHOWN = 60


def show_case(case: CaseRecord) -> None:
    """Print all that was read of a case."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{escape(case.case)}[/]")
    for heading, lines in _parts(case):
        for at, (text, place) in enumerate(lines):
            console.print(f"  {heading if at == 0 else '':<12}  {escape(text)}  [dim]{escape(_words(place))}[/]")
    if case.unresolved:
        console.print(f"  [yellow]{'not linked':<12}  {escape('; '.join(case.unresolved))}[/]")
    console.print(f"\n[dim]graph {case.kg_version}[/]")


def _parts(case: CaseRecord) -> Iterator[tuple[str, list[tuple[str, PlaceRecord | None]]]]:
    who = [("sex " + case.sex.lower(), case.origins.get("sex"))]
    if case.age_years is not None:
        who.append((f"age {case.age_years:g} years", case.origins.get("age_years")))
    if case.onset_years is not None:
        who.append((f"onset at {case.onset_years:g} years", case.origins.get("onset_years")))
    if case.pregnant is not None:
        weeks = "" if case.gestation_weeks is None else f", {case.gestation_weeks:g} weeks"
        who.append((f"pregnant{weeks}" if case.pregnant else "not pregnant", case.origins.get("pregnant")))
    yield "patient", who
    for heading, rows in (("findings", case.findings), ("conditions", case.conditions)):
        yield (
            heading,
            [
                (
                    f"{row.label} ({row.curie}), {row.status}"
                    + ("" if row.onset_years is None else f", since {row.onset_years:g} years"),
                    row.origin,
                )
                for row in rows
            ],
        )
    yield (
        "medicines",
        [
            (f"{row.label} ({row.curie}), {row.use}" + (f", {row.dose}" if row.dose else ""), row.origin)
            for row in case.medications
        ],
    )
    yield (
        "allergies",
        [
            (f"{row.label} ({row.curie})" + (f": {row.reaction_label}" if row.reaction_label else ""), row.origin)
            for row in case.allergies
        ],
    )
    yield (
        "family",
        [
            (f"{row.relative or 'a relative'}: {row.label} ({row.curie}), {row.status}", row.origin)
            for row in case.family
        ],
    )
    yield "genes", [(f"{row.label} ({row.curie})", row.origin) for row in (*case.genes, *case.inheritance)]


def _words(place: PlaceRecord | None) -> str:
    if place is None:
        return ""
    words = " ".join(place.text.split())
    short = words if len(words) <= _WORDS_SHOWN else words[: _WORDS_SHOWN - 1] + "…"
    return f"“{short}”" + ("" if place.start is None else f" {place.start}–{place.end}")
