"""Adapters of any kind merged into a catalogue model by peft."""

from pathlib import Path
from typing import Any

import numpy as np

from kg import Report

from .dense import dense_folder
from .errors import ModelUnusable
from .gguf_weights import Weights
from .weights import ModelEntry


def load_merged(base: Path, adapter: Path, dtype: Any) -> Any:
    """The transformers model in ``base`` with an adapter merged into its weights.

    Raises:
        ModelUnusable: the adapter is damaged, was made for a model of other sizes, or its kind cannot be merged.
    """
    from peft import PeftModel
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=dtype, local_files_only=True)
    try:
        return PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
    except AttributeError as error:
        raise ModelUnusable(adapter.name, "adapters of its kind cannot be merged into the weights") from error
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
