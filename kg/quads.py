"""Records written as RDF quads, one named graph per source.

A fact is the plain triple, unless it is negated, so that quick SPARQL works; and, where there is more to say, a
``biolink:Association`` node with ``biolink:subject``, ``predicate``, ``object``, its qualifiers and publications. Its
source and release are those of the named graph, described in the default graph. Left out because they go without
saying: an agent type of ``manual_agent``, the record itself as a publication, that a gene symbol is an abbreviation,
and the node of a fact that is all in its triple (``subclass_of``).
"""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from json.encoder import encode_basestring as _literal  # JSON's escapes are all escapes of N-Quads too

from .catalogue import SourceEntry
from .concept import Category, Concept, Description, NameKind
from .fact import AgentType, Fact
from .iri import PREFIXES, iri_of
from .record import Match, Record

QUADS_VERSION = 1
"""Raised whenever records are written as other quads."""

_XSD_BOOLEAN = f"^^<{PREFIXES['xsd']}boolean>"
_XSD_INTEGER = f"^^<{PREFIXES['xsd']}integer>"
_XSD_DOUBLE = f"^^<{PREFIXES['xsd']}double>"

NAME_PREDICATES = {
    NameKind.LABEL: "rdfs:label",
    NameKind.EXACT: "oboInOwl:hasExactSynonym",
    NameKind.NARROW: "oboInOwl:hasNarrowSynonym",
    NameKind.BROAD: "oboInOwl:hasBroadSynonym",
    NameKind.RELATED: "oboInOwl:hasRelatedSynonym",
}
"""How each kind of name is written."""


@cache
def _node(curie: str) -> str:
    return f"<{iri_of(curie)}>"


def source_quads(entry: SourceEntry) -> Iterator[str]:
    """Statements about a source, as N-Triples lines for the default graph."""
    graph = _node(f"source:{entry.id}")
    yield f"{graph} {_node('dcterms:title')} {_literal(entry.title)} .\n"
    yield f"{graph} {_node('dcterms:hasVersion')} {_literal(entry.release)} .\n"
    yield f"{graph} {_node('dcterms:license')} {_literal(entry.licence)} .\n"
    yield f"{graph} {_node('dcterms:bibliographicCitation')} {_literal(entry.citation)} .\n"
    yield f"{graph} {_node('dcterms:source')} {_literal(entry.upstream)} .\n"
    yield f"{graph} {_node('clinigraph:tier')} {_literal(entry.tier)} .\n"


def quads(records: Iterable[Record], source: str) -> Iterator[str]:
    """The records as N-Quads lines in the named graph of ``source``."""
    tail = f" {_node(f'source:{source}')} .\n"
    for record in records:
        match record:
            case Fact():
                statements = _fact(record)
            case Concept():
                statements = _concept(record)
            case Description():
                statements = _description(record)
            case Match():
                statements = iter((f"{_node(record.subject)} {_node('skos:exactMatch')} {_node(record.object)}",))
        for statement in statements:
            yield statement + tail


def _concept(concept: Concept) -> Iterator[str]:
    subject = _node(concept.curie)
    yield f"{subject} {_node('rdf:type')} {_node(concept.category)}"
    for name in concept.names:
        yield f"{subject} {_node(NAME_PREDICATES[name.kind])} {_literal(name.text)}"
        if name.layperson:
            yield f"{subject} {_node('clinigraph:laypersonName')} {_literal(name.text)}"
        if name.abbreviation and concept.category is not Category.GENE:
            yield f"{subject} {_node('clinigraph:abbreviation')} {_literal(name.text)}"
    if concept.definition:
        yield f"{subject} {_node('IAO:0000115')} {_literal(concept.definition)}"
    for old in concept.equivalents:
        yield f"{subject} {_node('clinigraph:replaces')} {_node(old)}"
    for xref in concept.xrefs:
        yield f"{subject} {_node('oboInOwl:hasDbXref')} {_literal(xref)}"


def _description(description: Description) -> Iterator[str]:
    key = _digest(description.reference, description.concept, description.text)
    subject = _node(f"description:{key}")
    yield f"{subject} {_node('clinigraph:about')} {_node(description.concept)}"
    yield f"{subject} {_node('dcterms:title')} {_literal(description.title)}"
    yield f"{subject} {_node('rdf:value')} {_literal(description.text)}"
    yield f"{subject} {_node('dcterms:type')} {_literal(description.kind)}"
    yield f"{subject} {_node('dcterms:identifier')} {_literal(description.reference)}"


def _fact(fact: Fact) -> Iterator[str]:
    (evidence,) = fact.evidence  # sources state one row at a time; facts are merged when a snapshot is compiled
    subject, predicate, target = _node(fact.subject), _node(fact.predicate), _node(fact.object)
    if not fact.negated:
        yield f"{subject} {predicate} {target}"
    if _goes_without_saying(fact):
        return
    node = _node(f"fact:{fact_key(fact)}")
    yield f"{node} {_node('biolink:subject')} {subject}"
    yield f"{node} {_node('biolink:predicate')} {predicate}"
    yield f"{node} {_node('biolink:object')} {target}"
    for reference in evidence.references:
        if reference != evidence.record:
            yield f"{node} {_node('biolink:publications')} {_literal(reference)}"
    if evidence.code:
        yield f"{node} {_node('biolink:has_evidence')} {_literal(evidence.code)}"
    if evidence.agent_type is not AgentType.MANUAL:
        yield f"{node} {_node('biolink:agent_type')} {_literal(evidence.agent_type)}"
    for predicate_curie, value in _qualifiers(fact):
        yield f"{node} {_node(predicate_curie)} {value}"


def _goes_without_saying(fact: Fact) -> bool:
    """Whether the plain triple and its named graph say all there is: no sign, qualifier, code or other publication."""
    (evidence,) = fact.evidence
    plain = not (fact.negated or fact.frequency or fact.onset or fact.sex or fact.modifiers or evidence.code)
    return plain and evidence.agent_type is AgentType.MANUAL and set(evidence.references) <= {evidence.record}


def _qualifiers(fact: Fact) -> Iterator[tuple[str, str]]:
    if fact.negated:
        yield "biolink:negated", f'"true"{_XSD_BOOLEAN}'
    if (frequency := fact.frequency) is not None:
        if frequency.band is not None:
            yield "biolink:frequency_qualifier", _node(frequency.band)
        elif frequency.denominator is not None:
            yield "biolink:has_count", f'"{frequency.numerator}"{_XSD_INTEGER}'
            yield "biolink:has_total", f'"{frequency.denominator}"{_XSD_INTEGER}'
        else:
            yield "clinigraph:frequencyLow", f'"{frequency.low!r}"{_XSD_DOUBLE}'
            yield "clinigraph:frequencyHigh", f'"{frequency.high!r}"{_XSD_DOUBLE}'
    if fact.onset:
        yield "biolink:onset_qualifier", _node(fact.onset)
    if fact.sex:
        yield "biolink:sex_qualifier", _literal(fact.sex)
    for modifier in fact.modifiers:
        yield "biolink:clinical_modifier_qualifier", _node(modifier)


def fact_key(fact: Fact) -> str:
    """A stable identifier of one source row: the same row always gets the same key."""
    evidence = fact.evidence[0]
    parts = (fact.subject, fact.predicate, fact.object, fact.negated, fact.frequency, fact.onset, fact.sex)
    return _digest(*map(str, parts), *fact.modifiers, evidence.source, evidence.code, *evidence.references)


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\t".join(parts).encode(), digest_size=10).hexdigest()
