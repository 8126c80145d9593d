"""What a text says about its findings."""

import pytest

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
    ],
)
def test_assertion(reader: Reader, text: str, expected: list[Assertion]) -> None:
    assert [mention.assertion for mention in reader.mentions(text)] == expected


def test_the_relative_is_named(reader: Reader) -> None:
    text = "Her mother had seizures."
    status = reader.status(text, text.index("seizures"), len(text) - 1)
    assert status.family
    assert status.relative == "mother"


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
    assert {effect for cue in cues for effect in cue.effects} == {
        "negated",
        "possible",
        "historical",
        "hypothetical",
        "family",
    }
