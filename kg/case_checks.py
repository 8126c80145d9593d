"""What cannot be right in a case: it is set aside and told, so that the rest can still be used."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .case import Case, Finding, FindingStatus
from .concept import Curie
from .fact import Sex
from .snapshot import Snapshot

OLDEST_YEARS = 125.0
"""Nobody is known to have lived longer than 122 years."""

CONCEPTION_YEARS = -0.85
"""The longest pregnancies last some 44 weeks."""

MOST_FINDINGS = 500
"""More findings of one status than that are no description of a patient."""

_NAMED = 5


@dataclass(frozen=True, slots=True)
class CheckedCase:
    """A case that can be used, and a sentence for each thing that was set aside or is doubtful."""

    case: Case
    notices: tuple[str, ...] = ()


def check_case(case: Case, snapshot: Snapshot) -> CheckedCase:
    """The case without impossible ages, without exclusions that an observed finding contradicts, and not too long."""
    notices: list[str] = []
    case = _possible_ages(case, notices)
    case = _without_contradictions(case, snapshot, notices)
    case = _shortened(case, snapshot, notices)
    notices += _doubts(case, snapshot)
    return CheckedCase(case, tuple(notices))


def _possible_ages(case: Case, notices: list[str]) -> Case:
    age, onset = case.age_years, case.onset_years
    if age is not None and not 0 <= age <= OLDEST_YEARS:
        notices.append(f"An age of {age:.4g} years is not possible; the age is left out.")
        age = None
    if onset is not None and not CONCEPTION_YEARS <= onset <= OLDEST_YEARS:
        notices.append(f"An onset at {onset:.4g} years is not possible; the onset is left out.")
        onset = None
    if age is not None and onset is not None and onset > age + 1:  # whole years are rounded down
        notices.append(f"The onset at {onset:.4g} years is after the age of {age:.4g} years; the onset is left out.")
        onset = None
    findings = tuple(_possible_onset(finding, age, notices) for finding in case.findings)
    return replace(case, age_years=age, onset_years=onset, findings=findings)


def _possible_onset(finding: Finding, age_years: float | None, notices: list[str]) -> Finding:
    onset = finding.onset_years
    latest = OLDEST_YEARS if age_years is None else age_years + 1
    if onset is None or CONCEPTION_YEARS <= onset <= latest:
        return finding
    notices.append(f"{finding.concept} cannot have begun at {onset:.4g} years; its onset is left out.")
    return replace(finding, onset_years=None)


def _without_contradictions(case: Case, snapshot: Snapshot, notices: list[str]) -> Case:
    """Who saw a finding, or a kind of it, saw it: an exclusion of the same or of something more general falls."""
    above = {
        ancestor: observed
        for observed in map(snapshot.position, reversed(case.observed))
        for ancestor in snapshot.ancestor_positions(observed).tolist()
    }
    kept = []
    for finding in case.findings:
        place = snapshot.position(finding.concept)
        if finding.status is FindingStatus.EXCLUDED and place in above:
            label, seen = snapshot.label_at(place), snapshot.label_at(above[place])
            same = (
                f"{label} is both observed and excluded" if label == seen else f"{seen} is observed, {label} excluded"
            )
            notices.append(f"{same}, which contradicts itself; only the observation is used.")
        else:
            kept.append(finding)
    return replace(case, findings=tuple(kept))


def _shortened(case: Case, snapshot: Snapshot, notices: list[str]) -> Case:
    kept: list[Finding] = []
    for status in FindingStatus:
        concepts = case.with_status(status)
        if len(concepts) > MOST_FINDINGS:
            chosen = set(_informative(concepts, status, snapshot)[:MOST_FINDINGS])
            notices.append(
                f"{len(concepts)} findings are {status.value}; the first {len(chosen)} that no other implies are used."
            )
            kept += [f for f in case.findings if f.status is status and f.concept in chosen]
        else:
            kept += [f for f in case.findings if f.status is status]
    return replace(case, findings=tuple(kept)) if len(kept) < len(case.findings) else case


def _informative(concepts: tuple[Curie, ...], status: FindingStatus, snapshot: Snapshot) -> list[Curie]:
    """The findings that no other implies: the most specific observed, the most general excluded ones."""
    places = {snapshot.position(concept): concept for concept in concepts}
    implied: set[int] = set()
    for place in places:
        if status is FindingStatus.OBSERVED:
            implied.update(int(above) for above in snapshot.ancestor_positions(place) if above != place)
        elif len(places.keys() & set(snapshot.ancestor_positions(place).tolist())) > 1:
            implied.add(place)
    return [concept for place, concept in places.items() if place not in implied]


def _doubts(case: Case, snapshot: Snapshot) -> Iterator[str]:
    if case.findings and not case.observed:
        yield "Only excluded findings are known; the ranking rests on what was looked for and says little."
    if case.pregnant and case.sex is Sex.MALE:
        yield "The patient is said to be male and pregnant; one of the two is wrong."
    if case.unresolved:
        named = ", ".join(case.unresolved[:_NAMED])
        more = f" and {len(case.unresolved) - _NAMED} more" if len(case.unresolved) > _NAMED else ""
        yield f"Not understood, and so not used: {named}{more}."
