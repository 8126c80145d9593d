"""What the ``kg`` commands do once their arguments are read."""

import json
from pathlib import Path

from rdflib.query import Result
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kg import PREFIXES, Fact, MalformedCurie, Snapshot, curie_of
from retrieval import build_vectors, frequency_in_words, make_passages

from .config import Settings
from .errors import UnwritableFile
from .progress import ProgressBars
from .wiring import Application

_NAMES_SHOWN = 12


def build_graph(settings: Settings, sources: list[str] | None, *, force: bool) -> None:
    """Build the graph and say what it holds."""
    with ProgressBars() as bars:
        application = Application(settings, bars)
        application.build(sources, force=force)
    show_info(settings, as_json=False)


def show_info(settings: Settings, *, as_json: bool) -> None:
    """Version, counts and sources with release, licence and citation."""
    with ProgressBars() as bars:
        application = Application(settings, bars)
        snapshot = application.snapshot
    if as_json:
        content = {"kg_version": snapshot.version, "counts": dict(snapshot.counts)}
        print(json.dumps(content | {"sources": [dict(source) for source in snapshot.sources]}))
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"graph {snapshot.version}")
    for name, count in snapshot.counts.items():
        console.print(f"  {count:>9,} {name.replace('_', ' ')}")
    for source in snapshot.sources:
        rejected = f" · {source['rejected']:,} rows left out" if source["rejected"] else ""
        held = f"{source['counts']['concepts']:,} concepts · {source['counts']['facts']:,} facts{rejected}"
        console.print(f"\n[bold]{escape(source['id'])}[/] {escape(source['release'])} · {source['tier']} · {held}")
        console.print(f"  {escape(source['title'])}; {escape(source['licence'])}; {escape(source['citation'])}")


def show_concept(settings: Settings, curie: str, limit: int) -> None:
    """One concept: names, definition, equivalents and facts in both directions."""
    with ProgressBars() as bars:
        snapshot = Application(settings, bars).snapshot
    concept = snapshot.concept(curie)
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{escape(concept.label)}[/]  {concept.curie}  [dim]{concept.category}[/]")
    if curie != concept.curie:
        console.print(f"  {escape(curie)} is {concept.curie} in this graph")
    if concept.definition:
        console.print(f"  {escape(concept.definition)}")
    names = [name.text for name in concept.names[1:]]
    if names:
        more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
        console.print(f"  also: {escape('; '.join(names[:_NAMES_SHOWN]))}{more}")
    if concept.equivalents:
        console.print(f"  same as: {escape(', '.join(concept.equivalents))}")
    facts = sorted(
        (*snapshot.facts_from(curie), *snapshot.facts_to(curie)), key=lambda fact: _tier_rank(fact, snapshot)
    )
    console.print(f"\n{len(facts)} facts" + (f", the first {limit}" if len(facts) > limit else ""))
    for fact in facts[:limit]:
        console.print(f"  {escape(_fact_line(fact, snapshot))}")


def _tier_rank(fact: Fact, snapshot: Snapshot) -> int:
    return min(snapshot.tier_of(evidence.source).rank for evidence in fact.evidence)


def _fact_line(fact: Fact, snapshot: Snapshot) -> str:
    words = f"{snapshot.label(fact.subject)} · {'NOT ' if fact.negated else ''}{fact.predicate.partition(':')[2]} · "
    words += f"{snapshot.label(fact.object)} ({fact.object})"
    details = [frequency_in_words(fact.frequency)] if fact.frequency else []
    details += [f"onset {snapshot.label(fact.onset)}"] if fact.onset else []
    details += [fact.sex.value.lower()] if fact.sex else []
    cited = ", ".join(fact.references[:3])
    details += [f"{kind.name.lower().replace('_', ' ')}: {text}" for kind, text in fact.qualifiers]
    evidence = min(fact.evidence, key=lambda item: snapshot.tier_of(item.source).rank)
    tier = snapshot.tier_of(evidence.source)
    source = f"[{evidence.source} {evidence.release}, {tier}; {cited or evidence.record}]"
    return " ".join([words, *([f"({', '.join(details)})"] if details else []), source])


def run_query(settings: Settings, sparql: str, *, as_json: bool) -> None:
    """Print the result of a SPARQL query: rows as a table or JSON, a graph as Turtle, a question as true or false."""
    with ProgressBars() as bars:
        store = Application(settings, bars).store
    result = store.query(sparql)
    if as_json and result.type in ("SELECT", "ASK"):
        serialised = result.serialize(format="json")
        print((serialised or b"{}").decode())
    elif result.type == "SELECT":
        _print_rows(result)
    elif result.type == "ASK":
        print("true" if result.askAnswer else "false")
    elif result.graph is not None:
        for prefix, stem in PREFIXES.items():
            result.graph.bind(prefix, stem)
        serialised = result.serialize(format="turtle")
        print((serialised or b"").decode())


def _print_rows(result: Result) -> None:
    table = Table(box=None, pad_edge=False)
    for variable in result.vars or ():
        table.add_column(str(variable), overflow="fold")
    for row in result:
        table.add_row(*("" if value is None else escape(_readable(value)) for value in row))  # type: ignore[union-attr]  # rows of SELECT are tuples
    console = Console(highlight=False)
    console.print(table)
    console.print(f"{table.row_count} row{'' if table.row_count == 1 else 's'}")


def _readable(value: object) -> str:
    """An IRI as a CURIE where a prefix is known, anything else as it stands."""
    try:
        return curie_of(str(value))
    except MalformedCurie:
        return str(value)


def write_vectors(settings: Settings, folder: Path) -> None:
    """Encode every passage of the graph in use and write the compact vectors into ``folder``."""
    with ProgressBars() as bars:
        application = Application(settings, bars)
        texts = [passage.searchable for passage in make_passages(application.snapshot.descriptions())]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = build_vectors(texts, application.embedder, folder, bars)
        except OSError as error:
            raise UnwritableFile(folder, error.strerror or str(error)) from error
    print(f"{len(texts)} passages encoded into {path}")
