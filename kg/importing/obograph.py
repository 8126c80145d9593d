"""Ontologies as OBO Graphs JSON (https://github.com/geneontology/obographs)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..concept import Name, NameKind
from ..record import MatchKind, Record
from .errors import NotThisFormat
from .files import whole_text
from .intake import Intake
from .kinds import Kind
from .ontology import Term, records_of

_LIMIT_BYTES = 1 << 30
_SCOPES = {
    "hasExactSynonym": NameKind.EXACT,
    "hasNarrowSynonym": NameKind.NARROW,
    "hasBroadSynonym": NameKind.BROAD,
    "hasRelatedSynonym": NameKind.RELATED,
}
_PROPERTIES = {
    "IAO_0100001": "replaced_by",
    "hasAlternativeId": "replaces",
    "exactMatch": MatchKind.EXACT,
    "closeMatch": MatchKind.CLOSE,
    "broadMatch": MatchKind.BROAD,
    "narrowMatch": MatchKind.NARROW,
    "relatedMatch": MatchKind.RELATED,
}
_IS_A = {"is_a", "subClassOf"}


def read_obograph(paths: Sequence[Path], intake: Intake) -> Iterator[Record]:
    """Concepts and facts of every class; a node or edge of the wrong form is reported and left out.

    Raises:
        NotThisFormat: a file is no OBO graph.
        FileTooLarge: a file is larger than 1 GiB.
    """
    for path in paths:
        for graph in _graphs(path, intake):
            yield from records_of(_terms(graph, path, intake), intake)


def _graphs(path: Path, intake: Intake) -> list[Mapping[str, Any]]:
    text = whole_text(path, intake, _LIMIT_BYTES, "convert it to OBO or RDF, which are read in pieces")
    if text is None:
        return []
    if not text.strip():
        intake.reject(Kind.EMPTY, path.name, "the file is empty")
        return []
    try:
        document = json.loads(text)
    except ValueError as error:
        raise NotThisFormat(path, intake.request.format, str(error)) from error
    graphs = document.get("graphs") if isinstance(document, dict) else None
    if not isinstance(graphs, list) or not all(isinstance(graph, dict) for graph in graphs):
        raise NotThisFormat(path, intake.request.format, "it has no list of graphs")
    return graphs


def _terms(graph: Mapping[str, Any], path: Path, intake: Intake) -> Iterator[Term]:
    labels: dict[str, str] = {}
    terms: dict[str, Term] = {}
    for place, node in enumerate(graph.get("nodes", ()), 1):
        where = f"{path.name} node {place}"
        try:
            labels[node["id"]] = str(node.get("lbl") or "")
            if node.get("type", "CLASS") != "PROPERTY":
                term = _term(node, where)
                terms.setdefault(f"{term.id} {term.label}", term)
        except (TypeError, KeyError, AttributeError) as error:
            intake.reject(Kind.MALFORMED, where, f"the node is malformed ({error})")
    first = {term.id: term for term in reversed(terms.values())}
    for place, edge in enumerate(graph.get("edges", ()), 1):
        try:
            subject, word, target = edge["sub"], edge["pred"], edge["obj"]
            term = first.setdefault(subject, Term(subject, f"{path.name} edge {place}"))
            terms.setdefault(f"{term.id} {term.label}", term)
        except (TypeError, KeyError) as error:
            intake.reject(Kind.MALFORMED, f"{path.name} edge {place}", f"the edge is malformed ({error})")
            continue
        if word in _IS_A:
            term.parents.append(target)
        else:
            term.relations.append((labels.get(word) or word, target))
    yield from terms.values()


def _term(node: Mapping[str, Any], where: str) -> Term:
    meta = node.get("meta") or {}
    term = Term(node["id"], where, str(node.get("lbl") or ""), (meta.get("definition") or {}).get("val"))
    for synonym in meta.get("synonyms", ()):
        kind = str(synonym.get("synonymType", "")).rpartition("#")[2].lower()
        scope = _SCOPES.get(synonym.get("pred"), NameKind.RELATED)
        term.names.append(Name(synonym["val"], scope, kind == "layperson", kind in ("abbreviation", "acronym")))
    term.xrefs += [xref["val"] for xref in meta.get("xrefs", ())]
    term.obsolete = bool(meta.get("deprecated", False))
    for item in meta.get("basicPropertyValues", ()):
        name = str(item["pred"]).rpartition("#")[2].rpartition("/")[2]
        match _PROPERTIES.get(name):
            case MatchKind() as kind:
                term.matches.append((kind, item["val"]))
            case str() as field:
                getattr(term, field).append(item["val"])
        if name == "hasOBONamespace":
            term.namespace = item["val"]
    return term
