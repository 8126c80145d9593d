"""Diseases side by side: what two of them share and what only one has, and which others look alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg import Curie, Fact, Predicate, Snapshot

from ..evidence import EvidenceItem
from ..wording import join_words, listing
from .findings_index import FindingsIndex
from .items import ItemMaker
from .links import LinkFinder, facts_of
from .relation import Side, relations
from .scores import ASKED_PAIR, ASKED_TOPIC

_SHOWN = 8
_LOOK_ALIKES = 4
_SHARED_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Comparison:
    """Compares diseases by recorded findings, genes and inheritance; the most specific findings are told first."""

    make: ItemMaker
    links: LinkFinder
    index: FindingsIndex

    @property
    def snapshot(self) -> Snapshot:
        """The graph that is read."""
        return self.make.snapshot

    def of(self, one: Curie, two: Curie) -> Iterator[EvidenceItem]:
        """Findings shared, only of the first and only of the second, then genes and inheritance of each."""
        first, second = self._findings(one), self._findings(two)
        shared = self._shared(first, second)
        labels = [self.make.inside(curie) for curie in (one, two)]
        if shared:
            names = self._names(list(shared))
            text = f"Both {labels[0]} and {labels[1]} have {names}."
            facts = [fact for finding in list(shared)[:_SHOWN] for fact in (*first.get(finding, ()), *shared[finding])]
            yield self.make.of_facts(text, (one, two, *list(shared)[:_SHOWN]), list(dict.fromkeys(facts)), ASKED_PAIR)
        for about, own, other, n in ((one, first, second, 0), (two, second, first, 1)):
            alone = self._ordered(finding for finding in own if not self._has(other, finding))
            if alone:
                text = f"Recorded for {labels[n]} but not for {labels[1 - n]} are {self._names(alone)}."
                facts = [fact for finding in alone[:_SHOWN] for fact in own[finding]]
                yield self.make.of_facts(text, (about, *alone[:_SHOWN]), facts, ASKED_PAIR - 0.01)
        yield from self._beside(one, two)

    def _beside(self, one: Curie, two: Curie) -> Iterator[EvidenceItem]:
        """Genes and inheritance of both in one sentence each."""
        for name, side, noun in (("gene", Side.OBJECT, "genes"), ("inheritance", Side.SUBJECT, "inheritance")):
            found = [self.links.nearest(relations()[name], side, curie) for curie in (one, two)]
            if not any(found):
                continue
            told = []
            for curie, links in zip((one, two), found, strict=True):
                ends = dict.fromkeys(link.subject if side is Side.OBJECT else link.object for link in links)
                names = listing([self.make.inside(end) for end in ends], _SHOWN) if ends else "none"
                told.append(f"{self.make.inside(curie)}: {names}")
            facts = facts_of([link for links in found for link in links])
            text = f"Recorded {noun} side by side: {'; '.join(told)}."
            yield self.make.of_facts(text, (one, two), facts, ASKED_PAIR - 0.02)

    def _findings(self, disease: Curie) -> dict[Curie, list[Fact]]:
        found: dict[Curie, list[Fact]] = {}
        for fact in self.snapshot.facts_from(disease, Predicate.HAS_PHENOTYPE):
            if not fact.negated:
                found.setdefault(fact.object, []).append(fact)
        return found

    def _shared(self, first: dict[Curie, list[Fact]], second: dict[Curie, list[Fact]]) -> dict[Curie, list[Fact]]:
        """Findings of either that the other has too, or a kind of it, with the facts of the other."""
        shared: dict[Curie, list[Fact]] = {}
        for finding in self._ordered({*first, *second}):
            left, right = self._behind(first, finding), self._behind(second, finding)
            if left and right:
                shared[finding] = [*left, *right]
        return shared

    def _behind(self, findings: dict[Curie, list[Fact]], finding: Curie) -> list[Fact]:
        return [fact for own, facts in findings.items() if self.snapshot.is_a(own, finding) for fact in facts]

    def _has(self, findings: dict[Curie, list[Fact]], finding: Curie) -> bool:
        """Whether a finding, a kind of it or a class of it is among some findings."""
        return any(self.snapshot.is_a(own, finding) or self.snapshot.is_a(finding, own) for own in findings)

    def _ordered(self, findings: Iterator[Curie] | set[Curie]) -> list[Curie]:
        return sorted(findings, key=lambda finding: (-self.index.specificity(finding), finding))

    def _names(self, findings: Sequence[Curie]) -> str:
        return listing([self.make.inside(finding) for finding in findings], _SHOWN)

    def look_alikes(self, disease: Curie) -> Iterator[EvidenceItem]:
        """The diseases whose findings are most alike, with the most specific findings that they share."""
        own = self._findings(disease)
        label = self.make.inside(disease)
        for rank, (other, likeness) in enumerate(self.index.similar(disease, _LOOK_ALIKES)):
            theirs = self._findings(other)
            shared = self._shared(own, theirs)
            if not shared:
                continue
            shown = list(shared)[:_SHARED_SHOWN]
            names = join_words([self.make.inside(finding) for finding in shown])
            text = (
                f"{self.snapshot.label(other)} looks like {label}: they share {len(shared)} recorded findings, "
                f"among them {names}."
            )
            facts = list(dict.fromkeys(fact for finding in shown for fact in shared[finding]))
            score = ASKED_TOPIC + 0.05 * likeness - 0.001 * rank
            yield self.make.of_facts(text, (other, disease, *shown), facts, score)
