"""Drugs: names, classes, interactions and pregnancy, each fact as its source states it."""

import bz2
import pickle
from collections import Counter

import pytest

from kg import Category, Concept, Fact, MalformedSource, Match, MatchKind, Predicate, Qualifier
from tests.small_graph import small_records, small_text

WARFARIN, METOPROLOL, LOSARTAN, ASPIRIN = "DRUGBANK:DB00682", "DRUGBANK:DB00264", "DRUGBANK:DB00678", "DRUGBANK:DB00945"


def concepts(source: str) -> dict[str, Concept]:
    return {record.curie: record for record in small_records(source) if isinstance(record, Concept)}


def facts(source: str, predicate: Predicate) -> list[Fact]:
    found = [record for record in small_records(source) if isinstance(record, Fact)]
    return [fact for fact in found if fact.predicate is predicate]


def matches(source: str) -> set[tuple[str, str]]:
    return {(record.subject, record.object) for record in small_records(source) if isinstance(record, Match)}


# --- the drug list ---------------------------------------------------------------------------------------------------


def test_drugs_have_the_label_of_drugbank_and_every_unambiguous_name() -> None:
    drugs = concepts("drugs")
    assert [name.text for name in drugs[WARFARIN].names] == ["Warfarin", "coumadin", "warfarin sodium"]
    assert drugs[WARFARIN].category is Category.DRUG
    assert drugs[WARFARIN].xrefs == ("MEDLINEPLUS:a682277",)
    assert drugs[LOSARTAN].xrefs == ("CHEMBL:CHEMBL191",)
    assert not any(curie.startswith("MESH") for curie in drugs)  # what has no number of a drug is none


def test_a_drug_is_the_heading_of_its_name_and_not_the_class_that_the_list_gives() -> None:
    assert {pair for pair in matches("drugs") if pair[0] == WARFARIN} == {
        (WARFARIN, "CHEBI:10033"),
        (WARFARIN, "MESH:D014859"),
    }


def test_of_several_entries_of_chebi_the_one_that_both_sides_state_is_exact() -> None:
    rows = small_text("drugbank_mappings.tsv") + b"DB00264\tCHEBI\t6904\tdrugbank\nDB00264\tCHEBI\t6905\tchebi\n"
    found = [record for record in small_records("drugs", {"drugbank_mappings.tsv": rows}) if isinstance(record, Match)]
    kinds = {match.object: match.kind for match in found if match.subject == METOPROLOL}
    assert kinds == {"CHEBI:6904": MatchKind.EXACT, "CHEBI:6905": MatchKind.CLOSE}


def test_a_combination_has_its_ingredients_as_parts() -> None:
    parts = {(fact.subject, fact.object) for fact in facts("drugs", Predicate.PART_OF)}
    assert parts == {(LOSARTAN, "MEDLINEPLUS:a601232"), ("DRUGBANK:DB00999", "MEDLINEPLUS:a601232")}


class _Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("run",))


