"""Progress on standard error: bars on a terminal, plain lines elsewhere, nothing for steps that are over at once."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_QUIET_S = 1.0


class ProgressBars:
    """A `kg.Report` that shows each step; use it as a context manager so that the bars go away when work is done."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._began: dict[str, float] = {}
        self._announced: set[str] = set()

    def __enter__(self) -> "ProgressBars":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take the bars off the screen."""
        if self._bars is not None:
            self._bars.stop()
            self._bars = None
            self._tasks.clear()

    def __call__(self, step: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` units of ``step`` are done."""
        if self._terminal:
            self._show(step, done, total)
        else:
            self._tell(step, done, total)

    def _show(self, step: str, done: int, total: int) -> None:
        if self._bars is None:
            self._bars = _bars()
            self._bars.start()
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(step, total=None)
        self._bars.update(self._tasks[step], completed=done, total=total if total > 1 or done else None)

    def _tell(self, step: str, done: int, total: int) -> None:
        now = time.monotonic()
        if done >= total > 0:
            began = self._began.pop(step, now)
            if step in self._announced or now - began >= _QUIET_S:
                print(f"{step}: done in {now - began:.0f} s", file=sys.stderr, flush=True)
            self._announced.discard(step)
            return
        began = self._began.setdefault(step, now)
        if step not in self._announced and now - began >= _QUIET_S:
            self._announced.add(step)
            print(f"{step} …", file=sys.stderr, flush=True)


def _bars() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)
