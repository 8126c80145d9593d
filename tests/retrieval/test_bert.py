"""The numpy encoder gives the vectors that sentence-transformers gives."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval.bert import BertEncoder, can_run, gelu

TEXTS = ["long thin fingers", "the renal failure of a long word", "", "fingers " * 40, "unknown ümläut"]


WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] long thin finger ##s renal failure of a"

FILES = {
    "config.json": {"model_type": "bert", "hidden_act": "gelu"},
    "1_Pooling/config.json": {"word_embedding_dimension": 24, "pooling_mode_mean_tokens": True},
    "sentence_bert_config.json": {"max_seq_length": 16, "do_lower_case": False},
    "modules.json": [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
    ],
}


def write(folder: Path, changes: Mapping[str, object]) -> Path:
    """The files that describe a model, in the layout of the pinned one."""
    for name, content in {**FILES, **changes}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


@pytest.fixture
def tiny_model(tmp_path: Path) -> Path:
    """A BERT with random weights."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    torch.manual_seed(0)
    vocabulary = {word: place for place, word in enumerate(WORDS.split())}
    sizes: dict[str, Any] = {
        "hidden_size": 24,
        "num_hidden_layers": 2,
        "num_attention_heads": 3,
        "intermediate_size": 48,
    }
    model = BertModel(BertConfig(vocab_size=len(vocabulary), max_position_embeddings=32, **sizes))
    model.save_pretrained(tmp_path)
    BertTokenizer(vocab=vocabulary).save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    return write(tmp_path, {"config.json": config})


@pytest.mark.slow
def test_it_agrees_with_sentence_transformers(tiny_model: Path) -> None:
    from sentence_transformers import SentenceTransformer

    assert can_run(tiny_model)
    expected = SentenceTransformer(str(tiny_model), device="cpu").encode(TEXTS, normalize_embeddings=True)
    assert np.allclose(BertEncoder(tiny_model).encode(TEXTS), expected, atol=1e-5)


def test_gelu_is_exact_to_single_precision() -> None:
    from scipy.special import erf

    values = np.linspace(-12, 12, 4001)
    exact = values / 2 * (1 + erf(values / np.sqrt(2)))
    assert np.abs(gelu(values.astype(np.float32)) - exact).max() < 1e-6
    assert gelu(np.zeros((2, 3), np.float32)).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_a_folder_without_a_model_cannot_be_run(tmp_path: Path) -> None:
    assert not can_run(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"config.json": {"model_type": "mpnet", "hidden_act": "gelu"}},
        {"config.json": {"model_type": "bert", "hidden_act": "relu"}},
        {"1_Pooling/config.json": {"pooling_mode_cls_token": True}},
        {"1_Pooling/config.json": {"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": True}},
        {"modules.json": [{"type": "sentence_transformers.models.Transformer"}]},
    ],
)
def test_other_architectures_are_left_to_sentence_transformers(tmp_path: Path, changes: dict[str, object]) -> None:
    assert can_run(write(tmp_path / "good", {}))
    assert not can_run(write(tmp_path / "other", changes))


def test_files_that_are_no_json_are_left_to_sentence_transformers(tmp_path: Path) -> None:
    (write(tmp_path, {}) / "modules.json").write_text("not json")
    assert not can_run(tmp_path)
