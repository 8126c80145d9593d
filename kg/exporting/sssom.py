"""Mappings as SSSOM tables (Matentzoglu et al. 2022, doi:10.1093/database/baac035)."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..concept import Concept, Curie, prefix_of
from ..iri import PREFIXES
from ..record import Match
from .kgx import written_to

COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "mapping_source",
    "mapping_set_version",
)
_ANY_PREFIX = "https://bioregistry.io/"
_SET = "https://w3id.org/clinigraph/mappings"


def write_sssom(matches: Iterable[Match], path: Path, label_of: Callable[[Curie], str | None], licence: str) -> Path:
    """Write the matches, sorted, with the prefixes they use; ``licence`` is the IRI or name of the set's licence.

    Raises:
        ExportFailed: the file cannot be written.
    """
    found = sorted(set(matches), key=lambda match: (match.subject, match.object, match.kind, match.source))
    prefixes = sorted({prefix_of(curie) for match in found for curie in (match.subject, match.object)})
    with written_to(path), path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"#mapping_set_id: {_SET}\n#license: {licence}\n#curie_map:\n")
        stems = {prefix: PREFIXES.get(prefix, f"{_ANY_PREFIX}{prefix}:") for prefix in (*prefixes, "semapv", "skos")}
        file.writelines(f"#  {prefix}: {stem}\n" for prefix, stem in stems.items())
        file.write("\t".join(COLUMNS) + "\n")
        file.writelines("\t".join(row) + "\n" for row in (_row(match, label_of) for match in found))
    return path


def _row(match: Match, label_of: Callable[[Curie], str | None]) -> tuple[str, ...]:
    labels = [" ".join((label_of(curie) or "").split()) for curie in (match.subject, match.object)]
    return (
        match.subject,
        labels[0],
        match.kind.value,
        match.object,
        labels[1],
        match.justification,
        f"infores:{match.source}",
        match.release,
    )


def fused_matches(concepts: Iterable[Concept], source: str, release: str) -> Iterator[Match]:
    """An exact match for each identifier that was fused into a concept."""
    for concept in concepts:
        for other in concept.equivalents:
            yield Match(concept.curie, other, source, release, justification="semapv:MappingChaining")
