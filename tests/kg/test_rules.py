"""Every rule that ships says satisfied, violated, unknown or not applicable where it should, and never guesses."""

from typing import Any

import pytest

from kg import (
    Case,
    DiagnosisChecker,
    Finding,
    FindingStatus,
    MalformedRule,
    RuleResult,
    Severity,
    Sex,
    Snapshot,
    UnknownConcept,
    Verdict,
    read_rules,
)
from tests.small_graph import BARE, HUNTINGTON, LOEYS_DIETZ, LOEYS_DIETZ_1, MARFAN, UNSETTLED, WISKOTT_ALDRICH, Y_LINKED

SATISFIED, VIOLATED, UNKNOWN, NOT_APPLICABLE = (
    Verdict.SATISFIED,
    Verdict.VIOLATED,
    Verdict.UNKNOWN,
    Verdict.NOT_APPLICABLE,
)
LENS, ARACHNODACTYLY, AORTA, AORTIC_ROOT, DISABILITY = (
    "HP:0001083",
    "HP:0001166",
    "HP:0004942",
    "HP:0002616",
    "HP:0001249",
)


def case(observed: tuple[str, ...] = (), excluded: tuple[str, ...] = (), **fields: Any) -> Case:
    findings = [Finding(curie, FindingStatus.OBSERVED) for curie in observed]
    findings += [Finding(curie, FindingStatus.EXCLUDED) for curie in excluded]
    return Case("patient", tuple(findings), **fields)


def verdict(snapshot: Snapshot, rule: str, patient: Case, disease: str) -> RuleResult:
    (results,) = DiagnosisChecker(snapshot).check(patient, [disease])
    (result,) = [result for result in results if result.rule == rule]
    return result


CASES: list[tuple[str, Case, str, Verdict, str]] = [
    # absent although nearly every patient has it; the excluded finding covers what lies below it
    ("excluded-finding", case(excluded=(AORTIC_ROOT,)), MARFAN, VIOLATED, "9/9"),
    ("excluded-finding", case(excluded=(AORTA,)), MARFAN, VIOLATED, "9/9"),
    ("excluded-finding", case(excluded=(AORTA,)), UNSETTLED, VIOLATED, "80–99%"),
    ("excluded-finding", case(excluded=(LENS,)), MARFAN, SATISFIED, "Marfan"),
    ("excluded-finding", case(excluded=(DISABILITY,)), MARFAN, SATISFIED, "Marfan"),
    ("excluded-finding", case(excluded=("HP:0001250",)), MARFAN, UNKNOWN, "not recorded"),
    ("excluded-finding", case(observed=(LENS,)), MARFAN, NOT_APPLICABLE, "excludes no finding"),
    # present although recorded as absent: NOT, 0/n, Excluded
    ("impossible-finding", case(observed=(DISABILITY,)), MARFAN, VIOLATED, "Intellectual disability"),
    ("impossible-finding", case(observed=(LENS,)), LOEYS_DIETZ_1, VIOLATED, "Ectopia lentis"),
    ("impossible-finding", case(observed=(LENS,)), LOEYS_DIETZ, VIOLATED, "Ectopia lentis"),
    ("impossible-finding", case(observed=(LENS,)), MARFAN, SATISFIED, "Marfan"),
    ("impossible-finding", case(observed=(LENS,)), BARE, UNKNOWN, "Nothing is recorded"),
    ("impossible-finding", case(excluded=(LENS,)), MARFAN, NOT_APPLICABLE, "no observed"),
    # modes of inheritance that one sex cannot have, or seldom has
    ("sex-limited", case(sex=Sex.FEMALE), Y_LINKED, VIOLATED, "female"),
    ("sex-limited", case(sex=Sex.MALE), Y_LINKED, SATISFIED, "male"),
    ("sex-limited", case(), Y_LINKED, UNKNOWN, "not known"),
    ("sex-limited", case(sex=Sex.OTHER), Y_LINKED, UNKNOWN, "not known"),
    ("sex-limited", case(sex=Sex.FEMALE), WISKOTT_ALDRICH, NOT_APPLICABLE, "depends on sex"),
    ("sex-limited", case(sex=Sex.FEMALE), BARE, NOT_APPLICABLE, "depends on sex"),
    ("x-linked-recessive-in-female", case(sex=Sex.FEMALE), WISKOTT_ALDRICH, VIOLATED, "X-linked recessive"),
    ("x-linked-recessive-in-female", case(sex=Sex.MALE), WISKOTT_ALDRICH, SATISFIED, "male"),
    ("x-linked-recessive-in-female", case(), WISKOTT_ALDRICH, UNKNOWN, "not known"),
    ("x-linked-recessive-in-female", case(sex=Sex.FEMALE), MARFAN, NOT_APPLICABLE, "depends on sex"),
    # affected before the disease begins
    ("onset", case(age_years=3.0), HUNTINGTON, VIOLATED, "3 years of age"),
    ("onset", case(age_years=50.0, onset_years=0.5), HUNTINGTON, VIOLATED, "6 months of age"),
    ("onset", case(onset_years=-0.3), HUNTINGTON, VIOLATED, "before birth"),
    ("onset", case(age_years=45.0), HUNTINGTON, SATISFIED, "adult onset"),
    ("onset", case(age_years=14.5), HUNTINGTON, SATISFIED, "adult onset"),  # within the slack of two years
    ("onset", case(age_years=0.1), MARFAN, SATISFIED, "congenital onset"),
    ("onset", case(), HUNTINGTON, UNKNOWN, "Neither age nor onset"),
    ("onset", case(age_years=3.0), LOEYS_DIETZ_1, UNKNOWN, "No onset is recorded"),
    # genes and inheritance that the case names
    ("gene", case(genes=("HGNC:3603",)), MARFAN, SATISFIED, "FBN1"),
    ("gene", case(), MARFAN, SATISFIED, "FBN1"),
    ("gene", case(genes=("NCBIGene:3064",)), MARFAN, VIOLATED, "HTT"),
    ("gene", case(genes=("HGNC:3603",)), BARE, UNKNOWN, "No gene"),
    ("inheritance", case(inheritance=("HP:0000006",)), MARFAN, SATISFIED, "Autosomal dominant"),
    ("inheritance", case(), MARFAN, SATISFIED, "Autosomal dominant"),
    ("inheritance", case(inheritance=("HP:0001417",)), WISKOTT_ALDRICH, SATISFIED, "X-linked recessive"),
    ("inheritance", case(inheritance=("HP:0000007",)), MARFAN, VIOLATED, "Autosomal recessive"),
    ("inheritance", case(inheritance=("HP:0000006",)), BARE, UNKNOWN, "No mode"),
]


