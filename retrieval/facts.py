"""Facts near a question: read from the graph by topic and concept, said in sentences, ranked by how well they fit."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kg import Category, Curie, Fact, Predicate, Snapshot

from .evidence import EvidenceItem, EvidenceKind
from .question import Question
from .wording import (
    best_frequency,
    gene_sentence,
    group_sentence,
    in_sentence,
    inheritance_sentence,
    join_words,
    kind_sentence,
    names_of,
    objects_of,
    onset_sentence,
    phenotype_sentence,
    record_of,
)

_GROUP_SIZE = 6
_GROUPS_SHOWN = 4
_LISTED = 12
_KINDS_LISTED = 8

# How often, by the middle of the frequency range: the bands of the HPO frequency terms, in words.
_BANDS = ((0.995, "All patients"), (0.795, "Most patients"), (0.295, "Many patients"), (0.045, "Some patients"))

# Relevance by what an item is: asked for by name > asked for by topic > shown when nothing special is asked.
ASKED_PAIR, ASKED_TOPIC, BACKGROUND = 1.0, 0.9, 0.5


@dataclass(frozen=True, slots=True)
class FactFinder:
    """Reads the facts that a question asks for, as unnumbered evidence items."""

    snapshot: Snapshot

    def find(self, question: Question) -> tuple[EvidenceItem, ...]:
        """Evidence items, most relevant first; ties keep the order of topics and concepts."""
        concepts = question.concepts(self.snapshot)
        diseases, findings, genes = (
            concepts.get(category, ()) for category in (Category.DISEASE, Category.PHENOTYPE, Category.GENE)
        )
        if question.asks("kinds") and len(diseases) > 1:
            return tuple(self._between_kinds(diseases[0], diseases[1:]))
        items = [item for disease in diseases for item in self._about_pairs(disease, findings, genes)]
        items += [item for disease in diseases for item in self._about_disease(disease, question, bool(items))]
        if not diseases and findings and (question.asks("diseases_with_finding", "phenotypes") or not question.topics):
            items += self._diseases_with(findings)
        if not diseases:
            items += [item for gene in genes for item in self._diseases_of_gene(gene)]
        if question.asks("kinds", "definition") or not question.topics:
            weight = ASKED_TOPIC if question.asks("kinds") else BACKGROUND
            items += [item for curie in (*diseases, *findings) for item in self._kinds(curie, weight)]
        return tuple(sorted(items, key=lambda item: -item.score))

    def _about_pairs(self, disease: Curie, findings: Sequence[Curie], genes: Sequence[Curie]) -> Iterator[EvidenceItem]:
        """What the graph says about just this disease with just these findings or genes."""
        facts = self.snapshot.facts_from(disease, Predicate.HAS_PHENOTYPE)
        for finding in findings:
            exact = [fact for fact in facts if fact.object == finding]
            nearer = [fact for fact in facts if not fact.negated and self.snapshot.is_a(fact.object, finding)]
            for target in dict.fromkeys([finding] * bool(exact) + [fact.object for fact in nearer][:_GROUP_SIZE]):
                same = [fact for fact in facts if fact.object == target]
                text = phenotype_sentence(self.snapshot.label(disease), self.snapshot.label(target), same)
                if target != finding:
                    text = f"{text[:-1]}, a kind of {in_sentence(self.snapshot.label(finding))}."
                yield self._item(text, (disease, target, finding), same, ASKED_PAIR)
        for gene in genes:
            link = [fact for fact in self.snapshot.facts_to(disease, Predicate.GENE_OF_DISEASE) if fact.subject == gene]
            if link:
                yield self._item(self._genes_text(disease, link), (disease, gene), link, ASKED_PAIR)

    def _about_disease(self, disease: Curie, question: Question, answered: bool) -> Iterator[EvidenceItem]:
        general = not question.topics or question.asks("definition")
        parts = (
            ("inheritance", self._inheritance),
            ("genes", self._genes),
            ("onset", self._onset),
            ("phenotypes", self._phenotypes),
        )
        for topic, read in parts:
            asked = question.asks(topic)
            if asked or (general and not answered):
                yield from read(disease, ASKED_TOPIC if asked else BACKGROUND)

    def _inheritance(self, disease: Curie, score: float) -> Iterator[EvidenceItem]:
        facts = [f for f in self.snapshot.facts_from(disease, Predicate.HAS_INHERITANCE) if not f.negated]
        modes = objects_of(facts, Predicate.HAS_INHERITANCE)
        if modes:
            text = inheritance_sentence(self.snapshot.label(disease), [self.snapshot.label(mode) for mode in modes])
            yield self._item(text, (disease, *modes), facts, score)

    def _genes(self, disease: Curie, score: float) -> Iterator[EvidenceItem]:
        facts = self.snapshot.facts_to(disease, Predicate.GENE_OF_DISEASE)
        if facts:
            genes = tuple(dict.fromkeys(fact.subject for fact in facts))
            yield self._item(self._genes_text(disease, facts), (disease, *genes[:_LISTED]), facts, score)

    def _genes_text(self, disease: Curie, facts: Sequence[Fact]) -> str:
        genes = [self.snapshot.concept(curie) for curie in dict.fromkeys(fact.subject for fact in facts)]
        named = [(gene.label, gene.names[1].text if len(gene.names) > 1 and len(genes) < 4 else "") for gene in genes]
        shown = named[:_LISTED] + ([(f"{len(named) - _LISTED} more", "")] if len(named) > _LISTED else [])
        return gene_sentence(self.snapshot.label(disease), shown)

    def _onset(self, disease: Curie, score: float) -> Iterator[EvidenceItem]:
        facts = [f for f in self.snapshot.facts_from(disease, Predicate.HAS_CLINICAL_COURSE) if not f.negated]
        courses = objects_of(facts, Predicate.HAS_CLINICAL_COURSE)
        if courses:
            labels = [self.snapshot.label(course) for course in courses]
            text = onset_sentence(self.snapshot.label(disease), labels)
            yield self._item(text, (disease, *courses), facts, score)

    def _phenotypes(self, disease: Curie, score: float) -> Iterator[EvidenceItem]:
        """Findings grouped by how frequent they are, the most frequent group first."""
        by_finding: dict[Curie, list[Fact]] = defaultdict(list)
        for fact in self.snapshot.facts_from(disease, Predicate.HAS_PHENOTYPE):
            if not fact.negated:
                by_finding[fact.object].append(fact)
        groups: dict[str, list[Curie]] = defaultdict(list)
        for finding, facts in sorted(by_finding.items(), key=lambda pair: (-_share(pair[1]), pair[0])):
            groups[_heading(facts)].append(finding)
        order = [heading for _, heading in _BANDS] + ["Patients"]
        shown = [heading for heading in order if heading in groups][:_GROUPS_SHOWN]
        for rank, heading in enumerate(shown):
            findings = groups[heading][:_GROUP_SIZE]
            labels = [self.snapshot.label(finding) for finding in findings]
            text = group_sentence(self.snapshot.label(disease), heading, labels)
            facts = [fact for finding in findings for fact in by_finding[finding]]
            yield self._item(text, (disease, *findings), facts, score - rank / 100)

    def _diseases_with(self, findings: Sequence[Curie]) -> Iterator[EvidenceItem]:
        """Diseases that have every one of the findings or a more special one, the most frequently so first."""
        shares: dict[Curie, list[float]] = defaultdict(list)
        behind: dict[Curie, list[Fact]] = defaultdict(list)
        for finding in findings:
            for disease, facts in self._with_finding(finding).items():
                shares[disease].append(_share(facts))
                behind[disease] += facts
        full = [disease for disease, found in shares.items() if len(found) == len(findings)]
        full.sort(key=lambda disease: (-sum(shares[disease]), disease))
        if full:
            names = join_words([in_sentence(self.snapshot.label(finding)) for finding in findings])
            shown = full[:_LISTED]
            listed = join_words([self.snapshot.label(disease) for disease in shown])
            text = f"{len(full)} diseases are recorded with {names}, most frequently {listed}."
            if len(full) == 1:
                text = f"One disease is recorded with {names}: {listed}."
            facts = [fact for disease in shown for fact in behind[disease]]
            yield self._item(text, (*findings, *shown), facts, ASKED_TOPIC)

    def _with_finding(self, finding: Curie) -> dict[Curie, list[Fact]]:
        found: dict[Curie, list[Fact]] = defaultdict(list)
        for fact in self.snapshot.facts_to(finding, Predicate.HAS_PHENOTYPE):
            if not fact.negated:
                found[fact.subject].append(fact)
        return found

    def _diseases_of_gene(self, gene: Curie) -> Iterator[EvidenceItem]:
        facts = self.snapshot.facts_from(gene, Predicate.GENE_OF_DISEASE)
        diseases = objects_of(facts, Predicate.GENE_OF_DISEASE)
        if diseases:
            listed = join_words([self.snapshot.label(disease) for disease in diseases[:_LISTED]])
            more = f", and {len(diseases) - _LISTED} more" if len(diseases) > _LISTED else ""
            text = f"The gene {self.snapshot.label(gene)} is associated with {listed}{more}."
            yield self._item(text, (gene, *diseases[:_LISTED]), facts, ASKED_TOPIC)

    def _kinds(self, curie: Curie, score: float) -> Iterator[EvidenceItem]:
        up = self.snapshot.facts_from(curie, Predicate.SUBCLASS_OF)
        parents = objects_of(up, Predicate.SUBCLASS_OF)[:_KINDS_LISTED]
        if parents:
            text = kind_sentence(self.snapshot.label(curie), [self.snapshot.label(parent) for parent in parents])
            yield self._item(text, (curie, *parents), up, score - 0.05)

    def _between_kinds(self, child: Curie, parents: Sequence[Curie]) -> Iterator[EvidenceItem]:
        """How one concept is a kind of the others, step by step, or where it stands instead."""
        placed = False
        for parent in parents:
            path = self._path_up(child, parent)
            if path:
                steps = [self.snapshot.label(fact.subject) for fact in path] + [self.snapshot.label(parent)]
                by = f", by way of {join_words([in_sentence(step) for step in steps[1:-1]])}" if len(steps) > 2 else ""
                text = f"{steps[0]} is a kind of {in_sentence(steps[-1])}{by}."
                yield self._item(text, (child, parent, *(fact.object for fact in path)), path, ASKED_PAIR)
                placed = True
        if not placed:
            yield from self._kinds(child, ASKED_TOPIC)

    def _path_up(self, child: Curie, parent: Curie) -> tuple[Fact, ...]:
        """The ``subclass_of`` facts of a shortest way from a concept up to another; empty if there is none."""
        if child == parent or not self.snapshot.is_a(child, parent):
            return ()
        ways: dict[Curie, tuple[Fact, ...]] = {child: ()}
        edge = [child]
        while parent not in ways:
            reached = [fact for node in edge for fact in self.snapshot.facts_from(node, Predicate.SUBCLASS_OF)]
            edge = []
            for fact in sorted(reached, key=lambda fact: (fact.subject, fact.object)):
                if fact.object not in ways and self.snapshot.is_a(fact.object, parent):
                    ways[fact.object] = (*ways[fact.subject], fact)
                    edge.append(fact.object)
        return ways[parent]

    def _item(self, text: str, curies: Iterable[Curie], facts: Sequence[Fact], score: float) -> EvidenceItem:
        curies = tuple(dict.fromkeys(curies))
        source, release, reference = record_of(facts)
        names = names_of(self.snapshot, curies)
        return EvidenceItem(0, EvidenceKind.FACT, text, curies, source, release, reference, tuple(facts), names, score)


def _share(facts: Sequence[Fact]) -> float:
    frequency = best_frequency(facts)
    return 0.0 if frequency is None else frequency.midpoint


def _heading(facts: Sequence[Fact]) -> str:
    if best_frequency(facts) is None:
        return "Patients"
    share = _share(facts)
    return next((heading for low, heading in _BANDS if share >= low), "Few patients")
