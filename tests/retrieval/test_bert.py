"""The numpy encoder gives the vectors that sentence-transformers gives."""

from pathlib import Path

import numpy as np
import pytest

from retrieval.bert import BertEncoder, can_run

TEXTS = ["long thin fingers", "the renal failure of a long word", "", "fingers " * 40, "unknown ümläut"]


@pytest.fixture
def tiny_model(tmp_path: Path) -> Path:
    """A BERT with random weights, saved by sentence-transformers itself."""
    torch = pytest.importorskip("torch")
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "long",
        "thin",
        "finger",
        "##s",
        "renal",
        "failure",
        "of",
        "a",
    ]
    base = tmp_path / "base"
    base.mkdir()
    (base / "vocab.txt").write_text("\n".join(words))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words), hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=48,
        max_position_embeddings=32,
    )  # fmt: skip
    BertModel(config).save_pretrained(base)
    BertTokenizerFast(vocab_file=str(base / "vocab.txt")).save_pretrained(base)
    modules = [Transformer(str(base), max_seq_length=16), Pooling(24), Normalize()]
    model = SentenceTransformer(modules=modules, device="cpu")
    model.save(str(tmp_path / "model"))
    return tmp_path / "model"


@pytest.mark.slow
def test_it_agrees_with_sentence_transformers(tiny_model: Path) -> None:
    from sentence_transformers import SentenceTransformer

    assert can_run(tiny_model)
    expected = SentenceTransformer(str(tiny_model), device="cpu").encode(TEXTS, normalize_embeddings=True)
    assert np.allclose(BertEncoder(tiny_model).encode(TEXTS), expected, atol=1e-5)


def test_a_folder_without_a_model_cannot_be_run(tmp_path: Path) -> None:
    assert not can_run(tmp_path)


@pytest.mark.parametrize(
    ("config", "pooling"),
    [
        ('{"model_type": "mpnet", "hidden_act": "gelu"}', '{"pooling_mode_mean_tokens": true}'),
        ('{"model_type": "bert", "hidden_act": "relu"}', '{"pooling_mode_mean_tokens": true}'),
        ('{"model_type": "bert", "hidden_act": "gelu"}', '{"pooling_mode_cls_token": true}'),
        ("not json", "{}"),
    ],
)
def test_other_architectures_are_left_to_sentence_transformers(tmp_path: Path, config: str, pooling: str) -> None:
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "config.json").write_text(config)
    (tmp_path / "1_Pooling" / "config.json").write_text(pooling)
    kinds = ("Transformer", "Pooling", "Normalize")
    modules = ", ".join(f'{{"type": "sentence_transformers.models.{kind}"}}' for kind in kinds)
    (tmp_path / "modules.json").write_text(f"[{modules}]")
    assert not can_run(tmp_path)