@pytest.mark.parametrize(
    ("rule", "patient", "disease", "expected", "words"), CASES, ids=[f"{row[0]}-{row[3].name.lower()}" for row in CASES]
)
def test_verdicts(snapshot: Snapshot, rule: str, patient: Case, disease: str, expected: Verdict, words: str) -> None:
    result = verdict(snapshot, rule, patient, disease)
    assert (result.verdict, words in result.message) == (expected, True), result.message
    assert "{" not in result.message
    assert result.message[0].isupper()
    assert result.message.endswith(".")
    if expected is VIOLATED:
        assert result.fact_rows


def test_every_rule_has_a_case_of_every_verdict_it_can_give() -> None:
    always_apply = {"onset", "gene", "inheritance"}
    wanted = {(rule.id, each) for rule in read_rules() for each in Verdict}
    wanted -= {(rule, NOT_APPLICABLE) for rule in always_apply}
    assert {(row[0], row[3]) for row in CASES} == wanted


def test_a_violation_rests_on_the_fact_that_it_names(snapshot: Snapshot) -> None:
    (row,) = verdict(snapshot, "impossible-finding", case(observed=(DISABILITY,)), MARFAN).fact_rows
    fact = snapshot.fact_at(row)
    assert (fact.subject, fact.object, fact.negated, fact.references) == (MARFAN, DISABILITY, True, ("PMID:101",))


def test_each_disease_gets_every_rule_in_order(snapshot: Snapshot) -> None:
    checked = list(DiagnosisChecker(snapshot).check(case(observed=(LENS,)), [MARFAN, "OMIM:301000", BARE]))
    order = [rule.id for rule in read_rules()]
    assert [[result.rule for result in results] for results in checked] == [order] * 3


def test_an_unknown_disease_is_said_to_be_unknown(snapshot: Snapshot) -> None:
    with pytest.raises(UnknownConcept):
        list(DiagnosisChecker(snapshot).check(case(), ["OMIM:999999"]))


# --- rules are data --------------------------------------------------------------------------------------------------

RULE = """
[early]
pattern = "onset"
severity = "major"
slack_years = 0.0
violated = "{disease} does not begin by {age}."
satisfied = "Fits."
not_applicable = "Not limited."
unknown = "{missing}"
citation = "none"
"""


def test_a_rule_of_ones_own(snapshot: Snapshot) -> None:
    rules = read_rules(RULE)
    ((result,),) = DiagnosisChecker(snapshot, rules).check(case(age_years=14.5), [HUNTINGTON])
    assert (result.rule, result.verdict, result.severity) == ("early", VIOLATED, Severity.MAJOR)
    assert result.message == "Huntington disease does not begin by 14 years of age."


def test_rules_that_ship_cite_why() -> None:
    rules = read_rules()
    assert len({rule.id for rule in rules}) == len(rules) == 7
    assert all(rule.citation for rule in rules)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[early]", "[early", "rule file"),
        ('pattern = "onset"', 'pattern = "moon"', "no pattern moon; choose from excluded_finding"),
        ('pattern = "onset"', "", "pattern"),
        ('severity = "major"', 'severity = "grave"', "grave"),
        ('severity = "major"', "", "severity"),
        ('citation = "none"', "", "citation"),
        ('satisfied = "Fits."', "", "satisfied"),
        ("{age}", "{shoe_size}", "shoe_size"),
        ("{age}", "{age.__class__}", "unknown slot"),
        ("{age}", "{age", "missing or unknown"),
        ("slack_years = 0.0", "", "needs the setting slack_years"),
        ("[early]", "early = 1\n[other]", "rule early"),
    ],
)
def test_a_malformed_rule_is_refused_when_it_is_read(old: str, new: str, reason: str) -> None:
    with pytest.raises(MalformedRule, match=reason) as caught:
        read_rules(RULE.replace(old, new))
    assert "mend it in the rule file" in str(caught.value)
