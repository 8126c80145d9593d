"""The medical knowledge graph (floor 1).

Owns concepts, facts with evidence, source readers, identity fusion, the quad store and SPARQL, the snapshot, graph
queries, graph rules and the patient case. Does not know torch, transformers or text.
"""

from .archive import ArchivePin, fetch_archive, open_member, sha256_of, verify, writing_to
from .build import (
    archive_folder,
    build_graph,
    graph_folder,
    graph_version,
    is_built,
    open_snapshot,
    open_store,
    select_sources,
)
from .case import Case, Finding, FindingStatus
from .catalogue import SourceEntry, fetch_sources, read_catalogue
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
    MalformedSource,
    UnknownConcept,
    UnknownSource,
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
from .iri import PREFIXES, curie_of, iri_of
from .phenopacket import ONSET_YEARS, read_phenopacket
from .progress import Report, silent
from .record import Match, MatchKind, Record
from .rejection import Rejection, Rejections
from .rules import DiagnosisChecker, Rule, RuleResult, Severity, Verdict, read_rules
from .snapshot import FactColumns, Snapshot
from .store import QuadStore
from .tier import Tier

__all__ = [
    "ONSET_YEARS",
    "PREFIXES",
    "SYMMETRIC",
    "AgentType",
    "ArchivePin",
    "ArchiveUnavailable",
    "BuildInProgress",
    "CacheNotWritable",
    "Case",
    "Category",
    "Concept",
    "Curie",
    "Description",
    "DiagnosisChecker",
    "Evidence",
    "Fact",
    "FactColumns",
    "Finding",
    "FindingStatus",
    "Frequency",
    "GraphDamaged",
    "GraphError",
    "GraphNotBuilt",
    "HashMismatch",
    "KnowledgeLevel",
    "MalformedCase",
    "MalformedCurie",
    "MalformedFrequency",
    "MalformedQuery",
    "MalformedRule",
    "MalformedSource",
    "Match",
    "MatchKind",
    "Name",
    "NameKind",
    "Predicate",
    "QuadStore",
    "Qualifier",
    "Record",
    "Rejection",
    "Rejections",
    "Report",
    "Rule",
    "RuleResult",
    "Severity",
    "Sex",
    "Snapshot",
    "SourceEntry",
    "Tier",
    "UnknownConcept",
    "UnknownSource",
    "Verdict",
    "archive_folder",
    "build_graph",
    "check_curie",
    "curie_of",
    "fetch_archive",
    "fetch_sources",
    "graph_folder",
    "graph_version",
    "iri_of",
    "is_built",
    "open_member",
    "open_snapshot",
    "open_store",
    "parse_frequency",
    "prefix_of",
    "read_catalogue",
    "read_phenopacket",
    "read_rules",
    "select_sources",
    "sha256_of",
    "silent",
    "verify",
    "writing_to",
]
