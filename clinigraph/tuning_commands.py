"""The ``tune`` commands: instruction data, training, search and classification. Imports nothing heavy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .failing import guarded

if TYPE_CHECKING:
    from .config import Settings

tune_app = typer.Typer(
    help="Make instruction data from the graph, and tune models with it.", no_args_is_help=True, rich_markup_mode=None
)

Cache = Annotated[
    Path | None, typer.Option("--cache", help="Folder for archives, graphs and weights (or CLINIGRAPH_CACHE).")
]
Config = Annotated[Path, typer.Argument(help="The training run as a TOML file.")]
DataFolder = Annotated[Path | None, typer.Option("--data", help="Take the data from here, not from the file's folder.")]
Work = Annotated[Path | None, typer.Option("--work", help="Where checkpoints and logs are kept.")]


def _settings(cache: Path | None) -> Settings:
    from .config import resolve_settings

    return resolve_settings({"cache": cache})


@tune_app.command()
@guarded
def data(
    out: Annotated[Path, typer.Argument(help="The folder to write.")],
    seed: Annotated[int, typer.Option(help="Draws everything; the same seed and graph give the same files.")] = 7,
    groups: Annotated[int, typer.Option(min=1, help="Listings of evidence, each with several questions.")] = 2000,
    patients: Annotated[int, typer.Option(min=0, help="Simulated patients for differentials and rules.")] = 150,
    tagged: Annotated[int, typer.Option(min=0, help="Sentences for tagging relations and entities.")] = 100,
    diagnoses: Annotated[int, typer.Option(min=0, help="Diseases with texts for tune classify.")] = 0,
    cache: Cache = None,
) -> None:
    """Make instruction data from the graph: questions with numbered evidence, and faithful answers."""
    from .tuning import make_instruction_data

    make_instruction_data(_settings(cache), out, seed, (groups, patients, tagged, diagnoses))


@tune_app.command()
@guarded
def train(
    config: Config,
    out: Annotated[Path, typer.Option("--out", help="Where the adapter or model is published.")],
    data: DataFolder = None,
    work: Work = None,
    cache: Cache = None,
) -> None:
    """Train an adapter or model; started again after an interruption, it goes on from the last checkpoint."""
    from .tuning import train_model

    train_model(_settings(cache), config, out, data, work)


@tune_app.command()
@guarded
def search(
    config: Config,
    work: Annotated[Path, typer.Option("--work", help="Where trials are kept; a search goes on from there.")],
    trials: Annotated[int, typer.Option(min=1, help="How many trials in all.")] = 20,
    data: DataFolder = None,
    cache: Cache = None,
) -> None:
    """Search the settings named in [search] tables, and print the trials, the best first."""
    from .tuning import search_settings

    search_settings(_settings(cache), config, work, trials, data)


@tune_app.command()
@guarded
def classify(
    config: Config,
    out: Annotated[Path, typer.Option("--out", help="Where the classifier is stored.")],
    data: DataFolder = None,
    work: Work = None,
    cache: Cache = None,
) -> None:
    """Train a linear layer on an encoder to name diagnoses from text, with a report before and after."""
    from .tuning import train_classifier

    train_classifier(_settings(cache), config, out, data, work)
