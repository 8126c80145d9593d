"""Questions that name two concepts: what the graph says about just these."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from kg import Category, Curie

from ..evidence import EvidenceItem
from ..question import Question, readings
from ..wording import phenotype_sentence
from .items import ItemMaker
from .links import Link, LinkFinder
from .relation import Relation, Side, relations
from .scores import ASKED_PAIR, GROUP_SIZE
from .telling import Teller, severity_rank

Readings = Mapping[Category, tuple[Curie, ...]]

_ASKED_RELATIONS = frozenset(["treats", "contraindicated", "caution", "interacts", "side_effect", "risk", "red_flag"])


@dataclass(frozen=True, slots=True)
class PairFacts:
    """Reads the facts between concepts that a question names together."""

    make: ItemMaker
    links: LinkFinder
    tell: Teller

    def of_disease(self, disease: Curie, findings: Sequence[Curie], genes: Sequence[Curie]) -> Iterator[EvidenceItem]:
        """What is recorded of just this disease with just these findings or genes."""
        for finding in findings:
            yield from self._finding(disease, finding)
        for gene in genes:
            for link in self.links.between(relations()["gene"], gene, disease)[:GROUP_SIZE]:
                yield self.tell.link_item(relations()["gene"], link, (disease, gene), ASKED_PAIR)

    def _finding(self, disease: Curie, finding: Curie) -> Iterator[EvidenceItem]:
        snapshot = self.make.snapshot
        for link in self.links.between(relations()["finding"], disease, finding)[: GROUP_SIZE + 1]:
            if link.negated and link.object != finding:
                continue
            text = phenotype_sentence(snapshot.label(disease), snapshot.label(link.object), link.facts)
            if link.object != finding:
                text = f"{text[:-1]}, a kind of {self.make.inside(finding)}."
            yield self.make.of_facts(text, (disease, link.object, finding), link.facts, ASKED_PAIR)

    def asked(self, question: Question) -> Iterator[EvidenceItem]:
        """Links between each two of the mentions, whatever these can mean, by the relations that are asked about.

        Where a relation matters for safety and nothing at all is recorded, an item says so and where was looked.
        """
        wanted = {name for topic in question.topics for name, _ in topic.relations} & _ASKED_RELATIONS
        read = [readings(mention, self.make.snapshot) for mention in question.mentions]
        silent: list[EvidenceItem] = []
        told = False
        for relation in (row for row in relations().values() if row.id in wanted):
            fitting = [ends for one, two in combinations(read, 2) if (ends := _ends(relation, one, two))]
            found = [item for ends in fitting for item in self._between(relation, *ends)]
            yield from found
            told = told or bool(found)
            if fitting and not found and relation.safety:
                silent.append(self.tell.nothing(relation, (fitting[0][0][0], fitting[0][1][0])))
        yield from [] if told else silent[:1]

    def _between(
        self, relation: Relation, subjects: Sequence[Curie], objects: Sequence[Curie]
    ) -> Iterator[EvidenceItem]:
        """The links between any meanings of two mentions, the most severe first."""
        found: dict[tuple[Curie, Curie], tuple[Link, tuple[Curie, Curie]]] = {}
        for ends in product(subjects, objects):
            for link in self.links.between(relation, *ends) if ends[0] != ends[1] else ():
                found.setdefault((link.subject, link.object), (link, ends))
        ranked = sorted(found.values(), key=lambda pair: (severity_rank(pair[0].facts), len(pair[0].path)))
        for link, ends in ranked[:GROUP_SIZE]:
            yield self.tell.link_item(relation, link, ends, ASKED_PAIR)


def _ends(relation: Relation, one: Readings, two: Readings) -> tuple[list[Curie], list[Curie]] | None:
    """What two mentions can mean as subject and as object of a relation, if they can be these."""
    for first, second in ((one, two), (two, one)):
        subjects, objects = _taking(relation, Side.SUBJECT, first), _taking(relation, Side.OBJECT, second)
        if subjects and objects:
            return subjects, objects
    return None


def _taking(relation: Relation, side: Side, read: Readings) -> list[Curie]:
    return [curie for category, curies in read.items() if relation.takes(side, category) for curie in curies]
