"""Diseases: codes and what excludes what, relations written into definitions, curated mappings."""

import io

import pytest

from kg import Category, Concept, Fact, MalformedSource, Match, MatchKind, NameKind, Predicate, Qualifier, Rejections
from kg.sources.doid_relations import read_relations
from kg.sources.icd10cm import read_icd10cm
from kg.sources.icd10cm_excludes import CodeList, Unresolved
from kg.sources.plain import PlainNames
from tests.small_graph import small_records, small_text


def icd_concepts() -> dict[str, Concept]:
    return {record.curie: record for record in small_records("icd10cm") if isinstance(record, Concept)}


def icd_facts(predicate: Predicate) -> list[Fact]:
    return [record for record in small_records("icd10cm") if isinstance(record, Fact) and record.predicate is predicate]


# --- ICD-10-CM -------------------------------------------------------------------------------------------------------


def test_codes_have_their_place_and_inclusion_terms_are_narrow_names() -> None:
    codes = icd_concepts()
    huntington = codes["ICD10CM:G10"]
    assert [name.text for name in huntington.names] == [
        "Huntington's disease",
        "Huntington's chorea",
        "Huntington's dementia",
    ]
    assert huntington.names[1].kind is NameKind.NARROW
    above = {fact.subject: fact.object for fact in icd_facts(Predicate.SUBCLASS_OF)}
    assert above["ICD10CM:G10"] == "ICD10CM:G10-G14"
    assert above["ICD10CM:G10-G14"] == "ICD10CM:G00-G99"
    assert above["ICD10CM:G20"] == "ICD10CM:G00-G99"  # a block of one category is that category
    assert "ICD10CM:G00-G99" not in above


def test_signs_are_phenotypes_and_injuries_are_cut_short() -> None:
    codes = icd_concepts()
    assert codes["ICD10CM:R50"].category is Category.PHENOTYPE
    assert codes["ICD10CM:G10"].category is Category.DISEASE
    assert "ICD10CM:S72.0" in codes
    assert "ICD10CM:S72.00" not in codes


def test_excludes1_notes_become_exclusions_with_their_words() -> None:
    pairs = {(fact.subject, fact.object): fact for fact in icd_facts(Predicate.EXCLUDES)}
    assert set(pairs) == {
        ("ICD10CM:G10", "ICD10CM:R50"),
        ("ICD10CM:G10", "ICD10CM:G11"),
        ("ICD10CM:G10", "ICD10CM:G12"),
    }
    assert pairs["ICD10CM:G10", "ICD10CM:R50"].evidence[0].quote == "Excludes1: fever (R50.-)"


def test_notes_without_a_plain_code_are_rejected_and_counted() -> None:
    rejections = Rejections()
    tabular, mondo = (io.BytesIO(small_text(name)) for name in ("icd10cm.xml", "mondo.json"))
    list(read_icd10cm(tabular, mondo, "test", rejections))
    assert {item.reason for item in rejections.kept} == {
        "it ends in no code",
        "the code holds under a condition",
        "its codes are not read, or lie above or below",
    }
    assert len(rejections) == 3


class _Code:
    def __init__(self, parent: str | None) -> None:
        self.parent = parent


CODES = CodeList(
    {code: _Code(None) for code in ("I20-I25", "I20", "I21", "I25", "E10", "A04.0", "A04.1", "A04.7", "J45")}
)


@pytest.mark.parametrize(
    ("note", "meant"),
    [
        ("type 1 diabetes (E10.-)", ["E10"]),
        ("ischaemic heart disease (I20-I25)", ["I20-I25"]),
        ("angina or infarction (I20-I21)", ["I20", "I21"]),
        ("colitis (A04.7-)", ["A04.7"]),
        ("infection (A04.0-A04.1)", ["A04.0", "A04.1"]),
        ("several (E10.-, I25)", ["E10", "I25"]),
    ],
)
def test_patterns_of_codes(note: str, meant: list[str]) -> None:
    assert CODES.excluded("J45", note) == meant


@pytest.mark.parametrize("note", ["no code", "unknown (Z99.9)", "some (E10 with final character 1)", "asthma (J45)"])
def test_patterns_that_mean_no_code(note: str) -> None:
    with pytest.raises(Unresolved):
        CODES.excluded("J45", note)


