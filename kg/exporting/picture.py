"""A neighbourhood as a picture (SVG): boxes coloured by category, arrows from subject to object, denials dashed."""

import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from ..concept import Category, Concept, Curie
from ..fact import SYMMETRIC, Fact, Predicate
from .extract import Extract
from .kgx import written_to
from .layout import Box, place

MOST_CONCEPTS = 60
_MOST_WORDED_LINKS = 30  # beyond that, words on lines only hide each other; they show when one points at a line
_LINE_CHARACTERS, _MOST_LINES = 24, 3
_CHARACTER, _SMALL_CHARACTER, _LINE, _PADDING, _MARGIN = 6.7, 5.2, 15.0, 9.0, 28.0  # pixels
_LEGEND_ROW = 20.0

COLOURS: Mapping[Category, str] = {
    Category.DISEASE: "#f4b6b0",
    Category.PHENOTYPE: "#fbd9a5",
    Category.GENE: "#b5d6f2",
    Category.DRUG: "#b9e3c0",
    Category.CHEMICAL: "#d3ecc0",
    Category.CHEMICAL_ROLE: "#e3f0d0",
    Category.INHERITANCE: "#d6cbec",
    Category.CLINICAL_COURSE: "#e6dff5",
    Category.CLINICAL_MODIFIER: "#e6dff5",
    Category.ANATOMY: "#f3c9dd",
    Category.ORGANISM: "#d9cfb8",
    Category.PATHWAY: "#bfe3e3",
    Category.PROCESS: "#cfeaea",
    Category.PROCEDURE: "#f6f0a9",
    Category.MEASUREMENT: "#f6f0a9",
    Category.EXPOSURE: "#d9cfb8",
}
"""Pastels on which black text has a contrast of more than 7 to 1; other categories are grey."""

_ORDER = {category: place for place, category in enumerate(Category)}
_GREY, _INK, _LINK, _DENIED = "#e4e4e4", "#1b1b1b", "#6b6b6b", "#b3261e"


@dataclass(frozen=True, slots=True)
class Link:
    """All facts of one sign from one concept to another."""

    subject: Curie
    object: Curie
    negated: bool
    predicates: tuple[Predicate, ...]

    @property
    def words(self) -> str:
        """The predicates in plain words."""
        said = ", ".join(predicate.value.partition(":")[2].replace("_", " ") for predicate in self.predicates)
        return f"not: {said}" if self.negated else said


def write_svg(extract: Extract, path: Path) -> Path:
    """Write the picture.

    Raises:
        ExportFailed: the file cannot be written.
    """
    with written_to(path):
        path.write_text(svg(extract), encoding="utf-8")
    return path


def svg(extract: Extract) -> str:
    """The picture as SVG. Of more than 60 concepts it shows the best linked ones, and says how many it leaves out."""
    concepts = {concept.curie: concept for concept in extract.concepts()}
    facts = [fact for fact in extract.facts() if fact.subject in concepts and fact.object in concepts]
    shown = _chosen(concepts, facts, extract.centre)
    links = _links(fact for fact in facts if fact.subject in shown and fact.object in shown)
    beside = sorted(shown, key=lambda curie: (_ORDER[concepts[curie].category], concepts[curie].label, curie))
    lines = {curie: _wrapped(concepts[curie].label) for curie in beside}
    worded = len(links) <= _MOST_WORDED_LINKS
    boxes = place(
        {curie: _size(text) for curie, text in lines.items()},
        [(link.subject, link.object) for link in links],
        extract.centre,
        max((len(link.words) * _SMALL_CHARACTER for link in links), default=0.0) if worded else 0.0,
    )
    parts = [_line(link, boxes) for link in links]
    parts += [_words(link, boxes) for link in links if worded]
    parts += [_box(concepts[curie], boxes[curie], lines[curie], curie == extract.centre) for curie in shown]
    notes = [] if worded else [f"lines: {', '.join(sorted({link.words for link in links}))}; point at one to read it"]
    if left_out := len(concepts) - len(shown):
        notes.append(f"{left_out} more concepts are left out; the best linked ones are shown")
    denied = any(link.negated for link in links)
    return _page(parts, boxes, {concepts[curie].category for curie in shown}, denied, notes)


def _chosen(concepts: Mapping[Curie, Concept], facts: Sequence[Fact], centre: Curie | None) -> list[Curie]:
    """The concepts to show: the centre, then its neighbours, then the others, the best linked first."""
    degree: Counter[Curie] = Counter()
    near: set[Curie] = set()
    for fact in facts:
        degree.update((fact.subject, fact.object))
        if centre in (fact.subject, fact.object):
            near.update((fact.subject, fact.object))
    ranked = sorted(concepts, key=lambda curie: (curie != centre, curie not in near, -degree[curie], curie))
    return sorted(ranked[:MOST_CONCEPTS])


def _links(facts: Iterable[Fact]) -> list[Link]:
    said: dict[tuple[Curie, Curie, bool], set[Predicate]] = defaultdict(set)
    for fact in facts:
        said[fact.subject, fact.object, fact.negated].add(fact.predicate)
    return [Link(*ends, tuple(sorted(predicates))) for ends, predicates in sorted(said.items())]


