"""Holds what transformers generates to a regular expression, token by token."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch
    from transformers import LogitsProcessor


def pattern_processor(pattern: str, tokenizer: Any, ends: list[int], prompt_tokens: int) -> "LogitsProcessor":
    """A logits processor that leaves only tokens with which the answer can still match ``pattern``.

    Raises:
        ValueError: it is no regular expression that can be held to.
    """
    import torch
    from llguidance import LLMatcher
    from llguidance.hf import from_tokenizer
    from transformers import LogitsProcessor

    grammar = LLMatcher.grammar_from_regex(pattern)
    vocabulary = from_tokenizer(tokenizer, eos_token=ends)
    if problem := LLMatcher.validate_grammar(grammar, vocabulary):
        raise ValueError(f"the pattern of the answer cannot be used ({problem})")

    class HoldToPattern(LogitsProcessor):
        """One matcher a row; a row that has ended may only end again."""

        def __init__(self) -> None:
            self._matchers: list[Any] = []
            self._read = prompt_tokens

        def __call__(self, input_ids: "torch.LongTensor", scores: "torch.FloatTensor") -> Any:
            if not self._matchers:
                self._matchers = [LLMatcher(vocabulary, grammar) for _ in range(input_ids.shape[0])]
            for matcher, row in zip(self._matchers, input_ids[:, self._read :].tolist(), strict=True):
                if row and not matcher.is_stopped():
                    matcher.consume_tokens(row)
            self._read = input_ids.shape[1]
            allowed = np.stack([_allowed(matcher, scores.shape[1], ends) for matcher in self._matchers])
            return scores.masked_fill(~torch.from_numpy(allowed).to(scores.device), float("-inf"))

    return HoldToPattern()


def _allowed(matcher: Any, size: int, ends: list[int]) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    if matcher.is_stopped():
        allowed = np.zeros(size, dtype=bool)
        allowed[ends] = True
        return allowed
    bits = np.unpackbits(np.frombuffer(matcher.compute_bitmask(), dtype=np.uint8), bitorder="little")
    allowed = np.zeros(size, dtype=bool)
    shared = min(size, len(bits))
    allowed[:shared] = bits[:shared]
    return allowed
