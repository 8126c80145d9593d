"""A case from a letter or report: findings with their onset, sex, age, genes and mode of inheritance."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kg import Case, Category, Curie, Finding, FindingStatus, Origin

from .ages import TimePhrase, find_patient, find_times, speaks_of_onset
from .assertion import Status

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from .pipeline import Reader

PHENOTYPIC_ABNORMALITY = "HP:0000118"
"""The HPO term above every finding."""

_CATEGORIES = frozenset({Category.PHENOTYPE, Category.GENE, Category.INHERITANCE})


class Hierarchy(Protocol):
    """What tells findings from other concepts; a `kg.Snapshot` is one."""

    def is_a(self, child: str, parent: str) -> bool:
        """Whether ``child`` is ``parent`` or lies below it."""


@dataclass(frozen=True, slots=True)
class _Said:
    """One mention in a case text: the concept, where it was read, and what the sentence says about it."""

    curie: Curie
    category: Category
    origin: Origin
    status: Status
    onset_years: float | None


def read_case_text(text: str, name: str, reader: "Reader", hierarchy: Hierarchy) -> Case:
    """The case that ``text`` tells, called ``name``.

    Findings are phenotypic abnormalities: present and historical ones observed, negated ones excluded; possible,
    hypothetical and relatives' ones are none. What is both observed and excluded counts as observed. Genes and
    modes of inheritance are those that the text affirms.
    """
    said: list[_Said] = []
    onset: float | None = None
    for _, doc in reader.docs(text, categories=_CATEGORIES):
        for sentence in _sentences(doc):
            times = list(find_times(sentence.text))
            if onset is None and times and speaks_of_onset(sentence.text):
                onset = times[0].years
            said += _said_in(sentence, times)
    findings = [s for s in said if s.category is Category.PHENOTYPE and hierarchy.is_a(s.curie, PHENOTYPIC_ABNORMALITY)]
    age, sex = find_patient(text)
    return Case(
        name,
        tuple(_findings(findings)),
        sex=sex,
        age_years=age,
        onset_years=onset,
        genes=_stated(said, Category.GENE),
        inheritance=_stated(said, Category.INHERITANCE),
    )


def _stated(said: Iterable[_Said], category: Category) -> tuple[Curie, ...]:
    """The concepts of one category that the text affirms, each once, in reading order."""
    plain = (item.curie for item in said if item.category is category and not item.status.negated)
    return tuple(dict.fromkeys(plain))


def _findings(said: Iterable[_Said]) -> Iterator[Finding]:
    """Each concept once, in reading order; observed wins, the earliest onset wins."""
    statuses: dict[Curie, FindingStatus] = {}
    onsets: dict[Curie, float] = {}
    origins: dict[Curie, Origin] = {}
    for item in said:
        status = item.status
        if status.family or status.hypothetical or (status.possible and not status.negated):
            continue
        now = FindingStatus.EXCLUDED if status.negated else FindingStatus.OBSERVED
        if statuses.get(item.curie) is not FindingStatus.OBSERVED:
            statuses[item.curie] = now
            if now is FindingStatus.OBSERVED or item.curie not in origins:
                origins[item.curie] = item.origin
        if now is FindingStatus.OBSERVED and item.onset_years is not None:
            onsets[item.curie] = min(item.onset_years, onsets.get(item.curie, item.onset_years))
    for curie, found in statuses.items():
        yield Finding(curie, found, onsets.get(curie), origins[curie])


@dataclass(frozen=True, slots=True)
class _Sentence:
    doc: "Doc"
    start: int
    stop: int

    @property
    def text(self) -> str:
        return str(self.doc[self.start : self.stop].text)


def _sentences(doc: "Doc") -> Iterator[_Sentence]:
    for span in doc.sents:
        yield _Sentence(doc, span.start, span.end)


def _said_in(sentence: _Sentence, times: list[TimePhrase]) -> Iterator[_Said]:
    doc = sentence.doc
    base = doc[sentence.start].idx
    for link, status in zip(doc._.links, doc._.statuses, strict=True):
        if sentence.start <= link.start < sentence.stop:
            span = doc[link.start : link.stop]
            onset = _nearest_time(span.start_char - base, span.end_char - base, times)
            origin = Origin(span.text, span.start_char, span.end_char)
            yield _Said(link.curie, link.category, origin, status, onset)


def _nearest_time(start: int, end: int, times: list[TimePhrase]) -> float | None:
    """The years of the time phrase closest to a mention of the same sentence."""
    if not times:
        return None
    nearest = min(times, key=lambda time: max(time.start - end, start - time.end, 0))
    return nearest.years
