"""Statements: texts that say something of two concepts, with what they say and whether they deny it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg import Category, Curie, Snapshot

from ..forms import forms
from ..question import Question, readings
from .relation import Relation, relations
from .relation import Side as RelationSide

_BLANK = "…"
_VAGUE = frozenset(
    (
        "is",
        "are",
        "a",
        "an",
        "the",
        "has",
        "have",
        "show",
        "shows",
        "features",
        "include",
        "includes",
        "follows",
        "affects",
    )
)
_NEGATION = re.compile(
    r"\b(?:(?P<verb>is|are|was|were|can|may|has|have)\s*(?P<not>not|never|n't|n’t)|(?P<aux>(?:do|does|did)\s*(?:not|n't|n’t)"
    r"|cannot|never))(?=\s)",
    re.IGNORECASE,
)
_EDGE = " \t\n.,;:!?\"'“”‘’()[]"


@dataclass(frozen=True, slots=True)
class Part:
    """One side of a statement: its words, and the concepts that all of them can name together, by category.

    ``mentions`` says whether a part of the words names something at all.
    """

    text: str
    readings: dict[Category, tuple[Curie, ...]]
    mentions: bool

    def fitting(self, relation: Relation, side: RelationSide) -> tuple[Curie, ...]:
        """The readings that can stand on a side of a relation, best first."""
        return tuple(
            curie for category, curies in self.readings.items() if relation.takes(side, category) for curie in curies
        )


@dataclass(frozen=True, slots=True)
class Statement:
    """That ``subject`` and ``object`` are linked by ``relation``, or, if ``negated``, that they are not.

    ``vague`` says that the words between them ("has", "is a") say so little that they state nothing by themselves.
    """

    relation: Relation
    subject: Part
    object: Part
    negated: bool
    vague: bool = False

    @property
    def subjects(self) -> tuple[Curie, ...]:
        """What the subject can be."""
        return self.subject.fitting(self.relation, RelationSide.SUBJECT)

    @property
    def objects(self) -> tuple[Curie, ...]:
        """What the object can be."""
        return self.object.fitting(self.relation, RelationSide.OBJECT)

    @property
    def is_plain(self) -> bool:
        """Whether a text with an unknown side is a statement all the same: one side is known, and the other is named.

        "Patient has seizures" is none, since "has" says little and "patient" names nothing of the graph.
        """
        parts = (self.subject, self.object)
        return any(part.readings for part in parts) and (not self.vague or all(part.mentions for part in parts))

    @property
    def known(self) -> bool:
        """Whether both sides name concepts that the relation can link."""
        return bool(self.subjects and self.objects)


def is_statement(text: str) -> bool:
    """Whether a text states something, or asks whether a statement is true."""
    return bool(re.match(forms()["claims"], text, re.IGNORECASE)) or not (
        text.rstrip().endswith("?") or re.match(forms()["asks"], text, re.IGNORECASE)
    )


def stated_text(question: Question) -> str:
    """The question with its mentions blanked out and an opening such as "Is it true that" too, as long as before."""
    text = question.text
    for mention in question.mentions:
        text = text[: mention.start] + _BLANK * (mention.end - mention.start) + text[mention.end :]
    opening = re.match(forms()["claims"], text, re.IGNORECASE)
    return text if opening is None else " " * opening.end() + text[opening.end() :]


def without_negation(text: str) -> tuple[str, bool]:
    """The text with "not" and its like blanked out, as long as before, and whether there was an odd number of them.

    >>> without_negation("it is not here")
    ('it is     here', True)
    """
    count = 0

    def blank(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        verb = match["verb"] or ""
        return verb + " " * (len(match.group()) - len(verb))

    return _NEGATION.sub(blank, text), bool(count % 2)


def read_statements(question: Question, snapshot: Snapshot) -> tuple[Statement, ...]:
    """What a text can state, the longest wording first; empty if it states nothing.

    These are the readings whose sides name concepts that their relation can link. Where there are none, the one with
    the longest wording stands alone.
    """
    if not question.mentions or not is_statement(question.text):
        return ()
    candidates = sorted(_candidates(question, snapshot), key=lambda pair: -pair[0])
    known = tuple(statement for _, statement in candidates if statement.known)
    return known or tuple(statement for _, statement in candidates if statement.is_plain)[:1]


def _candidates(question: Question, snapshot: Snapshot) -> Iterator[tuple[int, Statement]]:
    """Every relation whose wording stands between two sides, with the length of the wording."""
    text, negated = without_negation(stated_text(question))
    for relation in relations().values():
        for phrases, turned in ((relation.states, False), (relation.states_reversed, True)):
            for match in (match for phrase in phrases for match in phrase.finditer(text)):
                if _BLANK in match.group():
                    continue
                spans = ((0, match.start()), (match.end(), len(text)))
                before, after = (part_of(question, text, snapshot, *span) for span in spans)
                if before.text and after.text:
                    sides = (after, before) if turned else (before, after)
                    words = match.group().lower().split()
                    yield len(words), Statement(relation, *sides, negated, _VAGUE.issuperset(words))


def part_of(question: Question, blanked: str, snapshot: Snapshot, start: int, end: int) -> Part:
    """The words between two offsets, and what they name, if one mention and words that change nothing are all of them.

    ``blanked`` is the question's text, as long as it is, with spaces for the words that belong to neither side.
    """
    inside = [mention for mention in question.mentions if start <= mention.start and mention.end <= end]
    shown = (
        " " if blank == " " else own for blank, own in zip(blanked[start:end], question.text[start:end], strict=True)
    )
    said = " ".join("".join(shown).split()).strip(_EDGE)
    best = max(inside, key=lambda mention: (mention.end - mention.start, -mention.start), default=None)
    if best is None or not _is_all(blanked[start : best.start], blanked[best.end : end]):
        return Part(said, {}, bool(inside))
    return Part(said, dict(readings(best, snapshot)), True)


def _is_all(left: str, right: str) -> bool:
    """Whether nothing of weight stands on either side of a mention; what stands in brackets has no weight."""
    beside = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", f"{left} | {right}")
    words = re.findall(r"[^\W_]+", beside.lower())
    return all(word in forms()["beside"] for word in words)
