"""KGX, SSSOM and tables with a mapping file."""

import gzip
import shutil
from pathlib import Path

import pytest

from kg import AgentType, Category, KnowledgeLevel, MatchKind, Qualifier, Sex
from kg.importing import Format, MalformedMapping, MappingMissing, NotThisFormat
from tests.kg.importing.reading import SMALL, Read


def test_kgx_nodes_take_their_most_specific_category() -> None:
    concepts = Read(Format.KGX, SMALL / "kgx").concepts
    assert concepts["MONDO:9000021"].category is Category.DISEASE
    assert concepts["DRUGBANK:DB90001"].category is Category.CHEMICAL
    assert [name.text for name in concepts["MONDO:9000021"].names] == ["toy fever", "toy pyrexia", "hot toy"]


def test_kgx_edges_keep_sign_frequency_onset_sex_and_evidence() -> None:
    first, denied, *_ = Read(Format.KGX, SMALL / "kgx").facts
    assert str(first.frequency) == "3/7"
    assert (first.onset, first.sex) == ("HP:0003577", Sex.FEMALE)
    (evidence,) = first.evidence
    assert (evidence.source, evidence.references) == ("mine", ("PMID:1", "PMID:2", "infores:toys"))
    assert denied.negated
    assert denied.evidence[0].agent_type is AgentType.TEXT_MINING
    assert denied.evidence[0].knowledge_level is KnowledgeLevel.STATISTICAL


def test_kgx_predicates_in_words_of_the_graph() -> None:
    read = Read(Format.KGX, SMALL / "kgx")
    assert ("DRUGBANK:DB90001", "treats", "MONDO:9000021") in read.triples  # was treated_by
    (unknown,) = [fact for fact in read.facts if fact.predicate.value == "biolink:related_to"]
    assert unknown.qualifier(Qualifier.SOURCE_PREDICATE) == "biolink:regulates"
    assert [(match.subject, match.object) for match in read.matches] == [("MONDO:9000021", "MESH:D005334")]


def test_a_frequency_of_zero_denies() -> None:
    never = [fact for fact in Read(Format.KGX, SMALL / "kgx").facts if str(fact.frequency) == "0/9"]
    assert [fact.negated for fact in never] == [True]


def test_bad_kgx_rows_are_reported() -> None:
    read = Read(Format.KGX, SMALL / "kgx")
    assert read.counts == {"cyclic is_a": 1, "malformed row": 2, "unknown prefix": 1}
    assert "toy_nodes.tsv line 5: the row has 2 columns, not 5" in read.reasons()
    assert "toy_edges.tsv line 10: '9/3' is not a frequency" in read.reasons()


def test_kgx_json_lines() -> None:
    read = Read(Format.KGX, SMALL / "edges.jsonl")
    assert read.triples == {("MONDO:9000021", "has_phenotype", "HP:9000021")}
    assert read.facts[0].evidence[0].references == ("PMID:4",)
    assert read.counts == {"malformed row": 2}


def test_compressed_tables_are_read(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "toy_nodes.tsv.gz", "wb") as file:
        file.write((SMALL / "kgx" / "toy_nodes.tsv").read_bytes())
    assert set(Read(Format.KGX, tmp_path).concepts) == set(Read(Format.KGX, SMALL / "kgx").concepts)


def test_a_table_that_is_no_kgx_is_refused() -> None:
    with pytest.raises(NotThisFormat, match="id and category"):
        Read(Format.KGX, SMALL / "clinic.csv")


def test_sssom_kinds_justifications_and_prefixes_of_the_file() -> None:
    matches = Read(Format.SSSOM, SMALL / "maps.sssom.tsv").matches
    assert [(m.subject, m.kind, m.object, m.justification) for m in matches] == [
        ("MONDO:9000021", MatchKind.EXACT, "MESH:D005334", "semapv:ManualMappingCuration"),
        ("MONDO:9000021", MatchKind.BROAD, "ORPHA:9001", "semapv:LexicalMatching"),
    ]


def test_sssom_denials_are_never_matches_even_where_another_row_says_so() -> None:
    read = Read(Format.SSSOM, SMALL / "maps.sssom.tsv")
    assert not any(match.object == "TOY:7" for match in read.matches)
    assert read.counts == {"malformed row": 1, "negated mapping": 2}
    assert read.triples == {("MONDO:9000023", "subclass_of", "MONDO:9000021")}


def clinic(folder: Path, mapping: str) -> Read:
    shutil.copy(SMALL / "clinic.csv", folder)
    (folder / "map.toml").write_text(mapping)
    return Read(Format.TABLE, folder / "clinic.csv", mapping=folder / "map.toml")


def test_tables_with_a_mapping_file() -> None:
    read = Read(Format.TABLE, SMALL / "clinic.csv", mapping=SMALL / "clinic.toml")
    assert read.triples == {
        ("MONDO:0000031", "has_phenotype", "HP:9000021"),
        ("MONDO:0000031", "not has_phenotype", "HP:9000022"),
        ("HP:9000021", "related_to", "MONDO:0000031"),
    }
    first = read.facts[0]
    assert first.evidence[0].references == ("PMID:11", "PMID:12")
    assert (str(first.frequency), first.sex) == ("3/7", Sex.FEMALE)
    assert first.qualifier(Qualifier.SEVERITY) == "light"
    assert read.concepts["MONDO:0000031"].label == "clinic fever, mild"
    assert read.counts == {"malformed row": 2}


def test_a_table_without_mapping_is_refused() -> None:
    with pytest.raises(MappingMissing, match="pass a mapping file"):
        Read(Format.TABLE, SMALL / "clinic.csv")


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("[subject", "not TOML"),
        ('[subject]\ncolumn = "disease"\n', "'predicate'"),
        ('[subject]\ncolum = "disease"\n[predicate]\nvalue = "x"\n[object]\ncolumn = "sign"\n', "misspelt"),
        ('[subject]\ncolumn = "disease"\n[predicate]\n[object]\ncolumn = "sign"\n', "a column or a value"),
        ('[subject]\ncolumn="disease"\n[predicate]\nvalue="x"\n[object]\ncolumn="sign"\n[fact]\nrefs="pmid"\n', "refs"),
    ],
)
def test_bad_mapping_files_say_what_is_wrong(mapping: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(MalformedMapping, match=said):
        clinic(tmp_path, mapping)


def test_a_mapping_that_names_no_column_of_the_table(tmp_path: Path) -> None:
    with pytest.raises(NotThisFormat, match="no column illness"):
        clinic(tmp_path, '[subject]\ncolumn="illness"\n[predicate]\nvalue="x"\n[object]\ncolumn="sign"\n')
