"""Misspelt words are read as the name's word they are nearest to; opposites and known words stay as they are."""

import pytest

from retrieval.definitions import abbreviations
from retrieval.pipeline import Reader
from retrieval.spelling import Spelling, spelling_of

NAMES = [
    ["hypertelorism"],
    ["hypotelorism"],
    ["hypothyroidism"],
    ["hyperthyroidism"],
    ["philtrum"],
    ["fingernail", "dystrophy"],
    ["short", "fingernail"],
    ["finger", "nail"],
    ["palate"],
]


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    return spelling_of(NAMES, ["The doctor will palpate the neck."])


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("philtrim", "philtrum"),
        ("phitrum", "philtrum"),
        ("hypertelorsm", "hypertelorism"),
        ("hyprthyroidism", None),  # as near to its opposite
        ("palpate", None),  # a known word
        ("philtrum", None),
        ("palat", None),  # too short
        ("xhiltrum", None),  # another first letter
    ],
)
def test_corrections(spelling: Spelling, word: str, meant: str | None) -> None:
    assert spelling.correction(word) == meant


def test_compounds_are_words_that_names_write_as_one_more_often(spelling: Spelling) -> None:
    assert spelling.compounds == {("finger", "nail"): "fingernail"}


def test_a_misspelt_name_is_found_with_a_lower_score(reader: Reader) -> None:
    (right,) = reader.mentions("scoliosis")
    (wrong,) = reader.mentions("scolliosis")
    assert wrong.curie == right.curie
    assert wrong.score < right.score


def test_abbreviations_that_a_text_defines() -> None:
    text = "Von Hippel-Lindau (VHL) disease; branchio-oto-renal (BOR) syndrome (seen in 2 of 3)."
    assert abbreviations(text) == {"VHL": "Von Hippel-Lindau", "BOR": "branchio-oto-renal"}
