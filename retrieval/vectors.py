"""Compact vectors: one signed byte per dimension, keyed by the text, for one encoder.

A unit vector is scaled so that its largest component becomes ±127 and rounded. The scale needs no room, since decoding
makes the length 1 again.
"""

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kg import MalformedSource, Report, writing_to

from .embedder import Embedder
from .fusion import Vectors

_BATCH = 256
"""Texts encoded before they are put on disk: at most a minute of work is lost."""

_LARGEST = np.float32(127)

Codes = npt.NDArray[np.int8]
Keys = npt.NDArray[np.uint64]


def key_of(text: str) -> int:
    """64 bits of the BLAKE2b hash of exactly this text."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def compress(vectors: Vectors) -> Codes:
    """Codes (n, dim) int8 of unit vectors (n, dim)."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    codes: Codes = np.rint(vectors * (_LARGEST / np.where(largest == 0, 1, largest))).astype(np.int8)
    return codes


def decompress(codes: Codes) -> Vectors:
    """Unit vectors (n, dim) float32 of codes; a row of zeros stays zero."""
    vectors = codes.astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.where(lengths == 0, 1, lengths)
    return vectors


@dataclass(frozen=True, slots=True, eq=False)
class CompactVectors:
    """``codes[i]`` (n, dim) int8 belongs to the text with ``keys[i]``; keys (n,) uint64 are sorted and unique."""

    fingerprint: str
    keys: Keys
    codes: Codes

    def __post_init__(self) -> None:
        if self.keys.shape != self.codes.shape[:1] or self.codes.ndim != 2:
            raise ValueError(f"{self.keys.shape} keys do not fit codes of shape {self.codes.shape}")

    @classmethod
    def empty(cls, embedder: Embedder) -> "CompactVectors":
        """No vectors yet."""
        return cls(embedder.fingerprint, np.zeros(0, np.uint64), np.zeros((0, embedder.dim), np.int8))

    @classmethod
    def read(cls, path: Path) -> "CompactVectors":
        """The vectors in a file.

        Raises:
            FileNotFoundError: there is no such file.
            MalformedSource: it is truncated or holds something else.
        """
        try:
            with np.load(path, allow_pickle=False) as arrays:
                return cls(str(arrays["fingerprint"]), arrays["keys"], arrays["codes"])
        except FileNotFoundError:
            raise
        except (OSError, EOFError, ValueError, KeyError, AttributeError, zipfile.BadZipFile) as error:
            raise MalformedSource("vectors", path.name, str(error)) from error

    def write(self, path: Path) -> Path:
        """Put the vectors into a file, in one step; equal vectors give equal bytes.

        Raises:
            CacheNotWritable: the folder is read-only or the disk is full.
        """
        with writing_to(path.parent), tempfile.TemporaryDirectory(dir=path.parent, prefix=".vectors-") as scratch:
            fresh = Path(scratch) / "fresh.npz"
            np.savez(fresh, fingerprint=np.array(self.fingerprint), keys=self.keys, codes=self.codes)
            os.replace(fresh, path)
        return path

    def __len__(self) -> int:
        return len(self.keys)

    def rows_of(self, texts: Iterable[str]) -> npt.NDArray[np.int64]:
        """The row of each text (n_texts,), -1 where it has no vector."""
        wanted = np.fromiter(map(key_of, texts), np.uint64)
        if not len(self):
            return np.full(len(wanted), -1)
        rows = np.searchsorted(self.keys, wanted).clip(max=len(self) - 1)
        return np.where(self.keys[rows] == wanted, rows, -1)

    def vectors_of(self, texts: Iterable[str]) -> Vectors:
        """Unit vectors (n_texts, dim) float32, zeros where a text has none."""
        rows = self.rows_of(texts)
        codes = np.zeros((len(rows), self.codes.shape[1]), np.int8)
        codes[rows >= 0] = self.codes[rows[rows >= 0]]
        return decompress(codes)

    def with_vectors(self, texts: Sequence[str], vectors: Vectors) -> "CompactVectors":
        """These vectors and those of more texts."""
        keys = np.fromiter(map(key_of, texts), np.uint64, len(texts))
        return self._joined([keys], [compress(vectors)])

    def joined(self, *others: "CompactVectors") -> "CompactVectors":
        """The vectors of all, which must be of one encoder. The first that has a text gives its vector."""
        for other in others:
            if other.fingerprint != self.fingerprint:
                raise ValueError(f"vectors of {other.fingerprint} cannot join those of {self.fingerprint}")
        return self._joined([other.keys for other in others], [other.codes for other in others])

    def only(self, texts: Iterable[str]) -> "CompactVectors":
        """The vectors of these texts alone, as far as they are here."""
        rows = np.unique(self.rows_of(texts))
        rows = rows[rows >= 0]
        return CompactVectors(self.fingerprint, self.keys[rows], self.codes[rows])

    def _joined(self, keys: Sequence[Keys], codes: Sequence[Codes]) -> "CompactVectors":
        unique, first = np.unique(np.concatenate([self.keys, *keys]), return_index=True)
        return CompactVectors(self.fingerprint, unique, np.concatenate([self.codes, *codes])[first])


