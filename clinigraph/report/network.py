"""The case, its findings and the best diseases as a picture: lines show which finding speaks for which disease."""

from math import log10

from .bars import finding_name
from .drawing import AGAINST, FOR, INK, MUTED, PAPER, PATIENT, Anchor, Box, Drawing, Shape, Stroke, Words, fitted
from .record import BearingRecord, CandidateRecord, ReportRecord

_WIDTH = 690.0
_PATIENT, _FINDINGS, _DISEASES = (0.0, 84.0), (126.0, 218.0), (466.0, 224.0)  # left edge and width of each column
_ROW, _BOX = 30.0, 23.0
_MOST_FINDINGS, _MOST_DISEASES = 14, 5
_LEAST_LINE = 0.3  # of a log10 ratio: twice as likely


def case_network(report: ReportRecord) -> Drawing | None:
    """Patient, findings and diseases in three columns, so that lines cross little; ``None`` without findings."""
    diseases = [item for item in report.candidates if item.findings][:_MOST_DISEASES]
    links = _links(diseases)
    findings = _findings(diseases, links)
    if not findings or not diseases:
        return None
    ranks = {curie: _middle(curie, links) for curie in findings}
    ordered = sorted(findings.values(), key=lambda item: (ranks[item.id], item.label))
    rows = max(len(ordered), len(diseases))
    height = rows * _ROW + 46
    finding_y = {item.id: _place(n, len(ordered), rows) for n, item in enumerate(ordered)}
    disease_y = {item.id: _place(n, len(diseases), rows) for n, item in enumerate(diseases)}
    middle = rows * _ROW / 2 + 4
    shapes: list[Shape] = [
        Stroke(_PATIENT[1], middle, _FINDINGS[0], y, MUTED, 0.8, dashed=findings[curie].status == "excluded")
        for curie, y in finding_y.items()
    ]
    shapes += [
        _line(value, finding_y[finding], disease_y[disease], f"{findings[finding].label}: {label}")
        for (finding, disease), (value, label) in links.items()
        if finding in finding_y
    ]
    shapes += [
        Box(_PATIENT[0], middle - 16, _PATIENT[1], 32, PATIENT, INK, 6),
        Words(_PATIENT[1] / 2, middle + 4, "Patient", 12, Anchor.MIDDLE, bold=True),
    ]
    for item in ordered:
        shapes += _box(_FINDINGS, finding_y[item.id], finding_name(item), dashed=item.status == "excluded")
    for disease in diseases:
        shapes += _box(_DISEASES, disease_y[disease.id], f"{disease.rank}. {disease.label}", bold=disease.rank == 1)
    shapes += _key(rows * _ROW + 30)
    return Drawing(
        _WIDTH,
        height,
        "Findings of the case and the diseases that they speak for",
        _described(ordered, diseases, links),
        tuple(shapes),
    )


Links = dict[tuple[str, str], tuple[float, str]]


def _links(diseases: list[CandidateRecord]) -> Links:
    return {
        (item.id, disease.id): (log10(item.likelihood_ratio), disease.label)
        for disease in diseases
        for item in disease.findings
        if item.likelihood_ratio and abs(log10(item.likelihood_ratio)) >= _LEAST_LINE
    }


def _findings(diseases: list[CandidateRecord], links: Links) -> dict[str, BearingRecord]:
    """The findings of the case that matter most over the diseases shown."""
    known = {
        item.id: item
        for disease in diseases
        for item in disease.findings
        if item.status == "observed" or item.bearing == "against"
    }
    weight = {curie: sum(abs(v) for (finding, _), (v, _) in links.items() if finding == curie) for curie in known}
    chosen = sorted(known, key=lambda curie: (-weight[curie], curie))[:_MOST_FINDINGS]
    return {curie: known[curie] for curie in chosen}


def _middle(curie: str, links: Links) -> float:
    """Where the diseases of a finding lie on average: findings beside their diseases make lines cross less."""
    order = list(dict.fromkeys(disease for _, disease in links))
    own = [(order.index(disease), abs(value)) for (finding, disease), (value, _) in links.items() if finding == curie]
    total = sum(value for _, value in own)
    return sum(place * value for place, value in own) / total if total else len(order)


def _place(n: int, count: int, rows: int) -> float:
    return 4 + (n + 0.5) * rows * _ROW / count


def _line(value: float, y1: float, y2: float, hint: str) -> Stroke:
    width = min(4.5, 0.8 + abs(value))
    start, end = _FINDINGS[0] + _FINDINGS[1], _DISEASES[0]
    return Stroke(start, y1, end, y2, FOR if value > 0 else AGAINST, width, dashed=value < 0, hint=hint)


def _box(
    column: tuple[float, float], y: float, text: str, *, dashed: bool = False, bold: bool = False
) -> tuple[Shape, Shape]:
    x, width = column
    size = 11.5
    return (
        Box(x, y - _BOX / 2, width, _BOX, PAPER, INK, 4, dashed=dashed, hint=text),
        Words(x + 8, y + 4, fitted(text, width - 14, size * (1.12 if bold else 1.0)), size, bold=bold),
    )


def _key(y: float) -> list[Shape]:
    return [
        Stroke(_FINDINGS[0], y, _FINDINGS[0] + 34, y, FOR, 3),
        Words(_FINDINGS[0] + 42, y + 4, "speaks for (wider: more)", 10.5, colour=MUTED),
        Stroke(_FINDINGS[0] + 200, y, _FINDINGS[0] + 234, y, AGAINST, 2, dashed=True),
        Words(_FINDINGS[0] + 242, y + 4, "speaks against; dashed box: absent", 10.5, colour=MUTED),
    ]


def _described(findings: list[BearingRecord], diseases: list[CandidateRecord], links: Links) -> str:
    parts = []
    for disease in diseases:
        names = [finding_name(item) for item in findings if links.get((item.id, disease.id), (0.0, ""))[0] > 0]
        parts.append(f"{disease.label}: {', '.join(names) if names else 'no finding speaks for it strongly'}")
    return "Findings that speak for each disease. " + "; ".join(parts) + "."
