"""LoRA adapters as what they add to the weights of their base, without the library that trained them."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import AdapterUnusable, ModelUnusable
from .gguf_weights import Weights

ADAPTER_SETTINGS, ADAPTER_WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
"""The files of an adapter, as peft names them."""

_OTHER_WAYS = ("use_dora", "modules_to_save", "layer_replication", "trainable_token_indices", "alpha_pattern")


def find_lora_updates(adapter: Path) -> Weights | None:
    """What an adapter adds to each weight that it changes; ``None`` if it is of another kind than plain LoRA.

    ``adapter`` is a folder as peft writes it. The update is s B A, with s = alpha / r, or alpha / sqrt(r) where it says
    so (Hu et al. 2021; Kalajdzievski 2023).

    Raises:
        AdapterUnusable: a file is missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file  # NumPy has no bf16

    try:
        config = json.loads((adapter / ADAPTER_SETTINGS).read_text(encoding="utf-8"))
        if not _is_plain(config):
            return None
        tensors = load_file(adapter / ADAPTER_WEIGHTS)
        updates: Weights = {}
        for key, down in tensors.items():
            name, part, _ = key.removeprefix("base_model.model.").partition(".lora_A")
            if part:
                up = tensors[key.replace(".lora_A", ".lora_B")]
                product: NDArray[np.float32] = (up.float() @ down.float()).numpy()
                updates[name] = np.float32(_scale(config, down.shape[0])) * product
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise AdapterUnusable(adapter, f"its files cannot be read ({error})") from error
    return updates


def find_lora_changes(adapter: Path, weights: Weights) -> Weights | None:
    """The weights that a plain LoRA adapter changes, as they are with it; ``None`` if it is of another kind.

    Raises:
        AdapterUnusable: a file is missing or damaged.
        ModelUnusable: it was made for a model of other sizes.
    """
    updates = find_lora_updates(adapter)
    if updates is None:
        return None
    for name, update in updates.items():
        if name not in weights or weights[name].shape != update.shape:
            raise ModelUnusable(adapter.name, f"it was made for another base model, which differs in {name}")
    return {name: weights[name] + update for name, update in updates.items()}


def _is_plain(config: Mapping[str, Any]) -> bool:
    plain = config.get("bias", "none") == "none" and not any(config.get(name) for name in _OTHER_WAYS)
    return config.get("peft_type") == "LORA" and plain and not config.get("fan_in_fan_out")


def _scale(config: Mapping[str, Any], rank: int) -> float:
    alpha = float(config["lora_alpha"])
    return alpha / math.sqrt(rank) if config.get("use_rslora") else alpha / rank
