"""Readers say what their files say, sign included, and name the place where a file is not what it should be."""

import io
from collections.abc import Callable, Iterator
from typing import IO, TypeVar

import pytest

from kg import (
    AgentType,
    Category,
    Concept,
    Description,
    Fact,
    Frequency,
    MalformedSource,
    NameKind,
    Predicate,
    Sex,
)
from kg.record import Match, MatchKind, Record
from kg.sources.doid import read_doid
from kg.sources.genes import read_gene_diseases, read_hgnc
from kg.sources.hpo import read_hpo
from kg.sources.hpoa import read_hpoa
from kg.sources.mesh import read_mesh
from kg.sources.mondo import read_mondo
from kg.sources.uniprot import read_uniprot
from tests.small_graph import FILES, small_text

R = TypeVar("R")
Reader = Callable[[IO[bytes], str], Iterator[Record]]


def records(reader: Reader, name: str, kind: type[R]) -> list[R]:
    return [record for record in reader(io.BytesIO(small_text(name)), "test") if isinstance(record, kind)]


def by_curie(reader: Reader, name: str) -> dict[str, Concept]:
    return {concept.curie: concept for concept in records(reader, name, Concept)}


# --- HPO -------------------------------------------------------------------------------------------------------------


def test_hpo_terms_have_the_category_of_their_branch() -> None:
    terms = by_curie(read_hpo, "hp.obo")
    assert terms["HP:0001166"].category is Category.PHENOTYPE
    assert terms["HP:0001419"].category is Category.INHERITANCE
    assert terms["HP:0003581"].category is Category.CLINICAL_COURSE
    assert terms["HP:0012828"].category is Category.CLINICAL_MODIFIER
    assert terms["HP:0040281"].category is Category.FREQUENCY
    assert terms["HP:0000001"].category is Category.OTHER


def test_hpo_names_keep_scope_and_audience() -> None:
    terms = by_curie(read_hpo, "hp.obo")
    lens = {name.text: name for name in terms["HP:0001083"].names}
    assert terms["HP:0001083"].names[0].text == "Ectopia lentis"
    assert lens["Lens dislocation"].kind is NameKind.EXACT
    assert not lens["Lens dislocation"].layperson
    assert lens["Dislocated lens"].layperson
    assert terms["HP:0001249"].names[1].abbreviation
    assert terms["HP:0000964"].names[1].kind is NameKind.RELATED
    assert terms["HP:0000478"].names[1].kind is NameKind.BROAD


def test_hpo_obsolete_terms_become_names_of_their_replacement_or_vanish() -> None:
    terms = by_curie(read_hpo, "hp.obo")
    assert terms["HP:0001166"].equivalents == ("HP:0006000",)
    assert terms["HP:0002650"].equivalents == ("HP:0003303",)
    assert not {"HP:0006000", "HP:0003303", "HP:0040000"} & set(terms)


def test_hpo_parents_and_definitions() -> None:
    (parent,) = [fact for fact in records(read_hpo, "hp.obo", Fact) if fact.subject == "HP:0001166"]
    assert (parent.predicate, parent.object, parent.negated) == (Predicate.SUBCLASS_OF, "HP:0100807", False)
    texts = {item.concept: item.text for item in records(read_hpo, "hp.obo", Description)}
    assert texts["HP:0002650"] == "The spine is bent to one side."


@pytest.mark.parametrize("reader", [read_hpo, read_doid])
def test_obo_that_is_cut_short_is_refused(reader: Reader) -> None:
    text = small_text("hp.obo")
    cut = text[: text.index(b'synonym: "Lens') + 16]
    with pytest.raises(MalformedSource):
        list(reader(io.BytesIO(cut), "test"))


# --- HPOA ------------------------------------------------------------------------------------------------------------


def annotations(disease: str) -> dict[str, Fact]:
    return {fact.object: fact for fact in records(read_hpoa, "phenotype.hpoa", Fact) if fact.subject == disease}


def test_a_row_with_not_is_a_negated_fact() -> None:
    fact = annotations("OMIM:154700")["HP:0001249"]
    assert (fact.negated, fact.frequency) == (True, None)


def test_none_of_n_patients_is_a_negated_fact_that_keeps_its_count() -> None:
    fact = annotations("OMIM:609192")["HP:0001083"]
    assert (fact.negated, fact.frequency) == (True, Frequency(0.0, 0.0, 0, 9))


def test_excluded_is_a_negated_fact() -> None:
    fact = annotations("ORPHA:60030")["HP:0001083"]
    assert fact.negated
    assert fact.frequency is not None
    assert fact.frequency.band == "HP:0040285"


