"""What a question asks for, by its words."""

import pytest

from retrieval import Mention, understand

DRUGS = {"warfarin": "DRUGBANK:DB00682", "ibuprofen": "DRUGBANK:DB01050"}


def asked(text: str) -> list[str]:
    found = [
        Mention(text.index(name), text.index(name) + len(name), name, curie, name, 1.0)
        for name, curie in DRUGS.items()
        if name in text
    ]
    return [topic.id for topic in understand(text, found).topics]


@pytest.mark.parametrize(
    "text",
    [
        "Can I take warfarin and ibuprofen together?",
        "Can warfarin be taken with ibuprofen?",
        "Can warfarin be safely used alongside ibuprofen?",
        "Is ibuprofen safe with warfarin?",
        "May I combine warfarin with ibuprofen?",
        "Is it safe to give ibuprofen to someone on warfarin?",
        "Should one prescribe ibuprofen to a patient taking warfarin?",
    ],
)
def test_two_drugs_taken_together_ask_for_interactions(text: str) -> None:
    assert "interactions" in asked(text)


@pytest.mark.parametrize(
    "text", ["What is warfarin used for?", "How does warfarin work?", "Is warfarin safe in pregnancy?"]
)
def test_one_drug_alone_does_not(text: str) -> None:
    assert "interactions" not in asked(text)


def test_a_short_word_of_a_cue_is_no_abbreviation() -> None:
    text = "What are the red flags of RED or back pain?"
    small, large = (Mention(at, at + 3, text[at : at + 3], "MESH:D000079562", "x", 0.9) for at in (13, 26))
    question = understand(text, [small, large])
    assert question.mentions == (large,)
    assert [topic.id for topic in question.topics] == ["red_flags"]


@pytest.mark.parametrize("text", ["what can I take for warfarin", "Is there anything one can do against warfarin?"])
def test_what_one_can_take_asks_for_treatment(text: str) -> None:
    assert asked(text) == ["treatment"]
