"""How long each step of one answer took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Collects milliseconds by step name; ``total`` runs from construction."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._steps: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time the block under ``name``."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._steps[name] = self._steps.get(name, 0.0) + (time.perf_counter() - began) * 1000

    def mark(self, name: str) -> None:
        """Note the time since construction under ``name``, once."""
        self._steps.setdefault(name, (time.perf_counter() - self._began) * 1000)

    def timings_ms(self) -> dict[str, float]:
        """All steps and the total so far, rounded to a tenth of a millisecond."""
        total = (time.perf_counter() - self._began) * 1000
        return {name: round(value, 1) for name, value in (*self._steps.items(), ("total", total))}
