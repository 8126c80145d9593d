"""How strongly a low-rank adapter changes its base: weaker, it forgets less and keeps most of what it learnt.

Between the weights of a base and those of its tuned model lie models that answer nearly as the tuned one and forget
much less (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022, doi:10.1109/CVPR52688.2022.00780).
"""

from collections.abc import Callable, Sequence
from typing import Any

_SIDES = ("lora_B", "lora_E")
"""The factors that an adapter's change is linear in: of LoRA the second matrix, of AdaLoRA the singular values."""


def can_be_weakened(model: Any) -> bool:
    """Whether a model has a low-rank adapter."""
    return any(side in name for name, _ in model.named_parameters() for side in _SIDES)


def weaken(model: Any, factor: float) -> None:
    """Multiply the change that the adapter of a model makes by ``factor``, in place."""
    import torch

    names = [name for name, _ in model.named_parameters()]
    side = next(side for side in reversed(_SIDES) if any(side in name for name in names))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if side in name:
                parameter.mul_(factor)


def strongest_that_remembers(
    model: Any, strengths: Sequence[float], perplexity: Callable[[Any], float], most: float
) -> float:
    """Leave a model's adapter at the first of some falling strengths with a perplexity of at most ``most``.

    It stays at the last one if none is weak enough. Returns the strength.
    """
    current = 1.0
    for strength in strengths:
        if strength != current:
            weaken(model, strength / current)
            current = strength
        if perplexity(model) <= most:
            break
    return current
