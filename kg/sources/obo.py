"""Terms of an OBO file, as plain values."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

import fastobo

from ..concept import Name, NameKind
from ..errors import MalformedSource

_SCOPES = {kind.value.upper(): kind for kind in NameKind}


@dataclass(slots=True)
class OboTerm:
    """One live ``[Term]`` frame. ``replaces`` are merged identifiers and obsolete ones that name it as replacement."""

    id: str
    label: str = ""
    definition: str | None = None
    synonyms: list[Name] = field(default_factory=list)
    xrefs: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    replaces: list[str] = field(default_factory=list)
    replaced_by: list[str] = field(default_factory=list)
    obsolete: bool = False


def read_obo_terms(file: IO[bytes], source: str) -> Iterator[OboTerm]:
    """Every live term in file order.

    Raises:
        MalformedSource: the file is not OBO 1.4.
    """
    try:
        terms = {term.id: term for term in map(_term, _term_frames(file)) if term.label}
    except (SyntaxError, ValueError, OSError) as error:  # OSError: bytes that are not UTF-8
        raise MalformedSource(source, "its OBO text", str(error)) from error
    for term in terms.values():
        if term.obsolete and len(term.replaced_by) == 1 and term.replaced_by[0] in terms:
            terms[term.replaced_by[0]].replaces += [term.id, *term.replaces]
    yield from (term for term in terms.values() if not term.obsolete)


def _term_frames(file: IO[bytes]) -> Iterator["fastobo.term.TermFrame"]:
    for frame in fastobo.iter(file, ordered=True):
        if isinstance(frame, fastobo.term.TermFrame):
            yield frame


def _term(frame: "fastobo.term.TermFrame") -> OboTerm:
    term = OboTerm(str(frame.id))
    for clause in frame:
        match clause:
            case fastobo.term.NameClause():
                term.label = clause.name
            case fastobo.term.DefClause():
                term.definition = str(clause.definition)
            case fastobo.term.SynonymClause():
                term.synonyms.append(_name(clause.synonym))
            case fastobo.term.XrefClause():
                term.xrefs.append(str(clause.xref.id).replace("\\", ""))
            case fastobo.term.IsAClause():
                term.parents.append(str(clause.term))
            case fastobo.term.AltIdClause():
                term.replaces.append(str(clause.alt_id))
            case fastobo.term.ReplacedByClause():
                term.replaced_by.append(str(clause.term))
            case fastobo.term.IsObsoleteClause():
                term.obsolete = clause.obsolete
    return term


def _name(synonym: "fastobo.syn.Synonym") -> Name:
    kind = str(synonym.type) if synonym.type is not None else ""
    return Name(
        str(synonym.desc),
        _SCOPES.get(str(synonym.scope), NameKind.RELATED),
        layperson=kind == "layperson",
        abbreviation=kind == "abbreviation",
    )
