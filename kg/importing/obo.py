"""Ontologies in OBO format 1.4."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import fastobo

from ..concept import Name, NameKind
from ..record import Record
from .errors import NotThisFormat
from .files import text_lines
from .intake import Intake, at
from .kinds import Kind
from .ontology import Term, records_of

_BATCH = 256  # frames
_SCOPES = {kind.value.upper(): kind for kind in NameKind}
_Frame: TypeAlias = tuple[int, str]
"""Line of a frame's ``[Term]``, and its text."""


def read_obo(paths: Sequence[Path], intake: Intake) -> Iterator[Record]:
    """Concepts and facts of every term; a frame that is not OBO is reported and left out.

    Raises:
        NotThisFormat: a file has not a single frame.
    """
    for path in paths:
        yield from records_of(_terms(path, intake), intake)


def _terms(path: Path, intake: Intake) -> Iterator[Term]:
    batch: list[_Frame] = []
    found = False
    for frame in _frames(path, intake):
        found = True
        batch.append(frame)
        if len(batch) == _BATCH:
            yield from _parsed(batch, path, intake)
            batch.clear()
    yield from _parsed(batch, path, intake)
    if not found and path.stat().st_size:
        raise NotThisFormat(path, intake.request.format, "it has no [Term]")


def _frames(path: Path, intake: Intake) -> Iterator[_Frame]:
    """Frames of terms; the header and other frames are passed over."""
    start, lines = 0, list[str]()
    for number, line in text_lines(path, intake):
        if line.startswith("["):
            if lines:
                yield start, "".join(lines)
            start, lines = number, []
            if not line.startswith("[Term]"):
                continue
        elif not lines:
            continue
        lines.append(line + "\n")
    if lines:
        yield start, "".join(lines)


def _parsed(frames: Sequence[_Frame], path: Path, intake: Intake) -> Iterator[Term]:
    """The terms of these frames; where the parser fails, halves are tried until the bad frame is alone."""
    if not frames:
        return
    try:
        document = fastobo.loads("".join(text for _, text in frames))
    except (SyntaxError, ValueError) as error:
        if len(frames) > 1:
            half = len(frames) // 2
            yield from _parsed(frames[:half], path, intake)
            yield from _parsed(frames[half:], path, intake)
        else:
            intake.reject(Kind.MALFORMED, at(path, frames[0][0]), f"the frame is not OBO: {str(error).split(' (')[0]}")
        return
    for (number, _), frame in zip(frames, document, strict=True):
        yield _term(frame, at(path, number))


def _term(frame: "fastobo.term.TermFrame", where: str) -> Term:
    term = Term(str(frame.id), where)
    for clause in frame:
        if (take := _CLAUSES.get(type(clause))) is not None:
            take(term, clause)
    return term


def _take_name(term: Term, clause: Any) -> None:
    term.label = term.label or clause.name


def _take_definition(term: Term, clause: Any) -> None:
    term.definition = str(clause.definition)


def _take_synonym(term: Term, clause: Any) -> None:
    synonym = clause.synonym
    kind = str(synonym.type).rpartition("#")[2].lower() if synonym.type is not None else ""
    scope = _SCOPES.get(str(synonym.scope), NameKind.RELATED)
    term.names.append(Name(str(synonym.desc), scope, kind == "layperson", kind in ("abbreviation", "acronym")))


def _take_obsolete(term: Term, clause: Any) -> None:
    term.obsolete = clause.obsolete


def _take_namespace(term: Term, clause: Any) -> None:
    term.namespace = str(clause.namespace)


_T = fastobo.term
_CLAUSES: Mapping[type, Callable[[Term, Any], None]] = {
    _T.NameClause: _take_name,
    _T.DefClause: _take_definition,
    _T.SynonymClause: _take_synonym,
    _T.NamespaceClause: _take_namespace,
    _T.IsObsoleteClause: _take_obsolete,
    _T.XrefClause: lambda term, clause: term.xrefs.append(str(clause.xref.id).replace("\\", "")),
    _T.IsAClause: lambda term, clause: term.parents.append(str(clause.term)),
    _T.AltIdClause: lambda term, clause: term.replaces.append(str(clause.alt_id)),
    _T.ReplacedByClause: lambda term, clause: term.replaced_by.append(str(clause.term)),
    _T.RelationshipClause: lambda term, clause: term.relations.append((str(clause.typedef), str(clause.term))),
}
