"""Identifiers of concepts in another vocabulary: what a MeSH or OMIM coder would write down."""

from collections.abc import Sequence
from functools import lru_cache

from kg import Curie, Snapshot

from .errors import RetrievalError

_FARTHEST = 6  # steps


class NoVocabulary(RetrievalError):
    """A coder was asked for without a vocabulary to code in."""

    def __init__(self) -> None:
        super().__init__("name at least one vocabulary to code in, such as MESH")


class Coder:
    """Codes concepts in some vocabularies. Holds a snapshot; ``prefixes`` are in order of preference."""

    def __init__(self, snapshot: Snapshot, prefixes: Sequence[str]) -> None:
        if not prefixes:
            raise NoVocabulary
        self.snapshot = snapshot
        self._prefixes = tuple(f"{prefix}:" for prefix in prefixes)
        self.codes = lru_cache(maxsize=1 << 16)(self._codes)
        """The identifiers of a concept, each with how many steps away it was found: its own or a fused one (0), a
        cross-reference (1), or, where it has neither, the nearest ancestor's (more). The nearest come first, then those
        of the preferred vocabulary."""

    def _codes(self, curie: Curie) -> tuple[tuple[Curie, int], ...]:
        level, seen, steps = [curie], {curie}, 0
        while level and steps <= _FARTHEST:
            found: dict[Curie, int] = {}
            for concept in level:
                for own, code in self._own(concept):
                    found[code] = min(found.get(code, steps + own), steps + own)
            if found:
                return tuple(sorted(found.items(), key=lambda pair: (pair[1], self._preference(pair[0]), pair[0])))
            parents = {parent for concept in level for parent in self.snapshot.parents(concept)} - seen
            seen |= parents
            level, steps = sorted(parents), steps + 2
        return ()

    def _preference(self, code: Curie) -> int:
        return next(at for at, prefix in enumerate(self._prefixes) if code.startswith(prefix))

    def _own(self, curie: Curie) -> list[tuple[int, Curie]]:
        concept = self.snapshot.concept(curie)
        ids = ((0, (concept.curie, *concept.equivalents)), (1, concept.xrefs))
        return [(step, code) for step, codes in ids for code in codes if code.startswith(self._prefixes)]
