"""A case and the part of the graph around it, as triples that the queries of rules are asked of.

The vocabulary is that of the quad store (``docs/schema.md``) under canonical identifiers, with what a query over a
patient needs besides: the case itself, ``clinigraph:is_a`` (what lies under what, reflexive and transitive, among the
concepts at hand), and the numbers that a rule compares. ``docs/rules.md`` lists it.
"""

import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources

import numpy as np

from ..case import Case, FindingStatus, MedicationUse
from ..concept import Category, Curie
from ..fact import Frequency, Predicate, Qualifier, Sex
from ..iri import iri_of
from ..onset import ONSET_RANGES
from ..shard import PREDICATES
from ..snapshot import Snapshot
from .queries import ROW

CASE = "clinigraph:case"
"""The patient; the only node of class ``clinigraph:Case``."""

PARENTS = frozenset({"mother", "father", "parent"})
_BAND_PATIENTS = 10  # how many counted patients a frequency band or percentage is worth
_WITH_PHENOTYPE = PREDICATES.index(Predicate.HAS_PHENOTYPE)
_FROM_DISEASE = (Predicate.HAS_INHERITANCE, Predicate.HAS_CLINICAL_COURSE, Predicate.HAS_CLINICAL_MODIFIER)
_FROM_DRUG = (
    Predicate.CONTRAINDICATED_IN,
    Predicate.NEEDS_CAUTION_IN,
    Predicate.HAS_SIDE_EFFECT,
    Predicate.TREATS,
    Predicate.APPLIED_TO_TREAT,
)
_USES = {
    MedicationUse.CURRENT: "clinigraph:takes",
    MedicationUse.PAST: "clinigraph:took",
    MedicationUse.PROPOSED: "clinigraph:may_take",
}
_SAID = {Qualifier.SEVERITY: "clinigraph:severity", Qualifier.ADVICE: "clinigraph:advice"}
_ATC_LENGTHS = {1: 1, 3: 2, 4: 3, 5: 4, 7: 5}


@dataclass(slots=True)
class _Triples:
    """Lines of N-Triples, each once, and the concepts that they mention."""

    snapshot: Snapshot
    lines: dict[str, None] = field(default_factory=dict)
    mentioned: set[int] = field(default_factory=set)

    def node(self, concept: Curie | int) -> str:
        """The node of a concept, which counts as mentioned."""
        position = concept if isinstance(concept, int) else self.snapshot.position(concept)
        self.mentioned.add(position)
        return f"<{iri_of(self.snapshot.curie_at(position))}>"

    def add(self, subject: str, predicate: str, value: str) -> None:
        self.lines[f"{subject} <{iri_of(predicate)}> {value} ."] = None

    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def _literal(text: object) -> str:
    if isinstance(text, bool):
        return f'"{str(text).lower()}"^^<{iri_of("xsd:boolean")}>'
    if isinstance(text, int):
        return f'"{text}"^^<{iri_of("xsd:integer")}>'
    if isinstance(text, float):
        return f'"{text!r}"^^<{iri_of("xsd:double")}>'
    escaped = str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


