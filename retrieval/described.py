"""Findings that a disease's own names and descriptions mention: weak evidence where the annotations are silent."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from kg import Category, Curie, NameKind, Snapshot

from .normalise import Normaliser, words_of

_NEGATIONS = frozenset({"no", "not", "without", "absent", "absence", "lack", "unlike", "exclude"})
_REACH = 4
"""How many words before a mention a negation is looked for."""

_CLOSE_NAMES = (NameKind.LABEL, NameKind.EXACT)


class FindingReader:
    """Finds phenotype names in plain text: longest match first, singular and American spelling alike."""

    def __init__(self, names: Iterable[tuple[Curie, str]]) -> None:
        self._normaliser = Normaliser()
        self._known: dict[str, str] = {}
        self._names: dict[tuple[str, ...], Curie] = {}
        for curie, text in names:
            if words := tuple(self._words(text)):
                self._names.setdefault(words, curie)
        self._longest: dict[str, int] = {}
        for name in self._names:
            self._longest[name[0]] = max(len(name), self._longest.get(name[0], 0))

    def read(self, text: str) -> Iterator[Curie]:
        """The phenotypes that a text names without a negation shortly before, in order, overlapping names left out."""
        words = self._words(text)
        stop = 0
        for start, word in enumerate(words):
            if start < stop or word not in self._longest:
                continue
            length = self._match(words, start)
            stop = start + length
            if length and not _NEGATIONS.intersection(words[max(0, start - _REACH) : start]):
                yield self._names[tuple(words[start:stop])]

    def _match(self, words: Sequence[str], start: int) -> int:
        """How many words from ``start`` on make the longest name, 0 for none."""
        for length in range(min(self._longest[words[start]], len(words) - start), 0, -1):
            if tuple(words[start : start + length]) in self._names:
                return length
        return 0

    def _words(self, text: str) -> list[str]:
        plain = []
        for token in words_of(text):
            if token not in self._known:
                self._known[token] = self._normaliser.plain_form(token) if any(map(str.isalnum, token)) else ""
            if word := self._known[token]:
                plain.append(word)
        return plain


def described_findings(snapshot: Snapshot, diseases: Iterable[Curie]) -> dict[Curie, frozenset[Curie]]:
    """Disease to the phenotypes in its close names and its descriptions, for those that mention any."""
    wanted = set(diseases)
    phenotypes: list[tuple[Curie, str]] = []
    texts: dict[Curie, list[str]] = defaultdict(list)
    for curie, category, name in snapshot.names():
        if name.kind in _CLOSE_NAMES and not name.abbreviation:
            if category is Category.PHENOTYPE:
                phenotypes.append((curie, name.text))
            elif curie in wanted:
                texts[curie].append(name.text)
    for description in snapshot.descriptions():
        if description.concept in wanted:
            texts[description.concept].append(description.text)
    reader = FindingReader(phenotypes)
    found = {disease: frozenset(curie for text in texts[disease] for curie in reader.read(text)) for disease in texts}
    return {disease: findings for disease, findings in sorted(found.items()) if findings}
