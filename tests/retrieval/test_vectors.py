"""Compact vectors: small, keyed by text, made only once."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from kg import ArchiveUnavailable, CacheNotWritable, MalformedSource, silent
from retrieval.embedder import HashingEmbedder
from retrieval.fusion import Vectors
from retrieval.vectors import (
    CompactVectors,
    build_vectors,
    compress,
    decompress,
    encode_missing,
    file_name,
    key_of,
    shipped_vectors,
)

TEXTS = [f"Passage number {n} about condition {n * n}." for n in range(50)]


class CountingEmbedder(HashingEmbedder):
    """Remembers what it was asked, and fails after so many calls."""

    def __init__(self, calls_before_failure: int = 1000) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.left = calls_before_failure

    def encode(self, texts: Sequence[str]) -> Vectors:
        if not self.left:
            raise ArchiveUnavailable("encoder==1", "no network")
        self.left -= 1
        self.asked += texts
        return super().encode(texts)


def made(texts: Sequence[str]) -> CompactVectors:
    embedder = HashingEmbedder()
    return CompactVectors.empty(embedder).with_vectors(texts, embedder.encode(texts))


def test_one_byte_a_dimension_keeps_the_direction() -> None:
    vectors = np.random.default_rng(0).normal(size=(100, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    codes = compress(vectors)
    assert codes.dtype == np.int8
    assert ((decompress(codes) * vectors).sum(axis=1) > 0.9999).all()


def test_nothing_and_zero_survive() -> None:
    assert compress(np.zeros((0, 4), np.float32)).shape == (0, 4)
    assert not decompress(compress(np.zeros((1, 4), np.float32))).any()


def test_vectors_are_found_by_exact_text_and_missing_ones_are_zero() -> None:
    vectors = made(TEXTS)
    found = vectors.vectors_of([TEXTS[3], "unknown", TEXTS[0], TEXTS[3]])
    expected = HashingEmbedder().encode([TEXTS[3], TEXTS[0]])
    assert np.allclose(found[[0, 2]], expected, atol=0.01)
    assert np.array_equal(found[0], found[3])
    assert not found[1].any()
    assert vectors.rows_of([TEXTS[3] + " ", "unknown"]).tolist() == [-1, -1]


def test_a_key_is_the_same_on_every_machine() -> None:
    assert key_of("Marfan syndrome") == 4551132537510747073


def test_equal_vectors_are_equal_files_in_any_order(tmp_path: Path) -> None:
    one, other = made(TEXTS).write(tmp_path / "a.npz"), made(TEXTS[::-1]).write(tmp_path / "b.npz")
    assert one.read_bytes() == other.read_bytes()
    again = CompactVectors.read(one)
    assert again.fingerprint == HashingEmbedder().fingerprint
    assert np.array_equal(again.vectors_of(TEXTS), made(TEXTS).vectors_of(TEXTS))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npz", "b.npz"]


@pytest.mark.parametrize(
    "damage", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"not a zip file"]
)
def test_a_damaged_file_says_so(tmp_path: Path, damage: object) -> None:
    path = made(TEXTS).write(tmp_path / "a.npz")
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]  # one of the lambdas above
    with pytest.raises(MalformedSource, match="vectors file"):
        CompactVectors.read(path)


def test_vectors_of_two_encoders_never_mix() -> None:
    with pytest.raises(ValueError, match="cannot join"):
        made(TEXTS).joined(CompactVectors.empty(HashingEmbedder(64)))


def test_only_what_is_missing_is_encoded_and_each_text_once(tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    vectors = encode_missing([*TEXTS, TEXTS[0]], embedder, made(TEXTS[:40]), tmp_path / "local.npz", silent)
    assert sorted(embedder.asked) == sorted(TEXTS[40:])
    assert (vectors.rows_of(TEXTS) >= 0).all()
    encode_missing(TEXTS, embedder, made(TEXTS[:40]), tmp_path / "local.npz", silent)
    assert len(embedder.asked) == 10


def test_nothing_missing_writes_nothing(tmp_path: Path) -> None:
    encode_missing(TEXTS, CountingEmbedder(0), made(TEXTS), tmp_path / "local.npz", silent)
    assert not list(tmp_path.iterdir())


def test_a_broken_off_run_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.vectors._BATCH", 10)
    checkpoint, nothing = tmp_path / "local.npz", CompactVectors.empty(HashingEmbedder())
    with pytest.raises(ArchiveUnavailable):
        encode_missing(TEXTS, CountingEmbedder(3), nothing, checkpoint, silent)
    embedder = CountingEmbedder()
    encode_missing(TEXTS, embedder, nothing, checkpoint, silent)
    assert len(embedder.asked) == 20


def test_what_is_done_is_put_aside_in_small_files_and_joined_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.vectors._BATCH", 10)
    checkpoint, nothing = tmp_path / "local.npz", CompactVectors.empty(HashingEmbedder())
    with pytest.raises(ArchiveUnavailable):
        encode_missing(TEXTS, CountingEmbedder(3), nothing, checkpoint, silent)
    parts = sorted((tmp_path / "local.parts").glob("*.npz"))
    assert [len(CompactVectors.read(part)) for part in parts] == [10, 10, 10]
    parts[0].write_bytes(b"half a file")
    embedder = CountingEmbedder()
    encode_missing(TEXTS, embedder, nothing, checkpoint, silent)
    assert len(embedder.asked) == 30
    assert [path.name for path in tmp_path.iterdir()] == ["local.npz"]
    assert (CompactVectors.read(checkpoint).rows_of(TEXTS) >= 0).all()


def test_parts_are_joined_even_if_nothing_is_missing_any_more(tmp_path: Path) -> None:
    made(TEXTS).write(tmp_path / "local.parts" / "a.npz")
    encode_missing(TEXTS, CountingEmbedder(0), made(TEXTS[:1]), tmp_path / "local.npz", silent)
    assert len(CompactVectors.read(tmp_path / "local.npz")) == 50
    assert not (tmp_path / "local.parts").exists()


def test_a_damaged_checkpoint_is_made_again(tmp_path: Path) -> None:
    checkpoint = tmp_path / "local.npz"
    checkpoint.write_bytes(b"half a file")
    encode_missing(TEXTS, CountingEmbedder(), CompactVectors.empty(HashingEmbedder()), checkpoint, silent)
    assert len(CompactVectors.read(checkpoint)) == 50


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    nothing = CompactVectors.empty(HashingEmbedder())
    encode_missing(TEXTS, HashingEmbedder(), nothing, tmp_path / "l.npz", lambda *step: steps.append(step))
    assert steps == [("encode passages", 0, 50), ("encode passages", 50, 50)]


def test_the_shipped_file_has_exactly_the_texts_asked_for(tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    path = build_vectors(TEXTS, embedder, tmp_path, silent)
    assert path.name == file_name(embedder)
    build_vectors(TEXTS[5:], embedder, tmp_path, silent)
    assert len(embedder.asked) == 50
    assert (CompactVectors.read(path).rows_of(TEXTS) >= 0).sum() == 45


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(CacheNotWritable, match="file"):
        build_vectors(TEXTS, HashingEmbedder(), blocked, silent)


def test_no_vectors_ship_for_an_encoder_of_ones_own() -> None:
    assert len(shipped_vectors(HashingEmbedder())) == 0
