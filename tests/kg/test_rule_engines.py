"""The same rules by three engines: columns of the snapshot, queries on the small graph, and pyshacl as reference."""

import random
from dataclasses import replace

import pyshacl
import pytest
import rdflib

from kg import (
    Allergy,
    Case,
    Category,
    Concept,
    Condition,
    Evidence,
    Fact,
    FamilyFinding,
    Finding,
    FindingStatus,
    Frequency,
    Medication,
    MedicationUse,
    Name,
    NameKind,
    Predicate,
    Qualifier,
    Record,
    RuleSubject,
    Sex,
    Snapshot,
    as_shacl,
    iri_of,
    read_rules,
)
from kg.rules.case_graph import CASE, CaseGraph
from kg.rules.columns import COLUMNS, CaseView, DiseaseView
from kg.rules.queries import SmallGraph, constants, with_canonical_names
from kg.rules.shacl import shape_iri
from tests.made_graph import snapshot_of

FINDINGS = ["HP:0000118", *(f"HP:100000{n}" for n in range(9)), "HP:0001945", "HP:0031179", "HP:0000083"]
MODES = ["HP:0000006", "HP:0000007", "HP:0001417", "HP:0001419", "HP:0001423", "HP:0001450", "HP:0001475", "HP:0034344"]
ONSETS = ["HP:0003577", "HP:0003593", "HP:0011463", "HP:0003581", "HP:0003584"]
DISEASES = [f"MONDO:000010{n}" for n in range(7)]
DRUGS = [f"DRUGBANK:DB0000{n}" for n in range(5)]
CLASSES = ["ATC:J01CA", "ATC:C09", "CHEBI:27933", "MESH:D011247"]
GENES = ["HGNC:1", "HGNC:2", "HGNC:3"]
RULES = read_rules()


def stated(subject: str, predicate: Predicate, target: str, **more: object) -> Fact:
    return Fact(subject, predicate, target, (Evidence("test", "1", subject),), **more)  # type: ignore[arg-type]


def made_graph(seed: int) -> list[Record]:
    """A graph of some diseases, findings and drugs that are connected at random."""
    rng = random.Random(seed)
    kinds = {
        Category.PHENOTYPE: [*FINDINGS, *ONSETS],
        Category.INHERITANCE: MODES,
        Category.DISEASE: [*DISEASES, "MONDO:0005300"],
        Category.GENE: GENES,
        Category.DRUG: DRUGS,
        Category.CHEMICAL: CLASSES,
    }
    records: list[Record] = [
        Concept(curie, kind, (Name(f"name of {curie}", NameKind.LABEL),))
        for kind, all_ in kinds.items()
        for curie in all_
    ]
    records += [
        stated(child, Predicate.SUBCLASS_OF, FINDINGS[rng.randrange(at)]) for at, child in enumerate(FINDINGS) if at
    ]
    records += [stated(mode, Predicate.SUBCLASS_OF, "HP:0001417") for mode in ("HP:0001419", "HP:0001423")]
    records += [stated(DISEASES[at], Predicate.SUBCLASS_OF, DISEASES[rng.randrange(at)]) for at in (2, 4, 6)]
    frequencies = (None, Frequency(0.8, 0.99), Frequency(0.3, 0.79), Frequency(1.0, 1.0), Frequency(0.6, 0.6, 6, 10),
                   Frequency(1.0, 1.0, 12, 12), Frequency(1.0, 1.0, 2, 2))  # fmt: skip
    for disease in DISEASES:
        for finding in rng.sample(FINDINGS, rng.randrange(6)):
            if rng.random() < 0.3:
                patients = rng.choice([2, 9])
                share = Frequency(0.0, 0.0, 0, patients) if rng.random() < 0.5 else None
                records.append(stated(disease, Predicate.HAS_PHENOTYPE, finding, negated=True, frequency=share))
            else:
                records.append(stated(disease, Predicate.HAS_PHENOTYPE, finding, frequency=rng.choice(frequencies)))
        modes = rng.sample(MODES, rng.randrange(3)) if disease != DISEASES[3] else ["HP:0001419"]
        records += [stated(disease, Predicate.HAS_INHERITANCE, mode) for mode in modes]
        records += [
            stated(disease, Predicate.HAS_CLINICAL_COURSE, term) for term in rng.sample(ONSETS, rng.randrange(3))
        ]
        records += [stated(gene, Predicate.GENE_OF_DISEASE, disease) for gene in rng.sample(GENES, rng.randrange(3))]
    first, second = sorted(rng.sample(DISEASES, 2))
    records.append(stated(first, Predicate.EXCLUDES, second))
    for drug in DRUGS:
        records += [stated(drug, Predicate.SUBCLASS_OF, kind) for kind in rng.sample(CLASSES[:3], rng.randrange(3))]
        warning = rng.choice([Predicate.NEEDS_CAUTION_IN, Predicate.CONTRAINDICATED_IN])
        target = rng.choice(["MESH:D011247", "HP:0000083", "MONDO:0005300", DISEASES[0]])
        records.append(stated(drug, warning, target, qualifiers=((Qualifier.ADVICE, f"advice on {drug}"),)))
        records.append(stated(drug, Predicate.HAS_SIDE_EFFECT, rng.choice(FINDINGS[1:])))
    first, second = sorted(rng.sample([*DRUGS, *CLASSES[:2]], 2))
    severity = rng.choice(["contraindicated", "avoid", "precaution"])
    records.append(stated(first, Predicate.INTERACTS_WITH, second, qualifiers=((Qualifier.SEVERITY, severity),)))
    return records


