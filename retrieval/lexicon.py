"""The graph's names compiled to sorted hashes on disk, memory-mapped when read."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kg import Category, Curie, Description, Name, NameKind, Report, silent

from .name_rules import NameFlag, writing_rule
from .normalise import Normaliser, TokenKind, hash_letters, word_tables, words_of
from .spelling import open_spelling, spelling_of, write_spelling
from .windows import UInt64s, WordTable, hash_names, rows_of_name

LEXICON_SCHEMA = 4
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

_KINDS = tuple(NameKind)
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
_FILTER_BITS = 24
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


@lru_cache(maxsize=1)
def lexicon_schema() -> str:
    """The layout of the files and a hash of the tables that decide what is in them."""
    tables = b"".join(
        files("retrieval").joinpath(name).read_bytes() for name in ("words.toml", "name_rules.tsv", "cues.tsv")
    )
    return f"{LEXICON_SCHEMA}-{hashlib.sha256(tables).hexdigest()[:12]}"


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

    def find(self, hashes: UInt64s) -> NDArray[np.int64]:
        """For each hash the index of its key, or -1."""
        low = (hashes & np.uint64((1 << _FILTER_BITS) - 1)).astype(np.int64)
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
            _KINDS[c["kind"][row]],
            int(c["flags"][row]),
        )

    def name_columns(self, categories: frozenset[Category]) -> tuple[UInt64s, NDArray[np.int64], NDArray[np.bool_]]:
        """The hashed words of all names, where each name's end, and which names are of concepts in ``categories``."""
        c = self._columns
        known = np.array([category in categories for category in self._categories], dtype=np.bool_)
        return c["name_words"], c["name_word_ends"], known[np.asarray(c["category"])[np.asarray(c["concept"])]]

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


def open_lexicon(vocabulary: Vocabulary, folder: Path, report: Report = silent) -> Lexicon:
    """The lexicon of ``vocabulary`` in ``folder``, compiled first if it is missing, broken or of another version."""
    try:
        meta = json.loads((folder / "lexicon.json").read_text("utf-8"))
        if (meta["kg_version"], meta["schema"]) == (vocabulary.version, lexicon_schema()):
            return Lexicon(folder)
    except (OSError, ValueError, KeyError):
        pass
    return compile_lexicon(vocabulary, folder, report)


def compile_lexicon(vocabulary: Vocabulary, folder: Path, report: Report = silent) -> Lexicon:
    """Compile every name to ``folder`` and open it. Written beside it and renamed: a killed build leaves the old one.

    Raises:
        OSError: the folder cannot be written to.
    """
    report("Compiling the lexicon", 0, 1)
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        _write(vocabulary, scratch)
        scratch.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    report("Compiling the lexicon", 1, 1)
    return Lexicon(folder)


def _write(vocabulary: Vocabulary, folder: Path) -> None:
    concepts: dict[Curie, int] = {}
    categories: list[Category] = []
    labels: list[str] = []
    names = _Names(vocabulary)
    for curie, category, name in vocabulary.names():
        if category not in LINKED:
            continue
        if curie not in concepts:
            concepts[curie] = len(concepts)
            categories.append(category)
            labels.append(name.text)
        if name.kind is NameKind.LABEL:
            labels[concepts[curie]] = name.text
        names.add(concepts[curie], category, name)
    columns = names.columns()
    n_names = _write_entries(columns, folder)
    _write_words(names.words_of_rows(columns["source"]), folder)
    write_spelling(names.spelling, folder)
    _write_concepts(list(concepts), categories, [label.encode("utf-8", "replace") for label in labels], folder)
    meta = {
        "kg_version": vocabulary.version,
        "schema": lexicon_schema(),
        "n_names": n_names,
        "categories": [str(category) for category in Category],
    }
    (folder / "lexicon.json").write_text(json.dumps(meta, indent=1), "utf-8")


