"""Medicines with dose and use, and allergies with reaction, in one read document."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from kg import Category, MedicationUse

from .assertion import Status
from .case_words import USE_OF_SECTION, CaseWords, SectionKind, Words, case_words
from .linker import Link
from .sections import Headings, Section, find_sections

if TYPE_CHECKING:
    from spacy.tokens import Doc

SUBSTANCES = frozenset({Category.DRUG, Category.CHEMICAL, Category.CHEMICAL_ROLE})
"""Categories of what may be taken."""

_DOSE_REACH = 30
"""Characters between a medicine and its dose, all of them words of the preparation."""

_CUE_TOKENS = 14
"""How far before a medicine a verb may stand: lists are long."""

_ALLERGEN_TOKENS = 12
_ITEM_TOKENS = 4

_OF_NOW = frozenset({SectionKind.MEDICINES, SectionKind.PROBLEMS})
"""Sections whose heading does not make a medicine one of the past: old problems are treated now."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ToldMedicine:
    """A link that is a medicine of the patient, and the characters of all that is said of it."""

    link: Link
    use: MedicationUse
    dose: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ToldAllergy:
    """A substance that is not tolerated, and where it is said."""

    link: Link
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unread:
    """Something stated that names no concept of the graph."""

    start: int
    end: int


class SubstanceReader:
    """What one document says about substances."""

    def __init__(self, doc: "Doc", words: CaseWords | None = None) -> None:
        self.doc = doc
        self._words = case_words() if words is None else words
        self._starts = [sentence.start for sentence in doc.sents] or [0]
        self._sections = find_sections(doc, self._starts, Headings(self._words.headings))
        self._section_starts = [section.start for section in self._sections]
        self._text = doc.text
        self._rows = list(zip(doc._.links, doc._.statuses, strict=True))
        self._uses = _Phrases(self._words.before_medicine)
        self._later_uses = _Phrases(self._words.after_medicine)
        self._allergic = _Phrases(dict.fromkeys(self._words.before_allergen, True))
        self._allergy = _Phrases(dict.fromkeys(self._words.after_allergen, True))

    def section_at(self, token: int) -> SectionKind | None:
        """The kind of the section of a token."""
        at = bisect_right(self._section_starts, token) - 1
        if at < 0 or token >= self._sections[at].stop:
            return None
        effects = self._sections[at].effects
        return SectionKind(next(iter(effects))) if effects else None

    @property
    def sections(self) -> Sequence[Section]:
        """The sections whose headings are known."""
        return [section for section in self._sections if section.effects]

    def allergies(self) -> Iterator[ToldAllergy]:
        """Substances that are not tolerated, in reading order."""
        for link, status in self._rows:
            if link.category not in SUBSTANCES or status.negated or status.family or status.hypothetical:
                continue
            if self.section_at(link.start) is SectionKind.ALLERGIES or self._is_allergen(link):
                yield ToldAllergy(link, *self._place(link))

    def medicines(self, allergens: Sequence[ToldAllergy]) -> Iterator[ToldMedicine]:
        """Medicines, in reading order, without the ``allergens``."""
        known = {(allergen.link.start, allergen.link.stop) for allergen in allergens}
        for link, status in self._rows:
            if link.category in SUBSTANCES and (link.start, link.stop) not in known and not status.family:
                told = self._medicine(link, status)
                if told is not None:
                    yield told

    def _medicine(self, link: Link, status: Status) -> ToldMedicine | None:
        start, end = self._place(link)
        dose = self._dose(start, end)
        section = self.section_at(link.start)
        use = self._use(link)
        if use is None and section in USE_OF_SECTION and (section is SectionKind.MEDICINES or dose):
            use = USE_OF_SECTION[section]
        if use is None and dose is not None and link.category is not Category.CHEMICAL_ROLE:
            use = MedicationUse.CURRENT
        if use is None or (status.negated and use is not MedicationUse.PAST):
            return None
        if status.hypothetical:
            use = MedicationUse.PROPOSED
        elif status.historical and use is MedicationUse.CURRENT and section not in _OF_NOW:
            use = MedicationUse.PAST
        if dose is None:
            return ToldMedicine(link, use, None, start, end)
        return ToldMedicine(link, use, self._text[slice(*dose)], min(start, dose[0]), max(end, dose[1]))

    def _dose(self, start: int, end: int) -> tuple[int, int] | None:
        """The characters of the dose behind a medicine, or before it."""
        line = self._text.find("\n", end)
        line = len(self._text) if line < 0 else line
        match = self._words.dose.search(self._text, end, min(line, end + 120))
        if match is not None and match.start() - end <= _DOSE_REACH:
            between = self._text[end : match.start()]
            if not any(sign in between for sign in ".;,()|") or not between.strip(" (|\t:,-"):
                return match.start(), match.start() + len(match.group().rstrip(" ,."))
        before = self._words.amount_before.search(self._text, max(0, start - 40), start)
        return (
            None
            if before is None
            else (before.start(), before.start() + len(before.group().rstrip().rsplit(" of", 1)[0]))
        )

    def _use(self, link: Link) -> MedicationUse | None:
        """The use that the nearest words before the medicine tell, unless words behind it tell another."""
        first, last = self._sentence(link.start)
        later = self._later_uses.first(self.doc, link.stop, min(last, link.stop + _CUE_TOKENS))
        before = self._uses.last(self.doc, max(first, link.start - _CUE_TOKENS), link.start)
        if later is not None and not self._another_between(link, later[1]):
            return later[0]
        return None if before is None else before[0]

    def _another_between(self, link: Link, token: int) -> bool:
        """Whether another medicine stands between one and some later words."""
        return any(
            row.category in SUBSTANCES and link.stop <= row.start < token for row, _ in self._rows if row is not link
        )

    def _is_allergen(self, link: Link) -> bool:
        first, last = self._sentence(link.start)
        if self._allergy.first(self.doc, link.stop, min(last, link.stop + 1)) is not None:
            return True
        if link.stop + 1 < last and self.doc[link.stop].text == "-":
            return self._allergy.first(self.doc, link.stop, min(last, link.stop + 2)) is not None
        return self._allergic.last(self.doc, max(first, link.start - _ALLERGEN_TOKENS), link.start) is not None

    def unread_allergens(self, told: Sequence[tuple[int, int]]) -> Iterator[Unread]:
        """The members of the list behind "allergic to" without a concept; ``told`` are the tokens of all links."""
        doc, at = self.doc, 0
        while at < len(doc):
            stop = self._allergic.at(doc, at)
            at = stop or at + 1
            if stop is None:
                continue
            last = self._sentence(stop - 1)[1]
            while stop < last:
                end = stop
                while end < last and end - stop < _ITEM_TOKENS and doc[end].is_alpha and doc[end].lower_ not in _ENDS:
                    end += 1
                linked = [after for start, after in told if start < max(end, stop + 1) and stop < after]
                end = max([end, *linked])
                if end > stop and not linked:
                    yield Unread(doc[stop].idx, doc[end - 1].idx + len(doc[end - 1]))
                joint = self._after_joint(end, last)
                if joint is None:
                    break
                stop = joint
            at = stop

    def _after_joint(self, at: int, last: int) -> int | None:
        """The token behind a comma, "and" or "or", and behind what stands in brackets before it."""
        doc = self.doc
        if at < last and doc[at].text == "(":
            at = next((end + 1 for end in range(at, last) if doc[end].text == ")"), last)
        begin = at
        while at < last and doc[at].lower_ in {",", "and", "or", "/"}:
            at += 1
        return at if at > begin else None

    def _sentence(self, token: int) -> tuple[int, int]:
        at = bisect_right(self._starts, token) - 1
        stop = self._starts[at + 1] if at + 1 < len(self._starts) else len(self.doc)
        return self._starts[at], stop

    def _place(self, link: Link) -> tuple[int, int]:
        last = self.doc[link.stop - 1]
        return self.doc[link.start].idx, last.idx + len(last)


