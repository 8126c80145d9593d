"""Concepts and facts as RDF statements, in the words of the quad store (``docs/schema.md``).

Unlike in the store, every fact has its ``biolink:Association`` node, with its source and release on the node itself, so
that a part of the graph says where it is from even where there are no named graphs.
"""

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache

import pyoxigraph as ox

from ..concept import Concept, Name, NameKind
from ..fact import Evidence, Fact
from ..iri import PREFIXES, iri_of

_INTEGER = ox.NamedNode(PREFIXES["xsd"] + "integer")
_DOUBLE = ox.NamedNode(PREFIXES["xsd"] + "double")

NAME_PREDICATES = {
    NameKind.LABEL: "rdfs:label",
    NameKind.EXACT: "oboInOwl:hasExactSynonym",
    NameKind.NARROW: "oboInOwl:hasNarrowSynonym",
    NameKind.BROAD: "oboInOwl:hasBroadSynonym",
    NameKind.RELATED: "oboInOwl:hasRelatedSynonym",
}
"""How each kind of name is written."""


@lru_cache(1 << 16)
def node(curie: str) -> ox.NamedNode:
    """The RDF node of a CURIE."""
    return ox.NamedNode(iri_of(curie))


def concept_statements(concepts: Iterable[Concept]) -> Iterator[ox.Triple]:
    """What is said of each concept: kind, names, definition, and the identifiers it replaces or refers to."""
    for concept in concepts:
        subject = node(concept.curie)
        yield ox.Triple(subject, node("rdf:type"), node(concept.category))
        for name in concept.names:
            yield from _name(subject, name)
        if concept.definition:
            yield ox.Triple(subject, node("IAO:0000115"), ox.Literal(concept.definition))
        for old in concept.equivalents:
            yield ox.Triple(subject, node("clinigraph:replaces"), node(old))
        for xref in concept.xrefs:
            yield ox.Triple(subject, node("oboInOwl:hasDbXref"), ox.Literal(xref))


def _name(subject: ox.NamedNode, name: Name) -> Iterator[ox.Triple]:
    text = ox.Literal(name.text)
    yield ox.Triple(subject, node(NAME_PREDICATES[name.kind]), text)
    if name.layperson:
        yield ox.Triple(subject, node("clinigraph:laypersonName"), text)
    if name.abbreviation:
        yield ox.Triple(subject, node("clinigraph:abbreviation"), text)


def fact_statements(facts: Iterable[Fact]) -> Iterator[tuple[str, ox.Triple]]:
    """The statements of each fact, with the source that makes them: the plain triple, unless negated, and a node."""
    for fact in facts:
        triple = ox.Triple(node(fact.subject), node(fact.predicate), node(fact.object))
        for evidence in fact.evidence:
            if not fact.negated:
                yield evidence.source, triple
            for statement in _association(fact, evidence):
                yield evidence.source, statement


def _association(fact: Fact, evidence: Evidence) -> Iterator[ox.Triple]:
    subject = node(f"fact:{_key(fact, evidence)}")
    ends = (
        ("rdf:type", "biolink:Association"),
        ("biolink:subject", fact.subject),
        ("biolink:predicate", fact.predicate),
        ("biolink:object", fact.object),
    )
    for predicate, curie in ends:
        yield ox.Triple(subject, node(predicate), node(curie))
    for predicate, value in (*_qualifiers(fact), *_provenance(evidence)):
        yield ox.Triple(subject, node(predicate), value)


def _key(fact: Fact, evidence: Evidence) -> str:
    statement = (fact.subject, fact.predicate, fact.object, fact.negated, fact.frequency, fact.onset, fact.sex)
    parts = map(str, (*statement, fact.modifiers, fact.qualifiers, evidence))
    return hashlib.blake2b("\t".join(parts).encode(), digest_size=10).hexdigest()


def _qualifiers(fact: Fact) -> Iterator[tuple[str, ox.NamedNode | ox.Literal]]:
    if fact.negated:
        yield "biolink:negated", ox.Literal(True)
    if (frequency := fact.frequency) is not None:
        if frequency.band is not None:
            yield "biolink:frequency_qualifier", node(frequency.band)
        elif frequency.denominator is not None:
            yield "biolink:has_count", ox.Literal(str(frequency.numerator), datatype=_INTEGER)
            yield "biolink:has_total", ox.Literal(str(frequency.denominator), datatype=_INTEGER)
        else:
            yield "clinigraph:frequencyLow", ox.Literal(repr(frequency.low), datatype=_DOUBLE)
            yield "clinigraph:frequencyHigh", ox.Literal(repr(frequency.high), datatype=_DOUBLE)
    if fact.onset:
        yield "biolink:onset_qualifier", node(fact.onset)
    if fact.sex:
        yield "biolink:sex_qualifier", ox.Literal(fact.sex.value)
    for modifier in fact.modifiers:
        yield "biolink:clinical_modifier_qualifier", node(modifier)
    for qualifier, text in fact.qualifiers:
        yield qualifier.value, ox.Literal(text)


def _provenance(evidence: Evidence) -> Iterator[tuple[str, ox.NamedNode | ox.Literal]]:
    yield "biolink:primary_knowledge_source", node(f"source:{evidence.source}")
    yield "dcterms:hasVersion", ox.Literal(evidence.release)
    yield "biolink:original_subject", ox.Literal(evidence.record)
    yield "biolink:knowledge_level", ox.Literal(evidence.knowledge_level.value)
    yield "biolink:agent_type", ox.Literal(evidence.agent_type.value)
    for reference in evidence.references:
        yield "biolink:publications", ox.Literal(reference)
    for predicate, text in (("biolink:has_evidence", evidence.code), ("biolink:supporting_text", evidence.quote)):
        if text:
            yield predicate, ox.Literal(text)
    if evidence.publication_count is not None:
        yield "biolink:evidence_count", ox.Literal(str(evidence.publication_count), datatype=_INTEGER)
