"""Examples as token ids with a loss on the answer alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..generator import Message
from .example import Example

IGNORED = -100
"""The label of a token without a loss, as torch has it."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One example as ids: the prompt, then the answer with its end mark, which alone are learnt."""

    group: str
    prompt: tuple[int, ...]
    answer: tuple[int, ...]

    @property
    def ids(self) -> tuple[int, ...]:
        """All ids."""
        return (*self.prompt, *self.answer)


def encode(example: Example, tokenizer: Any) -> Encoded:
    """A chat example by the tokenizer's chat template; the answer is what the template puts after its own prompt."""
    *before, last = example.messages
    prompt = _chat(tokenizer, before, generate=True)
    whole = _chat(tokenizer, [*before, last], generate=False)
    if not whole.startswith(prompt):
        whole = prompt + last.content + (tokenizer.eos_token or "")
    answer = whole[len(prompt) :].rstrip("\n")
    ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in (prompt, answer)]
    return Encoded(example.group, tuple(ids[0]), tuple(ids[1]))


def encode_pair(example: Example, tokenizer: Any) -> Encoded:
    """An example for a sequence-to-sequence base: what is read, as plain text, and what is written."""
    *before, last = example.messages
    text = "\n".join(message.content for message in before)
    source = tokenizer(text)["input_ids"]
    return Encoded(example.group, tuple(source), tuple(tokenizer(text_target=last.content)["input_ids"]))


def _chat(tokenizer: Any, messages: Sequence[Message], *, generate: bool) -> str:
    chat = [{"role": m.role.value, "content": m.content} for m in messages]
    return str(tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=generate))
