"""Questions on held-out diseases, answered from the graph: right entities, faithful sentences, honest silence.

A question file has one JSON object a line: ``id``, ``question``, ``relation``, ``concept`` (asked about), ``expected``
(the concepts of which a right answer names one) and ``answering`` (texts of the evidence that answers, one of which a
right answer cites where no concept is expected). An answer that cites a fact of the relation and concept is right too.
That is what ``clinigraph tune data`` writes for what it holds out. Every question is asked with its evidence, and with
evidence on the same concept that does not answer: nothing of the relations asked for, no expected concept, no prose on
the topic.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import Category, Curie
from model import Author, Claim, Decoding, Generator, Message, Role, states_relation
from retrieval import Context, EvidenceItem, Mention, Question

from ..answering import Answer, QuestionAnswerer
from ..errors import UnreadableFile
from .intervals import bootstrap_mean, wilson
from .rows import Row, by_condition, evenly

if TYPE_CHECKING:
    from ..wiring import Application

SUITE = "graph"
_ALONE = "Answer the question in one or two short sentences."
_TASKS = ("answer", "contradiction")
_ABOUT = "What is {}?"
_BACKGROUND = 0.5
_WORST = 15


class Condition(StrEnum):
    """What answers, and from what."""

    MODEL = "model with evidence"
    GRAPH = "graph alone"
    NO_EVIDENCE = "model alone"
    MODEL_WITHHELD = "model, evidence withheld"
    GRAPH_WITHHELD = "graph alone, evidence withheld"


_WITHHELD = {Condition.MODEL: Condition.MODEL_WITHHELD, Condition.GRAPH: Condition.GRAPH_WITHHELD}


@dataclass(frozen=True, slots=True)
class GraphQuestion:
    """One question and what a right answer to it names."""

    id: str
    text: str
    relation: str
    concept: Curie
    expected: frozenset[Curie]
    answering: frozenset[str]


def read_questions(path: Path) -> list[GraphQuestion]:
    """The questions of a file that expect a concept, or that a listed evidence answers.

    Raises:
        UnreadableFile: it is missing, or a line is no question.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(path, f"{error}.") from error
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
            question = GraphQuestion(
                str(record.get("id", number)),
                record["question"],
                record.get("relation", ""),
                record.get("concept", ""),
                frozenset(record.get("expected", ())),
                frozenset(record.get("answering", ())),
            )
            asked = record.get("task", "answer") in _TASKS
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnreadableFile(path, f"line {number} is no question ({error}).") from error
        if asked and (question.expected or question.answering) and question.text:
            found.append(question)
    if not found:
        raise UnreadableFile(path, "it has no question with an answer; give its expected concepts.")
    return found


def measure(
    application: "Application", path: Path, sample: int, has: Callable[[str, str, str], bool]
) -> Iterator[tuple[Row | None, int, int]]:
    """A row for each question and condition that is not there yet, or ``None``, with how many are done of how many."""
    questions = evenly(read_questions(path), sample)
    generator = application.generator
    graph = application.answerer.varied(generator=None, risk_model=None)
    answerers = {Condition.GRAPH: graph}
    if generator is not None:
        answerers[Condition.MODEL] = application.answerer.varied(generator=generator, risk_model=None)
    for done, question in enumerate(questions):
        for condition, answerer in answerers.items():
            both = (condition, _WITHHELD[condition])
            if not all(has(SUITE, each, question.id) for each in both):
                for row in _asked(application, answerer, question, condition):
                    yield row, done, len(questions)
        if generator is not None and question.expected and not has(SUITE, Condition.NO_EVIDENCE, question.id):
            yield _alone(application, generator, question), done, len(questions)
    yield None, len(questions), len(questions)


def _asked(
    application: "Application", answerer: QuestionAnswerer, question: GraphQuestion, condition: Condition
) -> Iterator[Row]:
    """One question with its evidence and with it taken away."""
    understood, context = answerer.gather(question.text)
    yield _row(application, question, condition, answerer.answer_from(understood, context))
    left = _withheld(application, answerer, question, understood, context)
    if left.items:
        yield _row(application, question, _WITHHELD[condition], answerer.answer_from(understood, left))


