"""The graph's names compiled to sorted hashes on disk, memory-mapped when read."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kg import Category, Curie, Description, Name, NameKind

from .spelling import open_spelling
from .windows import UInt64s

LEXICON_SCHEMA = 6
"""Version of the files' layout."""

LINKED = (
    Category.PHENOTYPE,
    Category.DISEASE,
    Category.GENE,
    Category.INHERITANCE,
    Category.DRUG,
    Category.CHEMICAL,
    Category.CHEMICAL_ROLE,
)
"""Categories whose concepts are looked for in text."""

KINDS = tuple(NameKind)
"""Kinds of names by their number in the files."""

_COLUMNS = (
    "keys",
    "starts",
    "concept",
    "ordered",
    "plain_bag",
    "surface",
    "kind",
    "flags",
    "curies",
    "category",
    "label_ends",
    "name_words",
    "name_word_ends",
)
FILTER_BITS = 24
"""Low bits of a hash that the filter looks at."""

_CACHED_KEYS = 50_000


class Vocabulary(Protocol):
    """What a lexicon is compiled from; a `kg.Snapshot` is one."""

    @property
    def version(self) -> str:
        """The kg_version."""

    def names(self) -> Iterator[tuple[Curie, Category, Name]]:
        """Every name of every concept."""

    def descriptions(self) -> Iterator[Description]:
        """Texts about concepts; their words are known not to be misspelt."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name under a key of the lexicon; ``concept`` is a row of the lexicon's concepts, the others as in `NameHash`.

    ``surface`` hashes the letters without case, inflected as they are.
    """

    concept: int
    curie: Curie
    category: Category
    ordered: int
    plain_bag: int
    surface: int
    kind: NameKind
    flags: int


@dataclass(frozen=True, slots=True)
class NameColumns:
    """Names as columns: concept row, kind, and where their hashed words begin and end in ``words``, and their sum."""

    concept: NDArray[np.int32]
    kind: NDArray[np.uint8]
    words: UInt64s
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    words_sum: UInt64s


@lru_cache(maxsize=1)
def lexicon_schema() -> str:
    """The layout of the files and a hash of the tables that decide what is in them."""
    tables = b"".join(
        files("retrieval").joinpath(name).read_bytes() for name in ("words.toml", "name_rules.tsv", "cues.tsv")
    )
    return f"{LEXICON_SCHEMA}-{hashlib.sha256(tables).hexdigest()[:12]}"


FINDINGS = "HP:"
"""Identifiers of the vocabulary of findings; other findings give way to it where they share a name."""

GENERIC_WORD = "=abnormality"
"""The word class that says nothing without another word."""