@pytest.mark.parametrize("content", [_Harmful(), ["no", "tables"], {"drug_variant_to_canonical": {}}, "text"])
def test_a_pickle_of_anything_but_plain_tables_is_refused(content: object, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(MalformedSource, match="pickle"):
        small_records("drugs", {"drug_names.pkl.bz2": bz2.compress(pickle.dumps(content))})
    assert capsys.readouterr().out == ""


def test_a_number_of_another_form_is_refused() -> None:
    tables = {
        "drug_variant_to_canonical": {},
        "drug_canonical_to_data": {"x": {"name": "X", "drugbank_id": "DB1> <y"}},
    }
    with pytest.raises(MalformedSource, match="number"):
        small_records("drugs", {"drug_names.pkl.bz2": bz2.compress(pickle.dumps(tables))})


# --- ChEBI, ATC and MeSH ---------------------------------------------------------------------------------------------


def test_chebi_is_read_upwards_from_the_drugs() -> None:
    entries = concepts("chebi")
    assert "CHEBI:27732" not in entries  # caffeine is no drug of the list
    assert {curie: entries[curie].category for curie in ("CHEBI:10033", "CHEBI:23403", "CHEBI:50249")} == {
        "CHEBI:10033": Category.DRUG,
        "CHEBI:23403": Category.CHEMICAL,
        "CHEBI:50249": Category.CHEMICAL_ROLE,
    }
    assert entries["CHEBI:6904"].equivalents == ("CHEBI:6999",)
    roles = {(fact.subject, fact.object) for fact in facts("chebi", Predicate.HAS_ROLE)}
    assert roles == {("CHEBI:10033", "CHEBI:50249"), ("CHEBI:6904", "CHEBI:35530")}


def test_atc_levels_and_the_drugs_that_codes_are() -> None:
    codes = concepts("atc")
    assert codes["ATC:B01"].label == "Antithrombotic agents"
    assert codes["ATC:B01AA03"].category is Category.DRUG
    assert codes["ATC:B01AA"].category is Category.CHEMICAL
    above = {fact.subject: fact.object for fact in facts("atc", Predicate.SUBCLASS_OF)}
    assert above["ATC:B01AA03"] == "ATC:B01AA"
    assert above["ATC:B01A"] == "ATC:B01"
    assert matches("atc") == {
        ("ATC:B01AA03", WARFARIN),
        ("ATC:B01AC06", ASPIRIN),
        ("ATC:N02BA01", ASPIRIN),
    }  # a combination is not the drug


def test_what_a_role_or_a_class_is_for_is_said_of_it_and_of_its_drugs() -> None:
    chebi = {
        "chebi.json": small_text("chebi.json").replace(b"beta-adrenergic antagonist", b"antihypertensive agent"),
    }
    found = [record for record in small_records("chebi", chebi) if isinstance(record, Fact)]
    treats = {(fact.subject, fact.predicate): fact for fact in found if fact.object == "MONDO:0005044"}
    assert set(treats) == {
        ("CHEBI:35530", Predicate.TREATS),
        ("CHEBI:6904", Predicate.APPLIED_TO_TREAT),
    }
    reason = treats["CHEBI:6904", Predicate.APPLIED_TO_TREAT].evidence[0]
    assert (reason.references, reason.quote) == (("CHEBI:35530",), "antihypertensive agent")
    codes = {"atc_template.tsv": small_text("atc_template.tsv").replace(b"B01", b"C02")}
    found = [record for record in small_records("atc", codes) if isinstance(record, Fact)]
    assert {fact.subject for fact in found if fact.object == "MONDO:0005044"} == {
        "ATC:C02",
        "ATC:C02AA03",
        "ATC:C02AC06",
    }


def test_mesh_chemicals_are_drugs_what_stands_above_them_and_actions() -> None:
    headings = concepts("mesh-chemicals")
    assert {curie: concept.category for curie, concept in headings.items()} == {
        "MESH:D014859": Category.DRUG,
        "MESH:D003374": Category.CHEMICAL,
        "MESH:D000925": Category.CHEMICAL_ROLE,
        "MESH:D000894": Category.CHEMICAL_ROLE,
    }


# --- interactions ----------------------------------------------------------------------------------------------------

NSAIDS = "ANSM:anti-inflammatoires-non-steroidiens"


def test_interactions_have_severity_mechanism_and_advice_in_english_and_the_original_as_quote() -> None:
    found = {(fact.subject, fact.object): fact for fact in facts("ansm", Predicate.INTERACTS_WITH)}
    bleeding = found[NSAIDS, WARFARIN]
    assert bleeding.qualifier(Qualifier.SEVERITY) == "contraindicated"  # the highest of two
    assert bleeding.qualifier(Qualifier.MECHANISM) == "Increased risk of bleeding."
    advice = bleeding.qualifier(Qualifier.ADVICE)
    assert advice is not None
    assert advice.endswith("avoid: Clinical monitoring.")
    assert "Augmentation du risque hémorragique." in bleeding.evidence[0].quote
    assert len(found) == 3  # a pair listed from both sides is one


def test_a_class_against_its_other_members_interacts_with_itself() -> None:
    pairs = {(fact.subject, fact.object) for fact in facts("ansm", Predicate.INTERACTS_WITH)}
    assert (NSAIDS, NSAIDS) in pairs
    assert "ANSM:autres-anti-inflammatoires-non-steroidiens" not in concepts("ansm")


def test_what_has_no_translation_stays_french() -> None:
    found = {(fact.subject, fact.object): fact for fact in facts("ansm", Predicate.INTERACTS_WITH)}
    grapefruit = found["ANSM:pamplemousse-jus-et-fruit", LOSARTAN]
    assert grapefruit.qualifier(Qualifier.MECHANISM) == "Un mécanisme."
    assert concepts("ansm")["ANSM:pamplemousse-jus-et-fruit"].label == "grapefruit (juice and fruit)"


def test_substances_are_matched_by_their_english_names_and_belong_to_classes() -> None:
    assert ("ANSM:acide-acetylsalicylique", ASPIRIN) in matches("ansm")
    assert (NSAIDS, "MESH:D000894") in matches("ansm")
    members = {(fact.subject, fact.object) for fact in facts("ansm", Predicate.SUBCLASS_OF)}
    assert (ASPIRIN, NSAIDS) in members
    assert (WARFARIN, "ANSM:antivitamines-k") in members
    assert concepts("ansm")["ANSM:bourdaine"].label == "bourdaine"  # nothing known has this name


# --- pregnancy and kidneys -------------------------------------------------------------------------------------------


def test_pregnancy_categories_x_and_d_are_facts_and_the_others_none() -> None:
    found = [record for record in small_records("who-medicines") if isinstance(record, Fact)]
    assert Counter(fact.predicate for fact in found if fact.object == "MESH:D011247") == {
        Predicate.CONTRAINDICATED_IN: 1,
        Predicate.NEEDS_CAUTION_IN: 1,
    }
    (warfarin,) = facts("who-medicines", Predicate.CONTRAINDICATED_IN)
    assert warfarin.qualifier(Qualifier.PREGNANCY_CATEGORY) == "X"
    assert warfarin.references == ("WHOEML:meds_1",)
    assert ("local:drug-warfarin", WARFARIN) in matches("who-medicines")
    assert ("local:drug-acetylsalicylic-acid", ASPIRIN) in matches("who-medicines")


def test_renal_doses_are_advice_by_renal_function() -> None:
    (fact,) = facts("renal-doses", Predicate.NEEDS_CAUTION_IN)
    assert (fact.subject, fact.object) == ("local:drug-metoprolol", "HP:0000083")
    assert fact.qualifier(Qualifier.ADVICE) == "CrCl 30 or more: 50 mg; CrCl 0 to 29: 25 mg (Watch the pulse)"
    assert fact.references == ("doi:10.0000/renal",)
