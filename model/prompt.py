"""Prompts: versioned template files, filled with a question and its numbered evidence."""

import hashlib
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from kg import Curie
from retrieval import Context, EvidenceItem

from .errors import MalformedPrompt
from .generator import Message, Role

_PLACEHOLDERS = {"answer": ("question", "evidence"), "diagnosis": ("observed", "excluded", "evidence")}
_HASH_CHARACTERS = 8

Label = Callable[[Curie], str]
"""The name of a concept."""


@dataclass(frozen=True, slots=True)
class Example:
    """One worked example: a question, its evidence texts, and an answer as it should be."""

    question: str
    evidence: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """One prompt. ``version`` is the file's own and a hash of its content, so that no edit goes unnoticed.

    ``abstention`` is the sentence by which a model says that the evidence does not answer; empty where none is fixed.
    """

    name: str
    version: str
    system: str
    user: str
    item: str
    examples: tuple[Example, ...] = ()
    abstention: str = ""

    def listing(self, texts: Sequence[tuple[int, str]]) -> str:
        """Numbered evidence, one item a line."""
        return "\n".join(Template(self.item).substitute(n=n, text=" ".join(text.split())) for n, text in texts)


def read_prompt(name: str, folder: Path | None = None) -> PromptTemplate:
    """The template ``answer`` or ``diagnosis``: the one in ``folder`` if it has one, else the shipped one.

    Raises:
        MalformedPrompt: the file is no TOML, lacks a field or a placeholder.
    """
    own = folder / f"{name}.toml" if folder is not None else None
    if own is not None and own.is_file():
        return _parse(name, own, own.read_text(encoding="utf-8", errors="replace"))
    shipped = resources.files("model") / "prompts" / f"{name}.toml"
    return _parse(name, Path(f"{name}.toml"), shipped.read_text(encoding="utf-8"))


def _parse(name: str, path: Path, text: str) -> PromptTemplate:
    try:
        fields = tomllib.loads(text)
        version = f"{fields['version']}+{hashlib.sha256(text.encode()).hexdigest()[:_HASH_CHARACTERS]}"
        examples = tuple(_example(example) for example in fields.get("examples", []))
        template = PromptTemplate(
            name,
            version,
            fields["system"].strip(),
            fields["user"].strip(),
            fields["item"].strip(),
            examples,
            str(fields.get("abstention", "")).strip(),
        )
        lacking = set(_PLACEHOLDERS[name]) - set(Template(template.user).get_identifiers())
        lacking |= {"n", "text"} - set(Template(template.item).get_identifiers())
        _fill(template.user, dict.fromkeys(_PLACEHOLDERS[name], ""))
        _fill(template.item, {"n": "", "text": ""})
    except tomllib.TOMLDecodeError as error:
        raise MalformedPrompt(path, f"it is not valid TOML ({error})") from error
    except KeyError as error:
        raise MalformedPrompt(path, f"{error} is missing, or is no placeholder") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise MalformedPrompt(path, str(error)) from error
    if lacking:
        raise MalformedPrompt(path, f"it lacks the placeholder ${' and $'.join(sorted(lacking))}")
    return template


def _example(fields: dict[str, Any]) -> Example:
    return Example(str(fields["question"]), tuple(map(str, fields["evidence"])), str(fields["answer"]))


def _fill(text: str, values: dict[str, str]) -> str:
    return Template(text).substitute(values)


def answer_messages(context: Context, template: PromptTemplate, label: Label) -> list[Message]:
    """The conversation that asks for an answer to the context's question, in its words, from its evidence."""
    messages = [Message(Role.SYSTEM, template.system)]
    for example in template.examples:
        listing = template.listing(list(enumerate(example.evidence, start=1)))
        messages.append(Message(Role.USER, _fill(template.user, {"question": example.question, "evidence": listing})))
        messages.append(Message(Role.ASSISTANT, example.answer))
    question = in_words_of_the_evidence(context, label)
    filled = {"question": " ".join(question.split()), "evidence": template.listing(_numbered(context.items))}
    return [*messages, Message(Role.USER, _fill(template.user, filled))]


def in_words_of_the_evidence(context: Context, label: Label) -> str:
    """The question with each concept under the name that the evidence has for it.

    A small model does not know that two names mean one disease, and finds that the evidence is about another.
    """
    text = context.question
    about = {curie for item in context.items for curie in item.curies}
    for mention in sorted(context.mentions, key=lambda mention: -mention.start):
        meant = next((curie for curie in (mention.curie, *mention.alternatives) if curie in about), None)
        if meant is not None and (name := label(meant)).casefold() not in text.casefold():
            text = f"{text[: mention.start]}{name}{text[mention.end :]}"
    return text


def diagnosis_messages(
    observed: Sequence[str], excluded: Sequence[str], candidates: Context, template: PromptTemplate
) -> list[Message]:
    """The conversation that asks to explain diseases: each item of ``candidates`` is one, with its evidence."""
    filled = {
        "observed": ", ".join(observed) or "none",
        "excluded": ", ".join(excluded) or "none",
        "evidence": template.listing(_numbered(candidates.items)),
    }
    return [Message(Role.SYSTEM, template.system), Message(Role.USER, _fill(template.user, filled))]


def _numbered(items: Sequence[EvidenceItem]) -> list[tuple[int, str]]:
    return [(item.n, item.text) for item in items]
