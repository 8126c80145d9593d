"""A reranker that reads passages through a sparse language model trained to find answers, in numpy.

A text becomes weights over the vocabulary: of its own words and of words that its answers or questions would use. The
score is the inner product of question and passage. Only the words of the question count, so a passage needs no more
than these few columns of the vocabulary. Formal et al. 2021, arXiv:2109.10086 (max pooling).
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kg import Report, silent

from .bert import BertLayers, gelu
from .encoders import EncoderEntry, cached_encoder_folder, encoder_folder, verified_weights
from .fusion import Vectors

MAX_TOKENS = 256
"""Texts are cut there."""

_HEAD = "cls.predictions"


class SpladeReranker:
    """A pinned SPLADE model. Its weights are read on first use, and fetched by nothing but `SpladeReranker.fetch`."""

    def __init__(self, entry: EncoderEntry, cache: Path) -> None:
        self._entry, self._cache = entry, cache
        self.name = entry.id

    def fetch(self, report: Report = silent) -> None:
        """Bring the weights into the cache, if they are not there.

        Raises:
            ArchiveUnavailable: they cannot be fetched.
            HashMismatch: what was fetched is not the pinned archive.
            CacheNotWritable: there is no room for them.
        """
        encoder_folder(self._entry, self._cache, report)

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """Scores (n_texts,) float32, 0 for a text that shares nothing with the question.

        Raises:
            ArchiveUnavailable: the weights are not in the cache.
            HashMismatch: the weights are not the pinned ones.
            MalformedSource: the archive has no such model.
        """
        asked, *read = self._bert.tokens([question, *texts])
        logits = self._states(asked) @ self._vocabulary.T + self._bert.weights[f"{_HEAD}.bias"]
        weights = _saturated(logits.max(axis=0))
        terms = np.flatnonzero(weights)
        return np.array([self._weights_of(terms, ids) @ weights[terms] for ids in read], np.float32)

    @cached_property
    def _bert(self) -> BertLayers:
        folder = cached_encoder_folder(self._entry, self._cache)
        verified_weights(self._entry, folder)
        return BertLayers(folder, MAX_TOKENS)

    @property
    def _vocabulary(self) -> Vectors:
        """(words, dim): the output embeddings are the input embeddings."""
        return self._bert.weights["embeddings.word_embeddings.weight"]

    def _states(self, ids: Sequence[int]) -> Vectors:
        """States (tokens, dim) that are compared with the vocabulary."""
        states = gelu(self._bert.linear(self._bert.states(ids), f"{_HEAD}.transform.dense"))
        return self._bert.normalised(states, f"{_HEAD}.transform.LayerNorm")

    def _weights_of(self, terms: npt.NDArray[np.intp], ids: Sequence[int]) -> Vectors:
        """Weights (n_terms,) of some words of the vocabulary in one text."""
        logits = self._states(ids) @ self._vocabulary[terms].T
        return _saturated(logits.max(axis=0) + self._bert.weights[f"{_HEAD}.bias"][terms])


def _saturated(logits: Vectors) -> Vectors:
    weights: Vectors = np.log1p(np.maximum(logits, 0))
    return weights
