"""What of a case can be worked with: impossible and contradictory values are left out, and said."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from .case import Allergy, Case, Condition, FamilyFinding, Finding, FindingStatus, Medication
from .fact import Sex
from .snapshot import Snapshot

MOST_FINDINGS = 500
"""More findings than anybody describes of one patient; a record that has more is a whole history."""

_Item = TypeVar("_Item", Finding, Condition, Medication, Allergy, FamilyFinding)

_LEAST_AGE, _GREATEST_AGE = -0.8, 130.0  # years; the first is the start of a pregnancy


def bounded_case(case: Case) -> tuple[Case, tuple[str, ...]]:
    """The case with possible ages and at most `MOST_FINDINGS` findings, and a sentence for all that was left out."""
    said: list[str] = []
    findings = tuple(_with_possible_onset(finding, said) for finding in case.findings)
    if len(findings) > MOST_FINDINGS:
        rest = len(findings) - MOST_FINDINGS
        said.append(f"The case has {len(findings):,} findings; the first {MOST_FINDINGS} are used, {rest:,} are not.")
        findings = findings[:MOST_FINDINGS]
    age = _possible("age", case.age_years, said)
    onset = _possible("age at onset", case.onset_years, said)
    if age is not None and onset is not None and onset > age + 1:
        said.append(f"The age at onset, {onset:g} years, is above the age, {age:g} years; both are left out.")
        age = onset = None
    pregnant = case.pregnant
    if pregnant and case.sex is Sex.MALE:
        said.append("The patient is said to be male and pregnant; the pregnancy is left out.")
        pregnant = None
    return replace(case, findings=findings, age_years=age, onset_years=onset, pregnant=pregnant), tuple(said)


def _possible(what: str, years: float | None, said: list[str]) -> float | None:
    if years is None or (math.isfinite(years) and _LEAST_AGE <= years <= _GREATEST_AGE):
        return years
    said.append(f"The {what} of {years:g} years is impossible and is left out; give one from 0 to 130 years.")
    return None


def _with_possible_onset(finding: Finding, said: list[str]) -> Finding:
    onset = _possible(f"age at onset of {finding.concept}", finding.onset_years, said)
    return finding if onset == finding.onset_years else replace(finding, onset_years=onset)


def coherent_case(case: Case, snapshot: Snapshot) -> tuple[Case, tuple[str, ...]]:
    """The case without findings that contradict each other, and a sentence for each.

    A finding that is observed and excluded counts as neither. Where a kind of an excluded finding was observed, the
    exclusion is left out, since what was seen is the more specific.
    """
    observed = {curie for name in case.observed if (curie := snapshot.resolve(name)) is not None}
    excluded = {curie for name in case.excluded if (curie := snapshot.resolve(name)) is not None}
    if not observed or not excluded:
        return case, ()
    both = observed & excluded
    refuted = dict(_refuted(observed - both, excluded - both, snapshot))
    said = [f"{snapshot.label(curie)} is reported as present and as absent and counts as neither." for curie in
            sorted(both)]  # fmt: skip
    said += [
        f"{snapshot.label(absent)} is reported as absent although {snapshot.label(seen)}, a kind of it, is present; "
        "its absence is left out."
        for absent, seen in sorted(refuted.items())
    ]
    if not said:
        return case, ()

    def kept(finding: Finding) -> bool:
        curie = snapshot.resolve(finding.concept)
        return curie not in both and not (finding.status is FindingStatus.EXCLUDED and curie in refuted)

    return replace(case, findings=tuple(filter(kept, case.findings))), tuple(said)


def _refuted(observed: set[str], excluded: set[str], snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Each excluded finding that is above an observed one, with that one."""
    places = {snapshot.position(curie): curie for curie in excluded}
    for seen in sorted(observed, reverse=True):
        for above in snapshot.ancestor_positions(snapshot.position(seen)).tolist():
            if above in places:
                yield places[above], seen


def resolved_case(case: Case, snapshot: Snapshot) -> Case:
    """The case under canonical identifiers, without what the graph does not know."""
    return replace(
        case,
        findings=_known(case.findings, snapshot),
        conditions=_known(case.conditions, snapshot),
        medications=_known(case.medications, snapshot),
        allergies=_known(case.allergies, snapshot),
        family=_known(case.family, snapshot),
        genes=tuple(filter(None, map(snapshot.resolve, case.genes))),
        inheritance=tuple(filter(None, map(snapshot.resolve, case.inheritance))),
    )


def _known(items: Iterable[_Item], snapshot: Snapshot) -> tuple[_Item, ...]:
    found = []
    for item in items:
        curie = snapshot.resolve(item.concept)
        if curie is not None:
            found.append(item if curie == item.concept else replace(item, concept=curie))
    return tuple(found)
