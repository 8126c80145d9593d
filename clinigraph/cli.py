"""The command line. Imports nothing heavy, so that help answers at once; each command imports what it needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .failing import guarded

if TYPE_CHECKING:
    from .config import Settings

app = typer.Typer(
    help="Clinical questions answered from a knowledge graph, every sentence walked back to its source.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
kg_app = typer.Typer(help="Build, inspect and query the knowledge graph.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(kg_app, name="kg")

Cache = Annotated[
    Path | None, typer.Option("--cache", help="Folder for archives, graphs and weights (or CLINIGRAPH_CACHE).")
]
Model = Annotated[
    str | None,
    typer.Option("--model", help="Catalogue name, hub id, local folder or URL of an OpenAI-compatible server."),
]
Generator = Annotated[
    str | None,
    typer.Option("--generator", help="'model' (default), or 'graph' for sentences of the graph alone."),
]


def _settings(**flags: object) -> Settings:
    from .config import resolve_settings

    return resolve_settings(flags)


@app.command()
@guarded
def ask(
    question: Annotated[str | None, typer.Argument(help="The question, in quotes.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
    batch: Annotated[Path | None, typer.Option(help="A file with one question a line.")] = None,
    jsonl: Annotated[Path | None, typer.Option(help="Where a batch writes one JSON object a line.")] = None,
    model: Model = None,
    generator: Generator = None,
    cache: Cache = None,
) -> None:
    """Answer a question with numbered citations."""
    from .commands import ask_batch, ask_one

    settings = _settings(cache=cache, model=model, generator=generator)
    if (question is None) == (batch is None) or (batch is None) != (jsonl is None):
        raise typer.BadParameter("Give one question, or --batch FILE together with --jsonl OUT.")
    if batch is not None and jsonl is not None:
        ask_batch(settings, batch, jsonl)
    elif question is not None:
        ask_one(settings, question, as_json=json)


@app.command()
@guarded
def diagnose(
    path: Annotated[Path, typer.Argument(help="A phenopacket (.json) or text (.txt), or a folder or zip of them.")],
    jsonl: Annotated[Path | None, typer.Option(help="Write one JSON object a case here instead of printing.")] = None,
    top: Annotated[
        int | None, typer.Option(min=1, help="How many diseases to list (default 100 with --jsonl, else 5).")
    ] = None,
    withhold_own_publications: Annotated[
        bool, typer.Option(help="Ignore annotations whose references are all among the case's own PMIDs.")
    ] = False,
    explain: Annotated[
        bool | None, typer.Option(help="Let the language model explain (default: for one case that is printed).")
    ] = None,
    model: Model = None,
    generator: Generator = None,
    cache: Cache = None,
) -> None:
    """Rank diseases for a patient and check each by the graph rules."""
    from .commands import DiagnoseOptions, diagnose_cases

    settings = _settings(cache=cache, model=model, generator=generator)
    diagnose_cases(settings, path, jsonl, DiagnoseOptions(top, withhold_own_publications, explain))


@app.command()
@guarded
def annotate(
    path: Annotated[str, typer.Argument(help="A text file, a folder of them, or - for standard input.")],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a mention.")] = False,
    cache: Cache = None,
) -> None:
    """Find the concepts that a text mentions, and whether they are present, absent or said of the family."""
    from .commands import annotate_texts

    annotate_texts(_settings(cache=cache), path, as_json=jsonl)


@kg_app.command()
@guarded
def build(
    sources: Annotated[list[str] | None, typer.Option("--source", help="Only this source; repeat for more.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Build again even if nothing has changed.")] = False,
    cache: Cache = None,
) -> None:
    """Fetch the sources and build the graph; a graph in use stays until the new one is whole."""
    from .graph_commands import build_graph

    build_graph(_settings(cache=cache), sources, force=force)


@kg_app.command()
@guarded
def info(json: Annotated[bool, typer.Option("--json")] = False, cache: Cache = None) -> None:
    """Version, sources, licences and counts of the graph in use."""
    from .graph_commands import show_info

    show_info(_settings(cache=cache), as_json=json)


@kg_app.command()
@guarded
def show(
    curie: Annotated[str, typer.Argument(help="An identifier such as OMIM:154700 or HP:0001250.")],
    limit: Annotated[int, typer.Option(min=1, help="How many facts to print.")] = 40,
    cache: Cache = None,
) -> None:
    """A concept with its names, definition and facts."""
    from .graph_commands import show_concept

    show_concept(_settings(cache=cache), curie, limit)


@kg_app.command()
@guarded
def query(
    sparql: Annotated[str, typer.Argument(help="A SPARQL 1.1 query; prefixes such as HP:, biolink: are known.")],
    json: Annotated[bool, typer.Option("--json", help="Print SPARQL JSON results.")] = False,
    cache: Cache = None,
) -> None:
    """Run a SPARQL query over all sources."""
    from .graph_commands import run_query

    run_query(_settings(cache=cache), sparql, as_json=json)


@kg_app.command()
@guarded
def vectors(
    folder: Annotated[Path, typer.Argument(help="Where to write the compact vectors; data/vectors in a clone.")],
    cache: Cache = None,
) -> None:
    """Encode every passage and write the compact vectors that ship with clinigraph."""
    from .graph_commands import write_vectors

    write_vectors(_settings(cache=cache), folder)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False) -> None:
    if version:
        from importlib.metadata import version as installed

        print(installed("clinigraph"))
        raise typer.Exit


def main(*arguments: Any) -> None:
    """Run the command line."""
    app(*arguments)