class _Names:
    """Names on their way into the lexicon, one list a column."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        plain = lru_cache(maxsize=None)(Normaliser().plain_form)
        self.spelling = spelling_of(
            (
                [plain(word) for word in words_of(name.text)]
                for _, category, name in vocabulary.names()
                if category in LINKED and category is not Category.GENE
            ),
            (description.text for description in vocabulary.descriptions()),
        )
        # Names are taken as they are written: only their compounds are joined.
        self._table = WordTable(Normaliser(), self.spelling, correct=False)
        self._generic_nouns = frozenset(word_tables()["generic"]["words"])
        self._rows: list[list[int]] = []
        self._numbers: list[tuple[int, int, int, bool, bool]] = []  # concept, kind, flags, finding, shortened
        self._surface: list[int] = []
        self._letters: list[int] = []

    def add(self, concept: int, category: Category, name: Name) -> None:
        """Add a name in the forms in which it is looked for."""
        written = writing_rule(category, name)
        if written is None:
            return
        text, flags = written
        if not flags & NameFlag.CASED and not any(map(self._says_something, words_of(text))):
            return
        finding = category is Category.PHENOTYPE
        self._append(text, (concept, _KINDS.index(name.kind), int(flags), finding, False))
        first, _, rest = text.partition(" ")
        if finding and rest and self._table.form(first).spread:
            self._append(rest, (concept, _KINDS.index(NameKind.RELATED), 0, True, True))

    def _says_something(self, word: str) -> bool:
        """Whether a word of a name is more than "her", "congenital" or "disease"; "THE syndrome" has none."""
        form = self._table.form(word)
        return form.kind is TokenKind.CONTENT and not (
            form.silent or form.qualifier or form.word == GENERIC_WORD or form.plain in self._generic_nouns
        )

    def _append(self, text: str, numbers: tuple[int, int, int, bool, bool]) -> None:
        self._rows.append(rows_of_name(words_of(text), self._table))
        self._numbers.append(numbers)
        self._surface.append(hash_letters(text.casefold()))
        self._letters.append(hash_letters(text) if numbers[2] & NameFlag.CASED else 0)

    def columns(self) -> dict[str, NDArray[Any]]:
        """The columns, sorted by key; each form of a concept once, under its closest kind.

        A name shortened by its first word gives way to the names of other findings.
        """
        hashes = hash_names(self._rows, self._table)
        stemmed = np.array(
            [not any(self._table.forms[row].curated for row in rows) for rows in self._rows], dtype=np.bool_
        )
        numbers = np.asarray(self._numbers, dtype=np.int64).reshape(-1, 5)
        concept, kind, flags, finding, shortened = numbers.T
        cased = flags & NameFlag.CASED != 0
        columns = {
            "bag": hashes.bag,
            "kind": kind,
            "concept": concept,
            "ordered": np.where(cased, np.asarray(self._letters, dtype=np.uint64), hashes.ordered),
            "surface": np.asarray(self._surface, dtype=np.uint64),
            "plain_bag": hashes.plain_bag,
            "flags": flags | np.where(hashes.n_content == 1, int(NameFlag.SINGLE) + stemmed * int(NameFlag.STEMMED), 0),
            "source": np.arange(len(concept)),
        }
        known = hashes.ordered[(finding == 1) & (shortened == 0)]
        keep = (hashes.n_content > 0) & (hashes.bag != 0) & ~((shortened == 1) & np.isin(hashes.ordered, known))
        order = np.lexsort([column[keep] for column in reversed(columns.values())])
        columns = {name: column[keep][order] for name, column in columns.items()}
        identity = np.stack(
            [columns[name].astype(np.uint64) for name in ("bag", "concept", "ordered", "surface")], axis=1
        )
        _, first = np.unique(identity, axis=0, return_index=True)
        return {name: column[np.sort(first)] for name, column in columns.items()}

    def words_of_rows(self, sources: NDArray[np.int64]) -> list[list[int]]:
        """The hashes of the words of names, each word once; ``sources`` is the column of that name."""
        table = self._table
        return [sorted({table.bag_hash[row] for row in self._rows[at] if table.bag_hash[row]}) for at in sources]


def _write_entries(columns: dict[str, NDArray[Any]], folder: Path) -> int:
    keys, first = np.unique(columns["bag"], return_index=True)
    np.save(folder / "keys.npy", keys)
    np.save(folder / "starts.npy", np.append(first, len(columns["bag"])).astype(np.uint32))
    types = {"concept": np.int32, "kind": np.uint8, "flags": np.uint8}
    for name in ("concept", "ordered", "plain_bag", "surface", "kind", "flags"):
        np.save(folder / f"{name}.npy", columns[name].astype(types.get(name, np.uint64)))
    bits = np.zeros(1 << (_FILTER_BITS - 3), dtype=np.uint8)
    low = (keys & np.uint64((1 << _FILTER_BITS) - 1)).astype(np.int64)
    np.bitwise_or.at(bits, low >> 3, (1 << (low & 7)).astype(np.uint8))
    np.save(folder / "filter.npy", bits)
    return len(columns["bag"])


def _write_words(words: list[list[int]], folder: Path) -> None:
    np.save(folder / "name_words.npy", np.array([word for row in words for word in row], dtype=np.uint64))
    np.save(folder / "name_word_ends.npy", np.cumsum([len(row) for row in words], dtype=np.int64))


def _write_concepts(curies: list[Curie], categories: list[Category], labels: list[bytes], folder: Path) -> None:
    order = tuple(Category)
    np.save(folder / "curies.npy", np.array([curie.encode("ascii") for curie in curies], dtype="S"))
    np.save(folder / "category.npy", np.array([order.index(category) for category in categories], dtype=np.uint8))
    np.save(folder / "label_ends.npy", np.cumsum([len(label) for label in labels], dtype=np.int64))
    np.save(folder / "labels.npy", np.frombuffer(b"".join(labels), dtype=np.uint8))
