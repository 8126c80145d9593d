"""A letter becomes a case: every item with its place in the letter."""

from dataclasses import fields

import pytest

from kg import Case, FindingStatus, MedicationUse, Origin, Sex
from retrieval.case_text import read_case_text
from retrieval.pipeline import Reader

from .conftest import LetterVocabulary

LETTER = """Dear colleague,\r
\r
Thank you for seeing this 34-year-old woman, who is 28 weeks pregnant. She has had seizures since the age of 3 years
and a two-year history of headache.

Past medical history:
- Asthma since childhood
- Type 2 diabetes
- Blorgitis

Family history: her mother had seizures; her paternal uncle has Marfan syndrome.

Medications: levetiracetam 500 mg twice daily, metformin 1 g BD, Xyzalor 5 mg daily. Valproate was stopped last year.
Consider starting lamotrigine 25 mg daily.

Allergies: penicillin (rash), latex.

Examination: Hb 9.1 g/dl. Hearing is normal. No ataxia. Height below the 3rd centile.
A variant in FBN1 was found; autosomal dominant inheritance is likely.
"""


@pytest.fixture(scope="module")
def case(letter_reader: Reader, letters: LetterVocabulary) -> Case:
    return read_case_text(LETTER, "letter.txt", letter_reader, letters)


def test_who(case: Case) -> None:
    assert (case.age_years, case.sex, case.pregnant, case.gestation_weeks) == (34.0, Sex.FEMALE, True, 28.0)


def test_findings_with_onset(case: Case) -> None:
    assert {f.concept: (f.status.value, f.onset_years) for f in case.findings} == {
        "HP:0001250": ("observed", 3.0),
        "HP:0002315": ("observed", 32.0),
        "HP:0002099": ("observed", 5.0),
        "HP:0001903": ("observed", None),
        "HP:0000364": ("excluded", None),
        "HP:0001251": ("excluded", None),
        "HP:0004322": ("observed", None),
    }


def test_conditions(case: Case) -> None:
    assert [(c.concept, c.status) for c in case.conditions] == [
        ("MONDO:0004979", FindingStatus.OBSERVED),
        ("MONDO:0005148", FindingStatus.OBSERVED),
    ]


def test_medicines(case: Case) -> None:
    assert [(m.concept, m.use, m.dose) for m in case.medications] == [
        ("DRUGBANK:DB01202", MedicationUse.CURRENT, "500 mg twice daily"),
        ("DRUGBANK:DB00331", MedicationUse.CURRENT, "1 g BD"),
        ("DRUGBANK:DB00313", MedicationUse.PAST, None),
        ("DRUGBANK:DB00555", MedicationUse.PROPOSED, "25 mg daily"),
    ]


def test_allergies_and_what_they_cause(case: Case) -> None:
    assert [(a.concept, a.reaction) for a in case.allergies] == [("CHEBI:17334", "HP:0000988")]
    assert [a.origin.text for a in case.allergies if a.origin] == ["penicillin (rash)"]
    assert "HP:0000988" not in case.observed


def test_family(case: Case) -> None:
    assert [(f.concept, f.relative) for f in case.family] == [
        ("HP:0001250", "mother"),
        ("MONDO:0007947", "paternal uncle"),
    ]


def test_genes_and_modes(case: Case) -> None:
    assert (case.genes, case.inheritance) == (("HGNC:3603",), ("HP:0000006",))


def test_what_is_not_linked_is_listed(case: Case) -> None:
    assert case.unresolved == ("Blorgitis", "Xyzalor 5 mg daily", "latex")


def test_every_place_is_that_of_the_letter(case: Case) -> None:
    origins: list[Origin | None] = [origin for _, origin in case.origins]
    for items in (case.findings, case.conditions, case.medications, case.allergies, case.family):
        origins += [item.origin for item in items]
    assert len(origins) > 20
    for origin in origins:
        assert isinstance(origin, Origin)
        assert origin.start is not None
        assert LETTER[origin.start : origin.end] == origin.text
    assert {name for name, _ in case.origins} >= {"age_years", "sex", "pregnant", "HGNC:3603"}


