"""The files of a snapshot: names and column types, shared by the one who writes and the one who reads."""

from enum import Enum

import pyarrow as pa

from .concept import Category, NameKind
from .fact import AgentType, KnowledgeLevel, Predicate, Sex

SCHEMA_VERSION = 1
"""Raised whenever a file below, or the meaning of a column, changes."""

CATEGORIES = tuple(Category)
NAME_KINDS = tuple(NameKind)
PREDICATES = tuple(Predicate)
SEXES = (None, *Sex)
LEVELS = tuple(KnowledgeLevel)
AGENTS = tuple(AgentType)
"""Enumerations are stored as the position of a value in these tuples."""


class Table(Enum):
    """Arrow files; concept columns hold positions in CONCEPTS, fact columns rows of FACTS."""

    CONCEPTS = pa.schema(
        {
            "curie": pa.string(),  # sorted
            "category": pa.uint8(),
            "label": pa.string(),
            "definition": pa.string(),
            "equivalents": pa.list_(pa.string()),
            "xrefs": pa.list_(pa.string()),
        }
    )
    NAMES = pa.schema(
        {
            "concept": pa.int32(),  # sorted; the label comes first
            "text": pa.string(),
            "kind": pa.uint8(),
            "layperson": pa.bool_(),
            "abbreviation": pa.bool_(),
        }
    )
    ALIASES = pa.schema({"curie": pa.string(), "concept": pa.int32()})  # sorted; every identifier that resolves
    FACTS = pa.schema(
        {
            "subject": pa.int32(),  # sorted by subject, predicate, object
            "predicate": pa.uint8(),
            "object": pa.int32(),
            "negated": pa.uint8(),
            "frequency_low": pa.float32(),  # nan: not given
            "frequency_high": pa.float32(),
            "numerator": pa.int32(),  # -1: not counted
            "denominator": pa.int32(),
            "onset": pa.int32(),  # -1: not given
            "sex": pa.uint8(),
            "modifiers": pa.list_(pa.int32()),
        }
    )
    EVIDENCE = pa.schema(
        {
            "fact": pa.int32(),  # sorted
            "source": pa.dictionary(pa.int16(), pa.string()),
            "release": pa.dictionary(pa.int16(), pa.string()),
            "record": pa.string(),
            "references": pa.list_(pa.string()),
            "code": pa.dictionary(pa.int16(), pa.string()),
            "level": pa.uint8(),
            "agent": pa.uint8(),
        }
    )
    DESCRIPTIONS = pa.schema(
        {
            "concept": pa.int32(),  # sorted
            "title": pa.string(),
            "text": pa.string(),
            "kind": pa.dictionary(pa.int16(), pa.string()),
            "source": pa.dictionary(pa.int16(), pa.string()),
            "release": pa.dictionary(pa.int16(), pa.string()),
            "reference": pa.string(),
        }
    )

    @property
    def filename(self) -> str:
        """The file's name inside the snapshot folder."""
        return f"{self.name.lower()}.arrow"


MANIFEST = "manifest.json"
CONFLICTS = "identity-conflicts.tsv"
BY_OBJECT = "facts-by-object.npy"  # fact rows sorted by object
CLOSURE = ("closure-indptr.npy", "closure-indices.npy")  # subclass_of closure in CSR form, rows include themselves
