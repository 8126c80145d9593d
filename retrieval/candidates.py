"""Word windows of a text that are keys of the lexicon: plain runs, and list members joined with the head they share."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from .lexicon import Lexicon
from .windows import MAX_ELEMENTS, Elements, UInt64s

Segment: TypeAlias = tuple[int, int, bool]
"""A run of words ``start:stop`` between signs, and whether only list joints stand between it and the next run."""

Plan: TypeAlias = tuple[int, int, int, int, int]
"""Two word runs ``a:b`` and ``c:d`` on two sides of a joint, and 1 if the first is the incomplete member, else 0."""

_SHARED_SCORE = 0.9
_SHARED_MEMBER = 2  # words of a list member or of the head it shares
_SHARED_REACH = 3  # members of a list looked at on either side
_UINT64 = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Window:
    """Elements whose hash is a key of the lexicon; with ``head`` those of a list member and of the head it shares."""

    key: int
    start: int
    stop: int
    own: tuple[int, int]
    n_words: int
    ordered: int
    plain_bag: int
    only_ordered: bool = False
    head: tuple[int, int] | None = None
    factor: float = 1.0


def plain_windows(elements: Elements, lexicon: Lexicon, factor: float = 1.0) -> Iterator[Window]:
    """Every run of elements whose words are those of a name, wherever a name may start and stop."""
    n = len(elements)
    for length in range(1, min(MAX_ELEMENTS, n) + 1):
        start = np.flatnonzero(elements.content[: n - length + 1] & elements.content[length - 1 :])
        stop = start + length
        keys = lexicon.find(elements.bag_sum[stop] - elements.bag_sum[start])
        hit = np.flatnonzero(keys >= 0)
        if not len(hit):
            continue
        start, stop = start[hit], stop[hit]
        ordered = elements.ordered(start, stop)
        plain = elements.plain_sum[stop] - elements.plain_sum[start]
        signs = elements.signs_before[stop] - elements.signs_before[start]
        tail = elements.has_qualifying_tail(start, stop)
        columns = (keys[hit], start, stop, ordered, plain, signs, (signs > 0) & ~tail)
        for key, a, b, o, p, s, strict in zip(*(column.tolist() for column in columns), strict=True):
            yield Window(key, a, b, (a, b), length - s, o, p, strict, factor=factor)


def shared_windows(elements: Elements, lexicon: Lexicon) -> Iterator[Window]:
    """List members completed by a head they share: "otic and renal anomalies", "short third and fourth fingers"."""
    plans = list(_shared_plans(elements))
    if not plans:
        return
    bag = elements.bag_sum
    plan = np.asarray(plans, dtype=np.int64)
    sums: UInt64s = (bag[plan[:, 1]] - bag[plan[:, 0]]) + (bag[plan[:, 3]] - bag[plan[:, 2]])
    keys = lexicon.find(sums)
    plain = elements.plain_sum
    for at in np.flatnonzero(keys >= 0).tolist():
        a, b, c, d, part_first = plans[at]
        total = (int(plain[b]) - int(plain[a]) + int(plain[d]) - int(plain[c])) & _UINT64
        own, head = ((a, b), (c, d)) if part_first else ((c, d), (a, b))
        ordered = elements.ordered_pair(a, b, c, d)
        yield Window(int(keys[at]), a, d, own, b - a + d - c, ordered, total, head=head, factor=_SHARED_SCORE)


def _shared_plans(elements: Elements) -> Iterator[Plan]:
    segments = _segments(elements)
    for at, left in enumerate(segments):
        for right in segments[at + 1 : at + 1 + _SHARED_REACH]:
            if not left[2]:
                break
            yield from _head_behind(left, right)
            yield from _head_before(left, right)
            if not right[2] or right[1] - right[0] > _SHARED_MEMBER:
                break


def _head_behind(left: Segment, right: Segment) -> Iterator[Plan]:
    """Members before their head ("otic and renal anomalies"): the end of ``left`` with later words of ``right``."""
    for part in range(max(left[0], left[1] - _SHARED_MEMBER), left[1]):
        for head in range(right[0] + 1, min(right[0] + 1 + _SHARED_MEMBER, right[1])):
            for stop in range(head + 1, min(head + _SHARED_MEMBER, right[1]) + 1):
                yield part, left[1], head, stop, 1


def _head_before(left: Segment, right: Segment) -> Iterator[Plan]:
    """Members behind their head ("short third and fourth fingers"): words of ``left`` with the start of ``right``."""
    for head in range(max(left[0], left[1] - 1 - _SHARED_MEMBER), left[1] - 1):
        for head_stop in range(head + 1, left[1]):
            for stop in range(right[0] + 1, min(right[0] + _SHARED_MEMBER, right[1]) + 1):
                yield head, head_stop, right[0], stop, 0


def _segments(elements: Elements) -> list[Segment]:
    """Runs of words between signs, and whether only list joints stand between a run and the next."""
    bounds = np.flatnonzero(np.diff(np.concatenate(([False], elements.content, [False])).astype(np.int8)))
    pairs = bounds.reshape(-1, 2).tolist()
    joint = elements.joint
    return [
        (start, stop, at + 1 < len(pairs) and bool(joint[stop : pairs[at + 1][0]].all()))
        for at, (start, stop) in enumerate(pairs)
    ]
