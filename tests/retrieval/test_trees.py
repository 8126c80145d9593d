"""Trees kept as arrays say what the ones they were made of said."""

import numpy as np
import pytest

from benchmarks.boosting import Boosting, boost, listwise, logistic
from retrieval.trees import Trees, no_trees, trees_from_columns, trees_to_columns


def made_up(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rows = np.random.default_rng(seed).random((n, 4)).astype(np.float32)
    return rows, (rows[:, 0] > 0.5) ^ (rows[:, 1] > 0.5)


def test_trees_learn_what_no_line_can_say() -> None:
    rows, truth = made_up(2000, 0)
    trees = boost(rows, logistic(truth), Boosting(60, step=0.3, leaves=6))
    new, answers = made_up(500, 1)
    assert ((trees.score(new) > 0) == answers).mean() > 0.95


def test_a_row_goes_left_where_its_value_is_at_most_the_split() -> None:
    node = np.array([0, 0, 0, 1, 0], dtype=np.int16)
    split = np.array([0.5, 0, 0, 0.2, 0], dtype=np.float32)
    # node 0 splits on column 0; its left child 1 is a leaf, its right child 3 splits on column 1 into leaves 2 and 4
    left, right = np.array([1, 1, 2, 2, 4], dtype=np.int32), np.array([3, 1, 2, 4, 4], dtype=np.int32)
    value = np.array([0, 1, 2, 0, 4], dtype=np.float32)
    trees = Trees(node, split, left, right, value, np.array([0], dtype=np.int32), 2)
    rows = np.array([[0.5, 9], [0.6, 0.2], [0.6, 0.3]], dtype=np.float32)
    assert trees.score(rows).tolist() == [1, 2, 4]


def test_growing_twice_gives_the_same_trees() -> None:
    rows, truth = made_up(300, 0)
    one, other = (boost(rows, logistic(truth), Boosting(5)) for _ in range(2))
    assert (one.score(rows) == other.score(rows)).all()


def test_the_right_one_of_a_list_comes_first() -> None:
    rows, _ = made_up(3000, 0)
    lists = np.repeat(np.arange(600), 5)
    truth = np.zeros(3000, dtype=np.bool_)
    truth[np.arange(0, 3000, 5) + rows[:, 2].reshape(600, 5).argmax(axis=1)] = True
    truth[:50] = False  # lists without a right row
    trees = boost(rows, listwise(truth, lists), Boosting(60, step=0.3, leaves=8))
    new, _ = made_up(1000, 1)
    best = trees.score(new).reshape(200, 5).argmax(axis=1)
    assert (best == new[:, 2].reshape(200, 5).argmax(axis=1)).mean() > 0.9


def test_trees_go_to_columns_and_back() -> None:
    rows, truth = made_up(300, 0)
    trees = boost(rows, logistic(truth), Boosting(5))
    again = trees_from_columns(trees_to_columns(trees, "some_"), "some_")
    assert (again.score(rows) == trees.score(rows)).all()


@pytest.mark.parametrize("n", [0, 3])
def test_no_trees_add_nothing(n: int) -> None:
    assert no_trees().score(np.ones((n, 2), dtype=np.float32)).tolist() == [0.0] * n
