"""Files that commands write: whole or not at all for one document, line by line for a batch."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .errors import UnwritableFile


@contextmanager
def json_lines(path: Path) -> Iterator[IO[str]]:
    """A file for one JSON object a line; each line is complete once written, so a killed batch keeps what it did.

    Raises:
        UnwritableFile: it cannot be opened, or the disk is full.
    """
    try:
        with path.open("w", encoding="utf-8", buffering=1) as file:
            yield file
    except OSError as error:
        raise UnwritableFile(path, error.strerror or str(error)) from error
