"""What the ``tune`` commands do once their arguments are read."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from model import (
    TuningAmount,
    TuningRun,
    classify_from_file,
    make_data,
    search_from_file,
    token_counter,
    train_from_file,
)

from .config import Settings
from .progress import ProgressBars
from .tuning_cases import ingredients
from .wiring import Application


def make_instruction_data(settings: Settings, out: Path, seed: int, amount: tuple[int, int, int, int]) -> None:
    """Write a data folder and print how many examples each file has."""
    with ProgressBars() as bars:
        application = Application(settings, bars)
        counter = token_counter("default", settings.cache, bars)
        manifest = make_data(out, ingredients(application, counter), seed, TuningAmount(*amount), bars)
    table = Table("file", "examples", "tasks")
    for name, told in manifest["files"].items():
        table.add_row(name, f"{told['examples']:,}", ", ".join(f"{task} {n}" for task, n in told["tasks"].items()))
    Console().print(table)


def train_model(settings: Settings, config: Path, out: Path, data: Path | None, work: Path | None) -> None:
    """Train and publish, and print what the gates measured."""
    with ProgressBars() as bars:
        scores = train_from_file(TuningRun(config, out, data, work), settings.cache, bars)
    table = Table("measured", "value")
    for name in scores.__slots__:
        if (value := getattr(scores, name)) is not None:
            table.add_row(name.replace("_", " "), f"{value:,.4g}")
    Console().print(table)
    print(f"Published in {out}.")


def search_settings(settings: Settings, config: Path, work: Path, trials: int, data: Path | None) -> None:
    """Search, and print the trials."""
    with ProgressBars() as bars:
        found = search_from_file(TuningRun(config, work / "search", data, work), settings.cache, trials, bars)
    table = Table("validation loss", "settings")
    for trial in found:
        table.add_row(f"{trial.loss:.4f}", ", ".join(f"{name} = {value}" for name, value in trial.values.items()))
    Console().print(table)


def train_classifier(settings: Settings, config: Path, out: Path, data: Path | None, work: Path | None) -> None:
    """Train a classifier and print both reports."""
    with ProgressBars() as bars:
        result = classify_from_file(TuningRun(config, out, data, work), settings.cache, bars)
    print(f"Before training\n{result.text_before}\nAfter training\n{result.text_after}\nStored in {out}.")
