"""OBO, OWL and OBO Graphs become the same kinds of records."""

from pathlib import Path

import pytest

from kg import Category, MatchKind, NameKind, Qualifier
from kg.importing import FileTooLarge, Format, NotThisFormat, UnsafeXml
from tests.kg.importing.reading import SMALL, Read


def test_obo_terms_become_concepts_with_names_and_merged_identifiers() -> None:
    fever = Read(Format.OBO, SMALL / "fever.obo").concepts["HP:9000001"]
    assert fever.category is Category.PHENOTYPE
    assert [(name.text, name.kind, name.layperson) for name in fever.names] == [
        ("Fever of the test", NameKind.LABEL, False),
        ("Test pyrexia", NameKind.EXACT, False),
        ("Hot", NameKind.RELATED, True),
    ]
    assert (fever.equivalents, fever.xrefs) == (("HP:9000009",), ("UMLS:C0015967",))


def test_obsolete_identifiers_become_equivalents_of_their_successor() -> None:
    read = Read(Format.OBO, SMALL / "fever.obo")
    merged = [concept.equivalents for concept in read.every_concept if concept.curie == "HP:9000001"]
    assert ("HP:9000005",) in merged
    assert "HP:9000005" not in read.concepts


def test_relationships_are_facts_and_unknown_ones_keep_their_word() -> None:
    read = Read(Format.OBO, SMALL / "fever.obo")
    assert ("HP:9000001", "part_of", "HP:9000002") in read.triples
    (resembles,) = [fact for fact in read.facts if fact.object == "HP:9000003" and fact.subject == "HP:9000001"]
    assert resembles.qualifier(Qualifier.SOURCE_PREDICATE) == "resembles"


def test_bad_frames_are_reported_and_the_rest_is_read() -> None:
    read = Read(Format.OBO, SMALL / "fever.obo")
    assert read.counts == {
        "cyclic is_a": 1,
        "duplicate id with another label": 1,
        "malformed row": 1,
        "unknown prefix": 1,
    }
    assert "fever.obo line 24" in read.reasons()
    assert "HP:9000003 is a HP:9000002 is a HP:9000003" in read.reasons()
    assert ("HP:9000002", "subclass_of", "HP:9000003") in read.triples
    assert ("HP:9000003", "subclass_of", "HP:9000002") not in read.triples


def test_a_second_label_becomes_a_synonym() -> None:
    read = Read(Format.OBO, SMALL / "fever.obo")
    fevers = [concept for concept in read.every_concept if concept.curie == "HP:9000001"]
    assert {concept.label for concept in fevers} == {"Fever of the test"}
    assert "Second label" in {name.text for concept in fevers for name in concept.names}


def test_a_declared_prefix_is_known() -> None:
    read = Read(Format.OBO, SMALL / "fever.obo", prefixes=frozenset({"NOWHERE"}))
    assert "NOWHERE:1" in read.concepts
    assert "unknown prefix" not in read.counts


def test_many_frames_with_one_bad_one(tmp_path: Path) -> None:
    frames = [f"[Term]\nid: HP:{number:07}\nname: sign {number}\n\n" for number in range(1, 700)]
    frames[400] = "[Term]\nid HP:1\n\n"
    (tmp_path / "many.obo").write_text("format-version: 1.4\n\n" + "".join(frames))
    read = Read(Format.OBO, tmp_path / "many.obo")
    assert len(read.concepts) == 698
    assert read.counts == {"malformed row": 1}


def test_owl_classes_restrictions_and_matches() -> None:
    read = Read(Format.OWL, SMALL / "heart.owl")
    assert read.triples == {
        ("MONDO:9000001", "disease_has_location", "UBERON:0000948"),
        ("MONDO:9000002", "subclass_of", "MONDO:9000001"),
    }
    heart = read.concepts["MONDO:9000001"]
    assert [name.text for name in heart.names] == ["heart disorder", "cardiac disorder"]
    assert heart.definition == "A disorder of the heart."
    assert [(m.subject, m.kind, m.object) for m in read.matches] == [("MONDO:9000001", MatchKind.EXACT, "MESH:D006331")]
    assert "MONDO:9000003" not in read.concepts
    assert read.counts == {}


def test_skos_in_turtle(tmp_path: Path) -> None:
    (tmp_path / "toys.ttl").write_text(
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix m: <http://id.nlm.nih.gov/mesh/> .\n"
        'm:D1 a skos:Concept ; skos:prefLabel "toy"@en, "jouet"@fr ; skos:altLabel "plaything" .\n'
        'm:D2 a skos:Concept ; skos:prefLabel "doll" ; skos:broader m:D1 .\n'
    )
    read = Read(Format.OWL, tmp_path / "toys.ttl")
    assert read.triples == {("MESH:D2", "subclass_of", "MESH:D1")}
    assert [name.text for name in read.concepts["MESH:D1"].names] == ["toy", "plaything"]


def test_rdf_that_breaks_off_is_reported_and_what_came_before_is_kept(tmp_path: Path) -> None:
    whole = (SMALL / "heart.owl").read_text()
    (tmp_path / "cut.owl").write_text(whole[: whole.index("MONDO_9000003")])
    read = Read(Format.OWL, tmp_path / "cut.owl")
    assert {"MONDO:9000001", "MONDO:9000002"} <= set(read.concepts)
    assert read.counts == {"malformed row": 1}


BOMB = """<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [<!ENTITY a "lol lol lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#">
<rdf:Description rdf:about="http://x/y"><rdfs:label>&c;</rdfs:label></rdf:Description></rdf:RDF>"""


@pytest.mark.parametrize("format", [Format.OWL, Format.PUBMED, Format.MEDQUAD])
def test_xml_bombs_are_refused(format: Format, tmp_path: Path) -> None:
    (tmp_path / "bomb.owl").write_text(BOMB)
    with pytest.raises(UnsafeXml, match="'b'"):
        Read(format, tmp_path / "bomb.owl")


def test_entities_outside_the_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "spy.xml").write_text(
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><PubmedArticleSet>&x;</PubmedArticleSet>'
    )
    with pytest.raises(UnsafeXml, match="'x'"):
        Read(Format.PUBMED, tmp_path / "spy.xml")


def test_obographs() -> None:
    read = Read(Format.OBOGRAPH, SMALL / "signs.json")
    assert read.triples == {
        ("HP:9000011", "part_of", "HP:9000012"),
        ("HP:9000011", "subclass_of", "HP:9000012"),
    }
    assert read.concepts["HP:9000011"].xrefs == ("SNOMEDCT:49727002",)
    assert read.counts == {"malformed row": 1}
    assert "node 3" in read.reasons()


def test_a_huge_json_file_is_refused_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.importing.obograph._LIMIT_BYTES", 100)
    with pytest.raises(FileTooLarge, match="convert it to OBO"):
        Read(Format.OBOGRAPH, SMALL / "signs.json")


@pytest.mark.parametrize("format", [Format.OBO, Format.OWL, Format.OBOGRAPH])
def test_what_is_no_ontology_is_refused(format: Format, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear colleague,\nthe patient is well.\n")
    with pytest.raises(NotThisFormat, match=r"letter\.txt cannot be read as"):
        Read(format, tmp_path / "letter.txt")
