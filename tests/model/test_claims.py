"""Splitting generated text into claims."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import Claim, read_claims
from model.claims import citations_in, is_looping, split_sentences

PIECES = [
    "Marfan",
    " ",
    "\n",
    ". ",
    ".",
    "! ",
    "[1]",
    "[1, 2]",
    "[",
    "]",
    "- ",
    "1. ",
    "e.g. ",
    "3.5",
    "**",
    "# ",
    "é",
    "?",
    "[2-4]",
]
texts = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))


@given(texts)
def test_sentences_lie_in_the_text_in_order_and_lose_no_word(text: str) -> None:
    sentences = list(split_sentences(text))
    at = 0
    for sentence in sentences:
        assert at <= sentence.start < sentence.end <= len(text)
        at = sentence.end
    inside = sum(c.isalpha() for s in sentences for c in text[s.start : s.end])
    assert inside == sum(c.isalpha() for c in text)


@given(texts)
def test_claims_have_words_a_full_stop_and_no_marks(text: str) -> None:
    for claim in read_claims(text):
        assert claim.text[-1] in ".!?"
        assert not citations_in(claim.text)
        assert text[claim.start : claim.end].strip()
        assert len(set(claim.citations)) == len(claim.citations)


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("A is B [1]. C is D [2].", [("A is B.", (1,)), ("C is D.", (2,))]),
        ("It is B. [1] It is D. [2][3]", [("It is B.", (1,)), ("It is D.", (2, 3))]),
        ("It is rare, e.g. in 0.5% vs. 3.2% [1, 2].", [("It is rare, e.g. in 0.5% vs. 3.2%.", (1, 2))]),
        ("- **Bold** one [1]\n- two [2]\n", [("Bold one.", (1,)), ("two.", (2,))]),
        ("1. First [1].\n2. Second [2].", [("First.", (1,)), ("Second.", (2,))]),
        ("## Answer\nAnswer: It is so [1].", [("It is so.", (1,))]),
        ("It is so [1]. And then it", [("It is so.", (1,))]),
        ("No evidence", []),
        ("Vitamin D. deficiency is seen [1].", [("Vitamin D. deficiency is seen.", (1,))]),
        ("Seen in all [2–4] and [9 and 1].", [("Seen in all and.", (2, 3, 4, 9, 1))]),
    ],
)
def test_text_becomes_claims(text: str, claims: list[tuple[str, tuple[int, ...]]]) -> None:
    assert [(claim.text, claim.citations) for claim in read_claims(text)] == claims


def test_a_claim_prints_with_its_citations() -> None:
    assert str(Claim("It is so.", (1, 2))) == "It is so. [1][2]"


def test_loops_are_seen_and_lists_are_not() -> None:
    assert is_looping("First. " + "It is a rare disease. " * 3)
    assert is_looping("no " * 8)
    assert not is_looping("It has fever, rash and cough. It has fever. It has rash.")
    assert not is_looping("very very rare")


@pytest.mark.parametrize(
    ("written", "told"),
    [("seizures occur [1].", "Seizures occur."), ("p53 is a gene [1].", "p53 is a gene."), ("It is [1].", "It is.")],
)
def test_a_sentence_begins_with_a_capital_unless_with_a_symbol(written: str, told: str) -> None:
    assert [claim.text for claim in read_claims(written)] == [told]
