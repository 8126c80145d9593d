"""From a training configuration to a published model: data read, base opened, trained, held against the gates."""

import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kg import Report

from ..errors import GateClosed, MalformedTuningData
from .base import Base
from .config import BaseKind, TuneConfig, as_table
from .contract import Contract, read_contract
from .dataset import MANIFEST, manifest_hash
from .encoding import Encoded, encode, encode_pair
from .example import Example, Split
from .files import read_examples
from .gates import Scores, general_texts, generate, mean_loss, perplexity, score_answers
from .methods import adapt, is_adapter
from .publishing import store_adapter, store_model
from .splits import share_of
from .strength import can_be_weakened, strongest_that_remembers
from .training import Run, count_steps, rows_of, train


def read_split(folder: Path, split: Split, config: TuneConfig) -> list[Example]:
    """The examples of a split that the configuration keeps, in order."""
    shares = config.data.shares
    return [
        example
        for example in read_examples(folder / f"{split.value}.jsonl")
        if share_of("kept", config.train.seed, example.id) < shares.get(example.task.value, 1.0)
    ]


def training_examples(folder: Path, replay: Path | None, config: TuneConfig) -> list[Example]:
    """The examples to train on; of an older folder as many are added as make up its share."""
    new = read_split(folder, Split.TRAIN, config)
    if config.data.most_examples:
        new = new[: config.data.most_examples]
    if replay is None or not 0 < config.data.replay_share < 1:
        return new
    old = read_split(replay, Split.TRAIN, config)
    wanted = round(len(new) * config.data.replay_share / (1 - config.data.replay_share))
    drawn = random.Random(config.train.seed).sample(old, min(wanted, len(old)))
    return [*new, *drawn]


def encoded(examples: Sequence[Example], base: Base, config: TuneConfig) -> list[Encoded]:
    """Examples as ids, in the way of the base."""
    way = encode if config.base.kind is BaseKind.CAUSAL else encode_pair
    return [way(example, base.tokenizer) for example in examples]


@dataclass(frozen=True, slots=True)
class Job:
    """One training run: base, data, an older data folder for replay, the configuration, and where it works."""

    base: Base
    data: Path
    replay: Path | None
    config: TuneConfig
    folder: Path


def tune(job: Job, model: Any, report: Report) -> Run:
    """Train a model; the folder keeps checkpoints and the log. See `train` for what can go wrong."""
    from transformers import set_seed

    config = job.config
    training = rows_of(encoded(training_examples(job.data, job.replay, config), job.base, config), config)
    held_back = read_split(job.data, Split.VALIDATION, config)[: config.train.validation_examples]
    validation = rows_of(encoded(held_back, job.base, config), config)
    steps = count_steps(len(training), config)
    report("tune", 0, steps)
    set_seed(config.train.seed)  # adapters begin with random numbers
    adapted = model if config.base.adapter else adapt(model, config.method, config.base.kind, steps)
    run = train(adapted, job.base.pad_id, training, validation, config, job.folder, report=report)
    report("tune", steps, steps)
    return run


def tune_and_publish(job: Job, target: Path, report: Report) -> Scores:
    """Train, measure, and publish what passes the gates under ``target``; an adapter that was there is replaced.

    Raises:
        GateClosed: a gate was failed; nothing is published, the checkpoints stay.
    """
    manifest = read_manifest(job.data)
    general = _general(job.base.model, job)
    model, old = start(job), _old_examples(job)
    before = Before(general, _loss_on(model, old, job) if old else None)
    run = tune(job, model, report)
    strength = _settled_strength(run.model, job, before)
    scores = replace(measure(run.model, job, manifest, before, report), strength=strength)
    if failures := scores.failures(job.config.gates):
        raise GateClosed(failures, job.folder / "checkpoints")
    contract = contract_of(job, manifest, scores)
    if is_adapter(job.config.method):
        trained = job.folder / "best"
        run.model.save_pretrained(trained)
        store_adapter(trained, target, contract, run.log, job.data / MANIFEST)
    else:
        store_model(run.model, job.base.tokenizer, target, contract, run.log, job.data / MANIFEST)
    return scores


