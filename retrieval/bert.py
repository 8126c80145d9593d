"""A BERT encoder in numpy: the vector of a question without waiting for torch to be imported.

The same weights give the same vectors in sentence-transformers, which encodes the many texts of a build.
Devlin et al. 2019, arXiv:1810.04805; mean pooling after Reimers and Gurevych 2019, arXiv:1908.10084.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .encoders import WEIGHTS
from .fusion import Vectors


def can_run(folder: Path) -> bool:
    """Whether the model in ``folder`` is a BERT whose token vectors are averaged and normalised."""
    try:
        config, pooling, modules = (
            json.loads((folder / name).read_text(encoding="utf-8"))
            for name in ("config.json", "1_Pooling/config.json", "modules.json")
        )
    except (FileNotFoundError, ValueError):
        return False
    is_bert = config.get("model_type") == "bert" and config.get("hidden_act") == "gelu"
    others = any(pooling.get(f"pooling_mode_{mode}") for mode in ("cls_token", "max_tokens", "mean_sqrt_len_tokens"))
    kinds = [module["type"].rsplit(".", 1)[-1] for module in modules]
    is_mean = bool(pooling.get("pooling_mode_mean_tokens")) and not others
    return is_bert and is_mean and kinds == ["Transformer", "Pooling", "Normalize"]


class BertEncoder:
    """Runs a sentence-transformers folder for which `can_run` holds. Texts go through one by one."""

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        sentence = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
        self._heads, self._layers = int(config["num_attention_heads"]), int(config["num_hidden_layers"])
        self._epsilon = float(config["layer_norm_eps"])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(int(sentence["max_seq_length"]))
        self._weights: dict[str, Vectors] = load_file(folder / WEIGHTS)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors (n_texts, dim) float32, one per text in order."""
        return np.stack([self._vector(encoding.ids) for encoding in self._tokenizer.encode_batch(list(texts))])

    def _vector(self, ids: Sequence[int]) -> Vectors:
        words, positions, kinds = (
            self._weights[f"embeddings.{table}_embeddings.weight"] for table in ("word", "position", "token_type")
        )
        states = self._normalised(words[ids] + positions[: len(ids)] + kinds[0], "embeddings.LayerNorm")
        for layer in range(self._layers):
            states = self._layer(states, f"encoder.layer.{layer}")
        mean = states.mean(axis=0)
        vector: Vectors = mean / np.linalg.norm(mean)
        return vector

    def _layer(self, states: Vectors, name: str) -> Vectors:
        attended = self._linear(self._attention(states, f"{name}.attention.self"), f"{name}.attention.output.dense")
        states = self._normalised(states + attended, f"{name}.attention.output.LayerNorm")
        widened = _gelu(self._linear(states, f"{name}.intermediate.dense"))
        return self._normalised(states + self._linear(widened, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _attention(self, states: Vectors, name: str) -> Vectors:
        query, key, value = (
            self._by_head(self._linear(states, f"{name}.{part}")) for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(query.shape[-1]))
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares: Vectors = np.divide(weights, weights.sum(axis=-1, keepdims=True), dtype=np.float32)
        return (shares @ value).transpose(1, 0, 2).reshape(states.shape)

    def _by_head(self, states: Vectors) -> Vectors:
        """(tokens, dim) to (heads, tokens, dim / heads)."""
        return states.reshape(len(states), self._heads, -1).transpose(1, 0, 2)

    def _linear(self, states: Vectors, name: str) -> Vectors:
        product: Vectors = states @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return product

    def _normalised(self, states: Vectors, name: str) -> Vectors:
        centred = states - states.mean(axis=-1, keepdims=True)
        variance = np.square(centred).mean(axis=-1, keepdims=True)
        unit = np.asarray(centred / np.sqrt(variance + np.float32(self._epsilon)), np.float32)
        result: Vectors = unit * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return result


def _gelu(values: Vectors) -> Vectors:
    from scipy.special import erf

    halves = np.asarray(1 + erf(values / np.float32(np.sqrt(2))), np.float32)
    return values * halves * np.float32(0.5)
