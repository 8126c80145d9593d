"""Common disease: signs, risks, tests, treatments and red flags of the sources that give things by name."""

import pytest

from kg import Category, Concept, Fact, MalformedSource, Match, MatchKind, Predicate, Qualifier
from kg.sources.lexical import name_key, slug_of
from kg.sources.plain import PlainNames, groundings
from tests.small_graph import small_records

INFARCTION = "local:disease-acute-myocardial-infarction"


def said(source: str) -> dict[tuple[str, Predicate, str], Fact]:
    found = [record for record in small_records(source) if isinstance(record, Fact)]
    return {(fact.subject, fact.predicate, fact.object): fact for fact in found}


# --- names -----------------------------------------------------------------------------------------------------------


def test_a_name_is_one_thing_whoever_writes_it() -> None:
    names = PlainNames("test", "1")
    assert (
        names.curie("Fever", Category.PHENOTYPE) == names.curie(" fever", Category.PHENOTYPE) == "local:finding-fever"
    )
    taken = list(names.take())
    assert [type(record) for record in taken] == [Concept, Match]
    assert list(names.take()) == []
    match = taken[1]
    assert isinstance(match, Match)
    assert (match.object, match.kind, match.justification) == ("HP:0001945", MatchKind.EXACT, "semapv:LexicalMatching")


def test_a_name_for_less_than_a_thing_stands_below_it() -> None:
    names = PlainNames("test", "1")
    curie = names.curie("severe headache", Category.PHENOTYPE)
    concept, match, fact = names.take()
    assert isinstance(concept, Concept)
    assert isinstance(match, Match)
    assert isinstance(fact, Fact)
    assert (match.kind, match.object) == (MatchKind.BROAD, "HP:0002315")
    assert (fact.subject, fact.predicate, fact.object) == (curie, Predicate.SUBCLASS_OF, "HP:0002315")


def test_a_name_of_nothing_but_signs_is_refused() -> None:
    with pytest.raises(ValueError, match="no name"):
        PlainNames("test", "1").curie("–", Category.DISEASE)


def test_the_table_of_groundings_holds_what_it_should() -> None:
    table = groundings()
    assert len(table) > 1000
    assert all(curie.startswith("local:") for curie in table)
    assert {item.justification for item in table.values()} == {
        "semapv:LexicalMatching",
        "semapv:ManualMappingCuration",
    }
    assert table["local:drug-warfarin"].curie == "DRUGBANK:DB00682"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Crohn's disease", "crohn disease"), ("Ménière", "meniere"), ("œdema", "OEDEMA"), ("a-b", "a b")],
)
def test_names_with_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)
    assert slug_of(one) == slug_of(other)


# --- clinosim --------------------------------------------------------------------------------------------------------


def test_signs_and_risks() -> None:
    facts = said("clinosim")
    assert (INFARCTION, Predicate.HAS_PHENOTYPE, "local:finding-chest-pain") in facts
    risks = {key[0]: fact for key, fact in facts.items() if key[1] is Predicate.PREDISPOSES_TO}
    assert set(risks) == {"ICD10CM:I10", "local:exposure-smoking-current"}  # neither sex nor what protects
    assert risks["ICD10CM:I10"].qualifier(Qualifier.COMMENT) == "multiplies the incidence by 2"


def test_tests_have_their_likelihood_ratios() -> None:
    tests = {key: fact for key, fact in said("clinosim").items() if key[1] is Predicate.DIAGNOSES}
    troponin = tests["local:test-troponin-elevated", Predicate.DIAGNOSES, INFARCTION]
    assert troponin.qualifier(Qualifier.LIKELIHOOD_RATIO_POSITIVE) == "8"
    assert troponin.qualifier(Qualifier.LIKELIHOOD_RATIO_NEGATIVE) == "0.2"
    assert ("local:procedure-echocardiogram", Predicate.DIAGNOSES, INFARCTION) in tests
    assert len(tests) == 2  # what makes a disease less likely does not diagnose it