def test_frequencies_of_every_form() -> None:
    marfan = annotations("OMIM:154700")
    assert marfan["HP:0001166"].frequency == Frequency(0.7, 0.7, 7, 10)
    assert marfan["HP:0002650"].frequency == Frequency(0.6, 0.6)
    assert marfan["HP:0000006"].frequency is None
    assert annotations("ORPHA:558")["HP:0001166"].frequency == Frequency(0.8, 0.99)


def test_onset_sex_modifier_references_and_evidence_are_kept() -> None:
    lens = annotations("OMIM:154700")["HP:0001083"]
    assert (lens.onset, lens.modifiers, lens.references) == ("HP:0003577", ("HP:0012828",), ("PMID:100",))
    assert annotations("OMIM:154700")["HP:0001166"].references == ("PMID:100", "PMID:101")
    wiskott = annotations("OMIM:301000")
    assert wiskott["HP:0001873"].sex is Sex.MALE
    assert wiskott["HP:0001873"].evidence[0].agent_type is AgentType.MANUAL
    assert wiskott["HP:0000964"].evidence[0].agent_type is AgentType.AUTOMATED


def test_the_aspect_decides_the_predicate() -> None:
    facts = annotations("OMIM:154700") | {"modifier": annotations("OMIM:609192")["HP:0012828"]}
    assert facts["HP:0001166"].predicate is Predicate.HAS_PHENOTYPE
    assert facts["HP:0000006"].predicate is Predicate.HAS_INHERITANCE
    assert facts["HP:0003577"].predicate is Predicate.HAS_CLINICAL_COURSE
    assert facts["modifier"].predicate is Predicate.HAS_CLINICAL_MODIFIER


def test_a_disease_is_one_concept_and_no_row_is_lost() -> None:
    rows = [line for line in small_text("phenotype.hpoa").splitlines() if line and not line.startswith(b"#")]
    assert len(records(read_hpoa, "phenotype.hpoa", Fact)) == len(rows) - 1
    diseases = [concept.curie for concept in records(read_hpoa, "phenotype.hpoa", Concept)]
    assert len(diseases) == len(set(diseases)) == 8


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"7/10", b"11/10", "frequency"),
        (b"7/10", b"often", "frequency"),
        (b"\t7/10\t\t\tP\t", b"\t7/10\t\t\tX\t", "X"),
        (b"\t10/10\tMALE\t", b"\t10/10\tMAYBE\t", "MAYBE"),
        (b"OMIM:154700\tMarfan syndrome\t\tHP:0001166", b"no identifier\tMarfan syndrome\t\tHP:0001166", "identifier"),
        (b"\tP\tHPO:test[2025-01-01]", b"", "cut short"),
    ],
)
def test_a_bad_row_is_named_by_its_line(old: bytes, new: bytes, reason: str) -> None:
    text = small_text("phenotype.hpoa")
    line = text[: text.index(old)].count(b"\n") + 1
    with pytest.raises(MalformedSource, match=reason) as caught:
        list(read_hpoa(io.BytesIO(text.replace(old, new, 1)), "test"))
    assert caught.value.where == f"line {line}"


def test_a_missing_column_is_named() -> None:
    text = small_text("phenotype.hpoa").replace(b"\tfrequency\t", b"\thow_often\t")
    with pytest.raises(MalformedSource, match="frequency"):
        list(read_hpoa(io.BytesIO(text), "test"))


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(MalformedSource, match="header"):
        list(read_hpoa(io.BytesIO(b""), "test"))


# --- genes -----------------------------------------------------------------------------------------------------------


def test_genes_have_symbol_name_and_other_symbols() -> None:
    genes = by_curie(read_hgnc, "hgnc_entries.tsv")
    assert set(genes) == {"HGNC:3603", "HGNC:11772", "HGNC:12731", "HGNC:4851"}  # no pseudogene, none withdrawn
    fbn1 = genes["HGNC:3603"]
    assert [name.text for name in fbn1.names] == ["FBN1", "fibrillin 1", "FBN", "MASS", "SGS"]
    same = {match.object for match in records(read_hgnc, "hgnc_entries.tsv", Match) if match.subject == fbn1.curie}
    assert same == {"NCBIGene:2200", "ENSEMBL:ENSG00000166147"}
    assert fbn1.xrefs == ("UniProtKB:P35555",)


def test_each_pair_of_gene_and_disease_is_one_fact() -> None:
    facts = records(read_gene_diseases, "genes_to_phenotype.txt", Fact)
    pairs = [(fact.subject, fact.object) for fact in facts]
    assert len(pairs) == len(set(pairs)) == 6
    assert ("NCBIGene:2200", "OMIM:154700") in pairs


