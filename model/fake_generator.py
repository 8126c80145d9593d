"""A generator without a language model: says what it was told to say."""

import re
from collections.abc import Callable, Iterator, Sequence

from .generator import Decoding, Message, cut_at_stop

_WORD = re.compile(r"\S+\s*|\s+")


class FakeGenerator:
    """Answers with the result of ``answer``, or always with the same text; deterministic, for tests and dry runs.

    A token is one word with the space behind it.
    """

    def __init__(self, answer: str | Callable[[Sequence[Message]], str], name: str = "fake") -> None:
        self._answer = answer
        self.name = name

    def stream(self, messages: Sequence[Message], settings: Decoding) -> Iterator[str]:
        """The words of the canned answer, at most ``max_new_tokens``."""
        text = self._answer if isinstance(self._answer, str) else self._answer(messages)
        words = [match.group() for match in _WORD.finditer(text)]
        yield from cut_at_stop(words[: settings.max_new_tokens], settings.stop)

    def generate_batch(self, conversations: Sequence[Sequence[Message]], settings: Decoding) -> list[str]:
        """One canned answer per conversation."""
        return ["".join(self.stream(messages, settings)) for messages in conversations]

    def count_tokens(self, text: str) -> int:
        """The number of words."""
        return len(text.split())
