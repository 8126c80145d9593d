"""A report as one HTML page that needs nothing else, reads well on a screen and prints on A4."""

from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from .bars import contribution_bars, ratio_in_words
from .drawing import svg
from .network import case_network
from .record import ReportRecord
from .wording import (
    BEARINGS,
    VERDICTS,
    below_table,
    case_lists,
    link_of,
    patient_line,
    percent,
    question_groups,
    shared_sources,
    tabled,
    told,
    unresolved,
    verdict_counts,
)

if TYPE_CHECKING:
    from jinja2 import Environment

_WITH_CHART = 5
"""So many of the first diseases are drawn."""


def html(report: ReportRecord) -> str:
    """The page. Everything that comes from the case or the graph is escaped."""
    environment = _environment()
    network = case_network(report)
    charts = {
        candidate.id: svg(bars, f"bars-{candidate.rank}")
        for candidate in report.candidates[:_WITH_CHART]
        if (bars := contribution_bars(candidate)) is not None
    }
    page = environment.get_template("report.html").render(
        report=report,
        network=None if network is None else svg(network, "network"),
        charts=charts,
        style=_style(),
    )
    return "\n".join(line for line in page.splitlines() if line.strip()) + "\n"


@lru_cache(maxsize=1)
def _style() -> str:
    return (resources.files(__package__) / "templates" / "report.css").read_text("utf-8")


@lru_cache(maxsize=1)
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"ratio": ratio_in_words, "percent": percent, "link": link_of}
    environment.globals |= {
        "BEARINGS": BEARINGS,
        "VERDICTS": VERDICTS,
        "patient_line": patient_line,
        "question_groups": question_groups,
        "shared_sources": shared_sources,
        "tabled": tabled,
        "case_lists": case_lists,
        "below_table": below_table,
        "told": told,
        "unresolved": unresolved,
        "verdict_counts": verdict_counts,
    }
    return environment
