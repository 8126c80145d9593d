"""How the findings of a case bear on a disease, and what the disease usually shows that nobody told of."""

from collections.abc import Iterable, Iterator
from math import exp

from kg import Case, Curie, Fact, FindingStatus, Predicate, Snapshot
from retrieval import Contribution, FindingRelation

from ..differential import Diagnosis
from ..records import references
from .record import Bearing, BearingRecord, NamedRecord

LEAST_USUAL = 0.3
"""A finding that fewer patients have is not usual: the lower end of "frequent" in HPO (HP:0040282)."""

_MOST_SILENT = 6
_ORDER: dict[Bearing, int] = {"for": 0, "against": 1, "unexplained": 2, "silent": 3, "looked for": 4}


def said_of(case: Case, snapshot: Snapshot) -> frozenset[Curie]:
    """Every finding that a case tells, implies or rules out, with all kinds of what was observed."""
    said = {above for curie in case.observed for above in snapshot.ancestors(curie)}
    for curie in (*case.observed, *case.excluded):
        said |= snapshot.descendants(curie)
    return frozenset(said)


def bearings(said: frozenset[Curie], diagnosis: Diagnosis, snapshot: Snapshot) -> list[BearingRecord]:
    """Every finding of the case, then what is silent; within a bearing the most telling first.

    ``said`` is what `said_of` gives for the case.
    """
    found = [_told(items, snapshot) for items in _by_finding(diagnosis.ranked.contributions)]
    found += _silent(said, diagnosis, snapshot)
    return sorted(found, key=lambda item: (_ORDER[item.bearing], -abs((item.likelihood_ratio or 1) - 1), item.id))


def _by_finding(items: Iterable[Contribution]) -> Iterator[list[Contribution]]:
    groups: dict[tuple[Curie, FindingStatus], list[Contribution]] = {}
    for item in items:
        groups.setdefault((item.finding, item.status), []).append(item)
    yield from groups.values()


def _told(items: list[Contribution], snapshot: Snapshot) -> BearingRecord:
    total = sum(item.log_ratio for item in items)
    main = next((item for item in items if item.matched is not None), items[0])
    facts = [snapshot.fact_at(row) for row in main.fact_rows]
    named = main.matched is not None and main.matched != main.finding
    return BearingRecord(
        id=main.finding,
        label=snapshot.label(main.finding),
        status="observed" if main.status is FindingStatus.OBSERVED else "excluded",
        bearing=_bearing(main, total),
        likelihood_ratio=round(exp(total), 4),
        frequency=_frequency(facts),
        matched=NamedRecord(id=main.matched, label=snapshot.label(main.matched)) if named and main.matched else None,
        relation=main.relation.value,
        sources=source_names(facts, snapshot),
        references=references(main.fact_rows, snapshot),
    )


def _bearing(item: Contribution, total: float) -> Bearing:
    if item.status is FindingStatus.EXCLUDED:
        return "against" if item.relation is FindingRelation.EXCLUDED and total < 0 else "looked for"
    if item.relation is FindingRelation.SILENT:
        return "unexplained"
    return "for" if total > 0 else "against"


def _frequency(facts: Iterable[Fact]) -> str | None:
    return next((str(fact.frequency) for fact in facts if fact.frequency is not None), None)


def source_names(facts: Iterable[Fact], snapshot: Snapshot) -> list[str]:
    """Title and release of each source behind some facts."""
    titles = {str(source["id"]): str(source["title"]) for source in snapshot.sources}
    found = (f"{titles.get(item.source, item.source)} {item.release}" for fact in facts for item in fact.evidence)
    return list(dict.fromkeys(found))


def _silent(said: frozenset[Curie], diagnosis: Diagnosis, snapshot: Snapshot) -> list[BearingRecord]:
    """The usual findings of the disease that the case neither tells nor implies, the most frequent first."""
    usual = [
        fact
        for fact in snapshot.facts_from(diagnosis.ranked.disease, Predicate.HAS_PHENOTYPE)
        if not fact.negated
        and fact.frequency is not None
        and fact.frequency.midpoint >= LEAST_USUAL
        and fact.object not in said
    ]
    usual.sort(key=lambda fact: (-_weight(fact), fact.object))
    return [_unsaid(fact, snapshot) for fact in usual[:_MOST_SILENT]]


def _weight(fact: Fact) -> float:
    """The frequency, drawn towards a half where few patients were counted."""
    frequency = fact.frequency
    if frequency is None:
        return 0.0
    counted = frequency.denominator if frequency.denominator is not None else 10
    return (frequency.midpoint * counted + 1) / (counted + 2)


def _unsaid(fact: Fact, snapshot: Snapshot) -> BearingRecord:
    cited = fact.references or tuple(item.record for item in fact.evidence)
    return BearingRecord(
        id=fact.object,
        label=snapshot.label(fact.object),
        status="not told",
        bearing="silent",
        likelihood_ratio=None,
        frequency=str(fact.frequency),
        matched=None,
        relation="not told",
        sources=source_names([fact], snapshot),
        references=list(dict.fromkeys(cited)),
    )
