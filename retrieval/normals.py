"""Findings that a text excludes by calling a part or a function of the body normal."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from kg import Category

from .assertion import AssertionReader, Status
from .batches import link_together
from .doc_data import LINKING_KEY
from .linker import ConceptLinker, Link, Linking

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

Judged = tuple[Link, Status]
Phrase = tuple[int, int]
"""A range of tokens."""

NORMAL_SCORE = 0.7

_PHENOTYPES = Linking(categories=frozenset({Category.PHENOTYPE}))
_PHRASE_WORDS = 3
_CACHED_PHRASES = 2_000


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, list[str]]:
    tables = tomllib.loads(files("retrieval").joinpath("normal_words.toml").read_text("utf-8"))
    return {name: table["words"] for name, table in tables.items()}


class NormalReader:
    """Reads "hearing is normal", "normal gait" as the absence of an abnormality of it, where the graph has that."""

    def __init__(self, vocab: "Vocab", linker: ConceptLinker, assertion: AssertionReader) -> None:
        tables = _tables()
        self._vocab = vocab
        self._linker = linker
        self._assertion = assertion
        self._words = np.array([vocab.strings.add(word) for word in tables["normal"]], dtype=np.uint64)
        self._joints, self._borders = frozenset(tables["joints"]), frozenset(tables["borders"])
        self._patterns = tables["patterns"]
        self._known: dict[str, Link | None] = {}

    def read(self, doc: "Doc") -> list[Judged]:
        """The abnormalities that ``doc`` excludes by calling their place normal."""
        at_normal = np.flatnonzero(np.isin(doc.to_array("LOWER"), self._words)).tolist()
        if not at_normal:
            return []
        places = [(at, (*self._before(doc, at), *self._after(doc, at))) for at in at_normal]
        words = {phrase: " ".join(t.lower_ for t in doc[slice(*phrase)]) for _, phrases in places for phrase in phrases}
        self._look_up(set(words.values()))
        found = [link for at, phrases in places if (link := self._link(at, phrases, words)) is not None]
        statuses = self._assertion.statuses(doc, [(link.start, link.stop) for link in found])
        return [
            (link, replace(status, negated=True, possible=False))
            for link, status in zip(found, statuses, strict=True)
            if not status.negated
        ]

    def _link(self, at: int, phrases: Sequence[Phrase], words: Mapping[Phrase, str]) -> Link | None:
        for start, stop in phrases:
            known = self._known.get(words[start, stop])
            if known is not None:
                first, last = min(start, at), max(stop, at + 1)
                return replace(known, start=first, stop=last, own=(first, last), n_words=last - first)
        return None

    def _before(self, doc: "Doc", at: int) -> Iterator[Phrase]:
        """Phrases that end before "is normal", the longest first."""
        stop = at
        while stop and doc[stop - 1].lower_ in self._joints:
            stop -= 1
        start = stop
        while start and stop - start < _PHRASE_WORDS and self._continues(doc, start - 1):
            start -= 1
        if stop < at:
            yield from ((first, stop) for first in range(start, stop))

    def _after(self, doc: "Doc", at: int) -> Iterator[Phrase]:
        """Phrases that begin behind "normal", the longest first."""
        stop = at + 1
        while stop < len(doc) and stop - at <= _PHRASE_WORDS and self._continues(doc, stop):
            stop += 1
        yield from ((at + 1, last) for last in range(stop, at + 1, -1))

    def _continues(self, doc: "Doc", at: int) -> bool:
        return doc[at].is_alpha and doc[at].lower_ not in self._borders

    def _look_up(self, phrases: Set[str]) -> None:
        """Remember the abnormality of what each phrase names, if the graph has it."""
        from spacy.tokens import Doc

        new = sorted(phrases - self._known.keys())
        if len(self._known) + len(new) > _CACHED_PHRASES:
            self._known.clear()
            new = sorted(phrases)
        docs = [
            Doc(self._vocab, words=pattern.format(phrase).split(), user_data={LINKING_KEY: _PHENOTYPES})
            for phrase in new
            for pattern in self._patterns
        ]
        found = list(link_together(self._linker, docs)) if docs else []
        for at, phrase in enumerate(new):
            rows = range(at * len(self._patterns), (at + 1) * len(self._patterns))
            whole = (link for row in rows for link in found[row] if (link.start, link.stop) == (0, len(docs[row])))
            link = next(whole, None)
            self._known[phrase] = None if link is None else replace(link, score=NORMAL_SCORE, alternatives=())
