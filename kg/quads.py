"""Shards written as RDF quads, one named graph per source, a column at a time.

A fact is the plain triple, unless it is negated, so that quick SPARQL works; and, where there is more to say, a
``biolink:Association`` node with ``biolink:subject``, ``predicate``, ``object``, its qualifiers and publications. Its
source, release, tier, and the agent type and knowledge level of most of its facts are those of the named graph,
described in the default graph. Left out because they go without saying: an agent type and knowledge level that are the
source's usual ones, the record itself as a publication, and the node of a fact that is all in its triple.
``docs/schema.md`` lists every predicate.
"""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import repeat
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .concept import NameKind
from .fact import FREQUENCY_BANDS, AgentType, KnowledgeLevel
from .iri import PREFIXES, iri_of
from .shard import (
    AGENTS,
    CATEGORIES,
    LEVELS,
    MATCH_KINDS,
    NAME_KINDS,
    PREDICATES,
    QUALIFIERS,
    SEXES,
    Shard,
    ShardTable,
)

QUADS_VERSION = 2
"""Raised whenever records are written as other quads."""

NAME_PREDICATES = {
    NameKind.LABEL: "rdfs:label",
    NameKind.EXACT: "oboInOwl:hasExactSynonym",
    NameKind.NARROW: "oboInOwl:hasNarrowSynonym",
    NameKind.BROAD: "oboInOwl:hasBroadSynonym",
    NameKind.RELATED: "oboInOwl:hasRelatedSynonym",
}
"""How each kind of name is written."""

_Texts: TypeAlias = pa.Array
_Mask: TypeAlias = npt.NDArray[np.bool_]
_Manner: TypeAlias = tuple[AgentType, KnowledgeLevel]
_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"))


@cache
def _node(curie: str) -> str:
    return f"<{iri_of(curie)}>"


def graph_iri(source: str) -> str:
    """The IRI of the named graph of a source."""
    return iri_of(f"source:{source}")


class Statements(NamedTuple):
    """Triples of a common origin: nodes, one predicate or one each, and nodes or literals, all as N-Triples terms."""

    subjects: pa.Array
    predicates: str | pa.Array
    objects: pa.Array


def shard_statements(shard: Shard) -> Iterator[Statements]:
    """All records of a shard as triples, which belong into the named graph of its source."""
    concepts = shard.table(ShardTable.CONCEPTS)
    subjects = _nodes(concepts["curie"])
    yield from _concepts(concepts, subjects)
    yield from _names(shard.table(ShardTable.NAMES), subjects, concepts["category"])
    yield from _descriptions(shard.table(ShardTable.DESCRIPTIONS))
    yield from _matches(shard.table(ShardTable.MATCHES))
    manner = usual(shard)
    for batch in shard.table(ShardTable.FACTS).to_batches():
        yield from _facts(pa.table(batch), shard.source.id, manner)


def usual(shard: Shard) -> tuple[AgentType, KnowledgeLevel]:
    """The agent type and knowledge level of most facts of a shard, which its source states for all of them."""
    facts = shard.table(ShardTable.FACTS)
    if not len(facts):
        return AGENTS[0], LEVELS[0]
    agent, level = (int(pc.mode(facts[name])[0]["mode"].as_py()) for name in ("agent", "level"))
    return AGENTS[agent], LEVELS[level]


def source_statements(shard: Shard) -> Statements:
    """What is known of a source itself, for the default graph."""
    source, (agent, level) = shard.source, usual(shard)
    stated = {
        "dcterms:title": source.title,
        "dcterms:hasVersion": source.release,
        "dcterms:license": source.licence,
        "dcterms:bibliographicCitation": source.citation,
        "dcterms:source": source.upstream,
        "clinigraph:tier": source.tier.value,
        "biolink:agent_type": agent.value,
        "biolink:knowledge_level": level.value,
    }
    graph = pa.array([_node(f"source:{source.id}")] * len(stated))
    return Statements(graph, pa.array(map(_node, stated)), _literals(pa.array(list(stated.values()))))


def triples_text(statements: Statements) -> memoryview:
    """The triples as N-Triples text, as it lies in memory."""
    lines = pc.binary_join_element_wise(*statements, ".\n", " ")
    if not len(lines):
        return memoryview(b"")
    offsets = np.frombuffer(lines.buffers()[1], dtype=np.int32)
    return memoryview(lines.buffers()[2])[offsets[lines.offset] : offsets[lines.offset + len(lines)]]


def _lines(subjects: _Texts, predicates: str | _Texts, objects: _Texts, mask: _Mask | None = None) -> Statements:
    """The triples whose object is not null, and that ``mask`` chooses."""
    wanted = objects.is_valid()
    if mask is not None:
        wanted = pc.and_(wanted, pa.array(mask))
    each = predicates if isinstance(predicates, str) else predicates.filter(wanted)
    return Statements(subjects.filter(wanted), each, objects.filter(wanted))