def shipped_vectors(embedder: Embedder) -> CompactVectors:
    """The precomputed vectors in ``data/vectors`` for this encoder, or none.

    Raises:
        MalformedSource: the shipped file cannot be read.
    """
    with resources.as_file(resources.files("data") / "vectors" / file_name(embedder)) as path:
        try:
            return CompactVectors.read(path)
        except FileNotFoundError:
            return CompactVectors.empty(embedder)


def file_name(embedder: Embedder) -> str:
    """The name of the file with the vectors of one encoder."""
    return f"{embedder.name}-{embedder.fingerprint[:16]}.npz"


def read_checkpoint(path: Path, embedder: Embedder) -> CompactVectors:
    """The vectors in a file and those that a killed run left beside it.

    What is damaged, or of another encoder, counts as none and will be replaced.
    """
    found = [_read_part(part, embedder) for part in (path, *sorted(_parts_folder(path).glob("*.npz")))]
    return CompactVectors.empty(embedder).joined(*found)


def _read_part(path: Path, embedder: Embedder) -> CompactVectors:
    try:
        vectors = CompactVectors.read(path)
    except (FileNotFoundError, MalformedSource):
        return CompactVectors.empty(embedder)
    same = vectors.fingerprint == embedder.fingerprint and vectors.codes.shape[1] == embedder.dim
    return vectors if same else CompactVectors.empty(embedder)


def _parts_folder(checkpoint: Path) -> Path:
    return checkpoint.with_suffix(".parts")


def encode_missing(
    texts: Iterable[str], embedder: Embedder, known: CompactVectors, checkpoint: Path, report: Report
) -> CompactVectors:
    """The vectors of ``known``, of the file ``checkpoint`` and of all ``texts`` that both lack.

    New vectors are put into small files beside ``checkpoint`` as they are made and added to it in the end, so that a
    killed run goes on where it was and what was done is not written again and again. Nothing is written and the encoder
    is not loaded if nothing is missing. Texts are encoded shortest first, which wastes least padding.

    Raises:
        ArchiveUnavailable: something is missing and the encoder's weights cannot be had.
        CacheNotWritable: the checkpoint cannot be written.
    """
    before = read_checkpoint(checkpoint, embedder)
    missing = _missing(texts, known, before)
    parts = []
    for first in range(0, len(missing), _BATCH):
        report("encode passages", first, len(missing))
        batch = missing[first : first + _BATCH]
        part = CompactVectors.empty(embedder).with_vectors(batch, embedder.encode(batch))
        part.write(_parts_folder(checkpoint) / f"{key_of(batch[0]):016x}.npz")
        parts.append(part)
    if missing:
        report("encode passages", len(missing), len(missing))
    return known.joined(_merged(checkpoint, before.joined(*parts)))


def _missing(texts: Iterable[str], *known: CompactVectors) -> list[str]:
    """The texts that none of ``known`` has, once each, shortest first."""
    unique = list(dict.fromkeys(texts))
    lacking = np.logical_and.reduce([vectors.rows_of(unique) < 0 for vectors in known])
    return sorted((unique[row] for row in np.flatnonzero(lacking)), key=lambda text: (len(text), text))


def _merged(checkpoint: Path, vectors: CompactVectors) -> CompactVectors:
    """``vectors``, now in the file ``checkpoint`` if parts of them lay beside it; the parts are removed after that."""
    folder = _parts_folder(checkpoint)
    if any(folder.glob("*.npz")):
        vectors.write(checkpoint)
        with writing_to(folder):
            shutil.rmtree(folder)
    return vectors


def build_vectors(texts: Sequence[str], embedder: Embedder, folder: Path, report: Report) -> Path:
    """Write the file that ships: the vectors of exactly these texts. What is in ``folder`` already is used again.

    Raises:
        ArchiveUnavailable: the encoder's weights cannot be had.
        CacheNotWritable: the folder cannot be written.
    """
    path = folder / file_name(embedder)
    nothing = CompactVectors.empty(embedder)
    return encode_missing(texts, embedder, nothing, path, report).only(texts).write(path)
