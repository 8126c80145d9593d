"""A case is made from a letter."""

import pytest

from kg import FindingStatus, Sex
from retrieval.ages import find_patient, find_times, years_of
from retrieval.case_text import read_case_text
from retrieval.pipeline import Reader

from .conftest import SmallVocabulary

LETTER = """The proband was a 4-year, 6-month old girl. Disease onset occurred when the proband was a newborn.
At an age of 3 years, she presented with seizures and ataxia. She has had scoliosis since birth.
However, the following features were excluded: Absent speech, and Hearing impairment.
Her brother had headache. Possible hypotonia. Return if she develops fever. History of cough.
A variant in FBN1 was found."""


def test_a_letter(reader: Reader, vocabulary: SmallVocabulary) -> None:
    case = read_case_text(LETTER, "letter.txt", reader, vocabulary)
    assert (case.id, case.sex, case.age_years, case.onset_years) == ("letter.txt", Sex.FEMALE, 4.5, 0.0)
    assert case.observed == ("HP:0001250", "HP:0001251", "HP:0002650", "HP:0012735")
    assert case.excluded == ("HP:0001344", "HP:0000365")
    assert {f.concept: f.onset_years for f in case.findings if f.status is FindingStatus.OBSERVED} == {
        "HP:0001250": 3.0,
        "HP:0001251": 3.0,
        "HP:0002650": 0.0,
        "HP:0012735": None,
    }
    assert case.genes == ("HGNC:3603",)


def test_observed_wins_over_excluded(reader: Reader, vocabulary: SmallVocabulary) -> None:
    case = read_case_text("No seizures at birth. Seizures since age 3.", "x", reader, vocabulary)
    assert case.observed == ("HP:0001250",)
    assert case.excluded == ()
    assert case.findings[0].onset_years == 3.0


def test_an_empty_text(reader: Reader, vocabulary: SmallVocabulary) -> None:
    assert read_case_text("", "x", reader, vocabulary).findings == ()


@pytest.mark.parametrize(
    ("text", "age", "sex"),
    [
        ("A 2-month-old female infant.", 0.1667, Sex.FEMALE),
        ("a 15-year-old adolescent girl", 15.0, Sex.FEMALE),
        ("newborn boy with fever", 0.0, Sex.MALE),
        ("The proband was a 45-year-old man.", 45.0, Sex.MALE),
        ("This 45 y/o lady", 45.0, Sex.FEMALE),
        ("The patient is a female.", None, Sex.FEMALE),
        ("The patient, aged 7 years, was referred. He was short.", 7.0, Sex.MALE),
        ("The proband was an individual.", None, Sex.UNKNOWN),
        ("He was seen. His gait was unsteady.", None, Sex.MALE),
        ("Three years old. She walks.", None, Sex.FEMALE),
        ("", None, Sex.UNKNOWN),
    ],
)
def test_patient(text: str, age: float | None, sex: Sex) -> None:
    assert find_patient(text) == (age, sex)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("since age 3", [3.0]),
        ("at birth", [0.0]),
        ("at the age of 18 months", [1.5]),
        ("at 6 months of age", [0.5]),
        ("when the proband was a newborn", [0.0]),
        ("when he was 13-year, 0-month old", [13.0]),
        ("in early childhood", [3.0]),
        ("for three years", []),
    ],
)
def test_times(text: str, years: list[float]) -> None:
    assert [time.years for time in find_times(text)] == years


def test_no_amount_is_no_age() -> None:
    assert years_of("old") is None
