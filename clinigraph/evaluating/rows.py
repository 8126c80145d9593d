"""What was measured, one row a question and condition, kept on disk so that a stopped evaluation goes on."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from ..errors import UnreadableFile

Row = dict[str, Any]
Key = tuple[str, str, str]


@dataclass(slots=True)
class RowStore:
    """Rows by suite, condition and question in a JSONL file, whose first line says what they were measured on.

    A file that was measured on something else is begun anew; a last line that was cut off is dropped.
    """

    path: Path
    header: Mapping[str, str]
    _rows: dict[Key, Row] = field(default_factory=dict)
    _file: IO[str] | None = None

    def __enter__(self) -> "RowStore":
        self._rows = {_key(row): row for row in self._read()}
        kept = list(self._rows.values())
        try:
            self._file = self.path.open("w", encoding="utf-8")
        except OSError as error:
            raise UnreadableFile(self.path, f"it cannot be written ({error.strerror}).") from error
        self._file.write(json.dumps({"header": dict(self.header)}) + "\n")
        for row in kept:
            self._write(row)
        self._file.flush()
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def _read(self) -> Iterator[Row]:
        if not self.path.is_file():
            return
        lines = self.path.read_text(encoding="utf-8").splitlines()
        records = [record for line in lines if (record := _parsed(line)) is not None]
        if records and records[0].get("header") == dict(self.header):
            yield from records[1:]

    def has(self, suite: str, condition: str, question: str) -> bool:
        """Whether this was measured before."""
        return (suite, condition, question) in self._rows

    def add(self, row: Row) -> None:
        """Keep a row, on disk at once."""
        self._rows[_key(row)] = row
        self._write(row)
        if self._file is not None:
            self._file.flush()

    def of(self, suite: str) -> list[Row]:
        """The rows of a suite, in the order in which they were measured."""
        return [row for (name, _, _), row in self._rows.items() if name == suite]

    def _write(self, row: Row) -> None:
        if self._file is not None:
            self._file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _key(row: Row) -> Key:
    return str(row["suite"]), str(row["condition"]), str(row["id"])


def _parsed(line: str) -> Row | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def by_condition(rows: list[Row]) -> dict[str, list[Row]]:
    """Rows grouped by condition, in order."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["condition"], []).append(row)
    return groups


def evenly(items: list[Any], most: int) -> list[Any]:
    """At most ``most`` of the items, evenly spread, in order.

    >>> evenly([1, 2, 3, 4, 5, 6], 3)
    [1, 3, 5]
    """
    if most >= len(items):
        return items
    return [items[at * len(items) // most] for at in range(most)]
