"""Rerankers: a second, closer look at the few passages that search found."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from .fusion import Vectors


class Reranker(Protocol):
    """Anything that says how well each of a few texts fits a question."""

    @property
    def name(self) -> str:
        """What to call it in a report."""

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """Scores (n_texts,) float32 in the order of the texts; higher is better, comparable within one call only.

        Raises:
            ArchiveUnavailable: its weights are not at hand. It never looks for them elsewhere.
            HashMismatch: its weights are not the pinned ones.
        """


class OverlapReranker:
    """The share of the question's words that a text has: no weights, for tests and as the least that one can do.

    >>> OverlapReranker().scores("long fingers", ["Long thin fingers", "a long day", ""]).tolist()
    [1.0, 0.5, 0.0]
    """

    name = "overlap"

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """Scores (n_texts,) float32 between 0 and 1."""
        asked = set(question.casefold().split())
        shares = [len(asked & set(text.casefold().split())) / max(len(asked), 1) for text in texts]
        return np.array(shares, np.float32)
