"""The lexicon is compiled once, completely, and the same each time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kg import Category, Curie, Description, Name, NameKind
from retrieval.lexicon import Lexicon, Vocabulary
from retrieval.lexicon_building import compile_lexicon, open_lexicon
from retrieval.name_rules import NameFlag, writing_rule
from retrieval.normalise import Normaliser, words_of
from retrieval.windows import WordTable, hash_names, rows_of_name


class Newer:
    """The same vocabulary under another version."""

    version = "test-2"

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def names(self) -> Iterator[tuple[Curie, Category, Name]]:
        return self._vocabulary.names()

    def descriptions(self) -> Iterator[Description]:
        return self._vocabulary.descriptions()


def _key_of(lexicon: Lexicon, name: str) -> int:
    table = WordTable(Normaliser())
    return int(lexicon.find(hash_names([rows_of_name(words_of(name), table)], table).bag)[0])


def test_every_name_is_found(lexicon: Lexicon) -> None:
    entries = lexicon.entries(_key_of(lexicon, "anomaly of kidneys"))
    assert {lexicon.curie(entry.concept) for entry in entries} == {"HP:0000077"}
    assert lexicon.label(entries[0].concept) == "Abnormality of the kidney"
    assert entries[0].category is Category.PHENOTYPE


def test_unknown_words_are_not_found(lexicon: Lexicon) -> None:
    assert _key_of(lexicon, "entirely unknown words") == -1


def test_compiling_twice_gives_the_same_bytes(vocabulary: Vocabulary, tmp_path: Path) -> None:
    for name in ("one", "two"):
        compile_lexicon(vocabulary, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "two").iterdir())
    assert all((tmp_path / "one" / f).read_bytes() == (tmp_path / "two" / f).read_bytes() for f in files)


def test_it_is_compiled_again_for_another_graph(vocabulary: Vocabulary, tmp_path: Path) -> None:
    folder = tmp_path / "lexicon"
    first = open_lexicon(vocabulary, folder)
    stamp = (folder / "keys.npy").stat().st_mtime_ns
    assert open_lexicon(vocabulary, folder).version == first.version == "test-1"
    assert (folder / "keys.npy").stat().st_mtime_ns == stamp
    assert open_lexicon(Newer(vocabulary), folder).version == "test-2"


@pytest.mark.parametrize("damage", ["", "{", '{"kg_version": "test-1"}'])
def test_a_damaged_lexicon_is_compiled_again(vocabulary: Vocabulary, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "lexicon"
    folder.mkdir()
    (folder / "lexicon.json").write_text(damage)
    assert len(open_lexicon(vocabulary, folder)) > 10


def test_a_failed_build_leaves_the_old_lexicon(vocabulary: Vocabulary, tmp_path: Path) -> None:
    folder = tmp_path / "lexicon"
    compile_lexicon(vocabulary, folder)

    class Broken(Newer):
        def names(self) -> Iterator[tuple[Curie, Category, Name]]:
            yield from list(super().names())[:3]
            raise RuntimeError("the power failed")

    with pytest.raises(RuntimeError):
        compile_lexicon(Broken(vocabulary), folder)
    assert Lexicon(folder).version == "test-1"
    assert [path.name for path in tmp_path.iterdir()] == ["lexicon"]


def test_no_names_at_all(tmp_path: Path) -> None:
    class Empty:
        version = "empty"

        def names(self) -> Iterator[tuple[Curie, Category, Name]]:
            return iter(())

        def descriptions(self) -> Iterator[Description]:
            return iter(())

    lexicon = compile_lexicon(Empty(), tmp_path / "lexicon")
    assert len(lexicon) == 0
    assert lexicon.find(np.array([1], dtype=np.uint64)).tolist() == [-1]


@pytest.mark.parametrize(
    ("category", "text", "kind", "flags"),
    [
        (Category.DISEASE, "can", NameKind.EXACT, None),
        (Category.DISEASE, "disease", NameKind.LABEL, None),
        (Category.DISEASE, "bor", NameKind.EXACT, NameFlag.CASED),
        (Category.DISEASE, "gout", NameKind.LABEL, NameFlag.NONE),
        (Category.GENE, "WAS", NameKind.LABEL, NameFlag.CASED | NameFlag.GENETIC),
        (Category.GENE, "FBN1", NameKind.LABEL, NameFlag.CASED),
        (Category.DISEASE, "CF", NameKind.EXACT, NameFlag.CASED | NameFlag.SHORT),
        (Category.PHENOTYPE, "Seizure", NameKind.LABEL, NameFlag.NONE),
    ],
)
def test_how_names_must_be_written(category: Category, text: str, kind: NameKind, flags: NameFlag | None) -> None:
    rule = writing_rule(category, Name(text, kind))
    assert (None if rule is None else rule[1]) == flags
