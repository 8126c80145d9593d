"""Rules about the medicines of a patient and the patient as a whole: what is not recorded is never called safe."""

from typing import Any

import pytest

from kg import (
    Allergy,
    Case,
    CaseChecker,
    Category,
    Concept,
    Condition,
    Evidence,
    Fact,
    Finding,
    FindingStatus,
    MalformedRule,
    Medication,
    MedicationUse,
    Name,
    NameKind,
    Predicate,
    Qualifier,
    Record,
    RuleResult,
    Severity,
    Sex,
    Snapshot,
    UnknownConcept,
    Verdict,
    read_rules,
)
from tests.made_graph import snapshot_of

AMOXICILLIN, AMPICILLIN, WARFARIN, ASPIRIN, DIGOXIN, ENALAPRIL, PLAIN = (f"DRUGBANK:DB0000{n}" for n in range(1, 8))
PENICILLINS, ANALGESICS, RAISES_POTASSIUM, NSAIDS = "ATC:J01CA", "ATC:N02BA", "ANSM:hyperkaliemiants", "CHEBI:35475"
TERATOGEN = "CHEBI:50905"
PREGNANCY, RENAL, KIDNEY_DISEASE, CIRRHOSIS = "MESH:D011247", "HP:0000083", "MONDO:0005300", "MONDO:0005155"
FEVER, STIFF_NECK, POTASSIUM, THUNDERCLAP, BLEEDING = (
    "HP:0001945", "HP:0031179", "HP:0002153", "HP:0030907", "MONDO:0005099",
)  # fmt: skip


def stated(subject: str, predicate: Predicate, target: str, **said: str) -> Fact:
    names = {"severity": Qualifier.SEVERITY, "advice": Qualifier.ADVICE}
    qualifiers = tuple((names[name], text) for name, text in said.items())
    return Fact(subject, predicate, target, (Evidence("test", "1", subject, ("PMID:1",)),), qualifiers=qualifiers)


def records() -> list[Record]:
    labels = {
        Category.DRUG: {
            AMOXICILLIN: "amoxicillin", AMPICILLIN: "ampicillin", WARFARIN: "warfarin", ASPIRIN: "aspirin",
            DIGOXIN: "digoxin", ENALAPRIL: "enalapril", PLAIN: "placebin",
        },
        Category.CHEMICAL: {
            PENICILLINS: "penicillins with extended spectrum", ANALGESICS: "salicylic acid and derivatives",
            RAISES_POTASSIUM: "potassium-raising drugs",
        },
        Category.CHEMICAL_ROLE: {NSAIDS: "non-steroidal anti-inflammatory drug", TERATOGEN: "teratogenic agent"},
        Category.PHENOTYPE: {
            PREGNANCY: "pregnancy", RENAL: "renal insufficiency", FEVER: "fever", STIFF_NECK: "nuchal rigidity",
            POTASSIUM: "hyperkalemia", THUNDERCLAP: "thunderclap headache",
        },
        Category.DISEASE: {KIDNEY_DISEASE: "chronic kidney disease", CIRRHOSIS: "cirrhosis", BLEEDING: "bleeding"},
    }  # fmt: skip
    found: list[Record] = [
        Concept(curie, kind, (Name(label, NameKind.LABEL),))
        for kind, named in labels.items()
        for curie, label in named.items()
    ]
    is_a, role = Predicate.SUBCLASS_OF, Predicate.HAS_ROLE
    return [
        *found,
        stated(AMOXICILLIN, is_a, PENICILLINS),
        stated(AMPICILLIN, is_a, PENICILLINS),
        stated(ASPIRIN, is_a, ANALGESICS),
        stated(ASPIRIN, role, NSAIDS),
        stated(ENALAPRIL, is_a, RAISES_POTASSIUM),
        stated(DIGOXIN, role, TERATOGEN),
        stated(NSAIDS, Predicate.CONTRAINDICATED_IN, CIRRHOSIS, advice="Give paracetamol."),
        stated(DIGOXIN, Predicate.NEEDS_CAUTION_IN, RENAL, advice="Halve the dose."),
        stated(ENALAPRIL, Predicate.CONTRAINDICATED_IN, PREGNANCY),
        stated(WARFARIN, Predicate.NEEDS_CAUTION_IN, PREGNANCY),
        stated(WARFARIN, Predicate.INTERACTS_WITH, NSAIDS, severity="contraindicated", advice="Never."),
        stated(DIGOXIN, Predicate.INTERACTS_WITH, WARFARIN, severity="precaution"),
        stated(THUNDERCLAP, Predicate.RED_FLAG_OF, BLEEDING),
    ]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot_of(records(), tmp_path_factory.mktemp("drugs"))


