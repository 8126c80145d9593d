"""Adapters of any kind merged into a catalogue model by peft."""

from pathlib import Path
from typing import Any

import numpy as np

from kg import Report

from .dense import dense_folder
from .errors import AdapterUnusable, ModelUnusable
from .gguf_weights import Weights
from .lora import find_lora_updates
from .weights import ModelEntry


def load_merged(base: Path, adapter: Path, dtype: Any) -> Any:
    """The transformers model in ``base`` with an adapter merged into its weights; by peft, if it is not plain LoRA.

    Raises:
        AdapterUnusable: the adapter is damaged, or its kind cannot be merged.
        ModelUnusable: it was made for a model of other sizes.
    """
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=dtype, local_files_only=True)
    updates = find_lora_updates(adapter)
    return _merged_by_peft(model, adapter) if updates is None else _added(model, adapter, updates)


def _added(model: Any, adapter: Path, updates: Weights) -> Any:
    import torch

    with torch.no_grad():
        for name, update in updates.items():
            try:
                weight = model.get_submodule(name).weight
                weight.copy_((weight.float() + torch.from_numpy(update)).to(weight.dtype))
            except (AttributeError, RuntimeError) as error:
                reason = f"it was made for another base model, which differs in {name}"
                raise ModelUnusable(adapter.name, reason) from error
    return model


def _merged_by_peft(model: Any, adapter: Path) -> Any:
    from safetensors import SafetensorError

    try:
        from peft import PeftModel
    except ImportError as error:
        raise AdapterUnusable(adapter, "its kind is merged by peft, which is not installed") from error
    try:
        return PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
    except AttributeError as error:
        raise AdapterUnusable(adapter, "adapters of its kind cannot be merged into the weights") from error
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise ModelUnusable(adapter.name, f"the adapter does not fit its base model ({reason})") from error


def merged_changes(entry: ModelEntry, adapter: Path, weights: Weights, cache: Path, report: Report) -> Weights:
    """The weights that an adapter changes by more than rounding to bf16 does, as they are with it."""
    import torch

    model = load_merged(dense_folder(entry, cache, report), adapter, torch.float32)
    changed: Weights = {}
    for key, tensor in model.state_dict().items():
        name = key.removesuffix(".weight")
        if (old := weights.get(name)) is not None:
            new = tensor.float().numpy()
            if not np.allclose(new, old, rtol=2**-7, atol=1e-6):
                changed[name] = new
    return changed
