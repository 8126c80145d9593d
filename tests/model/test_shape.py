"""The forms that answers are decoded by."""

import re
from dataclasses import replace

import pytest

from model import answer_pattern, diagnosis_pattern
from tests.model.world import CONTEXT, ITEMS

ABSTENTION = "The evidence does not say."


@pytest.mark.parametrize(
    "text",
    [
        "Ectopia lentis (3/5) is a feature of Marfan syndrome [1].",
        "The ectopia lentis is seen, as arachnodactyly [1][2]. Marfan syndrome is in patients",
        "What are the features [4]?",
        ABSTENTION,
    ],
)
def test_an_answer_says_words_of_the_evidence_and_cites_what_there_is(text: str) -> None:
    assert re.fullmatch(answer_pattern(CONTEXT, ABSTENTION), text)


@pytest.mark.parametrize(
    "text",
    [
        "Ectopia lentis is seen [5].",
        "Ectopia lentis is seen [12].",
        "Ectopia lentis is seen [1",
        "Ectopia lentis is seen []",
        "Ectopia [a] is",
        "Ectopialentis is seen [1].",
        "Ectopia lentis (4/5) is seen [1].",
        f"{ABSTENTION} Ectopia lentis is seen [1].",
        "",
    ],
)
def test_an_answer_says_and_cites_nothing_else(text: str) -> None:
    assert not re.fullmatch(answer_pattern(CONTEXT, ABSTENTION), text)


def test_without_an_abstention_there_is_none() -> None:
    assert not re.fullmatch(answer_pattern(CONTEXT), ABSTENTION)


CANDIDATES = replace(CONTEXT, items=(ITEMS[0], replace(ITEMS[3], n=2)))
LABELS = ["Marfan syndrome (type 1)", "Loeys-Dietz syndrome"]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("Marfan syndrome (type 1) has Ectopia lentis (3/5) and Arachnodactyly [1].", True),
        ("Loeys-Dietz syndrome shows bifid uvula [2]. Marfan syndrome (type 1) fits best [1].", True),
        ("Loeys-Dietz syndrome shows bifid uvula [1].", False),
        ("Fabry disease fits best [1].", False),
        ("Marfan syndrome (type 1) fits, unlike Fabry disease [1].", False),
        ("Marfan syndrome (type 1) fits best.", False),
    ],
)
def test_a_diagnosis_names_a_candidate_in_words_of_its_evidence(text: str, fits: bool) -> None:
    assert bool(re.fullmatch(diagnosis_pattern(CANDIDATES, LABELS), text)) is fits
