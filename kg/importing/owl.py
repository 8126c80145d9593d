"""Ontologies and thesauri in RDF: OWL classes, SKOS concepts, in any RDF syntax."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from ..concept import Name, NameKind
from ..iri import PREFIXES
from ..record import MatchKind, Record
from .errors import NotThisFormat
from .files import opened, plain_suffix
from .intake import Intake
from .kinds import Kind
from .markup import root_of
from .ontology import Term, records_of

SYNTAXES = {
    ".owl": ox.RdfFormat.RDF_XML,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".jsonld": ox.RdfFormat.JSON_LD,
}
"""File ending -> syntax. What ends in ``.owl`` but does not begin as XML is read as Turtle."""

_OWL = "http://www.w3.org/2002/07/owl#"
_RDFS, _SKOS, _OIO, _OBO = PREFIXES["rdfs"], PREFIXES["skos"], PREFIXES["oboInOwl"], PREFIXES["IAO"]
_NAMES = {
    f"{_OIO}hasExactSynonym": NameKind.EXACT,
    f"{_OIO}hasNarrowSynonym": NameKind.NARROW,
    f"{_OIO}hasBroadSynonym": NameKind.BROAD,
    f"{_OIO}hasRelatedSynonym": NameKind.RELATED,
    f"{_SKOS}altLabel": NameKind.EXACT,
    f"{_OBO}0000118": NameKind.EXACT,
}
_LISTS = {
    f"{_OIO}hasDbXref": "xrefs",
    f"{_OIO}hasAlternativeId": "replaces",
    f"{_OBO}0100001": "replaced_by",
    f"{PREFIXES['dcterms']}isReplacedBy": "replaced_by",
    f"{_RDFS}subClassOf": "parents",
    f"{_SKOS}broader": "parents",
}
_TEXTS = {
    f"{_RDFS}label": "label",
    f"{_SKOS}prefLabel": "label",
    f"{_OBO}0000115": "definition",
    f"{_SKOS}definition": "definition",
    f"{_OIO}hasOBONamespace": "namespace",
}
_MATCHES = {_SKOS + kind.value.partition(":")[2]: kind for kind in MatchKind} | {
    f"{_OWL}equivalentClass": MatchKind.EXACT,
    f"{_OWL}sameAs": MatchKind.EXACT,
}
_CLASSES = {f"{_OWL}Class", f"{_RDFS}Class", f"{_SKOS}Concept", f"{_OWL}NamedIndividual"}
_TYPE, _DEPRECATED = PREFIXES["rdf"] + "type", f"{_OWL}deprecated"
_RESTRICTION = {f"{_OWL}onProperty": 0, f"{_OWL}someValuesFrom": 1}


def read_owl(paths: Sequence[Path], intake: Intake) -> Iterator[Record]:
    """Concepts and facts of every class; ``X subClassOf (R some Y)`` is the fact X R Y.

    Holds the terms of one file in memory: about 3 KB each.

    Raises:
        NotThisFormat: a file is not RDF at all.
        UnsafeXml: an RDF/XML file could exhaust the memory.
    """
    for path in paths:
        if path.stat().st_size:
            yield from records_of(_Terms(path, intake).read(), intake)
        else:
            intake.reject(Kind.EMPTY, path.name, "the file is empty")


class _Terms:
    """Collects what the triples of one file say of each term, in the order in which terms come up."""

    def __init__(self, path: Path, intake: Intake) -> None:
        self._path, self._intake = path, intake
        self._terms: dict[str, Term] = {}
        self._classes: set[str] = set()
        self._property_labels: dict[str, str] = {}
        self._restrictions: dict[str, list[str]] = {}
        self._bound: list[tuple[str, str]] = []  # term, blank node of its restriction

    def read(self) -> Iterator[Term]:
        """Every class of the file."""
        count = 0
        with opened(self._path) as file:
            try:
                for count, quad in enumerate(ox.parse(file, format=_syntax(self._path), lenient=True), 1):  # noqa: B007
                    self._take(quad)
            except (SyntaxError, ValueError) as error:
                if not count:
                    raise NotThisFormat(self._path, self._intake.request.format, str(error)) from error
                reason = f"{error}; what stands after this is left out"
                self._intake.reject(Kind.MALFORMED, self._path.name, reason)
        self._bind()
        yield from (self._terms[iri] for iri in self._terms if iri in self._classes)

    def _take(self, quad: ox.Quad) -> None:
        subject, predicate, target = quad.subject, quad.predicate.value, quad.object
        if isinstance(subject, ox.BlankNode):
            if predicate in _RESTRICTION and isinstance(target, ox.NamedNode):
                self._restrictions.setdefault(subject.value, ["", ""])[_RESTRICTION[predicate]] = target.value
        elif isinstance(subject, ox.NamedNode):
            self._say(subject.value, predicate, target)

    def _say(self, iri: str, predicate: str, target: object) -> None:
        if predicate == _TYPE and isinstance(target, ox.NamedNode):
            self._classes.update([iri] if target.value in _CLASSES else [])
            return
        term = self._terms.setdefault(iri, Term(iri, f"{self._path.name} <{iri}>"))
        match target:
            case ox.BlankNode() if predicate == f"{_RDFS}subClassOf":
                self._bound.append((iri, target.value))
            case ox.NamedNode() if predicate in _MATCHES:
                term.matches.append((_MATCHES[predicate], target.value))
            case ox.NamedNode() | ox.Literal() if predicate in _LISTS:
                getattr(term, _LISTS[predicate]).append(target.value)
            case ox.Literal() if predicate in _NAMES and _english(target):
                term.names.append(Name(target.value, _NAMES[predicate]))
            case ox.Literal() if predicate in _TEXTS and _english(target):
                self._set_text(term, _TEXTS[predicate], target.value)
            case ox.Literal() if predicate == _DEPRECATED:
                term.obsolete = target.value in ("true", "1")

    def _set_text(self, term: Term, field: str, text: str) -> None:
        if not getattr(term, field):
            setattr(term, field, text)
        elif field == "label" and text != term.label:
            term.names.append(Name(text, NameKind.EXACT))
            where = f"{term.where}"
            self._intake.reject(Kind.SECOND_LABEL, where, f"it has the labels {term.label!r} and {text!r}; first kept")

    def _bind(self) -> None:
        for iri, node in self._bound:
            relation, filler = self._restrictions.get(node, ("", ""))
            if relation and filler:
                named = self._terms.get(relation)
                self._terms[iri].relations.append((_word(relation, named), filler))


def _word(relation: str, named: Term | None) -> str:
    return named.label if named is not None and named.label else relation


def _english(literal: ox.Literal) -> bool:
    return literal.language is None or literal.language.lower().partition("-")[0] == "en"


def _syntax(path: Path) -> ox.RdfFormat:
    syntax = SYNTAXES.get(plain_suffix(path), ox.RdfFormat.TURTLE)
    if syntax is ox.RdfFormat.RDF_XML or plain_suffix(path) == ".owl":
        return ox.RdfFormat.RDF_XML if root_of(path) is not None else ox.RdfFormat.TURTLE
    return syntax
