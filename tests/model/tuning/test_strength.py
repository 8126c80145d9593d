"""A low-rank adapter made weaker."""

from pathlib import Path
from typing import Any

import pytest

from model.tuning.strength import can_be_weakened, strongest_that_remembers, weaken
from tests.model.tiny import save_tiny_llama

pytest.importorskip("peft")


@pytest.fixture
def adapted(tmp_path: Path) -> Any:
    """A tiny model whose adapter changes something."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(3)
    bare: Any = AutoModelForCausalLM.from_pretrained(save_tiny_llama(tmp_path))
    model: Any = get_peft_model(bare, LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False))
    return model.eval()


def logits(model: Any) -> Any:
    import torch

    with torch.no_grad():
        return model(torch.tensor([[3, 6, 7, 8]])).logits


def test_half_the_change_of_the_weights(adapted: Any) -> None:
    before = {name: p.detach().clone() for name, p in adapted.named_parameters()}
    weaken(adapted, 0.5)
    for name, parameter in adapted.named_parameters():
        assert parameter.equal(before[name] * (0.5 if "lora_B" in name else 1))


def test_without_strength_it_is_its_base(adapted: Any) -> None:
    with adapted.disable_adapter():
        base = logits(adapted)
    assert not logits(adapted).equal(base)
    weaken(adapted, 0.0)
    assert logits(adapted).equal(base)
    assert can_be_weakened(adapted)
    assert not can_be_weakened(adapted.get_base_model().lm_head)


@pytest.mark.parametrize(("most", "left_at"), [(9.0, 1.0), (1.7, 0.8), (0.1, 0.5)])
def test_the_strongest_that_is_not_too_perplexed_is_kept(adapted: Any, most: float, left_at: float) -> None:
    start = {name: p.detach().clone() for name, p in adapted.named_parameters() if "lora_B" in name}

    def perplexity(model: Any) -> float:
        name, parameter = next((n, p) for n, p in model.named_parameters() if n in start)
        return float(2 * (parameter.detach() / start[name]).mean())

    assert strongest_that_remembers(adapted, (1.0, 0.8, 0.5), perplexity, most) == left_at
    for name, parameter in adapted.named_parameters():
        if name in start:
            assert parameter.allclose(start[name] * left_at)
