"""Small instruction data for a tiny model, made by hand."""

import json
from pathlib import Path

from model import Message, Role
from model.tuning import Example, Task, write_examples

ANSWERS = {
    "Question one": "Marfan syndrome has ectopia lentis",
    "Question two": "It is rare",
    "Question three": "arachnodactyly is rare",
    "Question evidence": "The evidence does not say.",
}


def chat(group: str, question: str, answer: str, number: int = 0) -> Example:
    """One example; those of a group share their evidence."""
    messages = (
        Message(Role.SYSTEM, "Answer"),
        Message(Role.USER, f"evidence Marfan syndrome {'rare ' * (len(group) % 3)}. {question}"),
        Message(Role.ASSISTANT, answer),
    )
    return Example(f"{group}-{number}-{question}", group, Task.ANSWER, "finding", "", "HP:1", messages, question)


def examples(count: int) -> list[Example]:
    """So many examples, four questions a group."""
    asked = list(ANSWERS.items())
    return [chat("g" * (1 + n // 4), *asked[n % 4], n) for n in range(count)]


def data_folder(folder: Path, count: int = 24) -> Path:
    """A data folder as ``tune data`` makes it, as far as training reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    write_examples(folder / "train.jsonl", examples(count))
    write_examples(folder / "validation.jsonl", examples(8))
    manifest = {"prompts": {"answer": "answer-2+x"}, "graph_version": "g1", "abstention": "The evidence does not say."}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder
