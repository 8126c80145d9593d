"""What one source states, as columns on disk: written once, read whenever a graph is compiled or its store is made.

A shard is a folder of Arrow files and a manifest, which is written last; a folder without one is unfinished.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from .concept import Category, Concept, Description, Name, NameKind
from .errors import GraphDamaged
from .fact import AgentType, Evidence, Fact, Frequency, KnowledgeLevel, Predicate, Qualifier, Sex
from .record import Match, MatchKind, Record
from .rejection import Rejection, Rejections
from .source import Source, source_from

SHARD_SCHEMA = 1
"""Raised whenever a column below, or its meaning, changes."""

CATEGORIES = tuple(Category)
NAME_KINDS = tuple(NameKind)
PREDICATES = tuple(Predicate)
SEXES = (None, *Sex)
LEVELS = tuple(KnowledgeLevel)
AGENTS = tuple(AgentType)
QUALIFIERS = tuple(Qualifier)
MATCH_KINDS = tuple(MatchKind)
"""Enumerations are stored as the position of a value in these tuples."""

MANIFEST = "manifest.json"
REJECTED = "rejected.tsv"
_BATCH_ROWS = 200_000

_STRINGS = pa.list_(pa.string())


class ShardTable(Enum):
    """One Arrow file each; identifiers are as the source wrote them."""

    CONCEPTS = pa.schema(
        {
            "curie": pa.string(),
            "category": pa.uint8(),
            "definition": pa.string(),  # null: none
            "replaces": _STRINGS,
            "xrefs": _STRINGS,
        }
    )
    NAMES = pa.schema(
        {
            "concept": pa.int32(),  # row of CONCEPTS, rising; the label comes first
            "text": pa.string(),
            "kind": pa.uint8(),
            "layperson": pa.bool_(),
            "abbreviation": pa.bool_(),
        }
    )
    MATCHES = pa.schema(
        {"subject": pa.string(), "object": pa.string(), "kind": pa.uint8(), "justification": pa.string()}
    )
    FACTS = pa.schema(
        {
            "subject": pa.string(),
            "predicate": pa.uint8(),
            "object": pa.string(),
            "negated": pa.bool_(),
            "frequency_low": pa.float64(),  # null: not given
            "frequency_high": pa.float64(),
            "numerator": pa.int32(),  # null: not counted
            "denominator": pa.int32(),
            "onset": pa.string(),  # null: not given
            "sex": pa.uint8(),
            "modifiers": _STRINGS,
            "qualifier_kinds": pa.list_(pa.uint8()),
            "qualifier_texts": _STRINGS,
            "record": pa.string(),
            "references": _STRINGS,
            "code": pa.string(),
            "level": pa.uint8(),
            "agent": pa.uint8(),
            "quote": pa.string(),
            "publication_count": pa.int32(),  # null: not counted
        }
    )
    DESCRIPTIONS = pa.schema(
        {
            "concept": pa.string(),  # null: about none in particular
            "title": pa.string(),
            "text": pa.string(),
            "kind": pa.string(),
            "reference": pa.string(),
            "year": pa.int32(),  # null: not known
        }
    )

    @property
    def filename(self) -> str:
        """The file's name inside the shard's folder."""
        return f"{self.name.lower()}.arrow"


@dataclass(frozen=True, slots=True)
class Shard:
    """A finished shard: its source, the digest of its content, row counts, and how many rows were rejected."""

    folder: Path
    source: Source
    digest: str
    counts: Mapping[str, int]
    rejected: Mapping[str, int]
    origin: Mapping[str, Any]

    def rejections(self, limit: int) -> tuple[Rejection, ...]:
        """The first rows that were left out."""
        with (self.folder / REJECTED).open(encoding="utf-8") as file:
            pairs = (line.rstrip("\n").partition("\t") for line in islice(file, limit))
            return tuple(Rejection(where, reason) for where, _, reason in pairs)

    def table(self, which: ShardTable) -> pa.Table:
        """One table, memory-mapped, in batches as it was written."""
        with pa.ipc.open_file(pa.memory_map(str(self.folder / which.filename))) as reader:
            return reader.read_all()


def open_shard(folder: Path) -> Shard:
    """The finished shard in ``folder``.

    Raises:
        GraphDamaged: it is missing, unfinished or of another layout.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["schema"] != SHARD_SCHEMA:
            raise GraphDamaged(folder, f"it has layout {manifest['schema']}, this program reads {SHARD_SCHEMA}")
        source = source_from(manifest["source"])
        return Shard(
            folder, source, manifest["digest"], manifest["counts"], manifest["rejected"], manifest.get("origin", {})
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise GraphDamaged(folder, str(error)) from error


def write_shard(
    records: Iterable[Record],
    source: Source,
    folder: Path,
    rejections: Rejections | None = None,
    origin: Mapping[str, Any] | None = None,
) -> Shard:
    """Write records into the empty ``folder``, in batches of bounded memory, and open the result.

    Evidence is stored as that of ``source``. ``origin`` is kept as it is.
    """
    with _Writer(folder) as writer:
        for record in records:
            writer.add(record)
    rejections = rejections or Rejections()
    with (folder / REJECTED).open("w", encoding="utf-8") as file:
        file.writelines(f"{item.where}\t{item.reason}\n" for item in rejections.kept)
    manifest = {
        "schema": SHARD_SCHEMA,
        "source": source.described(),
        "digest": writer.digest(source),
        "counts": writer.counts,
        "rejected": dict(rejections.counts),
        "origin": dict(origin or {}),
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return open_shard(folder)


class _Writer:
    """Collects rows by table and writes each batch when it is full."""

    def __init__(self, folder: Path) -> None:
        self._sinks = {table: pa.OSFile(str(folder / table.filename), "wb") for table in ShardTable}
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        self._files = {table: pa.ipc.new_file(self._sinks[table], table.value, options=options) for table in ShardTable}
        self._rows: dict[ShardTable, list[Any]] = {table: [] for table in ShardTable}
        self._hash = hashlib.blake2b(digest_size=16)
        self.counts = {table.name.lower(): 0 for table in ShardTable}

    def __enter__(self) -> "_Writer":
        return self

    def __exit__(self, *_: object) -> None:
        for table in ShardTable:
            self._flush(table)
            self._files[table].close()
            self._sinks[table].close()

    def add(self, record: Record) -> None:
        """Take one record; a fact gives a row for each piece of its evidence."""
        match record:
            case Fact():
                self._extend(ShardTable.FACTS, [(record, evidence) for evidence in record.evidence])
            case Concept():
                at = self.counts["concepts"]
                self._extend(ShardTable.NAMES, [(at, name) for name in record.names])
                self._extend(ShardTable.CONCEPTS, [record])
            case Description():
                self._extend(ShardTable.DESCRIPTIONS, [record])
            case Match():
                self._extend(ShardTable.MATCHES, [record])

    def _extend(self, table: ShardTable, rows: list[Any]) -> None:
        self._rows[table] += rows
        self.counts[table.name.lower()] += len(rows)
        if len(self._rows[table]) >= _BATCH_ROWS:
            self._flush(table)

    def _flush(self, table: ShardTable) -> None:
        rows, self._rows[table] = self._rows[table], []
        if not rows:
            return
        columns = _COLUMNS[table](rows)
        schema: pa.Schema = table.value
        arrays = [pa.array(columns[field.name], type=field.type) for field in schema]
        for array in arrays:
            for buffer in array.buffers():
                if buffer is not None:
                    self._hash.update(buffer)
        self._files[table].write_batch(pa.record_batch(arrays, schema=schema))

    def digest(self, source: Source) -> str:
        """A hash of all that was written, and of what the source is called and trusted for."""
        self._hash.update(f"{source.id}\t{source.release}\t{source.tier}".encode())
        return self._hash.hexdigest()


def _concept_columns(rows: list[Concept]) -> dict[str, Any]:
    return {
        "curie": [row.curie for row in rows],
        "category": [CODES[row.category] for row in rows],
        "definition": [row.definition for row in rows],
        "replaces": [row.equivalents for row in rows],
        "xrefs": [row.xrefs for row in rows],
    }


def name_columns(rows: list[tuple[int, Name]]) -> dict[str, Any]:
    """Columns of a table of names, each with the number of its concept."""
    return {
        "concept": [at for at, _ in rows],
        "text": [name.text for _, name in rows],
        "kind": [CODES[name.kind] for _, name in rows],
        "layperson": [name.layperson for _, name in rows],
        "abbreviation": [name.abbreviation for _, name in rows],
    }


def _match_columns(rows: list[Match]) -> dict[str, Any]:
    return {
        "subject": [row.subject for row in rows],
        "object": [row.object for row in rows],
        "kind": [CODES[row.kind] for row in rows],
        "justification": [row.justification for row in rows],
    }


def _fact_columns(stated: list[tuple[Fact, Evidence]]) -> dict[str, Any]:
    rows, evidence = zip(*stated, strict=True)
    frequency: list[Frequency | None] = [row.frequency for row in rows]
    return {
        "subject": [row.subject for row in rows],
        "predicate": [CODES[row.predicate] for row in rows],
        "object": [row.object for row in rows],
        "negated": [row.negated for row in rows],
        "frequency_low": [item and item.low for item in frequency],
        "frequency_high": [item and item.high for item in frequency],
        "numerator": [item and item.numerator for item in frequency],
        "denominator": [item and item.denominator for item in frequency],
        "onset": [row.onset for row in rows],
        "sex": [CODES[row.sex] for row in rows],
        "modifiers": [row.modifiers for row in rows],
        "qualifier_kinds": [[CODES[kind] for kind, _ in row.qualifiers] for row in rows],
        "qualifier_texts": [[text for _, text in row.qualifiers] for row in rows],
        "record": [item.record for item in evidence],
        "references": [item.references for item in evidence],
        "code": [item.code for item in evidence],
        "level": [CODES[item.knowledge_level] for item in evidence],
        "agent": [CODES[item.agent_type] for item in evidence],
        "quote": [item.quote for item in evidence],
        "publication_count": [item.publication_count for item in evidence],
    }


def _description_columns(rows: list[Description]) -> dict[str, Any]:
    return {field: [getattr(row, field) for row in rows] for field in ShardTable.DESCRIPTIONS.value.names}


CODES: dict[object, int] = {
    value: code
    for values in (CATEGORIES, NAME_KINDS, PREDICATES, SEXES, LEVELS, AGENTS, QUALIFIERS, MATCH_KINDS)
    for code, value in enumerate(values)
}
"""Every value of an enumeration to the number it is stored as."""

_COLUMNS: Mapping[ShardTable, Any] = {
    ShardTable.CONCEPTS: _concept_columns,
    ShardTable.NAMES: name_columns,
    ShardTable.MATCHES: _match_columns,
    ShardTable.FACTS: _fact_columns,
    ShardTable.DESCRIPTIONS: _description_columns,
}


def shard_concepts(shard: Shard) -> Iterator[Concept]:
    """The concepts of a shard, in the order in which the source stated them."""
    names = shard.table(ShardTable.NAMES)
    owners = names["concept"].to_pylist()
    columns = [names[field].to_pylist() for field in ("text", "kind", "layperson", "abbreviation")]
    rows = zip(owners, *columns, strict=True)
    held = next(rows, None)
    table = shard.table(ShardTable.CONCEPTS)
    fields = [table[field].to_pylist() for field in table.schema.names]
    for at, (curie, category, definition, replaces, xrefs) in enumerate(zip(*fields, strict=True)):
        found = []
        while held is not None and held[0] == at:
            _, text, kind, layperson, abbreviation = held
            found.append(Name(text, NAME_KINDS[kind], layperson, abbreviation))
            held = next(rows, None)
        yield Concept(curie, CATEGORIES[category], tuple(found), definition, tuple(replaces), tuple(xrefs))


def shard_matches(shard: Shard) -> Iterator[Match]:
    """The matches of a shard."""
    table = shard.table(ShardTable.MATCHES)
    columns = [table[field].to_pylist() for field in table.schema.names]
    for subject, target, kind, justification in zip(*columns, strict=True):
        yield Match(subject, target, shard.source.id, shard.source.release, MATCH_KINDS[kind], justification)
