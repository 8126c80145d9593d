"""Finds many phrases in the token ids of a document at once."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from spacy.strings import StringStore

T = TypeVar("T")
Words = tuple[str, ...]

Classes = Mapping[int, Sequence[tuple[int, int]]]
"""For a token, the ids of the classes of words that begin there, each with the token behind it."""

Span = tuple[int, int]


class Phrases(Generic[T]):
    """A tree of phrases with a value each. It is made an order of magnitude faster than a spaCy ``PhraseMatcher``.

    A word such as "{relative}" stands for all words of a class, which are found before and given to `find`.
    """

    def __init__(self, strings: "StringStore", rows: Mapping[Words, T]) -> None:
        # Numbers and no nodes, so that the garbage collector has nothing to walk through.
        self._next: dict[tuple[int, int], int] = {}
        self._values: dict[int, T] = {}
        for words, value in rows.items():
            node = 0
            for word in words:
                node = self._next.setdefault((node, strings.add(word)), len(self._next) + 1)
            self._values[node] = value
        self._heads = {token: node for (parent, token), node in self._next.items() if parent == 0}

    def find(self, tokens: Sequence[int], classes: Classes | None = None) -> list[tuple[T, int, int, tuple[Span, ...]]]:
        """Value, start, stop and the places of class words of every phrase, nested ones too, in order of the start."""
        found = []
        for start, token in enumerate(tokens):
            node = self._heads.get(token)
            begun: list[tuple[int, int, tuple[Span, ...]]] = [] if node is None else [(node, start + 1, ())]
            if classes and start in classes:
                begun += [
                    (self._heads[kind], stop, ((start, stop),)) for kind, stop in classes[start] if kind in self._heads
                ]
            while begun:
                node, stop, places = begun.pop()
                if node in self._values:
                    found.append((self._values[node], start, stop, places))
                if stop >= len(tokens):
                    continue
                after = self._next.get((node, tokens[stop]))
                if after is not None:
                    begun.append((after, stop + 1, places))
                if classes and stop in classes:
                    for kind, end in classes[stop]:
                        after = self._next.get((node, kind))
                        if after is not None:
                            begun.append((after, end, (*places, (stop, end))))
        return found