@pytest.fixture(scope="module")
def checker(snapshot: Snapshot) -> CaseChecker:
    return CaseChecker(snapshot)


def patient(*observed: str, takes: tuple[str, ...] = (), excluded: tuple[str, ...] = (), **fields: Any) -> Case:
    findings = [Finding(curie, FindingStatus.OBSERVED) for curie in observed]
    findings += [Finding(curie, FindingStatus.EXCLUDED) for curie in excluded]
    return Case("patient", tuple(findings), medications=tuple(map(Medication, takes)), **fields)


def about(checker: CaseChecker, case: Case, rule: str, drug: str | None) -> RuleResult:
    (found,) = [item for item in checker.check(case) if item.rule == rule and item.about == drug]
    return found


ALLERGIC = (Allergy(AMOXICILLIN),)
VERDICTS: list[tuple[str, str | None, Case, Verdict, str]] = [
    ("allergy", AMOXICILLIN, patient(takes=(AMOXICILLIN,), allergies=ALLERGIC), Verdict.VIOLATED, "amoxicillin"),
    ("allergy", AMPICILLIN, patient(takes=(AMPICILLIN,), allergies=ALLERGIC), Verdict.UNKNOWN, "not rule"),
    ("allergy", AMPICILLIN, patient(takes=(AMPICILLIN,), allergies=(Allergy(PENICILLINS),)), Verdict.VIOLATED, "class"),
    ("allergy", AMPICILLIN, patient(takes=(AMPICILLIN,)), Verdict.NOT_APPLICABLE, "No allergy"),
    ("allergy-of-class", AMPICILLIN, patient(takes=(AMPICILLIN,), allergies=ALLERGIC), Verdict.VIOLATED, "penicillins"),
    ("allergy-of-class", ASPIRIN, patient(takes=(ASPIRIN,), allergies=ALLERGIC), Verdict.UNKNOWN, "not rule"),
    (
        "contraindicated", ASPIRIN, patient(takes=(ASPIRIN,), conditions=(Condition(CIRRHOSIS),)), Verdict.VIOLATED,
        "Give paracetamol.",
    ),
    ("contraindicated", PLAIN, patient(takes=(PLAIN,), conditions=(Condition(CIRRHOSIS),)), Verdict.UNKNOWN, "not say"),
    ("contraindicated", ASPIRIN, patient(takes=(ASPIRIN,)), Verdict.NOT_APPLICABLE, "No condition"),
    ("renal-caution", DIGOXIN, patient(RENAL, takes=(DIGOXIN,)), Verdict.VIOLATED, "Halve the dose."),
    (
        "renal-caution", DIGOXIN, patient(takes=(DIGOXIN,), conditions=(Condition(KIDNEY_DISEASE),)), Verdict.VIOLATED,
        "chronic kidney disease",
    ),
    ("renal-caution", DIGOXIN, patient(takes=(DIGOXIN,), excluded=(RENAL,)), Verdict.SATISFIED, "excluded"),
    ("renal-caution", DIGOXIN, patient(takes=(DIGOXIN,)), Verdict.UNKNOWN, "not reported"),
    ("renal-caution", PLAIN, patient(RENAL, takes=(PLAIN,)), Verdict.NOT_APPLICABLE, "No source"),
    ("pregnancy-contraindicated", ENALAPRIL, patient(takes=(ENALAPRIL,), pregnant=True), Verdict.VIOLATED, "pregnant"),
    (
        "pregnancy-contraindicated", ENALAPRIL, patient(takes=(ENALAPRIL,), sex=Sex.FEMALE, age_years=30.0),
        Verdict.UNKNOWN, "not reported",
    ),
    (
        "pregnancy-contraindicated", ENALAPRIL, patient(takes=(ENALAPRIL,), sex=Sex.MALE), Verdict.NOT_APPLICABLE,
        "cannot be",
    ),
    (
        "pregnancy-contraindicated", ENALAPRIL, patient(takes=(ENALAPRIL,), pregnant=False), Verdict.NOT_APPLICABLE,
        "cannot be",
    ),
    ("pregnancy-caution", WARFARIN, patient(takes=(WARFARIN,), pregnant=True), Verdict.VIOLATED, "caution"),
    ("pregnancy-teratogen", DIGOXIN, patient(takes=(DIGOXIN,), pregnant=True), Verdict.VIOLATED, "teratogenic"),
    ("pregnancy-teratogen", DIGOXIN, patient(takes=(DIGOXIN,), sex=Sex.FEMALE), Verdict.UNKNOWN, "not reported"),
    ("pregnancy-teratogen", DIGOXIN, patient(takes=(DIGOXIN,), sex=Sex.MALE), Verdict.NOT_APPLICABLE, "cannot"),
    ("pregnancy-not-recorded", DIGOXIN, patient(takes=(DIGOXIN,), pregnant=True), Verdict.NOT_APPLICABLE, "says"),
    ("pregnancy-not-recorded", PLAIN, patient(takes=(PLAIN,), pregnant=True), Verdict.UNKNOWN, "no source"),
    ("interaction-contraindicated", WARFARIN, patient(takes=(WARFARIN, ASPIRIN)), Verdict.VIOLATED, "aspirin"),
    ("interaction-contraindicated", ASPIRIN, patient(takes=(WARFARIN, ASPIRIN)), Verdict.VIOLATED, "Never."),
    ("interaction-contraindicated", PLAIN, patient(takes=(PLAIN, ASPIRIN)), Verdict.UNKNOWN, "not say"),
    ("interaction-contraindicated", ASPIRIN, patient(takes=(ASPIRIN,)), Verdict.NOT_APPLICABLE, "no other"),
    ("interaction-precaution", DIGOXIN, patient(takes=(DIGOXIN, WARFARIN)), Verdict.VIOLATED, "warfarin"),
    ("interaction-to-avoid", DIGOXIN, patient(takes=(DIGOXIN, WARFARIN)), Verdict.UNKNOWN, "not say"),
    ("explains-finding", ENALAPRIL, patient(POTASSIUM, takes=(ENALAPRIL,)), Verdict.VIOLATED, "hyperkalemia"),
    ("explains-finding", ENALAPRIL, patient(FEVER, takes=(ENALAPRIL,)), Verdict.UNKNOWN, "not say"),
    ("meningitis", None, patient(FEVER, STIFF_NECK), Verdict.VIOLATED, "bacterial meningitis"),
    ("meningitis", None, patient(FEVER), Verdict.UNKNOWN, "Of this picture there is fever"),
    ("meningitis", None, patient(FEVER, excluded=(STIFF_NECK,)), Verdict.SATISFIED, "absent"),
    ("meningitis", None, patient(POTASSIUM), Verdict.NOT_APPLICABLE, "No finding"),
    ("red-flag-of-disease", None, patient(THUNDERCLAP), Verdict.VIOLATED, "bleeding"),
    ("red-flag-of-disease", None, patient(FEVER), Verdict.UNKNOWN, "not say"),
    ("contradictory-findings", None, patient(FEVER, excluded=(FEVER,)), Verdict.VIOLATED, "fever"),
    ("contradictory-findings", None, patient(FEVER, excluded=(RENAL,)), Verdict.SATISFIED, "No finding"),
    ("no-observed-finding", None, patient(excluded=(RENAL,)), Verdict.VIOLATED, "decides little"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "drug", "case", "expected", "words"),
    VERDICTS,
    ids=[f"{at}-{row[0]}-{row[3].name.lower()}" for at, row in enumerate(VERDICTS)],
)
def test_verdicts(checker: CaseChecker, rule: str, drug: str | None, case: Case, expected: Verdict, words: str) -> None:
    result = about(checker, case, rule, drug)
    assert (result.verdict, words in result.message) == (expected, True), result.message
    assert "{" not in result.message


