"""The foot of every PDF page, with its number out of how many."""

from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from .drawing import GRID, MUTED
from .pdf_style import MARGIN, WIDTH
from .record import ReportRecord


def numbered(report: ReportRecord, font: str) -> type[Canvas]:
    """A canvas that writes the foot of every page when their number is known."""

    class Numbered(Canvas):
        def __init__(self, *arguments: Any, **settings: Any) -> None:
            super().__init__(*arguments, **settings)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802  # the name is ReportLab's
            self._pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]  # the stubs leave it out

        def save(self) -> None:
            for number, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                self._foot(number)
                super().showPage()
            super().save()

        def _foot(self, number: int) -> None:
            self.setStrokeColor(HexColor(GRID))
            self.line(MARGIN, MARGIN - 8, WIDTH - MARGIN, MARGIN - 8)
            self.setFont(font, 7)
            self.setFillColor(HexColor(MUTED))
            said = f"Supports a clinician and does not replace one · graph {report.kg_version} · {report.made}"
            self.drawString(MARGIN, MARGIN - 18, said)
            self.drawRightString(WIDTH - MARGIN, MARGIN - 18, f"Page {number} of {len(self._pages)}")

    return Numbered
