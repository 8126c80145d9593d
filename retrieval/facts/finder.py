"""The facts that a question asks for: its form decides which reader answers it."""

import re
from collections.abc import Iterator, Mapping, Sequence

from kg import Category, Curie, Snapshot

from ..evidence import EvidenceItem, Found
from ..forms import forms
from ..question import Question
from .chains import Chains
from .choices import Chooser
from .codes import CodeFacts
from .comparing import Comparison
from .diseases import DiseaseFacts, diseases_with
from .findings_index import FindingsIndex
from .items import ItemMaker, Sources
from .judging import Judge
from .kinds import KindFacts
from .links import LinkFinder, facts_of
from .pairs import PairFacts
from .relation import Side, relations
from .scores import ASKED_TOPIC, BACKGROUND, LISTED
from .telling import Teller

Concepts = Mapping[Category, tuple[Curie, ...]]


class FactFinder:
    """Reads the facts that a question asks for, as unnumbered evidence items."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._make = ItemMaker(snapshot)
        self._links = LinkFinder(snapshot)
        self._tell = Teller(self._make)
        self._kinds = KindFacts(self._make)
        self._codes = CodeFacts(self._make)
        self._diseases = DiseaseFacts(self._make, self._links)
        self._pairs = PairFacts(self._make, self._links, self._tell)
        self._judge = Judge(self._make, self._links, self._tell, self._kinds)
        self._chooser = Chooser(self._make, self._links, self._tell)
        self._chains = Chains(self._make, self._links, self._tell, self._kinds)
        self._compare = Comparison(self._make, self._links, FindingsIndex(snapshot))

    @property
    def sources(self) -> Sources:
        """The sources of the graph and their tiers."""
        return self._make.sources

    def find(self, question: Question) -> Found:
        """Evidence items, most relevant first; ties keep the order of topics and concepts."""
        for read in (self._chooser.choose, self._codes.judge, self._judge.judge, self._chains.find):
            if (found := read(question)) is not None and found.items:
                return found
        concepts = question.concepts(self.snapshot)
        if side_by_side := tuple(self._side_by_side(question, concepts)):
            return Found(side_by_side, complete=True)
        return Found(tuple(sorted(self._by_topic(question, concepts), key=lambda item: -item.score)))

    def _side_by_side(self, question: Question, concepts: Concepts) -> Iterator[EvidenceItem]:
        """Comparisons of two diseases, and what looks like one."""
        diseases = concepts.get(Category.DISEASE, ())
        text = question.masked
        if len(diseases) == 2 and re.search(forms()["compares"], text):
            yield from self._compare.of(*diseases)
        elif len(diseases) == 1 and re.search(forms()["look_alikes"], text):
            yield from self._compare.look_alikes(diseases[0])

    def _by_topic(self, question: Question, concepts: Concepts) -> Iterator[EvidenceItem]:
        diseases, findings, genes = (
            concepts.get(category, ()) for category in (Category.DISEASE, Category.PHENOTYPE, Category.GENE)
        )
        if question.asks("kinds") and len(diseases) > 1:
            yield from self._kinds.between(diseases[0], diseases[1:])
            return
        if question.asks("codes") and (codes := list(self._codes.of(question))):
            yield from codes
            return
        pairs = list(self._pairs.asked(question))
        pairs += [item for disease in diseases for item in self._pairs.of_disease(disease, findings, genes)]
        yield from pairs
        for disease in diseases:
            yield from self._diseases.about(disease, question, bool(pairs), bool(pairs and genes))
        if not pairs:
            yield from self._of_relations(question, concepts)
        if not diseases:
            yield from self._without_disease(question, findings, genes)
        if question.asks("kinds", "definition") or not question.topics:
            weight = ASKED_TOPIC if question.asks("kinds") else BACKGROUND
            yield from (item for curie in (*diseases, *findings) for item in self._kinds.above(curie, weight))

    def _of_relations(self, question: Question, concepts: Concepts) -> Iterator[EvidenceItem]:
        """What each concept is linked to by the relations asked for, on the first side of each where it has facts."""
        for category, curies in concepts.items():
            for curie in curies:
                found: dict[str, Sequence[EvidenceItem]] = {}
                for name, side in self._asked(question, category):
                    found[name] = found.get(name) or self._list(question, name, side, curie)
                yield from (item for items in found.values() for item in items)
                if not any(found.values()):
                    yield from self._nothing(question, category, curie)

    def _asked(self, question: Question, category: Category) -> list[tuple[str, Side]]:
        wanted = [(name, Side(side)) for topic in question.topics for name, side in topic.relations]
        return [(name, side) for name, side in wanted if relations()[name].takes(side, category)]

    def _list(self, question: Question, name: str, side: Side, curie: Curie) -> Sequence[EvidenceItem]:
        """Everything linked to any meaning of the words that mean this concept."""
        relation = relations()[name]
        meanings = [
            other for category, other in question.meanings(curie, self.snapshot) if relation.takes(side, category)
        ]
        links = [link for about in meanings for link in self._links.nearest(relation, side, about)]
        return self._tell.list_items(relation, side, curie, links, ASKED_TOPIC)

    def _nothing(self, question: Question, category: Category, curie: Curie) -> Iterator[EvidenceItem]:
        """Of relations that matter for safety an empty search is told; silence could be read as "none"."""
        for name, _ in self._asked(question, category)[:1]:
            if relations()[name].safety:
                yield self._tell.nothing(relations()[name], (curie,))

    def _without_disease(
        self, question: Question, findings: Sequence[Curie], genes: Sequence[Curie]
    ) -> Iterator[EvidenceItem]:
        if findings and (question.asks("diseases_with_finding", "phenotypes") or not question.topics):
            yield from diseases_with(self._make, findings)
        relation = relations()["gene"]
        for gene in genes:
            links = self._links.of(relation, Side.SUBJECT, gene)
            if links:
                ends = tuple(dict.fromkeys(link.object for link in links))
                listed = [self.snapshot.label(end) for end in ends[:LISTED]]
                listed += [f"{len(ends) - LISTED} more"] if len(ends) > LISTED else []
                text = relation.say_list(Side.SUBJECT, self._make.wording(gene), listed)
                yield self._make.of_facts(text, (gene, *ends[:LISTED]), facts_of(links), ASKED_TOPIC)
