"""A tuned model as a folder that can be shipped: weights in half precision, contract, log."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kg import writing_to

from ..errors import AdapterUnusable
from ..lora import ADAPTER_SETTINGS, ADAPTER_WEIGHTS
from .contract import Contract, write_contract

LOG = "training-log.jsonl"
DATA_MANIFEST = "data-manifest.json"
_EXTRA = ("README.md", "config.toml")


def store_adapter(
    trained: Path,
    target: Path,
    contract: Contract,
    log: Sequence[Mapping[str, Any]] = (),
    manifest: Path | None = None,
) -> Path:
    """Publish the adapter that ``trained``, a folder as peft saves it, holds. ``target`` is replaced in one step.

    Weights are kept in float16; the ``manifest`` of the data is copied beside them. What a person wrote beside an
    earlier adapter (card, configuration) stays.

    Raises:
        AdapterUnusable: ``trained`` holds no adapter.
        CacheNotWritable: the folder is read-only or the disk is full.
    """
    import torch
    from safetensors.torch import load_file, save_file

    with writing_to(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".adapter-") as scratch:
            made = Path(scratch) / "adapter"
            made.mkdir()
            try:
                tensors = load_file(trained / ADAPTER_WEIGHTS)
                settings = json.loads((trained / ADAPTER_SETTINGS).read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise AdapterUnusable(trained, str(error)) from error
            save_file({name: t.to(torch.float16).contiguous() for name, t in tensors.items()}, made / ADAPTER_WEIGHTS)
            settings |= {"base_model_name_or_path": contract.base, "inference_mode": True}
            if isinstance(settings.get("target_modules"), list):
                settings["target_modules"].sort()  # peft keeps a set, whose order differs from run to run
            (made / ADAPTER_SETTINGS).write_text(
                json.dumps(settings, indent=1, sort_keys=True) + "\n", encoding="utf-8"
            )
            _finish(made, target, contract, log, manifest)
    return target


def store_model(
    model: Any,
    tokenizer: Any,
    target: Path,
    contract: Contract,
    log: Sequence[Mapping[str, Any]] = (),
    manifest: Path | None = None,
) -> Path:
    """Publish a whole model, for methods that change the base weights themselves."""
    with writing_to(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".model-") as scratch:
            made = Path(scratch) / "model"
            model.save_pretrained(made)
            tokenizer.save_pretrained(made)
            _finish(made, target, contract, log, manifest)
    return target


def _finish(
    made: Path, target: Path, contract: Contract, log: Sequence[Mapping[str, Any]], manifest: Path | None
) -> None:
    write_contract(made, contract)
    if manifest is not None and manifest.is_file():
        shutil.copy2(manifest, made / DATA_MANIFEST)
    lines = [json.dumps(record, sort_keys=True) for record in log]
    (made / LOG).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    for name in _EXTRA:
        if (target / name).is_file():
            shutil.copy2(target / name, made / name)
    if target.exists():
        old = made.parent / "old"
        os.replace(target, old)
    os.replace(made, target)
