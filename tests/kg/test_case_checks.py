"""What cannot be right in a case is set aside and told; the rest stays."""

from dataclasses import replace

import pytest

from kg import Case, Finding, FindingStatus, Sex, Snapshot, check_case
from kg.case_checks import MOST_FINDINGS

SEEN, ABSENT = FindingStatus.OBSERVED, FindingStatus.EXCLUDED
CASE = Case("c", (Finding("HP:0001166", SEEN, 2.0), Finding("HP:0001250", ABSENT)), Sex.MALE, 4.0, 1.0)


def test_a_sound_case_stays_as_it_is(snapshot: Snapshot) -> None:
    checked = check_case(CASE, snapshot)
    assert (checked.case, checked.notices) == (CASE, ())


@pytest.mark.parametrize(
    ("fields", "left", "told"),
    [
        ({"age_years": 300.0}, (None, 1.0), "An age of 300 years is not possible"),
        ({"age_years": -3.0}, (None, 1.0), "An age of -3 years is not possible"),
        ({"onset_years": -2.0}, (4.0, None), "An onset at -2 years is not possible"),
        ({"onset_years": 9.0}, (4.0, None), "onset at 9 years is after the age of 4 years"),
        ({"age_years": None, "onset_years": -0.5}, (None, -0.5), None),
    ],
)
def test_ages(
    snapshot: Snapshot, fields: dict[str, float | None], left: tuple[float | None, float | None], told: str | None
) -> None:
    checked = check_case(replace(CASE, **fields), snapshot)  # type: ignore[arg-type]  # fields of one type
    assert (checked.case.age_years, checked.case.onset_years) == left
    assert [told in notice for notice in checked.notices if told] == ([True] if told else [])


def test_an_impossible_onset_of_a_finding(snapshot: Snapshot) -> None:
    case = replace(CASE, findings=(Finding("HP:0001166", SEEN, 90.0),))
    checked = check_case(case, snapshot)
    assert checked.case.findings == (Finding("HP:0001166", SEEN),)
    assert "HP:0001166 cannot have begun at 90 years" in checked.notices[0]


@pytest.mark.parametrize(
    ("excluded", "told"),
    [
        ("HP:0001166", "Arachnodactyly is both observed and excluded"),
        ("HP:0000924", "Arachnodactyly is observed, Abnormality of the skeletal system excluded"),
    ],
)
def test_who_saw_a_finding_saw_it(snapshot: Snapshot, excluded: str, told: str) -> None:
    case = replace(CASE, findings=(*CASE.findings, Finding(excluded, ABSENT)))
    checked = check_case(case, snapshot)
    assert checked.case.findings == CASE.findings
    assert told in checked.notices[0]


def test_an_excluded_kind_of_an_observed_finding_is_no_contradiction(snapshot: Snapshot) -> None:
    case = replace(CASE, findings=(Finding("HP:0000924", SEEN), Finding("HP:0001166", ABSENT)))
    assert check_case(case, snapshot).case == case


def test_too_many_findings_are_cut_to_those_that_say_most(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.case_checks.MOST_FINDINGS", 2)
    seen = ("HP:0000118", "HP:0000924", "HP:0001166", "HP:0001083")
    absent = ("HP:0000707", "HP:0001250", "HP:0001249")
    findings = (*(Finding(c, SEEN) for c in seen), *(Finding(c, ABSENT) for c in absent))
    checked = check_case(replace(CASE, findings=findings), snapshot)
    assert checked.case.observed == ("HP:0001166", "HP:0001083")  # the general ones are implied
    assert checked.case.excluded == ("HP:0000707",)  # and imply the special ones
    assert [notice.partition(";")[0] for notice in checked.notices] == [
        "4 findings are observed",
        "3 findings are excluded",
    ]
    assert MOST_FINDINGS >= 100


def test_doubts_are_told(snapshot: Snapshot) -> None:
    case = replace(CASE, findings=(Finding("HP:0001250", ABSENT),), pregnant=True, unresolved=tuple("abcdefg"))
    only, pregnant, unknown = check_case(case, snapshot).notices
    assert "Only excluded findings" in only
    assert "male and pregnant" in pregnant
    assert unknown == "Not understood, and so not used: a, b, c, d, e and 2 more."
