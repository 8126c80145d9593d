"""Texts and what is mined from their indexing: guideline sections, abstracts, pairs of drug and disease."""

import gzip

import pytest

from kg import (
    AgentType,
    Concept,
    Description,
    Fact,
    KnowledgeLevel,
    MalformedSource,
    Predicate,
    Tier,
    read_catalogue,
)
from tests.small_graph import small_records, small_text


def descriptions(source: str) -> list[Description]:
    return [record for record in small_records(source) if isinstance(record, Description)]


def test_guideline_sections_have_title_year_and_doi() -> None:
    first, second = descriptions("guidelines")
    assert first.title == "Surgery of the Aorta — Test 2020: When to operate"
    assert "### Before pregnancy" in first.text  # a heading of the third level stays inside
    assert (first.year, first.kind, first.concept) == (2020, "guideline section", None)
    assert first.reference == "doi:10.0000/aorta surgery 1"
    assert second.text == "Measure the aorta once a year."


def test_a_registry_that_lists_other_sections_is_refused() -> None:
    registry = small_text("guidelines_registry.json").replace(b'["surgery"]', b'["surgery", "drugs"]')
    with pytest.raises(MalformedSource, match="2 sections"):
        small_records("guidelines", {"guidelines_registry.json": registry})


def test_english_abstracts_have_title_year_and_number() -> None:
    first, second = descriptions("pubmed")
    assert first.text == "AIM: We gave metoprolol to patients with Marfan syndrome.\nRESULT: The aorta widened less."
    assert (first.title, first.year) == ("Metoprolol slows the widening of the aorta.", 1975)
    assert (second.reference, second.year) == ("PMID:900002", 1976)


def test_pairs_are_counted_and_cited_and_are_no_assertion() -> None:
    records = small_records("pubmed-pairs")
    facts = {(fact.subject, fact.predicate, fact.object): fact for fact in records if isinstance(fact, Fact)}
    assert set(facts) == {
        ("MESH:D008790", Predicate.APPLIED_TO_TREAT, "MESH:D008382"),
        ("MESH:D001241", Predicate.HAS_SIDE_EFFECT, "MESH:D012640"),
    }  # where neither is a major topic nothing is said
    (evidence,) = facts["MESH:D008790", Predicate.APPLIED_TO_TREAT, "MESH:D008382"].evidence
    assert evidence.references == ("PMID:900001", "PMID:900003")
    assert evidence.publication_count == 2
    assert (evidence.knowledge_level, evidence.agent_type) == (KnowledgeLevel.STATISTICAL, AgentType.TEXT_MINING)
    assert {record.label for record in records if isinstance(record, Concept)} >= {"Metoprolol", "Aspirin"}


@pytest.mark.parametrize("content", [b"no gzip", gzip.compress(b"<PubmedArticleSet>"), gzip.compress(b"<a/>")[:-9]])
@pytest.mark.parametrize("source", ["pubmed", "pubmed-pairs"])
def test_broken_citations_are_refused(source: str, content: bytes) -> None:
    with pytest.raises(MalformedSource, match="XML"):
        small_records(source, {"pubmed.xml.gz": content})


def test_what_machines_made_or_mined_says_so() -> None:
    tiers = {entry.id: entry.tier for entry in read_catalogue()}
    assert {
        tiers[name] for name in ("guidelines", "differentials", "clinosim", "synthea", "medicines-reference", "faker")
    } == {Tier.GENERATED}
    assert tiers["pubmed-pairs"] is Tier.LITERATURE_MINED


def test_the_default_set_is_free_to_use_and_small() -> None:
    default = [entry for entry in read_catalogue() if entry.default]
    left_out = {entry.id for entry in read_catalogue()} - {entry.id for entry in default}
    assert left_out == {"atc", "who-medicines", "faker", "pubmed", "pubmed-pairs"}
    assert not any("GPL" in entry.licence or "non-commercial" in entry.licence for entry in default)
    sizes = {member.archive.filename: member.archive.size for entry in default for member in entry.members}
    assert sum(sizes.values()) < 100e6
