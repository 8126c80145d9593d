"""Question answering: from a question to an answer in which every sentence has been checked."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kg import Category, Snapshot
from model import (
    Author,
    Checker,
    Claim,
    Decoding,
    Generator,
    GraphSentence,
    PromptTemplate,
    RiskModel,
    Signs,
    Verification,
    VerifiedAnswer,
    answer_messages,
    answer_pattern,
    signs_of,
)
from retrieval import Context, EvidenceItem, EvidenceKind, Question, understand, with_identifiers

from .errors import UnusableQuestion
from .timing import Stopwatch

if TYPE_CHECKING:
    from retrieval import ContextBuilder, Reader  # reading needs spaCy, which a bad question should not wait for

MAX_QUESTION_CHARACTERS = 4_000
GRAPH_MODEL = "graph"
"""What an answer names as its model when no language model took part."""

_GRAPH_SENTENCES = 5
_PASSAGE_SENTENCES = 2
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything about one answered question.

    ``signs`` are those of the answer after each sentence. ``risk`` is the lowest probability of being wrong that it had
    while it grew, which decides whether it is shown; ``None`` where the graph knows the answer by its form.
    """

    context: Context
    verified: VerifiedAnswer
    kg_version: str
    model: str
    timings_ms: dict[str, float]
    degraded: str | None = None
    signs: tuple[Signs, ...] = ()
    risk: float | None = None


class QuestionAnswerer:
    """Answers questions from one snapshot. Without a generator the graph alone writes the answer."""

    def __init__(
        self,
        snapshot: Snapshot,
        reader: "Reader",
        contexts: "ContextBuilder",
        checker: Checker,
        generator: Generator | None,
        prompt: PromptTemplate,
        decoding: Decoding,
        risk_model: RiskModel | None = None,
    ) -> None:
        self._snapshot, self._reader, self._contexts = snapshot, reader, contexts
        self._checker, self._generator, self._prompt, self._decoding = checker, generator, prompt, decoding
        self._risk_model = risk_model

    def answer(self, text: str, on_claim: Callable[[Claim], None] | None = None) -> Answer:
        """The verified answer; ``on_claim`` sees each sentence as soon as it has passed its checks.

        Raises:
            UnusableQuestion: the text is empty, too long or not text.
        """
        watch = Stopwatch()
        question, context = self.gather(text, watch)
        return self.answer_from(question, context, on_claim, watch)

    def varied(self, *, generator: Generator | None, risk_model: RiskModel | None) -> "QuestionAnswerer":
        """The same over the same graph with another generator and model of risk, or without."""
        return QuestionAnswerer(
            self._snapshot,
            self._reader,
            self._contexts,
            self._checker,
            generator,
            self._prompt,
            self._decoding,
            risk_model,
        )

    def gather(self, text: str, watch: Stopwatch | None = None) -> tuple[Question, Context]:
        """The question as understood, and the evidence for it.

        Raises:
            UnusableQuestion: the text is empty, too long or not text.
        """
        text, watch = check_question(text), watch or Stopwatch()
        with watch.step("linking"):
            mentions = self._reader.mentions(text, prefer=Category.DISEASE)
            question = understand(text, mentions)
            if not (question.asks("codes") and question.mentions):  # there an identifier is what is asked for
                question = understand(text, with_identifiers(text, mentions, self._snapshot))
        with watch.step("retrieval"):
            return question, self._contexts.build(question, self._count_tokens)

    def answer_from(
        self,
        question: Question,
        context: Context,
        on_claim: Callable[[Claim], None] | None = None,
        watch: Stopwatch | None = None,
    ) -> Answer:
        """The verified answer to a question from the evidence given."""
        watch = watch or Stopwatch()
        gate = _Gate(None if context.complete else self._risk_model, question, context)
        verification = Verification(
            self._checker, context, graph_sentences(context), self._prompt.abstention, gate.may_show
        )
        with watch.step("generation"):
            for claim in verification.read(self._generate(context, watch)):
                watch.mark("first_claim")
                if on_claim is not None:
                    on_claim(claim)
        answer = verification.answer()
        if answer.abstained and any(claim.written_by is Author.MODEL for claim in verification.kept):
            answer, gate = self._by_graph_instead(answer, gate, on_claim)
        model = GRAPH_MODEL if self._generator is None or context.complete else self._generator.name
        answer = _or_say_what_is_missing(answer, question, context)
        timings, degraded = watch.timings_ms(), self._contexts.degraded
        return Answer(context, answer, self._snapshot.version, model, timings, degraded, tuple(gate.signs), gate.risk)

    def _by_graph_instead(
        self, held: VerifiedAnswer, gate: "_Gate", on_claim: Callable[[Claim], None] | None
    ) -> tuple[VerifiedAnswer, "_Gate"]:
        """What the graph answers by itself where the model's answer was held back, if that is less risky."""
        own = _Gate(gate.model, gate.question, gate.context)
        verification = Verification(self._checker, gate.context, graph_sentences(gate.context), may_show=own.may_show)
        claims = list(verification.read(()))
        if verification.answer().abstained:
            return held, gate
        if on_claim is not None:
            for claim in claims:
                on_claim(claim)
        return VerifiedAnswer(tuple(claims), held.rejected), own

    def _count_tokens(self, text: str) -> int:
        return len(text) // 4 if self._generator is None else self._generator.count_tokens(text)

    def _generate(self, context: Context, watch: Stopwatch) -> Iterator[str]:
        if self._generator is None or context.complete or not context.items:
            return
        decoding = replace(self._decoding, pattern=answer_pattern(context, self._prompt.abstention))
        messages = answer_messages(context, self._prompt, self._snapshot.label)
        for piece in self._generator.stream(messages, decoding):
            watch.mark("first_token")
            yield piece


