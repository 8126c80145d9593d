"""Facts and evidence of a snapshot out of the columns of shards, without making an object per fact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .concept import Curie
from .fact import SYMMETRIC, Predicate
from .shard import PREDICATES, Shard, ShardTable

Ints: TypeAlias = npt.NDArray[np.int32]
Mask: TypeAlias = npt.NDArray[np.bool_]

UNKNOWN = -2
"""The position of an identifier that the graph does not have; -1 stands for one that is not given."""

_SUBCLASS_OF = PREDICATES.index(Predicate.SUBCLASS_OF)
_SYMMETRIC = np.array([code for code, predicate in enumerate(PREDICATES) if predicate in SYMMETRIC], dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class CompiledFacts:
    """Columns of the FACTS and EVIDENCE tables, and how many rows named a concept that the graph does not have."""

    facts: Mapping[str, Any]
    evidence: Mapping[str, Any]
    dropped: int


def positions_of(curies: pa.ChunkedArray, where: Mapping[Curie, int]) -> Ints:
    """The position of each identifier, `UNKNOWN` where the graph does not have it, -1 where it is null; (n,) int32."""
    coded = curies.combine_chunks().dictionary_encode()
    known = np.array([where.get(curie, UNKNOWN) for curie in coded.dictionary.to_pylist()] + [-1], dtype=np.int32)
    found: Ints = known[coded.indices.fill_null(len(known) - 1).to_numpy()]
    return found


def compile_facts(shards: Sequence[Shard], where: Mapping[Curie, int]) -> CompiledFacts:
    """Facts by subject, predicate, object and sign; equals stay in the order of the sources.

    Unqualified facts that say the same become one, with the evidence of all. A symmetric predicate has the smaller
    position as subject. Identifiers that fusion made one lose the ``subclass_of`` between them.
    """
    tables = [_placed(shard, number, where) for number, shard in enumerate(shards)]
    rows = pa.concat_tables([table for table, _ in tables])
    dropped = sum(count for _, count in tables)
    key = np.stack([rows[name].to_numpy().astype(np.int32) for name in ("subject", "predicate", "object", "negated")])
    order = np.lexsort(key[::-1])  # stable: equals stay in the order of the sources
    key = key[:, order]
    first = np.ones(key.shape[1], dtype=bool)
    if key.shape[1]:
        first[1:] = (key[:, 1:] != key[:, :-1]).any(axis=0)
    kept = first | ~_repeats_plain(_plain(rows)[order], first)
    fact_of_row = _facts_of(kept, _plain(rows)[order], first)
    facts = {name: key[at] for at, name in enumerate(("subject", "predicate", "object", "negated"))}
    facts = {name: column[kept] for name, column in facts.items()}
    facts |= _qualifiers(rows, pa.array(order[kept]), where)
    return CompiledFacts(facts, _evidence(rows, order, fact_of_row), dropped)


def _placed(shard: Shard, number: int, where: Mapping[Curie, int]) -> tuple[pa.Table, int]:
    """The facts of a shard whose ends the graph has, with positions for identifiers, and the number of the others."""
    table = shard.table(ShardTable.FACTS)
    subject, target = positions_of(table["subject"], where), positions_of(table["object"], where)
    predicate = table["predicate"].to_numpy()
    swapped = np.isin(predicate, _SYMMETRIC) & (subject > target)
    subject, target = np.where(swapped, target, subject), np.where(swapped, subject, target)
    known = (subject >= 0) & (target >= 0)
    wanted = known & ~((subject == target) & (predicate == _SUBCLASS_OF))
    columns = {name: table[name] for name in table.schema.names}
    columns["subject"], columns["object"] = pa.array(subject), pa.array(target)
    columns["source"] = pa.array(np.full(len(table), number, dtype=np.uint16))
    return pa.table(columns).filter(pa.array(wanted)), int((~known).sum())


def _plain(rows: pa.Table) -> Mask:
    """Rows without any qualifier."""
    plain: Mask = rows["sex"].to_numpy() == 0
    for name in ("frequency_low", "onset"):
        plain &= rows[name].is_null().to_numpy()
    for name in ("modifiers", "qualifier_kinds"):
        plain &= pc.list_value_length(rows[name]).to_numpy() == 0
    return plain


def _repeats_plain(plain: Mask, first: Mask) -> Mask:
    """Plain rows that come after another plain row with the same key."""
    before: npt.NDArray[np.int64] = np.cumsum(plain) - plain  # plain rows before this one, of all keys
    at_start = np.maximum.accumulate(np.where(first, before, 0))
    return plain & (before > at_start)


def _facts_of(kept: Mask, plain: Mask, first: Mask) -> Ints:
    """The fact that each sorted row belongs to: itself if kept, else the plain one of the same key."""
    number = np.cumsum(kept).astype(np.int32) - 1
    lead = np.where(kept & plain, number, -1)
    group = np.cumsum(first) - 1
    plain_fact = np.full(int(first.sum()), -1, dtype=np.int32)
    chosen = lead >= 0
    plain_fact[group[chosen]] = lead[chosen]
    return np.where(kept, number, plain_fact[group]).astype(np.int32)


def _qualifiers(rows: pa.Table, taken: pa.Array, where: Mapping[Curie, int]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, missing in (
        ("frequency_low", np.nan),
        ("frequency_high", np.nan),
        ("numerator", -1),
        ("denominator", -1),
    ):
        kind = np.float32 if name.startswith("frequency") else np.int32
        columns[name] = rows[name].take(taken).fill_null(missing).to_numpy().astype(kind)
    onset = positions_of(rows["onset"].take(taken), where)
    columns["onset"] = np.where(onset == UNKNOWN, -1, onset).astype(np.int32)
    columns["sex"] = rows["sex"].take(taken)
    modifiers = rows["modifiers"].take(taken).combine_chunks()
    found = positions_of(pa.chunked_array([modifiers.flatten()]), where)
    offsets = np.concatenate(([0], np.cumsum(pc.list_value_length(modifiers).to_numpy()))).astype(np.int32)
    columns["modifiers"] = pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.maximum(found, -1)))
    for name in ("qualifier_kinds", "qualifier_texts"):
        columns[name] = rows[name].take(taken)
    return columns


def _evidence(rows: pa.Table, order: npt.NDArray[np.int64], fact_of_row: Ints) -> dict[str, Any]:
    """One row per piece of evidence, by fact; within a fact by source, record and references, each once."""
    by_fact = np.argsort(fact_of_row, kind="stable")
    fact, taken = fact_of_row[by_fact], order[by_fact]
    shared = np.zeros(len(fact), dtype=bool)
    if len(fact):
        same = fact[1:] == fact[:-1]
        shared[1:] |= same
        shared[:-1] |= same
    names = ("source", "record", "references", "code", "level", "agent", "quote", "publication_count")
    chosen = np.flatnonzero(shared)
    several = rows.take(pa.array(taken[chosen])).select(list(names))
    keyed = list(zip(fact[chosen].tolist(), *(_comparable(several[name]) for name in names), strict=True))
    ranked = sorted(range(len(keyed)), key=keyed.__getitem__)
    keep = [at for number, at in enumerate(ranked) if number == 0 or keyed[at] != keyed[ranked[number - 1]]]
    final = np.concatenate((np.flatnonzero(~shared), chosen[np.array(keep, dtype=np.int64)]))
    rank = np.concatenate((np.zeros(int((~shared).sum()), dtype=np.int64), np.arange(len(keep), dtype=np.int64)))
    final = final[np.lexsort((rank, fact[final]))]
    columns = {name: rows[name].take(pa.array(taken[final])) for name in names}
    return columns | {"fact": fact[final]}


def _comparable(column: pa.ChunkedArray) -> list[Any]:
    values = column.to_pylist()
    if pa.types.is_list(column.type):
        return [tuple(value) for value in values]
    return [-1 if value is None else value for value in values] if pa.types.is_integer(column.type) else values
