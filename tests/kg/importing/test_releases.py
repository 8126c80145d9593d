"""UMLS, RxNorm, PrimeKG and Hetionet in the forms in which they are released."""

import csv
import gzip
import shutil
from pathlib import Path

import pytest

from benchmarks.make_primekg import COLUMNS, RELATIONS, write
from kg import Category, MatchKind, NameKind, Predicate, Qualifier
from kg.importing import Format, InputMissing, NotThisFormat
from kg.importing.primekg import RELATIONS as READ_RELATIONS
from tests.kg.importing.reading import SMALL, Read


def test_umls_concepts_by_cui_with_english_names() -> None:
    concepts = Read(Format.UMLS, SMALL / "umls").concepts
    assert set(concepts) == {"UMLS:C9000001", "UMLS:C9000002", "UMLS:C9000003"}
    fever = concepts["UMLS:C9000001"]
    assert fever.label == "Fever of toys"
    assert {(name.text, name.kind, name.layperson) for name in fever.names[1:]} == {
        ("hot toy", NameKind.EXACT, True),
        ("Toy fever", NameKind.EXACT, False),
        ("toy temperature", NameKind.RELATED, False),
    }
    assert fever.definition == "Abnormal heat of a toy."
    assert [concepts[f"UMLS:C900000{n}"].category for n in (1, 2, 3)] == [
        Category.PHENOTYPE,
        Category.DRUG,
        Category.DISEASE,
    ]


def test_umls_codes_match_only_where_the_name_is_the_main_one_of_its_code() -> None:
    matches = {(match.subject, match.object) for match in Read(Format.UMLS, SMALL / "umls").matches}
    assert matches == {
        ("UMLS:C9000001", "MESH:D005334"),
        ("UMLS:C9000001", "HP:0001945"),
        ("UMLS:C9000002", "RXCUI:90001"),
        ("UMLS:C9000003", "MESH:D000001"),
    }


def test_umls_relations_run_from_the_second_concept_to_the_first() -> None:
    read = Read(Format.UMLS, SMALL / "umls")
    assert read.triples == {
        ("UMLS:C9000002", "treats", "UMLS:C9000001"),
        ("UMLS:C9000002", "contraindicated_in", "UMLS:C9000003"),
        ("UMLS:C9000001", "subclass_of", "UMLS:C9000003"),
    }
    assert read.counts == {"left out": 1, "malformed row": 1}
    assert "1 rows of mapped_to" in read.reasons()


def test_rxnorm_drugs_codes_and_brands() -> None:
    read = Read(Format.RXNORM, SMALL / "rxnorm")
    assert read.concepts["RXCUI:90001"].label == "toycillin"
    assert read.concepts["RXCUI:90003"].category is Category.OTHER
    assert [(match.subject, match.object) for match in read.matches] == [("RXCUI:90001", "DRUGBANK:DB90001")]
    (brand,) = read.facts
    assert (brand.evidence[0].record, brand.qualifier(Qualifier.SOURCE_PREDICATE)) == ("RXCUI:90002", "tradename_of")


def test_a_folder_without_the_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match="umls"):
        Read(Format.UMLS, tmp_path)


def test_primekg_edges_come_once_in_the_direction_that_is_meant() -> None:
    triples = Read(Format.PRIMEKG, SMALL / "primekg").triples
    group = "local:MONDO_grouped_fb8f53d558b5"
    assert triples == {
        ("NCBIGene:7918", "interacts_with", "NCBIGene:9796"),
        ("MONDO:0005044", "not has_phenotype", "HP:0001945"),
        ("DRUGBANK:DB90001", "contraindicated_in", "MONDO:0005044"),
        ("DRUGBANK:DB90001", "applied_to_treat", group),
        ("DRUGBANK:DB90001", "affects", "NCBIGene:9796"),
        ("NCBIGene:9796", "not expressed_in", "UBERON:0000948"),
        ("MONDO:0005044", "related_to", group),
        ("MONDO:0013924", "subclass_of", group),
        ("MONDO:0012592", "subclass_of", group),
    }