@dataclass(slots=True)
class _Gate:
    """Lets an answer be shown once its risk is low enough; without a model of risk, always."""

    model: RiskModel | None
    question: Question
    context: Context
    signs: list[Signs] = field(default_factory=list)

    def may_show(self, verification: Verification) -> bool:
        """Whether what has been kept so far may be shown."""
        signs = signs_of(
            verification.kept,
            verification.n_rejected,
            self.context,
            model_abstained=verification.model_abstained,
            has_topic=bool(self.question.topics),
        )
        self.signs.append(signs)
        return self.model is None or not self.model.is_too_risky(signs)

    @property
    def risk(self) -> float | None:
        """The lowest risk so far."""
        return None if self.model is None or not self.signs else min(map(self.model.risk, self.signs))


def check_question(text: str) -> str:
    """The question without white space around it.

    Raises:
        UnusableQuestion: it is empty, too long or not text.
    """
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UnusableQuestion("its bytes are not UTF-8; type it again, or convert the file to UTF-8.")
    text = text.replace("\x00", " ").strip()
    if not re.search(r"\w", text):
        raise UnusableQuestion("it is empty; ask, for example, “How is Marfan syndrome inherited?”")
    if len(text) > MAX_QUESTION_CHARACTERS:
        raise UnusableQuestion(
            f"it has {len(text):,} characters, at most {MAX_QUESTION_CHARACTERS:,} are read; "
            "shorten it, or give a long patient text to clinigraph diagnose."
        )
    return text


def graph_sentences(context: Context) -> list[GraphSentence]:
    """What the graph itself would say: the sentences of the most relevant items, and the beginning of one passage."""
    if not context.items:
        return []
    facts = [item for item in context.items if item.kind is EvidenceKind.FACT]
    passages = [item for item in context.items if item.kind is EvidenceKind.PASSAGE]
    if context.complete:
        return _whole_answer(context)
    best = max(item.score for item in context.items)
    told = [item for item in facts if item.score >= best - 0.5][: _GRAPH_SENTENCES - 1]
    if passages and (not told or passages[0].score >= told[0].score):
        return [_quoted(passages[0]), *map(_said, told)]
    return [*map(_said, told), *map(_quoted, passages[: 0 if told else 1])]


def _whole_answer(context: Context) -> list[GraphSentence]:
    """Every item's sentence; where a statement was judged, the judgement opens the first one."""
    first, *others = context.items[:_GRAPH_SENTENCES]
    opening = "" if context.judgement is None else f"{context.judgement}: "
    return [GraphSentence(f"{opening}{first.text}", (first.n,)), *map(_said, others)]


def _said(item: EvidenceItem) -> GraphSentence:
    return GraphSentence(item.text, (item.n,))


def _quoted(item: EvidenceItem) -> GraphSentence:
    beginning = " ".join(_SENTENCE_END.split(" ".join(item.text.split()))[:_PASSAGE_SENTENCES])
    return GraphSentence(beginning if beginning.endswith((".", "!", "?")) else f"{beginning}.", (item.n,))


def _or_say_what_is_missing(answer: VerifiedAnswer, question: Question, context: Context) -> VerifiedAnswer:
    """An abstention for want of evidence names the topic that was asked for."""
    if context.items or not answer.abstained or not question.mentions or not question.topics:
        return answer
    labels = _joined([mention.label for mention in question.mentions])
    topics = _joined([topic.missing for topic in question.topics])
    return VerifiedAnswer((), (), True, f"The graph and its texts hold no evidence on {topics} for {labels}.")


def _joined(words: Sequence[str]) -> str:
    unique = list(dict.fromkeys(words))
    return " and ".join([", ".join(unique[:-1]), unique[-1]] if len(unique) > 1 else unique)
