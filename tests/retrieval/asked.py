"""A small graph of drugs, diseases, findings and genes, and questions about it whose mentions are given."""

from collections.abc import Iterator
from pathlib import Path

from kg import (
    Category,
    Concept,
    Description,
    Evidence,
    Fact,
    Frequency,
    Name,
    NameKind,
    Predicate,
    Qualifier,
    Record,
    Snapshot,
    Tier,
)
from retrieval import ContextBuilder, EvidenceItem, Found, Mention, Question, understand
from retrieval.facts import FactFinder
from tests.made_graph import snapshot_of

_D, _P, _G, _R, _I = Category.DISEASE, Category.PHENOTYPE, Category.GENE, Category.DRUG, Category.INHERITANCE

CONCEPTS: dict[str, tuple[Category, str]] = {
    "MONDO:1": (_D, "Marfan syndrome"),
    "MONDO:2": (_D, "Loeys-Dietz syndrome"),
    "MONDO:3": (_D, "connective tissue disorder"),
    "MONDO:4": (_D, "Loeys-Dietz syndrome 1"),
    "MONDO:5": (_D, "heart failure"),
    "MONDO:6": (_D, "autosomal dominant disease"),
    "MONDO:7": (_D, "hypertension"),
    "MONDO:8": (_D, "acute heart failure"),
    "HP:1": (_P, "Arachnodactyly"),
    "HP:2": (_P, "Ectopia lentis"),
    "HP:3": (_P, "Aortic dissection"),
    "HP:4": (_P, "Bifid uvula"),
    "HP:5": (_P, "Seizure"),
    "HP:6": (_P, "Chest pain"),
    "HP:0000006": (_I, "Autosomal dominant inheritance"),
    "HP:0000007": (_I, "Autosomal recessive inheritance"),
    "HGNC:1": (_G, "FBN1"),
    "HGNC:2": (_G, "TGFBR1"),
    "HGNC:3": (_G, "TGFBR2"),
    "DRUGBANK:1": (_R, "losartan"),
    "DRUGBANK:2": (_R, "warfarin"),
    "DRUGBANK:3": (_R, "fluconazole"),
    "DRUGBANK:4": (_R, "paracetamol"),
    "DRUGBANK:5": (_R, "verapamil"),
    "ATC:1": (_R, "azole antifungals"),
    "ATC:2": (_R, "vitamin K antagonists"),
    "LOINC:1": (Category.MEASUREMENT, "natriuretic peptide"),
    "local:1": (Category.EXPOSURE, "smoking"),
}

_XREFS = {"MONDO:1": ("ICD10CM:Q87.4", "UMLS:C0024796")}
_EQUIVALENTS = {"MONDO:1": ("DOID:14323", "OMIM:154700"), "MONDO:2": ("DOID:50466",)}

TIERS = {"mined": Tier.LITERATURE_MINED, "onto": Tier.CURATED_ONTOLOGY, "guide": Tier.GUIDELINE}


def _evidence(source: str, record: str, reference: str = "PMID:1") -> tuple[Evidence, ...]:
    return (Evidence(source, "2025", record, (reference,)),)


def _fact(subject: str, predicate: Predicate, object: str, source: str = "curated", **rest: object) -> Fact:
    return Fact(subject, predicate, object, _evidence(source, subject), **rest)  # type: ignore[arg-type]  # named fields


def records() -> Iterator[Record]:
    """Everything the small graph holds."""
    for curie, (category, label) in CONCEPTS.items():
        names = (Name(label, NameKind.LABEL),)
        yield Concept(curie, category, names, None, _EQUIVALENTS.get(curie, ()), _XREFS.get(curie, ()))
    text = "A disorder of connective tissue."
    yield Description("MONDO:1", "Marfan syndrome", text, "definition", "curated", "2025", "PMID:2")
    p = Predicate
    diseases = (("MONDO:1", "MONDO:3"), ("MONDO:2", "MONDO:3"), ("MONDO:4", "MONDO:2"), ("MONDO:8", "MONDO:5"))
    for child, parent in (*diseases, ("DRUGBANK:3", "ATC:1"), ("DRUGBANK:2", "ATC:2")):
        yield _fact(child, p.SUBCLASS_OF, parent, "onto")
    yield _fact("HGNC:1", p.GENE_OF_DISEASE, "MONDO:1")
    yield _fact("HGNC:2", p.GENE_OF_DISEASE, "MONDO:4")
    yield _fact("MONDO:1", p.HAS_INHERITANCE, "HP:0000006")
    for disease, findings in (("MONDO:1", ("HP:1", "HP:2", "HP:3")), ("MONDO:4", ("HP:1", "HP:3", "HP:4"))):
        for finding in findings:
            yield _fact(disease, p.HAS_PHENOTYPE, finding, frequency=Frequency(0.3, 0.79))
    yield _fact("MONDO:1", p.HAS_PHENOTYPE, "HP:5", negated=True)
    yield _fact("MONDO:5", p.HAS_PHENOTYPE, "HP:6")
    yield _fact("DRUGBANK:1", p.TREATS, "MONDO:1", "guide")
    yield _fact("DRUGBANK:1", p.TREATS, "MONDO:7")
    yield _fact("DRUGBANK:5", p.APPLIED_TO_TREAT, "MONDO:7", "mined")
    yield _fact("DRUGBANK:5", p.CONTRAINDICATED_IN, "MONDO:5", "guide")
    advice = ((Qualifier.SEVERITY, "avoid"), (Qualifier.MECHANISM, "less metabolism"), (Qualifier.ADVICE, "check INR."))
    yield _fact("ATC:1", p.INTERACTS_WITH, "ATC:2", qualifiers=advice)
    yield _fact("local:1", p.PREDISPOSES_TO, "MONDO:5")
    yield _fact("HP:6", p.RED_FLAG_OF, "MONDO:5", "guide")
    yield _fact("LOINC:1", p.DIAGNOSES, "MONDO:5", "guide")


def asked_graph(folder: Path) -> Snapshot:
    """The small graph, written into a folder."""
    return snapshot_of(records(), folder, TIERS)


def question_of(snapshot: Snapshot, text: str) -> Question:
    """A question whose mentions are the labels of the small graph that stand in it, the longest first."""
    found: list[Mention] = []
    for curie, (_, label) in sorted(CONCEPTS.items(), key=lambda pair: -len(pair[1][1])):
        start = text.lower().find(label.lower())
        end = start + len(label)
        if start >= 0 and not any(start < other.end and other.start < end for other in found):
            found.append(Mention(start, end, text[start:end], curie, snapshot.label(curie), 1.0))
    return understand(text, sorted(found, key=lambda mention: mention.start))


def find(snapshot: Snapshot, text: str) -> Found:
    """What the facts say to a question."""
    return FactFinder(snapshot).find(question_of(snapshot, text))


def texts(snapshot: Snapshot, text: str) -> list[str]:
    """The sentences that answer a question, best first, those of no passage."""
    context = ContextBuilder(snapshot, None).build(question_of(snapshot, text), len)
    items: tuple[EvidenceItem, ...] = context.items
    return [item.text for item in items]
