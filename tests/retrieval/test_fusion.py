"""Fusion of rankings."""

import numpy as np
import pytest

from retrieval.fusion import fuse, rank


def test_rank_puts_equal_scores_in_row_order_before_cutting() -> None:
    rows = np.array([9, 4, 2, 7])
    assert rank(rows, np.array([1.0, 1.0, 1.0, 2.0]), 3) == [(7, 2.0), (2, 1.0), (4, 1.0)]


def test_fusion_is_the_sum_of_reciprocal_ranks() -> None:
    fused = dict(fuse([([(1, 5.0), (2, 4.0)], 1.0), ([(2, 0.9)], 1.0)]))
    assert fused[1] == pytest.approx(1 / 61)
    assert fused[2] == pytest.approx(1 / 62 + 1 / 61)


def test_what_both_rankings_have_beats_what_one_has_first() -> None:
    dense, lexical = [(1, 0.9), (2, 0.8)], [(3, 7.0), (2, 6.0)]
    assert [row for row, _ in fuse([(dense, 1.0), (lexical, 1.0)])] == [2, 1, 3]


def test_weights_count_and_ties_go_by_row() -> None:
    assert [row for row, _ in fuse([([(8, 1.0)], 1.0), ([(5, 1.0)], 1.0)])] == [5, 8]
    assert [row for row, _ in fuse([([(8, 1.0)], 2.0), ([(5, 1.0)], 1.0)])] == [8, 5]


def test_nothing_fused_is_nothing() -> None:
    assert fuse([([], 1.0), ([], 1.0)]) == []
