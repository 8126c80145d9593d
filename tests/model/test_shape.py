"""The forms that answers are decoded by."""

import re
from dataclasses import replace

import pytest

from model import answer_pattern, diagnosis_pattern
from tests.model.world import CONTEXT, ITEMS


@pytest.mark.parametrize(
    "text", ["It is rare [1].", "It (3/5) is rare, e.g. 0.5% [4]. Seizures occur [1][2].", "Nothing"]
)
def test_an_answer_may_cite_what_there_is(text: str) -> None:
    assert re.fullmatch(answer_pattern(CONTEXT), text)


@pytest.mark.parametrize(
    "text", ["It is rare [5].", "It is rare [12].", "It is rare [1", "It is rare []", "It [a] is", ""]
)
def test_an_answer_may_cite_nothing_else(text: str) -> None:
    assert not re.fullmatch(answer_pattern(CONTEXT), text)


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
