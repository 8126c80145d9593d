"""A small vocabulary to read texts with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg import Category, Curie, Description, Name, NameKind
from retrieval.lexicon import Lexicon
from retrieval.lexicon_building import compile_lexicon
from retrieval.pipeline import Reader

HP, MONDO, GENE = Category.PHENOTYPE, Category.DISEASE, Category.GENE

NAMES: list[tuple[Curie, Category, list[str]]] = [
    ("HP:0001250", HP, ["Seizure", "Seizures", "Epileptic seizure"]),
    ("HP:0002650", HP, ["Scoliosis"]),
    ("HP:0001252", HP, ["Hypotonia", "Low muscle tone"]),
    ("HP:0001945", HP, ["Fever", "Pyrexia"]),
    ("HP:0012735", HP, ["Cough"]),
    ("HP:0002315", HP, ["Headache"]),
    ("HP:0001344", HP, ["Absent speech"]),
    ("HP:0000365", HP, ["Hearing impairment", "Hearing loss"]),
    ("HP:0000407", HP, ["Sensorineural hearing impairment", "Sensorineural hearing loss"]),
    ("HP:0000077", HP, ["Abnormality of the kidney", "Renal anomalies"]),
    ("HP:0000598", HP, ["Abnormality of the ear", "Ear anomaly"]),
    ("HP:0009461", HP, ["Short 3rd finger"]),
    ("HP:0009280", HP, ["Short 4th finger"]),
    ("HP:0009601", HP, ["Aplasia/Hypoplasia of the thumb"]),
    ("HP:0009778", HP, ["Short thumb", "Hypoplastic thumb"]),
    ("HP:0010864", HP, ["Intellectual disability, severe"]),
    ("HP:0001249", HP, ["Intellectual disability"]),
    ("HP:0000369", HP, ["Low-set ears"]),
    ("HP:0004467", HP, ["Preauricular pit"]),
    ("HP:0001251", HP, ["Ataxia"]),
    ("HP:0000006", Category.INHERITANCE, ["Autosomal dominant inheritance", "Autosomal dominant"]),
    ("MONDO:0005392", MONDO, ["scoliosis"]),
    ("MONDO:0007947", MONDO, ["Marfan syndrome", "MFS"]),
    ("MONDO:0007029", MONDO, ["branchiootorenal syndrome", "branchio-oto-renal syndrome"]),
    ("MONDO:0005267", MONDO, ["heart disorder", "can"]),
    ("MONDO:0009061", MONDO, ["cystic fibrosis", "CF"]),
    ("HGNC:3603", GENE, ["FBN1"]),
    ("HP:0000303", HP, ["Mandibular prognathia", "Mandibular hyperplasia"]),
    ("HP:0011355", HP, ["Localized skin lesion"]),
    ("local:finding-skin-lesions", HP, ["skin lesions"]),
    ("DRUGBANK:DB01070", Category.DRUG, ["Dihydrotachysterol", "AT-10", "10"]),
    ("MESH:D000080822", MONDO, ["Relative Energy Deficiency in Sport", "RED-S"]),
    ("MONDO:0001162", MONDO, ["impulse control disorder", "ICD"]),
    ("MONDO:0008763", MONDO, ["Alstr\u00f6m syndrome"]),
    ("MONDO:0007191", MONDO, ["Beh\u00e7et disease"]),
    ("HGNC:12731", GENE, ["WAS"]),
]


class SmallVocabulary:
    """A vocabulary that calls every HP term a finding."""

    version = "test-1"

    def names(self) -> Iterator[tuple[Curie, Category, Name]]:
        for curie, category, texts in NAMES:
            for at, text in enumerate(texts):
                yield curie, category, Name(text, NameKind.EXACT if at else NameKind.LABEL)

    def descriptions(self) -> Iterator[Description]:
        return iter(())

    def is_a(self, child: str, parent: str) -> bool:
        return parent in (child, "HP:0000118") and child.startswith("HP:")


@pytest.fixture(scope="session")
def vocabulary() -> SmallVocabulary:
    return SmallVocabulary()


@pytest.fixture(scope="session")
def lexicon(vocabulary: SmallVocabulary, tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    folder: Path = tmp_path_factory.mktemp("graph") / "lexicon"
    return compile_lexicon(vocabulary, folder)


@pytest.fixture(scope="session")
def reader(vocabulary: SmallVocabulary, lexicon: Lexicon) -> Reader:
    return Reader(vocabulary, lexicon)
