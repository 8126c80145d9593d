"""Identifiers of concepts in another vocabulary: what a MeSH or OMIM coder would write down."""

from collections.abc import Sequence
from functools import lru_cache

from kg import Curie, Snapshot

from .errors import RetrievalError


class NoVocabulary(RetrievalError):
    """A coder was asked for without a vocabulary to code in."""

    def __init__(self) -> None:
        super().__init__("name at least one vocabulary to code in, such as MESH")


class Coder:
    """Codes concepts in some vocabularies. Holds a snapshot; ``prefixes`` are in order of preference."""

    def __init__(self, snapshot: Snapshot, prefixes: Sequence[str]) -> None:
        if not prefixes:
            raise NoVocabulary
        self._snapshot = snapshot
        self._prefixes = tuple(prefixes)
        self.code = lru_cache(maxsize=1 << 16)(self._code)
        """The identifier of a concept and how many steps away it was found: its own or a fused one (0), a
        cross-reference (1), or the nearest ancestor's (more)."""

    def _code(self, curie: Curie) -> tuple[Curie, int] | None:
        level, seen, steps = [curie], {curie}, 0
        while level:
            codes = [(own + steps, code) for concept in level for own, code in self._own(concept)]
            if codes:
                best = min(codes, key=lambda pair: pair[0])
                return best[1], best[0]
            parents = {parent for concept in level for parent in self._snapshot.parents(concept)} - seen
            seen |= parents
            level, steps = sorted(parents), steps + 2
        return None

    def _own(self, curie: Curie) -> list[tuple[int, Curie]]:
        concept = self._snapshot.concept(curie)
        ids = ((0, (concept.curie, *sorted(concept.equivalents))), (1, tuple(sorted(concept.xrefs))))
        return [
            (step, code)
            for prefix in self._prefixes
            for step, codes in ids
            for code in codes
            if code.startswith(prefix + ":")
        ]
