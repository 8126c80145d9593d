"""The command line. Imports nothing heavy, so that help answers at once; each command imports what it needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .case_arguments import Age, Compare, Excluded, Findings, Sex, given
from .failing import guarded
from .tuning_commands import tune_app

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
app.add_typer(tune_app, name="tune")

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
    path: Annotated[
        Path | None,
        typer.Argument(help="A phenopacket or FHIR Bundle (.json) or a text (.txt), or a folder or zip of them."),
    ] = None,
    finding: Findings = None,
    without: Excluded = None,
    sex: Sex = None,
    age: Age = None,
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
    ask: Annotated[bool, typer.Option("--ask", help="Ask for the most telling findings, one after another.")] = False,
    compare: Compare = None,
    model: Model = None,
    generator: Generator = None,
    cache: Cache = None,
) -> None:
    """Rank diseases for a patient and check each by the graph rules."""
    from .diagnose_commands import DiagnoseOptions, diagnose_cases

    settings = _settings(cache=cache, model=model, generator=generator)
    options = DiagnoseOptions(top, withhold_own_publications, explain, ask, compare)
    diagnose_cases(settings, given(path, finding, without, sex, age), jsonl, options)


@app.command()
@guarded
def report(
    path: Annotated[Path | None, typer.Argument(help="A phenopacket or FHIR Bundle (.json) or a text (.txt).")] = None,
    to: Annotated[
        list[Path] | None,
        typer.Option(
            "--to", help="Where to write it: .html, .pdf, .md, .json, .fhir.json or .phenopacket.json; repeat for more."
        ),
    ] = None,
    finding: Findings = None,
    without: Excluded = None,
    sex: Sex = None,
    age: Age = None,
    top: Annotated[int, typer.Option(min=1, max=100, help="How many diseases to report.")] = 10,
    since: Annotated[Path | None, typer.Option(help="An earlier report (.json): say what has changed.")] = None,
    compare: Compare = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask for the most telling findings first.")] = False,
    withhold_own_publications: Annotated[
        bool, typer.Option(help="Ignore annotations whose references are all among the case's own PMIDs.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Add checked sentences of the language model.")] = False,
    model: Model = None,
    generator: Generator = None,
    cache: Cache = None,
) -> None:
    """Write a report of one case: diagnoses with their findings, rules, sources and the next questions."""
    from .report_commands import ReportOptions, write_report

    settings = _settings(cache=cache, model=model, generator=generator)
    options = ReportOptions(tuple(to or ()), top, withhold_own_publications, explain, ask, compare, since)
    write_report(settings, given(path, finding, without, sex, age), options)


@app.command()
@guarded
def annotate(
    path: Annotated[str, typer.Argument(help="A text file, a folder of them, or - for standard input.")],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a mention.")] = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page that shows the texts marked.")] = None,
    cache: Cache = None,
) -> None:
    """Find the concepts that a text mentions, and whether they are present, absent or said of the family."""
    from .commands import annotate_texts

    annotate_texts(_settings(cache=cache), path, as_json=jsonl, page=html)


@app.command("case")
@guarded
def read_case(
    letter: Annotated[str, typer.Argument(help="A letter (.txt) or phenopacket (.json), or - for standard input.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of lines.")] = False,
    cache: Cache = None,
) -> None:
    """Read a letter into a case: findings, conditions, medicines, allergies, family, each with its place."""
    from .commands import show_one_case

    show_one_case(_settings(cache=cache), letter, as_json=json)


@app.command()
@guarded
def evaluate(
    suites: Annotated[
        list[str],
        typer.Argument(
            metavar="SUITE=FILE...",
            help="graph, biomixqa, pubmedqa, ghr, differential, edges (a folder of clinigraph tune data), language.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Where the figures go; rows lie beside it, and are not redone.")],
    sample: Annotated[int, typer.Option(min=1, help="At most so many questions of each, evenly spread.")] = 100,
    model: Model = None,
    generator: Generator = None,
    cache: Cache = None,
) -> None:
    """Measure how well it answers, with and without evidence, rules and tuning, on question sets of your own."""
    from .evaluate_command import evaluate_suites

    evaluate_suites(_settings(cache=cache, model=model, generator=generator), suites, out, sample)


@kg_app.command()
@guarded
def build(
    sources: Annotated[
        str | None, typer.Option(help="Only these, separated by commas; 'all' for every source of the catalogue.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Build again even if nothing has changed.")] = False,
    cache: Cache = None,
) -> None:
    """Fetch the sources and build the graph; a graph in use stays until the new one is whole."""
    from .graph_commands import build_graph

    chosen = None if sources is None else [name.strip() for name in sources.split(",") if name.strip()]
    build_graph(_settings(cache=cache), chosen, force=force)


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


@kg_app.command("import")
@guarded
def import_(
    name: Annotated[str, typer.Argument(help="What to call this source, such as our-ontology.")],
    paths: Annotated[list[Path], typer.Argument(help="Files or folders of one format.")],
    format: Annotated[
        str | None,
        typer.Option(
            help="obo, owl, obograph, kgx, sssom, table, umls, rxnorm, primekg, "
            "hetionet, pubmed, medquad or documents; found out if left away."
        ),
    ] = None,
    release: Annotated[str, typer.Option(help="Version or date of the files.")] = "unversioned",
    title: Annotated[str | None, typer.Option(help="A readable name.")] = None,
    licence: Annotated[str, typer.Option(help="Under what licence you may use it.")] = "not stated",
    citation: Annotated[str, typer.Option(help="How to cite it.")] = "not stated",
    tier: Annotated[
        str,
        typer.Option(
            help="How far to trust it: curated ontology, curated database, guideline text, "
            "user's own, literature-mined or generated."
        ),
    ] = "user's own",
    mapping: Annotated[Path | None, typer.Option(help="What the columns of a table mean (TOML).")] = None,
    prefix: Annotated[list[str] | None, typer.Option(help="A prefix of your own identifiers; repeat for more.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Tried on lines that are not UTF-8.")] = None,
    cache: Cache = None,
) -> None:
    """Add your own ontology, graph, mappings or texts; importing again replaces what the source said before."""
    from .exchange_commands import ImportOptions, import_files

    options = ImportOptions(format, release, title, licence, citation, tier, mapping, tuple(prefix or ()), encoding)
    import_files(_settings(cache=cache), name, paths, options)


@kg_app.command()
@guarded
def remove(
    source: Annotated[str, typer.Argument(help="A source of the graph in use; kg info lists them.")],
    cache: Cache = None,
) -> None:
    """Take exactly what one source states out of the graph."""
    from .exchange_commands import remove_source

    remove_source(_settings(cache=cache), source)


@kg_app.command()
@guarded
def export(
    path: Annotated[Path, typer.Argument(help="The file to write, or the folder for kgx.")],
    format: Annotated[str, typer.Option(help="kgx, turtle, nquads, jsonld, graphml, svg or sssom.")] = "kgx",
    around: Annotated[str | None, typer.Option(help="Only what lies around this concept.")] = None,
    hops: Annotated[int, typer.Option(min=1, help="How many steps around it.")] = 1,
    cache: Cache = None,
) -> None:
    """Write the graph or a neighbourhood in a format of others."""
    from .exchange_commands import export_graph

    export_graph(_settings(cache=cache), path, format, around, hops)


@kg_app.command()
@guarded
def check(json: Annotated[bool, typer.Option("--json")] = False, cache: Cache = None) -> None:
    """Check every record against the shapes in data/shapes.ttl; exit code 1 if one is violated."""
    from .exchange_commands import check_graph

    if not check_graph(_settings(cache=cache), as_json=json):
        raise typer.Exit(1)


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
