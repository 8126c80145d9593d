"""A spaCy component that finds the concepts of the graph in a document by hashed word windows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from kg import Category, Curie, NameKind

from .candidates import Window, plain_windows, shared_windows
from .lexicon import FINDINGS, GENERIC_WORD, LINKED, Entry, Lexicon
from .name_rules import NameFlag
from .normalise import HYPHENS, Normaliser, hash_letters
from .windows import Elements, WordTable, bracketed_abbreviations, elements_of, without_qualifiers

if TYPE_CHECKING:
    from spacy.tokens import Doc

GENETIC_REACH = 12
"""How many words and signs away a word such as "gene" makes a symbol a gene."""


@dataclass(frozen=True, slots=True)
class Linking:
    """What to look for. ``prefer`` decides where categories share a name; ``nested`` keeps inner mentions."""

    prefer: Category = Category.PHENOTYPE
    categories: frozenset[Category] = frozenset(LINKED)
    nested: bool = False

    @property
    def short_allowed(self) -> bool:
        """Whether two-letter abbreviations count without a definition: in questions, which name diseases."""
        return self.prefer is Category.DISEASE


DEFAULT_LINKING = Linking()


class Closeness(IntEnum):
    """How well a window matches a name, best first."""

    ORDERED = 0
    REORDERED = 1
    MEANING = 2


_CASED, _GENETIC, _SHORT, _SINGLE, _STEMMED = map(
    int, (NameFlag.CASED, NameFlag.GENETIC, NameFlag.SHORT, NameFlag.SINGLE, NameFlag.STEMMED)
)
_NAME_SCORE = {
    NameKind.LABEL: 1.0,
    NameKind.EXACT: 0.98,
    NameKind.NARROW: 0.8,
    NameKind.BROAD: 0.75,
    NameKind.RELATED: 0.75,
}
_KIND_ORDER = {kind: order for order, kind in enumerate(NameKind)}
_CLOSENESS_SCORE = {Closeness.ORDERED: 1.0, Closeness.REORDERED: 0.9, Closeness.MEANING: 0.8}
_ADJECTIVES = ("al", "ar", "ic", "ary")
_GAP_SCORE = 0.95
_DEFINED_SCORE = 0.97
_CORRECTED_SCORE = 0.9


@dataclass(frozen=True, slots=True)
class Link:
    """Tokens ``start:stop`` of a document name a concept.

    ``own`` are the tokens that no longer mention may cover: all of them, or the member of a list whose head stands
    elsewhere.
    """

    start: int
    stop: int
    curie: Curie
    label: str
    category: Category
    score: float
    n_words: int
    own: tuple[int, int]
    alternatives: tuple[Curie, ...] = ()

    @property
    def shared(self) -> bool:
        """Whether words of another list member complete this link."""
        return self.own != (self.start, self.stop)


class ConceptLinker:
    """Finds mentions of concepts. One linker serves many documents; it remembers word forms, nothing of the texts."""

    def __init__(self, lexicon: Lexicon, linking: Linking = DEFAULT_LINKING) -> None:
        self.lexicon = lexicon
        self.linking = linking
        self.table = WordTable(Normaliser(), lexicon.spelling)

    def links(self, doc: "Doc", linking: Linking | None = None) -> tuple[Link, ...]:
        """The links of ``doc`` in reading order: longest first where they compete, then best, then by identifier."""
        linking = linking or self.linking
        if not len(doc):
            return ()
        found: list[Link] = []
        longest = bytearray(len(doc))
        windows = self._windows(elements_of(doc, self.table))
        for elements, window in sorted(windows, key=lambda pair: (pair[1].head is not None, -pair[1].n_words)):
            first, stop = int(elements.first[window.own[0]]), int(elements.last[window.own[1] - 1]) + 1
            if not linking.nested and max(longest[first:stop]) > window.n_words:
                continue
            link = self._resolve(doc, elements, window, linking)
            if link is not None:
                found.append(link)
                longest[first:stop] = bytes([window.n_words]) * (stop - first)
        found += self._defined(doc, found)
        return tuple(select(found, linking.nested))

    def _windows(self, elements: Elements) -> Iterator[tuple[Elements, Window]]:
        yield from ((elements, window) for window in plain_windows(elements, self.lexicon))
        for window in shared_windows(elements, self.lexicon):
            if any(self._is_specific(row) for row in elements.row[slice(*window.own)].tolist()):
                yield elements, window
        if elements.qualifier.any():
            reduced = without_qualifiers(elements, self.table)
            for window in plain_windows(reduced, self.lexicon, _GAP_SCORE):
                if self._spans_gap(elements, reduced, window):
                    yield reduced, window

    def _is_specific(self, row: int) -> bool:
        form = self.table.forms[row]
        return not form.qualifier and form.word != GENERIC_WORD and not form.plain.endswith("ly")

    def _is_generic(self, elements: Elements, head: tuple[int, int]) -> bool:
        return any(self.table.forms[row].word == GENERIC_WORD for row in elements.row[slice(*head)].tolist())

    @staticmethod
    def _spans_gap(elements: Elements, reduced: Elements, window: Window) -> bool:
        first, last = reduced.first[window.start], reduced.first[window.stop - 1]
        inside = np.searchsorted(elements.first, [first, last])
        return int(inside[1] - inside[0]) > window.stop - window.start - 1

    def _resolve(self, doc: "Doc", elements: Elements, window: Window, linking: Linking) -> Link | None:
        entries = [entry for entry in self.lexicon.entries(window.key) if entry.category in linking.categories]
        close = [
            (closeness, entry)
            for entry in entries
            if (closeness := self._closeness(doc, elements, window, entry, linking)) is not None
        ]
        if not close:
            return None
        if len(close) > 1:
            close = self._ranked(doc, elements, window, close, linking)
        closeness, entry = close[0]
        curies = dict.fromkeys(other.curie for _, other in close)
        if entry.flags & _SHORT and len(curies) > 1:
            return None
        spelt = _CORRECTED_SCORE ** int(
            elements.corrected_before[window.stop] - elements.corrected_before[window.start]
        )
        return Link(
            int(elements.first[window.start]),
            int(elements.last[window.stop - 1]) + 1,
            entry.curie,
            self.lexicon.label(entry.concept),
            entry.category,
            round(_NAME_SCORE[entry.kind] * _CLOSENESS_SCORE[closeness] * window.factor * spelt, 4),
            window.n_words,
            (int(elements.first[window.own[0]]), int(elements.last[window.own[1] - 1]) + 1),
            tuple(other for other in curies if other != entry.curie),
        )

    def _ranked(
        self, doc: "Doc", elements: Elements, window: Window, close: list[tuple[Closeness, Entry]], linking: Linking
    ) -> list[tuple[Closeness, Entry]]:
        """Closest first; then the preferred category, the same inflection, a concept whose label is among these.

        Where diseases are preferred, a label of anything comes before a synonym of a disease: "seizure" is the finding.
        """
        surface = hash_letters(_text(doc, elements, window).casefold())
        labelled = {entry.concept for _, entry in close if entry.kind is NameKind.LABEL}

        def order(row: tuple[Closeness, Entry]) -> tuple[int, bool, bool, bool, bool, int, bool, Curie]:
            closeness, entry = row
            return (
                closeness,
                linking.prefer is Category.DISEASE and entry.kind is not NameKind.LABEL,
                entry.category is not linking.prefer,
                entry.category is Category.PHENOTYPE and not entry.curie.startswith(FINDINGS),
                entry.surface != surface,
                _KIND_ORDER[entry.kind],
                entry.concept not in labelled,
                entry.curie,
            )

        return sorted(close, key=order)

    def _closeness(
        self, doc: "Doc", elements: Elements, window: Window, entry: Entry, linking: Linking
    ) -> Closeness | None:
        if entry.flags & _CASED:
            return self._cased(doc, elements, window, entry, linking)
        if entry.ordered == window.ordered:
            return Closeness.ORDERED
        if window.only_ordered:
            return None
        if window.head is not None and not self._is_generic(elements, window.head):
            return None
        if _ends_before_noun(elements, window, self.table):
            return None
        if entry.plain_bag == window.plain_bag:
            return Closeness.REORDERED
        if entry.flags & _SINGLE and (
            entry.flags & _STEMMED or not self.table.forms[int(elements.row[window.start])].curated
        ):
            return None
        return Closeness.MEANING

    def _cased(
        self, doc: "Doc", elements: Elements, window: Window, entry: Entry, linking: Linking
    ) -> Closeness | None:
        if window.head is not None or (entry.flags & _SHORT and not linking.short_allowed):
            return None
        if self._letters(doc, elements, window) != entry.ordered or _is_numbered(doc, elements, window):
            return None
        if entry.flags & _GENETIC and not self._is_genetic(elements, window):
            return None
        return Closeness.ORDERED

    def _letters(self, doc: "Doc", elements: Elements, window: Window) -> int:
        if window.stop - window.start == 1 and elements.first[window.start] == elements.last[window.start]:
            return self.table.letters_hash(int(elements.row[window.start]))
        return hash_letters(_text(doc, elements, window))

    def _is_genetic(self, elements: Elements, window: Window) -> bool:
        near = elements.row[max(0, window.start - GENETIC_REACH) : window.stop + GENETIC_REACH]
        return any(self.table.forms[row].genetic for row in near.tolist())

    def _defined(self, doc: "Doc", links: list[Link]) -> list[Link]:
        """Uses of abbreviations that the text defines in brackets behind a mention (Schwartz & Hearst 2003)."""
        meanings: dict[str, Link] = {}
        brackets = bracketed_abbreviations(doc)
        by_stop = {link.stop: link for link in sorted(links, key=lambda k: (k.n_words, k.score))} if brackets else {}
        for at in brackets:
            long_form = by_stop.get(at - 1)
            if long_form and spells(doc[at].text, doc[long_form.start : long_form.stop].text):
                meanings.setdefault(doc[at].text, long_form)
        if not meanings:
            return []
        orth = doc.to_array("ORTH")
        return [
            replace(f, start=at, stop=at + 1, own=(at, at + 1), n_words=1, score=round(f.score * _DEFINED_SCORE, 4))
            for short, f in meanings.items()
            for at in np.flatnonzero(orth == doc.vocab.strings[short]).tolist()
        ]


def _text(doc: "Doc", elements: Elements, window: Window) -> str:
    text: str = doc[int(elements.first[window.start]) : int(elements.last[window.stop - 1]) + 1].text
    return text


def _ends_before_noun(elements: Elements, window: Window, table: WordTable) -> bool:
    """Whether the last word is the adjective of a noun outside: "hyperplasia of the mandibular condyle"."""
    after = window.stop
    if after >= len(elements) or not table.forms[int(elements.row[after - 1])].plain.endswith(_ADJECTIVES):
        return False
    follows = int(elements.first[after]) == int(elements.last[after - 1]) + 1
    noun = table.forms[int(elements.row[after])]
    return follows and bool(elements.content[after]) and not noun.qualifier and noun.plain.isalpha()


def _is_numbered(doc: "Doc", elements: Elements, window: Window) -> bool:
    """Whether a hyphen and a number follow: "ICD-10" is not ICD."""
    stop = int(elements.last[window.stop - 1]) + 1
    attached = stop + 1 < len(doc) and not doc[stop - 1].whitespace_ and not doc[stop].whitespace_
    return attached and doc[stop].text in HYPHENS and doc[stop + 1].text[0].isdigit()


def spells(short: str, long_form: str) -> bool:
    """Whether the letters of ``short`` occur in order in ``long_form``, the first one at its start.

    >>> spells("BCNS", "basal cell nevus syndrome"), spells("MRI", "basal cell nevus")
    (True, False)
    """
    letters = [c for c in short.casefold() if c.isalpha()]
    rest = iter(long_form.casefold())
    return bool(letters) and long_form.casefold().startswith(letters[0]) and all(c in rest for c in letters)


def select(links: Iterable[Link], nested: bool) -> list[Link]:
    """The links that do not compete with a longer or better one, in reading order.

    With ``nested``, links inside a longer one stay. A list member whose head stands elsewhere counts only where its own
    words are in no other link.
    """
    taken: set[int] = set()
    kept: dict[tuple[int, int, Curie], Link] = {}
    spans: set[tuple[int, int]] = set()
    for link in sorted(links, key=_competition):
        own = range(*link.own)
        free = not any(at in taken for at in own)
        if free or (nested and not link.shared and (link.start, link.stop) not in spans):
            kept.setdefault((link.start, link.stop, link.curie), link)
            spans.add((link.start, link.stop))
            taken.update(own)
    return sorted(kept.values(), key=lambda k: (k.start, k.stop, k.curie))


def _competition(link: Link) -> tuple[bool, int, float, int, int, Curie]:
    return link.shared, -link.n_words, -link.score, link.stop - link.start, link.start, link.curie