def test_places_count_from_the_begin_of_a_long_letter(letter_reader: Reader, letters: LetterVocabulary) -> None:
    text = (
        "The boy was seen again and again, and he was well. " * 2_500 + "He has seizures and takes aspirin 75 mg daily."
    )
    case = read_case_text(text, "x", letter_reader, letters)
    (finding,), (medicine,) = case.findings, case.medications
    for item, words in ((finding, "seizures"), (medicine, "aspirin 75 mg daily")):
        assert item.origin is not None
        assert text[slice(item.origin.start, item.origin.end)] == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She takes aspirin.", [("current", None)]),
        ("Aspirin 75 mg once daily.", [("current", "75 mg once daily")]),
        ("She was given 300 mg of aspirin.", [("current", "300 mg")]),
        ("She stopped aspirin in May.", [("past", None)]),
        ("She no longer takes aspirin.", [("past", None)]),
        ("Aspirin was discontinued.", [("past", None)]),
        ("We recommend aspirin 75 mg daily.", [("proposed", "75 mg daily")]),
        ("She does not take aspirin.", []),
        ("Her father takes aspirin.", []),
        ("Aspirin is an old medicine.", []),
        ("She is allergic to aspirin.", []),
        ("Medications:\n- aspirin\n- metformin", [("current", None), ("current", None)]),
        ("Aspirin allergy.", []),
        ("PMH: migraine, treated with aspirin 75 mg daily.", [("current", "75 mg daily")]),
        ("PMH: migraine, previously treated with aspirin.", [("past", None)]),
    ],
)
def test_use_and_dose(
    letter_reader: Reader, letters: LetterVocabulary, text: str, expected: list[tuple[str, str | None]]
) -> None:
    case = read_case_text(text, "x", letter_reader, letters)
    assert [(m.use.value, m.dose) for m in case.medications] == expected


@pytest.mark.parametrize(
    ("text", "allergies"),
    [
        ("She is allergic to aspirin and penicillin.", ["DRUGBANK:DB00945", "CHEBI:17334"]),
        ("Penicillin allergy.", ["CHEBI:17334"]),
        ("No allergy to penicillin.", []),
        ("Allergies: none.", []),
        ("Her mother is allergic to penicillin.", []),
    ],
)
def test_allergies(letter_reader: Reader, letters: LetterVocabulary, text: str, allergies: list[str]) -> None:
    assert [a.concept for a in read_case_text(text, "x", letter_reader, letters).allergies] == allergies


@pytest.mark.parametrize(
    ("text", "pregnant", "weeks"),
    [
        ("A 30-year-old woman. She is pregnant.", True, None),
        ("A 30-year-old woman at 31+2 weeks gestation.", True, 31.29),
        ("A 30-year-old woman. She is not pregnant.", False, None),
        ("A 30-year-old woman. Pregnancy test was negative.", False, None),
        ("A 3-year-old girl, born at 38 weeks gestation.", None, None),
        ("A 30-year-old woman. Her sister is pregnant.", None, None),
        ("A 30-year-old woman. She wants to become pregnant.", None, None),
        ("A 30-year-old man. He is pregnant.", None, None),
        ("A 30-year-old woman with seizures.", None, None),
    ],
)
def test_pregnancy(
    letter_reader: Reader, letters: LetterVocabulary, text: str, pregnant: bool | None, weeks: float | None
) -> None:
    case = read_case_text(text, "x", letter_reader, letters)
    assert (case.pregnant, case.gestation_weeks) == (pregnant, weeks)


@pytest.mark.parametrize(
    ("text", "age", "sex"),
    [
        ("45 y/o F with seizures", 45.0, Sex.FEMALE),
        ("Age: 7\nSex: male", 7.0, Sex.MALE),
        ("62M\nSeizures.", 62.0, Sex.MALE),
        ("Mr John Smith, 62M.\nFather died aged 54.", 62.0, Sex.MALE),
        ("Mrs Smith has seizures. Her mother, aged 81, is well.", None, Sex.FEMALE),
    ],
)
def test_short_forms_of_age_and_sex(
    letter_reader: Reader, letters: LetterVocabulary, text: str, age: float | None, sex: Sex
) -> None:
    case = read_case_text(text, "x", letter_reader, letters)
    assert (case.age_years, case.sex) == (age, sex)
    for _, origin in case.origins:
        assert text[slice(origin.start, origin.end)] == origin.text


def test_every_member_of_a_list_of_allergies(letter_reader: Reader, letters: LetterVocabulary) -> None:
    case = read_case_text(
        "She is allergic to penicillin (rash), blorgine, snails and aspirin.", "x", letter_reader, letters
    )
    assert [(a.concept, a.reaction) for a in case.allergies] == [
        ("CHEBI:17334", "HP:0000988"),
        ("DRUGBANK:DB00945", None),
    ]
    assert case.unresolved == ("blorgine", "snails")


def test_an_empty_letter_is_an_empty_case(letter_reader: Reader, letters: LetterVocabulary) -> None:
    case = read_case_text("", "x", letter_reader, letters)
    assert {f.name for f in fields(case) if getattr(case, f.name)} == {"id", "sex"}