def start(job: Job) -> Any:
    """The model that training begins with: the base, or an earlier adapter on it.

    Raises:
        AdapterMismatch: the earlier adapter was made for another base.
    """
    if not job.config.base.adapter:
        return job.base.model
    from peft import PeftModel

    folder = Path(job.config.base.adapter)
    read_contract(folder).check(weights_sha256=job.base.weights_sha256, template_sha256=job.base.template_sha256)
    model = PeftModel.from_pretrained(job.base.model, folder, is_trainable=True)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return model


@dataclass(frozen=True, slots=True)
class Before:
    """What is measured before training: the perplexity of the bare base, the loss of what training begins with."""

    perplexity: float
    old_loss: float | None


def _general(model: Any, job: Job) -> float:
    """Perplexity on general text; a sequence-to-sequence base has none."""
    if job.config.base.kind is BaseKind.SEQ2SEQ:
        return 1.0
    return perplexity(model, job.base.tokenizer, general_texts())


def _old_examples(job: Job) -> list[Example]:
    """Validation examples of the older data that must not be forgotten."""
    return [] if job.replay is None else read_split(job.replay, Split.VALIDATION, job.config)[:_OLD_EXAMPLES]


_OLD_EXAMPLES = 40


def _settled_strength(model: Any, job: Job, before: Before) -> float:
    """The strength that a low-rank adapter is left at so that it passes the gate of forgetting, if it can."""
    gates = job.config.gates
    if gates.forgetting < 0 or not can_be_weakened(model):
        return 1.0
    most = before.perplexity * gates.forgetting
    return strongest_that_remembers(model, gates.strengths, lambda each: _general(each, job), most)


def _loss_on(model: Any, examples: Sequence[Example], job: Job) -> float:
    return mean_loss(model, encoded(examples, job.base, job.config), job.base.pad_id, job.config.base.kind)


def measure(model: Any, job: Job, manifest: dict[str, Any], before: Before, report: Report) -> Scores:
    """The scores that the gates look at, on validation examples drawn by the seed."""
    known = read_split(job.data, Split.VALIDATION, job.config)
    count = min(job.config.gates.answers, len(known))
    drawn = random.Random(job.config.train.seed).sample(known, count)
    report("measure", 0, 1)
    model.config.use_cache = True
    answers = generate(model, job.base, job.config.base.kind, drawn)
    shares = score_answers(answers, drawn, manifest.get("abstention", ""))
    after = _general(model, job)
    old = _old_examples(job)
    report("measure", 1, 1)
    return Scores(
        answers=count,
        perplexity_before=round(before.perplexity, 3),
        perplexity_after=round(after, 3),
        old_loss_before=before.old_loss,
        old_loss_after=_loss_on(model, old, job) if old else None,
        **shares,
    )


def contract_of(job: Job, manifest: dict[str, Any], scores: Scores) -> Contract:
    """The contract of what a job made."""
    return Contract(
        job.base.name,
        job.base.weights_sha256,
        job.base.template_sha256,
        dict(manifest.get("prompts", {})),
        str(manifest.get("graph_version", "")),
        manifest_hash(job.data) if (job.data / MANIFEST).is_file() else "",
        job.config.method.name.value,
        job.config.train.seed,
        as_table(_without_places(job.config)),
        asdict(scores),
    )


def _without_places(config: TuneConfig) -> TuneConfig:
    """The configuration with folders by name alone: where they lie on one machine is nobody else's business."""
    data = replace(config.data, folder=Path(config.data.folder).name, replay=Path(config.data.replay).name)
    return replace(config, data=data, base=replace(config.base, adapter=Path(config.base.adapter).name))


def read_manifest(data: Path) -> dict[str, Any]:
    """The manifest of a data folder; an empty one for data that was written by hand.

    Raises:
        MalformedTuningData: it is no JSON.
    """
    try:
        read = json.loads((data / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise MalformedTuningData(MANIFEST, None, str(error)) from error
    return dict(read)
