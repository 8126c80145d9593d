"""Violated rules demote within bounds and point to what fits; nothing is dropped, and probabilities still sum to 1."""

import math

import pytest

from clinigraph.correcting import GREATEST_PENALTY, PENALTIES, corrected, is_contradicted, missing_facts, penalty
from kg import Correction, RuleResult, Severity, Verdict
from retrieval import RankedDisease


def said(
    severity: Severity,
    verdict: Verdict = Verdict.VIOLATED,
    correction: Correction = Correction.DEMOTE,
    asks: str | None = None,
    about: str | None = None,
) -> RuleResult:
    return RuleResult("rule", severity, verdict, "Said.", correction=correction, asks=asks, about=about)


def ranked(*scores: float) -> list[RankedDisease]:
    total = sum(map(math.exp, scores))
    return [RankedDisease(f"MONDO:{at}", score, math.exp(score) / total, at) for at, score in enumerate(scores, 1)]


def test_graver_rules_take_off_more_and_never_more_than_the_greatest() -> None:
    assert penalty([said(Severity.MAJOR)]) == PENALTIES[Severity.MAJOR] > PENALTIES[Severity.MINOR] > 0
    assert penalty([said(Severity.NOTE)]) == 0
    assert penalty([said(Severity.MAJOR)] * 9) == GREATEST_PENALTY


@pytest.mark.parametrize("verdict", [Verdict.SATISFIED, Verdict.UNKNOWN, Verdict.NOT_APPLICABLE])
def test_only_violations_of_rules_that_demote_take_anything_off(verdict: Verdict) -> None:
    assert penalty([said(Severity.MAJOR, verdict)]) == 0
    assert penalty([said(Severity.MAJOR, correction=Correction.REPLACE)]) == 0


def test_a_demoted_disease_changes_places_and_keeps_its_own() -> None:
    found = corrected(ranked(2.0, 1.5, 0.0), [(said(Severity.MAJOR),), (), ()], 1.0)
    assert [item.ranked.disease for item in found] == ["MONDO:2", "MONDO:1", "MONDO:3"]
    assert [item.ranked.rank for item in found] == [1, 2, 3]
    assert [item.rank_by_findings for item in found] == [2, 1, 3]
    assert found[1].ranked.score == pytest.approx(2.0 - PENALTIES[Severity.MAJOR])
    assert sum(item.ranked.probability for item in found) == pytest.approx(1)
    for item in found:  # as if the scores had been these from the beginning
        total = sum(math.exp(other.ranked.score) for other in found)
        assert item.ranked.probability == pytest.approx(math.exp(item.ranked.score) / total)


def test_without_violations_nothing_changes() -> None:
    before = ranked(2.0, 1.0, 1.0)
    found = corrected(before, [(said(Severity.MAJOR, Verdict.SATISFIED),), (), ()], 2.0)
    assert [item.ranked for item in found] == before
    assert [item.penalty for item in found] == [0, 0, 0]


def test_only_grave_rules_contradict() -> None:
    assert is_contradicted([said(Severity.MAJOR, correction=Correction.REPLACE)])
    assert not is_contradicted([said(Severity.MINOR), said(Severity.MAJOR, Verdict.UNKNOWN)])


def test_each_question_is_asked_once_the_one_about_most_first() -> None:
    unknown = Verdict.UNKNOWN
    found = missing_facts(
        [
            said(Severity.MAJOR, unknown, asks="Sex?", about="MONDO:1"),
            said(Severity.MAJOR, unknown, asks="Age?", about="MONDO:1"),
            said(Severity.MAJOR, unknown, asks="Age?", about="MONDO:2"),
            said(Severity.MAJOR, unknown),
        ]
    )
    assert [(item.question, item.about) for item in found] == [
        ("Age?", ("MONDO:1", "MONDO:2")),
        ("Sex?", ("MONDO:1",)),
    ]
