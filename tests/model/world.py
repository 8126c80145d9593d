"""A small medical world for the tests of this room: its lexicon, its hierarchy and its evidence."""

import re
from collections.abc import Sequence

from kg import Evidence, Fact, Frequency, Predicate
from retrieval import Context, EvidenceItem, EvidenceKind, Mention

NAMES = {
    "marfan syndrome": "MONDO:0007947",
    "loeys-dietz syndrome": "MONDO:0018954",
    "cystic fibrosis": "MONDO:0009061",
    "disease": "MONDO:0000001",
    "ectopia lentis": "HP:0001083",
    "lens dislocation": "HP:0001083",
    "arachnodactyly": "HP:0001166",
    "seizures": "HP:0001250",
    "seizure": "HP:0001250",
    "focal seizures": "HP:0007359",
    "intellectual disability": "HP:0001249",
    "hypertension": "HP:0000822",
    "hypotension": "HP:0002615",
    "absent speech": "HP:0001344",
    "aortic aneurysm": "HP:0004942",
    "autosomal dominant inheritance": "HP:0000006",
    "autosomal recessive inheritance": "HP:0000007",
    "fbn1": "HGNC:3603",
    "cftr": "HGNC:1884",
    "bifid uvula": "HP:0000193",
}
PARENTS = {"HP:0007359": {"HP:0001250"}}


def link(text: str) -> Sequence[Mention]:
    """Every name of the small lexicon in a text, by exact words."""
    found = []
    for name, curie in NAMES.items():
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
            found.append(Mention(match.start(), match.end(), match.group(), curie, name.title(), 1.0))
    return found


def is_a(child: str, parent: str) -> bool:
    return child == parent or parent in PARENTS.get(child, set())


def fact(subject: str, obj: str, frequency: Frequency | None = None, *, negated: bool = False,
         predicate: Predicate = Predicate.HAS_PHENOTYPE) -> Fact:  # fmt: skip
    return Fact(subject, predicate, obj, (Evidence("hpoa", "2025", "OMIM:154700"),), negated, frequency)


MARFAN, LOEYS = "MONDO:0007947", "MONDO:0018954"

FACTS = (
    fact(MARFAN, "HP:0001083", Frequency(0.6, 0.6, 3, 5)),
    fact(MARFAN, "HP:0001166", Frequency(0.8, 0.99)),
    fact(MARFAN, "HP:0007359"),
)
ITEMS = (
    EvidenceItem(
        1,
        EvidenceKind.FACT,
        "Marfan syndrome has the features Ectopia lentis (3/5), Arachnodactyly (80–99%) and Focal seizures.",
        (MARFAN, "HP:0001083", "HP:0001166", "HP:0007359"),
        "hpoa",
        "2025",
        "PMID:1",
        FACTS,
        ("Marfan syndrome", "Marfan's syndrome", "Ectopia lentis", "Lens dislocation", "Arachnodactyly"),
    ),
    EvidenceItem(
        2,
        EvidenceKind.FACT,
        "Marfan syndrome does not have the feature Intellectual disability.",
        (MARFAN, "HP:0001249"),
        "hpoa",
        "2025",
        "PMID:2",
        (fact(MARFAN, "HP:0001249", negated=True),),
        ("Marfan syndrome", "Intellectual disability"),
    ),
    EvidenceItem(
        3,
        EvidenceKind.PASSAGE,
        "Marfan syndrome is a disorder of connective tissue caused by mutations in FBN1. "
        "Autosomal dominant inheritance is seen in about 75% of families, whereas 25% arise anew. "
        "Hypertension is common but hypotension is absent. Onset is before 12 years. "
        "Beta blockers may reduce the rate of aortic dilatation.",
        (MARFAN,),
        "uniprot",
        "2024",
        "UniProt:DI-1",
        (),
        ("Marfan syndrome",),
    ),
    EvidenceItem(
        4,
        EvidenceKind.PASSAGE,
        "Loeys-Dietz syndrome resembles Marfan syndrome. Loeys-Dietz syndrome shows bifid uvula and aortic aneurysm in "
        "7 of 10 patients, unlike Marfan syndrome.",
        (LOEYS,),
        "mesh",
        "2025",
        "MESH:D1",
        (),
        ("Loeys-Dietz syndrome",),
    ),
)
QUESTION = "What are the features of Marfan syndrome?"
CONTEXT = Context(QUESTION, tuple(link(QUESTION)), ITEMS)
