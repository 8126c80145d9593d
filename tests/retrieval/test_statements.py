"""Statements: recognised by their form, judged by recorded facts, and false only where a fact contradicts them."""

from pathlib import Path

import pytest

from kg import Snapshot
from retrieval import Judgement
from retrieval.facts.statement import is_statement, without_negation
from tests.retrieval.asked import asked_graph, find

T, F, U = Judgement.TRUE, Judgement.FALSE, Judgement.UNKNOWN


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder: Path = tmp_path_factory.mktemp("asked")
    return asked_graph(folder)


JUDGED = [
    ("Marfan syndrome associates Gene FBN1", T),
    ("Marfan syndrome is associated with FBN1.", T),
    ("MARFAN SYNDROME (disorder) is not associated with Gene FBN1", F),
    ("Mutations in FBN1 cause Marfan syndrome", T),
    ("Marfan syndrome is caused by pathogenic variants in FBN1", T),
    ("Marfan syndrome associates Gene TGFBR1", U),
    ("Marfan syndrome is not associated with Gene TGFBR1", U),
    ("Loeys-Dietz syndrome associates Gene TGFBR1", T),
    ("losartan treats Marfan syndrome", T),
    ("losartan does not treat Marfan syndrome", F),
    ("Marfan syndrome is treated with losartan", T),
    ("warfarin treats Marfan syndrome", U),
    ("Marfan syndrome is a connective tissue disorder", T),
    ("Marfan syndrome is not a connective tissue disorder", F),
    ("connective tissue disorder is a Marfan syndrome", F),
    ("connective tissue disorder is not a Marfan syndrome", T),
    ("Marfan syndrome is a heart failure", U),
    ("Marfan syndrome is a autosomal dominant disease", T),
    ("Marfan syndrome is not an autosomal dominant disease", F),
    ("Marfan syndrome shows autosomal dominant inheritance", T),
    ("Marfan syndrome shows autosomal recessive inheritance", U),
    ("Marfan syndrome causes ectopia lentis", T),
    ("Ectopia lentis is a sign of Marfan syndrome", T),
    ("Marfan syndrome causes seizure", F),
    ("Marfan syndrome does not cause seizure", T),
    ("warfarin interacts with fluconazole", T),
    ("warfarin does not interact with fluconazole", F),
    ("warfarin interacts with paracetamol", U),
    ("verapamil is contraindicated in acute heart failure", T),
    ("smoking is a risk factor for heart failure", T),
    ("Disease ontology identifier for Marfan syndrome is DOID:14323", T),
    ("Disease ontology identifier for Marfan syndrome is not DOID:14323", F),
    ("Disease ontology identifier for Marfan syndrome is DOID:50466", F),
    ("Disease ontology identifier for Marfan syndrome is DOID:99999", F),
    ("The OMIM number of Marfan syndrome is 154700", T),
    ("The ICD-10 code of Marfan syndrome is Q87.4", T),
    ("The ICD-10 code of heart failure is I50", U),
    ("Is it true that Marfan syndrome is a connective tissue disorder?", T),
    ("True or false: losartan treats Marfan syndrome?", T),
]


@pytest.mark.parametrize(("text", "judgement"), JUDGED)
def test_a_statement_is_judged(graph: Snapshot, text: str, judgement: Judgement) -> None:
    found = find(graph, text)
    assert found.judgement is judgement
    assert found.complete
    assert found.items
    assert all(item.source and item.reference for item in found.items)


@pytest.mark.parametrize("text", [text for text, judgement in JUDGED if judgement is not U])
def test_a_judgement_stands_on_facts_or_on_a_record(graph: Snapshot, text: str) -> None:
    (item, *_) = find(graph, text).items
    assert item.facts or "identifier" in item.text


def test_an_unknown_name_is_said_to_be_unknown(graph: Snapshot) -> None:
    found = find(graph, "wonderdrug treats Marfan syndrome")
    assert found.judgement is U
    assert found.items[0].text == "“wonderdrug” is not the name of one concept of this graph."


def test_a_part_of_a_name_is_not_the_name(graph: Snapshot) -> None:
    assert find(graph, "high-dose losartan esters treats Marfan syndrome").judgement is U


def test_what_cannot_be_known_shows_what_is_recorded(graph: Snapshot) -> None:
    found = find(graph, "Marfan syndrome associates Gene TGFBR1")
    assert "that does not mean there is none" in found.items[0].text
    assert "Marfan syndrome is associated with the gene FBN1." in [item.text for item in found.items]


@pytest.mark.parametrize(
    "text",
    [
        "What causes Marfan syndrome?",
        "Is Marfan syndrome inherited?",
        "Marfan syndrome",
        "Patient has arachnodactyly",
        "Explain Marfan syndrome",
        "Marfan syndrome inheritance",
    ],
)
def test_other_texts_are_no_statements(graph: Snapshot, text: str) -> None:
    assert find(graph, text).judgement is None


def test_two_negations_are_none() -> None:
    assert without_negation("it is not true that it does not help")[1] is False
    assert without_negation("it isn't here")[1] is True
    assert without_negation("nothing is notable")[1] is False


def test_blanking_keeps_offsets() -> None:
    text = "it cannot be and does not hold"
    assert len(without_negation(text)[0]) == len(text)


def test_a_question_mark_asks() -> None:
    assert not is_statement("aspirin helps?")
    assert is_statement("aspirin helps")
