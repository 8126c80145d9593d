"""From the codes of a FHIR record to concepts of the graph."""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from csv import DictReader
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, TypeAlias

from ..concept import Category, Curie, prefix_of
from ..snapshot import Snapshot
from .json_values import objects_of, text_of

FindName: TypeAlias = Callable[[str, frozenset[Category]], Curie | None]
"""The concept of some categories that a text names in full, or ``None``."""

_REMEMBERED = 4096

PHENOTYPES = frozenset({Category.PHENOTYPE})
DISEASES = frozenset({Category.DISEASE})
DRUGS = frozenset({Category.DRUG, Category.CHEMICAL})


@dataclass(frozen=True, slots=True)
class Laboratory:
    """The findings that a low and a high result of one measurement are."""

    low: Curie | None
    high: Curie | None


@lru_cache(maxsize=1)
def code_tables() -> Mapping[str, Any]:
    """The content of ``data/fhir.toml``."""
    return tomllib.loads((resources.files("data") / "fhir.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def laboratory_table() -> Mapping[str, Laboratory]:
    """What ``data/laboratory.tsv`` says, by LOINC code."""
    lines = (resources.files("data") / "laboratory.tsv").read_text("utf-8").splitlines()
    rows = DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
    return {row["loinc"]: Laboratory(row["low"] or None, row["high"] or None) for row in rows}


def system_uri(prefix: str) -> str | None:
    """The system under which FHIR writes codes with a CURIE prefix."""
    return next((uri for uri, fields in code_tables()["systems"].items() if fields["prefix"] == prefix), None)


@lru_cache(maxsize=1)
def _systems() -> Mapping[str, Mapping[str, Any]]:
    return {uri.casefold().rstrip("/"): fields for uri, fields in code_tables()["systems"].items()}


def codings(concept: Any) -> Iterator[tuple[str, str, str]]:
    """System, code and display of each coding of a CodeableConcept."""
    for coding in objects_of(concept, "coding"):
        yield text_of(coding.get("system")), text_of(coding.get("code")), text_of(coding.get("display"))


def codes_of(concept: Any) -> frozenset[str]:
    """The codes of a CodeableConcept, whatever their system."""
    return frozenset(code for _, code, _ in codings(concept) if code)


def words_of(concept: Any) -> str:
    """How a CodeableConcept reads: its text, else the display of a coding, else a code."""
    if not isinstance(concept, dict):
        return ""
    found = list(codings(concept))
    texts = [text_of(concept.get("text")), *(display for _, _, display in found), *(code for _, code, _ in found)]
    return next((text for text in texts if text), "")


class CodeResolver:
    """Finds the concepts that coded entries mean: by identity, then by cross-reference, then by their words."""

    def __init__(self, snapshot: Snapshot, find_name: FindName | None) -> None:
        self._snapshot, self._find_name = snapshot, find_name
        self._resolved = lru_cache(maxsize=_REMEMBERED)(self._resolve)  # records repeat their codes

    def resolve(self, concept: Any, categories: frozenset[Category]) -> tuple[Curie, ...]:
        """The concepts of some categories that a CodeableConcept means, at most one a category.

        Words alone mean one concept, a finding before a disease; a code can stand for both.
        """
        return self._resolved(tuple(codings(concept)), words_of(concept), categories)

    def _resolve(
        self, found: tuple[tuple[str, str, str], ...], words: str, categories: frozenset[Category]
    ) -> tuple[Curie, ...]:
        own = [self._snapshot.resolve(code) for coding in found for code in _identities(*coding[:2])]
        if chosen := self._of(own, categories):
            return chosen
        crossed = {code for coding in found for code in _crossings(*coding[:2])}
        if chosen := self._of(self._unique(self._snapshot.carriers_of(crossed)), categories):
            return chosen
        if self._find_name is None:
            return ()
        texts = dict.fromkeys(text for text in (words, *(display for _, _, display in found)) if text)
        ordered = sorted(categories, key=lambda category: (category not in PHENOTYPES, category))
        named = (self._find_name(text, frozenset({one})) for text in texts for one in ordered)
        return self._of(named, categories)[:1]

    def _of(self, found: Iterable[Curie | None], categories: frozenset[Category]) -> tuple[Curie, ...]:
        """The first of each category."""
        first: dict[Category, Curie] = {}
        for curie in found:
            if curie is not None:
                category = self._snapshot.category_at(self._snapshot.position(curie))
                if category in categories:
                    first.setdefault(category, curie)
        return tuple(first.values())

    def _unique(self, carriers: Iterable[Curie]) -> list[Curie]:
        """Of each category those that are alone; several that share a code are not told apart by it."""
        by_category: dict[Category, list[Curie]] = {}
        for curie in carriers:
            category = self._snapshot.category_at(self._snapshot.position(curie))
            by_category.setdefault(category, []).append(curie)
        return [alone[0] for alone in by_category.values() if len(alone) == 1]


def _identities(system: str, code: str) -> Iterator[Curie]:
    fields = _systems().get(system.casefold().rstrip("/"))
    if not code:
        return
    if fields is None:
        yield from (code,) if ":" in code else ()
        return
    local = code.removeprefix(f"{fields['prefix']}:").removeprefix(f"{fields['prefix']}_")
    for prefix in (fields["prefix"], *fields.get("same", ())):
        yield f"{prefix}:{local}"


def _crossings(system: str, code: str) -> Iterator[str]:
    fields = _systems().get(system.casefold().rstrip("/"))
    if fields is not None and code:
        local = code.removeprefix(f"{prefix_of(code)}:") if ":" in code else code
        yield from (f"{prefix}:{local}" for prefix in fields.get("cross", ()))
