"""The concept that a text names in full: what a user types, or the words beside a code."""

from typing import TYPE_CHECKING

from kg import Category, Curie

if TYPE_CHECKING:
    from .pipeline import Reader

_MAX_CHARACTERS = 300


def find_named(reader: "Reader", text: str, categories: frozenset[Category]) -> Curie | None:
    """The concept of some categories that the whole of ``text`` names; ``None`` if it names none, or says more."""
    text = " ".join(text.split()).strip(".,;")
    if not text or len(text) > _MAX_CHARACTERS or not categories:
        return None
    mentions = reader.mentions(text, sorted(categories)[0], categories)
    return mentions[0].curie if len(mentions) == 1 and (mentions[0].start, mentions[0].end) == (0, len(text)) else None
