"""From an exception to one sentence on standard error and an exit code; a traceback is for bugs only."""

import functools
import sys
from collections.abc import Callable
from typing import NoReturn, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

EXIT_FAILED = 1
"""The input, the graph, a model or the disk is at fault; the message says what to do."""

EXIT_INTERRUPTED = 130
"""The user pressed Ctrl-C; nothing is left half-done."""


def known_errors() -> tuple[type[Exception], ...]:
    """The base class of every error whose text is fit to show to a user."""
    from kg import GraphError
    from model import ModelError
    from retrieval import RetrievalError

    from .errors import UsageError

    return GraphError, RetrievalError, ModelError, UsageError


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """A command that fails with one clear sentence and a non-zero exit code."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except known_errors() as error:
            fail(str(error))
        except KeyboardInterrupt:
            fail("Stopped; nothing is left half-done.", EXIT_INTERRUPTED)
        except BrokenPipeError:
            sys.stderr.close()  # the reader of our output has gone; there is nobody to tell
            raise SystemExit(EXIT_FAILED) from None

    return run


def fail(message: str, code: int = EXIT_FAILED) -> NoReturn:
    """Print one sentence to standard error and leave with ``code``."""
    sentence = " ".join(message.split())
    print(f"clinigraph: {sentence}", file=sys.stderr)
    raise SystemExit(code)
