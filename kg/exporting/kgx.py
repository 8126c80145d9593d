"""The graph as KGX tables, which `kg.importing` reads back to the same facts.

Each piece of evidence is a row of its own, because a row of KGX has one primary source. What Biolink has no slot for
(a frequency as a range, severity, advice) has a column named as the graph names it. The tables are without quoting, so
tabs and line ends in texts become spaces, and a ``|``, which separates values, becomes ``¦``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..concept import Concept, NameKind
from ..fact import Evidence, Fact, Qualifier
from .errors import ExportFailed
from .extract import Extract

NODES, EDGES = "nodes.tsv", "edges.tsv"

NAME_COLUMNS = {
    NameKind.EXACT: "synonym",
    NameKind.NARROW: "narrow_synonym",
    NameKind.BROAD: "broad_synonym",
    NameKind.RELATED: "related_synonym",
}
QUALIFIER_COLUMNS = {qualifier: qualifier.value.partition(":")[2] for qualifier in Qualifier}

NODE_COLUMNS = ("id", "category", "name", *NAME_COLUMNS.values(), "description", "xref", "replaces")
EDGE_COLUMNS = (
    "id",
    "subject",
    "predicate",
    "object",
    "negated",
    "frequency_qualifier",
    "has_count",
    "has_total",
    "frequency_low",
    "frequency_high",
    "onset_qualifier",
    "sex_qualifier",
    "clinical_modifier_qualifier",
    *QUALIFIER_COLUMNS.values(),
    "original_subject",
    "primary_knowledge_source",
    "knowledge_source_version",
    "knowledge_level",
    "agent_type",
    "publications",
    "evidence_count",
    "has_evidence",
    "supporting_text",
)

_BREAKS = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


def write_kgx(extract: Extract, folder: Path) -> tuple[Path, Path]:
    """Write ``nodes.tsv`` and ``edges.tsv`` into a folder, and return their paths.

    Raises:
        ExportFailed: they cannot be written.
    """
    with written_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / NODES, NODE_COLUMNS, map(_node, extract.concepts()))
        _write(folder / EDGES, EDGE_COLUMNS, _edges(extract.facts()))
    return folder / NODES, folder / EDGES


@contextmanager
def written_to(path: Path) -> Iterator[None]:
    """Turn a full disk or a folder that cannot be written to into `ExportFailed`."""
    try:
        yield
    except OSError as error:
        raise ExportFailed(path, error.strerror or str(error)) from error


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\t".join(columns) + "\n")
        file.writelines("\t".join(row.get(column, "") for column in columns) + "\n" for row in rows)


def _plain(text: str) -> str:
    return _BREAKS.sub(" ", text)


def _joined(texts: Iterable[str]) -> str:
    return "|".join(_plain(text).replace("|", "¦") for text in texts)


def _node(concept: Concept) -> dict[str, str]:
    row = {"id": concept.curie, "category": concept.category.value, "name": _plain(concept.label)}
    for kind, column in NAME_COLUMNS.items():
        row[column] = _joined(name.text for name in concept.names if name.kind is kind)
    row["description"] = _plain(concept.definition or "")
    row["xref"] = _joined(concept.xrefs)
    row["replaces"] = _joined(concept.equivalents)
    return row


def _edges(facts: Iterable[Fact]) -> Iterator[dict[str, str]]:
    number = 0
    for fact in facts:
        stated = _statement(fact)
        for evidence in fact.evidence:
            number += 1
            yield {"id": f"e{number}"} | stated | _evidence(evidence)


def _statement(fact: Fact) -> dict[str, str]:
    row = {"subject": fact.subject, "predicate": fact.predicate.value, "object": fact.object}
    row["negated"] = "true" if fact.negated else "false"
    row |= _frequency(fact)
    row["onset_qualifier"] = fact.onset or ""
    row["sex_qualifier"] = fact.sex.value if fact.sex is not None else ""
    row["clinical_modifier_qualifier"] = _joined(fact.modifiers)
    return row | {QUALIFIER_COLUMNS[qualifier]: _plain(text) for qualifier, text in fact.qualifiers}


def _frequency(fact: Fact) -> dict[str, str]:
    frequency = fact.frequency
    if frequency is None:
        return {}
    if frequency.denominator is not None:
        return {"has_count": str(frequency.numerator), "has_total": str(frequency.denominator)}
    if frequency.band is not None:
        return {"frequency_qualifier": frequency.band}
    return {"frequency_low": repr(frequency.low), "frequency_high": repr(frequency.high)}


def _evidence(evidence: Evidence) -> dict[str, str]:
    return {
        "original_subject": evidence.record,
        "primary_knowledge_source": f"infores:{evidence.source}",
        "knowledge_source_version": _plain(evidence.release),
        "knowledge_level": evidence.knowledge_level.value,
        "agent_type": evidence.agent_type.value,
        "publications": _joined(evidence.references),
        "evidence_count": "" if evidence.publication_count is None else str(evidence.publication_count),
        "has_evidence": _plain(evidence.code),
        "supporting_text": _plain(evidence.quote),
    }
