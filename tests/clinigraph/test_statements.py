"""Statements put to ``clinigraph ask``: the answer begins with the judgement and cites what it stands on."""

import pytest

from clinigraph.contract import AnswerRecord
from tests.clinigraph.conftest import CommandLine


def ask(cli: CommandLine, question: str) -> AnswerRecord:
    return AnswerRecord.model_validate_json(cli.output("ask", question, "--json"), strict=True)


@pytest.mark.parametrize(
    ("statement", "opening"),
    [
        ("Marfan syndrome associates Gene FBN1", "True: "),
        ("Marfan syndrome is not associated with Gene FBN1", "False: "),
        ("Marfan syndrome causes intellectual disability", "False: "),
        ("Huntington disease is associated with Gene FBN1", "Cannot be known: "),
        ("unobtainium treats Marfan syndrome", "Cannot be known: "),
        ("Disease ontology identifier for Marfan syndrome is DOID:14323", "True: "),
    ],
)
def test_an_answer_to_a_statement_begins_with_the_judgement(cli: CommandLine, statement: str, opening: str) -> None:
    record = ask(cli, statement)
    assert record.answer.startswith(opening)
    assert not record.abstained
    assert record.claims[0].citations == [1]
    assert record.evidence[0].text in record.claims[0].text
    assert {claim.written_by for claim in record.claims} == {"graph"}


def test_a_question_about_a_statement_is_judged_too(cli: CommandLine) -> None:
    record = ask(cli, "Is it true that Marfan syndrome is associated with FBN1?")
    assert record.answer.startswith("True: Marfan syndrome is associated with the gene FBN1")


def test_a_judgement_is_the_graphs_whatever_a_model_would_say(cli: CommandLine, say: object) -> None:
    assert callable(say)
    say("That is false [1].")
    record = ask(cli, "Marfan syndrome associates Gene FBN1")
    assert record.answer.startswith("True: ")
    assert record.model == "graph"
    assert record.rejected == []