def _wrapped(label: str) -> list[str]:
    return textwrap.wrap(label, _LINE_CHARACTERS, max_lines=_MOST_LINES, placeholder=" …") or [""]


def _size(lines: Sequence[str]) -> tuple[float, float]:
    return max(map(len, lines)) * _CHARACTER + 2 * _PADDING, len(lines) * _LINE + 2 * _PADDING - 3


def _line(link: Link, boxes: Mapping[Curie, Box]) -> str:
    one, other = boxes[link.subject], boxes[link.object]
    start, end = one.border_towards(other.x, other.y), other.border_towards(one.x, one.y)
    colour, dashes = (_DENIED, ' stroke-dasharray="6 4"') if link.negated else (_LINK, "")
    both_ways = all(predicate in SYMMETRIC for predicate in link.predicates)
    arrow = "" if both_ways else f' marker-end="url(#{"denied" if link.negated else "said"})"'
    return (
        f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}" stroke="{colour}" '
        f'stroke-width="1.4"{dashes}{arrow}><title>{escape(link.words)}</title></line>'
    )


def _words(link: Link, boxes: Mapping[Curie, Box]) -> str:
    one, other = boxes[link.subject], boxes[link.object]
    start, end = one.border_towards(other.x, other.y), other.border_towards(one.x, one.y)
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    colour = _DENIED if link.negated else "#444444"
    return (
        f'<text x="{x:.1f}" y="{y + 3:.1f}" text-anchor="middle" font-size="10" fill="{colour}" stroke="#ffffff" '
        f'stroke-width="3" paint-order="stroke">{escape(link.words)}</text>'
    )


def _box(concept: Concept, box: Box, lines: Sequence[str], centre: bool) -> str:
    top = box.y - box.height / 2
    texts = "".join(
        f'<text x="{box.x:.1f}" y="{top + _PADDING + 10 + row * _LINE:.1f}" text-anchor="middle" font-size="12"'
        f'{" font-weight=" + chr(34) + "bold" + chr(34) if centre else ""} fill="{_INK}">{escape(text)}</text>'
        for row, text in enumerate(lines)
    )
    return (
        f"<g><title>{escape(f'{concept.label} ({concept.curie})')}</title>"
        f'<rect x="{box.x - box.width / 2:.1f}" y="{top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" '
        f'rx="7" fill="{COLOURS.get(concept.category, _GREY)}" stroke="{_INK}" '
        f'stroke-width="{2.4 if centre else 0.8}"/>{texts}</g>'
    )


def _page(
    parts: Sequence[str], boxes: Mapping[Curie, Box], categories: Set[Category], denied: bool, notes: Sequence[str]
) -> str:
    found = boxes.values()
    left = min((box.x - box.width / 2 for box in found), default=0.0) - _MARGIN
    right = max((box.x + box.width / 2 for box in found), default=0.0) + _MARGIN
    top = min((box.y - box.height / 2 for box in found), default=0.0) - _MARGIN
    bottom = max((box.y + box.height / 2 for box in found), default=0.0) + _MARGIN
    legend = _legend(categories, denied, notes, left + _MARGIN, bottom)
    width, height = max(right - left, 420.0), bottom - top + (len(legend) + 1) * _LEGEND_ROW
    markers = "".join(
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        f'orient="auto"><path d="M0 0 10 5 0 10z" fill="{colour}"/></marker>'
        for name, colour in (("said", _LINK), ("denied", _DENIED))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.0f} {top:.0f} {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" font-family="Helvetica, Arial, sans-serif">'
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>'
        f"<defs>{markers}</defs>{''.join(parts)}{''.join(legend)}</svg>\n"
    )


def _legend(categories: Set[Category], denied: bool, notes: Sequence[str], x: float, y: float) -> list[str]:
    rows = []
    for category in (category for category in Category if category in categories):
        rows.append(_swatch(category, x, y) + _legend_text(category.name.lower().replace("_", " "), x, y))
        y += _LEGEND_ROW
    if denied:
        rows.append(_dashes(x, y) + _legend_text("denied: the source says that this does not hold", x, y))
        y += _LEGEND_ROW
    for note in notes:
        rows.append(_legend_text(note, x - 22, y))
        y += _LEGEND_ROW
    return rows


def _swatch(category: Category, x: float, y: float) -> str:
    colour = COLOURS.get(category, _GREY)
    return (
        f'<rect x="{x:.1f}" y="{y - 10:.1f}" width="16" height="12" rx="3" fill="{colour}" stroke="{_INK}" '
        f'stroke-width="0.6"/>'
    )


def _dashes(x: float, y: float) -> str:
    return (
        f'<line x1="{x:.1f}" y1="{y - 4:.1f}" x2="{x + 16:.1f}" y2="{y - 4:.1f}" stroke="{_DENIED}" '
        f'stroke-width="1.4" stroke-dasharray="6 4"/>'
    )


def _legend_text(text: str, x: float, y: float) -> str:
    return f'<text x="{x + 22:.1f}" y="{y:.1f}" font-size="12" fill="{_INK}">{escape(text)}</text>'
