"""Rows of tables, tab-separated or comma-separated; rows that do not fit their header are reported."""

import csv
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from .files import line_batches, text_lines
from .intake import Intake, at
from .kinds import Kind


def tab_rows(path: Path, intake: Intake) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and rows of a tab-separated file without quoting, the header first."""
    width = 0
    for number, line in text_lines(path, intake):
        if not line:
            continue
        row = line.split("\t")
        width = width or len(row)
        if len(row) == width:
            yield number, row
        else:
            intake.reject(Kind.MALFORMED, at(path, number), f"the row has {len(row)} columns, not {width}")


def quoted_rows(path: Path, intake: Intake, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Line numbers and rows of a CSV file with quoting, the header first.

    A stray quotation mark swallows lines until the next one; such lines are read again one by one.
    """
    recent: list[tuple[int, list[str]]] = []  # the batches that a row may still reach back into

    def batches() -> Iterator[list[str]]:
        for first, lines in line_batches(path, intake):
            recent[:] = [*recent[-1:], (first, lines)]
            yield [line + "\n" for line in lines]

    reader = csv.reader(chain.from_iterable(batches()), delimiter=delimiter)
    width = last = 0
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            row = []
        number = reader.line_num
        width = width or len(row)
        if len(row) == width and row:
            yield number, row
        else:
            taken = [(n, line) for first, lines in recent for n, line in enumerate(lines, first) if last < n <= number]
            yield from _one_by_one(taken, width, delimiter, path, intake)
        last = number


def _one_by_one(
    lines: Iterable[tuple[int, str]], width: int, delimiter: str, path: Path, intake: Intake
) -> Iterator[tuple[int, list[str]]]:
    for number, line in lines:
        try:
            row = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error as error:
            intake.reject(Kind.MALFORMED, at(path, number), str(error))
            continue
        if len(row) == width and row:
            yield number, row
        elif line.strip():
            intake.reject(Kind.MALFORMED, at(path, number), f"the row has {len(row)} columns, not {width}")
