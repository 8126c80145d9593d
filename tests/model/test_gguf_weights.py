"""Weights read from a GGUF file, an adapter merged into them, and the folder that OpenVINO opens."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model import (
    AdapterUnusable,
    Decoding,
    Message,
    ModelUnusable,
    OpenVinoGenerator,
    Role,
    TransformersGenerator,
)
from model.gguf_weights import GgufModel
from model.lora import find_lora_changes
from model.merging import load_merged
from model.openvino_folder import adapter_hash, save_as_openvino
from tests.model.tiny_gguf import POSITIONS, save_tiny_adapter, write_gguf

ASKED = [Message(Role.SYSTEM, "Question answer"), Message(Role.USER, "Marfan syndrome is rare")]
SETTINGS = Decoding(max_new_tokens=24)


@pytest.fixture(scope="module")
def world(weights: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A GGUF file, the same model as transformers saves it, and an adapter for it."""
    return (*weights, save_tiny_adapter(tmp_path_factory.mktemp("adapter"), weights[1]))


def said(source: Path) -> str:
    return "".join(OpenVinoGenerator(source, "tiny").stream(ASKED, SETTINGS))


def merged(dense: Path, adapter: Path) -> Any:
    """The model with the adapter, as peft merges it."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    base: Any = AutoModelForCausalLM.from_pretrained(dense)
    return PeftModel.from_pretrained(base, str(adapter)).merge_and_unload()


def test_weights_have_the_names_and_order_of_transformers(world: tuple[Path, Path, Path]) -> None:
    from transformers import AutoModelForCausalLM

    model = GgufModel(world[0], "tiny")
    weights = model.weights()
    assert model.context_length == POSITIONS
    loaded: Any = AutoModelForCausalLM.from_pretrained(world[1])
    for key, tensor in loaded.state_dict().items():
        if key != "lm_head.weight":
            np.testing.assert_allclose(weights[key.removesuffix(".weight")], tensor.numpy(), atol=2e-3)


def test_lora_is_merged_as_peft_merges_it(world: tuple[Path, Path, Path]) -> None:
    gguf, dense, adapter = world
    weights = GgufModel(gguf, "tiny").weights()
    changed = find_lora_changes(adapter, weights)
    assert changed is not None
    state = merged(dense, adapter).state_dict()
    assert len(changed) == 14
    for name, values in changed.items():
        np.testing.assert_allclose(values, state[f"{name}.weight"].numpy(), atol=2e-3)
        assert np.abs(values - weights[name]).max() > 0.1


def test_the_scale_of_rank_stabilised_lora_is_its_own(world: tuple[Path, Path, Path], tmp_path: Path) -> None:
    gguf, dense, _ = world
    adapter = save_tiny_adapter(tmp_path, dense, use_rslora=True)
    changed = find_lora_changes(adapter, GgufModel(gguf, "tiny").weights())
    assert changed is not None
    state = merged(dense, adapter).state_dict()
    for name, values in changed.items():
        np.testing.assert_allclose(values, state[f"{name}.weight"].numpy(), atol=2e-3)


def test_other_kinds_of_adapter_are_left_to_peft(world: tuple[Path, Path, Path], tmp_path: Path) -> None:
    import torch

    adapter = save_tiny_adapter(tmp_path, world[1], use_dora=True)
    assert find_lora_changes(adapter, GgufModel(world[0], "tiny").weights()) is None
    ours, theirs = load_merged(world[1], adapter, torch.float32).state_dict(), merged(world[1], adapter).state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_transformers_gets_the_same_weights(world: tuple[Path, Path, Path]) -> None:
    import torch

    _, dense, adapter = world
    ours, theirs = load_merged(dense, adapter, torch.float32).state_dict(), merged(dense, adapter).state_dict()
    assert all(torch.allclose(ours[name], theirs[name], atol=1e-5) for name in theirs)
    merged_here = TransformersGenerator(dense, "tiny", "cpu", adapter)
    assert "".join(merged_here.stream(ASKED, SETTINGS)) != "".join(
        TransformersGenerator(dense, "tiny", "cpu").stream(ASKED, SETTINGS)
    )


def test_merged_and_unmerged_say_the_same_tokens(world: tuple[Path, Path, Path], tmp_path: Path) -> None:
    """Merged into the GGUF file as when peft merges, and not as the base model alone."""
    gguf, dense, adapter = world
    base = GgufModel(gguf, "tiny")
    changed = find_lora_changes(adapter, base.weights())
    assert changed is not None
    ours = base.write(tmp_path / "ours.gguf", changed, "F16")
    theirs = write_gguf(tmp_path / "theirs.gguf", merged(dense, adapter), dense)
    assert said(ours) == said(theirs) != said(gguf)


def test_what_is_not_changed_keeps_its_bytes(world: tuple[Path, Path, Path], tmp_path: Path) -> None:
    base = GgufModel(world[0], "tiny")
    again = GgufModel(base.write(tmp_path / "again.gguf", {}, "Q8_0"), "tiny")
    for one, other in zip(base.reader.tensors, again.reader.tensors, strict=True):
        assert (one.name, one.tensor_type) == (other.name, other.tensor_type)
        assert np.array_equal(one.data, other.data)


def test_the_folder_of_openvino_says_what_the_file_says(world: tuple[Path, Path, Path], tmp_path: Path) -> None:
    copy = tmp_path / "model.gguf"
    copy.write_bytes(world[0].read_bytes())
    save_as_openvino(copy, "tiny")
    copy.unlink()
    assert said(tmp_path) == said(world[0])


def test_an_adapter_for_a_model_of_other_sizes_is_refused(world: tuple[Path, Path, Path]) -> None:
    whole = GgufModel(world[0], "tiny").weights()
    weights = {name: values[:, :32] for name, values in whole.items() if values.ndim > 1}
    with pytest.raises(ModelUnusable, match="another base model"):
        find_lora_changes(world[2], weights)


@pytest.mark.parametrize("damage", ["missing", "torn", "no json"])
def test_a_damaged_adapter_is_refused(world: tuple[Path, Path, Path], tmp_path: Path, damage: str) -> None:
    adapter = save_tiny_adapter(tmp_path / "mine", world[1])
    if damage == "missing":
        (adapter / "adapter_model.safetensors").unlink()
    elif damage == "torn":
        (adapter / "adapter_model.safetensors").write_bytes(b"\x00" * 40)
    else:
        (adapter / "adapter_config.json").write_text("{")
    with pytest.raises(AdapterUnusable, match="its files cannot be read"):
        find_lora_changes(adapter, GgufModel(world[0], "tiny").weights())


def test_a_damaged_file_is_refused_in_one_sentence(world: tuple[Path, Path, Path], tmp_path: Path) -> None:
    for content in (b"", b"no model at all" * 20, world[0].read_bytes()[:2000]):
        path = tmp_path / "torn.gguf"
        path.write_bytes(content)
        with pytest.raises(ModelUnusable, match="damaged or no GGUF"):
            GgufModel(path, "torn")


def test_the_hash_of_an_adapter_is_that_of_its_files(world: tuple[Path, Path, Path], tmp_path: Path) -> None:
    adapter = save_tiny_adapter(tmp_path, world[1])
    before = adapter_hash(adapter)
    assert before == adapter_hash(adapter) != adapter_hash(None)
    config = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps({**config, "lora_alpha": 99}))
    assert adapter_hash(adapter) != before
