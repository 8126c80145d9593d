"""The files of a snapshot: names and column types, shared by the one who writes and the one who reads."""

from enum import Enum

import pyarrow as pa

from .identity import Outcome

SCHEMA_VERSION = 2
"""Raised whenever a file below, or the meaning of a column, changes."""

OUTCOMES = tuple(Outcome)
"""Stored as positions, like the enumerations of `kg.shard`."""


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
            "modifiers": pa.list_(pa.int32()),  # -1: not in the graph
            "qualifier_kinds": pa.list_(pa.uint8()),
            "qualifier_texts": pa.list_(pa.string()),
        }
    )
    EVIDENCE = pa.schema(
        {
            "fact": pa.int32(),  # sorted
            "source": pa.uint16(),  # position in the manifest's sources
            "record": pa.string(),
            "references": pa.list_(pa.string()),
            "code": pa.string(),
            "level": pa.uint8(),
            "agent": pa.uint8(),
            "quote": pa.string(),
            "publication_count": pa.int32(),  # null: not counted
        }
    )
    DESCRIPTIONS = pa.schema(
        {
            "concept": pa.int32(),  # sorted; -1: about none in particular
            "source": pa.uint16(),
            "title": pa.string(),
            "text": pa.string(),
            "kind": pa.string(),
            "reference": pa.string(),
            "year": pa.int32(),  # null: not known
        }
    )
    MAPPINGS = pa.schema(
        {
            "subject": pa.string(),  # sorted by subject and object
            "object": pa.string(),
            "kind": pa.uint8(),
            "source": pa.uint16(),
            "justification": pa.string(),
            "outcome": pa.uint8(),
        }
    )

    @property
    def filename(self) -> str:
        """The file's name inside the snapshot folder."""
        return f"{self.name.lower()}.arrow"


MANIFEST = "manifest.json"
CONFLICTS = "identity-conflicts.tsv"
CYCLES = "hierarchy-cycles.tsv"
BY_OBJECT = "facts-by-object.npy"  # fact rows sorted by object
CLOSURE = ("closure-indptr.npy", "closure-indices.npy")  # subclass_of closure in CSR form, rows include themselves
