"""Links as sentences: what is stated, with what the source says beside it, and for whom it was stated."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg import Curie, Fact, Qualifier, Snapshot, Tier

from ..evidence import EvidenceItem
from ..wording import best_frequency, frequency_in_words, listing, phenotype_sentence
from .items import ItemMaker
from .links import Link, facts_of
from .relation import Relation, Side
from .scores import LISTED
from .support import statements_behind

_SEVERITIES = ("contraindicated", "avoid", "precaution", "note")

_BESIDE = (
    (Qualifier.SEVERITY, "severity"),
    (Qualifier.MECHANISM, "mechanism"),
    (Qualifier.ADVICE, "advice"),
    (Qualifier.POPULATION, "in"),
    (Qualifier.PREGNANCY_CATEGORY, "pregnancy category"),
    (Qualifier.LINE, "line of treatment"),
    (Qualifier.LIKELIHOOD_RATIO_POSITIVE, "positive likelihood ratio"),
    (Qualifier.LIKELIHOOD_RATIO_NEGATIVE, "negative likelihood ratio"),
)


@dataclass(frozen=True, slots=True)
class Teller:
    """Says links in sentences and makes evidence items of them."""

    make: ItemMaker

    @property
    def snapshot(self) -> Snapshot:
        """The graph that the links are of."""
        return self.make.snapshot

    def link_text(self, relation: Relation, link: Link, asked: Sequence[Curie] = ()) -> str:
        """One sentence on one link: who, what, its qualifiers, and how it concerns the concepts asked about."""
        label = self.snapshot.label
        sentence = relation.say_pair(self.make.wording(link.subject), self.make.wording(link.object), link.negated)
        if relation.id == "finding":
            sentence = phenotype_sentence(label(link.subject), label(link.object), link.facts)
        if relation.id == "gene":
            gene = self.snapshot.concept(link.subject)
            full = f" ({gene.names[1].text})" if len(gene.names) > 1 else ""
            sentence = f"{label(link.object)} is associated with the gene {gene.label}{full}."
        told = [*_qualifiers(link.facts), *self._why(link, asked)]
        return f"{sentence[:-1]}{''.join(told)}."

    def _why(self, link: Link, asked: Sequence[Curie]) -> list[str]:
        """How the ends of a link that were not asked about are related to what was asked about."""
        ends = (link.subject, link.object)
        told = []
        for end in ends:
            if end in asked:
                continue
            for other in asked:
                if other not in ends and self.snapshot.is_a(end, other):
                    told.append(f"; {self._inside(end)} is a kind of {self._inside(other)}")
                    break
                if other not in ends and self.snapshot.is_a(other, end):
                    told.append(f"; {self._inside(other)} is a kind of {self._inside(end)}")
                    break
        return told

    def _inside(self, curie: Curie) -> str:
        return self.make.inside(curie)

    def link_item(self, relation: Relation, link: Link, asked: Sequence[Curie], score: float) -> EvidenceItem:
        """One link as evidence."""
        text = self.link_text(relation, link, asked)
        return self.make.of_facts(text, (*asked, link.subject, link.object), facts_of([link]), score)

    def list_items(
        self, relation: Relation, side: Side, curie: Curie, links: Sequence[Link], score: float
    ) -> list[EvidenceItem]:
        """All links of one concept, one sentence a trust tier, the most trusted first."""
        tiers: dict[Tier | None, list[Link]] = {}
        for link in links:
            tiers.setdefault(self.make.sources.tier_of(link.facts), []).append(link)
        items = []
        for _, chosen in sorted(tiers.items(), key=lambda pair: -1 if pair[0] is None else pair[0].rank):
            ends = self._ends(chosen, side.other)
            others = [self._named(end, chosen, side.other) for end in ends[:LISTED]]
            others += [f"{len(ends) - LISTED} more"] if len(ends) > LISTED else []
            text = relation.say_list(side, self.make.wording(curie), others)
            items.append(self.make.of_facts(text, (curie, *ends[:LISTED]), facts_of(chosen), score))
        return items

    def _ends(self, links: Sequence[Link], side: Side) -> list[Curie]:
        """The ends of links on a side: the most severe, the nearest, then those that most publications state first."""
        by_end: dict[Curie, list[Link]] = {}
        for link in links:
            by_end.setdefault(_end(link, side), []).append(link)

        def order(end: Curie) -> tuple[int, int, int, str, Curie]:
            own = by_end[end]
            severity = min(severity_rank(link.facts) for link in own)
            return (
                severity,
                min(len(link.path) for link in own),
                -sum(map(statements_behind, own)),
                self.snapshot.label(end),
                end,
            )

        return sorted(by_end, key=order)

    def _named(self, end: Curie, links: Iterable[Link], side: Side) -> str:
        """A label, with how severe an interaction is or how often a finding occurs."""
        facts = [fact for link in links if _end(link, side) == end for fact in link.facts]
        beside = [text for fact in facts if (text := fact.qualifier(Qualifier.SEVERITY))]
        share = frequency_in_words(best_frequency(facts))
        note = "; ".join(dict.fromkeys([*beside, *([share] if share else [])]))
        label = self._inside(end)
        return f"{label} ({note})" if note else label

    def nothing(self, relation: Relation, curies: Sequence[Curie]) -> EvidenceItem:
        """That no source records the relation, which is not to say that it does not hold."""
        labels = [self._inside(curie) for curie in curies]
        between = f"between {labels[0]} and {' and '.join(labels[1:])}" if len(labels) > 1 else f"for {labels[0]}"
        searched = self.make.sources.stating(relation.predicates)
        if not searched:
            text = f"No source of this graph records {relation.noun}, so nothing is known of any {between}."
        else:
            noun = relation.noun.removesuffix("s") if relation.id == "interacts" else relation.noun
            verb = "is" if noun != relation.noun else "are"
            where = listing(list(searched))
            text = f"No {noun} {verb} recorded {between} in {where}; that does not mean there is none."
        return self.make.of_search(text, curies, relation.predicates)


def severity_rank(facts: Iterable[Fact]) -> int:
    """0 for facts as severe as any, rising; facts without a severity come last."""
    said = [text for fact in facts if (text := fact.qualifier(Qualifier.SEVERITY))]
    return min((_SEVERITIES.index(text) for text in said if text in _SEVERITIES), default=len(_SEVERITIES))


def _end(link: Link, side: Side) -> Curie:
    return link.subject if side is Side.SUBJECT else link.object


def _qualifiers(facts: Iterable[Fact]) -> list[str]:
    told: dict[str, None] = {}
    for fact in facts:
        for which, name in _BESIDE:
            if text := fact.qualifier(which):
                told[f"; {name}: {text.rstrip('. ')}"] = None
        mined = [item.publication_count for item in fact.evidence if item.publication_count]
        if mined:
            told[f"; found in {max(mined)} publication{'s' if max(mined) > 1 else ''}"] = None
    return list(told)
