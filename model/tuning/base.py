"""Base models to be tuned: opened from the catalogue, a folder or a hub, with what a contract must know of them."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg import Report, sha256_of

from ..dense import dense_folder
from ..errors import BaseUnsuitable
from ..weights import read_models
from .config import BaseKind, BaseModel


@dataclass(frozen=True, slots=True)
class Base:
    """A model with its tokenizer. ``weights_sha256`` names its weights, ``template_sha256`` its chat template."""

    name: str
    model: Any
    tokenizer: Any
    weights_sha256: str
    template_sha256: str

    @property
    def pad_id(self) -> int:
        """The id that fills up batches."""
        pad = self.tokenizer.pad_token_id
        return int(self.tokenizer.eos_token_id if pad is None else pad)


def open_base(chosen: BaseModel, cache: Path, report: Report) -> Base:
    """The base model of a run.

    Raises:
        BaseUnsuitable: it cannot be opened, or is a causal model without a chat template.
        GraphError: the weights of the catalogue cannot be fetched, or are not the pinned ones.
    """
    name, source, weights_sha256 = _located(chosen.name, cache, report)
    return load_base(source, name, chosen, weights_sha256)


def open_tokenizer(name: str, cache: Path, report: Report) -> Any:
    """The tokenizer of a base model alone; raises as `open_base` does."""
    found, source, _ = _located(name, cache, report)
    return _tokenizer(source, found)


def _located(name: str, cache: Path, report: Report) -> tuple[str, Path | str, str | None]:
    """The name of a base, its folder or hub identifier, and the hash of its weights if the catalogue has one."""
    catalogue = read_models()
    name = catalogue.default if name == "default" else name
    if name in catalogue.generators:
        entry = catalogue.generators[name]
        return name, dense_folder(entry, cache, report), entry.weights_sha256
    return name, Path(name) if Path(name).is_dir() else name, None


def load_base(source: Path | str, name: str, chosen: BaseModel, weights_sha256: str | None) -> Base:
    """A model from a folder or hub; without ``weights_sha256`` its weights files are hashed."""
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    kind: Any = AutoModelForCausalLM if chosen.kind is BaseKind.CAUSAL else AutoModelForSeq2SeqLM
    tokenizer = _tokenizer(source, name)
    if chosen.kind is BaseKind.CAUSAL and not tokenizer.chat_template:
        raise BaseUnsuitable(name, "it has no chat template; choose a base that was tuned to follow instructions")
    try:
        model: Any = kind.from_pretrained(
            str(source), dtype=getattr(torch, chosen.dtype), local_files_only=isinstance(source, Path)
        )
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise BaseUnsuitable(name, _first_line(error)) from error
    hashed = weights_sha256 or (weights_hash(source) if isinstance(source, Path) else "")
    model.config.use_cache = False
    return Base(name, model, tokenizer, hashed, template_hash(tokenizer))


def _tokenizer(source: Path | str, name: str) -> Any:
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(str(source), local_files_only=isinstance(source, Path))
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise BaseUnsuitable(name, _first_line(error)) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


def template_hash(tokenizer: Any) -> str:
    """The sha256 of a chat template."""
    return hashlib.sha256(str(tokenizer.chat_template or "").encode()).hexdigest()


def weights_hash(folder: Path) -> str:
    """What names the weights in a folder: the hash of the file they were made from, or of all weights files."""
    origin = folder / "origin.json"
    if origin.is_file():
        return str(json.loads(origin.read_text(encoding="utf-8"))["weights_sha256"])
    files = sorted([*folder.glob("*.safetensors"), *folder.glob("*.bin"), *folder.glob("*.gguf")])
    hashes = [sha256_of(path) for path in files]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
