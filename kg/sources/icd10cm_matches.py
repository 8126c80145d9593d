"""Which codes of ICD-10-CM are diseases of MONDO, by MONDO's cross-references and by names."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import IO, Protocol

from ..concept import Curie
from ..errors import MalformedSource
from ..record import Match, MatchKind
from .lexical import name_key

_SOURCE = "icd10cm"
_ASIDE = re.compile(r"\s*[\[(][^\])]*[\])]")

_REFERENCE, _NAME, _BOTH, _LABEL = range(4)  # strengths of a claim, rising
_JUSTIFICATIONS = {
    _REFERENCE: "semapv:DatabaseCrossReference",
    _NAME: "semapv:LexicalMatching",
    _BOTH: "semapv:CompositeMatching",
    _LABEL: "semapv:LexicalMatching",
}


class _Coded(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def curie(self) -> Curie: ...


def match_to_mondo(entries: Iterable[_Coded], mondo: IO[bytes], release: str) -> Iterator[Match]:
    """Exact where a name is both's, close where only a cross-reference says so or several codes have equal claims.

    A disease equals one code at most: the one that has its label, else the one that has a name of it and to which it
    refers, else the one that has a name of it. MONDO's list does not tell narrower synonyms from exact ones, and its
    cross-references go from a disease to the code that it is filed under, which is often broader.
    """
    by_name, referred, labels = _mondo(mondo)
    claims: dict[Curie, dict[Curie, int]] = defaultdict(dict)
    for entry in entries:
        forms = {name_key(entry.label), name_key(_ASIDE.sub("", entry.label))}
        named = {curie for form in forms for curie in by_name.get(form, ())}
        claimed = referred.get(entry.code, set())
        for disease in named | claimed:
            strength = _LABEL if labels[disease] in forms else _BOTH if disease in named & claimed else _NAME
            claims[disease][entry.curie] = strength if disease in named else _REFERENCE
    for disease in sorted(claims):
        best = max(claims[disease].values())
        alone = list(claims[disease].values()).count(best) == 1
        for code, strength in sorted(claims[disease].items()):
            exact = alone and strength == best > _REFERENCE
            how = _JUSTIFICATIONS[strength]
            yield Match(disease, code, _SOURCE, release, MatchKind.EXACT if exact else MatchKind.CLOSE, how)


def _mondo(file: IO[bytes]) -> tuple[dict[str, set[Curie]], dict[str, set[Curie]], dict[Curie, str]]:
    """Name key -> diseases, code -> diseases that refer to it, disease -> key of its label."""
    by_name: dict[str, set[Curie]] = defaultdict(set)
    referred: dict[str, set[Curie]] = defaultdict(set)
    labels: dict[Curie, str] = {}
    try:
        terms = json.load(file)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise MalformedSource(_SOURCE, "MONDO's JSON", str(error)) from error
    for term in terms:
        curie = f"MONDO:{term['id']}"
        labels[curie] = name_key(term["name"])
        for text in (term["name"], *term.get("synonyms", ())):
            by_name[name_key(text)].add(curie)
        for ref in term.get("xrefs", ()):
            if ref["namespace"] == "ICD10CM":
                referred[ref["id"]].add(curie)
    return by_name, referred, labels
