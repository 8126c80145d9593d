"""Words are folded the same way in names and texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.normalise import Normaliser, TokenKind, fold, hash_word, words_of

NORMALISER = Normaliser()


@pytest.mark.parametrize(
    ("variant", "form"),
    [
        ("Tumours", "tumor"),
        ("Anaemia", "anemia"),
        ("oesophageal", "esophageal"),
        ("naevi", "nevus"),
        ("phalanges", "phalanx"),
        ("abnormalities", "abnormality"),
        ("metastases", "metastasis"),
        ("diseases", "disease"),
        ("Crohn’s", "crohn"),
        ("CRÂNE", "crane"),
    ],
)
def test_plain_form(variant: str, form: str) -> None:
    assert NORMALISER.plain_form(variant) == form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("renal", "kidney"),
        ("hypoplastic", "hypoplasia"),
        ("ataxic", "ataxia"),
        ("III", "third"),
        ("Anomalies", "abnormal"),
    ],
)
def test_words_of_one_meaning_have_one_word_form(one: str, other: str) -> None:
    assert NORMALISER.form(one).word == NORMALISER.form(other).word


@pytest.mark.parametrize(
    ("one", "other"), [("hyperthyroidism", "hypothyroidism"), ("upper", "lower"), ("tall", "short")]
)
def test_opposites_stay_apart(one: str, other: str) -> None:
    assert NORMALISER.form(one).word != NORMALISER.form(other).word


def test_signs() -> None:
    assert NORMALISER.form(",").kind is TokenKind.JOINT
    assert NORMALISER.form("-").kind is TokenKind.TRANSPARENT
    assert NORMALISER.form(".").kind is TokenKind.STOP
    assert NORMALISER.form(",").plain != NORMALISER.form("and").plain


def test_hash_is_the_same_everywhere() -> None:
    assert hash_word("seizure") == 13276318363625631378


@given(st.text())
def test_any_token_has_a_form(text: str) -> None:
    for token in words_of(text):
        form = NORMALISER.form(token)
        assert form == NORMALISER.form(token)


@given(st.text())
def test_tokens_lose_only_white_space(text: str) -> None:
    assert "".join(words_of(text)) == "".join(text.split())


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd"])))
def test_case_does_not_matter(text: str) -> None:
    if text.isascii():
        assert fold(text.upper()) == fold(text.lower())
