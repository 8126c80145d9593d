"""Hybrid search over passages: by words and by vectors, blended, and the best of them read once more by a reranker."""

import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kg import ArchiveUnavailable, Curie, Description, GraphDamaged, Report, Snapshot, writing_to

from .dense import DenseIndex
from .embedder import Embedder
from .fusion import Ranking, Vectors, blend, rank
from .lexical import LexicalIndex
from .passages import Passage, PassageTable, make_passages
from .rerank import Reranker
from .vectors import CompactVectors, encode_missing, file_name, read_checkpoint, shipped_vectors

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # ships no types

SCHEMA_VERSION = 1
"""Raised whenever a file of the index, or its meaning, changes."""

_MANIFEST, _PASSAGES, _DENSE, _LEXICAL = "manifest.json", "passages.arrow", "dense.faiss", "lexical"


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """How passages are found. Scores are compared in standard deviations among the candidates of one question.

    The ``depth`` best by words and by vectors are the candidates; words have the share ``lexical_share`` of their score
    and vectors the rest. Passages about the question's own concepts gain ``about_bonus``. Of the ``reranked`` best a
    reranker, if there is one, decides the order with the share ``reranker_share``.
    """

    depth: int = 100
    lexical_share: float = 0.4
    about_bonus: float = 3.0
    reranked: int = 20
    reranker_share: float = 0.4