class Lexicon:
    """All names of the linked concepts, found by the hash of their words.

    Opening maps the files into memory and reads nothing. ``keys`` are sorted; the entries of ``keys[i]`` are rows
    ``starts[i]:starts[i+1]`` of the other columns, the closest kind of name first.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        meta = json.loads((folder / "lexicon.json").read_text("utf-8"))
        self.version: str = meta["kg_version"]
        self.n_names: int = meta["n_names"]
        columns: dict[str, NDArray[Any]] = {c: np.load(folder / f"{c}.npy", mmap_mode="r") for c in _COLUMNS}
        self.keys: UInt64s = columns["keys"]
        self._columns = columns
        self._labels = np.load(folder / "labels.npy", mmap_mode="r")
        self._filter = np.load(folder / "filter.npy", mmap_mode="r")
        self.spelling = open_spelling(folder)
        self._categories: tuple[Category, ...] = tuple(Category(value) for value in meta["categories"])
        self.entries = lru_cache(maxsize=_CACHED_KEYS)(self._read_entries)
        """The names under one key, the closest kind first."""
        self.label = lru_cache(maxsize=_CACHED_KEYS)(self._read_label)
        """The label of a concept row."""
        self.word_sets = lru_cache(maxsize=_CACHED_KEYS)(self._read_word_sets)
        """The hashed words of every name of a concept."""
        self._rows_by_concept = lru_cache(maxsize=1)(self._read_rows_by_concept)
        self._curie_order = lru_cache(maxsize=1)(lambda: np.argsort(columns["curies"], kind="stable"))

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def n_concepts(self) -> int:
        """How many concepts have names here."""
        return len(self._columns["curies"])

    def find(self, hashes: UInt64s) -> NDArray[np.int64]:
        """For each hash the index of its key, or -1."""
        low = (hashes & np.uint64((1 << FILTER_BITS) - 1)).astype(np.int64)
        maybe = np.flatnonzero((self._filter[low >> 3] >> (low & 7).astype(np.uint8)) & 1)
        found = np.full(len(hashes), -1, dtype=np.int64)
        if len(maybe) and len(self.keys):
            wanted = hashes[maybe]
            at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
            found[maybe] = np.where(self.keys[at] == wanted, at, -1)
        return found

    def _read_entries(self, key_index: int) -> tuple[Entry, ...]:
        c = self._columns
        rows = range(int(c["starts"][key_index]), int(c["starts"][key_index + 1]))
        return tuple(map(self.entry, rows))

    def entry(self, row: int) -> Entry:
        """The name in one row of the entries."""
        c = self._columns
        concept = int(c["concept"][row])
        return Entry(
            concept,
            self.curie(concept),
            self.category(concept),
            int(c["ordered"][row]),
            int(c["plain_bag"][row]),
            int(c["surface"][row]),
            KINDS[c["kind"][row]],
            int(c["flags"][row]),
        )

    def name_columns(self, categories: frozenset[Category]) -> tuple[UInt64s, NDArray[np.int64], NDArray[np.bool_]]:
        """The hashed words of all names, where each name's end, and which names are of concepts in ``categories``."""
        c = self._columns
        known = np.array([category in categories for category in self._categories], dtype=np.bool_)
        return c["name_words"], c["name_word_ends"], known[np.asarray(c["category"])[np.asarray(c["concept"])]]

    def finding_columns(self, category: Category, prefix: bytes) -> "NameColumns":
        """The names of the concepts of one category whose identifiers begin with ``prefix``."""
        c = self._columns
        wanted = np.asarray(c["category"]) == self._categories.index(category)
        wanted &= np.strings.startswith(np.asarray(c["curies"]), prefix)
        rows = np.flatnonzero(wanted[np.asarray(c["concept"])])
        ends = np.asarray(c["name_word_ends"])
        starts = np.concatenate(([0], ends[:-1]))
        words = np.asarray(c["name_words"])
        sums = np.concatenate(([0], np.cumsum(words))).astype(np.uint64)
        starts, ends = starts[rows], ends[rows]
        kept = ends > starts
        rows, starts, ends = rows[kept], starts[kept], ends[kept]
        return NameColumns(
            np.asarray(c["concept"])[rows], np.asarray(c["kind"])[rows], words, starts, ends, sums[ends] - sums[starts]
        )

    def curie(self, concept: int) -> Curie:
        """The identifier of a concept row."""
        return bytes(self._columns["curies"][concept]).decode("ascii")

    def category(self, concept: int) -> Category:
        """The category of a concept row."""
        return self._categories[int(self._columns["category"][concept])]

    def concept(self, curie: Curie) -> int | None:
        """The row of a concept, or ``None`` if none of its names is looked for."""
        curies = self._columns["curies"]
        order = self._curie_order()
        at = int(np.searchsorted(curies, curie.encode("ascii"), sorter=order))
        found = int(order[at]) if at < len(order) else -1
        return found if found >= 0 and self.curie(found) == curie else None

    def _read_word_sets(self, curie: Curie) -> tuple[frozenset[int], ...]:
        concept = self.concept(curie)
        if concept is None:
            return ()
        order, starts = self._rows_by_concept()
        return tuple({self.words_of_name(int(row)) for row in order[starts[concept] : starts[concept + 1]]})

    def words_of_name(self, row: int) -> frozenset[int]:
        """The hashes of the words of the name in ``row``."""
        ends = self._columns["name_word_ends"]
        start = int(ends[row - 1]) if row else 0
        return frozenset(self._columns["name_words"][start : int(ends[row])].tolist())

    def _read_rows_by_concept(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        concepts = self._columns["concept"]
        order = np.argsort(concepts, kind="stable")
        return order, np.searchsorted(concepts[order], np.arange(len(self._columns["curies"]) + 1))

    def _read_label(self, concept: int) -> str:
        ends = self._columns["label_ends"]
        start = int(ends[concept - 1]) if concept else 0
        return str(self._labels[start : int(ends[concept])].tobytes(), "utf-8")
