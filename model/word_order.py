"""Whether a sentence leaves the words of a passage in their order, and leaves none of its cautions out.

Where the graph has facts, they say what belongs to what. A passage has only its grammar: the same words in another
order make another statement, or none ("bilateral cataract and renal cysts", "bilateral renal cysts and cataract").
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from retrieval import Mention

from .grounds import Ground, Reading, run_spans, span_of
from .reading import Span, Word, cautions_in, inside, plain_stems
from .relations import Relation
from .stated import Stated

NeedsSupport: TypeAlias = Callable[[Word], bool]
"""Whether a word of the claim must stand in the evidence."""

_TITLE_END = ": "


@dataclass(frozen=True, slots=True)
class _Part:
    """A concept that the claim names, or a word of its own, in the order of the claim.

    The concept that the claim is about is its ``subject``.
    """

    words: tuple[Word, ...]
    mention: Mention | None = None
    subject: bool = False

    @property
    def start(self) -> int:
        """Where it begins in the claim."""
        return self.words[0].start


def is_rearranged(claim: Stated, needs_support: NeedsSupport, relations: Sequence[Relation]) -> bool:
    """Whether no cited passage says the claim in one sentence: its words in order, with as many denials and doubts.

    A sentence that does not name what the claim is about must be told from its beginning: else its own subject would
    be changed for the claim's. What cited facts say may stand anywhere. ``relations`` are directed ones, whose sides
    another check holds to the evidence's: what is on one side may change places with what is on the other.
    """
    passages = [ground for ground in claim.grounds if not ground.item.facts]
    if not passages:
        return False
    parts = [part for part in _parts(claim, needs_support) if not _said_by_facts(part, claim)]
    if _told(parts, passages, claim):
        return False
    return not any(all(_told(side, passages, claim) for side in _sides(parts, relation.span)) for relation in relations)


def _parts(claim: Stated, needs_support: NeedsSupport) -> list[_Part]:
    subjects = {anchor.curie for anchor in claim.anchors()}
    parts = []
    for mention in claim.reading.mentions:
        words = tuple(word for word in claim.reading.words if inside(span_of(word), [span_of(mention)]))
        if words:
            parts.append(_Part(words, mention, mention.curie in subjects))
    parts += [_Part((word,)) for word in claim.reading.words if needs_support(word)]
    return sorted(parts, key=lambda part: part.start)


def _said_by_facts(part: _Part, claim: Stated) -> bool:
    grounds = [ground for ground in claim.grounds if ground.item.facts]
    if part.mention is not None:
        return any(ground.speaks_of(part.mention, claim.is_a) for ground in grounds)
    return any(part.words[0].stem == word.stem for g in grounds for reading in g.sentences for word in reading.words)


def _sides(parts: Sequence[_Part], relation: Span) -> tuple[list[_Part], list[_Part]]:
    """The parts before and after a relation word, which is on neither side."""
    return (
        [part for part in parts if part.words[-1].end <= relation[0]],
        [part for part in parts if part.start >= relation[1]],
    )


def _told(parts: Sequence[_Part], passages: Sequence[Ground], claim: Stated) -> bool:
    return not parts or any(_is_told_in(reading, parts, g, claim) for g in passages for reading in g.sentences)


def _is_told_in(reading: Reading, parts: Sequence[_Part], ground: Ground, claim: Stated) -> bool:
    """Whether each part is found behind the one before it, and nothing is left out that changes what they say."""
    first: int | None = None
    at = 0
    named = not any(part.subject for part in parts)
    for part in parts:
        places = list(_places(part, reading, ground, claim))
        if part.subject and not places:
            continue
        ends = [(end, start) for start, end in places if start >= at]
        if not ends:
            return False
        named = named or part.subject
        at, start = min(ends)
        first = start if first is None else first
    if first is None:
        return True
    if not named and not _begins_a_statement(first, reading):
        return False
    return _keeps_cautions(claim.reading, reading, (_statement_start(first, reading), at))


def _places(part: _Part, reading: Reading, ground: Ground, claim: Stated) -> Iterator[Span]:
    """Where a sentence has a concept, by identifier or by its words, or a word."""
    if part.mention is not None:
        for mention in reading.mentions:
            if ground.is_meant(mention.curie, part.mention.curie, claim.is_a):
                yield span_of(mention)
    yield from run_spans(part.words, reading.words)


def _statement_start(at: int, reading: Reading) -> int:
    return reading.statement_at((at, at)).start


def _begins_a_statement(at: int, reading: Reading) -> bool:
    """Whether no word of meaning stands before a place in its statement, but for the title of the passage."""
    title = reading.text.find(_TITLE_END) + 1
    start = max(_statement_start(at, reading), title)
    return not any(start <= word.start < at and word.stem not in plain_stems() for word in reading.words)


def _keeps_cautions(said: Reading, reading: Reading, span: Span) -> bool:
    """Whether the claim denies as often as this stretch of the evidence, and leaves out no doubt and no share of it."""
    mine = cautions_in(said.text, (0, len(said.text)), said.names)
    theirs = cautions_in(reading.text, span, reading.names)
    return len(mine.negations) == len(theirs.negations) and mine.limits >= theirs.limits
