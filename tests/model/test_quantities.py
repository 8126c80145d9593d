"""Numbers in text as quantities."""

import pytest

from model.quantities import quantities_in


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("60%", "3/5"),
        ("60 percent", "3 of 5"),
        ("three out of five", "3/5"),
        ("33%", "1/3"),
        ("half", "50%"),
        ("two thirds", "2/3"),
        ("24 months", "2 years"),
        ("30–79%", "30 to 79%"),
        ("30%-79%", "30-79%"),
        ("1,200", "1200"),
        ("at least 40%", "≥ 40%"),
        ("5 mg", "5 mg"),
        ("twelve", "12"),
    ],
)
def test_equal_quantities_agree(one: str, other: str) -> None:
    (mine,), (its,) = quantities_in(one), quantities_in(other)
    assert mine.agrees_with(its)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("60%", "2/5"),
        ("0%", "0.4%"),
        ("100%", "99.8%"),
        ("60.4%", "60%"),
        ("60", "60%"),
        ("2 years", "2 months"),
        ("over 60%", "60%"),
        ("less than 5 years", "more than 5 years"),
        ("79%", "30–79%"),
        ("5 mg", "5 g"),
        ("5 mg", "5 mm"),
    ],
)
def test_different_quantities_do_not(one: str, other: str) -> None:
    (mine,), (its,) = quantities_in(one), quantities_in(other)
    assert not mine.agrees_with(its)


@pytest.mark.parametrize("text", ["FBN1", "IL-6", "15q21.1", "COVID-19", "p.Arg83Gln", "one of the genes", "no number"])
def test_names_and_pronouns_are_no_quantities(text: str) -> None:
    assert quantities_in(text) == ()
