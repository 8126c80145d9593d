"""Graphs in the Knowledge Graph Exchange format: tab-separated nodes and edges, or JSON lines.

Format: https://github.com/biolink/kgx/blob/master/specification/kgx-format.md. What the graph says beside Biolink's
slots (a frequency as a range, the severity of an interaction) has columns of its own, which the exporter writes.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from ..concept import Concept, Curie, Name, NameKind
from ..errors import GraphError
from ..fact import Evidence, Fact, Frequency, Qualifier, parse_frequency
from ..record import Match, MatchKind, Record
from .errors import NotThisFormat
from .files import plain_suffix, text_lines
from .intake import Intake, at, stated
from .kinds import Kind
from .rows import tab_rows
from .vocabulary import AGENT_TYPES, KNOWLEDGE_LEVELS, category_of, relation_of, sex_of

Row: TypeAlias = Mapping[str, Any]

NODE_COLUMNS = frozenset({"id", "category"})
EDGE_COLUMNS = frozenset({"subject", "predicate", "object"})
NAME_COLUMNS = {
    "synonym": NameKind.EXACT,
    "exact_synonym": NameKind.EXACT,
    "narrow_synonym": NameKind.NARROW,
    "broad_synonym": NameKind.BROAD,
    "related_synonym": NameKind.RELATED,
}
MATCH_PREDICATES = {
    "same_as": MatchKind.EXACT,
    "exact_match": MatchKind.EXACT,
    "close_match": MatchKind.CLOSE,
    "broad_match": MatchKind.BROAD,
    "narrow_match": MatchKind.NARROW,
}
QUALIFIER_COLUMNS = {qualifier.value.partition(":")[2]: qualifier for qualifier in Qualifier}
"""Column -> qualifier; ``original_predicate``, ``population_context_qualifier`` and so on."""

_TRUE = {"true", "1", "yes", "t", "not"}


def read_kgx(paths: Sequence[Path], intake: Intake) -> Iterator[Record]:
    """Concepts of the node files, then facts of the edge files; edges that say "same" become matches.

    Raises:
        NotThisFormat: a file has the columns neither of nodes nor of edges.
    """
    kinds = {path: _kind(path, intake) for path in paths}
    for wanted in ("nodes", "edges"):
        for path in (path for path in paths if kinds[path] == wanted):
            for where, row in _rows(path, intake):
                try:
                    yield from _node(row, where, intake) if wanted == "nodes" else _edge(row, where, intake)
                except (GraphError, ValueError, TypeError, KeyError) as error:
                    intake.reject(Kind.MALFORMED, where, str(error))


def kind_of_columns(columns: Sequence[str]) -> str | None:
    """``nodes``, ``edges`` or ``None``, by the column names."""
    if set(columns) >= EDGE_COLUMNS:
        return "edges"
    return "nodes" if set(columns) >= NODE_COLUMNS else None


def _kind(path: Path, intake: Intake) -> str:
    first = next((line for _, line in text_lines(path, intake.looking_ahead()) if line.strip()), "")
    if not first:
        intake.reject(Kind.EMPTY, path.name, "the file is empty")
        return "empty"
    try:
        columns = list(json.loads(first)) if _is_json(path) else first.strip().split("\t")
    except (ValueError, TypeError) as error:
        raise NotThisFormat(path, intake.request.format, f"its first line is no JSON object: {error}") from error
    kind = kind_of_columns(columns)
    if kind is None:
        wanted = "id and category, or subject, predicate and object"
        raise NotThisFormat(path, intake.request.format, f"its columns are not those of KGX ({wanted})")
    return kind


def _is_json(path: Path) -> bool:
    return plain_suffix(path) in (".jsonl", ".ndjson", ".json")


def _rows(path: Path, intake: Intake) -> Iterator[tuple[str, Row]]:
    if not _is_json(path):
        rows = tab_rows(path, intake)
        _, header = next(rows)
        yield from ((at(path, number), dict(zip(header, row, strict=True))) for number, row in rows)
        return
    for number, line in text_lines(path, intake):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            intake.reject(Kind.MALFORMED, at(path, number), f"the line is not JSON ({error})")
            continue
        if isinstance(row, dict):
            yield at(path, number), {key: value for key, value in row.items() if value is not None}
        else:
            intake.reject(Kind.MALFORMED, at(path, number), "the line is not a JSON object")


def _many(row: Row, column: str) -> list[str]:
    value = row.get(column, "")
    items = value if isinstance(value, list) else str(value).split("|")
    return [str(item).strip() for item in items if str(item).strip()]


def _one(row: Row, column: str) -> str:
    value = row.get(column, "")
    return "|".join(map(str, value)) if isinstance(value, list) else str(value).strip()


def _node(row: Row, where: str, intake: Intake) -> Iterator[Record]:
    curie = intake.curie(_one(row, "id"), where)
    if curie is None:
        return
    names = [Name(_one(row, "name") or curie, NameKind.LABEL)]
    for column, kind in NAME_COLUMNS.items():
        names += [Name(text, kind) for text in _many(row, column) if text != names[0].text]
    xrefs = dict.fromkeys(intake.find_curie(text) or text for text in _many(row, "xref"))
    merged = dict.fromkeys(intake.find_curie(text) for text in _many(row, "replaces"))
    category = category_of(_many(row, "category")) or intake.category(curie)
    yield Concept(
        curie,
        category,
        tuple(dict.fromkeys(names)),
        _one(row, "description") or None,
        tuple(old for old in merged if old is not None and old != curie),
        tuple(xrefs),
    )
    for other in _many(row, "same_as"):
        if (same := intake.curie(other, where)) is not None:
            yield Match(curie, same, intake.request.source, intake.request.release)


def _edge(row: Row, where: str, intake: Intake) -> Iterator[Record]:
    subject, target = intake.curie(_one(row, "subject"), where), intake.curie(_one(row, "object"), where)
    if subject is None or target is None:
        return
    word = _one(row, "predicate")
    if not word:
        raise ValueError("the row has no predicate")
    negated = _one(row, "negated").lower() in _TRUE
    match_kind = MATCH_PREDICATES.get(word.removeprefix("biolink:"))
    if match_kind is None:
        yield _fact(row, where, subject, word, target, negated, intake)
    elif negated:
        intake.reject(Kind.NEGATED_MAPPING, where, f"{subject} and {target} are said not to match; nothing to fuse")
    else:
        yield Match(subject, target, intake.request.source, intake.request.release, match_kind)


def _fact(row: Row, where: str, subject: Curie, word: str, target: Curie, negated: bool, intake: Intake) -> Fact:
    frequency = _frequency(row)
    onset = _one(row, "onset_qualifier")
    modifiers = [intake.curie(text, where) for text in _many(row, "clinical_modifier_qualifier")]
    qualifiers = [(found, text) for name, found in QUALIFIER_COLUMNS.items() if (text := _one(row, name))]
    relation = relation_of(word)
    return stated(
        subject,
        relation,
        target,
        _evidence(row, target if relation.inverted else subject, where, intake),
        written=word,
        negated=negated,
        frequency=frequency,
        onset=intake.curie(onset, where) if onset else None,
        sex=sex_of(_one(row, "sex_qualifier")),
        modifiers=tuple(item for item in modifiers if item is not None),
        qualifiers=qualifiers,
    )


def _evidence(row: Row, subject: Curie, where: str, intake: Intake) -> Evidence:
    primary = _one(row, "primary_knowledge_source")
    references = _many(row, "publications")
    if primary and primary.removeprefix("infores:") != intake.request.source:
        references.append(primary)
    original, count = _one(row, "original_subject"), _one(row, "evidence_count")
    return intake.evidence(
        (intake.find_curie(original) if original else None) or subject,
        references,
        _one(row, "has_evidence"),
        KNOWLEDGE_LEVELS.get(_one(row, "knowledge_level"), intake.evidence(subject).knowledge_level),
        AGENT_TYPES.get(_one(row, "agent_type"), intake.evidence(subject).agent_type),
        _one(row, "supporting_text"),
        int(count) if count else None,
    )


def _frequency(row: Row) -> Frequency | None:
    """By count, percentage, range or HPO term, whichever the row has; in this order."""
    count, total, percentage = _one(row, "has_count"), _one(row, "has_total"), _one(row, "has_percentage")
    low, high = _one(row, "frequency_low"), _one(row, "frequency_high")
    if count and total:
        return parse_frequency(f"{count}/{total}")
    if percentage:
        return parse_frequency(f"{percentage}%")
    if low and high:
        return Frequency(float(low), float(high))
    return parse_frequency(_one(row, "frequency_qualifier"))
