"""From generated text to a verified answer."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import Author, Checker, GraphSentence, Verdict, Verification, VerifiedAnswer, verify
from retrieval import Context
from tests.model.world import CONTEXT, QUESTION, is_a, link

CHECKER = Checker(link, is_a)
GRAPH = (
    GraphSentence("Marfan syndrome has the feature Ectopia lentis (3/5).", (1,)),
    GraphSentence("Marfan syndrome does not have the feature Intellectual disability.", (2,)),
)
MIXED = "Ectopia lentis is seen in 60% [1]. Marfan syndrome has intellectual disability [2]. It is deadly [1]. Stop now"


def test_a_supported_sentence_stays_and_a_wrong_one_gives_way_to_the_graph() -> None:
    answer = verify(MIXED, CHECKER, CONTEXT, GRAPH)
    first, second = answer.claims
    assert (first.written_by, first.text) == (Author.MODEL, "Ectopia lentis is seen in 60%.")
    assert (second.written_by, second.text) == (Author.GRAPH, GRAPH[1].text)
    assert second.checks.passed
    assert second.replaces is not None
    assert second.replaces.text == "Marfan syndrome has intellectual disability."
    assert second.replaces.checks.polarity.verdict is Verdict.FAILED
    assert [claim.text for claim in answer.rejected] == [second.replaces.text, "It is deadly."]
    assert not answer.abstained


@pytest.mark.parametrize(
    ("said", "cited"),
    [
        ("Ectopia lentis is seen in 60%.", 1),
        ("Marfan syndrome has the feature Ectopia lentis [2].", 1),
        ("Marfan syndrome does not have the feature Intellectual disability.", 2),
    ],
)
def test_a_sentence_gets_the_citation_that_supports_all_of_it(said: str, cited: int) -> None:
    (claim,) = verify(said, CHECKER, CONTEXT, GRAPH).claims
    assert (claim.written_by, claim.citations, claim.attributed) == (Author.MODEL, (cited,), True)
    assert claim.checks.passed


@pytest.mark.parametrize(
    "said",
    [
        "Marfan syndrome has intellectual disability.",
        "Ectopia lentis is seen in 90%.",
        "Loeys-Dietz syndrome has the feature Ectopia lentis.",
        "Ectopia lentis and bifid uvula are features.",
        "It is deadly.",
    ],
)
def test_no_citation_is_found_for_what_no_single_evidence_supports(said: str) -> None:
    answer = verify(said, CHECKER, CONTEXT, ())
    assert answer.abstained
    assert [claim.attributed for claim in answer.rejected] == [False]


def test_a_citation_that_holds_is_left_alone() -> None:
    (claim,) = verify("Ectopia lentis is seen in 60% [1].", CHECKER, CONTEXT, ()).claims
    assert not claim.attributed


def test_a_graph_sentence_is_said_once() -> None:
    text = "Marfan syndrome has intellectual disability [2]. Intellectual disability is common in Marfan syndrome [2]."
    answer = verify(text, CHECKER, CONTEXT, GRAPH)
    assert [claim.text for claim in answer.claims].count(GRAPH[1].text) == 1


def test_repetitions_are_dropped_and_a_loop_ends_the_reading() -> None:
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield "Ectopia lentis is seen in 60% [1]. "

    verification = Verification(CHECKER, CONTEXT, GRAPH)
    assert len(list(verification.read(endless()))) == 1
    assert read < 10


def test_the_graph_answers_where_no_sentence_of_the_model_survives() -> None:
    answer = verify("The moon is made of cheese.", CHECKER, CONTEXT, GRAPH)
    assert [claim.text for claim in answer.claims] == [sentence.text for sentence in GRAPH]
    assert {claim.written_by for claim in answer.claims} == {Author.GRAPH}
    assert answer.text == "Marfan syndrome has the feature Ectopia lentis (3/5). [1] " + f"{GRAPH[1].text} [2]"


def test_an_empty_text_lets_the_graph_answer() -> None:
    assert len(verify("", CHECKER, CONTEXT, GRAPH).claims) == 2


def test_without_evidence_it_abstains_and_says_what_is_missing() -> None:
    answer = verify("Marfan syndrome has ectopia lentis [1].", CHECKER, Context(QUESTION, CONTEXT.mentions, ()), GRAPH)
    assert answer.abstained
    assert answer.reason is not None
    assert "Marfan Syndrome" in answer.reason
    nothing = verify("", CHECKER, Context("What is love?", (), ()), ())
    assert nothing.reason is not None
    assert "recognised" in nothing.reason


def test_with_evidence_but_nothing_sayable_it_abstains() -> None:
    answer = verify("It is deadly [1].", CHECKER, CONTEXT, ())
    assert answer.abstained
    assert answer.reason is not None
    assert "none of the 1 generated sentences" in answer.reason


def test_a_graph_sentence_that_cites_nothing_known_is_never_shown() -> None:
    assert verify("", CHECKER, CONTEXT, (GraphSentence("Marfan syndrome exists.", (77,)),)).abstained


def test_an_answer_has_claims_or_a_reason() -> None:
    with pytest.raises(ValueError, match="abstains"):
        VerifiedAnswer((), (), False)


def test_sentences_are_shown_as_soon_as_the_next_one_begins() -> None:
    pieces = iter(["Ectopia lentis is seen ", "in 60%.", " [", "1]", " Mar", "fan syndrome "])
    shown = Verification(CHECKER, CONTEXT, GRAPH).read(pieces)
    assert next(shown).citations == (1,)
    assert next(pieces) == "fan syndrome "


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=60))
def test_the_cut_of_the_stream_does_not_matter(lengths: list[int]) -> None:
    text = MIXED + " \n- Arachnodactyly is e.g. often seen. [1]\n2. Hypertension is common [3]"
    pieces, at = [], 0
    for length in lengths:
        pieces.append(text[at : at + length])
        at += length
    pieces.append(text[at:])
    verification = Verification(CHECKER, CONTEXT, GRAPH)
    shown = tuple(verification.read(pieces))
    whole = verify(text, CHECKER, CONTEXT, GRAPH)
    assert verification.answer() == whole
    assert shown == whole.claims
