"""One suite over every generator, and what is particular to each."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model import (
    Decoding,
    FakeGenerator,
    Generator,
    HttpGenerator,
    Message,
    ModelOutOfMemory,
    ModelUnusable,
    OpenVinoGenerator,
    PromptTooLong,
    Role,
    ServerFailed,
    TransformersGenerator,
)
from tests.model.tiny import event, openai_server, save_tiny_llama
from tests.model.tiny_gguf import POSITIONS, save_tiny_gguf

ANSWER = "Marfan syndrome is rare [1]. It has ectopia lentis [2]. END of it"
ASKED = [Message(Role.SYSTEM, "Question answer"), Message(Role.USER, "Marfan syndrome is rare .")]
OTHER = [Message(Role.USER, "It has ectopia lentis and arachnodactyly . one two three")]
SHORT = Decoding(max_new_tokens=12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_llama(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module", params=["fake", "transformers", "static cache", "openvino", "http"])
def generator(request: pytest.FixtureRequest, folder: Path, weights: tuple[Path, Path]) -> Iterator[Generator]:
    if request.param == "fake":
        yield FakeGenerator(ANSWER)
    elif request.param == "transformers":
        yield TransformersGenerator(folder, "tiny", device="cpu")
    elif request.param == "static cache":
        yield TransformersGenerator(weights[1], "tiny", device="cpu", static_cache=True)
    elif request.param == "openvino":
        yield OpenVinoGenerator(weights[0], "tiny", POSITIONS)
    else:
        with openai_server(lambda request: ANSWER.split(" ")[: request["max_tokens"]]) as server:
            yield HttpGenerator(server.url)


def whole(generator: Generator, settings: Decoding = SHORT) -> str:
    return "".join(generator.stream(ASKED, settings))


def test_it_has_a_name_and_counts_tokens(generator: Generator) -> None:
    assert generator.name
    assert generator.count_tokens("") == 0
    assert generator.count_tokens("one two three") >= 3


def test_greedy_answers_are_the_same_each_time(generator: Generator) -> None:
    assert whole(generator) == whole(generator) != ""


def test_it_streams_pieces(generator: Generator) -> None:
    assert len([piece for piece in generator.stream(ASKED, SHORT) if piece]) > 1


def test_fewer_tokens_are_the_beginning_of_more(generator: Generator) -> None:
    less, more = whole(generator, Decoding(max_new_tokens=3)), whole(generator)
    assert more.startswith(less.rstrip())
    assert len(less) < len(more)


def test_it_ends_before_a_stop_string(generator: Generator) -> None:
    full = whole(generator)
    stop = full[len(full) // 2 :][:3]
    assert whole(generator, Decoding(max_new_tokens=12, stop=(stop, "never said"))) == full[: full.index(stop)]


def test_a_batch_gives_one_answer_per_conversation(generator: Generator) -> None:
    assert generator.generate_batch([], SHORT) == []
    answers = generator.generate_batch([ASKED, OTHER], SHORT)
    assert len(answers) == 2
    assert answers[0].strip() == whole(generator).strip()


def test_a_stream_can_be_left_and_the_next_one_begins_anew(generator: Generator) -> None:
    stream = generator.stream(ASKED, Decoding(max_new_tokens=60))
    next(stream)
    stream.close()  # type: ignore[attr-defined]  # every implementation is a generator function
    assert whole(generator) == whole(generator)


def test_a_batch_larger_than_one_keeps_its_order(generator: Generator) -> None:
    one_by_one = [generator.generate_batch([asked], SHORT)[0] for asked in (ASKED, OTHER, ASKED)]
    assert one_by_one[0] == one_by_one[2]
    together = generator.generate_batch([OTHER, ASKED, OTHER, ASKED], SHORT)
    assert together[0] == together[2]
    assert together[1] == together[3]


PATTERN = r"( [a-z]{2,5}){1,4} \[(1|2)\]"


@pytest.mark.parametrize("kind", ["transformers", "openvino"])
def test_an_answer_matches_the_pattern_that_it_is_held_to(kind: str, weights: tuple[Path, Path]) -> None:
    gguf, dense = weights
    generator: Generator
    generator = OpenVinoGenerator(gguf, "tiny") if kind == "openvino" else TransformersGenerator(dense, "tiny", "cpu")
    held = Decoding(max_new_tokens=40, pattern=PATTERN)
    texts = [whole(generator, held), *generator.generate_batch([ASKED, OTHER], held)]
    assert all(re.fullmatch(PATTERN, text) for text in texts), texts
    assert not re.fullmatch(PATTERN, whole(generator))
    with pytest.raises(ModelUnusable, match="tiny cannot be used"):
        whole(generator, Decoding(pattern="("))


@pytest.mark.parametrize(
    "bad", [{"max_new_tokens": 0}, {"temperature": -1.0}, {"repetition_penalty": 0.5}, {"stop": ("",)}]
)
def test_impossible_settings_cannot_be_built(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad)).replace("stop", "stop string")):
        Decoding(**bad)  # type: ignore[arg-type]  # that is the point


@pytest.fixture(scope="module")
def tiny(folder: Path) -> TransformersGenerator:
    return TransformersGenerator(folder, "tiny", device="cpu")


class TestTransformers:
    def test_sampling_follows_its_seed(self, tiny: TransformersGenerator) -> None:
        drawn = [whole(tiny, Decoding(max_new_tokens=12, temperature=1.5, seed=seed)) for seed in (1, 1, 2)]
        assert drawn[0] == drawn[1] != drawn[2]

    def test_the_repetition_penalty_forbids_loops(self, tiny: TransformersGenerator) -> None:
        plain = whole(tiny).split()
        varied = whole(tiny, Decoding(max_new_tokens=12, repetition_penalty=5.0)).split()
        assert len(set(varied)) / len(varied) > len(set(plain)) / len(plain)

    def test_a_prompt_that_is_too_long_says_so(self, tiny: TransformersGenerator) -> None:
        long = [Message(Role.USER, "rare " * 300)]
        with pytest.raises(PromptTooLong, match="256 tokens of tiny; lower the token budget"):
            list(tiny.stream(long, SHORT))

    def test_running_out_of_memory_says_what_to_lower(
        self, tiny: TransformersGenerator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*args: object, **options: object) -> None:
            raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: not enough memory")

        monkeypatch.setattr(tiny._model, "generate", fail)
        with pytest.raises(ModelOutOfMemory, match="lower the token budget"):
            list(tiny.stream(ASKED, SHORT))
        with pytest.raises(ModelOutOfMemory):
            tiny.generate_batch([ASKED], SHORT)

    def test_a_model_without_chat_template_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ModelUnusable, match="no chat template"):
            TransformersGenerator(save_tiny_llama(tmp_path, chat_template=False), "plain", device="cpu")

    def test_an_empty_folder_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ModelUnusable, match="cannot be used"):
            TransformersGenerator(tmp_path, "nothing", device="cpu")

    def test_truncated_weights_are_refused(self, tmp_path: Path) -> None:
        weights = save_tiny_llama(tmp_path) / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:2000])
        with pytest.raises(ModelUnusable):
            TransformersGenerator(tmp_path, "torn", device="cpu")


@pytest.fixture(scope="module")
def small(weights: tuple[Path, Path]) -> OpenVinoGenerator:
    return OpenVinoGenerator(weights[0], "tiny", POSITIONS)


class TestOpenVino:
    def test_sampling_follows_its_seed(self, small: OpenVinoGenerator) -> None:
        drawn = [whole(small, Decoding(max_new_tokens=12, temperature=1.5, seed=seed)) for seed in (1, 1, 2)]
        assert drawn[0] == drawn[1] != drawn[2]

    def test_a_prompt_that_is_too_long_says_so(self, small: OpenVinoGenerator) -> None:
        with pytest.raises(PromptTooLong, match="512 tokens of tiny; lower the token budget"):
            list(small.stream([Message(Role.USER, "rare " * 600)], SHORT))

    def test_running_out_of_memory_says_what_to_lower(
        self, small: OpenVinoGenerator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Full:
            def generate(self, *args: object) -> None:
                raise RuntimeError("Exception from src/memory.cpp:7:\nstd::bad_alloc")

        monkeypatch.setattr(small, "_pipeline", Full())
        with pytest.raises(ModelOutOfMemory, match="lower the token budget"):
            list(small.stream(ASKED, SHORT))
        with pytest.raises(ModelOutOfMemory):
            small.generate_batch([ASKED], SHORT)

    def test_a_model_without_chat_template_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ModelUnusable, match="no chat template"):
            OpenVinoGenerator(save_tiny_gguf(tmp_path, chat_template=False)[0], "plain")

    def test_damaged_files_are_refused_in_one_sentence(self, tmp_path: Path, weights: tuple[Path, Path]) -> None:
        torn = tmp_path / "torn.gguf"
        torn.write_bytes(weights[0].read_bytes()[:3000])
        for source in (torn, tmp_path):
            with pytest.raises(ModelUnusable, match="cannot be used") as failure:
                OpenVinoGenerator(source, "torn")
            assert "\n" not in str(failure.value)
            assert ".cpp" not in str(failure.value)


class TestHttp:
    def test_it_speaks_the_protocol(self) -> None:
        with openai_server(lambda request: ["a", "b"]) as server:
            generator = HttpGenerator(f"{server.url}/", "chosen", api_key="secret-key")
            settings = Decoding(max_new_tokens=7, stop=("X",), repetition_penalty=1.1)
            assert "".join(generator.stream(ASKED, settings)) == "ab"
        (request,) = server
        assert request["path"] == "/v1/chat/completions"
        assert request["authorization"] == "Bearer secret-key"
        assert (request["model"], request["max_tokens"], request["temperature"]) == ("chosen", 7, 0.0)
        assert (request["stop"], request["stream"], request["repetition_penalty"]) == (["X"], True, 1.1)
        assert request["messages"][0] == {"role": "system", "content": "Question answer"}

    def test_it_asks_for_the_model_when_none_is_named(self) -> None:
        with openai_server(lambda request: []) as server:
            assert HttpGenerator(server.url).name == "served-model"

    @pytest.mark.parametrize(
        ("reply", "told"),
        [
            (404, "HTTP 404 .*no such model"),
            (event("half an ans"), "the answer broke off"),
            (b"data: {not json\n\n", "does not speak the OpenAI protocol"),
            (b'data: {"choices": [{"text": "x"}]}\n\n', "does not speak the OpenAI protocol"),
            (b'data: {"error": "overloaded"}\n\n', "overloaded"),
        ],
    )
    def test_failures_say_what_happened_and_never_the_key(self, reply: int | bytes, told: str) -> None:
        with openai_server(lambda request: reply) as server:
            generator = HttpGenerator(server.url, "m", api_key="secret-key")
            with pytest.raises(ServerFailed, match=told) as failure:
                list(generator.stream(ASKED, SHORT))
        assert "secret-key" not in str(failure.value) + repr(vars(generator))

    def test_a_server_that_is_not_there(self) -> None:
        with pytest.raises(ServerFailed, match="check that it runs"):
            HttpGenerator("http://127.0.0.1:9/v1")

    def test_a_pattern_is_sent_as_vllm_takes_it(self) -> None:
        with openai_server(lambda request: ["a [1]"]) as server:
            assert whole(HttpGenerator(server.url, "m"), Decoding(pattern=PATTERN)) == "a [1]"
        assert server[0]["structured_outputs"] == {"regex": PATTERN}

    def test_a_server_that_refuses_patterns_is_asked_without(self) -> None:
        with openai_server(lambda request: 400 if "structured_outputs" in request else ["a"]) as server:
            generator = HttpGenerator(server.url, "m")
            assert generator.generate_batch([ASKED, OTHER], Decoding(pattern=PATTERN)) == ["a", "a"]
            assert whole(generator, Decoding(pattern=PATTERN)) == "a"
        assert ["structured_outputs" in request for request in server].count(True) in (1, 2)
        assert "structured_outputs" not in server[-1]

    def test_a_batch_is_asked_for_at_once_and_comes_in_order(self) -> None:
        together = threading.Barrier(3, timeout=10)

        def reply(request: dict[str, Any]) -> list[str]:
            together.wait()  # breaks if the others do not come meanwhile
            return [request["messages"][-1]["content"]]

        asked = [[Message(Role.USER, word)] for word in ("one", "two", "three")]
        with openai_server(reply) as server:
            assert HttpGenerator(server.url, "m").generate_batch(asked, SHORT) == ["one", "two", "three"]

    def test_one_failure_fails_the_batch(self) -> None:
        def reply(request: dict[str, Any]) -> list[str] | int:
            return 500 if request["messages"][-1]["content"] == "two" else ["x"]

        asked = [[Message(Role.USER, word)] for word in ("one", "two")]
        with openai_server(reply) as server, pytest.raises(ServerFailed, match="HTTP 500"):
            HttpGenerator(server.url, "m").generate_batch(asked, SHORT)

    def test_an_answer_in_one_piece_is_read_as_well(self) -> None:
        body = b'{"choices": [{"message": {"content": "all at once"}}]}'
        with openai_server(lambda request: body, kind="application/json") as server:
            assert whole(HttpGenerator(server.url, "m")) == "all at once"

    def test_a_server_that_goes_away_while_it_answers(self) -> None:
        failing = pytest.raises(ServerFailed, match="check that it runs")
        with openai_server(lambda request: event("half"), cut=True) as server, failing:
            whole(HttpGenerator(server.url, "m"))

    def test_a_server_that_keeps_silent(self) -> None:
        import time

        def slow(request: object) -> list[str]:
            time.sleep(0.5)
            return []

        with openai_server(slow) as server:
            generator = HttpGenerator(server.url, "m", read_timeout_s=0.1)
            with pytest.raises(ServerFailed, match="no answer in time"):
                list(generator.stream(ASKED, SHORT))
