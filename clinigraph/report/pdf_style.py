"""Paragraphs and tables of a PDF report: one face, four sizes, thin lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, Table, TableStyle

from .drawing import GRID, INK, MUTED
from .pdf_fonts import Face
from .wording import link_of

WIDTH, HEIGHT = A4
MARGIN = 17 * mm
COLUMN = WIDTH - 2 * MARGIN

WARN, WARN_SOFT, UNKNOWN_SOFT, SOFT = "#8a3b12", "#fdf3ec", "#fbf6e3", "#f4f6f9"
_LINK = "#1f4e79"


@dataclass(frozen=True, slots=True)
class Row:
    """Cells of a table, and the tint behind them."""

    cells: Sequence[str]
    tint: str | None = None


class Typesetter:
    """Makes paragraphs and tables. Cells and texts are markup: what comes from elsewhere goes through `plain` first."""

    def __init__(self, face: Face) -> None:
        self.face = face
        self.lacked = False
        base: dict[str, Any] = {"fontName": face.regular, "textColor": HexColor(INK), "splitLongWords": 1}
        bold = base | {"fontName": face.bold, "keepWithNext": 1}
        self._styles = {
            "title": ParagraphStyle("title", fontSize=19, leading=23, spaceAfter=2, **bold),
            "heading": ParagraphStyle("heading", fontSize=12.5, leading=16, spaceBefore=14, spaceAfter=4, **bold),
            "name": ParagraphStyle("name", fontSize=10.5, leading=14, spaceBefore=10, spaceAfter=2, **bold),
            "body": ParagraphStyle("body", fontSize=9, leading=12.5, spaceAfter=3, **base),
            "small": ParagraphStyle(
                "small", fontSize=7.6, leading=10.2, spaceAfter=2, **base | {"textColor": HexColor(MUTED)}
            ),
            "cell": ParagraphStyle("cell", fontSize=8, leading=10.4, **base),
            "right": ParagraphStyle("right", fontSize=8, leading=10.4, alignment=2, **base),
            "head": ParagraphStyle("head", fontSize=7.2, leading=9, **base | {"textColor": HexColor(MUTED)}),
        }

    def plain(self, text: str) -> str:
        """A text as markup that shows it and nothing else; remembers characters that the face lacks."""
        text = " ".join(text.split())
        self.lacked = self.lacked or self.face.lacks(text)
        return escape(self.face.shown(text))

    def muted(self, text: str) -> str:
        """The same in small grey."""
        return f'<font size="7" color="{MUTED}">{self.plain(text)}</font>' if text else ""

    def reference(self, curie: str) -> str:
        """An identifier, linked where it has a page."""
        page = link_of(curie)
        shown = self.plain(curie)
        return shown if page is None else f'<link href="{escape(page)}" color="{_LINK}">{shown}</link>'

    def text(self, markup: str, style: str = "body") -> Paragraph:
        """A paragraph."""
        return Paragraph(markup, self._styles[style])

    def note(self, markups: Sequence[str], tint: str = SOFT, edge: str = _LINK) -> Table:
        """A tinted box."""
        table = Table([[[self.text(markup) for markup in markups]]], colWidths=[COLUMN], splitInRow=1)
        table.setStyle(
            TableStyle(
                [
                    ("BACKGROUND", (0, 0), (-1, -1), HexColor(tint)),
                    ("LINEBEFORE", (0, 0), (0, -1), 3, HexColor(edge)),
                    ("LEFTPADDING", (0, 0), (-1, -1), 8),
                    ("TOPPADDING", (0, 0), (-1, -1), 4),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
                ]
            )
        )
        return table

    def table(
        self, heading: Sequence[str], rows: Sequence[Row], shares: Sequence[float], right: Sequence[int] = ()
    ) -> Table:
        """A table over the whole column; ``shares`` of it by column, ``right`` are the columns flush right."""
        scale = COLUMN / sum(shares)
        cells = [[self.text(self.plain(text), "head") for text in heading]]
        cells += [
            [self.text(cell, "right" if n in right else "cell") for n, cell in enumerate(row.cells)] for row in rows
        ]
        style: list[Any] = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("RIGHTPADDING", (0, 0), (-1, -1), 5),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ("LINEBELOW", (0, 0), (-1, 0), 0.7, HexColor(INK)),
            ("LINEBELOW", (0, 1), (-1, -1), 0.35, HexColor(GRID)),
        ]
        style += [
            ("BACKGROUND", (0, n), (-1, n), HexColor(row.tint)) for n, row in enumerate(rows, start=1) if row.tint
        ]
        return Table(
            cells,
            colWidths=[share * scale for share in shares],
            repeatRows=1,
            splitInRow=1,
            style=TableStyle(style),
            spaceBefore=3,
            spaceAfter=6,
        )
