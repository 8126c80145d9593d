"""Concepts that a text names by identifier, such as HP:0001083 or OMIM:154700."""

import re
from collections.abc import Sequence

from kg import Snapshot

from .mention import Mention

_IDENTIFIER = re.compile(r"(?<![\w:])[A-Za-z][A-Za-z0-9]*:[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*(?![\w:])")


def with_identifiers(text: str, mentions: Sequence[Mention], snapshot: Snapshot) -> tuple[Mention, ...]:
    """The mentions of a text, with those that an identifier of the graph makes, which come before others at its place.

    Equivalent and obsolete identifiers are followed; an identifier that the graph does not know names nothing.
    """
    found = []
    for match in _IDENTIFIER.finditer(text):
        curie = snapshot.resolve(match.group()) or snapshot.resolve(match.group().upper())
        if curie is not None:
            found.append(Mention(*match.span(), match.group(), curie, snapshot.label(curie), 1.0))
    kept = [m for m in mentions if not any(m.start < other.end and other.start < m.end for other in found)]
    return tuple(sorted([*kept, *found], key=lambda mention: mention.start))
