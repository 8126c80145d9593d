"""What cannot be is left out of a case, and said; the rest stays."""

from pathlib import Path

import pytest

from kg import (
    Case,
    Category,
    Concept,
    Evidence,
    Fact,
    Finding,
    FindingStatus,
    Name,
    NameKind,
    Predicate,
    Sex,
    Snapshot,
    bounded_case,
    coherent_case,
)
from tests.made_graph import snapshot_of

SEIZURE, FOCAL, RASH = "HP:0001250", "HP:0007359", "HP:0000988"
SEEN, GONE = FindingStatus.OBSERVED, FindingStatus.EXCLUDED


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    labels = {SEIZURE: "Seizure", FOCAL: "Focal seizure", RASH: "Rash"}
    records = [Concept(curie, Category.PHENOTYPE, (Name(text, NameKind.LABEL),)) for curie, text in labels.items()]
    kind = Fact(FOCAL, Predicate.SUBCLASS_OF, SEIZURE, (Evidence("test", "1", FOCAL),))
    folder: Path = tmp_path_factory.mktemp("usable")
    return snapshot_of([*records, kind], folder)


@pytest.mark.parametrize("age", [-3.0, 131.0, float("nan"), float("inf"), 1e300])
def test_an_impossible_age_is_left_out(age: float) -> None:
    case, said = bounded_case(Case("a", (Finding(RASH, SEEN, age),), age_years=age, onset_years=age))
    assert (case.age_years, case.onset_years, case.findings[0].onset_years) == (None, None, None)
    assert len(said) == 3
    assert all("impossible" in sentence for sentence in said)


@pytest.mark.parametrize("age", [-0.5, 0.0, 130.0])
def test_a_possible_age_stays(age: float) -> None:
    assert bounded_case(Case("a", (), age_years=age)) == (Case("a", (), age_years=age), ())


def test_an_onset_after_today_leaves_both_out() -> None:
    case, said = bounded_case(Case("a", (), age_years=3.0, onset_years=40.0))
    assert (case.age_years, case.onset_years, len(said)) == (None, None, 1)


def test_ten_thousand_findings_are_cut_and_counted() -> None:
    findings = tuple(Finding(f"HP:{n:07}", SEEN) for n in range(10_000))
    case, (said,) = bounded_case(Case("a", findings))
    assert len(case.findings) == 500
    assert "10,000 findings" in said
    assert "9,500 are not" in said


def test_a_pregnant_man_is_not_pregnant() -> None:
    case, (said,) = bounded_case(Case("a", (), sex=Sex.MALE, pregnant=True))
    assert (case.pregnant, "male and pregnant" in said) == (None, True)


def test_the_same_finding_present_and_absent_counts_as_neither(snapshot: Snapshot) -> None:
    case, (said,) = coherent_case(Case("a", (Finding(RASH, SEEN), Finding(RASH, GONE), Finding(FOCAL, SEEN))), snapshot)
    assert [finding.concept for finding in case.findings] == [FOCAL]
    assert said.startswith("Rash is reported as present and as absent")


def test_a_kind_that_was_seen_outweighs_the_absence_of_the_whole(snapshot: Snapshot) -> None:
    case, (said,) = coherent_case(Case("a", (Finding(FOCAL, SEEN), Finding(SEIZURE, GONE))), snapshot)
    assert case.findings == (Finding(FOCAL, SEEN),)
    assert "Seizure" in said
    assert "Focal seizure" in said


def test_a_kind_that_is_absent_contradicts_nothing(snapshot: Snapshot) -> None:
    case = Case("a", (Finding(SEIZURE, SEEN), Finding(FOCAL, GONE), Finding("HP:7777777", SEEN)))
    assert coherent_case(case, snapshot) == (case, ())
