"""Dense search."""

from pathlib import Path

import numpy as np
import pytest

from retrieval.dense import DenseIndex
from retrieval.embedder import HashingEmbedder
from retrieval.fusion import Vectors
from retrieval.vectors import CompactVectors

TEXTS = ["arachnodactyly", "long thin fingers", "seizure", "long thin fingers", "cleft palate"]


@pytest.fixture
def index(tmp_path: Path) -> DenseIndex:
    embedder = HashingEmbedder()
    known = [text for text in TEXTS if text != "seizure"]
    vectors = CompactVectors.empty(embedder).with_vectors(known, embedder.encode(known))
    DenseIndex.write(TEXTS, vectors, tmp_path / "dense.faiss")
    return DenseIndex.open(tmp_path / "dense.faiss")


def vector(text: str) -> Vectors:
    (found,) = HashingEmbedder().encode([text])
    return np.asarray(found)


def test_it_knows_its_shape(index: DenseIndex) -> None:
    assert (len(index), index.dim) == (len(TEXTS), 128)


def test_the_nearest_comes_first_by_cosine_and_twins_by_row(index: DenseIndex) -> None:
    found = index.search(vector("long thin fingers"), 3)
    assert [row for row, _ in found][:2] == [1, 3]
    assert found[0][1] == pytest.approx(1, abs=1e-3)
    assert [row for row, _ in index.search(vector("long thin fingers"), 1)] == [1]


def test_a_text_without_a_vector_is_never_found(index: DenseIndex) -> None:
    assert 2 not in [row for row, _ in index.search(vector("seizure"), 5)]


def test_asking_for_more_than_there_is_gives_what_there_is(index: DenseIndex) -> None:
    assert 1 <= len(index.search(vector("long"), 100)) <= len(TEXTS)


def test_chosen_rows_have_the_cosines_of_their_texts(index: DenseIndex) -> None:
    arachnodactyly, palate, none = index.scores(vector("cleft palate"), [0, 4, 2])
    assert palate == pytest.approx(1, abs=1e-3)
    assert palate > arachnodactyly
    assert none == 0
    assert len(index.scores(vector("cleft palate"), [])) == 0


@pytest.mark.parametrize("content", [b"", b"not an index", b"IxSQ" + b"\0" * 9])
def test_a_damaged_file_is_no_index(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "dense.faiss"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="dense"):
        DenseIndex.open(path)


def test_the_memory_that_building_needs_is_known_before() -> None:
    assert DenseIndex.required_bytes(100_000, 384) == 2 * 38_400_000 + 4 * 8192 * 384
    assert DenseIndex.required_bytes(1_000_000, 384) < 600_000_000


def test_many_vectors_are_parted_into_cells_and_still_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.dense.EXACT_LIMIT", 1000)
    embedder, texts = HashingEmbedder(32), [f"finding number {number}" for number in range(1600)]
    DenseIndex.write(
        texts, CompactVectors.empty(embedder).with_vectors(texts, embedder.encode(texts)), tmp_path / "dense.faiss"
    )
    index = DenseIndex.open(tmp_path / "dense.faiss")
    asked = [3, 777, 1599]
    vectors = embedder.encode([texts[row] for row in asked])
    assert len(index) == 1600
    assert [index.search(vector, 1)[0][0] for vector in vectors] == asked
    assert index.scores(vectors[1], asked)[1] == pytest.approx(1, abs=0.02)
    assert (tmp_path / "dense.faiss").stat().st_size < 1600 * (32 + 32)
