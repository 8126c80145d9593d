"""Evidence items made of facts: their sentence, their record, their tier."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from kg import Category, Curie, Fact, Predicate, Snapshot, Tier

from ..evidence import EvidenceItem, EvidenceKind
from ..wording import Wording, in_sentence, names_of, record_of

_SAMPLED_FACTS = 200
_TIER_STEP = 0.02

WEAK = frozenset((Tier.LITERATURE_MINED, Tier.GENERATED))
"""Tiers whose facts an answer may not tell without naming the tier."""

_CAPITALISED = frozenset(
    (Category.PHENOTYPE, Category.INHERITANCE, Category.CLINICAL_COURSE, Category.CLINICAL_MODIFIER, Category.FREQUENCY)
)


class Sources:
    """What the sources of a snapshot are trusted for, and which of them state a relation at all."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._tiers = {source["id"]: Tier(source["tier"]) for source in snapshot.sources if source.get("tier")}

    def tier_named(self, source: str) -> Tier | None:
        """The tier of one source; ``None`` if it is not listed with one."""
        return self._tiers.get(source)

    def tier_of(self, facts: Iterable[Fact]) -> Tier | None:
        """How far what rests on all of some facts can be trusted: the tier of the least trusted of them.

        A fact has the best tier among its evidence. ``None`` if no source is listed with a tier.
        """
        known = [tier for fact in facts if (tier := self._tier(fact)) is not None]
        return max(known, key=lambda tier: tier.rank, default=None)

    def _tier(self, fact: Fact) -> Tier | None:
        tiers = (self._tiers[item.source] for item in fact.evidence if item.source in self._tiers)
        return min(tiers, key=lambda tier: tier.rank, default=None)

    def stating(self, predicates: Iterable[Predicate]) -> tuple[str, ...]:
        """Titles of the sources that state any of these relations, judged by a sample of its facts."""
        return tuple(dict.fromkeys(title for p in Predicate if p in set(predicates) for title in self._stating(p)))

    def _stating(self, predicate: Predicate) -> list[str]:
        rows = self._samples.get(predicate, ())
        ids = {item.source for row in rows for item in self._snapshot.fact_at(row).evidence}
        return sorted(map(self._snapshot.title_of, ids))

    @cached_property
    def _samples(self) -> dict[Predicate, tuple[int, ...]]:
        """Rows of some facts of each predicate, evenly spread."""
        column = self._snapshot.columns.predicate
        samples = {}
        for code in np.unique(column):
            rows = np.flatnonzero(column == code)
            step = max(1, len(rows) // _SAMPLED_FACTS)
            samples[self._snapshot.fact_at(int(rows[0])).predicate] = tuple(int(row) for row in rows[::step])
        return samples


@dataclass(frozen=True, slots=True)
class ItemMaker:
    """Makes unnumbered evidence items; what is better trusted comes first among equals."""

    snapshot: Snapshot
    sources: Sources = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", Sources(self.snapshot))

    def of_facts(self, text: str, curies: Iterable[Curie], facts: Sequence[Fact], score: float) -> EvidenceItem:
        """An item that says ``text`` on the grounds of ``facts``; what rests on weak sources alone says so first."""
        unique = tuple(dict.fromkeys(curies))
        source, release, reference = record_of(self.snapshot, facts)
        names = names_of(self.snapshot, unique)
        tier = self.sources.tier_of(facts)
        weight = score - _TIER_STEP * (tier.rank if tier else 0)
        kind = EvidenceKind.FACT
        text = f"According to {tier} sources: {text}" if tier in WEAK else text
        return EvidenceItem(0, kind, text, unique, source, release, reference, tuple(facts), names, weight, tier)

    def of_concept(self, text: str, curie: Curie, score: float) -> EvidenceItem:
        """An item that says something of a concept's own record, such as an identifier of it."""
        concept = self.snapshot.concept(curie)
        sources = "; ".join(self.snapshot.title_of(source["id"]) for source in self.snapshot.sources) or "graph"
        reference = "; ".join((concept.curie, *concept.equivalents))
        names = names_of(self.snapshot, (curie,))
        version = self.snapshot.version
        return EvidenceItem(0, EvidenceKind.FACT, text, (concept.curie,), sources, version, reference, (), names, score)

    def of_search(self, text: str, curies: Iterable[Curie], predicates: Iterable[Predicate]) -> EvidenceItem:
        """An item that says that nothing was found: where was looked is its source, the concepts its reference."""
        unique = tuple(dict.fromkeys(curies))
        searched = "; ".join(self.sources.stating(predicates)) or "the graph"
        names = names_of(self.snapshot, unique)
        reference = "; ".join(unique) or "no concept"
        version = self.snapshot.version
        return EvidenceItem(0, EvidenceKind.FACT, text, unique, searched, version, reference, (), names, 1.0)

    def inside(self, curie: Curie) -> str:
        """A concept's label as it stands inside a sentence, where the capital that begins a term of HPO is dropped."""
        label = self.snapshot.label(curie)
        return in_sentence(label) if self.category(curie) in _CAPITALISED else label

    def wording(self, curie: Curie) -> Wording:
        """A concept's label at the start of a sentence and inside one."""
        return Wording(self.snapshot.label(curie), self.inside(curie))

    def category(self, curie: Curie) -> Category:
        """A concept's category."""
        return self.snapshot.category_at(self.snapshot.position(curie))
