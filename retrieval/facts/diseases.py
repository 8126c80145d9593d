"""What the graph knows of one disease by topic: inheritance, genes, onset and findings."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kg import Curie, Fact, Predicate, Snapshot

from ..evidence import EvidenceItem
from ..question import Question
from ..wording import (
    best_frequency,
    gene_sentence,
    group_sentence,
    inheritance_sentence,
    join_words,
    listing,
    objects_of,
    onset_sentence,
)
from .hierarchy import path_up
from .inheritance import classes_by_mode
from .items import WEAK, ItemMaker
from .links import Link, LinkFinder, facts_of
from .relation import Side, relations
from .scores import ASKED_TOPIC, BACKGROUND, GROUP_SIZE, LISTED
from .support import best_supported

_GROUPS_SHOWN = 4

# How often, by the middle of the frequency range: the bands of the HPO frequency terms, in words.
_BANDS = ((0.995, "All patients"), (0.795, "Most patients"), (0.295, "Many patients"), (0.045, "Some patients"))


@dataclass(frozen=True, slots=True)
class DiseaseFacts:
    """Reads the facts of a disease, or, where it is a group with none of its own, of its nearest kinds."""

    make: ItemMaker
    links: LinkFinder

    @property
    def snapshot(self) -> Snapshot:
        """The graph that is read."""
        return self.make.snapshot

    def about(
        self, disease: Curie, question: Question, answered: bool, genes_told: bool = False
    ) -> Iterator[EvidenceItem]:
        """Items on what is asked; on everything where nothing special is asked and nothing has been answered yet.

        Genes are left out where those that the question names have been told of.
        """
        general = not question.topics or question.asks("definition")
        parts: tuple[tuple[str, Callable[[Curie, float], Iterator[EvidenceItem]]], ...] = (
            ("inheritance", self.inheritance),
            ("genes", self.genes),
            ("onset", self.onset),
            ("phenotypes", self.findings),
        )
        for topic, read in parts:
            asked = question.asks(topic) or (topic == "genes" and question.asks("causes"))
            if topic == "genes" and genes_told:
                continue
            if asked or (general and not answered):
                score = ASKED_TOPIC if asked else BACKGROUND
                yield from self._first_known(question.namesakes(disease, self.snapshot), read, score)

    @staticmethod
    def _first_known(
        diseases: Sequence[Curie], read: Callable[[Curie, float], Iterator[EvidenceItem]], score: float
    ) -> Iterator[EvidenceItem]:
        """The items on the first of several diseases of one name about which there are any."""
        for disease in diseases:
            if items := list(read(disease, score)):
                yield from items
                return

    def inheritance(self, disease: Curie, score: float) -> Iterator[EvidenceItem]:
        """Modes of inheritance: recorded, else by the classes that the disease belongs to, else those of its kinds."""
        relation = relations()["inheritance"]
        links = self.links.of(relation, Side.SUBJECT, disease)
        if not links and (by_class := list(self._by_class(disease, score))):
            yield from by_class
            return
        links = links or self.links.nearest(relation, Side.SUBJECT, disease)
        if links:
            modes = tuple(dict.fromkeys(link.object for link in links))
            label = self._kinds_of(disease, links)
            text = inheritance_sentence(label, [self.snapshot.label(mode) for mode in modes])
            yield self.make.of_facts(text, (disease, *modes), facts_of(links), score)

    def _by_class(self, disease: Curie, score: float) -> Iterator[EvidenceItem]:
        for kind, mode in classes_by_mode(self.snapshot, disease).items():
            path = path_up(self.snapshot, disease, kind)
            text = f"{self.snapshot.label(disease)} is classified as {self.make.inside(kind)}."
            yield self.make.of_facts(text, (disease, kind, mode), path, score)

    def genes(self, disease: Curie, score: float) -> Iterator[EvidenceItem]:
        """Genes: first those that more than one record names, then all others."""
        links = self.links.nearest(relations()["gene"], Side.OBJECT, disease)
        best = best_supported(links)
        genes = tuple(dict.fromkeys(link.subject for link in best))
        if not genes:
            return
        text = self.gene_text(self._kinds_of(disease, best), genes)
        yield self.make.of_facts(text, (disease, *genes[:LISTED]), facts_of(best), score)
        rest = [link for link in links if link.subject not in genes]
        if others := tuple(dict.fromkeys(link.subject for link in rest)):
            listed = listing([self.snapshot.label(gene) for gene in others])
            plural = "s" if len(others) > 1 else ""
            text = (
                f"A single record each also associates {self.snapshot.label(disease)} with the gene{plural} {listed}."
            )
            yield self.make.of_facts(text, (disease, *others[:LISTED]), facts_of(rest), score - 0.01)

    def gene_text(self, label: str, genes: Sequence[Curie]) -> str:
        """A sentence that names the genes of a disease, with their full names where there are few."""
        concepts = [self.snapshot.concept(curie) for curie in genes]
        named = [(g.label, g.names[1].text if len(g.names) > 1 and len(concepts) < 4 else "") for g in concepts]
        shown = named[:LISTED] + ([(f"{len(named) - LISTED} more", "")] if len(named) > LISTED else [])
        return gene_sentence(label, shown)

    def _kinds_of(self, disease: Curie, links: Sequence[Link]) -> str:
        """The disease's label; with the kinds that the facts are about, if they are not about itself."""
        label = self.snapshot.label(disease)
        kinds = dict.fromkeys(link.path[0].subject for link in links if link.path)
        if not kinds or any(not link.path for link in links):
            return label
        if len(kinds) == 1:
            return f"{label} of the kind {self.snapshot.label(next(iter(kinds)))}"
        return f"{label}, in its {len(kinds)} nearest kinds on record,"

    def onset(self, disease: Curie, score: float) -> Iterator[EvidenceItem]:
        """When it begins, or how it runs."""
        facts = [f for f in self.snapshot.facts_from(disease, Predicate.HAS_CLINICAL_COURSE) if not f.negated]
        courses = objects_of(facts, Predicate.HAS_CLINICAL_COURSE)
        if courses:
            labels = [self.snapshot.label(course) for course in courses]
            text = onset_sentence(self.snapshot.label(disease), labels)
            yield self.make.of_facts(text, (disease, *courses), facts, score)

    def findings(self, disease: Curie, score: float) -> Iterator[EvidenceItem]:
        """Findings grouped by how frequent they are, the most frequent group first."""
        known: dict[Curie, list[Fact]] = defaultdict(list)
        for fact in self.snapshot.facts_from(disease, Predicate.HAS_PHENOTYPE):
            if not fact.negated:
                known[fact.object].append(fact)
        for weak in (False, True):
            part = {finding: facts for finding, facts in known.items() if self._is_weak(facts) is weak}
            yield from self._frequency_groups(disease, part, score - 0.1 * weak)

    def _is_weak(self, facts: Sequence[Fact]) -> bool:
        """Whether no fact comes from a source that is trusted without saying so."""
        return all(self.make.sources.tier_of([fact]) in WEAK for fact in facts)

    def _best_facts(self, facts: Sequence[Fact]) -> list[Fact]:
        """The facts from sources that are trusted without saying so; all of them where there are none."""
        return [fact for fact in facts if self.make.sources.tier_of([fact]) not in WEAK] or list(facts)

    def _frequency_groups(
        self, disease: Curie, by_finding: dict[Curie, list[Fact]], score: float
    ) -> Iterator[EvidenceItem]:
        groups: dict[str, list[Curie]] = defaultdict(list)
        for finding, facts in sorted(by_finding.items(), key=lambda pair: (-_share(pair[1]), pair[0])):
            groups[_heading(facts)].append(finding)
        order = [heading for _, heading in _BANDS] + ["Patients"]
        shown = [heading for heading in order if heading in groups][:_GROUPS_SHOWN]
        for rank, heading in enumerate(shown):
            findings = groups[heading][:GROUP_SIZE]
            labels = [self.snapshot.label(finding) for finding in findings]
            text = group_sentence(self.snapshot.label(disease), heading, labels)
            facts = [fact for finding in findings for fact in self._best_facts(by_finding[finding])]
            yield self.make.of_facts(text, (disease, *findings), facts, score - 0.01 * rank)


