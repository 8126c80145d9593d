"""What drugs are for, after the medicines reference: conditions in full, and why the rest is left out."""

import io
import json

import pytest

from kg import Concept, Fact, MalformedSource, Match, Predicate, Qualifier, Rejections
from kg.sources.indication_texts import Indication, Unread, indications_in, plain_drug
from kg.sources.medicines_reference import read_medicines_reference
from kg.sources.plain import groundings
from tests.small_graph import small_records, small_text

MARFAN = "local:disease-marfan-syndrome"


def read(*rows: str) -> tuple[list[Fact], Rejections]:
    """The facts of rows of drug, class and indications."""
    parts = [row.split(" | ") for row in rows]
    text = json.dumps([f"{drug} | - | {kind} | {what} | - | - | -" for drug, kind, what in parts]).encode()
    rejections = Rejections()
    records = read_medicines_reference(io.BytesIO(text), "test", rejections)
    return [record for record in records if isinstance(record, Fact)], rejections


def treated(*rows: str) -> set[tuple[str, str]]:
    """What the subject and object of each fact of rows stand for."""
    table = groundings()
    facts, _ = read(*rows)
    return {
        (table[fact.subject].curie, table[fact.object].curie)
        for fact in facts
        if fact.predicate in (Predicate.TREATS, Predicate.APPLIED_TO_TREAT)
    }


def test_drugs_treat_what_they_are_for_with_the_row_as_quote() -> None:
    records = small_records("medicines-reference")
    facts = {(fact.subject, fact.predicate, fact.object): fact for fact in records if isinstance(fact, Fact)}
    assert set(facts) == {
        ("local:drug-losartan", Predicate.TREATS, MARFAN),
        ("local:drug-metoprolol", Predicate.APPLIED_TO_TREAT, MARFAN),
        ("local:drug-aspirin", Predicate.TREATS, "local:disease-acute-myocardial-infarction"),
    }
    (evidence,) = facts["local:drug-losartan", Predicate.TREATS, MARFAN].evidence
    assert evidence.quote == "Losartan: Marfan syndrome, stroke prevention"
    assert evidence.references == ("medicines-reference:losartan",)
    matches = {(match.subject, match.object) for match in records if isinstance(match, Match)}
    assert ("local:drug-losartan", "DRUGBANK:DB00678") in matches
    assert ("local:disease-acute-myocardial-infarction", "MONDO:0004781") in matches
    assert len([record for record in records if isinstance(record, Concept)]) == 5


def test_what_is_left_out_is_counted_by_kind() -> None:
    rejections = Rejections()
    list(read_medicines_reference(io.BytesIO(small_text("medicines_reference.json")), "test", rejections))
    assert dict(rejections.counts) == {
        "no indication": 1,
        "combination": 1,
        "vaccine": 1,
        "malformed row": 1,
        "prevention": 1,
        "ambiguous": 1,
        "no disease": 1,
        "abbreviation": 1,
    }
    assert rejections.kept[-1].where == "Warfarin: PE, contraception, XQZ"


@pytest.mark.parametrize(
    ("row", "drug", "disease"),
    [
        ("Nitisinone | HPPD inhibitor | Tyrosinemia type I", "DRUGBANK:DB00348", "Tyrosinemia type I"),
        ("Ivacaftor | CFTR potentiator | CF", "DRUGBANK:DB08820", "cystic fibrosis"),
        ("Hydroxyurea | Antimetabolite | sickle cell", "DRUGBANK:DB01005", "sickle cell disease"),
        ("Riluzole | Glutamate inhibitor | ALS", "DRUGBANK:DB00740", "amyotrophic lateral sclerosis"),
        ("Imatinib | TKI | CML", "DRUGBANK:DB00619", "chronic myeloid leukemia"),
        ("Colchicine | Anti-mitotic | FMF", "DRUGBANK:DB01394", "familial Mediterranean fever"),
    ],
)
def test_abbreviations_reach_the_vocabularies(row: str, drug: str, disease: str) -> None:
    (fact,), _ = read(row)
    stands_for = groundings()
    assert stands_for[fact.subject].curie == drug
    assert stands_for[fact.object].curie.startswith("MONDO:")
    (found,) = indications_in("x", row.rpartition(" | ")[2])
    assert isinstance(found, Indication)
    assert found.condition == disease


def test_rows_of_one_drug_are_one_drug() -> None:
    facts, _ = read("Losartan | ARB | HTN, HF", "losartan | ARB | HTN, diabetic nephropathy")
    assert [fact.object for fact in facts] == [
        "local:disease-hypertension",
        "local:disease-heart-failure",
        "local:disease-diabetic-nephropathy",
    ]
    assert facts[2].evidence[0].quote == "Losartan: HTN, diabetic nephropathy"


def test_the_way_it_is_given_is_a_comment_and_no_other_drug() -> None:
    assert treated("Ketoconazole Topical | Azole | Seborrheic") == {("DRUGBANK:DB01026", "MONDO:0006608")}
    (fact,), _ = read("Ketoconazole Topical | Azole | Seborrheic")
    assert fact.qualifier(Qualifier.COMMENT) == "given as Ketoconazole Topical"
    assert plain_drug("5-FU Topical") == ("fluorouracil", "given as 5-FU Topical")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Wilson's", [Indication("Wilson disease")]),
        ("Prostate ca", [Indication("Prostate cancer")]),
        ("Severe asthma", [Indication("asthma", "severe")]),
        ("HIV (salvage, late)", [Indication("HIV infection", "salvage, late")]),
        ("Gout (off-label); pain", [Indication("Gout", off_label=True), Indication("pain")]),
        ("MDD adjunct", [Indication("major depressive disorder", adjunct=True)]),
        ("NSCLC EGFR", [Indication("non-small cell lung cancer", "NSCLC EGFR")]),
        ("VT/VF", [Indication("ventricular tachycardia"), Indication("ventricular fibrillation")]),
    ],
)
def test_texts_are_read_as_conditions_in_full(text: str, found: list[Indication]) -> None:
    assert list(indications_in("x", text)) == found


@pytest.mark.parametrize(
    ("drug", "text", "kind"),
    [
        ("Alteplase", "PE", "ambiguous"),
        ("Calcium Gluconate", "HF", "ambiguous"),
        ("Voxelotor", "Sickle cell (withdrawn 2024)", "withdrawn"),
        ("Erenumab", "Migraine prevention", "prevention"),
        ("Propofol", "Anesthesia", "no disease"),
        ("Foscarnet", "Resistant CMV/HSV", "several in one"),
        ("Cidofovir", "BK virus", "abbreviation"),
        ("Pergolide", "(various)", "no indication"),
    ],
)
def test_what_cannot_be_told_is_not_guessed(drug: str, text: str, kind: str) -> None:
    (found,) = indications_in(drug, text)
    assert isinstance(found, Unread)
    assert found.kind == kind


def test_a_row_with_shifted_columns_is_left_out() -> None:
    facts, rejections = read("Ketoconazole | Cushing's (off-label) | Hypercortisolism")
    assert facts == []
    assert rejections.counts == {"shifted columns": 1}


@pytest.mark.parametrize("text", [b"{}", b"[1]", b"[", b'["\xff"]'])
def test_what_is_no_list_of_texts_is_refused(text: bytes) -> None:
    with pytest.raises(MalformedSource):
        small_records("medicines-reference", {"medicines_reference.json": text})