@pytest.mark.parametrize(
    ("reader", "name"), [(read_hgnc, "hgnc_entries.tsv"), (read_gene_diseases, "genes_to_phenotype.txt")]
)
def test_tables_of_genes_name_a_row_that_is_cut_short(reader: Reader, name: str) -> None:
    lines = small_text(name).splitlines(keepends=True)
    lines[2] = lines[2].split(b"\t")[0] + b"\n"
    with pytest.raises(MalformedSource, match="line 3"):
        list(reader(io.BytesIO(b"".join(lines)), "test"))
    with pytest.raises(MalformedSource, match="header"):
        list(reader(io.BytesIO(b"a\tb\n"), "test"))


# --- diseases --------------------------------------------------------------------------------------------------------


def test_mondo_terms_matches_and_parents() -> None:
    marfan = by_curie(read_mondo, "mondo.json")["MONDO:0007947"]
    assert marfan.equivalents == ("MONDO:0000999",)
    assert "UMLS:C0024796" in marfan.xrefs
    matches = {
        match.object: match for match in records(read_mondo, "mondo.json", Match) if match.subject == marfan.curie
    }
    assert set(matches) == {"DOID:14323", "MESH:D008382", "OMIM:154700", "ORPHA:558", "UMLS:C0024796"}
    assert {match.kind for match in matches.values()} == {MatchKind.EXACT}
    parents = {fact.object for fact in records(read_mondo, "mondo.json", Fact) if fact.subject == marfan.curie}
    assert parents == {"MONDO:0023603"}


def test_a_number_that_two_diseases_refer_to_is_close_to_both() -> None:
    text = small_text("mondo.json").replace(
        b'"id": "558",\n    "namespace": "Orphanet"', b'"id": "C0012634", "namespace": "UMLS"'
    )
    found = [record for record in read_mondo(io.BytesIO(text), "test") if isinstance(record, Match)]
    kinds = {(match.subject, match.kind) for match in found if match.object == "UMLS:C0012634"}
    assert kinds == {("MONDO:0000001", MatchKind.CLOSE), ("MONDO:0007947", MatchKind.CLOSE)}
    assert any(match.kind is MatchKind.CLOSE for match in found if match.object == "UMLS:C0024796")


def test_truncated_mondo_is_refused() -> None:
    with pytest.raises(MalformedSource, match="JSON"):
        list(read_mondo(io.BytesIO(small_text("mondo.json")[:-200]), "test"))


def mesh_records() -> list[Record]:
    headings, entry_terms = (io.BytesIO(small_text(name)) for name in FILES["mesh"])
    return list(read_mesh(headings, entry_terms, "test"))


def test_mesh_headings_of_diseases_and_signs() -> None:
    concepts = {record.curie: record for record in mesh_records() if isinstance(record, Concept)}
    assert set(concepts) == {
        "MESH:D008382",
        "MESH:D005334",
        "MESH:D012640",
        "MESH:D003866",
        "MESH:D019964",
        "MESH:D011247",
    }  # mental disorders and pregnancy too; neither animals nor their diseases
    assert concepts["MESH:D005334"].category is Category.PHENOTYPE
    assert concepts["MESH:D012640"].category is Category.DISEASE  # stands under C10 as well
    names = [name.text for name in concepts["MESH:D008382"].names]
    assert names == ["Marfan Syndrome", "Marfan Disease", "Syndrome, Marfan"]
    above = {record.subject: record.object for record in mesh_records() if isinstance(record, Fact)}
    assert above == {"MESH:D003866": "MESH:D019964"}
    notes = [record.concept for record in mesh_records() if isinstance(record, Description)]
    assert notes == ["MESH:D008382", "MESH:D005334"]


def test_mesh_without_its_columns_is_refused() -> None:
    with pytest.raises(MalformedSource, match="column"):
        list(read_mesh(io.BytesIO(b"MeSH ID\tName\n"), io.BytesIO(b""), "test"))


def test_doid_terms_without_those_of_other_ontologies() -> None:
    terms = by_curie(read_doid, "HumanDO.obo")
    assert set(terms) == {"DOID:4", "DOID:65", "DOID:14323", "DOID:12858"}
    assert terms["DOID:14323"].equivalents == ("DOID:111", "DOID:14324")
    parents = {fact.object for fact in records(read_doid, "HumanDO.obo", Fact) if fact.subject == "DOID:12858"}
    assert parents == {"DOID:4"}


def test_uniprot_descriptions_of_diseases_with_a_number() -> None:
    (text,) = records(read_uniprot, "protein_diseases.xml", Description)
    assert (text.concept, text.reference) == ("OMIM:154700", "UniProt:DI-00001")
    assert text.text.endswith("in 60% of patients & the aorta widens.")


def test_truncated_uniprot_is_refused() -> None:
    with pytest.raises(MalformedSource, match="XML"):
        list(read_uniprot(io.BytesIO(small_text("protein_diseases.xml")[:-40]), "test"))
