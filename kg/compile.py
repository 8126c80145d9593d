"""Compile source records into the files of a snapshot."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import sparse

from .concept import Concept, Curie, Description
from .fact import Evidence, Fact, Predicate
from .identity import Identity, fuse, merge
from .layout import (
    AGENTS,
    BY_OBJECT,
    CATEGORIES,
    CLOSURE,
    CONFLICTS,
    LEVELS,
    MANIFEST,
    NAME_KINDS,
    PREDICATES,
    SCHEMA_VERSION,
    SEXES,
    Table,
)
from .record import Match, Record


class SnapshotCompiler:
    """Collects records, then fuses identities and writes the files, the same ones for the same records."""

    def __init__(self) -> None:
        self._concepts: dict[Curie, list[Concept]] = defaultdict(list)
        self._facts: list[Fact] = []
        self._descriptions: list[Description] = []
        self._matches: list[Match] = []

    def add(self, records: Iterable[Record]) -> Iterable[Record]:
        """Pass records through, keeping them."""
        for record in records:
            match record:
                case Fact():
                    self._facts.append(record)
                case Concept():
                    self._concepts[record.curie].append(record)
                case Description():
                    self._descriptions.append(record)
                case Match():
                    self._matches.append(record)
            yield record

    def write(self, folder: Path, version: str, sources: Sequence[dict[str, str]]) -> None:
        """Write every file of the snapshot into ``folder``, the manifest last."""
        stated = {curie: _stated(curie, found) for curie, found in self._concepts.items()}
        identity = fuse(stated, self._matches)
        concepts = _fused(stated, identity)
        position = {concept.curie: index for index, concept in enumerate(concepts)}
        where = {curie: position[canonical] for curie, canonical in identity.canonical.items() if canonical in position}
        facts, dropped = _merged_facts(self._facts, where)
        _write(folder, Table.CONCEPTS, _concept_columns(concepts))
        _write(folder, Table.NAMES, _name_columns(concepts))
        _write(folder, Table.ALIASES, {"curie": sorted(where), "concept": [where[curie] for curie in sorted(where)]})
        _write(folder, Table.FACTS, _fact_columns(facts, where))
        _write(folder, Table.EVIDENCE, _evidence_columns(facts))
        descriptions = [item for item in self._descriptions if item.concept in where]
        _write(folder, Table.DESCRIPTIONS, _description_columns(descriptions, where))
        objects = np.array([where[fact.object] for fact in facts], dtype=np.int32)
        np.save(folder / BY_OBJECT, np.argsort(objects, kind="stable").astype(np.int32))
        _write_closure(folder, facts, where, len(concepts))
        with (folder / CONFLICTS).open("w", encoding="utf-8") as file:
            file.writelines(f"{item.concept}\t{' '.join(item.candidates)}\n" for item in identity.conflicts)
        counts = {"concepts": len(concepts), "identifiers": len(where), "facts": len(facts)}
        counts |= {"descriptions": len(descriptions), "identity_conflicts": len(identity.conflicts)}
        counts |= {"facts_without_concept": dropped}
        manifest = {"schema": SCHEMA_VERSION, "version": version, "counts": counts, "sources": list(sources)}
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _stated(curie: Curie, found: list[Concept]) -> Concept:
    """What the sources say of one identifier together; nearly always one source does."""
    if len(found) == 1:
        return found[0]
    return merge(curie, found, {old for concept in found for old in concept.equivalents})


def _fused(stated: dict[Curie, Concept], identity: Identity) -> list[Concept]:
    members: dict[Curie, list[Concept]] = defaultdict(list)
    for curie, concept in stated.items():
        members[identity.canonical[curie]].append(concept)
    known: dict[Curie, list[Curie]] = defaultdict(list)
    for curie, canonical in identity.canonical.items():
        known[canonical].append(curie)
    return [merge(curie, members[curie], known[curie]) for curie in sorted(members)]


_Key = tuple[int, int, int, bool]
_PREDICATE_CODE = {predicate: code for code, predicate in enumerate(PREDICATES)}


def _merged_facts(facts: list[Fact], where: dict[Curie, int]) -> tuple[list[Fact], int]:
    """Facts by subject, predicate, object and sign; equals stay in the order of the sources.

    Unqualified facts that say the same become one, with the evidence of all.
    """
    plain: dict[_Key, int] = {}
    kept: list[Fact] = []
    keys: list[_Key] = []
    dropped = 0
    for fact in facts:
        subject, target = where.get(fact.subject), where.get(fact.object)
        if subject is None or target is None:
            dropped += 1
            continue
        if subject == target and fact.predicate is Predicate.SUBCLASS_OF:
            continue  # two vocabularies' terms, one under the other, were fused
        key = (subject, _PREDICATE_CODE[fact.predicate], target, fact.negated)
        if not (fact.frequency or fact.onset or fact.sex or fact.modifiers):
            if (row := plain.get(key)) is not None:
                kept[row] = _with_evidence(kept[row], fact.evidence)
                continue
            plain[key] = len(kept)
        kept.append(fact)
        keys.append(key)
    order = np.lexsort(np.array(keys, dtype=np.int32).reshape(-1, 4).T[::-1])  # stable
    return [kept[row] for row in order], dropped


def _with_evidence(fact: Fact, evidence: tuple[Evidence, ...]) -> Fact:
    known = dict.fromkeys((*fact.evidence, *evidence))
    ordered = sorted(known, key=lambda item: (item.source, item.record, item.references))
    return Fact(fact.subject, fact.predicate, fact.object, tuple(ordered), fact.negated)


def _write(folder: Path, table: Table, columns: dict[str, Any]) -> None:
    schema: pa.Schema = table.value
    arrays = [pa.array(columns[field.name], type=field.type) for field in schema]
    batch = pa.record_batch(arrays, schema=schema)
    with pa.OSFile(str(folder / table.filename), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        writer.write_batch(batch)


def _concept_columns(concepts: list[Concept]) -> dict[str, Any]:
    return {
        "curie": [concept.curie for concept in concepts],
        "category": [CATEGORIES.index(concept.category) for concept in concepts],
        "label": [concept.label for concept in concepts],
        "definition": [concept.definition for concept in concepts],
        "equivalents": [concept.equivalents for concept in concepts],
        "xrefs": [concept.xrefs for concept in concepts],
    }


def _name_columns(concepts: list[Concept]) -> dict[str, Any]:
    rows = [(index, name) for index, concept in enumerate(concepts) for name in concept.names]
    return {
        "concept": [index for index, _ in rows],
        "text": [name.text for _, name in rows],
        "kind": [NAME_KINDS.index(name.kind) for _, name in rows],
        "layperson": [name.layperson for _, name in rows],
        "abbreviation": [name.abbreviation for _, name in rows],
    }


def _fact_columns(facts: list[Fact], where: dict[Curie, int]) -> dict[str, Any]:
    spans = [(f.frequency.low, f.frequency.high) if f.frequency else (np.nan, np.nan) for f in facts]
    counted = [f.frequency if f.frequency and f.frequency.denominator is not None else None for f in facts]
    return {
        "subject": [where[fact.subject] for fact in facts],
        "predicate": [PREDICATES.index(fact.predicate) for fact in facts],
        "object": [where[fact.object] for fact in facts],
        "negated": [int(fact.negated) for fact in facts],
        "frequency_low": np.array([low for low, _ in spans], dtype=np.float32),
        "frequency_high": np.array([high for _, high in spans], dtype=np.float32),
        "numerator": [f.numerator if f else -1 for f in counted],
        "denominator": [f.denominator if f else -1 for f in counted],
        "onset": [where.get(fact.onset, -1) if fact.onset else -1 for fact in facts],
        "sex": [SEXES.index(fact.sex) for fact in facts],
        "modifiers": [[where[item] for item in fact.modifiers if item in where] for fact in facts],
    }


def _evidence_columns(facts: list[Fact]) -> dict[str, Any]:
    rows = [(row, item) for row, fact in enumerate(facts) for item in fact.evidence]
    return {
        "fact": [row for row, _ in rows],
        "source": [item.source for _, item in rows],
        "release": [item.release for _, item in rows],
        "record": [item.record for _, item in rows],
        "references": [item.references for _, item in rows],
        "code": [item.code for _, item in rows],
        "level": [LEVELS.index(item.knowledge_level) for _, item in rows],
        "agent": [AGENTS.index(item.agent_type) for _, item in rows],
    }


def _description_columns(descriptions: list[Description], where: dict[Curie, int]) -> dict[str, Any]:
    unique = {(where[item.concept], item.source, item.reference, item.text): item for item in descriptions}
    rows = [(key[0], unique[key]) for key in sorted(unique)]
    columns: dict[str, Any] = {"concept": [position for position, _ in rows]}
    for field in ("title", "text", "kind", "source", "release", "reference"):
        columns[field] = [getattr(item, field) for _, item in rows]
    return columns


def _write_closure(folder: Path, facts: list[Fact], where: dict[Curie, int], size: int) -> None:
    """The reflexive, transitive closure of ``subclass_of``; cycles do no harm."""
    edges = [
        (where[f.subject], where[f.object]) for f in facts if f.predicate is Predicate.SUBCLASS_OF and not f.negated
    ]
    rows, columns = np.array(edges, dtype=np.int32).reshape(-1, 2).T
    step = sparse.csr_array((np.ones(len(edges), dtype=bool), (rows, columns)), shape=(size, size))
    step = (step + sparse.eye_array(size, dtype=bool, format="csr")).astype(bool)
    closure = step
    while True:
        wider = (closure @ closure).astype(bool)
        if wider.nnz == closure.nnz:
            break
        closure = wider
    closure.sort_indices()
    np.save(folder / CLOSURE[0], closure.indptr.astype(np.int64))
    np.save(folder / CLOSURE[1], closure.indices.astype(np.int32))