def test_primekg_groups_are_concepts_of_their_own() -> None:
    read = Read(Format.PRIMEKG, SMALL / "primekg")
    assert {(match.kind, match.object) for match in read.matches} == {
        (MatchKind.NARROW, "MONDO:0013924"),
        (MatchKind.NARROW, "MONDO:0012592"),
    }
    assert "MONDO:0013924" not in read.concepts  # named by no row of its own


def test_primekg_keeps_its_own_word_where_the_graph_says_less() -> None:
    facts = Read(Format.PRIMEKG, SMALL / "primekg").facts
    words = {fact.predicate: fact.qualifier(Qualifier.SOURCE_PREDICATE) for fact in facts}
    assert words[Predicate.TARGETS] == "target"
    assert words[Predicate.APPLIED_TO_TREAT] == "off-label use"
    assert words[Predicate.CONTRAINDICATED_IN] is None


def test_bad_primekg_rows_are_reported_and_a_stray_quotation_mark_costs_one_row() -> None:
    read = Read(Format.PRIMEKG, SMALL / "primekg")
    assert read.counts == {"malformed row": 2, "unknown prefix": 1}
    assert "kg.csv line 10: 'juggling'" in read.reasons()
    assert "kg.csv line 11: the row has 2 columns" in read.reasons()
    assert ("DRUGBANK:DB90001", "affects", "NCBIGene:9796") in read.triples  # line 12


def test_every_relation_of_primekg_is_known() -> None:
    assert {relation for relation, *_ in RELATIONS} == set(READ_RELATIONS)


def test_a_synthetic_primekg_is_read_whole(tmp_path: Path) -> None:
    count = write(tmp_path / "kg.csv", 2_000, seed=3)
    read = Read(Format.PRIMEKG, tmp_path)
    with (tmp_path / "kg.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * count
    assert len(read.facts) - len(read.matches) == count  # one membership fact for each narrow match
    assert len({row["x_index"] for row in rows}) == len(read.concepts)
    assert read.counts == {}


def test_another_csv_is_no_primekg(tmp_path: Path) -> None:
    (tmp_path / "kg.csv").write_text(",".join(COLUMNS[:-1]) + "\n")
    with pytest.raises(NotThisFormat, match="y_source"):
        Read(Format.PRIMEKG, tmp_path / "kg.csv")


def test_hetionet() -> None:
    read = Read(Format.HETIONET, SMALL / "hetionet")
    assert read.triples == {
        ("DRUGBANK:DB90001", "treats", "DOID:9001"),
        ("DRUGBANK:DB90001", "applied_to_treat", "DOID:9001"),
        ("DOID:9001", "has_phenotype", "MESH:D005334"),
        ("NCBIGene:9796", "expressed_in", "UBERON:0000948"),
        ("NCBIGene:9796", "participates_in", "local:WP9_1"),
        ("DRUGBANK:DB90001", "has_chemical_role", "NDFRT:N0000000001"),
    }
    assert read.counts == {"malformed row": 1}


def test_hetionet_with_compressed_edges(tmp_path: Path) -> None:
    shutil.copy(SMALL / "hetionet" / "hetionet-toy-nodes.tsv", tmp_path / "nodes.tsv")
    with gzip.open(tmp_path / "edges.sif.gz", "wb") as file:
        file.write((SMALL / "hetionet" / "hetionet-toy-edges.sif").read_bytes())
    assert Read(Format.HETIONET, tmp_path).triples == Read(Format.HETIONET, SMALL / "hetionet").triples


def test_hetionet_without_edges(tmp_path: Path) -> None:
    shutil.copy(SMALL / "hetionet" / "hetionet-toy-nodes.tsv", tmp_path / "nodes.tsv")
    with pytest.raises(InputMissing, match="edges"):
        Read(Format.HETIONET, tmp_path)
