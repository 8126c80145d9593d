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
    catalogue = read_models()
    name = catalogue.default if chosen.name == "default" else chosen.name
    if name in catalogue.generators:
        entry = catalogue.generators[name]
        return load_base(dense_folder(entry, cache, report), name, chosen, entry.weights_sha256)
    return load_base(Path(name) if Path(name).is_dir() else name, name, chosen, None)


def load_base(source: Path | str, name: str, chosen: BaseModel, weights_sha256: str | None) -> Base:
    """A model from a folder or hub; without ``weights_sha256`` its weights files are hashed."""
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    local = isinstance(source, Path)
    kind: Any = AutoModelForCausalLM if chosen.kind is BaseKind.CAUSAL else AutoModelForSeq2SeqLM
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(str(source), local_files_only=local)
        model: Any = kind.from_pretrained(str(source), dtype=getattr(torch, chosen.dtype), local_files_only=local)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise BaseUnsuitable(name, (str(error).strip() or type(error).__name__).splitlines()[0]) from error
    if chosen.kind is BaseKind.CAUSAL and not tokenizer.chat_template:
        raise BaseUnsuitable(name, "it has no chat template; choose a base that was tuned to follow instructions")
    hashed = weights_sha256 or (weights_hash(source) if isinstance(source, Path) else "")
    model.config.use_cache = False
    return Base(name, model, tokenizer, hashed, template_hash(tokenizer))


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
