"""What every language model of clinigraph can do, whatever runs it: `Generator` and the words it is spoken to with."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """Who speaks in a conversation."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Decoding:
    """How text is drawn from a model.

    ``temperature`` 0 is greedy and deterministic; ``seed`` counts only above 0. Generation ends before the first of the
    ``stop`` strings, which is not part of the text. ``repetition_penalty`` 1 leaves the model as it is; transformers
    applies it to new tokens only, since copying from the evidence is wanted. ``pattern`` is a regular expression that
    the whole answer must match (up to where ``max_new_tokens`` cuts it), made of literals, classes, groups,
    alternatives and counts; a server that cannot hold to one ignores it.
    """

    max_new_tokens: int = 220
    temperature: float = 0.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    repetition_penalty: float = 1.0
    pattern: str | None = None

    def __post_init__(self) -> None:
        if self.max_new_tokens < 1:
            raise ValueError(f"max_new_tokens must be at least 1, not {self.max_new_tokens}")
        if not 0.0 <= self.temperature <= 2.0:
            raise ValueError(f"temperature lies in 0..2, not {self.temperature}")
        if self.repetition_penalty < 1.0:
            raise ValueError(f"repetition_penalty is at least 1, not {self.repetition_penalty}")
        if "" in self.stop:
            raise ValueError("a stop string cannot be empty")


class Generator(Protocol):
    """A language model that answers a conversation."""

    @property
    def name(self) -> str:
        """The name under which answers report the model."""
        ...

    def stream(self, messages: Sequence[Message], settings: Decoding) -> Iterator[str]:
        """Pieces of the answer as they are generated; joined they are the whole answer. Closing it ends generation.

        Raises:
            ModelError: it cannot be generated; the text says what to do.
        """
        ...

    def generate_batch(self, conversations: Sequence[Sequence[Message]], settings: Decoding) -> list[str]:
        """One whole answer per conversation, in order."""
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens of the context ``text`` takes; an upper estimate where the tokenizer is not at hand."""
        ...


def cut_at_stop(pieces: Iterable[str], stop: Sequence[str]) -> Iterator[str]:
    """The pieces up to the first stop string, which may span pieces; what could still become one is held back.

    >>> list(cut_at_stop(["one, t", "wo. ", "EN", "D, more"], ["END"]))
    ['one, t', 'wo. ', '']
    """
    held = ""
    for piece in pieces:
        held += piece
        found = [at for at in (held.find(mark) for mark in stop) if at >= 0]
        if found:
            yield held[: min(found)]
            return
        keep = max((_overlap(held, mark) for mark in stop), default=0)
        if len(held) > keep:
            yield held[: len(held) - keep]
        held = held[len(held) - keep :]
    if held:
        yield held


def _overlap(text: str, mark: str) -> int:
    """The length of the longest end of ``text`` that begins ``mark``."""
    return next((n for n in range(min(len(text), len(mark) - 1), 0, -1) if text.endswith(mark[:n])), 0)
