"""The medical knowledge graph (floor 1).

Owns concepts, facts with evidence, source readers, identity fusion, the quad store and SPARQL, the snapshot, graph
queries, graph rules and the patient case. Does not know torch, transformers or text.

Names are imported when first used, so that a program that needs little of the room starts quickly.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .archive import ArchivePin, fetch_archive, open_member, sha256_of, verify, writing_to
    from .build import build_graph, open_store, select_sources
    from .cache import archive_folder, current_shards, graph_folder, is_built, open_snapshot
    from .case import (
        Allergy,
        Case,
        Condition,
        FamilyFinding,
        Finding,
        FindingStatus,
        Medication,
        MedicationUse,
        Origin,
    )
    from .catalogue import SourceEntry, fetch_sources, read_catalogue
    from .compile import snapshot_version
    from .concept import Category, Concept, Curie, Description, Name, NameKind, check_curie, prefix_of
    from .errors import (
        ArchiveUnavailable,
        BuildInProgress,
        CacheNotWritable,
        GraphDamaged,
        GraphError,
        GraphNotBuilt,
        HashMismatch,
        MalformedCase,
        MalformedCurie,
        MalformedFrequency,
        MalformedQuery,
        MalformedRule,
        MalformedShape,
        MalformedSource,
        SourceNameTaken,
        UnknownConcept,
        UnknownSource,
    )
    from .exporting import (
        ExportFailed,
        ExportFormat,
        fused_matches,
        neighbourhood,
        svg,
        whole_graph,
        write_extract,
        write_sssom,
    )
    from .fact import (
        SYMMETRIC,
        AgentType,
        Evidence,
        Fact,
        Frequency,
        KnowledgeLevel,
        Predicate,
        Qualifier,
        Sex,
        parse_frequency,
    )
    from .fact_table import FactColumns
    from .fhir import FindName, system_uri
    from .identity import Outcome
    from .importing import Format, ImportFailed, ImportRequest, detect_format
    from .iri import PREFIXES, curie_of, iri_of
    from .onset import ONSET_RANGES, ONSET_YEARS
    from .phenopacket import read_case_json, read_phenopacket
    from .phenopacket_writing import Proposal, Stamp, packet_of
    from .processes import worker_processes
    from .progress import Report, silent
    from .record import Match, MatchKind, Record
    from .rejection import Rejection, Rejections
    from .rules import (
        CaseChecker,
        Correction,
        DiagnosisChecker,
        Rule,
        RuleResult,
        RuleSubject,
        Severity,
        Verdict,
        as_shacl,
        read_all_rules,
        read_rules,
    )
    from .shapes import Breach, Constraint, ShapeSeverity, check_shapes, read_shapes
    from .shard import PREDICATES, Shard
    from .snapshot import Snapshot
    from .source import Source
    from .store import QuadStore
    from .tier import Tier
    from .usable_case import bounded_case, coherent_case
    from .user_sources import import_source, remove_source

_HOMES = {
    "archive": ["ArchivePin", "fetch_archive", "open_member", "sha256_of", "verify", "writing_to"],
    "build": ["build_graph", "open_store", "select_sources"],
    "cache": ["archive_folder", "current_shards", "graph_folder", "is_built", "open_snapshot"],
    "case": [
        "Allergy",
        "Case",
        "Condition",
        "FamilyFinding",
        "Finding",
        "FindingStatus",
        "Medication",
        "MedicationUse",
        "Origin",
    ],
    "catalogue": ["SourceEntry", "fetch_sources", "read_catalogue"],
    "compile": ["snapshot_version"],
    "concept": ["Category", "Concept", "Curie", "Description", "Name", "NameKind", "check_curie", "prefix_of"],
    "errors": [
        "ArchiveUnavailable",
        "BuildInProgress",
        "CacheNotWritable",
        "GraphDamaged",
        "GraphError",
        "GraphNotBuilt",
        "HashMismatch",
        "MalformedCase",
        "MalformedCurie",
        "MalformedFrequency",
        "MalformedQuery",
        "MalformedRule",
        "MalformedShape",
        "MalformedSource",
        "SourceNameTaken",
        "UnknownConcept",
        "UnknownSource",
    ],
    "exporting": [
        "ExportFailed",
        "ExportFormat",
        "fused_matches",
        "neighbourhood",
        "svg",
        "whole_graph",
        "write_extract",
        "write_sssom",
    ],
    "fact": [
        "AgentType",
        "Evidence",
        "Fact",
        "Frequency",
        "KnowledgeLevel",
        "Predicate",
        "Qualifier",
        "SYMMETRIC",
        "Sex",
        "parse_frequency",
    ],
    "fact_table": ["FactColumns"],
    "fhir": ["FindName", "system_uri"],
    "identity": ["Outcome"],
    "importing": ["Format", "ImportFailed", "ImportRequest", "detect_format"],
    "iri": ["PREFIXES", "curie_of", "iri_of"],
    "onset": ["ONSET_RANGES", "ONSET_YEARS"],
    "phenopacket": ["read_case_json", "read_phenopacket"],
    "phenopacket_writing": ["Proposal", "Stamp", "packet_of"],
    "processes": ["worker_processes"],
    "progress": ["Report", "silent"],
    "record": ["Match", "MatchKind", "Record"],
    "rejection": ["Rejection", "Rejections"],
    "rules": [
        "CaseChecker",
        "Correction",
        "DiagnosisChecker",
        "Rule",
        "RuleResult",
        "RuleSubject",
        "Severity",
        "Verdict",
        "as_shacl",
        "read_all_rules",
        "read_rules",
    ],
    "shapes": ["Breach", "Constraint", "ShapeSeverity", "check_shapes", "read_shapes"],
    "shard": ["PREDICATES", "Shard"],
    "snapshot": ["Snapshot"],
    "source": ["Source"],
    "store": ["QuadStore"],
    "tier": ["Tier"],
    "usable_case": ["bounded_case", "coherent_case"],
    "user_sources": ["import_source", "remove_source"],
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ONSET_RANGES",
    "ONSET_YEARS",
    "PREDICATES",
    "PREFIXES",
    "SYMMETRIC",
    "AgentType",
    "Allergy",
    "ArchivePin",
    "ArchiveUnavailable",
    "Breach",
    "BuildInProgress",
    "CacheNotWritable",
    "Case",
    "CaseChecker",
    "Category",
    "Concept",
    "Condition",
    "Constraint",
    "Correction",
    "Curie",
    "Description",
    "DiagnosisChecker",
    "Evidence",
    "ExportFailed",
    "ExportFormat",
    "Fact",
    "FactColumns",
    "FamilyFinding",
    "FindName",
    "Finding",
    "FindingStatus",
    "Format",
    "Frequency",
    "GraphDamaged",
    "GraphError",
    "GraphNotBuilt",
    "HashMismatch",
    "ImportFailed",
    "ImportRequest",
    "KnowledgeLevel",
    "MalformedCase",
    "MalformedCurie",
    "MalformedFrequency",
    "MalformedQuery",
    "MalformedRule",
    "MalformedShape",
    "MalformedSource",
    "Match",
    "MatchKind",
    "Medication",
    "MedicationUse",
    "Name",
    "NameKind",
    "Origin",
    "Outcome",
    "Predicate",
    "Proposal",
    "QuadStore",
    "Qualifier",
    "Record",
    "Rejection",
    "Rejections",
    "Report",
    "Rule",
    "RuleResult",
    "RuleSubject",
    "Severity",
    "Sex",
    "ShapeSeverity",
    "Shard",
    "Snapshot",
    "Source",
    "SourceEntry",
    "SourceNameTaken",
    "Stamp",
    "Tier",
    "UnknownConcept",
    "UnknownSource",
    "Verdict",
    "archive_folder",
    "as_shacl",
    "bounded_case",
    "build_graph",
    "check_curie",
    "check_shapes",
    "coherent_case",
    "curie_of",
    "current_shards",
    "detect_format",
    "fetch_archive",
    "fetch_sources",
    "fused_matches",
    "graph_folder",
    "import_source",
    "iri_of",
    "is_built",
    "neighbourhood",
    "open_member",
    "open_snapshot",
    "open_store",
    "packet_of",
    "parse_frequency",
    "prefix_of",
    "read_all_rules",
    "read_case_json",
    "read_catalogue",
    "read_phenopacket",
    "read_rules",
    "read_shapes",
    "remove_source",
    "select_sources",
    "sha256_of",
    "silent",
    "snapshot_version",
    "svg",
    "system_uri",
    "verify",
    "whole_graph",
    "worker_processes",
    "write_extract",
    "write_sssom",
    "writing_to",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
    globals()[name] = value
    return value
