"""What a text says about its findings."""

import pytest

from kg import Category
from retrieval.assertion import read_cues
from retrieval.mention import Assertion
from retrieval.pipeline import Reader

P, A, M, F, H, Y = (
    Assertion.PRESENT,
    Assertion.ABSENT,
    Assertion.POSSIBLE,
    Assertion.FAMILY,
    Assertion.HISTORICAL,
    Assertion.HYPOTHETICAL,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She has fever and cough.", [P, P]),
        ("No fever, cough or headache.", [A, A, A]),
        ("He denies fever but has headache.", [A, P]),
        ("No fever. Headache.", [A, P]),
        ("Absence of fever.", [A]),
        ("Without fever or   cough", [A, A]),
        ("The test was negative for fever.", [A]),
        ("Seizures were ruled out.", [A]),
        ("Fever was not observed.", [A]),
        ("Fever: no. Cough: yes.", [A, P]),
        ("He had seizures, and fever was not observed.", [P, A]),
        ("However, the following features were excluded: Hypotonia, Absent speech, and Scoliosis.", [A, A, A]),
        ("Absent speech and seizures.", [P, P]),
        ("There was no increase in seizures.", [P]),
        ("Not only fever but also cough.", [P, P]),
        ("Fever cannot be ruled out.", [M]),
        ("Possible scoliosis.", [M]),
        ("Suspected seizures; fever.", [M, P]),
        ("Her mother had seizures.", [F]),
        ("Her mother had seizures, and she had ataxia.", [F, P]),
        ("Family history: scoliosis.\n\nExamination: hypotonia.", [F, P]),
        ("No family history of seizures.", [F]),
        ("The mother reports seizures.", [P]),
        ("This patient and his younger brother had scoliosis.", [P]),
        ("History of seizures.", [H]),
        ("No history of seizures.", [A]),
        ("Past medical history: seizures, scoliosis.", [H, H]),
        ("Return if he develops fever or cough.", [Y, Y]),
        ("She should return if she experiences fever.", [Y]),
        # scope
        ("No fever, she has cough.", [A, P]),
        ("She has no fever (denied seizures last year) or cough.", [A, A, A]),
        ("The report (slides not submitted) describes scoliosis.", [P]),
        ("Status post scoliosis, now with fever.", [H, P]),
        ("He was admitted with a history of seizures but has a fever.", [H, P]),
        ("She presents with a two-week history of cough.", [P]),
        ("Compared to the prior study, scoliosis is worse.", [P]),
        # negation that is none
        ("No change in scoliosis.", [P]),
        ("Fever without improvement.", [P]),
        ("It was not without fever.", [P]),
        ("She does not deny fever.", [P]),
        ("She is not absent from school; fever.", [P]),
        ("Fever is not unlikely.", [M]),
        ("Unlikely fever; cough.", [A, P]),
        ("The child is seizure-free.", [A]),
        # doubt and condition
        ("?scoliosis", [M]),
        ("Impression: ? scoliosis", [M]),
        ("Should you develop fever, call us.", [Y]),
        ("Call also for any fever, cough or headache.", [Y, Y, Y]),
        ("She will alert us if any of the following are noted: fever, cough.", [Y, Y]),
        ("Seizure precautions and cough.", [Y, P]),
        ("At risk of seizures.", [Y]),
        # questions
        ("Does she have fever?", [Y]),
        ("Does she have fever? No.", [A]),
        ("Any seizures? Denies.", [A]),
        ("Is there any cough? Yes, daily.", [P]),
        # tables and boxes
        ("Fever | no\nCough | yes\nHeadache | unknown", [A, P, Y]),
        ("Fever\tno\nSeizures\tyes", [A, P]),
        ("Fever (measured) | absent", [A]),
        ("Fever: denied\nSeizures: possible", [A, M]),
        ("[x] fever\n[ ] cough\n☐ headache\n☑ seizures", [P, A, A, P]),
        # lists and headings
        ("She denies:\n- fever\n- cough\n\nHeadache was severe.", [A, A, P]),
        ("Return if you have any of the following:\n1. Fever\n2. Cough", [Y, Y]),
        ("Pertinent negatives:\n- fever\n- cough\nImpression: scoliosis", [A, A, P]),
        ("PAST MEDICAL HISTORY\n- scoliosis\n- seizures\n\nEXAMINATION FINDINGS\n- fever", [H, H, P]),
        ("## Family history\n\nScoliosis, seizures.\n\n## Findings\n\nFever.", [F, F, P]),
        ("Past medical history: seizures.\n\nShe was seen today with fever.", [H, P]),
        ("Diagnoses: 1) fever s/p cough 2) scoliosis 3) seizures", [P, H, P, P]),
        ("Review of systems: negative for fever, cough.", [A, A]),
        # whose
        ("Mother: seizures. Patient: fever.", [F, P]),
        ("Seizures in her maternal aunt; she has fever.", [F, P]),
        ("Her son saw her when she had fever.", [P]),
        ("Family history of scoliosis and a personal history of seizures.", [F, H]),
    ],
)
def test_assertion(reader: Reader, text: str, expected: list[Assertion]) -> None:
    assert [mention.assertion for mention in reader.mentions(text)] == expected


def test_the_relative_is_named(reader: Reader) -> None:
    text = "Her mother had seizures."
    status = reader.status(text, text.index("seizures"), len(text) - 1)
    assert status.family
    assert status.relative == "mother"


@pytest.mark.parametrize(
    ("text", "relative"),
    [
        ("Her maternal grandmother had seizures.", "maternal grandmother"),
        ("There are seizures on the paternal side.", "paternal side"),
        ("Paternal uncle: seizures", "paternal uncle"),
        ("She has seizures.", None),
    ],
)
def test_the_side_of_the_family_is_named(reader: Reader, text: str, relative: str | None) -> None:
    at = text.index("seizures")
    assert reader.status(text, at, at + len("seizures")).relative == relative


def test_a_family_history_is_also_history(reader: Reader) -> None:
    text = "Family history of seizures."
    status = reader.status(text, text.index("seizures"), len(text) - 1)
    assert status.family
    assert status.historical


def test_a_question_to_be_answered_makes_nothing_hypothetical(reader: Reader) -> None:
    text = "Does she have fever?"
    assert [m.assertion for m in reader.mentions(text, prefer=Category.DISEASE)] == [P]


def test_a_span_need_not_be_a_concept(reader: Reader) -> None:
    text = "There was no evidence of hemidemisemiquavers."
    assert reader.status(text, text.index("hemi"), len(text) - 1).negated


def test_the_status_of_nothing_is_an_error(reader: Reader) -> None:
    with pytest.raises(ValueError, match="no characters"):
        reader.status("fever", 7, 9)


def test_every_cue_has_words_and_an_effect_or_takes_one_away() -> None:
    cues = read_cues()
    assert len(cues) > 1000
    assert all(cue.words for cue in cues)
    assert {effect for cue in cues for effect in cue.effects} - {"affirmed", "question"} == {
        "negated",
        "possible",
        "historical",
        "hypothetical",
        "family",
    }
