"""A generator that runs a causal language model on a CPU through OpenVINO GenAI."""

import hashlib
import queue
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .errors import ModelOutOfMemory, ModelUnusable, PromptTooLong
from .generator import Decoding, Message, cut_at_stop
from .gguf_weights import GgufModel

_DRAFTED_TOKENS = 5
_DRAFT_NGRAM = 3
_MEMORY_WORDS = ("bad_alloc", "out of memory", "not enough memory", "cannot allocate", "failed to allocate")
_PLACE = re.compile(r"^.*\.(?:cc|[ch]pp):\d+:")
_END: None = None


def openvino_is_installed() -> bool:
    """Whether OpenVINO GenAI is at hand; it has no builds for some systems."""
    return find_spec("openvino_genai") is not None


class OpenVinoGenerator:
    """Runs a GGUF file, or a folder that OpenVINO wrote, on the CPU.

    ``context_length`` is in tokens; a GGUF file knows its own. ``drafts`` turns the guessing on.

    Greedy decoding is deterministic on one machine. The next tokens are guessed from the prompt, where most of a
    grounded answer stands, and kept only where the model agrees (Saxena 2023, prompt lookup decoding): the text stays
    the same and comes several times faster. One call at a time: concurrent ones wait for each other. The repetition
    penalty of `Decoding` counts the prompt's tokens as well.

    Raises:
        ModelUnusable: it cannot be loaded or has no chat template.
        ModelOutOfMemory: it does not fit into memory.
    """

    def __init__(self, source: Path, name: str, context_length: int | None = None, *, drafts: bool = True) -> None:
        self.name = name
        self._limit, self._drafts = context_length, drafts
        self._lock = threading.Lock()
        with self._failures():
            self._load(source)

    def _load(self, source: Path) -> None:
        import openvino_genai as genai

        if source.is_dir() and not (source / "openvino_model.xml").is_file():
            raise ModelUnusable(self.name, "its folder has no openvino_model.xml")
        if not source.is_dir():
            self._limit = GgufModel(source, self.name).context_length  # and a torn file would end the whole process
        self._pipeline = genai.LLMPipeline(source, "CPU", prompt_lookup=self._drafts)
        self._tokenizer = self._pipeline.get_tokenizer()
        if not self._tokenizer.chat_template:
            raise ModelUnusable(self.name, "it has no chat template, so it is no instruction-tuned model")

    @property
    def template_sha256(self) -> str:
        """What names the chat template."""
        return hashlib.sha256(str(self._tokenizer.get_original_chat_template()).encode()).hexdigest()

    def count_tokens(self, text: str) -> int:
        """The exact number of tokens of ``text``, without special tokens."""
        if not text:
            return 0
        return int(self._tokenizer.encode(text, add_special_tokens=False).input_ids.shape[1])

    def stream(self, messages: Sequence[Message], settings: Decoding) -> Iterator[str]:
        """Pieces of the answer; generation runs in a thread and ends when the iterator is closed."""
        prompt = self._prompt(messages, settings)
        run = _Run()
        thread = threading.Thread(target=self._generate_into, args=(prompt, settings, run), daemon=True)
        with self._lock:
            thread.start()
            try:
                yield from cut_at_stop(iter(run.pieces.get, _END), settings.stop)
            finally:
                run.closed.set()
                thread.join()
        if run.failures:
            raise run.failures[0]

    def _generate_into(self, prompt: str, settings: Decoding, run: "_Run") -> None:
        import openvino_genai as genai

        def take(piece: str) -> genai.StreamingStatus:
            run.pieces.put(piece)
            return genai.StreamingStatus.CANCEL if run.closed.is_set() else genai.StreamingStatus.RUNNING

        try:
            with self._failures():
                self._pipeline.generate(prompt, self._config(settings), take)
        except Exception as failure:  # noqa: BLE001 - carried to the reading thread and raised there
            run.failures.append(failure)
        finally:
            run.pieces.put(_END)

    def generate_batch(self, conversations: Sequence[Sequence[Message]], settings: Decoding) -> list[str]:
        """One whole answer per conversation, computed together: a conversation that has ended makes room for the next.

        A ``pattern`` holds for all of them.
        """
        if not conversations:
            return []
        prompts = [self._prompt(messages, settings) for messages in conversations]
        with self._lock, self._failures():
            texts: list[str] = self._pipeline.generate(prompts, self._config(settings)).texts
        return ["".join(cut_at_stop([text], settings.stop)) for text in texts]

    def _prompt(self, messages: Sequence[Message], settings: Decoding) -> str:
        with self._failures():
            chat = [{"role": message.role.value, "content": message.content} for message in messages]
            prompt: str = self._tokenizer.apply_chat_template(chat, add_generation_prompt=True)
            length = self.count_tokens(prompt)
        if self._limit is not None and length + settings.max_new_tokens > self._limit:
            raise PromptTooLong(self.name, length, settings.max_new_tokens, self._limit)
        return prompt

    def _config(self, settings: Decoding) -> Any:
        import openvino_genai as genai

        config = genai.GenerationConfig()
        config.max_new_tokens = settings.max_new_tokens
        config.apply_chat_template = False  # the prompt has gone through it
        config.eos_token_id = self._tokenizer.get_eos_token_id()
        if self._drafts:
            config.num_assistant_tokens, config.max_ngram_size = _DRAFTED_TOKENS, _DRAFT_NGRAM
        config.repetition_penalty = settings.repetition_penalty
        config.stop_strings = set(settings.stop)
        config.do_sample = settings.temperature > 0
        if config.do_sample:
            config.temperature, config.rng_seed = settings.temperature, settings.seed
        if settings.pattern is not None:
            config.structured_output_config = genai.StructuredOutputConfig(regex=settings.pattern)
        return config

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Turn what OpenVINO raises into errors of this room."""
        try:
            yield
        except MemoryError as error:
            raise ModelOutOfMemory(self.name, "cpu") from error
        except (RuntimeError, ValueError, TypeError, ImportError, OSError) as error:
            told = str(error)
            if any(words in told.lower() for words in _MEMORY_WORDS):
                raise ModelOutOfMemory(self.name, "cpu") from error
            raise ModelUnusable(self.name, _last_line(told)) from error


@dataclass(frozen=True, slots=True)
class _Run:
    """What the thread that generates and the one that reads share; the end of the pieces is ``None``."""

    pieces: "queue.SimpleQueue[str | None]" = field(default_factory=queue.SimpleQueue)
    closed: threading.Event = field(default_factory=threading.Event)
    failures: list[Exception] = field(default_factory=list)


def _last_line(told: str) -> str:
    """The line that says what is wrong: OpenVINO's errors begin with places in its own source."""
    lines = [_PLACE.sub("", line).strip() for line in told.splitlines()]
    said = [line for line in lines if line]
    return said[-1].rstrip(".;") if said else "it failed without a word"