def _nodes(curies: pa.ChunkedArray | pa.Array) -> _Texts:
    """An IRI in brackets for each identifier, null for null."""
    whole = curies.combine_chunks() if isinstance(curies, pa.ChunkedArray) else curies
    coded = whole.dictionary_encode()
    return pa.array([_node(curie) for curie in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)


def _literals(texts: pa.ChunkedArray | pa.Array) -> _Texts:
    """A quoted literal for each text."""
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    for plain, escaped in _ESCAPES:
        whole = pc.replace_substring(whole, plain, escaped)
    return pc.binary_join_element_wise('"', whole, '"', "")


def _coded(column: pa.ChunkedArray, curies: Sequence[str]) -> _Texts:
    """The node that stands at each code's place in ``curies``."""
    return pa.array([_node(curie) for curie in curies]).take(column.combine_chunks())


def _typed(column: pa.ChunkedArray, kind: str) -> _Texts:
    return pc.binary_join_element_wise(
        '"', column.cast(pa.string()).combine_chunks(), f'"^^<{PREFIXES["xsd"]}{kind}>', ""
    )


def _listed(owners: _Texts, lists: pa.ChunkedArray) -> tuple[_Texts, pa.Array]:
    """The owner of each item of a list column, and the items."""
    whole = lists.combine_chunks()
    return owners.take(pc.list_parent_indices(whole)), whole.flatten()


def _concepts(table: pa.Table, subjects: _Texts) -> Iterator[Statements]:
    yield _lines(subjects, _node("rdf:type"), _coded(table["category"], CATEGORIES))
    yield _lines(subjects, _node("IAO:0000115"), _literals(table["definition"]))
    owners, old = _listed(subjects, table["replaces"])
    yield _lines(owners, _node("clinigraph:replaces"), _nodes(old))
    owners, xrefs = _listed(subjects, table["xrefs"])
    yield _lines(owners, _node("oboInOwl:hasDbXref"), _literals(xrefs))


def _names(table: pa.Table, subjects: _Texts, categories: pa.ChunkedArray) -> Iterator[Statements]:
    owner = table["concept"].combine_chunks()
    owners, texts = subjects.take(owner), _literals(table["text"])
    yield _lines(owners, _coded(table["kind"], [NAME_PREDICATES[kind] for kind in NAME_KINDS]), texts)
    yield _lines(owners, _node("clinigraph:laypersonName"), texts, table["layperson"].to_numpy())
    yield _lines(owners, _node("clinigraph:abbreviation"), texts, table["abbreviation"].to_numpy())


def _descriptions(table: pa.Table) -> Iterator[Statements]:
    fields = [table[name].to_pylist() for name in ("reference", "concept", "text")]
    keys = [_digest(*(part or "" for part in parts)) for parts in zip(*fields, strict=True)]
    subjects = pa.array([_node(f"description:{key}") for key in keys], pa.string())
    yield _lines(subjects, _node("clinigraph:about"), _nodes(table["concept"]))
    yield _lines(subjects, _node("dcterms:title"), _literals(table["title"]))
    yield _lines(subjects, _node("rdf:value"), _literals(table["text"]))
    yield _lines(subjects, _node("dcterms:type"), _literals(table["kind"]))
    yield _lines(subjects, _node("dcterms:identifier"), _literals(table["reference"]))
    yield _lines(subjects, _node("dcterms:date"), _typed(table["year"], "gYear"))


def _matches(table: pa.Table) -> Iterator[Statements]:
    yield _lines(_nodes(table["subject"]), _coded(table["kind"], MATCH_KINDS), _nodes(table["object"]))


def _facts(table: pa.Table, source: str, manner: _Manner) -> Iterator[Statements]:
    subjects, objects = _nodes(table["subject"]), _nodes(table["object"])
    predicates = _coded(table["predicate"], PREDICATES)
    negated = table["negated"].to_numpy()
    yield _lines(subjects, predicates, objects, ~negated)
    more = pa.array(~_go_without_saying(table, manner))
    table = table.filter(more)
    if not len(table):
        return
    nodes = pa.array(list(map(_node_of_key, fact_keys(table, source))), pa.string())
    yield _lines(nodes, _node("biolink:subject"), subjects.filter(more))
    yield _lines(nodes, _node("biolink:predicate"), predicates.filter(more))
    yield _lines(nodes, _node("biolink:object"), objects.filter(more))
    yield from _evidence(table, nodes, manner)
    yield from _qualified(table, nodes)


def _node_of_key(key: str) -> str:
    return f"<{PREFIXES['fact']}{key}>"


def _go_without_saying(table: pa.Table, manner: _Manner) -> _Mask:
    """Rows whose triple and named graph say all there is: no sign, qualifier, code, quote or other publication."""
    plain: _Mask = ~table["negated"].to_numpy() & (table["sex"].to_numpy() == 0)
    for name in ("frequency_low", "onset", "publication_count"):
        plain &= table[name].is_null().to_numpy()
    for name in ("modifiers", "qualifier_kinds"):
        plain &= pc.list_value_length(table[name]).to_numpy() == 0
    for name in ("code", "quote"):
        plain &= pc.binary_length(table[name]).to_numpy() == 0
    agent, level = manner
    plain &= table["agent"].to_numpy() == AGENTS.index(agent)
    plain &= table["level"].to_numpy() == LEVELS.index(level)
    cited = pc.list_value_length(table["references"]).to_numpy()
    own = np.zeros(len(table), dtype=np.int64)
    lists = table["references"].combine_chunks()
    parents = pc.list_parent_indices(lists).to_numpy()
    same = pc.equal(lists.flatten(), table["record"].combine_chunks().take(pa.array(parents))).to_numpy(
        zero_copy_only=False
    )
    np.add.at(own, parents, same.astype(np.int64))
    none_other: _Mask = plain & (cited == own)
    return none_other


def _evidence(table: pa.Table, nodes: _Texts, manner: _Manner) -> Iterator[Statements]:
    owners, references = _listed(nodes, table["references"])
    records = table["record"].combine_chunks().take(pc.list_parent_indices(table["references"].combine_chunks()))
    others = pc.not_equal(references, records).to_numpy(zero_copy_only=False)
    yield _lines(owners, _node("biolink:publications"), _literals(references), others)
    for name, predicate in (("code", "biolink:has_evidence"), ("quote", "biolink:supporting_text")):
        given = pc.binary_length(table[name]).to_numpy() > 0
        yield _lines(nodes, _node(predicate), _literals(table[name]), given)
    for name, predicate, values, usually in (
        ("agent", "biolink:agent_type", AGENTS, AGENTS.index(manner[0])),
        ("level", "biolink:knowledge_level", LEVELS, LEVELS.index(manner[1])),
    ):
        texts = _literals(pa.array([str(value) for value in values])).take(table[name].combine_chunks())
        yield _lines(nodes, _node(predicate), texts, table[name].to_numpy() != usually)
    yield _lines(nodes, _node("biolink:evidence_count"), _typed(table["publication_count"], "integer"))


def _qualified(table: pa.Table, nodes: _Texts) -> Iterator[Statements]:
    negated = table["negated"].to_numpy()
    true = pa.array(repeat(f'"true"^^<{PREFIXES["xsd"]}boolean>', len(table)), pa.string(), size=len(table))
    yield _lines(nodes, _node("biolink:negated"), true, negated)
    low, high = (table[name].fill_null(np.nan).to_numpy() for name in ("frequency_low", "frequency_high"))
    counted = table["denominator"].is_valid().to_numpy()
    band = _bands(low, high, counted)
    yield _lines(nodes, _node("biolink:frequency_qualifier"), _nodes(band))
    yield _lines(nodes, _node("biolink:has_count"), _typed(table["numerator"], "integer"))
    yield _lines(nodes, _node("biolink:has_total"), _typed(table["denominator"], "integer"))
    plain = ~counted & band.is_null().to_numpy(zero_copy_only=False)
    for name in ("Low", "High"):
        yield _lines(
            nodes, _node(f"clinigraph:frequency{name}"), _typed(table[f"frequency_{name.lower()}"], "double"), plain
        )
    yield _lines(nodes, _node("biolink:onset_qualifier"), _nodes(table["onset"]))
    sexes = _literals(pa.array([str(sex) for sex in SEXES])).take(table["sex"].combine_chunks())
    yield _lines(nodes, _node("biolink:sex_qualifier"), sexes, table["sex"].to_numpy() != 0)
    owners, modifiers = _listed(nodes, table["modifiers"])
    yield _lines(owners, _node("biolink:clinical_modifier_qualifier"), _nodes(modifiers))
    owners, texts = _listed(nodes, table["qualifier_texts"])
    kinds = pa.array([_node(kind) for kind in QUALIFIERS]).take(table["qualifier_kinds"].combine_chunks().flatten())
    yield _lines(owners, kinds, _literals(texts))


def _bands(low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], counted: _Mask) -> pa.Array:
    """The HPO frequency term with exactly this range, null where there is none or patients were counted."""
    found = np.full(len(low), -1)
    for number, (lower, upper) in enumerate(FREQUENCY_BANDS.values()):
        found[(low == lower) & (high == upper) & ~counted] = number
    return pa.array(list(FREQUENCY_BANDS)).take(pa.array(found, mask=found < 0))


def fact_keys(table: pa.Table, source: str) -> Iterator[str]:
    """A stable identifier for each row of a shard's facts: the same row always gets the same key."""
    names = [name for name in table.schema.names if name != "publication_count"]
    columns = [map(str, table[name].to_pylist()) for name in names]
    return (_digest(source, *parts) for parts in zip(*columns, strict=True))


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\t".join(parts).encode(), digest_size=10).hexdigest()
