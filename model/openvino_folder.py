"""Catalogue models as folders that OpenVINO opens in seconds, made once from their GGUF files and an adapter."""

import hashlib
import json
import os
import tempfile
from pathlib import Path

from filelock import FileLock

from kg import Report, writing_to

from .errors import ModelUnusable
from .gguf_weights import GgufModel, Weights
from .lora import ADAPTER_SETTINGS, ADAPTER_WEIGHTS, find_lora_changes
from .weights import ModelEntry, materialise_weights, remove_folder

QUANTISATION = "Q8_0"
"""How weights that an adapter changed are stored; chosen by measurement, docs/decisions/018-serving.md."""

_ORIGIN = "origin.json"
_LAYOUT = 1
_BLOCK_BYTES = 1 << 20


def openvino_folder(entry: ModelEntry, adapter: Path | None, cache: Path, report: Report) -> Path:
    """A folder with the model as OpenVINO's own files, the adapter merged in.

    Reading a GGUF file takes ten seconds, opening this folder a few. It lies under ``cache/models`` and names in
    ``origin.json`` the sha256 of the GGUF file and of the adapter it was made from; it is made again when one of them,
    its layout or a file size differs. A killed run leaves nothing behind.

    Raises:
        ArchiveUnavailable: the weights are not cached and cannot be fetched.
        HashMismatch: the weights are not the pinned ones.
        ModelUnusable: the adapter was made for another base, or a file is damaged.
        CacheNotWritable: the folder is read-only or the disk is full.
    """
    made_from = {"layout": _LAYOUT, "weights_sha256": entry.weights_sha256, "adapter_sha256": adapter_hash(adapter)}
    folder = cache / "models" / "-".join([entry.id, *([adapter.resolve().name] if adapter else []), "openvino"])
    if _is_current(folder, made_from):
        return folder
    with writing_to(folder.parent), FileLock(folder.parent / f".{folder.name}.lock"):
        if not _is_current(folder, made_from):
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".convert-") as scratch:
                made = _make(entry, adapter, cache, Path(scratch), report)
                _sign(made, made_from)
                remove_folder(folder)
                os.replace(made, folder)
    return folder


def context_length_of(folder: Path) -> int:
    """How many tokens the model in such a folder can attend to."""
    return int(json.loads((folder / _ORIGIN).read_text(encoding="utf-8"))["context_length"])


def adapter_hash(adapter: Path | None) -> str | None:
    """The sha256 over the names and contents of an adapter's files, in the order of their names."""
    if adapter is None:
        return None
    digest = hashlib.sha256()
    for name in (ADAPTER_SETTINGS, ADAPTER_WEIGHTS):
        digest.update(name.encode())
        try:
            with (adapter / name).open("rb") as file:
                while block := file.read(_BLOCK_BYTES):
                    digest.update(block)
        except OSError as error:
            raise ModelUnusable(adapter.name, f"the adapter has no readable {name}") from error
    return digest.hexdigest()


def _is_current(folder: Path, made_from: dict[str, object]) -> bool:
    try:
        origin = json.loads((folder / _ORIGIN).read_text(encoding="utf-8"))
        same = all(origin[key] == value for key, value in made_from.items())
        return same and all((folder / name).stat().st_size == size for name, size in origin["sizes"].items())
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _make(entry: ModelEntry, adapter: Path | None, cache: Path, scratch: Path, report: Report) -> Path:
    """A new folder in ``scratch``, made by letting OpenVINO read a GGUF file beside which it writes its own."""
    gguf = materialise_weights(entry, cache / "archives", scratch / entry.file, report)
    step, target = f"convert {entry.id}", scratch / "made"
    target.mkdir()
    report(step, 0, 2)
    base = GgufModel(gguf, entry.id)
    length = base.context_length
    source = target / "model.gguf"
    if adapter is None:
        os.replace(gguf, source)
    else:
        base.write(source, _changes(entry, adapter, base, cache, report), QUANTISATION)
    report(step, 1, 2)
    save_as_openvino(source, entry.id)
    source.unlink()
    (target / _ORIGIN).write_text(json.dumps({"context_length": length, "hub": entry.hub}), encoding="utf-8")
    report(step, 2, 2)
    return target


def _changes(entry: ModelEntry, adapter: Path, base: GgufModel, cache: Path, report: Report) -> Weights:
    """What the adapter changes: computed here for LoRA; peft merges every other kind into the unpacked model."""
    weights = base.weights()
    changed = find_lora_changes(adapter, weights)
    if changed is None:
        from .merging import merged_changes  # torch and peft

        changed = merged_changes(entry, adapter, weights, cache, report)
    return changed


def save_as_openvino(gguf: Path, name: str) -> None:
    """Write OpenVINO's own files for a GGUF file beside it.

    Raises:
        ModelUnusable: OpenVINO cannot read it.
    """
    import openvino_genai as genai

    try:
        genai.LLMPipeline(gguf, "CPU", enable_save_ov_model=True)
    except (RuntimeError, ValueError) as error:
        raise ModelUnusable(name, f"OpenVINO cannot read {gguf.name}") from error


def _sign(folder: Path, made_from: dict[str, object]) -> None:
    origin = json.loads((folder / _ORIGIN).read_text(encoding="utf-8"))
    sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir()) if path.name != _ORIGIN}
    (folder / _ORIGIN).write_text(json.dumps({**origin, **made_from, "sizes": sizes}, indent=1), encoding="utf-8")