def test_no_drug_is_called_safe_for_want_of_a_record(checker: CaseChecker) -> None:
    case = patient(FEVER, takes=(PLAIN, ASPIRIN), allergies=ALLERGIC, pregnant=True, conditions=(Condition(CIRRHOSIS),))
    assert not [item for item in checker.check(case) if item.about == PLAIN and item.verdict is Verdict.SATISFIED]


def test_the_facts_behind_a_violation_are_named(checker: CaseChecker, snapshot: Snapshot) -> None:
    (row,) = about(checker, patient(takes=(WARFARIN, ASPIRIN)), "interaction-contraindicated", WARFARIN).fact_rows
    assert {snapshot.fact_at(row).subject, snapshot.fact_at(row).object} == {WARFARIN, NSAIDS}


def test_what_is_unknown_is_asked_for(checker: CaseChecker) -> None:
    asked = {item.asks for item in checker.check(patient(takes=(DIGOXIN,), sex=Sex.MALE)) if item.asks}
    assert asked == {"How good is the patient's renal function? The dose of digoxin depends on it."}


def test_a_medicine_of_the_past_is_no_risk_of_today(checker: CaseChecker) -> None:
    medicines = (Medication(WARFARIN), Medication(ASPIRIN, MedicationUse.PAST))
    results = checker.check(Case("past", (), medications=medicines))
    assert {item.about for item in results} == {None, WARFARIN}
    assert not [item for item in results if item.verdict is Verdict.VIOLATED and item.about == WARFARIN]


