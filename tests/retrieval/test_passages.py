"""Passages: cut at sentences, placed by offset, named by content."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import Description
from retrieval.passages import PassageTable, chunk, count_tokens, make_passages, passages_of

MARFAN = (
    "A systemic disorder of connective tissue. Cardinal features are long limbs (e.g. Long fingers), aortic root "
    "dilatation and ectopia lentis. Inheritance is autosomal dominant."
)


def described(
    text: str, concept: str = "MONDO:0007947", title: str = "Marfan syndrome", ref: str = "X:1"
) -> Description:
    return Description(concept, title, text, "definition", "doid", "2021-06-08", ref)


def test_a_short_description_is_one_passage_with_all_its_origin() -> None:
    (passage,) = passages_of(described(MARFAN))
    assert (passage.text, passage.start) == (MARFAN, 0)
    assert (passage.concept, passage.kind, passage.source) == ("MONDO:0007947", "definition", "doid")
    assert (passage.release, passage.reference) == ("2021-06-08", "X:1")
    assert passage.searchable.startswith("Marfan syndrome. A systemic disorder")


def test_sentences_are_kept_whole_and_abbreviations_do_not_end_them() -> None:
    texts = [MARFAN[start:end] for start, end in chunk(MARFAN, max_tokens=30)]
    assert texts == [
        "A systemic disorder of connective tissue.",
        "Cardinal features are long limbs (e.g. Long fingers), aortic root dilatation and ectopia lentis.",
        "Inheritance is autosomal dominant.",
    ]


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    text = "word " * 50
    pieces = [text[start:end] for start, end in chunk(text, max_tokens=20)]
    assert [count_tokens(piece) for piece in pieces] == [20, 20, 10]
    assert all(piece == piece.strip() and set(piece.split()) == {"word"} for piece in pieces)


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u200b"])
def test_text_without_words_gives_little_or_nothing(text: str) -> None:
    assert len(list(chunk(text))) <= 1


@given(st.text(), st.integers(1, 12))
def test_pieces_are_in_order_fit_and_lose_only_white_space(text: str, max_tokens: int) -> None:
    spans = list(chunk(text, max_tokens))
    assert all(start < end for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert all(count_tokens(text[start:end]) <= max_tokens for start, end in spans)
    kept = "".join(text[start:end] for start, end in spans)
    assert count_words(kept) == count_words(text)


def count_words(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def test_offsets_lead_back_to_the_description() -> None:
    text = "First sentence here.\n\nSecond   one. " * 40
    for passage in passages_of(described(text), max_tokens=25):
        assert text[passage.start : passage.start + len(passage.text)] == passage.text
        assert "\n" not in passage.searchable
        assert "   " not in passage.searchable


def test_same_words_about_one_concept_count_once_but_not_about_two() -> None:
    passages = make_passages(
        [described(MARFAN, ref="X:2"), described(MARFAN, ref="X:1"), described(MARFAN, "MONDO:0000001", ref="X:3")]
    )
    assert sorted(passage.reference for passage in passages) == ["X:1", "X:3"]


def test_passages_are_the_same_and_in_the_same_order_whatever_the_order_of_reading() -> None:
    items = [described(f"Text number {n}.", f"HP:{n:07}", ref=f"HP:{n:07}") for n in range(20)]
    forward = make_passages(items)
    assert forward == make_passages(reversed(items))
    assert [passage.id for passage in forward] == sorted({passage.id for passage in forward})


def test_a_table_gives_back_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "passages.arrow"
    items = [described(f"Text {n}.", f"HP:{n % 3:07}", ref=f"R:{n}") for n in range(9)]
    passages = make_passages(items)
    PassageTable.write(passages, path)
    table = PassageTable.open(path)
    assert tuple(table) == passages
    about = table.rows_about(["HP:0000001", "HP:9999999", "HP:0000001"])
    assert [table[row].concept for row in about] == ["HP:0000001"] * 3
    assert about == sorted(about)


def test_a_damaged_table_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "passages.arrow"
    path.write_bytes(b"not arrow")
    with pytest.raises(ValueError, match="File is too small"):
        PassageTable.open(path)
