"""Prompt templates."""

from pathlib import Path

import pytest

from model import MalformedPrompt, Role, answer_messages, diagnosis_messages, read_prompt
from retrieval import Context
from tests.model.world import CONTEXT, ITEMS, NAMES

LABELS = {curie: name.capitalize() for name, curie in reversed(NAMES.items())}


@pytest.mark.parametrize("name", ["answer", "diagnosis"])
def test_the_shipped_templates_are_sound_and_versioned(name: str) -> None:
    template = read_prompt(name)
    assert template.version.startswith(f"{name}-")
    assert "+" in template.version


def test_the_answer_prompt_numbers_its_evidence_and_ends_with_the_question() -> None:
    messages = answer_messages(CONTEXT, read_prompt("answer"), LABELS.__getitem__)
    assert messages[0].role is Role.SYSTEM
    assert messages[-1].role is Role.USER
    for item in ITEMS:
        assert f"[{item.n}] {item.text}" in messages[-1].content
    assert CONTEXT.question in messages[-1].content


def test_what_looks_like_a_placeholder_in_a_question_is_left_alone() -> None:
    context = Context("Is $evidence or ${n} a price in $?", (), ITEMS[:1])
    assert (
        "Is $evidence or ${n} a price in $?"
        in answer_messages(context, read_prompt("answer"), LABELS.__getitem__)[-1].content
    )


def test_the_diagnosis_prompt_names_findings_and_candidates() -> None:
    text = diagnosis_messages(["Ectopia lentis"], [], CONTEXT, read_prompt("diagnosis"))[-1].content
    assert "Findings of the patient: Ectopia lentis" in text
    assert "Looked for and not found: none" in text
    assert f"[4] {ITEMS[3].text}" in text


def test_an_edited_template_has_another_version(tmp_path: Path) -> None:
    shipped = read_prompt("answer")
    own = 'version = "answer-1"\nsystem = "s"\nitem = "($n) $text"\nuser = "$question | $evidence"\n'
    (tmp_path / "answer.toml").write_text(own)
    template = read_prompt("answer", tmp_path)
    assert template.version != shipped.version
    assert answer_messages(CONTEXT, template, LABELS.__getitem__)[-1].content.startswith(
        "What are the features of Marfan syndrome? | (1) "
    )
    assert read_prompt("diagnosis", tmp_path) == read_prompt("diagnosis")


def test_worked_examples_come_before_the_question(tmp_path: Path) -> None:
    own = 'version = "2"\nsystem = "s"\nitem = "[$n] $text"\nuser = "$evidence\\n$question"\n'
    own += '[[examples]]\nquestion = "Why?"\nevidence = ["one", "two"]\nanswer = "So [2]."\n'
    (tmp_path / "answer.toml").write_text(own)
    messages = answer_messages(CONTEXT, read_prompt("answer", tmp_path), LABELS.__getitem__)
    assert [message.role for message in messages] == [Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.USER]
    assert messages[1].content == "[1] one\n[2] two\nWhy?"
    assert messages[2].content == "So [2]."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version = ", "not valid TOML"),
        ('version = "1"', "'system' is missing"),
        ('version = "1"\nsystem = "s"\nitem = "$n $text"\nuser = "$question"', "placeholder \\$evidence"),
        ('version = "1"\nsystem = "s"\nitem = "$n"\nuser = "$question $evidence"', "placeholder \\$text"),
        ('version = "1"\nsystem = "s"\nitem = "$n $text"\nuser = "$question $evidence $wat"', "'wat' is missing"),
        ('version = "1"\nsystem = "s"\nitem = "$n $text"\nuser = "$question $evidence $"', "placeholder"),
        ('version = "1"\nsystem = 3\nitem = "$n $text"\nuser = "$question $evidence"', "cannot be used"),
    ],
)
def test_a_broken_template_says_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "answer.toml").write_text(text)
    with pytest.raises(MalformedPrompt, match=told):
        read_prompt("answer", tmp_path)
