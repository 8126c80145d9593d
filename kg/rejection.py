"""Rows of a source that could not be used, each with the place and the reason; the rest is used."""

from collections import Counter
from dataclasses import dataclass, field

_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Rejection:
    """One row that was left out: where it stands (``nodes.tsv line 17``) and why, fit to show to a user."""

    where: str
    reason: str


@dataclass(slots=True)
class Rejections:
    """What a reader left out. All are counted by ``kind``; the first thousand are kept with place and reason."""

    counts: Counter[str] = field(default_factory=Counter)
    kept: list[Rejection] = field(default_factory=list)

    def add(self, kind: str, where: str, reason: str) -> None:
        """Note one row. ``kind`` is a short class of reasons, such as ``unknown prefix`` or ``malformed row``."""
        self.counts[kind] += 1
        if len(self.kept) < _KEPT:
            self.kept.append(Rejection(where, reason))

    def __len__(self) -> int:
        return self.counts.total()
