"""How probable a language model finds a text: for perplexity, and to choose between continuations."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kg import Report

from .dense import dense_folder
from .errors import ModelUnusable
from .generator import Message
from .merging import load_merged
from .opening import find_catalogued
from .weights import read_models


class TextScorer:
    """Scores texts with a model of the catalogue or in a folder, in float32 on the CPU.

    Raises:
        ModelUnusable: ``spec`` is neither, or the model cannot be loaded.
    """

    def __init__(self, spec: str, cache: Path, report: Report) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        chosen = find_catalogued(spec, read_models())
        if chosen is None and not Path(spec).is_dir():
            raise ModelUnusable(spec, "only models of the catalogue and in folders can score a text")
        folder = Path(spec) if chosen is None else dense_folder(chosen[0], cache, report)
        adapter = None if chosen is None else chosen[1]
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            if adapter is not None:
                self._model = load_merged(folder, adapter, torch.float32)
            else:
                self._model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            raise ModelUnusable(spec, str(error).splitlines()[0]) from error
        self._model.eval()

    def perplexity(self, text: str, window: int = 512) -> tuple[float, int]:
        """The perplexity of a text read in windows of so many tokens, and the number of tokens that were predicted."""
        import torch

        tokens = self._tokenizer(text, add_special_tokens=False, return_tensors="pt")["input_ids"][0]
        total, count = 0.0, 0
        with torch.inference_mode():
            for piece in tokens.split(window):
                if len(piece) > 1:
                    logits = self._model(piece[None]).logits[0, :-1]
                    total += float(torch.nn.functional.cross_entropy(logits, piece[1:], reduction="sum"))
                    count += len(piece) - 1
        return math.exp(total / max(1, count)), count

    def choose(self, messages: Sequence[Message], answers: Sequence[str]) -> int:
        """The position of the answer whose tokens the model finds most probable on average, after the conversation."""
        import torch

        chat = [{"role": message.role.value, "content": message.content} for message in messages]
        prompt = self._tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
        start = self._tokenizer(prompt, add_special_tokens=False)["input_ids"]
        scores = []
        with torch.inference_mode():
            for answer in answers:
                own = self._tokenizer(answer, add_special_tokens=False)["input_ids"]
                ids = torch.tensor([[*start, *own]])
                logits = self._model(ids).logits[0, len(start) - 1 : -1]
                scores.append(-float(torch.nn.functional.cross_entropy(logits, ids[0, len(start) :])))
        return max(range(len(scores)), key=scores.__getitem__)
