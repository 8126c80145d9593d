"""Whether every number of a claim is the number that its evidence gives for the same thing."""

import re
from collections.abc import Iterator, Sequence

from kg import Fact
from retrieval import Mention

from .claims import CheckResult, Verdict, normalised
from .grounds import Ground, Reading, span_of
from .quantities import Dimension, Quantity
from .reading import Span, inside, plain_stems
from .stated import Stated, joined

_CUT = re.compile(r"[,;]|\b(?:and|or|but)\b", re.IGNORECASE)
_SHARES = frozenset({Dimension.SHARE, Dimension.WORD})


def check_numbers(claim: Stated) -> CheckResult:
    """Pass if the cited evidence gives each number for the same concept, in an equivalent form (3/5 is 60%).

    Numbers are shares, measures, counts and words of frequency.
    """
    grounds = claim.grounds
    unknown = [q.text for q in claim.reading.quantities if not any(_gives(claim, q, g) for g in grounds)]
    if unknown:
        return CheckResult(Verdict.FAILED, f"the cited evidence does not give {joined(unknown)} for it")
    return CheckResult(Verdict.PASSED)


def _gives(claim: Stated, quantity: Quantity, ground: Ground) -> bool:
    measured = _nearest(claim.others(), quantity)
    if quantity.dimension in _SHARES and measured is not None:
        facts = [f for a in claim.anchors() for f in ground.facts_between(a.curie, measured.curie, claim.is_a)]
        if facts:
            # One fact for all: where facts differ, a sentence cannot pick the one it likes.
            return all(_frequency_agrees(quantity, fact) for fact in facts) or (
                quantity.dimension is Dimension.WORD and _said_of(claim, quantity, ground)
            )
    return _said_of(claim, quantity, ground)


def _frequency_agrees(quantity: Quantity, fact: Fact) -> bool:
    if fact.frequency is None:
        return False
    low, high = fact.frequency.low, fact.frequency.high
    if quantity.dimension is Dimension.WORD:
        return quantity.low <= low and high <= quantity.high
    return quantity.agrees_with(Quantity(quantity.span, str(fact.frequency), Dimension.SHARE, low, high))


def _said_of(claim: Stated, quantity: Quantity, ground: Ground) -> bool:
    return any(
        _same(quantity, found) and _belongs(claim, quantity, ground, reading, found)
        for reading in ground.sentences
        for found in reading.quantities
    )


def _same(quantity: Quantity, found: Quantity) -> bool:
    if quantity.dimension is not Dimension.WORD:
        return quantity.agrees_with(found)
    if found.dimension is Dimension.WORD:
        return (quantity.low, quantity.high) == (found.low, found.high)
    return found.dimension is Dimension.SHARE and quantity.low <= found.low and found.high <= quantity.high


def _belongs(claim: Stated, quantity: Quantity, ground: Ground, reading: Reading, found: Quantity) -> bool:
    """Whether the evidence gives a number for what the claim gives it for.

    Between commas, "and" and the like, the concept nearest to the number must be the same; where the evidence names
    none there but gives several numbers, the claim's words around the number must be those of the evidence. A quoted
    sentence gives its numbers as the evidence does.
    """
    if normalised(reading.text) == normalised(claim.reading.text):
        return True
    part = _part_around(reading, found)
    rivals = tuple(m for m in _measurable(claim, ground, reading) if inside(span_of(m), [part]))
    measured, nearest = _nearest(claim.others(), quantity), _nearest(rivals, found)
    if measured is not None and nearest is not None:
        same_words = nearest.text.casefold() == measured.text.casefold()
        return same_words or ground.is_meant(nearest.curie, measured.curie, claim.is_a)
    if nearest is not None:
        return False  # the claim leaves out what the number measures
    if sum(q.dimension is found.dimension for q in reading.quantities) == 1:
        return True
    own = _stems(claim.reading, _part_around(claim.reading, quantity), claim.reading.names)
    return measured is None and bool(own) and own <= _stems(reading, part, ())


def _part_around(reading: Reading, quantity: Quantity) -> Span:
    """The part of a sentence, between two places where it could be cut, that holds a number."""
    spared = [*reading.names, *(q.span for q in reading.quantities)]
    cuts = [m.span() for m in _CUT.finditer(reading.text) if not inside(m.span(), spared)]
    edges = [statement.start for statement in reading.statements]
    start = max([0, *(e for e in edges if e <= quantity.span[0]), *(c[1] for c in cuts if c[1] <= quantity.span[0])])
    later = [c[0] for c in cuts if c[0] >= quantity.span[1]] + [e for e in edges if e >= quantity.span[1]]
    return (start, min([len(reading.text), *later]))


def _stems(reading: Reading, part: Span, spared: Sequence[Span]) -> set[str]:
    skipped = [*spared, *(q.span for q in reading.quantities)]
    words = (w for w in reading.words if inside(span_of(w), [part]) and not inside(span_of(w), skipped))
    return {word.stem for word in words} - plain_stems()


def _measurable(claim: Stated, ground: Ground, reading: Reading) -> Iterator[Mention]:
    anchored = {anchor.curie for anchor in claim.anchors()} | {ground.subject}
    return (mention for mention in reading.mentions if mention.curie not in anchored)


def _nearest(mentions: tuple[Mention, ...], quantity: Quantity) -> Mention | None:
    """The mention closest to a number; of two as close, the one before it."""

    def distance(mention: Mention) -> tuple[int, int]:
        start, end = span_of(mention)
        gap = quantity.span[0] - end if end <= quantity.span[0] else start - quantity.span[1]
        return (gap, start)

    return min(mentions, key=distance, default=None)
