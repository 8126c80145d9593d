"""Identifiers as files write them, read as CURIEs with the prefixes used here."""

import re
import tomllib
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from importlib import resources

from ..concept import Curie
from ..errors import MalformedCurie
from ..iri import PREFIXES, curie_of
from .kinds import Kind

_LOCAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]*")
_UNDERSCORED = re.compile(r"([A-Za-z]+)_([A-Za-z]?\d+)")  # MONDO_0005148, as the last part of OBO IRIs


class Unreadable(Exception):
    """A text is no identifier that can be used; for a reader to report."""

    def __init__(self, kind: Kind, reason: str) -> None:
        super().__init__(reason)
        self.kind, self.reason = kind, reason


@cache
def prefix_synonyms() -> dict[str, str]:
    """Other spellings of prefixes, case-folded, to the prefix used here."""
    table = tomllib.loads((resources.files("data") / "prefixes.toml").read_text(encoding="utf-8"))
    return {str(other).casefold(): str(ours) for other, ours in table["synonyms"].items()}


class Identifiers:
    """Reads identifiers: known prefixes, their synonyms, and those that were declared."""

    def __init__(self, declared: Iterable[str] = ()) -> None:
        self._prefixes = prefix_synonyms() | {prefix.casefold(): prefix for prefix in (*PREFIXES, *declared)}
        self._stems: dict[str, str] = {}
        self.read: Callable[[str], Curie] = lru_cache(1 << 18)(self._read)
        """The CURIE of a text; raises `Unreadable`."""

    def declare(self, prefix: str, stem: str) -> None:
        """Take a prefix that a file declares itself; by the IRI stem it may be one of ours under another name."""
        ours = next((known for known, of in PREFIXES.items() if of == stem), None)
        known = self._prefixes.setdefault(prefix.casefold(), ours or prefix)
        if stem:
            self._stems[stem] = known

    def _read(self, text: str) -> Curie:
        text = text.strip().strip("<>")
        if "://" in text:
            return self._of_iri(text)
        prefix, colon, local = text.partition(":")
        if not colon and (match := _UNDERSCORED.fullmatch(text)):
            prefix, local = match.groups()
        elif not colon:
            raise Unreadable(Kind.MALFORMED, f"{text!r} is not an identifier like HP:0001250")
        return self._joined(prefix.strip(), local.strip())

    def _joined(self, prefix: str, local: str) -> Curie:
        known = self._prefixes.get(prefix.casefold())
        if known is None:
            raise Unreadable(Kind.UNKNOWN_PREFIX, f"the prefix {prefix!r} is not known; declare it if it is meant")
        again, colon, rest = local.partition(":")  # CHEBI:CHEBI:15377
        if colon and self._prefixes.get(again.casefold()) == known:
            local = rest
        if not _LOCAL.fullmatch(local):
            raise Unreadable(Kind.MALFORMED, f"{prefix}:{local} is not an identifier like HP:0001250")
        return f"{known}:{local}"

    def _of_iri(self, iri: str) -> Curie:
        for stem, prefix in sorted(self._stems.items(), key=lambda pair: -len(pair[0])):
            if iri.startswith(stem):
                return self._joined(prefix, iri[len(stem) :])
        try:
            prefix, _, local = curie_of(iri).partition(":")
        except MalformedCurie:
            prefix, _, local = re.split(r"[/#]", iri.rstrip("/"))[-1].partition("_")
            if not local:
                raise Unreadable(Kind.UNKNOWN_PREFIX, f"{iri} has no known prefix; declare it if it is meant") from None
        return self._joined(prefix, local)
