"""One suite over every embedder. The real one needs its weights in the cache and is marked slow."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from platformdirs import user_cache_path

from kg import ArchiveUnavailable
from retrieval import default_encoder
from retrieval.embedder import Embedder, HashingEmbedder, SentenceTransformerEmbedder

TEXTS = ["long thin fingers", "Marfan syndrome", "", "Ménière’s disease 中文 🫀", "word " * 600, "\udcff"]


@pytest.fixture(params=["hashing", pytest.param("minilm", marks=pytest.mark.slow)])
def embedder(request: pytest.FixtureRequest, callers_world: None) -> Iterator[Embedder]:
    if request.param == "hashing":
        yield HashingEmbedder()
        return
    cache = Path(os.environ.get("CLINIGRAPH_CACHE") or user_cache_path("clinigraph"))
    real = SentenceTransformerEmbedder(default_encoder(), cache)
    try:
        real.encode(["anything"])
    except ArchiveUnavailable as error:
        pytest.skip(f"the encoder is not cached: {error}")
    yield real


def test_vectors_are_of_unit_length_one_a_text(embedder: Embedder) -> None:
    vectors = embedder.encode(TEXTS[:5])
    assert vectors.shape == (5, embedder.dim)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.encode([]).shape == (0, embedder.dim)


def test_a_text_has_one_vector_alone_among_few_and_among_many(embedder: Embedder) -> None:
    alone = embedder.encode([TEXTS[0]])[0]
    assert np.allclose(alone, embedder.encode(TEXTS[:4])[0], atol=1e-5)
    assert np.allclose(alone, embedder.encode([*TEXTS[1:4], *TEXTS[:4], *TEXTS[:4]])[3], atol=1e-5)


def test_alike_texts_lie_closer_than_others(embedder: Embedder) -> None:
    asked, alike, other = embedder.encode(["long fingers", "long, thin fingers", "renal failure"])
    assert asked @ alike > asked @ other


def test_name_and_fingerprint_are_known_without_loading(embedder: Embedder) -> None:
    assert embedder.name
    assert len(embedder.fingerprint) >= 8


def test_half_a_character_does_not_stop_the_fake() -> None:
    assert HashingEmbedder().encode(["\udcff"]).shape == (1, 128)


def test_making_an_embedder_loads_nothing(tmp_path: Path) -> None:
    embedder = SentenceTransformerEmbedder(default_encoder(), tmp_path / "cache")
    assert embedder.fingerprint == default_encoder().weights_sha256
    assert not (tmp_path / "cache").exists()


@pytest.mark.slow
def test_a_question_is_encoded_without_torch(embedder: Embedder) -> None:
    if isinstance(embedder, HashingEmbedder):
        pytest.skip("it never needs torch")
    assert embedder.encode(["What causes Marfan syndrome?"]).shape == (1, embedder.dim)
    assert "sentence_transformers" in sys.modules or "torch" not in sys.modules
