"""Lexical search: the passages that share rare words with the question."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .fusion import Ranking, rank

if TYPE_CHECKING:
    import bm25s

_WORD = r"(?u)\b\w+\b"  # single characters too: "type 1" is not "type 2"


class LexicalIndex:
    """BM25 over English stems in memory-mapped files; row numbers are those of the texts.

    Lù 2024, arXiv:2407.03618, with the term weights of Lucene (Kamphuis et al. 2020).
    """

    def __init__(self, model: "bm25s.BM25") -> None:
        import Stemmer

        self._model = model
        self._stemmer = Stemmer.Stemmer("english")

    @classmethod
    def write(cls, texts: Sequence[str], folder: Path) -> None:
        """Index ``texts`` into a folder."""
        import bm25s
        import Stemmer

        model = bm25s.BM25(method="lucene")
        model.index(_tokens(texts, Stemmer.Stemmer("english")), show_progress=False)
        model.save(str(folder), show_progress=False)

    @classmethod
    def open(cls, folder: Path) -> "LexicalIndex":
        """The index in a folder.

        Raises:
            OSError: a file is missing.
            ValueError: a file is truncated or no index.
            KeyError: a parameter is missing.
        """
        import bm25s

        return cls(bm25s.BM25.load(str(folder), mmap=True, show_progress=False))

    def __len__(self) -> int:
        return int(self._model.scores["num_docs"])

    def search(self, question: str, k: int) -> Ranking:
        """The ``k`` rows with the highest BM25 score; rows without a word of the question are left out."""
        scores = self._scores(question)
        rows = np.flatnonzero(scores > 0)
        if len(rows) > k:
            edge = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
            rows = rows[scores[rows] >= edge]
        return rank(rows, scores[rows], k)

    def scores(self, question: str, rows: Sequence[int]) -> npt.NDArray[np.float32]:
        """BM25 scores (n_rows,) float32 of ``rows``, 0 for those without a word of the question."""
        found: npt.NDArray[np.float32] = self._scores(question)[np.asarray(rows, np.int64)]
        return found

    def _scores(self, question: str) -> Any:
        words = _tokens([question], self._stemmer)[0]
        return self._model.get_scores_from_ids(self._model.get_tokens_ids(words))


def _tokens(texts: Sequence[str], stemmer: Any) -> list[list[str]]:
    import bm25s

    tokens: list[list[str]] = bm25s.tokenize(
        list(texts), token_pattern=_WORD, stopwords="en", stemmer=stemmer, return_ids=False, show_progress=False
    )
    return tokens
