"""Compiling the graph's names to the files of a `Lexicon`: once for each graph and each state of the word tables."""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg import Category, Curie, Name, NameKind, Report, silent

from .lexicon import FILTER_BITS, FINDINGS, GENERIC_WORD, KINDS, LINKED, Lexicon, Vocabulary, lexicon_schema
from .name_rules import NameFlag, writing_rule
from .normalise import Normaliser, TokenKind, hash_letters, word_tables, words_of
from .spelling import spelling_of, write_spelling
from .windows import WordTable, hash_names, rows_of_name


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
        names.add(concepts[curie], curie, category, name)
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
        self.spelling = spelling_of(
            (
                words_of(name.text)
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

    def add(self, concept: int, curie: Curie, category: Category, name: Name) -> None:
        """Add a name in the forms in which it is looked for."""
        written = writing_rule(category, name)
        if written is None:
            return
        text, flags = written
        if not flags & NameFlag.CASED and not self._is_telling(text):
            return
        finding = category is Category.PHENOTYPE and curie.startswith(FINDINGS)
        self._append(text, (concept, KINDS.index(name.kind), int(flags), finding, False))
        first, _, rest = text.partition(" ")
        if finding and rest and self._table.form(first).spread:
            self._append(rest, (concept, KINDS.index(NameKind.RELATED), 0, True, True))

    def _is_telling(self, text: str) -> bool:
        """Whether words of a name say what it names; "THE syndrome" has none, of "AT-10" only a number is looked at."""
        words = words_of(text)
        if " " not in text and sum(map(self._is_content, words)) < sum(map(str.isalnum, words)) and len(words) < 4:
            return False
        return any(map(self._says_something, words))

    def _is_content(self, word: str) -> bool:
        return self._table.form(word).kind is TokenKind.CONTENT

    def _says_something(self, word: str) -> bool:
        """Whether a word of a name is more than "her", "congenital", "disease" or a number."""
        form = self._table.form(word)
        return form.kind is TokenKind.CONTENT and not (
            form.silent
            or form.qualifier
            or form.word == GENERIC_WORD
            or form.plain in self._generic_nouns
            or not any(c.isalpha() for c in form.plain)
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
    bits = np.zeros(1 << (FILTER_BITS - 3), dtype=np.uint8)
    low = (keys & np.uint64((1 << FILTER_BITS) - 1)).astype(np.int64)
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
