"""Identity fusion: which identifiers of different vocabularies are one concept, and what became of every mapping.

Only exact matches are fused, the surest first, and only where the result names each vocabulary at most once: two
identifiers of one vocabulary are different things to those who keep it, so one of them would be broader or narrower.
Nothing is lost: a mapping that is not fused stays in the graph with its outcome, and fusing again without a source
undoes what that source fused.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from .concept import Category, Concept, Curie, Name, NameKind, prefix_of
from .record import Match, MatchKind

_PREFERENCE = ("HP", "MONDO", "HGNC", "DRUGBANK", "CHEBI", "OMIM", "ORPHA", "DECIPHER", "DOID", "MESH", "ICD10CM")
_RANK = {prefix: rank for rank, prefix in enumerate(_PREFERENCE)}

MANY_TO_ONE = frozenset({"ATC", "local"})
"""Vocabularies with several codes for one thing: a substance has an ATC code for each use, and what sources name
without a code has one for each kind of thing that the name is used for."""

_CHEMICALS = frozenset({Category.DRUG, Category.CHEMICAL})
_FLEXIBLE = Category.PHENOTYPE  # a heading that is a sign to one vocabulary may be a disease to another, but not in HPO


class Outcome(StrEnum):
    """What fusion did with a mapping."""

    FUSED = "fused"
    NOT_EXACT = "not exact"
    AMBIGUOUS = "ambiguous"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Several identifiers of one vocabulary claim to equal one concept, and names do not tell which; none was fused."""

    concept: Curie
    candidates: tuple[Curie, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """The result of fusion: every known identifier to its canonical one, each mapping's outcome, and what stayed apart.

    ``outcomes`` has one entry per mapping, in their order.
    """

    canonical: Mapping[Curie, Curie]
    outcomes: tuple[Outcome, ...]
    conflicts: tuple[Conflict, ...]


def fuse(concepts: Mapping[Curie, Concept], matches: Sequence[Match]) -> Identity:
    """Fuse along exact matches.

    Matches that are ambiguous in either direction (an ORPHA number claimed by two MONDO terms; a MONDO term that
    claims a disease and its subtype) are settled by names: label against label first, then label against any name.
    What names do not settle stays apart. Of what remains, matches between equal labels go first; one that would bring
    two identifiers of a vocabulary, or a finding of HPO and a disease, or a drug and a disease, into one concept is
    contradicted and stays apart too.
    """
    conflicts: list[Conflict] = []
    pairs = {(match.subject, match.object) for match in matches if match.kind is MatchKind.EXACT}
    names = _Names(concepts)
    one_way = _settle(pairs, names, conflicts)
    settled = {(a, b) for b, a in _settle({(b, a) for a, b in one_way}, names, conflicts)}
    clusters = _Clusters(concepts)
    fused = {
        pair for pair in sorted(settled, key=lambda pair: (not names.same_label(*pair), pair)) if clusters.join(*pair)
    }
    canonical = clusters.canonical()
    for curie, concept in concepts.items():
        for old in concept.equivalents:
            canonical.setdefault(old, canonical[curie])
    outcomes = tuple(_outcome(match, fused, settled) for match in matches)
    return Identity(
        canonical, outcomes, tuple(sorted(set(conflicts), key=lambda found: (found.concept, found.candidates)))
    )


def _outcome(match: Match, fused: set[tuple[Curie, Curie]], settled: set[tuple[Curie, Curie]]) -> Outcome:
    pair = (match.subject, match.object)
    if match.kind is not MatchKind.EXACT:
        return Outcome.NOT_EXACT
    if pair in fused:
        return Outcome.FUSED
    return Outcome.CONTRADICTED if pair in settled else Outcome.AMBIGUOUS


class _Names:
    """Names of concepts in a form that compares."""

    def __init__(self, concepts: Mapping[Curie, Concept]) -> None:
        self._concepts = concepts
        self._labels: dict[Curie, str] = {}

    def label(self, curie: Curie) -> str | None:
        if curie not in self._concepts:
            return None
        if curie not in self._labels:
            self._labels[curie] = _key(self._concepts[curie].label)
        return self._labels[curie]

    def same_label(self, one: Curie, other: Curie) -> bool:
        label = self.label(one)
        return label is not None and label == self.label(other)

    def has_name(self, curie: Curie, name: str) -> bool:
        return curie in self._concepts and name in {_key(found.text) for found in self._concepts[curie].names}


def _settle(pairs: set[tuple[Curie, Curie]], names: _Names, conflicts: list[Conflict]) -> set[tuple[Curie, Curie]]:
    """Keep at most one right-hand side of each vocabulary for a left-hand side."""
    claims: dict[tuple[Curie, str], set[Curie]] = defaultdict(set)
    for left, right in pairs:
        claims[left, prefix_of(right)].add(right)
    kept = set()
    for (left, prefix), candidates in claims.items():
        if len(candidates) == 1 or prefix in MANY_TO_ONE:
            kept |= {(left, candidate) for candidate in candidates}
        elif (chosen := _same_by_name(left, candidates, names)) is not None:
            kept.add((left, chosen))
        else:
            conflicts.append(Conflict(left, tuple(sorted(candidates))))
    return kept


def _same_by_name(curie: Curie, candidates: set[Curie], names: _Names) -> Curie | None:
    """The only candidate that has the concept's label as label, else the only one that has it as any name."""
    label = names.label(curie)
    if label is None:
        return None
    for named in (
        [candidate for candidate in sorted(candidates) if names.label(candidate) == label],
        [candidate for candidate in sorted(candidates) if names.has_name(candidate, label)],
    ):
        if len(named) == 1:
            return named[0]
    return None


@dataclass(slots=True)
class _Cluster:
    """Identifiers that are one concept: the preferred one, the vocabularies, and what kind of thing it is."""

    canonical: Curie
    members: list[Curie]
    vocabularies: set[str]
    kind: str | None


class _Clusters:
    """Disjoint sets of identifiers."""

    def __init__(self, concepts: Mapping[Curie, Concept]) -> None:
        self._of: dict[Curie, _Cluster] = {}
        self._concepts = concepts

    def _cluster(self, curie: Curie) -> _Cluster:
        if curie not in self._of:
            once = {prefix_of(curie)} - MANY_TO_ONE
            self._of[curie] = _Cluster(curie, [curie], once, self._kind(curie))
        return self._of[curie]

    def join(self, one: Curie, other: Curie) -> bool:
        """Whether both are one concept now."""
        ours, theirs = self._cluster(one), self._cluster(other)
        if ours is theirs:
            return True
        if not ours.vocabularies.isdisjoint(theirs.vocabularies):
            return False
        if ours.kind is not None and theirs.kind is not None and ours.kind != theirs.kind:
            return False
        if len(ours.members) < len(theirs.members):
            ours, theirs = theirs, ours
        ours.canonical = min(ours.canonical, theirs.canonical, key=_preference)
        ours.members += theirs.members
        ours.vocabularies |= theirs.vocabularies
        ours.kind = ours.kind or theirs.kind
        for curie in theirs.members:
            self._of[curie] = ours
        return True

    def _kind(self, curie: Curie) -> str | None:
        concept = self._concepts.get(curie)
        if concept is None or concept.category is Category.OTHER:
            return None
        if concept.category in _CHEMICALS:
            return "chemical"
        return None if concept.category is _FLEXIBLE and prefix_of(curie) != "HP" else concept.category.value

    def canonical(self) -> dict[Curie, Curie]:
        """Every identifier to the preferred one of its set."""
        alone = {curie: curie for curie in self._concepts}
        return alone | {curie: cluster.canonical for curie, cluster in self._of.items()}


def _preference(curie: Curie) -> tuple[int, Curie]:
    return (_RANK.get(prefix_of(curie), len(_RANK)), curie)


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower().replace("'s", "")).strip()


def merge(canonical: Curie, members: Iterable[Concept], equivalents: Iterable[Curie]) -> Concept:
    """One concept out of the fused ones: the canonical label, every name once, the first definition."""
    ordered = list(members)
    others = tuple(sorted(set(equivalents) - {canonical}))
    if len(ordered) == 1:
        only = ordered[0]
        return only if only.equivalents == others else replace(only, curie=canonical, equivalents=others)
    ordered.sort(key=lambda concept: _preference(concept.curie))
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
        others,
        tuple(sorted(xrefs)),
    )


def _category(concepts: list[Concept]) -> Category:
    return next((c.category for c in concepts if c.category is not Category.OTHER), Category.OTHER)
