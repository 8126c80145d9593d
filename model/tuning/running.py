"""From a training configuration to a tuned model: data read, base opened, trained."""

import random
from collections.abc import Sequence
from pathlib import Path

from kg import Report

from .base import Base
from .config import BaseKind, TuneConfig
from .encoding import Encoded, encode, encode_pair
from .example import Example, Split
from .files import read_examples
from .methods import adapt
from .splits import share_of
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


def tune(base: Base, data: Path, replay: Path | None, config: TuneConfig, folder: Path, report: Report) -> Run:
    """Train the base on a data folder; ``folder`` keeps checkpoints and the log. See `train` for what can go wrong."""
    training = rows_of(encoded(training_examples(data, replay, config), base, config), config)
    held_back = read_split(data, Split.VALIDATION, config)[: config.train.validation_examples]
    validation = rows_of(encoded(held_back, base, config), config)
    steps = count_steps(len(training), config)
    report("tune", 0, steps)
    model = adapt(base.model, config.method, config.base.kind, steps)
    run = train(model, base.pad_id, training, validation, config, folder)
    report("tune", steps, steps)
    return run
