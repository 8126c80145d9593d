"""Every check of the repository, in order: format, lint, types, imports, tests (with the examples in the documents).

Run it as ``python tests/all.py``. All checks run even when one fails; each ends with one line that says how it went and
how long it took. The exit code is 0 only if all of them passed. Arguments are handed to pytest.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Check:
    """One command. Its output is shown as it comes if ``live``, otherwise only when it fails."""

    name: str
    command: tuple[str, ...]
    live: bool = False

    def passes(self) -> bool:
        """Run the command, print one closing line, and say whether it succeeded."""
        start = time.perf_counter()
        done = subprocess.run(
            self.command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=None if self.live else subprocess.PIPE,
            stderr=None if self.live else subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode and not self.live:
            print(done.stdout.rstrip())
        verdict = "FAILED" if done.returncode else "ok"
        print(f"{self.name:<8} {verdict:<6} {time.perf_counter() - start:6.1f} s", flush=True)
        return done.returncode == 0


def checks(pytest_arguments: Sequence[str]) -> tuple[Check, ...]:
    """The checks in the order in which they run, cheapest first."""
    python = sys.executable
    return (
        Check("format", (python, "-m", "ruff", "format", "--check", ".")),
        Check("lint", (python, "-m", "ruff", "check", ".")),
        Check("types", (python, "-m", "mypy")),
        Check("imports", (str(SCRIPTS / "lint-imports"), "--no-cache")),
        Check("tests", (python, "-m", "pytest", "-q", *pytest_arguments), live=True),
    )


def main() -> int:
    """Run every check.

    Returns:
        0 if all passed, otherwise 1.
    """
    failed = [check.name for check in checks(sys.argv[1:]) if not check.passes()]
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
