"""Mappings in the Simple Standard for Sharing Ontological Mappings.

Matentzoglu et al. 2022, doi:10.1093/database/baac035.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..concept import Curie
from ..fact import Predicate
from ..record import Match, MatchKind, Record
from .errors import NotThisFormat
from .files import text_lines
from .intake import Intake, at, stated
from .kinds import Kind
from .vocabulary import Relation

COLUMNS = frozenset({"subject_id", "predicate_id", "object_id"})
KINDS: Mapping[str, MatchKind] = {
    **{kind.value: kind for kind in MatchKind},
    "owl:equivalentClass": MatchKind.EXACT,
    "owl:sameAs": MatchKind.EXACT,
    "oboInOwl:hasDbXref": MatchKind.RELATED,
    "oio:hasDbXref": MatchKind.RELATED,
    "rdfs:seeAlso": MatchKind.RELATED,
    "semapv:crossSpeciesExactMatch": MatchKind.RELATED,
}
"""SSSOM predicate -> kind of match."""

_HIERARCHY = {
    "rdfs:subClassOf": Relation(Predicate.SUBCLASS_OF),
    "sssom:superClassOf": Relation(Predicate.SUBCLASS_OF, True),
}
_UNMAPPED = "sssom:NoTermFound"


def read_sssom(paths: Sequence[Path], intake: Intake) -> Iterator[Record]:
    """A match for each row; ``subClassOf`` rows are facts. Rows with ``predicate_modifier: Not`` deny.

    A denied pair is never a match, whatever another row of the same file says; denials are reported.

    Raises:
        NotThisFormat: a file lacks the columns of SSSOM.
    """
    for path in paths:
        denied = {
            (row["subject_id"], row["object_id"])
            for _, row in _rows(path, intake.looking_ahead())
            if row.get("predicate_modifier", "").lower() == "not"
        }
        for where, row in _rows(path, intake):
            if (row["subject_id"], row["object_id"]) in denied:
                reason = f"{row['subject_id']} and {row['object_id']} are said not to match; nothing to fuse"
                intake.reject(Kind.NEGATED_MAPPING, where, reason)
            elif _UNMAPPED not in (row["subject_id"], row["object_id"]):
                yield from _record(row, where, intake)


def _rows(path: Path, intake: Intake) -> Iterator[tuple[str, Mapping[str, str]]]:
    header: list[str] = []
    delimiter = "\t"
    section = ""
    for number, text in text_lines(path, intake):
        if not header and text.startswith("#"):
            section = _declaration(text[1:], section, intake)
        elif not header and text.strip():
            delimiter = "\t" if "\t" in text else ","
            header = text.split(delimiter)
            if not set(header) >= COLUMNS:
                wanted = ", ".join(sorted(COLUMNS))
                raise NotThisFormat(path, intake.request.format, f"its columns lack some of {wanted}")
        elif header and len(row := text.split(delimiter)) == len(header):
            yield at(path, number), dict(zip(header, row, strict=True))
        elif text.strip():
            reason = f"the row has {len(row)} columns, not {len(header)}"
            intake.reject(Kind.MALFORMED, at(path, number), reason)


def _declaration(text: str, section: str, intake: Intake) -> str:
    """Take one line of the YAML header: prefixes under ``curie_map``. Returns the section that the next line is in."""
    key, colon, value = text.strip().partition(":")
    if not colon:
        return section
    if not text.removeprefix(" ").startswith((" ", "\t")) and not value.strip():
        return key
    if section == "curie_map" and text.startswith((" ", "\t")):
        intake.identifiers.declare(key.strip(" \"'"), value.strip(" \"'"))
        return section
    return ""


def _record(row: Mapping[str, str], where: str, intake: Intake) -> Iterator[Record]:
    subject, target = intake.curie(row["subject_id"], where), intake.curie(row["object_id"], where)
    if subject is None or target is None:
        return
    word = row["predicate_id"].strip()
    if (relation := _HIERARCHY.get(word)) is not None:
        yield stated(subject, relation, target, intake.evidence(subject, _references(row)))
    elif (kind := KINDS.get(word)) is not None:
        yield _match(subject, target, kind, row, intake)
    else:
        intake.reject(Kind.MALFORMED, where, f"{word!r} is not a mapping predicate that is known")


def _references(row: Mapping[str, str]) -> list[str]:
    return [item for column in ("mapping_source", "object_source") if (item := row.get(column, ""))][:1]


def _match(subject: Curie, target: Curie, kind: MatchKind, row: Mapping[str, str], intake: Intake) -> Match:
    justification = row.get("mapping_justification", "").strip() or "semapv:UnspecifiedMatching"
    return Match(subject, target, intake.request.source, intake.request.release, kind, justification)
