"""Pictures as shapes: drawn once, written as SVG here and onto PDF pages by `clinigraph.report.pdf_drawing`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from xml.sax.saxutils import escape, quoteattr

INK, MUTED, GRID, PAPER = "#1b2430", "#5a6472", "#d5dae1", "#ffffff"
FOR, AGAINST, NEUTRAL, PATIENT = "#1f4e79", "#d98242", "#9aa3ae", "#e8edf3"
"""Blue, orange and grey differ in lightness too: they can be told apart in grey print and by the colour-blind."""

SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Noto Sans', sans-serif"
_WIDTH_PER_SIZE = 0.54  # of a mean character of a sans-serif face


class Anchor(StrEnum):
    """Which end of a text its place is."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its upper left corner, with a hint."""

    x: float
    y: float
    width: float
    height: float
    fill: str = PAPER
    stroke: str | None = None
    radius: float = 0.0
    dashed: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line, with a hint."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: str = MUTED
    width: float = 1.0
    dashed: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text by the place of its baseline."""

    x: float
    y: float
    text: str
    size: float = 11.0
    anchor: Anchor = Anchor.START
    colour: str = INK
    bold: bool = False


Shape: TypeAlias = Box | Stroke | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes on a sheet of so many pixels. ``title`` names it, ``description`` says in words what it shows."""

    width: float
    height: float
    title: str
    description: str
    shapes: tuple[Shape, ...]


def fitted(text: str, width: float, size: float) -> str:
    """The text, cut with an ellipsis where it is wider than ``width`` pixels."""
    most = max(4, int(width / (size * _WIDTH_PER_SIZE)))
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def svg(drawing: Drawing, identity: str) -> str:
    """The drawing as an SVG element with title and description; ``identity`` is unique on its page."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{identity}-t {identity}-d" '
        f'viewBox="0 0 {drawing.width:.0f} {drawing.height:.0f}" width="{drawing.width:.0f}" '
        f'height="{drawing.height:.0f}" font-family={quoteattr(SANS)}>'
        f'<title id="{identity}-t">{_text(drawing.title)}</title>'
        f'<desc id="{identity}-d">{_text(drawing.description)}</desc>'
        f"{''.join(_element(shape) for shape in drawing.shapes)}</svg>"
    )


def _element(shape: Shape) -> str:
    if isinstance(shape, Words):
        weight = ' font-weight="600"' if shape.bold else ""
        return (
            f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" font-size="{shape.size:g}" text-anchor="{shape.anchor}" '
            f'fill="{shape.colour}"{weight}>{_text(shape.text)}</text>'
        )
    hint = f"<title>{_text(shape.hint)}</title>" if shape.hint else ""
    dashes = ' stroke-dasharray="5 3"' if shape.dashed else ""
    if isinstance(shape, Stroke):
        return (
            f'<line x1="{shape.x1:.1f}" y1="{shape.y1:.1f}" x2="{shape.x2:.1f}" y2="{shape.y2:.1f}" '
            f'stroke="{shape.colour}" stroke-width="{shape.width:.2f}"{dashes}>{hint}</line>'
        )
    border = f' stroke="{shape.stroke}" stroke-width="1.2"' if shape.stroke else ""
    return (
        f'<rect x="{shape.x:.1f}" y="{shape.y:.1f}" width="{max(shape.width, 0):.1f}" height="{shape.height:.1f}" '
        f'rx="{shape.radius:g}" fill="{shape.fill}"{border}{dashes}>{hint}</rect>'
    )


def _text(text: str) -> str:
    """The text without the control characters that XML forbids, escaped."""
    return escape("".join(c if c in "\t\n" or (c >= " " and c not in "\x7f￾￿") else " " for c in text))
