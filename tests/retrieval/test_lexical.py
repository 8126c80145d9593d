"""Lexical search."""

from pathlib import Path

import pytest

from retrieval.lexical import LexicalIndex

TEXTS = [
    "Spinocerebellar ataxia type 1. An ataxia with onset in adult life.",
    "Spinocerebellar ataxia type 2. An ataxia with onset in adult life.",
    "Arachnodactyly. Abnormally long and slender fingers.",
    "Seizure. An intermittent abnormality of nervous system physiology.",
]


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    LexicalIndex.write(TEXTS, tmp_path / "lexical")
    return LexicalIndex.open(tmp_path / "lexical")


def test_it_knows_its_size(index: LexicalIndex) -> None:
    assert len(index) == len(TEXTS)


def test_inflected_words_are_found_by_their_stem(index: LexicalIndex) -> None:
    assert [row for row, _ in index.search("a long finger", 5)] == [2]
    assert [row for row, _ in index.search("SEIZURES", 5)] == [3]


def test_numbers_of_one_digit_tell_types_apart(index: LexicalIndex) -> None:
    assert index.search("spinocerebellar ataxia type 2", 1)[0][0] == 1


def test_equal_scores_are_cut_by_row(index: LexicalIndex) -> None:
    assert [row for row, _ in index.search("ataxia", 1)] == [0]
    (first, second) = index.search("ataxia", 2)
    assert (first[0], second[0]) == (0, 1)
    assert first[1] == second[1]


@pytest.mark.parametrize("question", ["", "   ", "the of and", "zyzzyva", "?!", "\udcff"])
def test_questions_without_a_known_word_find_nothing(index: LexicalIndex, question: str) -> None:
    assert index.search(question, 5) == []
    assert index.scores(question, [1, 3]).tolist() == [0, 0]


def test_chosen_rows_have_the_scores_of_their_texts(index: LexicalIndex) -> None:
    first, fourth = index.scores("seizure", [0, 3])
    assert fourth > first
    assert len(index.scores("seizure", [])) == 0


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        LexicalIndex.open(tmp_path)
