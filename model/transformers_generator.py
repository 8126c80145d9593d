"""A generator that runs a causal language model in this process, through transformers."""

import hashlib
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ModelOutOfMemory, ModelUnusable, PromptTooLong
from .generator import Decoding, Message, cut_at_stop
from .merging import load_merged
from .pattern_processor import pattern_processor

if TYPE_CHECKING:
    import torch
    from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

_BF16_INSTRUCTIONS = ("amx_bf16", "avx512_bf16", "bf16")


_GPU_DRIVERS = ("/proc/driver/nvidia", "/dev/kfd")


def find_gpu() -> str | None:
    """``"cuda"`` when there is a GPU that torch can use; torch is not loaded where no driver is to be seen."""
    if not (any(map(os.path.exists, _GPU_DRIVERS)) or shutil.which("nvidia-smi")):
        return None
    import torch

    return "cuda" if torch.cuda.is_available() else None


def best_dtype(device: str) -> "torch.dtype":
    """bf16 on a GPU and on CPUs with bf16 instructions, else float32.

    Without such instructions bf16 is emulated, and reading a prompt takes several times as long as in float32.
    """
    import torch

    instructions = torch.cpu.get_capabilities()
    fast = device != "cpu" or any(instructions.get(name, False) for name in _BF16_INSTRUCTIONS)
    return torch.bfloat16 if fast else torch.float32


