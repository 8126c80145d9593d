"""How long work tells its caller how far it is."""

from typing import Protocol


class Report(Protocol):
    """Called as work goes on; ``total`` is 0 while it is not known."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` units of ``step`` are done."""


def silent(step: str, done: int, total: int) -> None:
    """Report nothing."""
