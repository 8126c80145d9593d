"""Concepts named by identifier."""

from retrieval import Mention, with_identifiers
from tests.small_graph import SmallGraph


def test_an_identifier_names_its_concept_and_takes_its_place(world: SmallGraph) -> None:
    marfan = world.snapshot.resolve("OMIM:154700")
    assert marfan is not None
    text = "Is OMIM:154700 like hp:0001083, XX:1 or http://a.b?"
    part = Mention(3, 7, "OMIM", "HGNC:1", "x", 0.9)
    found = with_identifiers(text, [part], world.snapshot)
    assert [(mention.text, mention.curie) for mention in found] == [
        ("OMIM:154700", marfan),
        ("hp:0001083", "HP:0001083"),
    ]


def test_other_mentions_stay(world: SmallGraph) -> None:
    named = Mention(0, 6, "Marfan", "MONDO:0007947", "Marfan syndrome", 0.9)
    assert with_identifiers("Marfan and HP:0001083", [named], world.snapshot)[0] is named
