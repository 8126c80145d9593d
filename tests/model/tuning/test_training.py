"""Training a tiny model: every method, every kind of base, interruptions and accidents."""

import json
import shutil
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kg import sha256_of, silent
from model.errors import (
    AdapterMismatch,
    BaseUnsuitable,
    GateClosed,
    MalformedTuningData,
    TuningDiskFull,
    TuningDiverged,
    TuningOutOfMemory,
)
from model.merging import load_merged
from model.tuning import (
    BaseKind,
    BaseModel,
    Contract,
    Data,
    Gates,
    Method,
    MethodName,
    Optimisation,
    TuneConfig,
    read_contract,
)
from model.tuning.base import load_base, template_hash
from model.tuning.methods import adapt
from model.tuning.running import Before as MeasuredBefore
from model.tuning.running import Job, measure, start, tune, tune_and_publish
from tests.model.tiny import save_tiny_llama
from tests.model.tuning.examples import data_folder

pytest.importorskip("peft", reason="tuning needs the extra packages of clinigraph[train]")

LOOSE = Gates(answers=4, repetition=-1, unparsed=-1, forgetting=-1, old_data=-1)
QUICK = Optimisation(
    most_steps=6, accumulation=1, learning_rate=5e-3, warmup=0, evaluate_every=3, validation_examples=4, report=()
)
PLAIN = TuneConfig(train=QUICK, gates=LOOSE, data=Data(row_tokens=64), method=Method(rank=4, dropout=0.0))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_llama(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return data_folder(tmp_path_factory.mktemp("data"))


def job(tiny: Path, data: Path, config: TuneConfig, folder: Path, replay: Path | None = None) -> Job:
    return Job(load_base(tiny, "tiny", config.base, None), data, replay, config, folder)


def own_name(name: str, known: Collection[str]) -> str:
    """The name that a base weight has without the wrappers of peft."""
    name = name.replace(".base_layer", "")
    short = name.removeprefix("base_model.model.")
    return short if short in known else name.removeprefix("base_model.")


def losses(run: Any) -> list[float]:
    return [record["loss"] for record in run.log if "loss" in record]


def test_training_lowers_the_loss(tiny: Path, data: Path, tmp_path: Path) -> None:
    training = replace(QUICK, most_steps=30, evaluate_every=30, learning_rate=2e-2)
    made = job(tiny, data, replace(PLAIN, method=Method(MethodName.FULL), train=training), tmp_path)
    found = losses(tune(made, start(made), silent))
    assert found[-1] < 0.7 * found[0]


@pytest.mark.parametrize(
    ("method", "packing"),
    [
        (Method(MethodName.FULL), True),
        (Method(MethodName.TOP_LAYERS, layers=1), True),
        (Method(MethodName.LORA, rank=4, layers=1), True),
        (Method(MethodName.ADALORA, rank=4), True),
        (Method(MethodName.IA3), True),
        (Method(MethodName.PREFIX, virtual_tokens=3), False),
        (Method(MethodName.PROMPT, virtual_tokens=3), False),
    ],
    ids=lambda value: value.name.value if isinstance(value, Method) else "",
)
def test_every_method_trains_its_own_weights_alone(
    tiny: Path, data: Path, tmp_path: Path, method: Method, packing: bool
) -> None:
    config = replace(PLAIN, method=method, data=Data(row_tokens=64, packing=packing))
    config = replace(config, train=replace(QUICK, most_steps=2, evaluate_every=2))
    made = job(tiny, data, config, tmp_path)
    before = {name: value.clone() for name, value in made.base.model.state_dict().items()}
    run = tune(made, start(made), silent)
    trained = {name for name, parameter in run.model.named_parameters() if parameter.requires_grad}
    after = run.model.state_dict()
    assert trained
    if method.name in (MethodName.FULL, MethodName.TOP_LAYERS):
        changed = {name for name, value in before.items() if not value.equal(after[name])}
        assert changed
        if method.name is MethodName.TOP_LAYERS:
            assert all(".layers.1." in name or name == "model.norm.weight" for name in changed)
    else:
        kept = {own: value for name, value in after.items() if (own := own_name(name, before)) in before}
        assert set(kept) == set(before)
        assert all(kept[name].equal(before[name]) for name in before)


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_both_optimisers_and_early_stopping(tiny: Path, data: Path, tmp_path: Path, optimizer: str) -> None:
    training = replace(QUICK, optimizer=optimizer, momentum=0.9, learning_rate=1e-12, patience=1, most_steps=12,
                       evaluate_every=2, schedule="linear", weight_decay=0.01)  # fmt: skip
    made = job(tiny, data, replace(PLAIN, train=training), tmp_path)
    run = tune(made, start(made), silent)
    assert run.steps < 12, "a rate that changes nothing should stop early"


def test_gradient_checkpointing_changes_nothing(tiny: Path, data: Path, tmp_path: Path) -> None:
    found = []
    for checkpointing in (False, True):
        config = replace(PLAIN, train=replace(QUICK, gradient_checkpointing=checkpointing))
        made = job(tiny, data, config, tmp_path / str(checkpointing))
        found.append(losses(tune(made, start(made), silent)))
    assert found[0] == pytest.approx(found[1], rel=1e-4)


def test_a_killed_run_goes_on_to_the_same_losses(tiny: Path, data: Path, tmp_path: Path) -> None:
    config = replace(
        PLAIN, method=Method(rank=4, dropout=0.1), train=replace(QUICK, most_steps=8, evaluate_every=1, accumulation=2)
    )
    whole = job(tiny, data, config, tmp_path / "whole")
    straight = tune(whole, start(whole), silent)

    killed = job(tiny, data, config, tmp_path / "killed")

    class Killed(BaseException):
        pass

    from transformers import TrainerCallback

    class KillAfter(TrainerCallback):
        def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if state.global_step == 5:
                raise Killed

    from model.tuning import training

    original: Callable[..., Any] = training._trainer

    def with_killer(*args: Any) -> Any:
        trainer = original(*args)
        trainer.add_callback(KillAfter())
        return trainer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "_trainer", with_killer)
        with pytest.raises(Killed):
            tune(killed, start(killed), silent)
    half = tmp_path / "killed" / "checkpoints" / "checkpoint-6"
    half.mkdir()
    (half / "adapter_model.safetensors").write_bytes(b"half")  # the writing of this one was cut off
    again = job(tiny, data, config, tmp_path / "killed")
    resumed = tune(again, start(again), silent)
    assert losses(resumed) == pytest.approx(losses(straight), rel=1e-5)
    assert resumed.best == pytest.approx(straight.best, rel=1e-5)


