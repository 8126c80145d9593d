"""BERT in numpy: the vector of a question, or the states of its tokens, without waiting for torch to be imported.

The same weights give the same vectors in sentence-transformers, which encodes the many texts of a build.
Devlin et al. 2019, arXiv:1810.04805; mean pooling after Reimers and Gurevych 2019, arXiv:1908.10084.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .encoders import WEIGHTS
from .fusion import Vectors

_SQRT_HALF = np.float32(np.sqrt(0.5))
_ERF_SCALE = np.float32(0.3275911)
_ERF_FACTORS = np.array([1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592], np.float32)

_OLD_NAMES = {".LayerNorm.gamma": ".LayerNorm.weight", ".LayerNorm.beta": ".LayerNorm.bias"}


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
        sentence = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
        self._bert = BertLayers(folder, int(sentence["max_seq_length"]))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors (n_texts, dim) float32, one per text in order."""
        means = np.stack([self._bert.states(ids).mean(axis=0) for ids in self._bert.tokens(texts)])
        vectors: Vectors = means / np.linalg.norm(means, axis=1, keepdims=True)
        return vectors


class BertLayers:
    """The layers of a BERT with exact GELU. ``max_tokens`` is where texts are cut, special tokens included."""

    def __init__(self, folder: Path, max_tokens: int) -> None:
        from tokenizers import Tokenizer

        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self._heads, self._layers = int(config["num_attention_heads"]), int(config["num_hidden_layers"])
        self._epsilon = np.float32(config["layer_norm_eps"])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)
        self.weights = _read_weights(folder / WEIGHTS)

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """The token ids of each text, special tokens included."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]

    def states(self, ids: Sequence[int]) -> Vectors:
        """States (tokens, dim) of one text after the last layer."""
        words, positions, kinds = (
            self.weights[f"embeddings.{table}_embeddings.weight"] for table in ("word", "position", "token_type")
        )
        states = self.normalised(words[ids] + positions[: len(ids)] + kinds[0], "embeddings.LayerNorm")
        for layer in range(self._layers):
            states = self._layer(states, f"encoder.layer.{layer}")
        return states

    def linear(self, states: Vectors, name: str) -> Vectors:
        """States (tokens, out) after the affine map ``name``."""
        product: Vectors = states @ self.weights[f"{name}.weight"].T
        product += self.weights[f"{name}.bias"]
        return product

    def normalised(self, states: Vectors, name: str) -> Vectors:
        """States (tokens, dim) after the layer normalisation ``name``."""
        centred = states - states.mean(axis=-1, keepdims=True)
        variance = np.square(centred).mean(axis=-1, keepdims=True)
        centred /= np.sqrt(variance + self._epsilon)
        result: Vectors = centred * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
        return result

    def _layer(self, states: Vectors, name: str) -> Vectors:
        attended = self.linear(self._attention(states, f"{name}.attention.self"), f"{name}.attention.output.dense")
        states = self.normalised(states + attended, f"{name}.attention.output.LayerNorm")
        widened = gelu(self.linear(states, f"{name}.intermediate.dense"))
        return self.normalised(states + self.linear(widened, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _attention(self, states: Vectors, name: str) -> Vectors:
        query, key, value = (self._by_head(self.linear(states, f"{name}.{part}")) for part in ("query", "key", "value"))
        scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(query.shape[-1]))
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares: Vectors = np.divide(weights, weights.sum(axis=-1, keepdims=True), dtype=np.float32)
        return (shares @ value).transpose(1, 0, 2).reshape(states.shape)

    def _by_head(self, states: Vectors) -> Vectors:
        """(tokens, dim) to (heads, tokens, dim / heads)."""
        return states.reshape(len(states), self._heads, -1).transpose(1, 0, 2)


def gelu(values: Vectors) -> Vectors:
    """GELU (Hendrycks and Gimpel 2016, arXiv:1606.08415), exact to single precision.

    The error function by formula 7.1.26 of Abramowitz and Stegun 1964 (error below 1.5e-7) takes a third of the time
    that scipy's needs for single precision, and most of a layer's time is spent here.
    """
    size = np.abs(values)
    size *= _SQRT_HALF
    inverse = 1 / (1 + _ERF_SCALE * size)
    tail = inverse * _ERF_FACTORS[0]
    for factor in _ERF_FACTORS[1:]:
        tail += factor
        tail *= inverse
    tail *= np.exp(-np.square(size))  # 1 - erf(size)
    tail *= size
    result: Vectors = np.maximum(values, 0)
    result -= _SQRT_HALF * tail
    return result


def _read_weights(path: Path) -> Mapping[str, Vectors]:
    """The tensors of a file by their names in a bare BERT, whatever the model around it and its age."""
    from safetensors.numpy import load_file

    weights = {}
    for name, tensor in load_file(path).items():
        for old, new in _OLD_NAMES.items():
            name = name.replace(old, new)
        weights[name.removeprefix("bert.")] = tensor
    return weights
