"""What ``evaluate`` does once its arguments are read."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .config import Settings
from .evaluating import evaluate, parse_requests
from .progress import ProgressBars
from .wiring import Application


def evaluate_suites(settings: Settings, suites: Sequence[str], out: Path, sample: int) -> None:
    """Measure, write the figures to ``out``, and print them without the rows that went worst."""
    requests = parse_requests(suites)
    with ProgressBars() as bars:
        results = evaluate(Application(settings, bars), requests, out, sample, bars)
        bars.close()
    print(json.dumps(_without_worst(results), indent=1))


def _without_worst(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_worst(each) for key, each in value.items() if key != "worst"}
    return value
