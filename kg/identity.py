"""Identity fusion: which identifiers of different vocabularies are one concept."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .concept import Category, Concept, Curie, Name, NameKind, prefix_of
from .record import Match

_PREFERENCE = ("HP", "MONDO", "HGNC", "OMIM", "ORPHA", "DECIPHER", "DOID", "MESH")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Several identifiers of one vocabulary claim to equal one concept, and names do not tell which; none was fused."""

    concept: Curie
    candidates: tuple[Curie, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """The result of fusion: every known identifier to its canonical one, and what stayed apart."""

    canonical: Mapping[Curie, Curie]
    conflicts: tuple[Conflict, ...]


def fuse(concepts: Mapping[Curie, Concept], matches: Iterable[Match]) -> Identity:
    """Fuse along exact matches, at most one identifier of a vocabulary into each concept.

    Matches that are ambiguous in either direction (an ORPHA number claimed by two MONDO terms; a MONDO term that
    claims a disease and its subtype) are settled by names: label against label first, then label against any name.
    What names do not settle is a conflict and stays apart, because one of the two is broader than the other.
    """
    conflicts: list[Conflict] = []
    pairs = {(match.subject, match.object) for match in matches}
    one_way = _settle(pairs, concepts, conflicts)
    settled = _settle({(b, a) for a, b in one_way}, concepts, conflicts)
    canonical: dict[Curie, Curie] = {curie: curie for curie in concepts}
    for pair in sorted(settled):
        keep, gone = sorted(pair, key=_preference)
        canonical[gone] = keep
    for curie, concept in concepts.items():
        for old in concept.equivalents:
            canonical.setdefault(old, canonical[curie])
    return Identity(canonical, tuple(sorted(conflicts, key=lambda conflict: conflict.concept)))


def _settle(
    pairs: set[tuple[Curie, Curie]], concepts: Mapping[Curie, Concept], conflicts: list[Conflict]
) -> set[tuple[Curie, Curie]]:
    """Keep at most one right-hand side of each vocabulary for a left-hand side."""
    claims: dict[tuple[Curie, str], set[Curie]] = defaultdict(set)
    for left, right in pairs:
        claims[left, prefix_of(right)].add(right)
    kept = set()
    for (left, _), candidates in claims.items():
        chosen = _same_by_name(left, candidates, concepts) if len(candidates) > 1 else next(iter(candidates))
        if chosen is None:
            conflicts.append(Conflict(left, tuple(sorted(candidates))))
        else:
            kept.add((left, chosen))
    return kept


def _same_by_name(curie: Curie, candidates: set[Curie], concepts: Mapping[Curie, Concept]) -> Curie | None:
    """The only candidate that has the concept's label as label, else the only one that has it as any name."""
    if curie not in concepts:
        return None
    label = _key(concepts[curie].label)
    known = [concepts[candidate] for candidate in sorted(candidates) if candidate in concepts]
    for named in (
        [concept for concept in known if _key(concept.label) == label],
        [concept for concept in known if label in {_key(name.text) for name in concept.names}],
    ):
        if len(named) == 1:
            return named[0].curie
    return None


def _preference(curie: Curie) -> tuple[int, Curie]:
    prefix = prefix_of(curie)
    return (_PREFERENCE.index(prefix) if prefix in _PREFERENCE else len(_PREFERENCE), curie)


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower().replace("'s", "")).strip()


def merge(canonical: Curie, members: Iterable[Concept], equivalents: Iterable[Curie]) -> Concept:
    """One concept out of the fused ones: the canonical label, every name once, the first definition."""
    ordered = sorted(members, key=lambda concept: _preference(concept.curie))
    names = list(ordered[0].names)
    seen = {name.text.casefold() for name in names}
    for concept in ordered[1:]:
        for name in concept.names:
            if name.text.casefold() not in seen:
                seen.add(name.text.casefold())
                kind = NameKind.EXACT if name.kind is NameKind.LABEL else name.kind
                names.append(Name(name.text, kind, name.layperson, name.abbreviation))
    xrefs = {xref for concept in ordered for xref in concept.xrefs}
    return Concept(
        canonical,
        _category(ordered),
        tuple(names),
        next((concept.definition for concept in ordered if concept.definition), None),
        tuple(sorted(set(equivalents) - {canonical})),
        tuple(sorted(xrefs)),
    )


def _category(concepts: list[Concept]) -> Category:
    return next((c.category for c in concepts if c.category is not Category.OTHER), Category.OTHER)