class CaseGraph:
    """Makes the triples of cases over one snapshot."""

    def __init__(self, snapshot: Snapshot, constants: Collection[Curie] = ()) -> None:
        self._snapshot = snapshot
        found = (snapshot.resolve(curie) for curie in constants)
        self._constants = frozenset(snapshot.position(curie) for curie in found if curie is not None)

    def triples(self, case: Case, diseases: Sequence[Curie] = (), drugs: Iterable[Curie] = ()) -> str:
        """N-Triples of a case with these candidate diseases, best first, and what is known of these drugs."""
        triples = _Triples(self._snapshot)
        self._add_case(case, triples)
        triples.mentioned |= self._constants
        related = self._related(triples.mentioned)
        for rank, disease in enumerate(diseases, 1):
            self._add_disease(self._snapshot.position(disease), rank, related, triples)
        every = list(dict.fromkeys(map(self._snapshot.position, drugs)))
        allergens = [self._snapshot.position(allergy.concept) for allergy in case.allergies]
        self._add_drugs(every, allergens if every else (), triples)
        self._add_red_flags(case, triples)
        self._add_exclusions(triples)
        self._add_hierarchy(triples)
        return triples.text()

    # The case

    def _add_case(self, case: Case, triples: _Triples) -> None:
        node = f"<{iri_of(CASE)}>"

        def say(predicate: str, value: object) -> None:
            if value is not None:
                triples.add(node, predicate, _literal(value))

        triples.add(node, "rdf:type", f"<{iri_of('clinigraph:Case')}>")
        for finding in case.findings:
            triples.add(node, f"clinigraph:{finding.status.value}", triples.node(finding.concept))
        for condition in case.conditions:
            known = condition.status is FindingStatus.OBSERVED
            triples.add(node, "clinigraph:has_condition" if known else "clinigraph:lacks_condition",
                        triples.node(condition.concept))  # fmt: skip
        for medication in case.medications:
            triples.add(node, _USES[medication.use], triples.node(medication.concept))
        for allergy in case.allergies:
            triples.add(node, "clinigraph:allergic_to", triples.node(allergy.concept))
        for gene in case.genes:
            triples.add(node, "clinigraph:names_gene", triples.node(gene))
        for mode in case.inheritance:
            triples.add(node, "clinigraph:suggests_inheritance", triples.node(mode))
        if case.sex in (Sex.FEMALE, Sex.MALE):
            say("clinigraph:sex", case.sex.value)
        say("clinigraph:age_years", None if case.age_years is None else float(case.age_years))
        say("clinigraph:onset_years", None if case.onset_years is None else float(case.onset_years))
        say("clinigraph:pregnant", case.pregnant)
        if (age := affected_by(case)) is not None:
            say("clinigraph:affected_by_years", float(age))
            say("clinigraph:affected_by", age_in_words(age))
        self._add_family(case, node, triples)

    def _add_family(self, case: Case, node: str, triples: _Triples) -> None:
        for place, finding in enumerate(case.family):
            if finding.status is not FindingStatus.OBSERVED:
                continue
            relative = f"<{iri_of(CASE)}-relative{place}>"
            triples.add(node, "clinigraph:relative", relative)
            triples.add(relative, "clinigraph:has_finding", triples.node(finding.concept))
            if finding.relative:
                triples.add(relative, "clinigraph:relation", _literal(finding.relative.lower()))
                if finding.relative.lower() in PARENTS:
                    triples.add(relative, "clinigraph:is_parent", _literal(True))

    def _add_red_flags(self, case: Case, triples: _Triples) -> None:
        columns, flag = self._snapshot.columns, PREDICATES.index(Predicate.RED_FLAG_OF)
        observed = map(self._snapshot.position, case.observed)
        above = {place for each in observed for place in self._snapshot.ancestor_positions(each).tolist()}
        for place in sorted(above):
            for row in self._snapshot.rows_from(place):
                if columns.predicate[row] == flag:
                    self._add_fact(row, triples)

    # Diseases

    def _related(self, mentioned: set[int]) -> frozenset[int]:
        """Everything above or below what the case or a rule names."""
        found: set[int] = set()
        for position in mentioned:
            found.update(self._snapshot.ancestor_positions(position).tolist())
            found.update(self._snapshot.descendant_positions(position).tolist())
        return frozenset(found)

    def _add_disease(self, disease: int, rank: int, related: frozenset[int], triples: _Triples) -> None:
        columns, node = self._snapshot.columns, triples.node(disease)
        triples.add(node, "rdf:type", f"<{iri_of('clinigraph:Candidate')}>")
        triples.add(node, "clinigraph:rank", _literal(rank))
        found = self._snapshot.rows_from(disease)
        rows = np.arange(found.start, found.stop)
        phenotypes = rows[columns.predicate[rows] == _WITH_PHENOTYPE]
        positive = {int(columns.object[row]) for row in phenotypes if not columns.negated[row]}
        triples.add(node, "clinigraph:recorded_findings", _literal(len(positive)))
        pooled = pooled_shares(self._snapshot, phenotypes.tolist())
        for row in phenotypes.tolist():
            if int(columns.object[row]) in related:
                self._add_phenotype(row, pooled, triples)
        for predicate in _FROM_DISEASE:
            for row in rows[columns.predicate[rows] == PREDICATES.index(predicate)].tolist():
                if not columns.negated[row]:
                    self._add_fact(row, triples)
        to = self._snapshot.rows_to(disease)
        for row in to[columns.predicate[to] == PREDICATES.index(Predicate.GENE_OF_DISEASE)].tolist():
            if not columns.negated[row]:
                self._add_fact(row, triples)

    def _add_phenotype(self, row: int, pooled: Mapping[int, tuple[float, float]], triples: _Triples) -> None:
        node = self._add_fact(row, triples)
        share = pooled.get(int(self._snapshot.columns.object[row]))
        if share is not None:
            triples.add(node, "clinigraph:share", _literal(share[0]))
            triples.add(node, "clinigraph:patients", _literal(share[1]))
        if (frequency := frequency_at(self._snapshot, row)) is not None:
            triples.add(node, "clinigraph:frequency", _literal(frequency))

    def _add_fact(self, row: int, triples: _Triples) -> str:
        """The node of the fact in one row, with the plain triple where it is not negated."""
        columns = self._snapshot.columns
        node = f"<{ROW}{row}>"
        subject, target = triples.node(int(columns.subject[row])), triples.node(int(columns.object[row]))
        predicate = PREDICATES[int(columns.predicate[row])].value
        triples.add(node, "biolink:subject", subject)
        triples.add(node, "biolink:predicate", f"<{iri_of(predicate)}>")
        triples.add(node, "biolink:object", target)
        if columns.negated[row]:
            triples.add(node, "biolink:negated", _literal(True))
        else:
            triples.add(subject, predicate, target)
        onset = ONSET_RANGES.get(self._snapshot.curie_at(int(columns.object[row])))
        if onset is not None and predicate == Predicate.HAS_CLINICAL_COURSE:
            triples.add(node, "clinigraph:begins_years", _literal(float(onset[0])))
            triples.add(node, "clinigraph:ends_years", _literal(float(onset[1])))
        return node

    @cached_property
    def _exclusions(self) -> Mapping[int, list[tuple[int, int]]]:
        """Either side of each ``excludes`` fact -> the other side and the row."""
        columns, found = self._snapshot.columns, defaultdict(list)
        for row in np.flatnonzero(columns.predicate == PREDICATES.index(Predicate.EXCLUDES)).tolist():
            subject, target = int(columns.subject[row]), int(columns.object[row])
            found[subject].append((target, row))
            found[target].append((subject, row))
        return found

    def _add_exclusions(self, triples: _Triples) -> None:
        """The ``excludes`` facts between two concepts at hand, or what lies above them."""
        above = {place for each in triples.mentioned for place in self._snapshot.ancestor_positions(each).tolist()}
        for side in sorted(above & self._exclusions.keys()):
            for other, row in self._exclusions[side]:
                if other in above:
                    self._add_fact(row, triples)

    # Drugs

    def _add_drugs(self, drugs: Sequence[int], allergens: Sequence[int], triples: _Triples) -> None:
        classes = {drug: self.classes(drug) for drug in (*drugs, *allergens)}
        above: set[int] = set().union(*(classes[drug] for drug in drugs)) if drugs else set()
        for drug in drugs:
            triples.add(triples.node(drug), "rdf:type", f"<{iri_of('clinigraph:Medicine')}>")
            triples.add(triples.node(drug), "clinigraph:known", _literal(len(classes[drug]) > 1))
        for place in sorted(above):
            for row in self._drug_rows(place, above):
                self._add_drug_fact(row, triples)
            self._add_effects(place, triples)
        kept = triples.mentioned | self._constants | set().union(*map(self._compared, classes.values()), set())
        for drug, found in classes.items():
            node = triples.node(drug)
            for place in sorted(found & kept):
                triples.add(node, "clinigraph:member_of", triples.node(place))
                if level := self._atc_level(place):
                    triples.add(triples.node(place), "clinigraph:atc_level", _literal(level))

    def _add_drug_fact(self, row: int, triples: _Triples) -> None:
        node = self._add_fact(row, triples)
        fact = self._snapshot.fact_at(row)
        for which, predicate in _SAID.items():
            if said := fact.qualifier(which):
                triples.add(node, predicate, _literal(said))

    def _add_effects(self, place: int, triples: _Triples) -> None:
        """What a class of drugs is named after, as side effects; they stand in no row of the snapshot."""
        for effect in drug_effects().get(self._snapshot.curie_at(place), ()):
            if self._snapshot.resolve(effect) is not None:
                node = f"<{iri_of('fact:effect-')}{place}-{self._snapshot.position(effect)}>"
                triples.add(node, "biolink:subject", triples.node(place))
                triples.add(node, "biolink:predicate", f"<{iri_of(Predicate.HAS_SIDE_EFFECT)}>")
                triples.add(node, "biolink:object", triples.node(effect))

    def classes(self, drug: int) -> set[int]:
        """A drug itself, its classes and its roles, and all above them."""
        columns = self._snapshot.columns
        found = set(self._snapshot.ancestor_positions(drug).tolist())
        role = PREDICATES.index(Predicate.HAS_ROLE)
        for place in tuple(found):
            for row in self._snapshot.rows_from(place):
                if columns.predicate[row] == role and not columns.negated[row]:
                    found.update(self._snapshot.ancestor_positions(int(columns.object[row])).tolist())
        return found

    def _compared(self, classes: set[int]) -> set[int]:
        """The classes by which drugs are compared: those of the ATC."""
        return {place for place in classes if self._atc_level(place)}

    def _atc_level(self, place: int) -> int | None:
        curie = self._snapshot.curie_at(place)
        if not curie.startswith("ATC:"):
            return None
        return _ATC_LENGTHS.get(len(curie) - len("ATC:"))

    def _drug_rows(self, place: int, above: set[int]) -> Iterator[int]:
        """Facts of a drug or class about conditions, and about other drugs at hand."""
        columns = self._snapshot.columns
        wanted = {PREDICATES.index(predicate) for predicate in _FROM_DRUG}
        interacts = PREDICATES.index(Predicate.INTERACTS_WITH)
        for row in self._snapshot.rows_from(place):
            if columns.predicate[row] in wanted or (
                columns.predicate[row] == interacts and int(columns.object[row]) in above
            ):
                yield row

    # Hierarchy

    def _add_hierarchy(self, triples: _Triples) -> None:
        for place in sorted(triples.mentioned):
            node = triples.node(place)
            triples.add(node, "rdfs:label", _literal(self._snapshot.label_at(place)))
            if self._snapshot.category_at(place) is Category.DISEASE:
                triples.add(node, "rdf:type", f"<{iri_of(Category.DISEASE.value)}>")
            for above in self._snapshot.ancestor_positions(place).tolist():
                if above in triples.mentioned:
                    triples.add(node, "clinigraph:is_a", triples.node(above))


