"""Instruction data on disk: one JSON object a line, and what is wrong with a line that is none."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..errors import MalformedTuningData
from ..generator import Message, Role
from .example import Example, Task


def write_examples(path: Path, examples: Iterable[Example]) -> int:
    """Write a file of examples; returns how many."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for example in examples:
            file.write(json.dumps(as_record(example), ensure_ascii=False) + "\n")
            count += 1
    return count


def as_record(example: Example) -> dict[str, Any]:
    """An example as plain JSON."""
    return {
        "id": example.id,
        "group": example.group,
        "task": example.task.value,
        "relation": example.relation,
        "form": example.form,
        "concept": example.concept,
        "messages": [{"role": m.role.value, "content": m.content} for m in example.messages],
        "question": example.question,
        "answering": list(example.answering),
        "expected": list(example.expected),
    }


def read_examples(path: Path) -> Iterator[Example]:
    """The examples of a file, in order. A file by hand needs ``messages`` alone.

    Raises:
        MalformedTuningData: the file is missing or empty, or a line is no example.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise MalformedTuningData(path.name, None, f"it cannot be opened ({error.strerror})") from error
    if not any(line.strip() for line in lines):
        raise MalformedTuningData(path.name, None, "it is empty")
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _example(line, path.name, number)


def _example(line: bytes, name: str, number: int) -> Example:
    try:
        record = json.loads(line.decode("utf-8"))
        messages = tuple(Message(Role(m["role"]), str(m["content"])) for m in record["messages"])
        return Example(
            str(record.get("id", number)),
            str(record.get("group", record.get("id", f"line {number}"))),
            Task(record.get("task", "answer")),
            str(record.get("relation", "")),
            str(record.get("form", "")),
            str(record.get("concept", "")),
            messages,
            str(record.get("question", "")),
            tuple(map(str, record.get("answering", ()))),
            tuple(map(str, record.get("expected", ()))),
        )
    except UnicodeDecodeError as error:
        raise MalformedTuningData(name, number, "its bytes are not UTF-8") from error
    except json.JSONDecodeError as error:
        raise MalformedTuningData(name, number, f"it is no JSON ({error.msg} at character {error.pos})") from error
    except KeyError as error:
        raise MalformedTuningData(name, number, f"{error} is missing") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise MalformedTuningData(name, number, str(error)) from error
