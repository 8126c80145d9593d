"""Identifiers as other people write them."""

import pytest

from kg import PREFIXES, check_curie
from kg.importing.identifiers import Identifiers, Unreadable, prefix_synonyms
from kg.importing.vocabulary import RELATIONS, relation_of


@pytest.mark.parametrize(
    ("written", "curie"),
    [
        ("HP:0001250", "HP:0001250"),
        ("hp:0001250", "HP:0001250"),
        (" Orphanet:558 ", "ORPHA:558"),
        ("MSH:D008382", "MESH:D008382"),
        ("SNOMEDCT_US:19346006", "SNOMEDCT:19346006"),
        ("UMLS_CUI:C0024796", "UMLS:C0024796"),
        ("NCBI_Gene:2200", "NCBIGene:2200"),
        ("MONDO_0007947", "MONDO:0007947"),
        ("CHEBI:CHEBI:15377", "CHEBI:15377"),
        ("http://purl.obolibrary.org/obo/HP_0001250", "HP:0001250"),
        ("http://www.orpha.net/ORDO/Orphanet_558", "ORPHA:558"),
        ("http://example.org/onto/MONDO_0007947", "MONDO:0007947"),
    ],
)
def test_spellings_of_known_prefixes(written: str, curie: str) -> None:
    assert Identifiers().read(written) == check_curie(curie)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("TOY:1", "unknown prefix"),
        ("http://example.org/toys/1", "unknown prefix"),
        ("fever", "malformed row"),
        ("HP:", "malformed row"),
        ("HP:1;HP:2", "malformed row"),
        ("", "malformed row"),
    ],
)
def test_what_is_no_identifier_says_why(written: str, kind: str) -> None:
    with pytest.raises(Unreadable) as caught:
        Identifiers().read(written)
    assert caught.value.kind == kind


def test_declared_prefixes() -> None:
    assert Identifiers({"TOY"}).read("toy:1") == "TOY:1"
    own = Identifiers()
    own.declare("TOY", "https://example.org/toys/")
    assert own.read("https://example.org/toys/7") == "TOY:7"
    own.declare("ordo2", "http://www.orpha.net/ORDO/Orphanet_")
    assert own.read("ordo2:558") == "ORPHA:558"


def test_synonyms_lead_to_prefixes_of_the_graph() -> None:
    assert set(prefix_synonyms().values()) <= set(PREFIXES)


def test_words_for_relations_are_written_as_they_are_looked_up() -> None:
    for word, relation in RELATIONS.items():
        assert relation_of(word) is relation
