"""Compile shards into the files of a snapshot, the same ones for the same shards."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse

from .compile_facts import CompiledFacts, compile_facts, positions_of
from .concept import Concept, Curie
from .fact import Predicate
from .identity import Identity, fuse, merge
from .layout import BY_OBJECT, CLOSURE, CONFLICTS, CYCLES, MANIFEST, OUTCOMES, SCHEMA_VERSION, Table
from .record import Match
from .shard import CODES, MATCH_KINDS, PREDICATES, Shard, ShardTable, name_columns, shard_concepts, shard_matches


def snapshot_version(shards: Sequence[Shard]) -> str:
    """The kg_version of a graph: the release of its annotations, and a hash of all that the shards hold."""
    content = json.dumps([SCHEMA_VERSION, sorted(shard.digest for shard in shards)])
    release = next((shard.source.release for shard in shards if shard.source.id == "hpoa"), "custom")
    return f"{release}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def compile_snapshot(shards: Sequence[Shard], folder: Path) -> str:
    """Write every file of the snapshot into ``folder``, the manifest last, and return its version."""
    stated = _stated_concepts(shards)
    matches = [match for shard in shards for match in shard_matches(shard)]
    identity = fuse(stated, matches)
    concepts = _fused(stated, identity)
    position = {concept.curie: index for index, concept in enumerate(concepts)}
    where = {curie: position[canonical] for curie, canonical in identity.canonical.items() if canonical in position}
    write_table(folder, Table.CONCEPTS, _concept_columns(concepts))
    write_table(
        folder, Table.NAMES, name_columns([(at, name) for at, one in enumerate(concepts) for name in one.names])
    )
    aliases = sorted(where)
    write_table(folder, Table.ALIASES, {"curie": aliases, "concept": [where[curie] for curie in aliases]})
    write_table(folder, Table.MAPPINGS, _mapping_columns(matches, identity, shards))
    n_descriptions = _write_descriptions(folder, shards, where)
    facts = compile_facts(shards, where)
    write_table(folder, Table.FACTS, facts.facts)
    write_table(folder, Table.EVIDENCE, facts.evidence)
    np.save(folder / BY_OBJECT, np.argsort(facts.facts["object"], kind="stable").astype(np.int32))
    n_cycles = _write_hierarchy(folder, facts, concepts)
    _write_lines(folder / CONFLICTS, (f"{item.concept}\t{' '.join(item.candidates)}" for item in identity.conflicts))
    counts = {
        "concepts": len(concepts),
        "identifiers": len(where),
        "facts": len(facts.facts["subject"]),
        "descriptions": n_descriptions,
        "mappings": len(matches),
        "identity_conflicts": len(identity.conflicts),
        "hierarchy_cycles": n_cycles,
        "facts_without_concept": facts.dropped,
    }
    version = snapshot_version(shards)
    sources = [_described(shard) for shard in shards]
    manifest = {"schema": SCHEMA_VERSION, "version": version, "counts": counts, "sources": sources}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return version


def _described(shard: Shard) -> dict[str, Any]:
    counts = {"counts": dict(shard.counts), "rejected": sum(shard.rejected.values())}
    return shard.source.described() | {"shard": shard.folder.name, "origin": dict(shard.origin)} | counts


def _stated_concepts(shards: Sequence[Shard]) -> dict[Curie, Concept]:
    """What the sources say of each identifier together; nearly always one source does."""
    found: dict[Curie, list[Concept]] = defaultdict(list)
    for shard in shards:
        for concept in shard_concepts(shard):
            found[concept.curie].append(concept)
    return {curie: _together(curie, stated) for curie, stated in found.items()}


def _together(curie: Curie, stated: list[Concept]) -> Concept:
    if len(stated) == 1:
        return stated[0]
    return merge(curie, stated, {old for concept in stated for old in concept.equivalents})


def _fused(stated: dict[Curie, Concept], identity: Identity) -> list[Concept]:
    members: dict[Curie, list[Concept]] = defaultdict(list)
    for curie, concept in stated.items():
        members[identity.canonical[curie]].append(concept)
    known: dict[Curie, list[Curie]] = defaultdict(list)
    for curie, canonical in identity.canonical.items():
        known[canonical].append(curie)
    return [merge(curie, members[curie], known[curie]) for curie in sorted(members)]


def write_table(folder: Path, table: Table, columns: Mapping[str, Any]) -> None:
    """Write one table as a single record batch, so that it can be memory-mapped as it lies."""
    schema: pa.Schema = table.value
    arrays = [_array(columns[field.name], field.type) for field in schema]
    batch = pa.record_batch(arrays, schema=schema)
    with pa.OSFile(str(folder / table.filename), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        writer.write_batch(batch)


def _array(column: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        return column.combine_chunks()
    return column if isinstance(column, pa.Array) else pa.array(column, type=kind)


def _write_lines(path: Path, lines: Any) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def _concept_columns(concepts: list[Concept]) -> dict[str, Any]:
    return {
        "curie": [concept.curie for concept in concepts],
        "category": [CODES[concept.category] for concept in concepts],
        "label": [concept.label for concept in concepts],
        "definition": [concept.definition for concept in concepts],
        "equivalents": [concept.equivalents for concept in concepts],
        "xrefs": [concept.xrefs for concept in concepts],
    }


def _mapping_columns(matches: list[Match], identity: Identity, shards: Sequence[Shard]) -> dict[str, Any]:
    number = {shard.source.id: index for index, shard in enumerate(shards)}
    rows = sorted(
        zip(matches, identity.outcomes, strict=True),
        key=lambda row: (row[0].subject, row[0].object, number[row[0].source], row[0].kind),
    )
    return {
        "subject": [match.subject for match, _ in rows],
        "object": [match.object for match, _ in rows],
        "kind": [MATCH_KINDS.index(match.kind) for match, _ in rows],
        "source": [number[match.source] for match, _ in rows],
        "justification": [match.justification for match, _ in rows],
        "outcome": [OUTCOMES.index(outcome) for _, outcome in rows],
    }


def _write_descriptions(folder: Path, shards: Sequence[Shard], where: Mapping[Curie, int]) -> int:
    """Descriptions by concept, each text once per source and concept; those of unknown concepts are left out."""
    tables = []
    for number, shard in enumerate(shards):
        table = shard.table(ShardTable.DESCRIPTIONS)
        concept = positions_of(table["concept"], where)
        concept[table["concept"].is_null().to_numpy()] = -1
        known = concept >= -1
        table = table.append_column("position", pa.array(concept)).append_column(
            "source", pa.array(np.full(len(table), number, dtype=np.uint16))
        )
        tables.append(table.filter(pa.array(known)))
    together = pa.concat_tables(tables).sort_by([("position", "ascending"), ("source", "ascending")])
    together = together.take(pa.array(_first_of_each(together), pa.int64()))
    columns = {name: together[name] for name in Table.DESCRIPTIONS.value.names if name != "concept"}
    write_table(folder, Table.DESCRIPTIONS, columns | {"concept": together["position"]})
    return len(together)


def _first_of_each(table: pa.Table) -> list[int]:
    keys = zip(*(table[name].to_pylist() for name in ("position", "source", "reference", "text")), strict=True)
    return list({key: row for row, key in reversed(list(enumerate(keys)))}.values())[::-1]


def _write_hierarchy(folder: Path, facts: CompiledFacts, concepts: list[Concept]) -> int:
    """The reflexive, transitive closure of ``subclass_of``, and what lies on its cycles; those do it no harm."""
    columns = facts.facts
    chosen = (columns["predicate"] == PREDICATES.index(Predicate.SUBCLASS_OF)) & (columns["negated"] == 0)
    edges = (columns["subject"][chosen], columns["object"][chosen])
    size = len(concepts)
    step = sparse.csr_array((np.ones(len(edges[0]), dtype=bool), edges), shape=(size, size))
    cycles = _cycles(step)
    _write_lines(folder / CYCLES, ("\t".join(concepts[at].curie for at in cycle) for cycle in cycles))
    closure = _closure(step)
    np.save(folder / CLOSURE[0], closure.indptr.astype(np.int64))
    np.save(folder / CLOSURE[1], closure.indices.astype(np.int32))
    return len(cycles)


def _closure(step: sparse.csr_array) -> sparse.csr_array:
    closure = (step + sparse.eye_array(step.shape[0], dtype=bool, format="csr")).astype(bool)
    while True:
        wider = (closure @ closure).astype(bool)
        if wider.nnz == closure.nnz:
            closure.sort_indices()
            return closure
        closure = wider


def _cycles(step: sparse.csr_array) -> list[npt.NDArray[np.int64]]:
    """Sets of concepts of which each lies under all others, sorted."""
    _, label = sparse.csgraph.connected_components(step, directed=True, connection="strong")
    sizes = np.bincount(label, minlength=0)
    return [np.flatnonzero(label == component) for component in np.flatnonzero(sizes > 1)]
