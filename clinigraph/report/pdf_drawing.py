"""Drawings on PDF pages."""

from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable

from .drawing import Anchor, Box, Drawing, Shape, Stroke
from .pdf_fonts import Face


class DrawingFlowable(Flowable):
    """A drawing, scaled to the width of the column."""

    def __init__(self, drawing: Drawing, face: Face, width: float) -> None:
        super().__init__()
        self._drawing, self._face = drawing, face
        self._scale = min(1.0, width / drawing.width)
        self.width, self.height = drawing.width * self._scale, drawing.height * self._scale

    def wrap(self, *_: float) -> tuple[float, float]:
        """Its size in points."""
        return self.width, self.height

    def draw(self) -> None:
        """Put the shapes on the canvas."""
        canvas = self.canv
        canvas.saveState()
        canvas.scale(self._scale, self._scale)
        for shape in self._drawing.shapes:
            _draw(canvas, shape, self._drawing.height, self._face)
        canvas.restoreState()

    def split(self, *_: float) -> list[Flowable]:
        """A drawing is never split."""
        return []


def _draw(canvas: Any, shape: Shape, height: float, face: Face) -> None:
    """Draw one shape; pages count from their lower edge upwards."""
    if isinstance(shape, Stroke):
        canvas.setStrokeColor(HexColor(shape.colour))
        canvas.setLineWidth(shape.width)
        canvas.setDash(*((5, 3) if shape.dashed else ()))
        canvas.line(shape.x1, height - shape.y1, shape.x2, height - shape.y2)
    elif isinstance(shape, Box):
        canvas.setFillColor(HexColor(shape.fill))
        canvas.setLineWidth(1.2 if shape.stroke else 0)
        canvas.setDash(*((5, 3) if shape.dashed else ()))
        if shape.stroke:
            canvas.setStrokeColor(HexColor(shape.stroke))
        canvas.roundRect(
            shape.x,
            height - shape.y - shape.height,
            max(shape.width, 0),
            shape.height,
            shape.radius,
            stroke=int(bool(shape.stroke)),
            fill=1,
        )
    else:
        canvas.setFillColor(HexColor(shape.colour))
        canvas.setFont(face.bold if shape.bold else face.regular, shape.size)
        put = {
            Anchor.START: canvas.drawString,
            Anchor.MIDDLE: canvas.drawCentredString,
            Anchor.END: canvas.drawRightString,
        }[shape.anchor]
        put(shape.x, height - shape.y, face.shown(shape.text))
