"""How fast a model decodes, run by one runtime or another. Prints JSON.

    python benchmarks/speed.py                                     # the default model by every runtime and quantisation
    python benchmarks/speed.py --only openvino --rounds 3

Every runtime answers the same questions from the same evidence, ``--prompt`` tokens of it, in a process of its own.
Tokens a second are those after the first, over the time after the first; first token and whole answer are medians over
questions and rounds, and the best round is given beside them, since other work on the machine only slows them down.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from clinigraph.config import resolve_settings
from clinigraph.wiring import Application
from kg import silent
from model import Decoding, Generator, Message, OpenVinoGenerator, TransformersGenerator, answer_messages, read_prompt
from model.adapters import shipped_adapter
from model.dense import dense_folder
from model.gguf_weights import GgufModel, Weights
from model.lora import find_lora_changes
from model.weights import ModelEntry, materialise_weights, read_models

QUESTIONS = Path(__file__).with_name("questions.txt")
RUNTIMES = (
    "transformers",
    "openvino",
    "openvino without drafts",
    "openvino Q4_0",
    "openvino F16",
    "openvino base file",
)
_TOKENS = 96


def main() -> None:
    """Measure each runtime in a process of its own and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=RUNTIMES, action="append")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--questions", type=int, default=6)
    parser.add_argument("--prompt", type=int, default=600, help="tokens of evidence at most")
    parser.add_argument("--child", choices=RUNTIMES)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(_measure(arguments.child, arguments.rounds, arguments.questions, arguments.prompt)))
        return
    found: dict[str, Any] = {}
    for runtime in arguments.only or RUNTIMES:
        command = [sys.executable, "-m", "benchmarks.speed", "--child", runtime]
        command += ["--rounds", str(arguments.rounds), "--questions", str(arguments.questions)]
        command += ["--prompt", str(arguments.prompt)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        said = result.stdout.strip().splitlines()
        found[runtime] = json.loads(said[-1]) if result.returncode == 0 and said else {"failed": result.stderr[-300:]}
    print(json.dumps({"benchmark": "speed", "processors": os.cpu_count(), "runtimes": found}, indent=1))


def _measure(runtime: str, rounds: int, questions: int, prompt_tokens: int) -> dict[str, Any]:
    settings = resolve_settings({"generator": "graph", "token_budget": prompt_tokens})
    application = Application(settings, silent)
    answerer, label = application.answerer, application.snapshot.label
    template = read_prompt("answer")
    asked = QUESTIONS.read_text(encoding="utf-8").splitlines()[:questions]
    conversations = [answer_messages(answerer.gather(question)[1], template, label) for question in asked]
    with tempfile.TemporaryDirectory() as scratch:
        began = time.perf_counter()
        generator = open_runtime(runtime, settings.cache, Path(scratch))
        opened = time.perf_counter() - began
        list(generator.stream(conversations[0], Decoding(max_new_tokens=4)))  # what the first call makes ready
        runs = [_timed(generator, conversation) for _ in range(rounds) for conversation in conversations]
    return {
        "open_s": round(opened, 2),
        "load_average": os.getloadavg()[0],
        "prompt_tokens": round(statistics.median(run["prompt"] for run in runs)),
        **{f"{key}_p50": round(statistics.median(run[key] for run in runs), 3) for key in ("first_s", "total_s")},
        "first_s_best": round(min(run["first_s"] for run in runs), 3),
        "total_s_best": round(min(run["total_s"] for run in runs), 3),
        "tokens_a_second_p50": round(statistics.median(run["speed"] for run in runs), 1),
        "tokens_a_second_best": round(max(run["speed"] for run in runs), 1),
        "answers": [run["text"] for run in runs[: len(conversations)]],
    }


def _timed(generator: Generator, conversation: list[Message]) -> dict[str, Any]:
    began = time.perf_counter()
    first, text = 0.0, ""
    for piece in generator.stream(conversation, Decoding(max_new_tokens=_TOKENS)):
        first = first or time.perf_counter() - began
        text += piece
    total = time.perf_counter() - began
    tokens = generator.count_tokens(text)
    prompt = sum(generator.count_tokens(message.content) for message in conversation)
    speed = (tokens - 1) / (total - first) if tokens > 2 and total > first else 0.0
    return {"first_s": first, "total_s": total, "speed": speed, "prompt": prompt, "text": text}


def open_runtime(runtime: str, cache: Path, scratch: Path) -> Generator:
    """The default model, tuned, as a runtime of `RUNTIMES`; files are written to ``scratch``."""
    catalogue = read_models()
    entry = catalogue.generators[catalogue.default]
    adapter = shipped_adapter(entry)
    if runtime == "transformers":
        return TransformersGenerator(dense_folder(entry, cache, silent), "speed", device="cpu", adapter=adapter)
    base = materialise_weights(entry, cache / "archives", scratch / entry.file, silent)
    if runtime == "openvino base file":
        return OpenVinoGenerator(base, "speed")
    quantisation = runtime.split()[-1] if runtime.split()[-1] in ("Q4_0", "F16") else "Q8_0"
    file = GgufModel(base, "speed").write(scratch / "m.gguf", _changes(entry, adapter, base), quantisation)
    return OpenVinoGenerator(file, "speed", drafts=runtime != "openvino without drafts")


def _changes(entry: ModelEntry, adapter: Path | None, base: Path) -> Weights:
    """Every matrix of the layers, with the adapter where there is one, so that all are stored alike."""
    weights = GgufModel(base, entry.id).weights()
    changed = find_lora_changes(adapter, weights) if adapter is not None else {}
    layers = {name: values for name, values in weights.items() if name.startswith("model.layers") and values.ndim > 1}
    return {**layers, **(changed or {})}


if __name__ == "__main__":
    main()
