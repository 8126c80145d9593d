"""What of a base model is trained: everything, its last layers, or a small adapter beside it."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import BaseUnsuitable
from .config import BaseKind, Method, MethodName

if TYPE_CHECKING:
    from peft import PeftConfig

_LAYER = re.compile(r"(?:layers|layer|h|block)\.(\d+)\.")


def adapt(model: Any, method: Method, kind: BaseKind, steps: int) -> Any:
    """The model with exactly the parameters trainable that the method trains; adapters wrap it.

    ``steps`` is how long training lasts, which AdaLoRA plans by.

    Raises:
        BaseUnsuitable: the method does not fit this model.
    """
    if method.name is MethodName.FULL:
        return model.requires_grad_(True)
    if method.name is MethodName.TOP_LAYERS:
        return keep_top_layers(model, method.layers)
    from peft import get_peft_model

    try:
        adapted = get_peft_model(model, _CONFIGS[method.name](model, method, kind, steps))
    except (ValueError, KeyError, AttributeError, NotImplementedError) as error:
        raise BaseUnsuitable(model.config.model_type, f"{method.name} does not fit it ({error})") from error
    for parameter in adapted.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()  # small steps are lost in bf16
    return adapted


def is_adapter(method: Method) -> bool:
    """Whether the method leaves the base weights alone."""
    return method.name not in (MethodName.FULL, MethodName.TOP_LAYERS)


def keep_top_layers(model: Any, count: int) -> Any:
    """The model with only its last layers, and the norm after them, trainable.

    Raises:
        BaseUnsuitable: it has fewer layers, or none were asked for.
    """
    total = 1 + max((int(m[1]) for name, _ in model.named_parameters() if (m := _LAYER.search(name))), default=-1)
    if not 0 < count <= total:
        raise BaseUnsuitable(
            model.config.model_type, f"it has {total} layers, so layers lies in 1..{total}, not {count}"
        )
    for name, parameter in model.named_parameters():
        match = _LAYER.search(name)
        last_norm = match is None and "norm" in name
        parameter.requires_grad_((match is not None and int(match[1]) >= total - count) or last_norm)
    return model


def _task(kind: BaseKind) -> Any:
    from peft import TaskType

    return TaskType.CAUSAL_LM if kind is BaseKind.CAUSAL else TaskType.SEQ_2_SEQ_LM


def _targets(model: Any, method: Method) -> list[str]:
    """The names of the layers to adapt: those given, else every linear one but the output."""
    import torch

    if method.targets:
        return list(method.targets)
    output = model.get_output_embeddings()
    linear = (torch.nn.Linear, *_conv1d())
    found = {
        name.rpartition(".")[2]
        for name, module in model.named_modules()
        if isinstance(module, linear) and module is not output
    }
    return sorted(found)


def _conv1d() -> tuple[type, ...]:
    from transformers.pytorch_utils import Conv1D

    return (Conv1D,)


def _last_layers(model: Any, method: Method) -> list[int] | None:
    total = int(getattr(model.config, "num_hidden_layers", 0))
    return list(range(total - method.layers, total)) if method.layers else None


def _lora(model: Any, method: Method, kind: BaseKind, steps: int) -> "PeftConfig":
    from peft import LoraConfig

    return LoraConfig(
        task_type=_task(kind),
        r=method.rank,
        lora_alpha=method.alpha,
        lora_dropout=method.dropout,
        target_modules=_targets(model, method),
        layers_to_transform=_last_layers(model, method),
    )


def _adalora(model: Any, method: Method, kind: BaseKind, steps: int) -> "PeftConfig":
    from peft import AdaLoraConfig

    return AdaLoraConfig(
        task_type=_task(kind),
        init_r=method.rank,
        target_r=max(1, method.rank // 2),
        lora_alpha=method.alpha,
        lora_dropout=method.dropout,
        target_modules=_targets(model, method),
        total_step=max(steps, 10),
        tinit=max(steps, 10) // 10,
        tfinal=max(steps, 10) // 3,
        deltaT=max(1, steps // 100),
    )


def _prefix(model: Any, method: Method, kind: BaseKind, steps: int) -> "PeftConfig":
    from peft import PrefixTuningConfig

    return PrefixTuningConfig(task_type=_task(kind), num_virtual_tokens=method.virtual_tokens)


def _prompt(model: Any, method: Method, kind: BaseKind, steps: int) -> "PeftConfig":
    from peft import PromptTuningConfig

    return PromptTuningConfig(task_type=_task(kind), num_virtual_tokens=method.virtual_tokens)


def _ia3(model: Any, method: Method, kind: BaseKind, steps: int) -> "PeftConfig":
    from peft import IA3Config

    if method.targets:
        feedforward = [name for name in method.targets if name in _FEEDFORWARD]
        return IA3Config(task_type=_task(kind), target_modules=list(method.targets), feedforward_modules=feedforward)
    return IA3Config(task_type=_task(kind))


_FEEDFORWARD = ("down_proj", "fc2", "wo", "c_proj", "dense_4h_to_h")
_CONFIGS: Mapping[MethodName, Callable[[Any, Method, BaseKind, int], "PeftConfig"]] = {
    MethodName.LORA: _lora,
    MethodName.ADALORA: _adalora,
    MethodName.PREFIX: _prefix,
    MethodName.PROMPT: _prompt,
    MethodName.IA3: _ia3,
}