def diseases_with(make: ItemMaker, findings: Sequence[Curie]) -> Iterator[EvidenceItem]:
    """Diseases that have every one of the findings, the most frequently so first."""
    snapshot = make.snapshot
    shares: dict[Curie, list[float]] = defaultdict(list)
    behind: dict[Curie, list[Fact]] = defaultdict(list)
    for finding in findings:
        for disease, facts in _with_finding(snapshot, finding).items():
            shares[disease].append(_share(facts))
            behind[disease] += facts
    full = [disease for disease, found in shares.items() if len(found) == len(findings)]
    full.sort(key=lambda disease: (-sum(shares[disease]), disease))
    if full:
        names = join_words([make.inside(finding) for finding in findings])
        shown = full[:LISTED]
        listed = join_words([snapshot.label(disease) for disease in shown])
        text = f"{len(full)} diseases are recorded with {names}, most frequently {listed}."
        if len(full) == 1:
            text = f"One disease is recorded with {names}: {listed}."
        facts = [fact for disease in shown for fact in behind[disease]]
        yield make.of_facts(text, (*findings, *shown), facts, ASKED_TOPIC)


def _with_finding(snapshot: Snapshot, finding: Curie) -> dict[Curie, list[Fact]]:
    found: dict[Curie, list[Fact]] = defaultdict(list)
    for fact in snapshot.facts_to(finding, Predicate.HAS_PHENOTYPE):
        if not fact.negated:
            found[fact.subject].append(fact)
    return found


def _share(facts: Sequence[Fact]) -> float:
    frequency = best_frequency(facts)
    return 0.0 if frequency is None else frequency.midpoint


def _heading(facts: Sequence[Fact]) -> str:
    if best_frequency(facts) is None:
        return "Patients"
    share = _share(facts)
    return next((heading for low, heading in _BANDS if share >= low), "Few patients")
