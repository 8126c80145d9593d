"""What a letter states without naming a concept of the graph: items of its lists, and what follows "allergic to"."""

from collections.abc import Iterator, Sequence

from .case_words import SectionKind
from .medication import SubstanceReader

LONGEST_ITEM = 80
"""Characters; a longer item is prose."""

_BULLETS = " \t-*•▪◦‣·–+#_"
_NOTHING = frozenset(
    {"", "none", "nil", "no", "nkda", "nka", "none known", "nil known", "no known allergies", "no known drug allergies",
     "unremarkable", "non-contributory", "noncontributory", "n/a", "as above", "unknown", "see above"}
)  # fmt: skip
_SPLITS = frozenset({",", ";", "."})


def unread_items(substances: SubstanceReader, said: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Characters of list items, in sections of diagnoses, medicines and allergies, that hold no mention."""
    doc = substances.doc
    text = doc.text
    for section in substances.sections:
        kind = SectionKind(next(iter(section.effects)))
        if kind is SectionKind.PROPOSED_MEDICINES:
            continue
        start = section.start
        while start < section.stop and doc[start].text != ":" and "\n" not in doc[start].text:
            start += 1
        for first, last in _items(substances, start + 1, section.stop):
            begin, end = _trimmed(text, doc[first].idx, doc[last - 1].idx + len(doc[last - 1]))
            if _is_item(text[begin:end]) and not any(s < end and begin < e for s, e in said):
                yield begin, end
    tokens = [(link.start, link.stop) for link in doc._.links]
    for unread in substances.unread_allergens(tokens):
        if not any(s < unread.end and unread.start < e for s, e in said):
            yield unread.start, unread.end


def _items(substances: SubstanceReader, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Token ranges of lines, and of the parts of lines between commas, semicolons and full stops."""
    doc = substances.doc
    begin = start
    for at in range(start, stop + 1):
        ends = at == stop or doc[at].text in _SPLITS or "\n" in doc[at].text or "\r" in doc[at].text
        if ends:
            if at > begin:
                yield begin, at
            begin = at + 1


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    while begin < end and text[begin] in _BULLETS:
        begin += 1
    while end > begin and text[end - 1] in _BULLETS:
        end -= 1
    return begin, end


def _is_item(words: str) -> bool:
    return (
        2 < len(words) <= LONGEST_ITEM
        and words.casefold().strip(" .:") not in _NOTHING
        and sum(character.isalpha() for character in words) > len(words) / 2
    )
