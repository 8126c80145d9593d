"""Which codes an Excludes1 note of ICD-10-CM means: ``(E10.-)``, ``(A04.0-A04.4)``, ``(T61-T62, I20-I25)``."""

import re
from collections.abc import Iterator, Mapping
from typing import Protocol

_IN_BRACKETS = re.compile(r"\(([^()]*)\)\s*$")
_CODE = re.compile(r"([A-Z][0-9][0-9A-Z])(?:\.([0-9A-Z]{1,4}))?")
_BROADER_AT_MOST = 60  # categories in one range; a larger one is a chapter, and has its own identifier


class Unresolved(ValueError):
    """A note from which no code can be read; says why."""


class _Placed(Protocol):
    @property
    def parent(self) -> str | None: ...


class CodeList:
    """The codes that are read, in order, with their places in the hierarchy."""

    def __init__(self, entries: Mapping[str, _Placed]) -> None:
        self._entries = entries
        self._categories = sorted(code for code in entries if len(code) == 3)
        self._subcodes = sorted(code for code in entries if "." in code)

    def excluded(self, code: str, note: str) -> list[str]:
        """What a note under ``code`` excludes, without what lies above or below that code.

        Raises:
            Unresolved: the note ends in no code, attaches a condition, or names codes that are not read.
        """
        found = _IN_BRACKETS.search(note)
        if not found:
            raise Unresolved("it ends in no code")
        if re.search(r"[a-z]{2}", found[1]):
            raise Unresolved("the code holds under a condition")
        others = {
            other for part in re.split(r"[,;]\s*", found[1]) if part.strip() for other in self._meant(part.strip())
        }
        kept = sorted(other for other in others if not self._related(code, other))
        if not kept:
            raise Unresolved("its codes are not read, or lie above or below")
        return kept

    def _meant(self, part: str) -> Iterator[str]:
        first, dash, last = (piece.strip() for piece in re.sub(r"\.?-$", "", part).partition("-"))
        first, last = first.rstrip(".-"), last.rstrip(".-")
        if not dash:
            if first in self._entries:
                yield first
        elif f"{first}-{last}" in self._entries:
            yield f"{first}-{last}"
        elif _CODE.fullmatch(first) and _CODE.fullmatch(last):
            pool = self._subcodes if "." in first else self._categories
            inside = [code for code in pool if first <= code <= last and len(code) == len(first)]
            yield from inside[:_BROADER_AT_MOST]

    def _related(self, code: str, other: str) -> bool:
        return other in self._line(code) or code in self._line(other)

    def _line(self, code: str | None) -> list[str]:
        """A code and everything above it."""
        line = []
        while code is not None and code in self._entries:
            line.append(code)
            code = self._entries[code].parent
        return line
