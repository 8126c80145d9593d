"""Catalogue models as folders that transformers opens in a second, made once from their GGUF files."""

import gc
import io
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from functools import cache as remember
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from kg import Report, writing_to

from .weights import ModelEntry, materialise_weights, remove_folder

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_ORIGIN = "origin.json"
_LAYOUT = 1


def dense_folder(entry: ModelEntry, cache: Path, report: Report) -> Path:
    """A folder with the model's weights in bf16 safetensors, its tokenizer and chat template.

    Unpacking a GGUF file takes half a minute, opening this folder less than a second. It lies under ``cache/models``,
    holds the sha256 of the GGUF file it was made from, and is made again when that, its layout or a file size differs.

    Raises:
        ArchiveUnavailable: the weights are not cached and cannot be fetched.
        HashMismatch: the weights are not the pinned ones.
        CacheNotWritable: the folder is read-only or the disk is full.
    """
    folder = cache / "models" / entry.id
    if _is_current(folder, entry):
        return folder
    with writing_to(folder.parent), FileLock(folder.parent / f".{entry.id}.lock"):
        if not _is_current(folder, entry):
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".convert-") as scratch:
                gguf = materialise_weights(entry, cache / "archives", Path(scratch) / entry.file, report)
                made = _convert(entry, gguf, Path(scratch) / "dense", report)
                gc.collect()  # a converted model refers to itself; the same weights are loaded again next
                remove_folder(folder)
                os.replace(made, folder)
    return folder


def _is_current(folder: Path, entry: ModelEntry) -> bool:
    try:
        origin = json.loads((folder / _ORIGIN).read_text(encoding="utf-8"))
        same = origin["layout"] == _LAYOUT and origin["weights_sha256"] == entry.weights_sha256
        return same and all((folder / name).stat().st_size == size for name, size in origin["sizes"].items())
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return False


def _convert(entry: ModelEntry, gguf: Path, target: Path, report: Report) -> Path:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils import logging

    logging.disable_progress_bar()  # ours is shown
    step = f"convert {entry.id}"
    report(step, 0, 3)
    unpacked = GgufConfig(dequantize=True)
    with redirect_stderr(io.StringIO()), _one_reader():  # the reader draws a bar of its own into ours
        tokenizer: Any = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name, local_files_only=True)
        tokenizer.save_pretrained(target)
        report(step, 1, 3)
        model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
            gguf.parent, gguf_file=gguf.name, quantization_config=unpacked, dtype=torch.bfloat16, local_files_only=True
        )
    if entry.tie_embeddings:
        tie_embeddings(model)
    report(step, 2, 3)
    model.save_pretrained(target)
    sizes = {path.name: path.stat().st_size for path in sorted(target.iterdir())}
    origin = {"layout": _LAYOUT, "weights_sha256": entry.weights_sha256, "hub": entry.hub, "sizes": sizes}
    (target / _ORIGIN).write_text(json.dumps(origin, indent=1), encoding="utf-8")
    report(step, 3, 3)
    return target


@contextmanager
def _one_reader() -> Iterator[None]:
    """Let transformers share one reader of a file, which it opens thrice: for tokenizer, configuration and weights."""
    import gguf

    original = gguf.GGUFReader
    setattr(gguf, "GGUFReader", remember(original))  # noqa: B010  # a class is not assigned a function otherwise
    try:
        yield
    finally:
        setattr(gguf, "GGUFReader", original)  # noqa: B010


def tie_embeddings(model: "PreTrainedModel") -> None:
    """Make the output embeddings the input embeddings, as some GGUF files store them twice."""
    model.config.tie_word_embeddings = True
    output, inputs = model.get_output_embeddings(), model.get_input_embeddings()
    if output is not None:
        output.weight = inputs.weight