def affected_by(case: Case) -> float | None:
    """The least age in years by which the patient is known to have been affected."""
    ages = (*(finding.onset_years for finding in case.findings), case.onset_years, case.age_years)
    return min((age for age in ages if age is not None), default=None)


def age_in_words(years: float) -> str:
    """An age as it is written in a sentence."""
    if years < 0:
        return "before birth"
    months = round(years * 12)
    if months < 24:
        return f"{months} month{'' if months == 1 else 's'} of age"
    return f"{years:.0f} years of age"


def frequency_at(snapshot: Snapshot, row: int) -> str | None:
    """The frequency in one row as it is written in a sentence; cheaper than building the fact."""
    columns = snapshot.columns
    counted = int(columns.denominator[row])
    if counted > 0:
        return f"{int(columns.numerator[row])}/{counted}"
    low, high = float(columns.frequency_low[row]), float(columns.frequency_high[row])
    return None if np.isnan(low) else str(Frequency(low, high))


def pooled_shares(snapshot: Snapshot, rows: Iterable[int]) -> dict[int, tuple[float, float]]:
    """Finding -> share of all patients with it and their number, over all phenotype rows of one disease.

    A band or percentage counts as ten patients at its middle; a row that says nothing of frequency counts as none.
    """
    columns = snapshot.columns
    cases: dict[int, float] = defaultdict(float)
    patients: dict[int, float] = defaultdict(float)
    for row in rows:
        counted = int(columns.denominator[row])
        middle = float(columns.frequency_low[row] + columns.frequency_high[row]) / 2
        if counted <= 0 and np.isnan(middle):
            continue
        number = float(counted) if counted > 0 else float(_BAND_PATIENTS)
        cases[int(columns.object[row])] += middle * number
        patients[int(columns.object[row])] += number
    return {finding: (cases[finding] / number, number) for finding, number in patients.items()}


@cache
def drug_effects() -> Mapping[Curie, tuple[Curie, ...]]:
    """Class of drugs -> the findings that it is named after, from ``data/drug_effects.toml``."""
    text = (resources.files("data") / "drug_effects.toml").read_text(encoding="utf-8")
    return {curie: tuple(row["causes"]) for curie, row in tomllib.loads(text).items()}