def made_case(seed: int) -> Case:
    rng = random.Random(seed)
    seen = rng.sample(FINDINGS, rng.randrange(5))
    gone = rng.sample(FINDINGS, rng.randrange(5))
    findings = [Finding(curie, FindingStatus.OBSERVED) for curie in seen]
    findings += [Finding(curie, FindingStatus.EXCLUDED) for curie in gone]
    status = (FindingStatus.OBSERVED, FindingStatus.EXCLUDED)
    return Case(
        "made",
        tuple(findings),
        sex=rng.choice(list(Sex)),
        age_years=rng.choice([None, 0.1, 3.0, 30.0, 70.0]),
        onset_years=rng.choice([None, 0.0, 2.0, 25.0]),
        genes=tuple(rng.sample(GENES, rng.randrange(2))),
        inheritance=tuple(rng.sample(MODES, rng.randrange(2))),
        conditions=tuple(Condition(curie, rng.choice(status)) for curie in rng.sample(DISEASES, rng.randrange(3))),
        medications=tuple(
            Medication(curie, rng.choice(list(MedicationUse))) for curie in rng.sample(DRUGS, rng.randrange(4))
        ),
        allergies=tuple(Allergy(curie) for curie in rng.sample([*DRUGS, *CLASSES[:3]], rng.randrange(2))),
        pregnant=rng.choice([None, True, False]),
        family=tuple(
            FamilyFinding(rng.choice([*FINDINGS, *DISEASES]), rng.choice(["mother", "father", "aunt", None]))
            for _ in range(rng.randrange(3))
        ),
    )


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> list[Snapshot]:
    return [snapshot_of(made_graph(seed), tmp_path_factory.mktemp("graph")) for seed in range(2)]


def test_columns_say_what_the_queries_say(graphs: list[Snapshot]) -> None:
    told = set()
    for seed in range(80):
        snapshot, case = graphs[seed % len(graphs)], made_case(seed)
        ranked = random.Random(seed).sample(DISEASES, len(DISEASES))
        asked = [rule for rule in RULES if rule.column is not None]
        graph = small_graph(snapshot, case, ranked, ())
        view = CaseView(case, snapshot, [snapshot.position(disease) for disease in ranked])
        for rule in asked:
            by_query = graph.outcomes(rule, ranked)
            for disease in ranked:
                about = DiseaseView(snapshot, snapshot.position(disease))
                by_column = COLUMNS[rule.column or ""](view, about, rule.settings)
                assert by_column == by_query[disease], (seed, rule.id, disease)
                told.add((rule.id, by_column.verdict))
    one_sided = [rule.id for rule in asked if len({verdict for name, verdict in told if name == rule.id}) < 2]
    assert not one_sided


def small_graph(snapshot: Snapshot, case: Case, ranked: list[str], drugs: tuple[str, ...]) -> SmallGraph:
    return SmallGraph(triples(snapshot, case, ranked, drugs), snapshot.label)


def triples(snapshot: Snapshot, case: Case, ranked: list[str], drugs: tuple[str, ...]) -> str:
    named = constants(text for rule in RULES for text in (rule.applies, rule.violated, rule.satisfied))
    return CaseGraph(snapshot, named).triples(case, ranked, drugs)


@pytest.mark.parametrize("seed", range(2))
def test_pyshacl_finds_the_same_nodes(graphs: list[Snapshot], seed: int) -> None:
    snapshot, case = graphs[seed], made_case(seed + 1000)
    case = replace(case, medications=tuple(Medication(drug) for drug in DRUGS[:3]))
    drugs = tuple(DRUGS[:3])
    text = triples(snapshot, case, DISEASES[:4], drugs)
    own = SmallGraph(text, snapshot.label)
    chosen = [rule for at, rule in enumerate(RULES) if at % 2 == seed % 2]
    resolved = [
        replace(
            rule,
            applies=with_canonical_names(rule.applies, snapshot.resolve),
            violated=with_canonical_names(rule.violated, snapshot.resolve),
            satisfied=with_canonical_names(rule.satisfied, snapshot.resolve),
        )
        for rule in chosen
    ]
    data = rdflib.Graph().parse(data=text, format="nt")
    shapes = rdflib.Graph().parse(data=as_shacl(resolved, ("applies", "violated", "satisfied")), format="turtle")
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, advanced=True)
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    assert isinstance(report, rdflib.Graph)
    found = {
        (str(report.value(result, sh.sourceShape)), str(report.value(result, sh.focusNode)))
        for result in report.subjects(rdflib.RDF.type, sh.ValidationResult)
    }
    subjects = {
        RuleSubject.DIAGNOSIS: DISEASES[:4],
        RuleSubject.DRUG: list(drugs),
        RuleSubject.CASE: [CASE],
    }
    for rule in resolved:
        for query in ("applies", "violated", "satisfied"):
            if getattr(rule, query):
                expected = {
                    iri_of(curie) for curie in own._rows(getattr(rule, query)) if curie in subjects[rule.applies_to]
                }
                assert {focus for shape, focus in found if shape == shape_iri(rule.id, query)} == expected, (
                    rule.id,
                    query,
                )