_ENDS = frozenset(
    {"and", "or", "but", "which", "with", "who", "none", "known", "drugs", "the", "any", "other", "medications"}
)


class _Phrases(Generic[T]):
    """Phrases with a meaning, looked for in tokens."""

    def __init__(self, rows: Mapping[Words, T]) -> None:
        self._rows = rows
        self._longest = max(map(len, rows))
        self._heads = frozenset(words[0] for words in rows)

    def at(self, doc: "Doc", start: int) -> int | None:
        """One past the longest phrase that begins at ``start``."""
        if doc[start].lower_ not in self._heads:
            return None
        words = tuple(token.lower_ for token in doc[start : start + self._longest])
        return next((start + n for n in range(len(words), 0, -1) if words[:n] in self._rows), None)

    def first(self, doc: "Doc", start: int, stop: int) -> tuple[T, int] | None:
        """The meaning and place of the first phrase that begins in ``start:stop``."""
        for at in range(start, stop):
            end = self.at(doc, at)
            if end is not None:
                return self._rows[self._words(doc, at, end)], at
        return None

    def last(self, doc: "Doc", start: int, stop: int) -> tuple[T, int] | None:
        """The meaning and place of the last phrase that ends in ``start:stop``, the longest where several overlap."""
        found: tuple[T, int] | None = None
        at = start
        while at < stop:
            end = self.at(doc, at)
            if end is not None and end <= stop:
                found = self._rows[self._words(doc, at, end)], at
                at = end
            else:
                at += 1
        return found

    @staticmethod
    def _words(doc: "Doc", start: int, stop: int) -> Words:
        return tuple(token.lower_ for token in doc[start:stop])
