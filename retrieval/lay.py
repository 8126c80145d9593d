"""Findings in everyday words ("can't sleep", "throws up"): a table of phrases that HPO does not have as names."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import product
from re import findall, split
from typing import TYPE_CHECKING

from kg import Category, Curie

from .lexicon import Lexicon
from .linker import Link
from .normalise import words_of
from .phrases import Phrases, Words

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

LAY_SCORE = 0.8
"""Of a link that a phrase makes: that of a related name in other words."""


@lru_cache(maxsize=1)
def read_phrases() -> Mapping[Words, Curie]:
    """The phrases of ``lay_phrases.tsv`` in all their forms, as lower-case tokens, with the finding of each."""
    lines = files("retrieval").joinpath("lay_phrases.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t")[:2] for line in lines if line and not line.startswith("#")]
    fillers: dict[str, list[str]] = defaultdict(list)
    for text, meaning in rows:
        if meaning.startswith("{"):
            fillers[meaning[1:-1]].append(text)
    return {
        tuple(words_of(form.casefold())): meaning
        for text, meaning in rows
        if not meaning.startswith("{")
        for form in _forms(text, fillers)
    }


def _forms(text: str, fillers: Mapping[str, Sequence[str]]) -> Iterator[str]:
    slots = findall(r"\{(\w+)\}", text)
    parts = split(r"\{\w+\}", text)
    for chosen in product(*(fillers[slot] for slot in slots)):
        form = parts[0] + "".join(word + rest for word, rest in zip(chosen, parts[1:], strict=True))
        for written in {form, form.replace("'", "’")}:
            yield " ".join(written.split())


class LayReader:
    """Finds phrases of everyday speech. Holds a matcher over one vocabulary, no texts."""

    def __init__(self, vocab: "Vocab", lexicon: Lexicon) -> None:
        known: dict[Curie, str] = {}
        for curie in set(read_phrases().values()):
            concept = lexicon.concept(curie)
            if concept is not None:
                known[curie] = lexicon.label(concept)
        rows = {words: (curie, known[curie]) for words, curie in read_phrases().items() if curie in known}
        self._phrases = Phrases(vocab.strings, rows)

    def add(self, doc: "Doc", links: Iterable[Link]) -> tuple[Link, ...]:
        """``links`` with those that phrases make, in reading order. Where they overlap, the one of more words stays."""
        found = [
            _link(*meaning, start, stop)
            for meaning, start, stop, _ in self._phrases.find(doc.to_array("LOWER").tolist())
        ]
        kept = list(links)
        for phrase in sorted(found, key=lambda link: (link.start - link.stop, link.start, link.curie)):
            rivals = [link for link in kept if link.start < phrase.stop and phrase.start < link.stop]
            if all(rival.stop - rival.start < phrase.stop - phrase.start for rival in rivals):
                kept = [link for link in kept if link not in rivals]
                kept.append(phrase)
        return tuple(sorted(kept, key=lambda link: (link.start, link.stop, link.curie)))


def _link(curie: Curie, label: str, start: int, stop: int) -> Link:
    return Link(start, stop, curie, label, Category.PHENOTYPE, LAY_SCORE, stop - start, (start, stop))
