"""Embedders: texts to unit vectors whose inner product says how alike their meanings are."""

import io
import zlib
from collections.abc import Sequence
from contextlib import redirect_stderr
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from kg import Report, silent

from .encoders import EncoderEntry, encoder_folder, verified_weights
from .fusion import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from .bert import BertEncoder

_FEW = 8
"""Up to so many texts are encoded sooner in numpy than torch takes to be imported."""


class Embedder(Protocol):
    """Anything that turns texts into unit vectors. Equal ``fingerprint`` means equal vectors for equal texts."""

    @property
    def name(self) -> str:
        """What to call it in a report."""

    @property
    def dim(self) -> int:
        """Length of its vectors."""

    @property
    def fingerprint(self) -> str:
        """A hash of all that decides its vectors, known without loading it."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors (n_texts, dim) float32 of unit length, in the order of the texts.

        Raises:
            ArchiveUnavailable: its weights are not at hand and cannot be fetched.
            HashMismatch: its weights are not the pinned ones.
        """


class HashingEmbedder:
    """Counts hashed character trigrams (CRC-32) in ``dim`` signed buckets: no weights, and only spelling is compared.

    >>> vectors = HashingEmbedder().encode(["long fingers", "Long  fingers", "cleft palate"])
    >>> bool(vectors[0] @ vectors[1] > 0.99 > vectors[0] @ vectors[2])
    True
    """

    def __init__(self, dim: int = 128) -> None:
        self.name = f"hashing-{dim}"
        self.dim = dim
        self.fingerprint = f"hashing-1-{dim}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors (n_texts, dim) float32 of unit length, in the order of the texts."""
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            padded = f" {' '.join(text.casefold().split())} "
            for first in range(max(len(padded) - 2, 1)):
                code = zlib.crc32(padded[first : first + 3].encode("utf-8", "replace"))
                vector[(code >> 1) % self.dim] += 1 if code & 1 else -1
            if not vector.any():
                vector[0] = 1
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class SentenceTransformerEmbedder:
    """A pinned sentence-transformers model. Fetched and loaded on first use; on the GPU if there is one.

    A few texts at a time (a question) go through the same weights in numpy, which spares the import of torch.
    """

    def __init__(self, entry: EncoderEntry, cache: Path, report: Report = silent) -> None:
        self._entry, self._cache, self._report = entry, cache, report
        self.name = entry.id
        self.dim = entry.dim
        self.fingerprint = entry.weights_sha256

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors (n_texts, dim) float32 of unit length, in the order of the texts.

        Raises:
            ArchiveUnavailable: the weights are not cached and cannot be fetched.
            HashMismatch: the weights are not the pinned ones.
            MalformedSource: the archive has no such model.
            CacheNotWritable: there is no room to unpack the weights.
        """
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        if len(texts) <= _FEW and self._light is not None:
            return self._light.encode(texts)
        encoded = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(encoded, dtype=np.float32)

    @cached_property
    def _folder(self) -> Path:
        folder = encoder_folder(self._entry, self._cache, self._report)
        verified_weights(self._entry, folder)
        return folder

    @cached_property
    def _light(self) -> "BertEncoder | None":
        from .bert import BertEncoder, can_run

        return BertEncoder(self._folder) if can_run(self._folder) else None

    @cached_property
    def _model(self) -> "SentenceTransformer":
        folder = self._folder
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        with redirect_stderr(io.StringIO()):  # a bar of its own while loading
            return SentenceTransformer(str(folder), local_files_only=True)
