"""Identifiers are fused where vocabularies agree, and stay apart where nobody can tell."""

from kg import Category, Concept, Name, NameKind, Snapshot
from kg.identity import Identity, fuse, merge
from kg.record import Match
from tests.small_graph import BARE, LOEYS_DIETZ, LOEYS_DIETZ_1, MARFAN, UNSETTLED, SmallGraph


def disease(curie: str, label: str, *synonyms: str, equivalents: tuple[str, ...] = ()) -> Concept:
    names = (Name(label, NameKind.LABEL), *(Name(text, NameKind.EXACT) for text in synonyms))
    return Concept(curie, Category.DISEASE, names, None, equivalents)


def fused(concepts: list[Concept], *pairs: tuple[str, str]) -> Identity:
    matches = [Match(left, right, "mondo", "test") for left, right in pairs]
    return fuse({concept.curie: concept for concept in concepts}, matches)


def test_one_to_one_matches_are_fused() -> None:
    concepts = [disease("MONDO:1", "A"), disease("OMIM:1", "another name")]
    identity = fused(concepts, ("MONDO:1", "OMIM:1"), ("MONDO:1", "ORPHA:1"))
    assert identity.canonical == {"MONDO:1": "MONDO:1", "OMIM:1": "MONDO:1", "ORPHA:1": "MONDO:1"}
    assert identity.conflicts == ()


def test_the_same_label_settles_who_is_meant() -> None:
    concepts = [disease("MONDO:1", "A disease"), disease("MONDO:2", "A disease 1"), disease("ORPHA:9", "a  Disease")]
    identity = fused(concepts, ("MONDO:1", "ORPHA:9"), ("MONDO:2", "ORPHA:9"))
    assert identity.canonical["ORPHA:9"] == "MONDO:1"
    assert identity.conflicts == ()


def test_any_name_settles_it_where_labels_do_not() -> None:
    concepts = [disease("MONDO:1", "B"), disease("OMIM:1", "C", "b"), disease("OMIM:2", "D")]
    identity = fused(concepts, ("MONDO:1", "OMIM:1"), ("MONDO:1", "OMIM:2"))
    assert (identity.canonical["OMIM:1"], identity.canonical["OMIM:2"]) == ("MONDO:1", "OMIM:2")


def test_what_names_do_not_settle_stays_apart() -> None:
    concepts = [disease("MONDO:1", "B"), disease("OMIM:1", "C"), disease("OMIM:2", "D")]
    identity = fused(concepts, ("MONDO:1", "OMIM:1"), ("MONDO:1", "OMIM:2"))
    assert {curie: identity.canonical[curie] for curie in ("MONDO:1", "OMIM:1", "OMIM:2")} == {
        "MONDO:1": "MONDO:1",
        "OMIM:1": "OMIM:1",
        "OMIM:2": "OMIM:2",
    }
    (conflict,) = identity.conflicts
    assert (conflict.concept, conflict.candidates) == ("MONDO:1", ("OMIM:1", "OMIM:2"))


def test_old_identifiers_follow_a_fused_concept() -> None:
    concepts = [disease("MONDO:1", "A"), disease("OMIM:1", "A", equivalents=("OMIM:0",))]
    assert fused(concepts, ("MONDO:1", "OMIM:1")).canonical["OMIM:0"] == "MONDO:1"


def test_fusion_does_not_depend_on_the_order_of_matches() -> None:
    concepts = [disease("MONDO:1", "A"), disease("MONDO:2", "B"), disease("OMIM:1", "A"), disease("ORPHA:1", "B")]
    pairs = [("MONDO:1", "OMIM:1"), ("MONDO:2", "ORPHA:1"), ("MONDO:1", "ORPHA:1")]
    assert fused(concepts, *pairs).canonical == fused(concepts, *reversed(pairs)).canonical
    assert fused(concepts, *pairs).outcomes == fused(concepts, *reversed(pairs)).outcomes[::-1]


def test_a_merged_concept_has_every_name_once_and_the_preferred_label() -> None:
    merged = merge(
        "MONDO:1", [disease("OMIM:1", "Alpha", "AAA"), disease("MONDO:1", "alpha", "Beta")], ["MONDO:1", "OMIM:1"]
    )
    assert [name.text for name in merged.names] == ["alpha", "Beta", "AAA"]
    assert merged.equivalents == ("OMIM:1",)


def test_the_built_graph_fuses_marfan_and_keeps_the_unsettled_apart(graph: SmallGraph, snapshot: Snapshot) -> None:
    for curie in ("OMIM:154700", "ORPHA:558", "MESH:D008382", "DOID:14323", "MONDO:0000999", "DOID:111"):
        assert snapshot.resolve(curie) == MARFAN
    assert snapshot.resolve("ORPHA:60030") == LOEYS_DIETZ
    assert snapshot.resolve("OMIM:609192") == LOEYS_DIETZ_1
    assert snapshot.resolve(UNSETTLED) == UNSETTLED
    assert snapshot.resolve(BARE) == BARE
    lines = (graph.folder / "snapshot" / "identity-conflicts.tsv").read_text().splitlines()
    assert lines == [f"{UNSETTLED}\tMONDO:0007949 MONDO:0011829"]
    assert snapshot.counts["identity_conflicts"] == 1
