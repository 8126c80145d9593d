"""A vocabulary for letters: findings that values and plain words mean, diseases, medicines."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg import Category, Curie, Description, Name, NameKind
from retrieval.lay import read_phrases
from retrieval.lexicon import Lexicon
from retrieval.lexicon_building import compile_lexicon
from retrieval.measurements import read_table
from retrieval.pipeline import Reader

HP, MONDO, DRUG = Category.PHENOTYPE, Category.DISEASE, Category.DRUG

NAMES: list[tuple[Curie, Category, list[str]]] = [
    ("HP:0001250", HP, ["Seizure", "Seizures"]),
    ("HP:0002315", HP, ["Headache"]),
    ("HP:0001251", HP, ["Ataxia"]),
    ("HP:0000988", HP, ["Skin rash", "Rash"]),
    ("HP:0002099", HP, ["Asthma"]),
    ("HP:0000364", HP, ["Hearing abnormality", "Abnormal hearing"]),
    ("HP:0001627", HP, ["Abnormal heart morphology", "Abnormality of the heart"]),
    ("HP:0000006", Category.INHERITANCE, ["Autosomal dominant inheritance"]),
    ("MONDO:0004979", MONDO, ["asthma"]),
    ("MONDO:0007947", MONDO, ["Marfan syndrome"]),
    ("MONDO:0005148", MONDO, ["type 2 diabetes mellitus", "type 2 diabetes"]),
    ("HGNC:3603", Category.GENE, ["FBN1"]),
    ("DRUGBANK:DB01202", DRUG, ["Levetiracetam"]),
    ("DRUGBANK:DB00331", DRUG, ["Metformin"]),
    ("DRUGBANK:DB00313", DRUG, ["Valproic acid", "Valproate"]),
    ("DRUGBANK:DB00555", DRUG, ["Lamotrigine"]),
    ("CHEBI:17334", Category.CHEMICAL, ["penicillin"]),
    ("DRUGBANK:DB00945", DRUG, ["Aspirin"]),
    ("CHEBI:29101", Category.CHEMICAL, ["sodium"]),
]


class LetterVocabulary:
    """The names above, and a made-up label for every finding of the tables of values and phrases."""

    version = "letters-1"

    def names(self) -> Iterator[tuple[Curie, Category, Name]]:
        known = {curie for curie, _, _ in NAMES}
        for curie, category, texts in NAMES:
            for at, text in enumerate(texts):
                yield curie, category, Name(text, NameKind.EXACT if at else NameKind.LABEL)
        table = read_table()
        told = {curie for analyte in table.analytes.values() for curie in analyte.findings}
        told |= {curie for growth in table.growth.values() for curie in (growth.low, growth.high)}
        for curie in sorted((told | set(read_phrases().values())) - known):
            yield curie, HP, Name(f"Zzfinding{curie.removeprefix('HP:')} xyxy", NameKind.LABEL)

    def descriptions(self) -> Iterator[Description]:
        return iter(())

    def is_a(self, child: str, parent: str) -> bool:
        return parent in (child, "HP:0000118") and child.startswith("HP:")


@pytest.fixture(scope="session")
def letters() -> LetterVocabulary:
    return LetterVocabulary()


@pytest.fixture(scope="session")
def letter_lexicon(letters: LetterVocabulary, tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    folder: Path = tmp_path_factory.mktemp("letters") / "lexicon"
    return compile_lexicon(letters, folder)


@pytest.fixture(scope="session")
def letter_reader(letters: LetterVocabulary, letter_lexicon: Lexicon) -> Reader:
    return Reader(letters, letter_lexicon)