class TransformersGenerator:
    """Runs the model in a local folder or under a hub identifier, with an ``adapter`` merged into it if one is given.

    Greedy decoding is deterministic on one machine. One answer at a time: concurrent calls wait for each other. With
    ``static_cache`` (by default on a GPU) a batch keeps its keys and values in arrays of fixed size, so that one
    compiled step serves every token.

    Raises:
        ModelUnusable: it cannot be loaded or has no chat template.
        ModelOutOfMemory: it does not fit into memory.
    """

    def __init__(
        self,
        source: str | Path,
        name: str,
        device: str | None = None,
        adapter: Path | None = None,
        static_cache: bool | None = None,
    ) -> None:
        self.name = name
        self.device = device or find_gpu() or "cpu"
        self._static_cache = self.device != "cpu" if static_cache is None else static_cache
        self._lock = threading.Lock()
        with self._failures():
            self._load(str(source), adapter, local=isinstance(source, Path))

    def _load(self, source: str, adapter: Path | None, local: bool) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig
        from transformers.utils import logging

        logging.disable_progress_bar()  # written to the terminal in the middle of an answer
        tokenizer: Any = AutoTokenizer.from_pretrained(source, local_files_only=local, padding_side="left")
        if not tokenizer.chat_template:
            raise ModelUnusable(self.name, "it has no chat template, so it is no instruction-tuned model")
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        dtype = best_dtype(self.device)
        if adapter is not None:
            model: Any = load_merged(Path(source), adapter, dtype)
        else:
            model = AutoModelForCausalLM.from_pretrained(source, dtype=dtype, local_files_only=local)
        ends = model.generation_config.eos_token_id
        # Sampling defaults that a model brings along would make greedy decoding something else.
        model.generation_config = GenerationConfig(
            eos_token_id=tokenizer.eos_token_id if ends is None else ends, pad_token_id=tokenizer.pad_token_id
        )
        self._tokenizer, self._model = tokenizer, model.to(self.device).eval()

    @property
    def template_sha256(self) -> str:
        """What names the chat template."""
        return hashlib.sha256(str(self._tokenizer.chat_template).encode()).hexdigest()

    def count_tokens(self, text: str) -> int:
        """The exact number of tokens of ``text``, without special tokens."""
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def stream(self, messages: Sequence[Message], settings: Decoding) -> Iterator[str]:
        """Pieces of the answer, whole words each; generation runs in a thread and ends when the iterator is closed."""
        from transformers import TextIteratorStreamer

        streamer = TextIteratorStreamer(self._tokenizer, skip_prompt=True, skip_special_tokens=True)
        run = _Run(threading.Event(), [])
        thread = threading.Thread(target=self._generate_into, args=(messages, settings, streamer, run), daemon=True)
        with self._lock:
            thread.start()
            try:
                yield from cut_at_stop(streamer, settings.stop)
            finally:
                run.stopped.set()
                thread.join()
        if run.failures:
            raise run.failures[0]

    def _generate_into(self, messages: Sequence[Message], settings: Decoding, streamer: Any, run: "_Run") -> None:
        try:
            self._generate([messages], settings, streamer=streamer, stopping_criteria=run.criteria())
        except Exception as failure:  # noqa: BLE001 - carried to the reading thread and raised there
            run.failures.append(failure)
            streamer.on_finalized_text("", stream_end=True)

    def generate_batch(self, conversations: Sequence[Sequence[Message]], settings: Decoding) -> list[str]:
        """One whole answer per conversation, computed together with padding on the left."""
        if not conversations:
            return []
        with self._lock:
            answers = self._generate(conversations, settings, static_cache=self._static_cache)
        texts: list[str] = self._tokenizer.batch_decode(answers, skip_special_tokens=True)
        return ["".join(cut_at_stop([text], settings.stop)) for text in texts]

    def _generate(
        self,
        conversations: Sequence[Sequence[Message]],
        settings: Decoding,
        *,
        static_cache: bool = False,
        **options: Any,
    ) -> Any:
        """Token ids of the answers, ``(n_conversations, up to max_new_tokens)``, padded on the right."""
        import torch

        with self._failures(), torch.inference_mode():
            inputs = self._encode(conversations, settings.max_new_tokens)
            prompt_tokens = inputs["input_ids"].shape[1]
            if settings.temperature > 0:
                torch.manual_seed(settings.seed)
            output: Any = self._model.generate(
                **inputs,
                generation_config=self._config(settings, static_cache),
                logits_processor=self._processors(settings, prompt_tokens),
                **options,
            )
            return output[:, prompt_tokens:]

    def _encode(self, conversations: Sequence[Sequence[Message]], new_tokens: int) -> Any:
        chats = [[{"role": m.role.value, "content": m.content} for m in messages] for messages in conversations]
        prompts = self._tokenizer.apply_chat_template(chats, add_generation_prompt=True, tokenize=False)
        inputs = self._tokenizer(prompts, return_tensors="pt", padding=True, add_special_tokens=False)
        limit = getattr(self._model.config, "max_position_embeddings", None)
        length = inputs["input_ids"].shape[1]
        if limit is not None and length + new_tokens > limit:
            raise PromptTooLong(self.name, length, new_tokens, limit)
        return inputs.to(self.device)

    def _config(self, settings: Decoding, static_cache: bool) -> "GenerationConfig":
        from transformers import GenerationConfig

        sampling = {"temperature": settings.temperature} if settings.temperature > 0 else {}
        chosen: dict[str, Any] = {"cache_implementation": "static"} if static_cache else {}
        ends = self._model.generation_config
        return GenerationConfig(
            max_new_tokens=settings.max_new_tokens,
            do_sample=settings.temperature > 0,
            eos_token_id=ends.eos_token_id,
            pad_token_id=ends.pad_token_id,
            **sampling,
            **chosen,
        )

    def _processors(self, settings: Decoding, prompt_tokens: int) -> "LogitsProcessorList":
        from transformers import LogitsProcessorList, RepetitionPenaltyLogitsProcessor

        processors = LogitsProcessorList()
        if settings.repetition_penalty != 1.0:
            processors.append(RepetitionPenaltyLogitsProcessor(float(settings.repetition_penalty), prompt_tokens))
        if settings.pattern is not None:
            ends = self._model.generation_config.eos_token_id
            ends = list(ends) if isinstance(ends, list | tuple) else [int(ends)]
            processors.append(pattern_processor(settings.pattern, self._tokenizer, ends, prompt_tokens))
        return processors

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Turn what torch and transformers raise into errors of this room."""
        import torch
        from safetensors import SafetensorError

        try:
            yield
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise ModelOutOfMemory(self.name, self.device) from error
        except RuntimeError as error:
            if "not enough memory" in str(error) or "out of memory" in str(error):
                raise ModelOutOfMemory(self.name, self.device) from error
            raise ModelUnusable(self.name, _first_line(error)) from error
        except (OSError, ValueError, KeyError, ImportError, SafetensorError) as error:
            raise ModelUnusable(self.name, _first_line(error)) from error


@dataclass(frozen=True, slots=True)
class _Run:
    """What the thread that generates and the one that reads share."""

    stopped: threading.Event
    failures: list[Exception]

    def criteria(self) -> "StoppingCriteriaList":
        import torch
        from transformers import StoppingCriteria, StoppingCriteriaList

        stopped = self.stopped

        class UntilClosed(StoppingCriteria):
            def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **kwargs: Any) -> Any:
                return torch.full((input_ids.shape[0],), stopped.is_set(), device=input_ids.device, dtype=torch.bool)

        return StoppingCriteriaList([UntilClosed()])


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".;")