def test_codes_are_diseases_of_mondo_by_name() -> None:
    found = {
        (record.subject, record.object): record for record in small_records("icd10cm") if isinstance(record, Match)
    }
    assert found["MONDO:0007947", "ICD10CM:Q87.4"].kind is MatchKind.EXACT
    assert found["MONDO:0007739", "ICD10CM:G10"].justification == "semapv:LexicalMatching"


def test_a_reference_alone_is_a_close_match() -> None:
    refers = small_text("mondo.json").replace(
        b'"id": "60030",\n    "namespace": "Orphanet"', b'"id": "Q87", "namespace": "ICD10CM"', 1
    )
    found = [record for record in small_records("icd10cm", {"mondo.json": refers}) if isinstance(record, Match)]
    assert [match.kind for match in found if match.object == "ICD10CM:Q87"] == [MatchKind.CLOSE]


def test_truncated_codes_are_refused() -> None:
    with pytest.raises(MalformedSource, match="XML"):
        small_records("icd10cm", {"icd10cm.xml": small_text("icd10cm.xml")[:-30]})
    with pytest.raises(MalformedSource, match="JSON"):
        small_records("icd10cm", {"mondo.json": b"["})


# --- definitions of the Disease Ontology -----------------------------------------------------------------------------

RIFT_VALLEY = (
    "A viral infectious disease that results_in infection located_in the liver, has_material_basis_in Rift Valley "
    "fever virus, which is transmitted_by Aedes mosquitoes. The infection has_symptom fever, has_symptom vomiting "
    "blood and has_symptom muscle pain."
)


def relations(definition: str, infectious: bool = True) -> set[tuple[str, Predicate, str]]:
    found = read_relations("DOID:1328", definition, infectious, PlainNames("doid", "test"))
    return {(fact.subject, fact.predicate, fact.object) for fact in found if isinstance(fact, Fact)}


def test_relations_in_a_definition_are_facts() -> None:
    assert relations(RIFT_VALLEY) == {
        ("DOID:1328", Predicate.LOCATED_IN, "local:anatomy-liver"),
        ("local:organism-rift-valley-fever-virus", Predicate.CAUSES, "DOID:1328"),
        ("DOID:1328", Predicate.TRANSMITTED_BY, "local:exposure-aedes-mosquitoes"),
        ("DOID:1328", Predicate.HAS_PHENOTYPE, "local:finding-fever"),
        ("DOID:1328", Predicate.HAS_PHENOTYPE, "local:finding-vomiting-blood"),
        ("DOID:1328", Predicate.HAS_PHENOTYPE, "local:finding-muscle-pain"),
    }


def test_inheritance_is_read_and_what_a_heritable_disease_is_based_in_is_no_organism() -> None:
    text = (
        "A disease that has_material_basis_in autosomal dominant inheritance of mutation in FBN1 on chromosome 15q21."
    )
    assert relations(text, infectious=False) == {("DOID:1328", Predicate.HAS_INHERITANCE, "HP:0000006")}


def test_clauses_are_no_things() -> None:
    text = "A disease that has_symptom one of many things that come up when nobody has been looking for them."
    assert relations("A disease that has_symptom (something).") == set()
    assert relations(text) == {("DOID:1328", Predicate.HAS_PHENOTYPE, "local:finding-one-of-many-things")}


# --- mappings --------------------------------------------------------------------------------------------------------


def test_curated_mappings_between_vocabularies_of_the_graph() -> None:
    found = [record for record in small_records("biomappings") if isinstance(record, Match)]
    assert [(match.subject, match.object, match.kind) for match in found] == [
        ("MESH:D005334", "HP:0001945", MatchKind.EXACT),
        ("MONDO:0018954", "MESH:D055947", MatchKind.NARROW),
    ]
    assert found[0].justification == "semapv:ManualMappingCuration"


def test_mappings_without_their_columns_are_refused() -> None:
    with pytest.raises(MalformedSource, match="mapping_justification"):
        small_records("biomappings", {"biomappings.sssom.tsv": b"subject_id\tpredicate_id\tobject_id\n"})


# --- genes of UniProt ------------------------------------------------------------------------------------------------


def test_genes_are_those_whose_variants_were_found_in_patients() -> None:
    (fact,) = [record for record in small_records("uniprot-genes") if isinstance(record, Fact)]
    assert (fact.subject, fact.predicate, fact.object) == ("HGNC:3603", Predicate.GENE_OF_DISEASE, "OMIM:154700")
    assert fact.qualifier(Qualifier.COMMENT) == "2 variants found in patients"  # one under a previous symbol
    assert fact.references == ("UniProt:DI-00001", "UniProtKB:P35555")
