"""A bar chart of what each finding contributes to one disease."""

from math import floor, log10

from .drawing import AGAINST, FOR, GRID, INK, MUTED, PAPER, Anchor, Box, Drawing, Shape, Stroke, Words, fitted
from .record import BearingRecord, CandidateRecord

_WIDTH, _LABELS, _ROW, _TOP = 660.0, 250.0, 20.0, 8.0
_RIGHT = 64.0
_MOST_ROWS = 14
_LEAST = 0.05  # of a log10 ratio; less is no bar


def contribution_bars(candidate: CandidateRecord) -> Drawing | None:
    """Bars to the right for findings that speak for the disease, to the left for those against; ``None`` without any.

    The axis is logarithmic: each bar shows how many times more or less likely the finding makes the disease.
    """
    rows = [(log10(item.likelihood_ratio), item) for item in candidate.findings if item.likelihood_ratio]
    rows = sorted((row for row in rows if abs(row[0]) >= _LEAST), key=lambda row: (-row[0], row[1].id))
    if not rows:
        return None
    left_out = max(0, len(rows) - _MOST_ROWS)
    if left_out:
        rows = sorted(sorted(rows, key=lambda row: -abs(row[0]))[:_MOST_ROWS], key=lambda row: (-row[0], row[1].id))
    lowest = min(-0.5, min(value for value, _ in rows))
    highest = max(0.5, max(value for value, _ in rows))
    scale = (_WIDTH - _LABELS - _RIGHT - 40) / (highest - lowest)
    zero = _LABELS + 40 - lowest * scale
    bottom = _TOP + len(rows) * _ROW + 4
    shapes: list[Shape] = []
    for power in range(-floor(-lowest), floor(highest) + 1):
        x = zero + power * scale
        shapes.append(Stroke(x, _TOP, x, bottom, INK if power == 0 else GRID, 1.0))
        shapes.append(Words(x, bottom + 14, _times(power), 10, Anchor.MIDDLE, MUTED))
    for n, (value, item) in enumerate(rows):
        shapes += _bar(value, item, _TOP + n * _ROW, zero, scale)
    note = f" ({left_out} smaller ones are left out)" if left_out else ""
    shapes.append(Words(_WIDTH / 2, bottom + 30, f"times as likely with the finding{note}", 10, Anchor.MIDDLE, MUTED))
    said = "; ".join(f"{_name(item)}: {ratio_in_words(item.likelihood_ratio)}" for _, item in rows)
    title = f"What each finding contributes to {candidate.label}"
    return Drawing(_WIDTH, bottom + 38, title, f"{said}.", tuple(shapes))


def _bar(value: float, item: BearingRecord, top: float, zero: float, scale: float) -> list[Shape]:
    positive = value > 0
    x, width = (zero, value * scale) if positive else (zero + value * scale, -value * scale)
    words = ratio_in_words(item.likelihood_ratio)
    end = Words(x + width + 5, top + 13, words, 10) if positive else Words(x - 5, top + 13, words, 10, Anchor.END)
    return [
        Words(_LABELS, top + 13, fitted(_name(item), _LABELS, 11), 11, Anchor.END),
        Box(
            x,
            top + 3,
            width,
            _ROW - 7,
            FOR if positive else PAPER,
            FOR if positive else AGAINST,
            1.5,
            dashed=not positive,
            hint=f"{_name(item)}: {words}",
        ),
        end,
    ]


def _name(item: BearingRecord) -> str:
    return f"no {item.label}" if item.status == "excluded" else item.label


def _times(power: int) -> str:
    return "1" if power == 0 else f"×{10**power:,}" if power > 0 else f"÷{10**-power:,}"


def ratio_in_words(ratio: float | None) -> str:
    """A likelihood ratio as one says it: ``×12`` where it speaks for, ``÷4`` where it speaks against."""
    if ratio is None:
        return "–"
    if ratio >= 1:
        return f"×{ratio:,.0f}" if ratio >= 10 else f"×{ratio:.1f}"
    return f"÷{1 / ratio:,.0f}" if ratio <= 0.1 else f"÷{1 / ratio:.1f}"