def _withheld(
    application: "Application",
    answerer: QuestionAnswerer,
    question: GraphQuestion,
    understood: Question,
    context: Context,
) -> Context:
    """What is known about the concept at large, without every item that answers the question."""
    about = _ABOUT.format(application.snapshot.label(question.concept)) if question.concept else question.text
    pool = {item.text: item for item in (*context.items, *answerer.gather(about)[1].items)}
    answers = {item.text for item in pool.values() if _expects(application, question, item)}
    relations = {fact.predicate for text in answers for fact in pool[text].facts}
    items: list[EvidenceItem] = []
    for item in pool.values():
        stated = any(fact.predicate in relations for fact in item.facts)
        told = not item.facts and (
            not understood.topics or any(topic.answered_by(item.text) for topic in understood.topics)
        )
        if item.text not in answers and not stated and not told:
            items.append(replace(item, n=len(items) + 1, score=min(item.score, _BACKGROUND)))
    return replace(context, items=tuple(items), complete=False, judgement=None)


def _expects(application: "Application", question: GraphQuestion, item: EvidenceItem) -> bool:
    """Whether an item answers: by its text, its concepts, or the concepts that it names."""
    named = {curie for mention in application.reader.mentions(item.text) for curie in _meanings(mention)}
    return item.text in question.answering or bool(question.expected & (named | set(item.curies)))


def _meanings(mention: Mention) -> tuple[Curie, ...]:
    return (mention.curie, *mention.alternatives)


def _row(application: "Application", question: GraphQuestion, condition: Condition, answer: Answer) -> Row:
    verified = answer.verified
    named = _named(application, question, " ".join(claim.text for claim in verified.claims))
    named |= {curie for claim in verified.claims for curie in _cited(application, question, answer, claim)}
    by_model = [claim for claim in verified.claims if claim.written_by is Author.MODEL]
    right = bool(named & question.expected) or _states_it(application, question, answer)
    right = right or (not question.expected and _cites_answer(question, answer))
    return {
        "suite": SUITE,
        "condition": condition.value,
        "id": question.id,
        "relation": question.relation,
        "question": question.text,
        "answer": verified.text,
        "abstained": verified.abstained,
        "by_form": answer.context.complete,
        "right": right,
        "wrong": not verified.abstained and not right,
        "recall": _recall(named, question, right),
        "model_sentences": [_sentence(claim) for claim in by_model],
        "rejected": [{**_sentence(claim), "failed": _failed(claim)} for claim in verified.rejected],
        "signs": [asdict(signs) for signs in answer.signs],
        "first_token_ms": answer.timings_ms.get("first_token"),
        "total_ms": answer.timings_ms["total"],
        "evidence": [{"n": item.n, "text": item.text} for item in answer.context.items],
    }


def _named(application: "Application", question: GraphQuestion, text: str) -> set[Curie]:
    found: set[Curie] = set()
    for prefer in (Category.PHENOTYPE, Category.DISEASE):
        found |= {curie for mention in application.reader.mentions(text, prefer=prefer) for curie in _meanings(mention)}
    return found - {question.concept}


def _states_it(application: "Application", question: GraphQuestion, answer: Answer) -> bool:
    """Whether a sentence cites a fact of the very relation and concept asked for, which the file may have left out.

    What the file expects comes from the evidence that it was made with, of which some was withheld.
    """
    concept = application.snapshot.resolve(question.concept)
    if concept is None:
        return False
    cited = (answer.context.item(n) for claim in answer.verified.claims for n in claim.citations)
    return any(item is not None and states_relation(question.relation, concept, item) for item in cited)


def _cites_answer(question: GraphQuestion, answer: Answer) -> bool:
    cited = (answer.context.item(n) for claim in answer.verified.claims for n in claim.citations)
    return any(item is not None and item.text in question.answering for item in cited)


def _recall(named: set[Curie], question: GraphQuestion, right: bool) -> float:
    return len(named & question.expected) / len(question.expected) if question.expected else float(right)


def _cited(application: "Application", question: GraphQuestion, answer: Answer, claim: Claim) -> Iterator[Curie]:
    """The expected concepts of cited evidence of which a sentence says a name: the reader does not know every kind."""
    said = claim.text.casefold()
    for item in (answer.context.item(n) for n in claim.citations):
        for curie in question.expected & set(item.curies if item is not None else ()):
            names = application.snapshot.concept(curie).names
            if any(name.text.casefold() in said for name in names):
                yield curie


def _sentence(claim: Claim) -> dict[str, Any]:
    return {"text": claim.text, "citations": list(claim.citations), "attributed": claim.attributed}


def _failed(claim: Claim) -> str:
    return next((name for name, result in claim.checks.items() if result.verdict.value == "failed"), "unchecked")