def test_treatments_with_line_and_dose_and_what_they_need_care_in() -> None:
    facts = said("clinosim")
    aspirin = facts["local:drug-aspirin", Predicate.TREATS, INFARCTION]
    assert (aspirin.qualifier(Qualifier.LINE), aspirin.qualifier(Qualifier.DOSE)) == ("first line", "325 mg")
    assert ("local:drug-metoprolol", Predicate.APPLIED_TO_TREAT, INFARCTION) in facts
    assert not any(key[0] == "local:drug-morphine" for key in facts)  # given for pain, not for the disease
    renal = facts["local:drug-aspirin", Predicate.NEEDS_CAUTION_IN, "HP:0000083"]
    assert renal.qualifier(Qualifier.ADVICE) == "eGFR below 30: avoid"
    assert ("local:drug-aspirin", Predicate.NEEDS_CAUTION_IN, "MESH:D011247") in facts
    assert (INFARCTION, Predicate.CAUSES, "local:disease-pericarditis") in facts


def test_drug_safety_by_class_disease_and_pregnancy() -> None:
    facts = said("clinosim")
    nsaids = "local:substance-nonsteroidal-anti-inflammatory-drugs"
    pair = facts[nsaids, Predicate.INTERACTS_WITH, "local:substance-vitamin-k-antagonists"]
    assert pair.qualifier(Qualifier.SEVERITY) == "avoid"
    assert ("local:drug-aspirin", Predicate.SUBCLASS_OF, nsaids) in facts
    assert (nsaids, Predicate.NEEDS_CAUTION_IN, "ICD10CM:I50") in facts
    assert (nsaids, Predicate.CONTRAINDICATED_IN, "ICD10CM:K74") in facts
    assert ("local:drug-losartan", Predicate.CONTRAINDICATED_IN, "MESH:D011247") in facts
    assert ("local:drug-metoprolol", Predicate.NEEDS_CAUTION_IN, "MESH:D011247") in facts


@pytest.mark.parametrize("text", [b"a: [", b"- a list", b"neither: one nor the other", b"disease_id: x"])
def test_documents_of_no_known_kind_are_refused(text: bytes) -> None:
    with pytest.raises((MalformedSource, KeyError)):  # a missing key is wrapped by the catalogue
        small_records("clinosim", {"clinosim_disease.yaml": text})


# --- Open Medicine, Synthea, faker -----------------------------------------------------------------------------------


def test_differentials_give_features_red_flags_and_tests_with_the_review_they_follow() -> None:
    facts = said("differentials")
    marfan = "local:disease-marfan-syndrome"
    assert set(facts) == {
        (marfan, Predicate.HAS_PHENOTYPE, "local:finding-chest-pain"),
        (marfan, Predicate.HAS_PHENOTYPE, "local:finding-fever"),
        (marfan, Predicate.HAS_PHENOTYPE, "local:finding-vomiting"),
        ("local:finding-tearing-pain", Predicate.RED_FLAG_OF, marfan),
        ("local:procedure-echocardiography", Predicate.DIAGNOSES, marfan),
    }  # a phrase of known parts is its parts, a sentence is nothing
    assert {fact.references for fact in facts.values()} == {("doi:10.0000/chest",)}


def test_prescriptions_treat_the_condition_they_name_as_reason() -> None:
    facts = said("synthea")
    marfan = "local:disease-marfan-syndrome"
    treats = {key[0] for key in facts if key[1] is Predicate.TREATS and key[2] == marfan}
    assert treats == {
        "local:drug-losartan-potassium",
        "local:drug-hydrochlorothiazide",
        "local:drug-metoprolol-tartrate",
    }
    assert (marfan, Predicate.HAS_PHENOTYPE, "local:finding-fever") in facts


def test_a_table_in_a_python_file_is_read_and_not_run() -> None:
    facts = said("faker")
    assert set(facts) == {
        ("local:disease-marfan-syndrome", Predicate.HAS_PHENOTYPE, "local:finding-fever"),
        ("local:drug-losartan", Predicate.TREATS, "local:disease-marfan-syndrome"),
    }
    for text in (b"x = 1", b"DISEASE_CORRELATIONS: dict = dict(a=1)", b"def"):
        with pytest.raises(MalformedSource):
            small_records("faker", {"faker_diseases.py.txt": text})