def test_a_proposed_medicine_is_checked_against_those_taken(checker: CaseChecker) -> None:
    case = patient(takes=(WARFARIN,))
    found = checker.check_drugs(case, [ASPIRIN])
    assert list(found) == [ASPIRIN]
    violated = {item.rule for item in found[ASPIRIN] if item.verdict is Verdict.VIOLATED}
    assert violated == {"interaction-contraindicated"}
    proposed = Case("p", (), medications=(Medication(WARFARIN), Medication(ASPIRIN, MedicationUse.PROPOSED)))
    assert about(checker, proposed, "interaction-contraindicated", ASPIRIN).verdict is Verdict.VIOLATED
    assert about(checker, proposed, "interaction-contraindicated", WARFARIN).verdict is Verdict.NOT_APPLICABLE


def test_an_unknown_medicine(checker: CaseChecker) -> None:
    with pytest.raises(UnknownConcept):
        checker.check_drugs(patient(), ["DRUGBANK:DB99999"])
    assert checker.check(patient(takes=("DRUGBANK:DB99999",))) == ()


def test_red_flags_are_urgent_and_cite_why() -> None:
    flags = [rule for rule in read_rules() if rule.id in ("meningitis", "thunderclap-headache", "cauda-equina")]
    assert {rule.severity for rule in flags} == {Severity.URGENT}
    assert all(rule.citation for rule in flags)


AGED = '[old]\nall_of = [["HP:0001945"]]\nmin_age_years = 50.0\nsay = "Think."\ncitation = "none"\n'


def test_a_red_flag_with_an_age(snapshot: Snapshot) -> None:
    own = CaseChecker(snapshot, read_rules(AGED))
    verdicts = [own.check(patient(FEVER, age_years=age))[0].verdict for age in (60.0, 20.0, None)]
    assert verdicts == [Verdict.VIOLATED, Verdict.NOT_APPLICABLE, Verdict.UNKNOWN]


def test_a_malformed_red_flag_is_refused() -> None:
    with pytest.raises(MalformedRule, match="colour"):
        read_rules(AGED + "colour = 1\n")
