"""A case from a letter: findings, conditions, medicines, allergies, family and pregnancy, each with its place."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kg import (
    Allergy,
    Case,
    Category,
    Condition,
    Curie,
    FamilyFinding,
    Finding,
    FindingStatus,
    Medication,
    Origin,
)

from .ages import TimePhrase, ToldPatient, find_times, read_patient, speaks_of_onset
from .assertion import Status
from .case_words import SectionKind
from .medication import SUBSTANCES, SubstanceReader, ToldAllergy, ToldMedicine
from .pregnancy import Pregnancy, find_pregnancy
from .unresolved import unread_items

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from .pipeline import Reader

PHENOTYPIC_ABNORMALITY = "HP:0000118"
"""The HPO term above every finding."""

_FINDINGS = frozenset({Category.PHENOTYPE, Category.GENE, Category.INHERITANCE})
_OTHERS = frozenset({Category.DISEASE, *SUBSTANCES})
_CAUSES = re.compile(
    r"\s*(?:[(\[:=→|–—-]|\b(?:which\s+|that\s+)?(?:causes?|caused|causing|gives?|gave|giving|with|produces?|produced|"
    r"results?\s+in|resulted\s+in|resulting\s+in|leads?\s+to|leading\s+to|develops?|developed|reaction)\b)[^.;,\n()]*",
    re.IGNORECASE,
)
"""What stands between a substance and what it causes."""

_BRACKETS = (("(", ")"), ("[", "]"))

_REACTION_REACH = 60
"""Characters between a substance and what it causes."""


class Hierarchy(Protocol):
    """What tells findings from other concepts; a `kg.Snapshot` is one."""

    def is_a(self, child: str, parent: str) -> bool:
        """Whether ``child`` is ``parent`` or lies below it."""


@dataclass(frozen=True, slots=True)
class _Said:
    """One mention in a case text: the concept, where it was read, and what the sentence says about it."""

    curie: Curie
    category: Category
    start: int
    end: int
    status: Status
    onset_years: float | None

    @property
    def is_asserted(self) -> bool:
        """Whether it is said of the patient, to be there or not."""
        status = self.status
        return not (status.family or status.hypothetical or (status.possible and not status.negated))

    @property
    def finding_status(self) -> FindingStatus:
        """Whether it was seen."""
        return FindingStatus.EXCLUDED if self.status.negated else FindingStatus.OBSERVED


def read_case_text(text: str, name: str, reader: "Reader", hierarchy: Hierarchy) -> Case:
    """The case that ``text`` tells, called ``name``; the place of every item counts characters of ``text``.

    Findings are phenotypic abnormalities: present and historical ones observed, negated ones excluded; possible and
    hypothetical ones are none, and those of relatives are family findings. What is both observed and excluded counts as
    observed. Genes and modes of inheritance are those that the text affirms. What stands in a list of diagnoses,
    medicines or allergies, or behind "allergic to", and names no concept is listed as unresolved.
    """
    return _CaseText(text, reader, hierarchy).case(name)


class _CaseText:
    """The readings of one text: one for findings and genes, one for diseases and substances."""

    def __init__(self, text: str, reader: "Reader", hierarchy: Hierarchy) -> None:
        self._text = text
        self._patient = read_patient(text)
        self._hierarchy = hierarchy
        self._onset: TimePhrase | None = None
        self._said: list[_Said] = []
        for offset, doc in reader.docs(text, categories=_FINDINGS):
            self._said += self._read(doc, offset)
        self._others: list[_Said] = []
        self._medicines: list[tuple[ToldMedicine, int]] = []
        self._allergies: list[tuple[ToldAllergy, int]] = []
        self._unread: list[tuple[int, int]] = []
        self._allergy_sections: list[tuple[int, int]] = []
        self._problem_sections: list[tuple[int, int]] = []
        for offset, doc in reader.docs(text, categories=_OTHERS):
            self._others += self._read(doc, offset, with_onset_sentence=False)
            self._read_substances(doc, offset)

    def case(self, name: str) -> Case:
        """All of it together."""
        told = self._patient
        reactions = {at: reaction for at, reaction in enumerate(map(self._reaction, self._allergies)) if reaction}
        caused = {id(reaction) for reaction in reactions.values()}
        findings = [
            s
            for s in self._said
            if self._is_finding(s) and id(s) not in caused and not _is_within(s, self._allergy_sections)
        ]
        pregnancy = find_pregnancy(self._text, told.age_years, told.sex)
        return Case(
            name,
            tuple(self._findings(findings)),
            sex=told.sex,
            age_years=told.age_years,
            onset_years=None if self._onset is None else self._onset.years,
            genes=_stated(self._said, Category.GENE),
            inheritance=_stated(self._said, Category.INHERITANCE),
            conditions=tuple(self._conditions()),
            medications=tuple(self._medications()),
            allergies=tuple(self._allergies_with(reactions)),
            pregnant=None if pregnancy is None else pregnancy.pregnant,
            family=tuple(self._family(findings)),
            unresolved=tuple(dict.fromkeys(self._text[start:end] for start, end in sorted(self._unread))),
            gestation_weeks=None if pregnancy is None else pregnancy.weeks,
            origins=tuple(self._origins(told, pregnancy)),
        )

    def _read(self, doc: "Doc", offset: int, *, with_onset_sentence: bool = True) -> Iterator[_Said]:
        rows = list(zip(doc._.links, doc._.statuses, strict=True))
        at = 0
        for sentence in doc.sents:
            told = sentence.text
            times = list(find_times(told, self._patient.age_years))
            base = sentence.start_char
            if with_onset_sentence and self._onset is None and times and speaks_of_onset(told):
                first = times[0]
                self._onset = TimePhrase(first.start + base + offset, first.end + base + offset, first.years)
            while at < len(rows) and rows[at][0].start < sentence.end:
                link, status = rows[at]
                span = doc[link.start : link.stop]
                start, end = span.start_char, span.end_char
                at += 1
                if not any(character.isalpha() for character in span.text):
                    continue
                onset = _nearest_time(start - base, end - base, times)
                yield _Said(link.curie, link.category, start + offset, end + offset, status, onset)

    def _read_substances(self, doc: "Doc", offset: int) -> None:
        substances = SubstanceReader(doc)
        allergens = list(substances.allergies())
        self._allergies += [(allergen, offset) for allergen in allergens]
        self._medicines += [(medicine, offset) for medicine in substances.medicines(allergens)]
        said = [(s.start - offset, s.end - offset) for s in (*self._said, *self._others)]
        self._unread += [(start + offset, end + offset) for start, end in unread_items(substances, said)]
        for section in substances.sections:
            last = doc[section.stop - 1]
            place = doc[section.start].idx + offset, last.idx + len(last) + offset
            if SectionKind.ALLERGIES.value in section.effects:
                self._allergy_sections.append(place)
            elif SectionKind.PROBLEMS.value in section.effects:
                self._problem_sections.append(place)

    def _is_finding(self, said: _Said) -> bool:
        return said.category is Category.PHENOTYPE and self._hierarchy.is_a(said.curie, PHENOTYPIC_ABNORMALITY)

    def _findings(self, said: Iterable[_Said]) -> Iterator[Finding]:
        for item, status, onset in _each_once(said):
            yield Finding(item.curie, status, onset, self._origin(item.start, item.end))

    def _conditions(self) -> Iterator[Condition]:
        """Diseases; where the very words are a finding, only those of the history or of a list of diagnoses."""
        findings = {(s.start, s.end) for s in self._said if s.category is Category.PHENOTYPE}
        diseases = [
            s
            for s in self._others
            if s.category is Category.DISEASE
            and not _is_within(s, self._allergy_sections)
            and ((s.start, s.end) not in findings or s.status.historical or _is_within(s, self._problem_sections))
        ]
        for item, status, onset in _each_once(diseases):
            yield Condition(item.curie, status, onset, self._origin(item.start, item.end))

    def _medications(self) -> Iterator[Medication]:
        """Each medicine once for each use, with the first dose that is told."""
        kept: dict[tuple[Curie, str], tuple[ToldMedicine, int]] = {}
        for medicine, offset in self._medicines:
            key = medicine.link.curie, medicine.use.value
            if key not in kept or (kept[key][0].dose is None and medicine.dose is not None):
                kept[key] = medicine, offset
        for medicine, offset in sorted(kept.values(), key=lambda row: row[0].start + row[1]):
            origin = self._origin(medicine.start + offset, medicine.end + offset)
            yield Medication(medicine.link.curie, medicine.use, medicine.dose, origin)

    def _allergies_with(self, reactions: dict[int, _Said]) -> Iterator[Allergy]:
        seen: set[Curie] = set()
        for at, (allergen, offset) in enumerate(self._allergies):
            if allergen.link.curie in seen:
                continue
            seen.add(allergen.link.curie)
            reaction = reactions.get(at)
            start, end = allergen.start + offset, allergen.end + offset
            if reaction is not None:
                end = self._closed(start, max(end, reaction.end))
            yield Allergy(allergen.link.curie, None if reaction is None else reaction.curie, self._origin(start, end))

    def _closed(self, start: int, end: int) -> int:
        """The end of a place, with the bracket that closes one opened in it."""
        closes = any(
            opening in self._text[start:end] and self._text.startswith(closing, end) for opening, closing in _BRACKETS
        )
        return end + closes

    def _reaction(self, row: tuple[ToldAllergy, int]) -> _Said | None:
        """The first finding behind a substance, in the same item of a list."""
        allergen, offset = row
        begin = allergen.end + offset
        later = [other.start + shift for other, shift in self._allergies if other.start + shift > begin]
        limit = min([begin + _REACTION_REACH, *later])
        found = (s for s in self._said if s.category is Category.PHENOTYPE and begin <= s.start < limit)
        reaction = next(found, None)
        if reaction is None or reaction.status.negated:
            return None
        return reaction if _CAUSES.fullmatch(self._text, begin, reaction.start) else None

    def _family(self, findings: Iterable[_Said]) -> Iterator[FamilyFinding]:
        findings = list(findings)
        known = {(s.start, s.end) for s in findings}
        diseases = [s for s in self._others if s.category is Category.DISEASE and (s.start, s.end) not in known]
        apart = [f for f in findings if not any(d.start <= f.start and f.end <= d.end for d in diseases)]
        told = sorted((s for s in (*apart, *diseases) if s.status.family), key=lambda s: (s.start, s.end))
        seen = set()
        for item in told:
            key = item.curie, item.status.relative, item.finding_status
            if key not in seen and not item.status.hypothetical:
                seen.add(key)
                origin = self._origin(item.start, item.end)
                yield FamilyFinding(item.curie, item.status.relative, item.finding_status, origin)

    def _origins(self, told: ToldPatient, pregnancy: Pregnancy | None) -> Iterator[tuple[str, Origin]]:
        if told.age_place:
            yield "age_years", self._origin(*told.age_place)
        if told.sex_place:
            yield "sex", self._origin(*told.sex_place)
        if self._onset is not None:
            yield "onset_years", self._origin(self._onset.start, self._onset.end)
        if pregnancy is not None:
            yield "pregnant", self._origin(pregnancy.start, pregnancy.end)
        for category in (Category.GENE, Category.INHERITANCE):
            for item in _first_stated(self._said, category):
                yield item.curie, self._origin(item.start, item.end)

    def _origin(self, start: int, end: int) -> Origin:
        return Origin(self._text[start:end], start, end)


def _is_within(said: _Said, places: Iterable[tuple[int, int]]) -> bool:
    return any(start <= said.start < end for start, end in places)


def _first_stated(said: Iterable[_Said], category: Category) -> list[_Said]:
    """The first mention of each concept of one category that the text affirms, in reading order."""
    plain: dict[Curie, _Said] = {}
    for item in said:
        if item.category is category and not item.status.negated:
            plain.setdefault(item.curie, item)
    return list(plain.values())


def _stated(said: Iterable[_Said], category: Category) -> tuple[Curie, ...]:
    return tuple(item.curie for item in _first_stated(said, category))


def _each_once(said: Iterable[_Said]) -> Iterator[tuple[_Said, FindingStatus, float | None]]:
    """Each concept once, in reading order: observed wins over excluded, and the earliest onset wins."""
    kept: dict[Curie, _Said] = {}
    onsets: dict[Curie, float] = {}
    for item in said:
        if not item.is_asserted:
            continue
        known = kept.get(item.curie)
        if known is None or (known.status.negated and not item.status.negated):
            kept[item.curie] = item
        if not item.status.negated and item.onset_years is not None:
            onsets[item.curie] = min(item.onset_years, onsets.get(item.curie, item.onset_years))
    for curie, item in kept.items():
        yield item, item.finding_status, onsets.get(curie) if not item.status.negated else None


def _nearest_time(start: int, end: int, times: list[TimePhrase]) -> float | None:
    """The years of the time phrase closest to a mention of the same sentence, if it reaches so far."""
    distance: Callable[[TimePhrase], int] = lambda time: max(time.start - end, start - time.end, 0)  # noqa: E731
    near = [time for time in times if time.reach is None or distance(time) <= time.reach]
    return min(near, key=distance).years if near else None
