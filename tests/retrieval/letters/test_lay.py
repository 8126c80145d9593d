"""Everyday words mean findings; what can mean several things is left alone."""

import os
from pathlib import Path

import pytest

from kg import open_snapshot
from retrieval.lay import read_phrases
from retrieval.pipeline import Reader


@pytest.mark.parametrize(
    ("text", "curie", "words"),
    [
        ("She can't hear well.", "HP:0000365", "can't hear well"),
        ("She can’t sleep at night.", "HP:0100785", "can’t sleep"),
        ("He throws up every morning.", "HP:0002013", "throws up"),
        ("He has trouble swallowing.", "HP:0002015", "trouble swallowing"),
        ("Difficulty swallowing was noted.", "HP:0002015", "Difficulty swallowing"),
        ("Her heart is racing.", "HP:0001649", "heart is racing"),
        ("I pee a lot.", "HP:0000103", "pee a lot"),
        ("He finds it hard to fall asleep.", "HP:0100785", "finds it hard to fall asleep"),
        ("There was blood in his pee.", "HP:0000790", "blood in his pee"),
        ("She gets up at night to pee.", "HP:0000017", "gets up at night to pee"),
    ],
)
def test_phrases(letter_reader: Reader, text: str, curie: str, words: str) -> None:
    (mention,) = letter_reader.mentions(text)
    assert (mention.curie, mention.text, mention.assertion) == (curie, words, "present")


@pytest.mark.parametrize(
    ("text", "assertion"),
    [
        ("She does not throw up.", "absent"),
        ("No trouble swallowing.", "absent"),
        ("Call us if he throws up.", "hypothetical"),
        ("His mother can't sleep.", "family"),
    ],
)
def test_what_is_said_about_them(letter_reader: Reader, text: str, assertion: str) -> None:
    (mention,) = letter_reader.mentions(text)
    assert mention.assertion == assertion


@pytest.mark.parametrize("text", ["It is hard to see how.", "We cannot hear a murmur.", "The program cannot run."])
def test_other_uses_of_the_words(letter_reader: Reader, text: str) -> None:
    assert letter_reader.mentions(text) == ()


def test_every_phrase_has_one_meaning_and_a_source() -> None:
    folder = Path(__file__).parents[3] / "retrieval"
    rows = [line.split("\t") for line in (folder / "lay_phrases.tsv").read_text("utf-8").splitlines()]
    rows = [row for row in rows if not row[0].startswith("#")]
    assert all(len(row) == 4 and row[3] for row in rows)
    phrases = [row[0] for row in rows if row[1].startswith("HP:")]
    assert len(phrases) == len(set(phrases))
    assert len(read_phrases()) > 3000


@pytest.mark.slow  # needs the built graph
def test_every_meaning_is_a_term_of_the_graph() -> None:
    snapshot = open_snapshot(Path(os.environ["CLINIGRAPH_CACHE"]))
    for curie in sorted(set(read_phrases().values())):
        assert snapshot.resolve(curie) == curie, curie
        assert snapshot.is_a(curie, "HP:0000118"), curie
