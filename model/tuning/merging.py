"""LoRA adapters put into their base weights, with nothing but the two files at hand."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AdapterUnusable

if TYPE_CHECKING:
    import torch

WEIGHTS, SETTINGS = "adapter_model.safetensors", "adapter_config.json"
_PREFIX = "base_model.model."


def merged_weights(base: Path, adapter: Path) -> "dict[str, torch.Tensor]":
    """The weights of a model folder with a LoRA adapter added, in float32, by the names they have in the folder.

    ``W + alpha / rank * B A`` (Hu et al. 2021, arXiv:2106.09685). Matrices without an adapter are as in the base.

    Raises:
        AdapterUnusable: the folder holds no plain LoRA adapter, or one for other matrices.
    """
    import torch
    from safetensors import safe_open

    scale, deltas = _deltas(adapter)
    merged: dict[str, torch.Tensor] = {}
    for path in sorted(base.glob("*.safetensors")):
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118  # not a mapping
                merged[name] = file.get_tensor(name).float()
    for name, (a, b) in deltas.items():
        if name not in merged or merged[name].shape != (b.shape[0], a.shape[1]):
            raise AdapterUnusable(adapter, f"the base has no matrix {name} of its shape")
        merged[name] = merged[name] + scale * (b @ a)
    return merged


def _deltas(adapter: Path) -> "tuple[float, dict[str, tuple[torch.Tensor, torch.Tensor]]]":
    from safetensors.torch import load_file

    try:
        settings = json.loads((adapter / SETTINGS).read_text(encoding="utf-8"))
        tensors = load_file(adapter / WEIGHTS)
        plain = settings["peft_type"] == "LORA" and not settings.get("use_rslora") and not settings.get("use_dora")
        scale = settings["lora_alpha"] / settings["r"]
    except (OSError, ValueError, KeyError, ZeroDivisionError) as error:
        raise AdapterUnusable(adapter, f"its files cannot be read ({error})") from error
    if not plain or settings.get("rank_pattern") or settings.get("fan_in_fan_out"):
        raise AdapterUnusable(adapter, "only plain LoRA can be merged here")
    pairs = {}
    for name, a in tensors.items():
        if name.endswith(".lora_A.weight"):
            stem = name.removesuffix(".lora_A.weight")
            pairs[f"{stem.removeprefix(_PREFIX)}.weight"] = (a.float(), tensors[f"{stem}.lora_B.weight"].float())
    return scale, pairs