def _alone(application: "Application", generator: Generator, question: GraphQuestion) -> Row:
    """What the model says of itself, without evidence and unchecked."""
    messages = [Message(Role.SYSTEM, _ALONE), Message(Role.USER, question.text)]
    text = "".join(generator.stream(messages, Decoding(max_new_tokens=80)))
    named = _named(application, question, text)
    right = bool(named & question.expected)
    return {
        "suite": SUITE,
        "condition": Condition.NO_EVIDENCE.value,
        "id": question.id,
        "relation": question.relation,
        "question": question.text,
        "answer": text,
        "abstained": False,
        "right": right,
        "wrong": not right,
        "recall": _recall(named, question, right),
    }


def summarise(rows: list[Row], risk_of: Callable[[Row], float | None], threshold: float) -> dict[str, Any]:
    """Figures of each condition with 95 % intervals, before and after abstention by risk, and the worst rows.

    As in answering, an answer with sentences of the model that is too risky gives way to the graph's, if that is not.
    """
    groups = by_condition(rows)

    def is_shown(row: Row) -> bool:
        return not row["abstained"] and ((risk := risk_of(row)) is None or risk <= threshold)

    figures = {}
    for name, group in groups.items():
        by_graph = {row["id"]: row for row in groups.get(_INSTEAD.get(name, ""), [])}
        shown = []
        for row in group:
            instead = by_graph.get(row["id"]) if row.get("model_sentences") else None
            shown.append(next((one for one in (row, instead) if one is not None and is_shown(one)), None))
        figures[name] = _figures(group, shown)
    return figures


_INSTEAD = {
    Condition.MODEL.value: Condition.GRAPH.value,
    Condition.MODEL_WITHHELD.value: Condition.GRAPH_WITHHELD.value,
}


def _figures(rows: list[Row], shown: list[Row | None]) -> dict[str, Any]:
    """Figures of what was answered, and of what of it, or in its place, was shown."""
    seen = [row for row in shown if row is not None]
    wrong = [row for row in seen if row["wrong"]]
    figures: dict[str, Any] = {
        "right": wilson(sum(row["right"] for row in seen), len(rows)),
        "wrong": wilson(len(wrong), len(rows)),
        "abstained": wilson(len(rows) - len(seen), len(rows)),
        "wrong_of_answered": wilson(len(wrong), len(seen)),
        "recall": bootstrap_mean([0.0 if row is None else row["recall"] for row in shown]),
        "ungated": {"right": _share([r["right"] for r in rows]), "wrong": _share([r["wrong"] for r in rows])},
    }
    if any("model_sentences" in row for row in rows):
        figures |= _faithfulness(rows, seen)
    figures["worst"] = [{key: row[key] for key in ("id", "relation", "question", "answer")} for row in wrong[:_WORST]]
    return figures


def _faithfulness(rows: list[Row], seen: list[Row]) -> dict[str, Any]:
    """Of the sentences that the model wrote, how many pass all checks; what the others failed; how long it took."""
    passed = sum(len(row["model_sentences"]) for row in rows)
    attributed = sum(sentence["attributed"] for row in rows for sentence in row["model_sentences"])
    failed: dict[str, int] = {}
    for row in rows:
        for sentence in row["rejected"]:
            failed[sentence["failed"]] = failed.get(sentence["failed"], 0) + 1
    written = [bool(row["model_sentences"]) for row in seen]
    asked = [row for row in rows if row.get("first_token_ms") is not None]
    return {
        "model_sentences_passed": wilson(passed, passed + sum(failed.values())),
        "of_them_attributed": attributed,
        "failed_by_check": failed,
        "answers_with_model_sentence": wilson(sum(written), len(written)),
        "first_token_ms_p50": _median([row["first_token_ms"] for row in asked]),
        "total_ms_p50": _median([row["total_ms"] for row in asked]),
        "total_ms_p95": _median([row["total_ms"] for row in asked], 0.95),
    }


def _share(values: list[bool]) -> dict[str, float]:
    return wilson(sum(values), len(values))


def _median(values: list[float], at: float = 0.5) -> float | None:
    return sorted(values)[min(len(values) - 1, int(at * len(values)))] if values else None


def sheet(rows: list[Row], most: int) -> list[Row]:
    """Sentences of the model to be judged by hand, with the evidence that they cite; ``entailed`` is left open."""
    listed = []
    for row in rows:
        evidence = {item["n"]: item["text"] for item in row.get("evidence", ())}
        for passed, sentences in ((True, row.get("model_sentences", ())), (False, row.get("rejected", ()))):
            for sentence in sentences:
                cited = [evidence[n] for n in sentence["citations"] if n in evidence]
                listed.append({"question": row["question"], "sentence": sentence["text"], "evidence": cited,
                               "passed": passed, "entailed": None})  # fmt: skip
    return evenly(listed, most)
