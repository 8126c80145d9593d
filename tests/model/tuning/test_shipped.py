"""The adapter that ships: for the weights, template and prompts that ship, and no larger than promised."""

import hashlib
import json
import os
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from kg import silent
from model import read_models, read_prompt
from model.merging import load_merged
from model.tuning import read_config, read_contract

NAME = "smollm2-clinical"
MOST_BYTES = 12_000_000


@pytest.fixture
def shipped() -> Path:
    return Path(str(resources.files("data"))) / "adapters" / NAME


def test_it_is_for_what_ships(shipped: Path) -> None:
    contract = read_contract(shipped)
    contract.check(
        weights_sha256=read_models().generators[contract.base].weights_sha256,
        prompts={name: read_prompt(name).version for name in ("answer", "diagnosis")},
    )
    assert contract.data_sha256 == hashlib.sha256((shipped / "data-manifest.json").read_bytes()).hexdigest()
    assert contract.graph_version == json.loads((shipped / "data-manifest.json").read_text())["graph_version"]


def test_it_is_small_and_says_how_it_was_made(shipped: Path) -> None:
    assert (shipped / "adapter_model.safetensors").stat().st_size <= MOST_BYTES
    assert read_config(shipped / "config.toml").train.seed == read_contract(shipped).seed
    log = [json.loads(line) for line in (shipped / "training-log.jsonl").read_text().splitlines()]
    losses = [record["loss"] for record in log if "loss" in record]
    assert losses[-1] < losses[0]
    assert (shipped / "README.md").is_file()


@pytest.mark.slow
def test_merged_and_unmerged_say_the_same_of_the_real_model(shipped: Path) -> None:
    pytest.importorskip("peft")
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from model.dense import dense_folder

    if "CLINIGRAPH_CACHE" not in os.environ:
        pytest.skip("needs a cache with the weights of the default model: set CLINIGRAPH_CACHE")
    base = dense_folder(read_models().generators["smollm2"], Path(os.environ["CLINIGRAPH_CACHE"]), silent)
    tokenizer: Any = AutoTokenizer.from_pretrained(base)
    prompt = read_prompt("answer")
    chat = [
        {"role": "system", "content": prompt.system},
        {"role": "user", "content": "Evidence:\n[1] Marfan syndrome shows autosomal dominant inheritance.\n\n"
                                    "Question: How is Marfan syndrome inherited?"},
    ]  # fmt: skip
    inputs = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    loaded: Any = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    beside: Any = PeftModel.from_pretrained(loaded, shipped)
    unmerged = beside.generate(**inputs, max_new_tokens=40, do_sample=False).tolist()
    merged = load_merged(base, shipped, torch.float32)
    assert merged.generate(**inputs, max_new_tokens=40, do_sample=False).tolist() == unmerged
    said = tokenizer.decode(unmerged[0][inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    assert said == "Marfan syndrome shows autosomal dominant inheritance [1]."
