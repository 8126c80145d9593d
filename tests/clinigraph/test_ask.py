"""``clinigraph ask``: what is shown has been checked, what was rejected is listed, and JSON keeps its contract."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinigraph.answering import QuestionAnswerer
from clinigraph.config import Settings
from clinigraph.contract import AnswerRecord, FailedQuestionRecord
from clinigraph.records import answer_record
from clinigraph.wiring import Application
from kg import silent
from model import Decoding, FakeGenerator, RiskModel, read_prompt
from retrieval import Reader
from tests.clinigraph.conftest import CommandLine
from tests.small_graph import MARFAN, SmallGraph

INHERITED = "How is Marfan syndrome inherited?"
TRUE = "Marfan syndrome shows autosomal dominant inheritance [1]."

QUESTIONS = [
    INHERITED,
    "What are the features of Marfan syndrome?",
    "Which gene causes Wiskott-Aldrich syndrome?",
    "When does Huntington disease begin?",
    "Does Marfan syndrome cause intellectual disability?",
    "Which diseases have ectopia lentis?",
    "What is Marfan syndrome?",
]


def ask(cli: CommandLine, question: str, *flags: str) -> AnswerRecord:
    return AnswerRecord.model_validate_json(cli.output("ask", question, "--json", *flags), strict=True)


def assert_sound(record: AnswerRecord) -> None:
    """What holds for every answer, whoever wrote it."""
    numbers = [item.n for item in record.evidence]
    assert numbers == list(range(1, len(numbers) + 1))
    assert record.abstained == (not record.claims) == (record.reason is not None) == (record.answer == "")
    for claim in record.claims:
        assert claim.citations
        assert set(claim.citations) <= set(numbers)
        assert claim.text in record.answer
        assert claim.checks.citation == "passed"
        if claim.written_by == "model":
            assert "failed" not in claim.checks.model_dump().values()
    for rejected in record.rejected:
        assert "failed" in rejected.checks.model_dump().values()
        assert rejected.reasons
        assert all(rejected.text != claim.text for claim in record.claims if claim.written_by == "model")
    for entity in record.entities:
        assert record.question[entity.start : entity.end]
        assert entity.assertion in {"present", "absent", "possible", "family", "historical", "hypothetical"}
    assert record.timings_ms["total"] >= max(record.timings_ms["linking"], record.timings_ms["retrieval"])


@pytest.mark.parametrize("question", QUESTIONS)
def test_graph_answers_keep_the_contract(cli: CommandLine, world: SmallGraph, question: str) -> None:
    record = ask(cli, question, "--generator", "graph")
    assert_sound(record)
    assert not record.abstained
    assert (record.question, record.model, record.rejected) == (question, "graph", [])
    assert record.kg_version == world.snapshot.version
    assert {claim.written_by for claim in record.claims} == {"graph"}
    assert all(item.source and item.release and item.reference for item in record.evidence)
    assert all(world.snapshot.resolve(curie) == curie for item in record.evidence for curie in item.curies)


def test_the_names_that_were_promised(cli: CommandLine) -> None:
    record = json.loads(cli.output("ask", INHERITED, "--json"))
    assert {"question", "entities", "answer", "claims", "evidence", "abstained", "reason", "kg_version", "model"} < set(
        record
    )
    assert {"curie", "label", "start", "end", "assertion"} <= set(record["entities"][0])
    assert {"text", "citations", "written_by", "checks"} <= set(record["claims"][0])
    assert set(record["claims"][0]["checks"]) == {"citation", "entities", "numbers", "polarity"}
    assert set(record["evidence"][0]) == {"n", "kind", "text", "curies", "source", "release", "reference", "tier"}


def test_the_graph_says_how_a_disease_is_inherited(cli: CommandLine) -> None:
    record = ask(cli, INHERITED)
    assert "autosomal dominant" in record.claims[0].text
    (entity,) = record.entities
    assert (entity.curie, INHERITED[entity.start : entity.end]) == (MARFAN, "Marfan syndrome")
    assert "OMIM:154700" in entity.equivalents


def test_a_recorded_absence_is_told_as_one(cli: CommandLine) -> None:
    (first, *_) = ask(cli, "Does Marfan syndrome cause intellectual disability?").claims
    assert "intellectual disability" in first.text.lower()
    assert "recorded as absent" in first.text


@pytest.mark.parametrize("question", ["What is the weather?", "Hello?", "42?", "Wie geht es dir?"])
def test_without_a_concept_there_is_an_abstention(cli: CommandLine, question: str) -> None:
    record = ask(cli, question)
    assert_sound(record)
    assert record.abstained
    assert record.evidence == []
    assert record.reason is not None
    assert "recognised" in record.reason


def test_an_abstention_names_what_is_missing(cli: CommandLine) -> None:
    record = ask(cli, "How is Wiskott-Aldrich syndrome treated?")
    assert record.abstained
    assert record.reason is not None
    assert "treatment" in record.reason
    assert "Wiskott-Aldrich syndrome" in record.reason


def test_the_same_question_gets_the_same_answer(cli: CommandLine) -> None:
    first, second = (ask(cli, QUESTIONS[1]).model_copy(update={"timings_ms": {}}) for _ in range(2))
    assert first == second


# --- a model that says the wrong thing -------------------------------------------------------------------------------


def test_a_sentence_that_passes_is_the_models(cli: CommandLine, say: Callable[[str], None]) -> None:
    say(TRUE)
    record = ask(cli, INHERITED)
    assert_sound(record)
    assert [(claim.text, claim.written_by) for claim in record.claims] == [(TRUE.removesuffix(" [1].") + ".", "model")]
    assert record.rejected == []
    assert record.model == "fake"
    assert {"first_token", "first_claim"} <= set(record.timings_ms)


@pytest.mark.parametrize(
    ("sentence", "check"),
    [
        ("Marfan syndrome shows autosomal recessive inheritance [1].", "entities"),
        ("Marfan syndrome does not show autosomal dominant inheritance [1].", "polarity"),
        ("Marfan syndrome shows autosomal dominant inheritance in 37% of families [1].", "numbers"),
        ("Autosomal recessive inheritance is what Marfan syndrome shows [9].", "citation"),
        ("Autosomal recessive inheritance is what Marfan syndrome shows.", "citation"),
        ("Huntington disease shows autosomal dominant inheritance [1].", "entities"),
    ],
)
def test_a_sentence_that_fails_is_rejected_with_its_reason(
    cli: CommandLine, say: Callable[[str], None], sentence: str, check: str
) -> None:
    say(sentence)
    record = ask(cli, INHERITED)
    assert_sound(record)
    (rejected,) = record.rejected
    assert getattr(rejected.checks, check) == "failed"
    assert any(reason.startswith(check) for reason in rejected.reasons)
    assert {claim.written_by for claim in record.claims} == {"graph"}


@pytest.mark.parametrize("citation", ["", " [9]"])
def test_a_true_sentence_without_a_citation_gets_that_of_its_evidence(
    cli: CommandLine, say: Callable[[str], None], citation: str
) -> None:
    say(f"Marfan syndrome shows autosomal dominant inheritance{citation}.")
    (claim,) = ask(cli, INHERITED).claims
    assert (claim.written_by, claim.citations, claim.attributed) == ("model", [1], True)
    assert "cited by the checks" in cli.output("ask", INHERITED)


def test_the_graph_stands_in_for_a_failed_sentence_and_says_so(cli: CommandLine, say: Callable[[str], None]) -> None:
    wrong = "Marfan syndrome shows autosomal recessive inheritance [1]."
    say(wrong)
    (first, *_) = ask(cli, INHERITED).claims
    assert first.replaces is not None
    assert first.replaces == wrong.removesuffix(" [1].") + "."
    assert "dominant" in first.text


def test_true_and_false_sentences_are_told_apart(cli: CommandLine, say: Callable[[str], None]) -> None:
    say(f"{TRUE} The moon is made of cheese [1]. Chorea is seen in 90% of patients with Marfan syndrome [1].")
    record = ask(cli, INHERITED)
    assert_sound(record)
    assert [claim.written_by for claim in record.claims].count("model") == 1
    assert len(record.rejected) == 2
    assert "Chorea" not in record.answer


@pytest.mark.parametrize("text", ["", " \n ", "[1]", "[1][2][3]", "a " * 500, "\x00\x1b[31m", "1. 2. 3."])
def test_text_without_a_sentence_lets_the_graph_answer(cli: CommandLine, say: Callable[[str], None], text: str) -> None:
    say(text)
    record = ask(cli, INHERITED)
    assert_sound(record)
    assert {claim.written_by for claim in record.claims} == {"graph"}


def test_a_model_is_not_asked_where_there_is_no_evidence(cli: CommandLine, say: Callable[[str], None]) -> None:
    say("The weather is fine [1].")
    record = ask(cli, "What is the weather?")
    assert record.abstained
    assert record.rejected == []


SENTENCES = st.lists(
    st.builds(
        "{} {} {}{}".format,
        st.sampled_from(["Marfan syndrome", "Huntington disease", "It", "The patient", "FBN1"]),
        st.sampled_from(["shows", "does not show", "causes", "is never seen with", "is"]),
        st.sampled_from(["autosomal dominant inheritance", "ectopia lentis", "37% of patients", "chorea", "a disease"]),
        st.sampled_from([" [1].", ".", " [2].", " [1, 2].", " [99].", " [1]", "[", "?"]),
    ),
    max_size=5,
).map(" ".join)


def answering(world: SmallGraph, reader: Reader, text: str, risk_model: RiskModel | None = None) -> QuestionAnswerer:
    """Answers from the small graph with a model that always says ``text``."""
    application = Application(Settings(world.cache), silent)
    return QuestionAnswerer(
        world.snapshot,
        reader,
        application.contexts,
        application.claim_checker,
        FakeGenerator(text),
        read_prompt("answer"),
        Decoding(),
        risk_model,
    )


@given(text=SENTENCES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_model_says_nothing_unchecked_is_shown(
    cli: CommandLine, world: SmallGraph, reader: Reader, text: str
) -> None:
    answerer = answering(world, reader, text)
    shown: list[str] = []
    answer = answerer.answer(INHERITED, on_claim=lambda claim: shown.append(claim.text))
    record = answer_record(answer, world.snapshot)
    assert_sound(record)
    assert shown == [claim.text for claim in record.claims]


@pytest.mark.parametrize(("intercept", "written_by"), [(0.0, "graph"), (9.0, None)])
def test_the_graph_answers_where_the_model_is_held_back_and_the_graph_is_not(
    world: SmallGraph, reader: Reader, intercept: float, written_by: str | None
) -> None:
    answerer = answering(world, reader, TRUE, RiskModel(intercept, {"by_model": 5.0}, 0.6))
    shown: list[str] = []
    answer = answerer.answer(INHERITED, on_claim=lambda claim: shown.append(claim.written_by.value))
    assert set(shown) == ({written_by} if written_by else set())
    assert answer.verified.abstained is (written_by is None)
    assert answer.risk is not None
    assert (answer.risk <= 0.6) is (written_by is not None)


# --- on the screen ---------------------------------------------------------------------------------------------------


def test_the_screen_says_who_wrote_what_and_what_stands_behind_it(cli: CommandLine, say: Callable[[str], None]) -> None:
    say(f"{TRUE} Marfan syndrome shows autosomal recessive inheritance [1].")
    text = cli.output("ask", INHERITED)
    answer, _, rest = text.partition("\nEvidence\n")
    assert " model  Marfan syndrome shows autosomal dominant inheritance. [1]" in answer
    assert "recessive" not in answer
    evidence, _, rejected = rest.partition("\nRejected: 1 of the model's sentences failed a check\n")
    assert "[1] Marfan syndrome shows autosomal dominant inheritance." in evidence
    assert "HPO disease annotations 2025-01-16 · curated database · OMIM:154700" in evidence
    assert "recessive" in rejected
    assert "clinigraph supports clinicians and does not replace them" in rejected


def test_the_screen_names_graph_sentences(cli: CommandLine) -> None:
    assert " graph  Marfan syndrome shows autosomal dominant inheritance. [1]" in cli.output("ask", INHERITED)


def test_the_screen_says_why_there_is_no_answer(cli: CommandLine) -> None:
    assert "No answer: No disease, finding or gene" in cli.output("ask", "What is the weather?")


# --- batches ---------------------------------------------------------------------------------------------------------


def test_a_batch_goes_on_after_a_bad_line(cli: CommandLine, tmp_path: Path) -> None:
    lines = [INHERITED, "?!", "", "x" * 5_000, QUESTIONS[2], "Wie geht es — dir?"]
    (tmp_path / "q.txt").write_text("\n".join(lines), encoding="utf-8")
    assert cli.output("ask", "--batch", tmp_path / "q.txt", "--jsonl", tmp_path / "a.jsonl") == ""
    written = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [line for line in lines if line]
    assert len(written) == len(asked)
    for question, line in zip(asked, written, strict=True):
        if question in ("?!", "x" * 5_000):
            failed = FailedQuestionRecord.model_validate_json(line)
            assert failed.question == question[:200]
            assert "cannot be answered" in failed.error
        else:
            record = AnswerRecord.model_validate_json(line)
            assert record.question == question
            assert_sound(record)


def test_a_batch_answers_as_single_questions_are(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "q.txt").write_text("\r\n".join(QUESTIONS[:3]), encoding="utf-8-sig")
    cli.output("ask", "--batch", tmp_path / "q.txt", "--jsonl", tmp_path / "a.jsonl")
    batch = [AnswerRecord.model_validate_json(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    single = [ask(cli, question) for question in QUESTIONS[:3]]
    assert [record.answer for record in batch] == [record.answer for record in single]


@pytest.mark.parametrize(
    "flags", [[], ["Q?", "--batch", "x", "--jsonl", "y"], ["--batch", "x"], ["Q?", "--jsonl", "y"]]
)
def test_one_question_or_one_batch(cli: CommandLine, flags: list[str]) -> None:
    result = cli.run("ask", *flags)
    assert result.exit_code == 2
    assert "Give one question, or --batch FILE together with --jsonl OUT" in " ".join(result.stderr.split())


def test_the_model_is_asked_in_the_words_of_the_evidence(world: SmallGraph, reader: Reader) -> None:
    from model import in_words_of_the_evidence
    from retrieval import ContextBuilder, understand

    def asked(text: str) -> str:
        question = understand(text, reader.mentions(text))
        context = ContextBuilder(world.snapshot, None).build(question, len)
        assert context.items
        return in_words_of_the_evidence(context, world.snapshot.label)

    assert asked("How is Marfan's syndrome inherited?") == "How is Marfan syndrome inherited?"
    assert asked("How is Marfan syndrome inherited?") == "How is Marfan syndrome inherited?"


def test_a_concept_may_be_asked_about_by_its_identifier(cli: CommandLine) -> None:
    named, numbered = (
        AnswerRecord.model_validate_json(cli.output("ask", f"How is {name} inherited?", "--json"), strict=True)
        for name in ("Marfan syndrome", "OMIM:154700")
    )
    assert not numbered.abstained
    assert numbered.answer == named.answer
