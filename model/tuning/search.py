"""Hyper-parameters searched for with optuna, each trial a short training run."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kg import Report

from ..errors import MalformedTuningConfig
from .base import open_base
from .config import TuneConfig, parse_config
from .entry import Training, require
from .running import Job, start, tune

_KINDS = ("uniform", "log", "int", "choice")


@dataclass(frozen=True, slots=True)
class Trial:
    """One set of values, by ``part.setting``, and the validation loss that it reached."""

    values: Mapping[str, Any]
    loss: float


def read_space(path: Path) -> dict[str, dict[str, Any]]:
    """What is searched: tables ``[search."part.setting"]`` with ``kind``, and ``low`` and ``high`` or ``values``.

    Raises:
        MalformedTuningConfig: there is none, or one has an unknown kind.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("search", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MalformedTuningConfig(path, str(error)) from error
    if not table:
        raise MalformedTuningConfig(path, 'it has no [search."train.learning_rate"] or the like, so nothing to search')
    for name, row in table.items():
        if row.get("kind") not in _KINDS:
            raise MalformedTuningConfig(path, f"[search.{name}] kind is one of {', '.join(_KINDS)}")
        needed = {"values"} if row["kind"] == "choice" else {"low", "high"}
        if lacking := needed - set(row):
            raise MalformedTuningConfig(path, f"[search.{name}] lacks {', '.join(sorted(lacking))}")
    return dict(table)


def search(training: Training, cache: Path, trials: int, report: Report) -> list[Trial]:
    """The trials, the best first; a search that was cut off goes on where it was. Nothing is published.

    Raises:
        ModelError: as training does, or a setting that is searched does not exist.
    """
    require(["optuna", "peft"])
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    space, table = read_space(training.path), tomllib.loads(training.path.read_text(encoding="utf-8"))
    folder = training.folder()
    folder.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        study_name=training.path.stem,
        storage=f"sqlite:///{folder / 'search.db'}",
        load_if_exists=True,
        sampler=optuna.samplers.TPESampler(seed=training.config().train.seed),
    )

    def objective(trial: optuna.Trial) -> float:
        report("search", trial.number, trials)
        values = {name: _draw(trial, name, row) for name, row in space.items()}
        config = _with(table, values, training)
        base = open_base(config.base, cache, lambda *_: None)
        replay = Path(config.data.replay) if config.data.replay else None
        job = Job(base, Path(config.data.folder), replay, config, folder / f"trial-{trial.number}")
        return float(tune(job, start(job), lambda *_: None).best or float("inf"))

    study.optimize(objective, n_trials=max(0, trials - len(study.trials)))
    report("search", trials, trials)
    done = [Trial(trial.params, trial.value) for trial in study.trials if trial.value is not None]
    return sorted(done, key=lambda trial: trial.loss)


def _draw(trial: Any, name: str, row: Mapping[str, Any]) -> Any:
    match row["kind"]:
        case "choice":
            return trial.suggest_categorical(name, row["values"])
        case "int":
            return trial.suggest_int(name, row["low"], row["high"])
        case kind:
            return trial.suggest_float(name, row["low"], row["high"], log=kind == "log")


def _with(table: Mapping[str, Any], values: Mapping[str, Any], training: Training) -> TuneConfig:
    """The configuration with searched values put in, its folders as `Training` makes them."""
    changed: dict[str, dict[str, Any]] = {
        name: dict(part) for name, part in table.items() if name != "search" and isinstance(part, dict)
    }
    for name, value in values.items():
        part, _, setting = name.partition(".")
        changed.setdefault(part, {})[setting] = value
    config, plain = parse_config(changed, training.path), training.config()
    folders = replace(config.data, folder=plain.data.folder, replay=plain.data.replay)
    return replace(config, data=folders, base=replace(config.base, adapter=plain.base.adapter))