_DEFAULTS = SearchConfig()


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage found for a question. Scores are of one search only; higher is better.

    ``dense_rank`` and ``lexical_rank`` count from 1, ``None`` where that ranking does not have it.
    """

    passage: Passage
    score: float
    dense_rank: int | None
    lexical_rank: int | None


class PassageSearch:
    """A folder that `PassageSearch.build` wrote. Equal questions get equal answers; ties are broken by passage id."""

    def __init__(
        self,
        manifest: Mapping[str, Any],
        passages: PassageTable,
        lexical: LexicalIndex | None,
        dense: DenseIndex | None,
        embedder: Embedder,
        config: SearchConfig,
        reranker: Reranker | None = None,
    ) -> None:
        self.version: str = manifest["kg_version"]
        self.passages = passages
        self._lexical, self._dense, self._embedder, self._config = lexical, dense, embedder, config
        self._reranker = reranker
        self._degraded: str | None = None
        if len(passages) and (dense is None or manifest["encoder"] != embedder.fingerprint):
            self._dense = None
            self._degraded = f"the index has no vectors of the encoder {embedder.name}; words alone were searched"

    @classmethod
    def build(cls, snapshot: Snapshot, folder: Path, embedder: Embedder, vectors: Path, report: Report) -> None:
        """Index the descriptions of ``snapshot``, as `PassageSearch.write` does."""
        cls.write(snapshot.descriptions(), snapshot.version, folder, embedder, vectors, report)

    @classmethod
    def write(
        cls,
        descriptions: Iterable[Description],
        version: str,
        folder: Path,
        embedder: Embedder,
        vectors: Path,
        report: Report,
    ) -> None:
        """Index ``descriptions`` into ``folder``, which appears in one step, whole.

        Precomputed vectors are used; the rest is encoded and kept in the folder ``vectors`` for the next build. If the
        encoder is needed but cannot be had, passages without a vector are found by their words alone.

        Raises:
            CacheNotWritable: a folder is read-only or the disk is full.
        """
        report("cut passages", 0, 1)
        passages = make_passages(descriptions)
        texts = [passage.searchable for passage in passages]
        report("cut passages", 1, 1)
        compact = _vectors_for(texts, embedder, vectors, report)
        with writing_to(folder.parent), tempfile.TemporaryDirectory(dir=folder.parent, prefix=".index-") as name:
            scratch = Path(name) / "index"
            scratch.mkdir()
            _write_indices(passages, texts, compact, scratch, report)
            manifest = {
                "schema": SCHEMA_VERSION,
                "kg_version": version,
                "encoder": embedder.fingerprint,
                "passages": len(passages),
                "encoded": int((compact.rows_of(texts) >= 0).sum()),
            }
            (scratch / _MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(scratch, folder)

    @classmethod
    def open(
        cls,
        folder: Path,
        embedder: Embedder,
        config: SearchConfig = _DEFAULTS,
        reranker: Reranker | None = None,
    ) -> "PassageSearch":
        """The index in ``folder``. Embedder and reranker are not loaded before the first search.

        Raises:
            GraphDamaged: a file is missing, truncated or of another layout.
        """
        try:
            manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
            if manifest["schema"] != SCHEMA_VERSION:
                raise GraphDamaged(folder, f"its index has layout {manifest['schema']}, not {SCHEMA_VERSION}")
            passages = PassageTable.open(folder / _PASSAGES)
            lexical = LexicalIndex.open(folder / _LEXICAL) if manifest["passages"] else None
            dense = DenseIndex.open(folder / _DENSE) if manifest["encoded"] else None
            sizes = [len(part) for part in (passages, lexical, dense) if part is not None]
            if set(sizes) != {manifest["passages"]}:
                raise GraphDamaged(folder, "its indices do not belong together")
            return cls(manifest, passages, lexical, dense, embedder, config, reranker)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GraphDamaged(folder, str(error)) from error

    def __len__(self) -> int:
        return len(self.passages)

    @property
    def degraded(self) -> str | None:
        """Why searches go by words alone, or ``None`` if vectors are used too. Settled by the first search."""
        return self._degraded

    @cached_property
    def _threads(self) -> "ThreadpoolController":
        from threadpoolctl import ThreadpoolController

        return ThreadpoolController()

    def search(self, question: str, k: int, about: Collection[Curie] = ()) -> tuple[ScoredPassage, ...]:
        """The ``k`` best passages, best first. Those about the canonical concepts ``about`` gain ``about_bonus``."""
        with self._threads.limit(limits=1):  # too little work to share: waiting for idle cores costs more
            vector = self._encode(question)
            depth = max(self._config.depth, k)
            by_words = [] if self._lexical is None else self._lexical.search(question, depth)
            by_vectors = [] if vector is None or self._dense is None else self._dense.search(vector, depth)
            own = self.passages.rows_about(about)
            found = self._blended(question, vector, _union(by_words, by_vectors, own), set(own))
            found = self._reranked(question, found)[:k]
        places = [{row: place for place, (row, _) in enumerate(one, start=1)} for one in (by_vectors, by_words)]
        return tuple(
            ScoredPassage(self.passages[row], score, places[0].get(row), places[1].get(row)) for row, score in found
        )

    def _blended(self, question: str, vector: Vectors | None, rows: Sequence[int], own: Collection[int]) -> Ranking:
        """All ``rows`` by their scores, those of ``own`` with the bonus."""
        parts: list[tuple[npt.ArrayLike, float]] = []
        if self._lexical is not None:
            parts.append((self._lexical.scores(question, rows), self._config.lexical_share))
        if vector is not None and self._dense is not None:
            parts.append((self._dense.scores(vector, rows), 1 - self._config.lexical_share))
        if not rows or not parts:
            return []
        bonus = np.array([self._config.about_bonus if row in own else 0.0 for row in rows])
        return rank(np.asarray(rows, np.int64), blend(parts) + bonus, len(rows))

    def _reranked(self, question: str, found: Ranking) -> Ranking:
        """The same rows, the first ones in the order that the reranker helps to find."""
        first = found[: self._config.reranked]
        if self._reranker is None or len(first) < 2:
            return found
        try:
            seen = self._reranker.scores(question, [self.passages[row].searchable for row, _ in first])
        except ArchiveUnavailable:
            self._reranker = None
            return found
        before = [score for _, score in first]
        share = self._config.reranker_share
        after = rank(np.array([row for row, _ in first]), blend([(before, 1 - share), (seen, share)]), len(first))
        return [*((row, score) for (row, _), score in zip(after, before, strict=True)), *found[len(first) :]]

    def _encode(self, question: str) -> Vectors | None:
        """The question's vector, or ``None`` once the encoder has turned out to be missing."""
        if self._degraded is not None or not question.strip():
            return None
        try:
            vector: Vectors = self._embedder.encode([question])[0]
        except ArchiveUnavailable as error:
            self._degraded = f"the encoder {self._embedder.name} is missing, so words alone were searched; {error}"
            return None
        return vector


def _union(by_words: Ranking, by_vectors: Ranking, own: Sequence[int]) -> list[int]:
    return sorted({row for row, _ in (*by_words, *by_vectors)} | set(own))


def _vectors_for(texts: list[str], embedder: Embedder, folder: Path, report: Report) -> CompactVectors:
    shipped, checkpoint = shipped_vectors(embedder), folder / file_name(embedder)
    try:
        return encode_missing(texts, embedder, shipped, checkpoint, report)
    except ArchiveUnavailable:
        return shipped.joined(read_checkpoint(checkpoint, embedder))


def _write_indices(
    passages: tuple[Passage, ...], texts: list[str], vectors: CompactVectors, folder: Path, report: Report
) -> None:
    PassageTable.write(passages, folder / _PASSAGES)
    if not texts:
        return
    report("index words", 0, 1)
    LexicalIndex.write(texts, folder / _LEXICAL)
    report("index words", 1, 1)
    step = f"index vectors ({DenseIndex.required_bytes(len(texts), vectors.codes.shape[1]) >> 20} MB)"
    report(step, 0, 1)
    DenseIndex.write(texts, vectors, folder / _DENSE)
    report(step, 1, 1)
