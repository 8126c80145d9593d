"""``clinigraph tune``: data made from a graph, and models trained by a file."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from clinigraph import tuning
from model import read_claims, read_prompt
from model.tuning import Example, Split, Splitting, Task, forms, read_contract, read_examples
from tests.clinigraph.conftest import CommandLine
from tests.model.tiny import save_tiny_llama
from tests.model.tuning.examples import data_folder

ABSTENTION = read_prompt("answer").abstention
CONFIG = """
[base]
name = "{base}"
[method]
name = "lora"
rank = 4
[data]
folder = "{data}"
row_tokens = 64
[train]
most_steps = 4
accumulation = 1
evaluate_every = 2
validation_examples = 4
report = {report}
[gates]
answers = 4
repetition = -1
unparsed = -1
forgetting = -1
"""


@pytest.fixture
def made(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Instruction data from the small graph."""
    monkeypatch.setattr(tuning, "token_counter", lambda *_: lambda text: len(text) // 4)
    cli.output("tune", "data", tmp_path / "data", "--seed", "3", "--groups", "60", "--patients", "2", "--tagged", "4")
    return tmp_path / "data"


def every(folder: Path) -> Iterable[tuple[Split, Example]]:
    for split in Split:
        path = folder / f"{split.value}.jsonl"
        if path.stat().st_size:
            yield from ((split, example) for example in read_examples(path))


def test_data_is_split_before_it_is_made_and_says_how(made: Path) -> None:
    manifest = json.loads((made / "manifest.json").read_text())
    splitting = Splitting(3)
    found = list(every(made))
    assert {example.task for _, example in found} >= {Task.ANSWER, Task.ABSTAIN}
    for name, told in manifest["files"].items():
        content = (made / name).read_bytes()
        assert told["sha256"] == hashlib.sha256(content).hexdigest()
        assert told["examples"] == len(content.splitlines())
    assert manifest["prompts"]["answer"] == read_prompt("answer").version
    for split, example in found:
        of_concept = splitting.of_concept(example.concept)
        if of_concept is Split.HELD_OUT_CONCEPTS:
            assert split is Split.HELD_OUT_CONCEPTS
        if split in (Split.TRAIN, Split.VALIDATION):
            assert example.relation not in manifest["held_out_relations"]
            assert example.form not in manifest["held_out_forms"]
            assert splitting.of_concept(example.concept) is not Split.HELD_OUT_CONCEPTS


def test_every_answer_cites_evidence_of_its_own_prompt(made: Path) -> None:
    answered = 0
    for _, example in every(made):
        said = example.messages[-1].content
        if example.task in (Task.RELATION_TAGGING, Task.ENTITY_TAGGING) or said == ABSTENTION:
            continue
        listed = {int(n) for n in re.findall(r"^\[(\d+)\]", example.messages[1].content, re.MULTILINE)}
        claims = read_claims(said)
        assert claims
        assert all(claim.citations and set(claim.citations) <= listed for claim in claims), said
        assert " ".join(f"{claim.text[:-1]} [{claim.citations[0]}]." for claim in claims) == said
        answered += 1
    assert answered > 20


def test_abstaining_is_taught_only_where_no_listed_item_answers(made: Path) -> None:
    for _, example in every(made):
        assert (example.messages[-1].content == ABSTENTION) == (example.task is Task.ABSTAIN)
        if example.task is Task.ABSTAIN:
            assert not example.answering


def test_abstentions_outnumber_the_answers_of_no_relation_that_is_trained(made: Path) -> None:
    counts = Counter((e.relation, e.task) for split, e in every(made) if split is Split.TRAIN)
    for relation in {relation for relation, task in counts if task is Task.ABSTAIN} - {"unanswered"}:
        answers, abstentions = counts[relation, Task.ANSWER], counts[relation, Task.ABSTAIN]
        assert answers > 0, f"{relation} is never answered"
        assert abstentions <= 2 * answers + 3, f"{relation}: the draw of a share strays no further"


def test_short_listings_are_answered_too(made: Path) -> None:
    short = [e.task for _, e in every(made) if e.messages[-2].content.count("\n[") == 1]
    assert short.count(Task.ANSWER) > short.count(Task.ABSTAIN)


def test_a_question_uses_the_names_of_its_evidence(made: Path) -> None:
    renamed = [e for _, e in every(made) if e.question and e.question not in e.messages[-2].content]
    assert renamed, "no synonym was drawn"


def test_the_same_seed_gives_the_same_files(cli: CommandLine, made: Path, tmp_path: Path) -> None:
    options = ("--groups", "60", "--patients", "2", "--tagged", "4")
    cli.output("tune", "data", tmp_path / "again", "--seed", "3", *options)
    cli.output("tune", "data", tmp_path / "other", "--seed", "4", *options)
    for path in sorted(made.iterdir()):
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()
    assert (made / "train.jsonl").read_bytes() != (tmp_path / "other" / "train.jsonl").read_bytes()


def config(tmp_path: Path, base: Path, data: Path, report: str = "[]", more: str = "") -> Path:
    path = tmp_path / "run.toml"
    path.write_text(CONFIG.format(base=base, data=data, report=report) + more)
    return path


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return save_tiny_llama(tmp_path / "tiny")


def test_training_publishes_an_adapter_with_its_contract(bare: CommandLine, tiny: Path, tmp_path: Path) -> None:
    pytest.importorskip("peft")
    pytest.importorskip("tensorboard")
    path = config(tmp_path, tiny, data_folder(tmp_path / "data"), '["tensorboard"]')
    said = bare.output("tune", "train", path, "--out", tmp_path / "adapter", "--work", tmp_path / "work")
    assert "perplexity after" in said
    assert read_contract(tmp_path / "adapter").method == "lora"
    assert list((tmp_path / "work").rglob("events.out.tfevents.*")), "no log for TensorBoard"


def test_training_says_what_is_wrong_with_its_file(bare: CommandLine, tiny: Path, tmp_path: Path) -> None:
    pytest.importorskip("peft")
    data = data_folder(tmp_path / "data")
    for more, reason in (
        ("nonsense = 1", r"has no setting nonsense"),
        ("[other]\nx = 1", r"\[other\] is none of"),
    ):
        complaint = bare.complaint("tune", "train", config(tmp_path, tiny, data, more=more), "--out", tmp_path / "a")
        assert re.search(reason, complaint), complaint
    (data / "train.jsonl").write_text('{"messages": []}\n')
    complaint = bare.complaint("tune", "train", config(tmp_path, tiny, data), "--out", tmp_path / "a")
    assert "line 1 of train.jsonl" in complaint
    (data / "train.jsonl").unlink()
    complaint = bare.complaint("tune", "train", config(tmp_path, tiny, data), "--out", tmp_path / "a")
    assert "cannot be opened" in complaint
    assert "no chat template" in bare.complaint(
        "tune", "train", config(tmp_path, save_tiny_llama(tmp_path / "bare", chat_template=False), data),
        "--out", tmp_path / "a",
    )  # fmt: skip


def test_a_search_tries_what_the_file_names(bare: CommandLine, tiny: Path, tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    space = '[search."train.learning_rate"]\nkind = "log"\nlow = 1e-4\nhigh = 1e-1\n'
    space += '[search."method.rank"]\nkind = "choice"\nvalues = [2, 4]\n'
    path = config(tmp_path, tiny, data_folder(tmp_path / "data"), more=space)
    said = bare.output("tune", "search", path, "--work", tmp_path / "work", "--trials", "2")
    assert said.count("train.learning_rate") == said.count("method.rank") == 2
    again = bare.output("tune", "search", path, "--work", tmp_path / "work", "--trials", "2")
    assert again == said, "a finished search is not searched again"
    complaint = bare.complaint(
        "tune", "search", config(tmp_path, tiny, tmp_path / "data"), "--work", tmp_path / "other"
    )
    assert "nothing to search" in complaint


def tiny_bert(folder: Path) -> Path:
    """An untrained encoder whose words are those of the texts below."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertModel

    save_tiny_llama(folder)
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    torch.manual_seed(0)
    settings = BertConfig(vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
                          intermediate_size=32, initializer_range=0.3)  # fmt: skip
    BertModel(settings).save_pretrained(folder)
    return folder


def test_a_classifier_learns_and_both_reports_are_kept(bare: CommandLine, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    data = tmp_path / "data"
    data.mkdir()
    texts = {"rare": "It is rare .", "lens": "ectopia lentis .", "hands": "arachnodactyly ."}
    lines = [json.dumps({"text": f"Question one {text}", "label": label}) for label, text in texts.items()] * 8
    (data / "diagnosis_train.jsonl").write_text("\n".join(lines))
    (data / "diagnosis_test.jsonl").write_text("\n".join(lines[:6]))
    path = tmp_path / "classify.toml"
    path.write_text(
        f'[base]\nname = "{tiny_bert(tmp_path / "bert")}"\n[method]\nname = "full"\n'
        f'[data]\nfolder = "{data}"\npacking = false\n'
        "[train]\nmost_steps = 60\nrows = 8\naccumulation = 1\nlearning_rate = 3e-3\nevaluate_every = 20\nreport = []\n"
    )
    said = bare.output("tune", "classify", path, "--out", tmp_path / "out", "--work", tmp_path / "work")
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["after"]["accuracy"] == 1.0
    assert report["before"]["accuracy"] < 1.0
    assert "Before training" in said
    (data / "diagnosis_test.jsonl").write_text('{"text": "x", "label": "unheard of"}')
    assert "unheard of" in bare.complaint("tune", "classify", path, "--out", tmp_path / "out")


def test_texts_for_a_classifier_come_from_the_graph(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from model.tuning.classifying import read_texts

    monkeypatch.setattr(tuning, "token_counter", lambda *_: lambda text: len(text) // 4)
    options = ("--groups", "1", "--patients", "0", "--tagged", "0", "--diagnoses", "1")
    cli.output("tune", "data", tmp_path / "data", *options)
    train, test = (read_texts(tmp_path / "data" / f"diagnosis_{part}.jsonl") for part in ("train", "test"))
    assert {text.label for text in test} == {text.label for text in train} == {"Marfan syndrome"}
    assert len(train) == 3 * len(test)


def test_held_out_relations_are_none_that_answering_needs() -> None:
    for seed in range(20):
        assert not any(forms().relations[name].core for name in Splitting(seed).held_out_relations(forms()))
