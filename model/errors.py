"""What can go wrong with a language model, each as one sentence that says what to do next."""

from collections.abc import Iterable
from pathlib import Path


class ModelError(Exception):
    """Any failure of the model room; its text is fit to show to a user."""


class UnknownModel(ModelError):
    """A model was named that is neither in the catalogue, nor a folder, nor a hub identifier, nor an address."""

    def __init__(self, spec: str, known: Iterable[str]) -> None:
        super().__init__(
            f"There is no model {spec!r}; use one of {', '.join(sorted(known))}, a folder with weights, "
            "a hub name such as owner/model, or the address of an OpenAI-compatible server."
        )
        self.spec = spec


class ModelUnusable(ModelError):
    """A model was found but cannot answer: files missing or damaged, or no chat template."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The model {name} cannot be used: {reason}; choose another with --model.")
        self.name, self.reason = name, reason


class ModelOutOfMemory(ModelError):
    """The model, or one answer of it, does not fit into memory."""

    def __init__(self, name: str, device: str) -> None:
        super().__init__(
            f"The model {name} ran out of memory on {device}; lower the token budget of the context or the number of "
            "new tokens, answer fewer questions at once, close other programs, or choose a smaller model with --model."
        )
        self.name, self.device = name, device


class PromptTooLong(ModelError):
    """Prompt and answer together exceed what the model can attend to."""

    def __init__(self, name: str, prompt_tokens: int, new_tokens: int, limit: int) -> None:
        super().__init__(
            f"The prompt of {prompt_tokens} tokens and {new_tokens} new ones exceed the {limit} tokens of {name}; "
            "lower the token budget of the context, shorten the question, or choose another model with --model."
        )
        self.prompt_tokens, self.new_tokens, self.limit = prompt_tokens, new_tokens, limit


class ServerFailed(ModelError):
    """A remote generator could not be reached, refused, or broke off."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"The model server at {url} failed ({reason}); check that it runs, its address and model name."
        )
        self.url, self.reason = url, reason


class MalformedCatalogue(ModelError):
    """``data/models.lock`` lacks a field or has one of the wrong kind."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"The model catalogue is wrong at {where}: {reason}; reinstall clinigraph.")
        self.where, self.reason = where, reason


class MalformedPrompt(ModelError):
    """A prompt template is missing, is no TOML, or lacks a placeholder."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"The prompt template {path.name} cannot be used: {reason}; correct or remove the file.")
        self.path, self.reason = path, reason


class MalformedTuningData(ModelError):
    """A file of instruction data, or the table it is made from, has a line that cannot be read."""

    def __init__(self, name: str, line: int | None, reason: str) -> None:
        where = name if line is None else f"line {line} of {name}"
        super().__init__(f"The tuning data cannot be read at {where}: {reason}; correct it, or make the data again.")
        self.name, self.line, self.reason = name, line, reason


class MalformedTuningConfig(ModelError):
    """The file that describes a training run has a setting that is unknown or makes no sense."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"The training settings in {path.name} cannot be used: {reason}; correct the file.")
        self.path, self.reason = path, reason


class TuningDiverged(ModelError):
    """The loss became infinite or no number."""

    def __init__(self, step: int, kept: str) -> None:
        super().__init__(
            f"Training stopped at step {step} because its loss is no finite number; {kept}. "
            "Lower learning_rate, or raise warmup, and start again."
        )
        self.step, self.kept = step, kept


class TuningOutOfMemory(ModelError):
    """A training step did not fit into memory."""

    def __init__(self, row_tokens: int, rows: int) -> None:
        super().__init__(
            f"The training step does not fit into memory; lower rows ({rows}) to 1, then row_tokens ({row_tokens}), "
            "raise accumulation instead, or set gradient_checkpointing = true or dtype = bfloat16."
        )
        self.row_tokens, self.rows = row_tokens, rows


class TuningDiskFull(ModelError):
    """A checkpoint could not be written."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"Nothing more can be written to {folder} ({reason}); free some space and start the same command again: "
            "it goes on from the last whole checkpoint."
        )
        self.folder, self.reason = folder, reason


class BaseUnsuitable(ModelError):
    """A base model cannot be tuned as asked."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} cannot be tuned: {reason}.")
        self.name, self.reason = name, reason


class AdapterMismatch(ModelError):
    """An adapter was made for something else than is at hand."""

    def __init__(self, what: str, made_for: str, found: str, base: str) -> None:
        super().__init__(
            f"The adapter was made for another {what} ({made_for}) than the one at hand ({found}); "
            f"use it with {base} and the shipped prompts, or tune one for this {what} with clinigraph tune train."
        )
        self.what, self.made_for, self.found = what, made_for, found


class AdapterUnusable(ModelError):
    """A folder is no whole adapter."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"{folder} is no adapter that can be used: {reason}; reinstall clinigraph or tune it again.")
        self.folder, self.reason = folder, reason


class GateClosed(ModelError):
    """A tuned model failed a gate, so it was not published."""

    def __init__(self, failures: Iterable[str], kept: Path) -> None:
        told = "; ".join(failures)
        super().__init__(
            f"The tuned model was not published: {told}. Its checkpoints are in {kept}; train longer, lower "
            "learning_rate, add replay of older data, or loosen [gates] in the configuration if that is meant."
        )
        self.failures, self.kept = tuple(failures), kept


class TrainingPackagesMissing(ModelError):
    """What tuning needs beside answering is not installed."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Tuning needs the package {name}; install it with: pip install 'clinigraph[train]'.")
        self.name = name
