"""The parts that the ranking is built from."""

import numpy as np
import pytest
from scipy import sparse

from retrieval.described import FindingReader
from retrieval.profiles import propagate
from retrieval.ranking_settings import RankingSettings


@pytest.fixture
def reader() -> FindingReader:
    return FindingReader(
        [
            ("HP:0001250", "Seizure"),
            ("HP:0007359", "Focal-onset seizure"),
            ("HP:0002664", "Neoplasm"),
            ("HP:1", "Tumor"),
        ]
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Seizures begin in infancy.", ["HP:0001250"]),
        ("Focal onset seizures are common, generalised seizures are not.", ["HP:0007359", "HP:0001250"]),
        ("Tumours and a neoplasm", ["HP:1", "HP:0002664"]),
        ("It runs without any seizure.", []),
        ("No tumor was ever seen, but all patients have had a seizure.", ["HP:0001250"]),
        ("", []),
        ("¿? 12", []),
    ],
)
def test_descriptions_are_read_longest_name_first_and_without_the_negated(
    reader: FindingReader, text: str, found: list[str]
) -> None:
    assert list(reader.read(text)) == found


def test_propagation_takes_the_most_frequent_descendant() -> None:
    ancestors = sparse.csr_array(np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 0, 1]], dtype=bool))
    stated = sparse.csr_array(np.array([[0, 0.2, 0.9, 0.5], [0, 0, 0, 0.1], [0, 0, 0, 0]], dtype=np.float32))
    expected = np.array([[0.9, 0.9, 0.9, 0.5], [0.1, 0, 0, 0.1], [0, 0, 0, 0]], dtype=np.float32)
    np.testing.assert_array_equal(propagate(stated, ancestors).toarray(), expected)


def test_propagation_of_nothing_is_nothing() -> None:
    empty = sparse.csr_array(np.zeros((2, 3), dtype=np.float32))
    assert propagate(empty, sparse.csr_array(np.eye(3, dtype=bool))).nnz == 0


def test_settings_are_frozen() -> None:
    with pytest.raises(AttributeError):
        RankingSettings().temperature = 1.0  # type: ignore[misc]  # what is tested
