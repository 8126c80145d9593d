"""A bar chart of what each finding contributes to one disease."""

from dataclasses import dataclass
from math import ceil, floor, log10

from .drawing import AGAINST, FOR, GRID, INK, MUTED, PAPER, Anchor, Box, Drawing, Shape, Stroke, Words, fitted
from .record import BearingRecord, CandidateRecord

_WIDTH, _LABELS, _ROW, _TOP = 660.0, 250.0, 20.0, 8.0
_RIGHT = 84.0
_MOST_ROWS = 14
_TICK = 58.0  # pixels between the labels of the axis
_SIZES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_LEAST = 0.05  # of a log10 ratio; less is no bar


@dataclass(frozen=True, slots=True)
class _Row:
    """One bar: the decimal logarithm of a ratio, and what it is of."""

    value: float
    name: str

    @property
    def words(self) -> str:
        return ratio_in_words(10**self.value)


def contribution_bars(candidate: CandidateRecord) -> Drawing | None:
    """Bars to the right for findings that speak for the disease, to the left for those against; ``None`` without any.

    The axis is logarithmic: each bar shows how many times more or less likely the finding makes the disease.
    """
    rows, left_out = _rows(candidate)
    if not rows:
        return None
    lowest = min(-0.5, min(row.value for row in rows))
    highest = max(0.5, max(row.value for row in rows))
    scale = (_WIDTH - _LABELS - _RIGHT - 40) / (highest - lowest)
    zero = _LABELS + 40 - lowest * scale
    bottom = _TOP + len(rows) * _ROW + 4
    shapes: list[Shape] = []
    step = max(1, ceil(_TICK / scale))
    for power in range(-floor(-lowest / step) * step, floor(highest) + 1, step):
        x = zero + power * scale
        shapes.append(Stroke(x, _TOP, x, bottom, INK if power == 0 else GRID, 1.0))
        shapes.append(Words(x, bottom + 14, _times(power), 10, Anchor.MIDDLE, MUTED))
    for n, row in enumerate(rows):
        shapes += _bar(row, _TOP + n * _ROW, zero, scale)
    note = f" ({left_out} smaller ones are left out)" if left_out else ""
    shapes.append(Words(_WIDTH / 2, bottom + 30, f"times as likely with the finding{note}", 10, Anchor.MIDDLE, MUTED))
    said = "; ".join(f"{row.name}: {row.words}" for row in rows)
    title = f"What each finding contributes to {candidate.label}"
    return Drawing(_WIDTH, bottom + 38, title, f"{said}.", tuple(shapes))


def _rows(candidate: CandidateRecord) -> tuple[list[_Row], int]:
    """The longest bars, those to the right first, and how many are left out; one for all that was only looked for."""
    rows = [
        _Row(log10(item.likelihood_ratio), finding_name(item))
        for item in candidate.findings
        if item.likelihood_ratio and item.bearing != "looked for"
    ]
    looked_for = [item for item in candidate.findings if item.bearing == "looked for" and item.likelihood_ratio]
    if looked_for:
        names = finding_name(looked_for[0]) if len(looked_for) == 1 else f"{len(looked_for)} looked for and absent"
        rows.append(_Row(sum(log10(item.likelihood_ratio or 1) for item in looked_for), names))
    longest = sorted((row for row in rows if abs(row.value) >= _LEAST), key=lambda row: (-abs(row.value), row.name))
    kept = sorted(longest[:_MOST_ROWS], key=lambda row: (-row.value, row.name))
    return kept, len(longest) - len(kept)


def _bar(row: _Row, top: float, zero: float, scale: float) -> list[Shape]:
    positive = row.value > 0
    x, width = (zero, row.value * scale) if positive else (zero + row.value * scale, -row.value * scale)
    anchor, at = (Anchor.START, x + width + 5) if positive else (Anchor.END, x - 5)
    fill, edge = (FOR, FOR) if positive else (PAPER, AGAINST)
    return [
        Words(_LABELS, top + 13, fitted(row.name, _LABELS, 11), 11, Anchor.END),
        Box(x, top + 3, width, _ROW - 7, fill, edge, 1.5, dashed=not positive, hint=f"{row.name}: {row.words}"),
        Words(at, top + 13, row.words, 10, anchor),
    ]


def _times(power: int) -> str:
    return "1" if power == 0 else f"{'×' if power > 0 else '÷'}{_large(10.0 ** abs(power))}"


def ratio_in_words(ratio: float | None) -> str:
    """A likelihood ratio as one says it: ``×12`` where it speaks for, ``÷4`` where it speaks against."""
    if ratio is None:
        return "–"
    return f"×{_large(ratio)}" if ratio >= 1 else f"÷{_large(1 / ratio)}"


def _large(times: float) -> str:
    """A number from one on, with a word for its size where digits would be counted."""
    for size, word in _SIZES:
        if times >= size:
            return f"{times / size:,.0f} {word}"
    return f"{times:,.0f}" if times >= 10 else f"{times:.1f}"


def finding_name(item: BearingRecord) -> str:
    """The label of a finding, with "no" before one that is absent."""
    return f"no {item.label}" if item.status == "excluded" else item.label
