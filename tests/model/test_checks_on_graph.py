"""The checks against the real graph: true sentences quoted from it, and the same sentences made wrong on purpose."""

import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs
import pytest

from kg import Category, GraphNotBuilt, Snapshot, graph_folder
from model import Checker, Claim, read_claims
from retrieval import Context, ContextBuilder, ContextSettings, EvidenceItem, Reader, in_sentence, understand

pytestmark = pytest.mark.slow

DENIALS = [
    (" have ", " do not have "), (" have ", " never have "), (" have ", " lack "), (" shows ", " does not show "),
    (" is associated ", " is not associated "), (" occurs in ", " does not occur in "),
]  # fmt: skip
SHARES = ["All", "Most", "Many", "Some", "Few", "No", "90% of", "3 of 7"]


@dataclass(frozen=True, slots=True)
class Graph:
    """A built graph, a checker over it, and the facts found for questions about some of its diseases."""

    snapshot: Snapshot
    checker: Checker
    cases: list[tuple[str, Context, EvidenceItem]]


@pytest.fixture
def graph() -> Graph:
    cache_folder = Path(os.environ.get("CLINIGRAPH_CACHE", platformdirs.user_cache_dir("clinigraph")))
    try:
        return open_graph(graph_folder(cache_folder))
    except GraphNotBuilt:
        pytest.skip(f"no graph in {cache_folder}; build it with: clinigraph kg build")


@cache
def open_graph(folder: Path) -> Graph:
    snapshot = Snapshot.open(folder / "snapshot")
    reader = Reader(snapshot, folder / "lexicon")
    return Graph(snapshot, Checker(reader.mentions, snapshot.is_a), list(cases_of(snapshot, reader)))


def cases_of(snapshot: Snapshot, reader: Reader) -> Iterator[tuple[str, Context, EvidenceItem]]:
    """For questions about 12 random diseases: the disease, the context, and each item about the disease."""
    builder = ContextBuilder(snapshot, None, ContextSettings(token_budget=900))
    diseases = [d for d in snapshot.concepts(Category.DISEASE) if len(snapshot.facts_from(d)) > 8]
    for disease in random.Random(5).sample(diseases, 12):
        for form in ("What are the features of {}?", "How is {} inherited?", "Which genes are associated with {}?"):
            text = form.format(snapshot.label(disease))
            question = understand(text, reader.mentions(text, prefer=Category.DISEASE))
            context = builder.build(question, lambda words: len(words) // 4)
            yield from ((disease, context, item) for item in context.items[:4] if item.curies[0] == disease)


def test_nearly_every_quoted_fact_passes(graph: Graph) -> None:
    results = [
        graph.checker.check(Claim(claim.text, (item.n,)), context).checks.passed
        for _, context, item in graph.cases
        for claim in read_claims(item.text)
    ]
    print(f"{sum(results)} of {len(results)} quoted sentences pass")
    assert sum(results) >= 0.98 * len(results)


def test_nearly_no_sentence_made_wrong_passes(graph: Graph) -> None:
    rng, tried, passed = random.Random(5), Counter[str](), list[str]()
    for disease, context, item in graph.cases:
        for kind, text in made_wrong(disease, item, graph.snapshot, rng):
            if text != item.text:
                tried[kind] += 1
                if graph.checker.check(Claim(text, (item.n,)), context).checks.passed:
                    passed.append(f"{kind}: {text}")
    print(f"{len(passed)} of {tried.total()} sentences made wrong pass", dict(tried), *passed, sep="\n")
    assert len(passed) <= 0.005 * tried.total()


def made_wrong(disease: str, item: EvidenceItem, snapshot: Snapshot, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Sentences that the evidence does not support, each one edit away from it."""
    text, label = item.text, snapshot.label(disease)
    known = {above for fact in snapshot.facts_from(disease) for above in snapshot.ancestors(fact.object)}
    diseases, findings = (list(snapshot.concepts(kind)) for kind in (Category.DISEASE, Category.PHENOTYPE))
    other = next(d for d in iter(lambda: rng.choice(diseases), None) if not snapshot.is_a(disease, d))
    finding = next(p for p in iter(lambda: rng.choice(findings), None) if p not in known)
    yield "another disease", text.replace(label, snapshot.label(other))
    yield "finding added", f"{text[:-1]} and {in_sentence(snapshot.label(finding))}."
    for curie in item.curies[1:]:
        name = in_sentence(snapshot.label(curie))
        if snapshot.concept(curie).category is Category.PHENOTYPE and curie not in snapshot.ancestors(finding):
            yield "another finding", text.replace(name, in_sentence(snapshot.label(finding)), 1)
    for said, denied in DENIALS:
        yield "denied", text.replace(said, denied, 1)
    if match := re.match(r"(All|Some|Few) patients", text):
        yield from (("another share", text.replace(match[1], share, 1)) for share in SHARES)
    if ("autosomal dominant" in text) is not ("autosomal recessive" in text):
        swapped = {"dominant": "recessive", "recessive": "dominant"}
        yield "inheritance", re.sub(r"(?<=autosomal )\w+", lambda found: swapped.get(found[0], found[0]), text)
    yield "relation", text.replace("is associated with", "is caused by")
    yield "treatment", f"{text[:-1]} and is treated with losartan."
    yield "remark", f"{text[:-1]} and early death."
