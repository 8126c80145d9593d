"""What the ``kg`` commands do that bring knowledge in, take it out again, write it down and check it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kg import (
    Breach,
    ExportFormat,
    Format,
    ImportRequest,
    ShapeSeverity,
    Shard,
    Snapshot,
    Source,
    Tier,
    check_curie,
    check_shapes,
    current_shards,
    detect_format,
    neighbourhood,
    open_snapshot,
    read_shapes,
    whole_graph,
    write_extract,
    write_sssom,
)

from .config import Settings
from .errors import UnusableSetting
from .progress import ProgressBars
from .wiring import Application

_ROWS_SHOWN = 10
_Chosen = TypeVar("_Chosen", Format, Tier, ExportFormat)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a user says of the files they import; ``None`` where it is left to the files."""

    format: str | None
    release: str
    title: str | None
    licence: str
    citation: str
    tier: str
    mapping: Path | None
    prefixes: tuple[str, ...]
    encoding: str | None


def import_files(settings: Settings, name: str, paths: Iterable[Path], options: ImportOptions) -> None:
    """Add files as one source of the graph, and say what was used and what was not."""
    paths = tuple(paths)
    check_curie(f"source:{name}")
    format = detect_format(paths) if options.format is None else _choice(Format, options.format, "--format")
    tier = _choice(Tier, options.tier, "--tier")
    source = Source(name, options.title or name, options.release, options.licence, options.citation, tier)
    request = ImportRequest(
        name, options.release, paths, format, options.mapping, frozenset(options.prefixes), options.encoding
    )
    with ProgressBars() as bars:
        application = Application(settings, bars)
        shard = application.import_files(source, request)
        version = open_snapshot(settings.cache).version
    console = Console(highlight=False, soft_wrap=True)
    counts = ", ".join(f"{count:,} {kind}" for kind, count in shard.counts.items() if count)
    console.print(f"{escape(name)} ({format}): {counts or 'nothing that can be used'}")
    _show_rejected(console, shard)
    console.print(f"graph {version}")


def _choice(kind: type[_Chosen], text: str, option: str) -> _Chosen:
    try:
        return kind(text)
    except ValueError:
        raise UnusableSetting(option, f"{text!r} is none of {', '.join(kind)}.") from None


def _show_rejected(console: Console, shard: Shard) -> None:
    if not shard.rejected:
        return
    console.print(f"[yellow]{sum(shard.rejected.values()):,} rows were left out[/]")
    for kind, count in sorted(shard.rejected.items(), key=lambda pair: -pair[1]):
        console.print(f"  {count:>9,} {escape(kind)}")
    for item in shard.rejections(_ROWS_SHOWN):
        console.print(f"    [dim]{escape(item.where)}: {escape(item.reason)}[/]")


def remove_source(settings: Settings, name: str) -> None:
    """Take exactly the facts of one source out of the graph."""
    with ProgressBars() as bars:
        application = Application(settings, bars)
        application.remove(name)
        snapshot = open_snapshot(settings.cache)
    print(f"{name} was removed; graph {snapshot.version} has {snapshot.counts['facts']:,} facts")


def export_graph(settings: Settings, path: Path, format: str, centre: str | None, hops: int) -> None:
    """Write the graph, or what lies around one concept, to files."""
    with ProgressBars() as bars:
        application = Application(settings, bars)
        snapshot = application.snapshot
        if format == "sssom":
            written: tuple[Path, ...] = (_write_mappings(snapshot, path),)
        else:
            chosen = _choice(ExportFormat, format, "--format")
            extract = whole_graph(snapshot)
            if centre is not None:
                extract = neighbourhood(snapshot, snapshot.neighbourhood(centre, hops), centre)
            written = write_extract(extract, chosen, path)
    print("\n".join(f"written: {file}" for file in written))


def _write_mappings(snapshot: Snapshot, path: Path) -> Path:
    matches = (match for match, _ in snapshot.mappings())
    return write_sssom(matches, path, lambda curie: _label(snapshot, curie), "see the sources of the mappings")


def _label(snapshot: Snapshot, curie: str) -> str | None:
    concept = snapshot.find(curie)
    return None if concept is None else concept.label


def check_graph(settings: Settings, *, as_json: bool) -> bool:
    """Check every record against the shapes, and say what else is open; whether no shape is violated."""
    with ProgressBars() as bars:
        application = Application(settings, bars)
        snapshot, store = application.snapshot, application.store
        bars("check shapes", 0, 1)
        breaches = list(check_shapes(current_shards(settings.cache), store, read_shapes()))
        bars("check shapes", 1, 1)
    broken = [breach for breach in breaches if breach.count]
    sound = not any(breach.constraint.severity is ShapeSeverity.VIOLATION for breach in broken)
    if as_json:
        print(json.dumps(_check_record(snapshot, breaches, sound=sound)))
    else:
        _show_check(snapshot, breaches, broken)
    return sound


def _check_record(snapshot: Snapshot, breaches: list[Breach], *, sound: bool) -> dict[str, object]:
    found = [
        {
            "shape": breach.constraint.shape,
            "severity": breach.constraint.severity.value,
            "message": breach.constraint.message,
            "count": breach.count,
            "examples": [list(example) for example in breach.examples],
        }
        for breach in breaches
    ]
    rejected = {source["id"]: source["rejected"] for source in snapshot.sources}
    return {
        "kg_version": snapshot.version,
        "sound": sound,
        "shapes": found,
        "rejected": rejected,
        "counts": dict(snapshot.counts),
    }


_OPEN = {
    "identity_conflicts": "identifiers stay apart because names do not tell which of several is meant",
    "hierarchy_cycles": "groups of concepts lie under each other in a circle",
    "facts_without_concept": "facts name a concept that no source describes, and are left out of answers",
}


def _show_check(snapshot: Snapshot, breaches: list[Breach], broken: list[Breach]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"graph {snapshot.version}: {len(breaches)} constraints checked, {len(broken)} broken")
    for breach in broken:
        style = "red" if breach.constraint.severity is ShapeSeverity.VIOLATION else "yellow"
        console.print(f"[{style}]{breach.constraint.severity:>9}[/] {breach.count:>7,}  {breach.constraint.message}")
        for focus, value in breach.examples:
            console.print(f"           [dim]{escape(' '.join((focus, value)).strip())}[/]")
    for name, words in _OPEN.items():
        if snapshot.counts[name]:
            console.print(f"     open {snapshot.counts[name]:>7,}  {words}")
    table = Table(box=None, pad_edge=False)
    for column in ("source", "tier", "concepts", "facts", "texts", "mappings", "rejected"):
        table.add_column(column, justify="left" if column in ("source", "tier") else "right")
    for source in snapshot.sources:
        counts = source["counts"]
        shown = (counts["concepts"], counts["facts"], counts["descriptions"], counts["matches"], source["rejected"])
        table.add_row(escape(source["id"]), source["tier"], *(f"{count:,}" for count in shown))
    console.print(table)