def test_a_loss_that_is_no_number_stops_and_keeps_what_was_good(tiny: Path, data: Path, tmp_path: Path) -> None:
    config = replace(
        PLAIN, train=replace(QUICK, most_steps=40, evaluate_every=1, learning_rate=1e30, gradient_clip=0.0)
    )
    made = job(tiny, data, config, tmp_path)
    with pytest.raises(TuningDiverged, match="Lower learning_rate"):
        tune(made, start(made), silent)


def test_out_of_memory_says_which_setting_to_lower(
    tiny: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    made = job(tiny, data, PLAIN, tmp_path)

    def exhausted(*args: object, **kwargs: object) -> None:
        raise torch.OutOfMemoryError("tried to allocate")

    monkeypatch.setattr(type(made.base.model), "forward", exhausted)
    with pytest.raises(TuningOutOfMemory, match="row_tokens"):
        tune(made, start(made), silent)


def test_a_full_disk_is_said_and_the_run_can_go_on(
    tiny: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    import torch

    made = job(tiny, data, PLAIN, tmp_path)
    with monkeypatch.context() as patch:

        def full(*args: object, **kwargs: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr(torch, "save", full)
        with pytest.raises(TuningDiskFull, match="free some space"):
            tune(made, start(made), silent)
    again = job(tiny, data, PLAIN, tmp_path)
    assert tune(again, start(again), silent).steps == QUICK.most_steps


def test_a_base_without_chat_template_is_refused(tmp_path: Path) -> None:
    folder = save_tiny_llama(tmp_path / "bare", chat_template=False)
    with pytest.raises(BaseUnsuitable, match="chat template"):
        load_base(folder, "bare", BaseModel(), None)


def test_more_layers_than_there_are_is_an_error(tiny: Path) -> None:
    base = load_base(tiny, "tiny", BaseModel(), None)
    with pytest.raises(BaseUnsuitable, match=r"1\.\.2"):
        adapt(base.model, Method(MethodName.TOP_LAYERS, layers=7), BaseKind.CAUSAL, 1)


def test_a_published_adapter_merges_to_the_same_tokens(tiny: Path, data: Path, tmp_path: Path) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    config = replace(PLAIN, train=replace(QUICK, most_steps=25, evaluate_every=25, learning_rate=2e-2))
    tune_and_publish(job(tiny, data, config, tmp_path / "work"), tmp_path / "adapter", silent)
    ids = torch.tensor([[3, 6, 7, 8, 9, 4]])
    bare: Any = AutoModelForCausalLM.from_pretrained(tiny)
    plain = bare.generate(ids, max_new_tokens=12, do_sample=False)
    beside: Any = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny), tmp_path / "adapter")
    merged = load_merged(tiny, tmp_path / "adapter", torch.float32)
    unmerged = beside.generate(input_ids=ids, max_new_tokens=12, do_sample=False)
    assert merged.generate(ids, max_new_tokens=12, do_sample=False).tolist() == unmerged.tolist()
    assert unmerged.tolist() != plain.tolist(), "the adapter changes nothing"
    settings = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert settings["base_model_name_or_path"] == "tiny"


def test_the_contract_holds_what_the_adapter_was_made_for(tiny: Path, data: Path, tmp_path: Path) -> None:
    config = replace(PLAIN, data=replace(PLAIN.data, folder=str(data)))
    made = job(tiny, data, config, tmp_path / "work")
    scores = tune_and_publish(made, tmp_path / "adapter", silent)
    contract = read_contract(tmp_path / "adapter")
    assert contract.weights_sha256 == made.base.weights_sha256
    assert contract.template_sha256 == template_hash(made.base.tokenizer)
    assert contract.prompts == {"answer": "answer-2+x"}
    assert contract.graph_version == "g1"
    assert contract.data_sha256 == sha256_of(tmp_path / "adapter" / "data-manifest.json")
    assert contract.config["train"]["most_steps"] == QUICK.most_steps
    assert contract.config["data"]["folder"] == data.name, "a path of this machine"
    assert contract.scores["perplexity_after"] == scores.perplexity_after
    log = [json.loads(line) for line in (tmp_path / "adapter" / "training-log.jsonl").read_text().splitlines()]
    assert [record["step"] for record in log if "eval_loss" in record] == [3, 6]
    with pytest.raises(AdapterMismatch, match="base weights"):
        contract.check(weights_sha256="another")


def test_a_model_that_fails_a_gate_is_not_published(tiny: Path, data: Path, tmp_path: Path) -> None:
    made = job(tiny, data, replace(PLAIN, gates=replace(LOOSE, unparsed=0.0)), tmp_path / "work")
    with pytest.raises(GateClosed, match="no cited sentence"):
        tune_and_publish(made, tmp_path / "adapter", silent)
    assert not (tmp_path / "adapter").exists()
    assert list((tmp_path / "work" / "checkpoints").glob("checkpoint-*"))


def test_forgetting_is_a_gate(tiny: Path, data: Path, tmp_path: Path) -> None:
    made = job(tiny, data, replace(PLAIN, gates=replace(LOOSE, forgetting=1.25)), tmp_path)
    scores = measure(made.base.model, made, {}, MeasuredBefore(perplexity=1e-3, old_loss=None), silent)
    assert any("perplexity" in failure for failure in scores.failures(made.config.gates))
    assert not replace(scores, perplexity_before=scores.perplexity_after).failures(made.config.gates)


def test_tuning_goes_on_from_an_adapter_with_old_data_replayed(tiny: Path, data: Path, tmp_path: Path) -> None:
    tune_and_publish(job(tiny, data, PLAIN, tmp_path / "first"), tmp_path / "adapter", silent)
    more = data_folder(tmp_path / "more", count=8)
    config = replace(
        PLAIN, base=BaseModel(adapter=str(tmp_path / "adapter")), data=replace(PLAIN.data, replay_share=0.5)
    )
    made = job(tiny, more, config, tmp_path / "second", replay=data)
    scores = tune_and_publish(made, tmp_path / "again", silent)
    assert scores.old_loss_before is not None
    assert scores.old_loss_after is not None
    closed = replace(scores, old_loss_after=2 * scores.old_loss_before).failures(Gates(forgetting=-1, unparsed=-1))
    assert any("older data" in failure for failure in closed)


def test_an_adapter_for_another_base_is_refused(tiny: Path, data: Path, tmp_path: Path) -> None:
    tune_and_publish(job(tiny, data, PLAIN, tmp_path / "work"), tmp_path / "adapter", silent)
    made = job(tiny, data, replace(PLAIN, base=BaseModel(adapter=str(tmp_path / "adapter"))), tmp_path / "second")
    other = replace(made, base=replace(made.base, weights_sha256="0" * 64))
    with pytest.raises(AdapterMismatch, match="base weights"):
        start(other)


def test_a_sequence_to_sequence_base_is_tuned_too(data: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoTokenizer, T5Config, T5ForConditionalGeneration

    folder = save_tiny_llama(tmp_path / "t5")
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    torch.manual_seed(1)
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=16,
        d_kv=8,
        d_ff=32,
        num_layers=1,
        num_heads=2,
        eos_token_id=1,
        pad_token_id=0,
    )
    config.decoder_start_token_id = 0
    shutil.rmtree(folder)
    T5ForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    chosen = replace(
        PLAIN,
        base=BaseModel(kind=BaseKind.SEQ2SEQ),
        data=Data(packing=False),
        method=Method(MethodName.LORA, rank=2, targets=("q", "v")),
        train=replace(QUICK, most_steps=20, evaluate_every=20, learning_rate=5e-2),
    )
    made = Job(load_base(folder, "t5", chosen.base, None), data, None, chosen, tmp_path / "work")
    run = tune(made, start(made), silent)
    found = losses(run)
    assert found[-1] < found[0]


def test_a_broken_line_is_named(tiny: Path, data: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(data, broken)
    lines = (broken / "train.jsonl").read_text().splitlines()
    lines[2] = lines[2][:40]
    (broken / "train.jsonl").write_text("\n".join(lines))
    made = job(tiny, broken, PLAIN, tmp_path / "work")
    with pytest.raises(MalformedTuningData, match=r"line 3 of train\.jsonl"):
        tune(made, start(made), silent)


def test_contracts_of_other_formats_are_refused(tmp_path: Path) -> None:
    from model.errors import AdapterUnusable
    from model.tuning import write_contract

    with pytest.raises(AdapterUnusable, match=r"no contract\.json"):
        read_contract(tmp_path)
    write_contract(tmp_path, Contract("tiny", "w", "t", {"answer": "1"}, "g", "d", "lora", 1))
    assert read_contract(tmp_path).prompts == {"answer": "1"}
    read_contract(tmp_path).check(prompts={"answer": "1", "diagnosis": "9"})
    with pytest.raises(AdapterMismatch, match="answer prompt"):
        read_contract(tmp_path).check(prompts={"answer": "2"})
    text = (tmp_path / "contract.json").read_text().replace('"format": 1', '"format": 2')
    (tmp_path / "contract.json").write_text(text)
    with pytest.raises(AdapterUnusable, match="format 2"):
        read_contract(tmp_path)
