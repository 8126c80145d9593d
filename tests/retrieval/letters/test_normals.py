"""What a text calls normal is the absence of its abnormality, where the graph has that."""

import pytest

from retrieval.pipeline import Reader


@pytest.mark.parametrize(
    ("text", "words", "curie"),
    [
        ("Hearing is normal.", "Hearing is normal", "HP:0000364"),
        ("Normal hearing.", "Normal hearing", "HP:0000364"),
        ("The heart was unremarkable.", "heart was unremarkable", "HP:0001627"),
        ("Heart: normal", "Heart: normal", "HP:0001627"),
        ("Hearing | normal", "Hearing | normal", "HP:0000364"),
    ],
)
def test_normal_parts(letter_reader: Reader, text: str, words: str, curie: str) -> None:
    (mention,) = letter_reader.mentions(text)
    assert (mention.text, mention.curie, mention.assertion) == (words, curie, "absent")


@pytest.mark.parametrize(
    "text", ["Hearing is not normal.", "The weather is normal.", "Normal saline was given.", "normal", "normal normal."]
)
def test_nothing_is_excluded(letter_reader: Reader, text: str) -> None:
    assert letter_reader.mentions(text) == ()


def test_of_a_relative(letter_reader: Reader) -> None:
    (mention,) = letter_reader.mentions("Her mother has normal hearing.")
    assert (mention.assertion, mention.relative) == ("family", "mother")


def test_only_names_if_asked(letter_reader: Reader) -> None:
    text = "Hearing is normal. Hb 7.2 g/dl. Seizures."
    assert [m.text for m in letter_reader.mentions(text, named_only=True)] == ["Seizures"]
