"""Rankings, and the blend of scores."""

import numpy as np
import pytest

from retrieval.fusion import blend, rank, standardised


def test_rank_puts_equal_scores_in_row_order_before_cutting() -> None:
    rows = np.array([9, 4, 2, 7])
    assert rank(rows, np.array([1.0, 1.0, 1.0, 2.0]), 3) == [(7, 2.0), (2, 1.0), (4, 1.0)]


def test_standardised_scores_have_no_scale() -> None:
    scores = np.array([3.0, 1.0, 8.0, 2.0])
    assert standardised(scores) == pytest.approx(standardised(100 * scores - 7))
    assert standardised(scores).mean() == pytest.approx(0)
    assert standardised(scores).std() == pytest.approx(1)


@pytest.mark.parametrize("scores", [[], [4.0], [2.0, 2.0, 2.0]])
def test_scores_that_tell_nothing_apart_are_zeros(scores: list[float]) -> None:
    assert standardised(scores).tolist() == [0.0] * len(scores)


def test_one_part_alone_decides() -> None:
    assert blend([([1.0, 3.0, 2.0], 0.2)]) == pytest.approx(standardised([1.0, 3.0, 2.0]))


def test_what_one_part_cannot_tell_the_other_decides() -> None:
    assert np.argmax(blend([([5.0, 5.0, 5.0], 0.9), ([0.1, 0.2, 0.9], 0.1)])) == 2


def test_a_clear_first_beats_two_that_are_close() -> None:
    lexical, dense = [9.0, 2.0, 1.0], [0.50, 0.51, 0.10]
    assert np.argmax(blend([(lexical, 0.5), (dense, 0.5)])) == 0


def test_weights_count() -> None:
    one, other = [1.0, 0.0], [0.0, 1.0]
    assert np.argmax(blend([(one, 2.0), (other, 1.0)])) == 0
    assert np.argmax(blend([(one, 1.0), (other, 2.0)])) == 1
