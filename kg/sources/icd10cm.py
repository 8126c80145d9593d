"""ICD-10-CM, the US clinical modification of ICD-10 (NCHS and CMS, public domain), from the tabular list as XML.

Chapters 19 and 20 (injuries by site, external causes) are read down to their first subdivisions only: below, 16,000
codes spell out side, encounter and circumstance, which no question about a disease asks for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree

from ..concept import Category, Concept, Curie, Name, NameKind
from ..errors import MalformedSource
from ..fact import Evidence, Fact, Predicate
from ..record import Record
from ..rejection import Rejections
from .icd10cm_excludes import CodeList, Unresolved
from .icd10cm_matches import match_to_mondo

SOURCE = "icd10cm"
_CUT_SHORT = {"19": 4, "20": 3}
"""Chapter -> characters of the longest code that is read of it."""

_CATEGORIES = {"18": Category.PHENOTYPE, "20": Category.OTHER, "21": Category.OTHER, "22": Category.OTHER}
_LONGEST_CODE = 7


@dataclass(slots=True)
class IcdEntry:
    """A chapter, block or code: ``A00-B99``, ``A00-A09``, ``A00.0``."""

    code: str
    label: str
    chapter: str
    parent: str | None
    terms: list[str] = field(default_factory=list)
    excludes: list[str] = field(default_factory=list)

    @property
    def curie(self) -> Curie:
        """The identifier in the graph."""
        return f"ICD10CM:{self.code}"


def read_icd10cm(
    tabular: IO[bytes], mondo: IO[bytes], release: str, rejections: Rejections | None = None
) -> Iterator[Record]:
    """Codes with their hierarchy and inclusion terms, what excludes what, and matches to MONDO.

    An Excludes1 note means that two conditions cannot be one patient's at once; ``excludes`` facts keep its words and
    hold for everything below either side. ``mondo`` is MONDO's list of terms as JSON, whose cross-references and names
    say which codes are its diseases. Notes that give no code, or one under a condition, go to ``rejections``.

    Raises:
        MalformedSource: the list is not well-formed XML, or MONDO's no JSON.
    """
    entries = {entry.code: entry for entry in _entries(tabular)}
    codes = CodeList(entries)
    for entry in entries.values():
        yield _concept(entry)
        if entry.parent in entries:
            evidence = Evidence(SOURCE, release, entry.curie, (entry.curie,))
            yield Fact(entry.curie, Predicate.SUBCLASS_OF, entries[entry.parent].curie, (evidence,))
        for note in entry.excludes:
            try:
                others = codes.excluded(entry.code, note)
            except Unresolved as reason:
                if rejections is not None:
                    rejections.add("exclusion without a plain code", f"{entry.code}: {note}", str(reason))
                continue
            evidence = Evidence(SOURCE, release, entry.curie, (entry.curie,), quote=f"Excludes1: {note}")
            for other in others:
                first, second = sorted((entry.curie, f"ICD10CM:{other}"))
                yield Fact(first, Predicate.EXCLUDES, second, (evidence,))
    yield from match_to_mondo(entries.values(), mondo, release)


def _concept(entry: IcdEntry) -> Concept:
    names = [Name(entry.label, NameKind.LABEL)]
    names += [Name(term, NameKind.NARROW) for term in dict.fromkeys(entry.terms) if term != entry.label]
    return Concept(entry.curie, _CATEGORIES.get(entry.chapter, Category.DISEASE), tuple(names))


def _entries(file: IO[bytes]) -> Iterator[IcdEntry]:
    """Chapters, blocks and codes in order, a parent before its children."""
    try:
        root = ElementTree.parse(file).getroot()
    except ElementTree.ParseError as error:
        raise MalformedSource(SOURCE, "its XML", str(error)) from error
    for chapter in root.findall("chapter"):
        number = _text(chapter, "name")
        label, _, code = _text(chapter, "desc").rpartition(" (")
        whole = _entry(chapter, code.rstrip(")"), label, number, None)
        yield whole
        for section in chapter.findall("section"):
            block = _entry(
                section, section.get("id", ""), _text(section, "desc").rpartition(" (")[0], number, whole.code
            )
            parent = block.code
            if block.code != whole.code and "-" in block.code:
                yield block
            elif block.code != whole.code:  # a block of one category, which has its identifier
                parent = whole.code
            for child in section.findall("diag"):
                yield from _codes(child, number, parent)


def _codes(element: ElementTree.Element, chapter: str, parent: str) -> Iterator[IcdEntry]:
    code = _text(element, "name")
    if len(code.replace(".", "")) <= _CUT_SHORT.get(chapter, _LONGEST_CODE):
        yield _entry(element, code, _text(element, "desc"), chapter, parent)
        for child in element.findall("diag"):
            yield from _codes(child, chapter, code)


def _entry(element: ElementTree.Element, code: str, label: str, chapter: str, parent: str | None) -> IcdEntry:
    terms = [note.text or "" for note in element.findall("inclusionTerm/note")]
    excludes = [note.text or "" for note in element.findall("excludes1/note")]
    return IcdEntry(code, label, chapter, parent, [term for term in terms if term], excludes)


def _text(element: ElementTree.Element, tag: str) -> str:
    return " ".join((element.findtext(tag) or "").split())
