"""What a faithful answer to a question is, given its evidence: the sentences that training aims at.

Facts come before prose, as in answering. Every sentence repeats what one item says, shortened where a question asks for
part of it, and stands only if it passes the claim checks.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kg import Curie
from retrieval import Context, EvidenceItem, EvidenceKind

from ..checks import Checker
from ..claims import Claim, split_sentences
from ..prompt import Label
from .forms import Relation, forms

_GROUP = re.compile(
    r"(All patients|Most patients|Many patients|Some patients|Few patients|Patients) with (.+?) have .+"
)
_TAIL = re.compile(r"; (mechanism|advice):.*", re.DOTALL)
_TITLE = re.compile(r"(?P<title>[^:.]{2,90}?)(?: \(\d{4}\))?: (?P<rest>.+)", re.DOTALL)
_ARTICLE = re.compile(r"(An?|The|Any) [a-z0-9]")
_LONGEST_WORDS = 48
_SHORTEST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Target:
    """An answer as it should be: sentences without marks, each with the number of its evidence."""

    sentences: tuple[tuple[str, int], ...]

    @property
    def text(self) -> str:
        """The answer as the model is to write it: the mark before the full stop."""
        return " ".join(f"{text.rstrip('.')} [{n}]." for text, n in self.sentences)

    @property
    def cited(self) -> tuple[int, ...]:
        """The evidence numbers, each once, in order."""
        return tuple(dict.fromkeys(n for _, n in self.sentences))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked: a relation of one concept, and with which second one.

    ``alike`` are all concepts that the words for the first can mean, ``near`` those above and below the second.
    """

    relation: Relation
    concept: Curie
    second: Curie | None = None
    alike: frozenset[Curie] = frozenset()
    near: frozenset[Curie] = frozenset()
    second_name: str = ""

    @property
    def concepts(self) -> frozenset[Curie]:
        """What an item must be about."""
        return self.alike | {self.concept}

    def is_about(self, item: EvidenceItem) -> bool:
        """Whether an item has one of the concepts among those it is about."""
        return not self.concepts.isdisjoint(item.curies)

    def is_subject(self, item: EvidenceItem) -> bool:
        """Whether an item is about one of the concepts first of all."""
        return bool(item.curies) and item.curies[0] in self.concepts


@dataclass(frozen=True, slots=True)
class TargetWriter:
    """Writes answers whose every sentence passes the checks; ``label`` names a concept as inside a sentence."""

    checker: Checker
    label: Label
    longest_characters: int = 620

    def write(self, wanted: Wanted, context: Context) -> Target | None:
        """The answer; ``None`` if no item of the context gives one."""
        said: list[tuple[str, int]] = []
        length = 0
        for text, n in self._candidates(wanted, context):
            if len(said) == wanted.relation.most or length + len(text) > self.longest_characters:
                break
            if (text, n) not in said and self._passes(text, n, context):
                said.append((text, n))
                length += len(text)
        return Target(tuple(said)) if said else None

    def _passes(self, text: str, n: int, context: Context) -> bool:
        return self.checker.check(Claim(text, (n,)), context).checks.passed

    def _candidates(self, wanted: Wanted, context: Context) -> Iterator[tuple[str, int]]:
        if wanted.relation.id == "overview":
            yield from _overview(wanted, context)
            return
        if wanted.relation.id == "definition":
            yield from _definitions(wanted, context)
            return
        facts = [item for item in context.items if answers_by_fact(wanted, item)]
        if facts:
            yield from (pair for item in facts for pair in self._of_fact(wanted, item))
            return
        for item in context.items:
            if item.kind is EvidenceKind.PASSAGE and wanted.is_about(item):
                yield from ((text, item.n) for text in _telling(wanted, item))
        if wanted.relation.id == "kinds":
            yield from _definitions(wanted, context)

    def _of_fact(self, wanted: Wanted, item: EvidenceItem) -> Iterator[tuple[str, int]]:
        text = _TAIL.sub(".", item.text)
        group = _GROUP.fullmatch(text)
        if wanted.second is not None and group:
            text = f"{group[1]} with {group[2]} have {self.label(wanted.second)}."
        yield text, item.n


def answers_by_fact(wanted: Wanted, item: EvidenceItem) -> bool:
    """Whether a fact item states the relation asked for about the concept, with the second one if there is one."""
    relation = wanted.relation
    stating = [fact for fact in item.facts if fact.predicate in relation.predicates]
    if not stating or not wanted.is_about(item) or (relation.only and len(stating) < len(item.facts)):
        return False
    if wanted.second is not None and wanted.second not in item.curies:
        return False
    return relation.side != "subject" or wanted.is_subject(item)


def states_relation(relation: str, concept: Curie, item: EvidenceItem) -> bool:
    """Whether an item states a relation, by its name in ``forms.toml``, about a concept; never one of two concepts."""
    known = forms().relations.get(relation)
    return known is not None and known.second is None and answers_by_fact(Wanted(known, concept), item)


def may_answer(wanted: Wanted, item: EvidenceItem, words: Iterable[str] = ()) -> bool:
    """Whether an item could answer in any way: by a fact, a cue, one of ``words``, or by naming the second concept."""
    if answers_by_fact(wanted, item):
        return True
    lowered = item.text.lower()
    if wanted.relation.id in ("definition", "overview", "kinds"):
        return wanted.is_about(item)
    if any(cue.search(lowered) for cue in wanted.relation.cues) and wanted.is_about(item):
        return True
    if any(word in lowered for word in words):
        return True
    named = wanted.second_name.lower() in lowered if wanted.second_name else False
    return wanted.second is not None and (named or not (wanted.near | {wanted.second}).isdisjoint(item.curies))


def _telling(wanted: Wanted, item: EvidenceItem) -> Iterator[str]:
    """The sentences of a passage in which a cue of the relation stands, or the second concept is named."""
    for text in _sentences(item):
        lowered = text.lower()
        names = bool(wanted.second_name) and wanted.second_name.lower() in lowered
        if names or any(cue.search(lowered) for cue in wanted.relation.cues):
            yield text


def _sentences(item: EvidenceItem) -> Sequence[str]:
    """The sentences of a passage; of its first the title becomes the subject."""
    match = _TITLE.fullmatch(" ".join(item.text.split()))
    if match is None:
        return []
    title, rest = match["title"], match["rest"]
    spans = [rest[s.start : s.end] for s in split_sentences(rest) if s.complete]
    if spans and _ARTICLE.match(spans[0]):
        spans[0] = f"{title} is {spans[0][0].lower()}{spans[0][1:]}"
    elif spans and title.lower() not in spans[0].lower():
        spans[0] = f"{title}: {spans[0][0].lower()}{spans[0][1:]}"
    return [text for text in spans if _SHORTEST_WORDS <= len(text.split()) <= _LONGEST_WORDS]


def _definitions(wanted: Wanted, context: Context) -> Iterator[tuple[str, int]]:
    """The first sentence of a passage about the concept; where none is short enough, what kind of thing it is."""
    for item in context.items:
        if item.kind is EvidenceKind.PASSAGE and wanted.is_about(item):
            yield from ((text, item.n) for text in _sentences(item)[:1])
    for item in context.items:
        if " is a kind of " in item.text and wanted.is_subject(item):
            yield item.text, item.n


def _overview(wanted: Wanted, context: Context) -> Iterator[tuple[str, int]]:
    yield from list(_definitions(wanted, context))[:1]
    for item in context.items:
        if item.facts and wanted.is_subject(item) and " is a kind of " not in item.text:
            yield item.text, item.n
