"""Concepts are found in the wordings that clinicians use."""

import pytest

from kg import Category
from retrieval.linker import spells
from retrieval.pipeline import Reader


def curies(reader: Reader, text: str, prefer: Category = Category.PHENOTYPE) -> list[str]:
    return [mention.curie for mention in reader.mentions(text, prefer=prefer)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seizures", ["HP:0001250"]),
        ("HYPOTONIA was noted", ["HP:0001252"]),
        ("renal malformation", ["HP:0000077"]),
        ("malformations of the kidneys", ["HP:0000077"]),
        ("sensorineural hearing loss", ["HP:0000407"]),
        ("hearing\nloss", ["HP:0000365"]),
        ("severe intellectual disability", ["HP:0010864"]),
        ("Intellectual disability, severe, and ataxia", ["HP:0010864", "HP:0001251"]),
        ("otic and renal anomalies", ["HP:0000598", "HP:0000077"]),
        ("short third and fourth fingers", ["HP:0009280", "HP:0009461"]),
        ("low set ears", ["HP:0000369"]),
        ("pre-auricular pits", ["HP:0004467"]),
        ("pre auricular", []),
        ("hypoplastic left thumb", ["HP:0009778"]),
        ("Branchio-oto-renal (BOR) syndrome", ["MONDO:0007029"]),
        ("Marfan's syndrome", ["MONDO:0007947"]),
        ("Alstrm syndrome and Behet disease", ["MONDO:0008763", "MONDO:0007191"]),
        ("skin lesions", ["HP:0011355"]),
        ("renal involvement", ["HP:0000077"]),
        ("hyperplasia of the mandible", ["HP:0000303"]),
        ("an ICD-like picture", ["MONDO:0001162"]),
    ],
)
def test_wordings(reader: Reader, text: str, expected: list[str]) -> None:
    assert sorted(curies(reader, text)) == sorted(expected)


@pytest.mark.parametrize(
    "text",
    [
        "He can walk.",
        "It was seen.",
        "loss and hearing",
        "speech. Absent",
        "short stature; third finger",
        "mfs",
        "CF was seen",
        "all red, 10 of 12",
        "AT-10 was measured",
        "coded in ICD-10",
        "hyperplasia of the mandibular condyle",
    ],
)
def test_what_is_no_mention(reader: Reader, text: str) -> None:
    assert curies(reader, text) == []


def test_the_longest_wins_and_nesting_is_an_option(reader: Reader) -> None:
    text = "sensorineural hearing loss"
    assert [m.curie for m in reader.mentions(text)] == ["HP:0000407"]
    assert {m.curie for m in reader.mentions(text, nested=True)} == {"HP:0000407", "HP:0000365"}


def test_a_shared_name_follows_the_preference(reader: Reader) -> None:
    (finding,) = reader.mentions("scoliosis", prefer=Category.PHENOTYPE)
    (disease,) = reader.mentions("scoliosis", prefer=Category.DISEASE)
    assert (finding.curie, finding.alternatives) == ("HP:0002650", ("MONDO:0005392",))
    assert (disease.curie, disease.alternatives) == ("MONDO:0005392", ("HP:0002650",))


def test_symbols_that_are_words_need_a_gene_nearby(reader: Reader) -> None:
    assert curies(reader, "WAS") == []
    assert curies(reader, "a variant of WAS") == ["HGNC:12731"]
    assert curies(reader, "FBN1") == ["HGNC:3603"]
    assert curies(reader, "fbn1") == []


def test_short_acronyms_count_in_questions_or_where_defined(reader: Reader) -> None:
    assert curies(reader, "What causes CF?", Category.DISEASE) == ["MONDO:0009061"]
    assert curies(reader, "Cystic fibrosis (CF) is rare. CF is treated.") == ["MONDO:0009061"] * 3


def test_scores_fall_with_distance(reader: Reader) -> None:
    scores = [reader.mentions(text)[0].score for text in ("Hypotonia", "muscle tone low", "kidney malformation")]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1.0


def test_categories_restrict(reader: Reader) -> None:
    text = "Marfan syndrome with scoliosis"
    found = reader.mentions(text, categories=frozenset({Category.DISEASE}))
    assert [m.curie for m in found] == ["MONDO:0007947", "MONDO:0005392"]


@pytest.mark.parametrize(
    ("short", "long_form", "expected"), [("BOR", "branchio-oto-renal", True), ("MRI", "renal", False)]
)
def test_spells(short: str, long_form: str, expected: bool) -> None:
    assert spells(short, long_form) is expected
