"""From generated text to an answer in which every sentence has been checked."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from retrieval import Context

from .checks import Checker
from .claims import Author, Claim, Sentence, Verdict, claim_of, is_looping, normalised, split_sentences
from .reading import plain_stems, words_of


@dataclass(frozen=True, slots=True)
class GraphSentence:
    """A sentence written from facts of the graph, and the evidence numbers of those facts."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class VerifiedAnswer:
    """The sentences that may be shown, the model's sentences that may not, and why nothing is said where nothing is."""

    claims: tuple[Claim, ...]
    rejected: tuple[Claim, ...] = ()
    abstained: bool = False
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.abstained != (self.reason is not None) or self.abstained == bool(self.claims):
            raise ValueError("an answer has claims, or it abstains with a reason")

    @property
    def text(self) -> str:
        """All claims with their citations, as one paragraph."""
        return " ".join(str(claim) for claim in self.claims)


@dataclass(slots=True)
class Verification:
    """One answer while it is being generated and checked.

    Claims are checked in order, as soon as their sentence is complete. A claim of the model that passes is kept. One
    that fails is replaced by the graph sentence that says most of the same, or dropped. Repetitions are dropped
    silently. When the text has ended and no claim of the model was kept, the remaining graph sentences answer.
    ``abstention`` is the sentence by which a model says that the evidence does not answer; it is no claim.

    Claims are held back until ``may_show`` allows those kept so far; if it never does, the answer is an abstention.
    """

    checker: Checker
    context: Context
    graph_sentences: Sequence[GraphSentence]
    abstention: str = ""
    may_show: "Callable[[Verification], bool] | None" = None
    model_abstained: bool = False
    _shown: bool = False
    _kept: list[Claim] = field(default_factory=list)
    _rejected: list[Claim] = field(default_factory=list)
    _said: set[str] = field(default_factory=set)
    _used: set[int] = field(default_factory=set)

    def read(self, pieces: Iterable[str]) -> Iterator[Claim]:
        """Yield each claim that may be shown, as the pieces of generated text come in; stop reading at a loop.

        Without evidence nothing is read.
        """
        if not self.context.items:
            return
        held: list[Claim] = []
        for claim in self._keep(pieces):
            held.append(claim)
            self._shown = (self.may_show is None or self.may_show(self)) or self._shown
            if self._shown:
                yield from held
                held.clear()

    @property
    def kept(self) -> Sequence[Claim]:
        """The claims kept so far, shown or held back."""
        return tuple(self._kept)

    @property
    def n_rejected(self) -> int:
        """How many of the model's sentences have failed so far."""
        return len(self._rejected)

    def answer(self) -> VerifiedAnswer:
        """The whole answer, once `read` has ended."""
        if self._kept and self._shown:
            return VerifiedAnswer(tuple(self._kept), tuple(self._rejected))
        if self._kept:
            return VerifiedAnswer((), tuple(self._rejected), True, _too_risky(self.context))
        return VerifiedAnswer((), tuple(self._rejected), True, _what_is_missing(self.context, len(self._rejected)))

    def _keep(self, pieces: Iterable[str]) -> Iterator[Claim]:
        yield from self._read_sentences(pieces)
        if not any(claim.written_by is Author.MODEL for claim in self._kept):
            yield from self._answer_from_graph()

    def _read_sentences(self, pieces: Iterable[str]) -> Iterator[Claim]:
        text, done = "", 0
        for piece in pieces:
            text += piece
            settled = _settled(text)
            for sentence in settled[done:]:
                yield from self._consider(claim_of(text, sentence))
            done = max(done, len(settled))
            if is_looping(text):
                return
        for sentence in list(split_sentences(text))[done:]:
            yield from self._consider(claim_of(text, sentence))

    def _consider(self, claim: Claim | None) -> Iterator[Claim]:
        if claim is None or normalised(claim.text) in self._said:
            return
        if self.abstention and normalised(claim.text) == normalised(self.abstention):
            self.model_abstained = True
            return
        self._said.add(normalised(claim.text))
        checked = self.checker.check(claim, self.context)
        if not checked.checks.passed:
            checked = self.checker.attribute(claim, self.context) or checked
        if checked.checks.passed:
            self._kept.append(checked)
            yield checked
            return
        self._rejected.append(checked)
        if (at := self._closest(checked)) is not None:
            yield from self._say(at, checked)

    def _closest(self, claim: Claim) -> int | None:
        """The position of the unused graph sentence that shares evidence and most words with a claim.

        A claim without valid citation needs a sentence with a third of its words.
        """
        words = _content(claim.text)
        scored = []
        for at, sentence in enumerate(self.graph_sentences):
            shared = len(words & _content(sentence.text))
            cited = bool(set(sentence.citations) & set(claim.citations))
            if at not in self._used and shared and (cited or (shared > 1 and 3 * shared >= len(words))):
                scored.append((cited, shared, -at))
        return -max(scored)[2] if scored else None

    def _say(self, at: int, replaces: Claim | None) -> Iterator[Claim]:
        self._used.add(at)
        sentence = self.graph_sentences[at]
        written = Claim(sentence.text, sentence.citations, Author.GRAPH, replaces=replaces)
        checked = self.checker.check(written, self.context)
        told = {normalised(claim.text) for claim in self._kept}
        if normalised(written.text) in told or checked.checks.citation.verdict is not Verdict.PASSED:
            return
        self._said.add(normalised(written.text))
        self._kept.append(checked)
        yield checked

    def _answer_from_graph(self) -> Iterator[Claim]:
        for at in range(len(self.graph_sentences)):
            if at not in self._used:
                yield from self._say(at, None)


def verify(text: str, checker: Checker, context: Context, graph_sentences: Sequence[GraphSentence]) -> VerifiedAnswer:
    """The verified answer from a whole generated text; see `Verification`. An empty text lets the graph answer."""
    verification = Verification(checker, context, graph_sentences)
    for _ in verification.read([text]):
        pass
    return verification.answer()


def _settled(text: str) -> list[Sentence]:
    """The sentences that no further text can change: all but the last, and but one whose citation is being written."""
    sentences = list(split_sentences(text))
    if not sentences:
        return []
    last = text[sentences[-1].start : sentences[-1].end]
    return sentences[:-2] if last.startswith("[") and "]" not in last else sentences[:-1]


def _content(text: str) -> set[str]:
    return {word.stem for word in words_of(text)} - plain_stems()


def _too_risky(context: Context) -> str:
    labels = ", ".join(dict.fromkeys(mention.label for mention in context.mentions))
    about = f" about {labels}" if labels else ""
    return f"Evidence{about} was found, but it does not seem to answer the question; read it, or ask in other words."


def _what_is_missing(context: Context, n_rejected: int) -> str:
    labels = ", ".join(dict.fromkeys(mention.label for mention in context.mentions))
    if not labels and not context.items:
        return "No disease, finding or gene of the graph was recognised in the question; use another of its names."
    about = f" about {labels}" if labels else ""
    if not context.items:
        return f"Neither the graph nor its texts hold evidence{about} that answers the question."
    generated = (
        f"none of the {n_rejected} generated sentences follows from it" if n_rejected else "nothing was generated"
    )
    return f"Evidence{about} was found, but {generated}, and no fact of the graph states an answer."
