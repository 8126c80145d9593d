"""Every rule about diagnoses says satisfied, violated, unknown or not applicable where it should, and never guesses."""

from typing import Any

import pytest

from kg import (
    Case,
    Condition,
    DiagnosisChecker,
    FamilyFinding,
    Finding,
    FindingStatus,
    MalformedRule,
    RuleResult,
    RuleSubject,
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
    ("excluded-frequent-finding", case(excluded=(LENS,)), MARFAN, VIOLATED, "6/10"),
    ("excluded-frequent-finding", case(excluded=(AORTIC_ROOT,)), MARFAN, NOT_APPLICABLE, "more than half"),
    ("obligate-finding-denied", case(excluded=(AORTIC_ROOT,)), MARFAN, NOT_APPLICABLE, "every patient"),
    # present although recorded as absent: NOT, 0/n, Excluded
    ("impossible-finding", case(observed=(DISABILITY,)), MARFAN, VIOLATED, "Intellectual disability"),
    ("impossible-finding", case(observed=(LENS,)), LOEYS_DIETZ, VIOLATED, "Ectopia lentis"),
    ("impossible-finding", case(observed=(LENS,)), MARFAN, SATISFIED, "Marfan"),
    ("impossible-finding", case(observed=(LENS,)), BARE, UNKNOWN, "Nothing is recorded"),
    ("impossible-finding", case(excluded=(LENS,)), MARFAN, NOT_APPLICABLE, "no observed"),
    # whether anything speaks for it
    ("insufficient-evidence", case(observed=(LENS,)), MARFAN, SATISFIED, "At least one"),
    ("insufficient-evidence", case(observed=("HP:0001250",)), MARFAN, VIOLATED, "related diseases alone"),
    ("insufficient-evidence", case(observed=(LENS,)), BARE, UNKNOWN, "cannot be compared"),
    # modes of inheritance that one sex cannot have, or seldom has
    ("sex-limited", case(sex=Sex.FEMALE), Y_LINKED, VIOLATED, "female"),
    ("sex-limited", case(sex=Sex.MALE), Y_LINKED, SATISFIED, "male"),
    ("sex-limited", case(), Y_LINKED, UNKNOWN, "not known"),
    ("sex-limited", case(sex=Sex.OTHER), Y_LINKED, UNKNOWN, "not known"),
    ("sex-limited", case(sex=Sex.FEMALE), WISKOTT_ALDRICH, NOT_APPLICABLE, "to one sex"),
    ("sex-limited", case(sex=Sex.FEMALE), BARE, NOT_APPLICABLE, "to one sex"),
    ("x-linked-recessive-in-female", case(sex=Sex.FEMALE), WISKOTT_ALDRICH, VIOLATED, "X-linked recessive"),
    ("x-linked-recessive-in-female", case(sex=Sex.MALE), WISKOTT_ALDRICH, SATISFIED, "male"),
    ("x-linked-recessive-in-female", case(), WISKOTT_ALDRICH, UNKNOWN, "not known"),
    ("x-linked-recessive-in-female", case(sex=Sex.FEMALE), MARFAN, NOT_APPLICABLE, "X-linked recessive"),
    # affected before the disease begins, or long after
    ("onset", case(age_years=3.0), HUNTINGTON, VIOLATED, "3 years of age"),
    ("onset", case(age_years=50.0, onset_years=0.5), HUNTINGTON, VIOLATED, "6 months of age"),
    ("onset", case(onset_years=-0.3), HUNTINGTON, VIOLATED, "before birth"),
    ("onset", case(age_years=45.0), HUNTINGTON, SATISFIED, "adult onset"),
    ("onset", case(age_years=14.5), HUNTINGTON, SATISFIED, "adult onset"),  # within the slack of two years
    ("onset", case(age_years=0.1), MARFAN, SATISFIED, "congenital onset"),
    ("onset", case(), HUNTINGTON, UNKNOWN, "neither age nor onset"),
    ("onset", case(age_years=3.0), LOEYS_DIETZ_1, UNKNOWN, "no onset is recorded"),
    ("late-onset", case(onset_years=30.0), MARFAN, VIOLATED, "congenital onset"),
    ("late-onset", case(onset_years=4.0), MARFAN, SATISFIED, "no later"),  # within the slack of five years
    ("late-onset", case(onset_years=30.0), LOEYS_DIETZ_1, UNKNOWN, "No onset"),
    ("late-onset", case(age_years=30.0), MARFAN, NOT_APPLICABLE, "not known when"),
    # genes and inheritance that the case names
    ("gene", case(genes=("HGNC:3603",)), MARFAN, SATISFIED, "FBN1"),
    ("gene", case(), MARFAN, NOT_APPLICABLE, "names no gene"),
    ("gene", case(genes=("NCBIGene:3064",)), MARFAN, VIOLATED, "HTT"),
    ("gene", case(genes=("HGNC:3603",)), BARE, UNKNOWN, "No gene"),
    ("inheritance", case(inheritance=("HP:0000006",)), MARFAN, SATISFIED, "Autosomal dominant"),
    ("inheritance", case(), MARFAN, NOT_APPLICABLE, "suggests no mode"),
    ("inheritance", case(inheritance=("HP:0001417",)), WISKOTT_ALDRICH, SATISFIED, "X-linked recessive"),
    ("inheritance", case(inheritance=("HP:0000007",)), MARFAN, VIOLATED, "Autosomal recessive"),
    ("inheritance", case(inheritance=("HP:0000006",)), BARE, UNKNOWN, "No mode"),
    # the family
    (
        "x-linked-from-father-to-son",
        case((LENS,), sex=Sex.MALE, family=(FamilyFinding(LENS, "father"),)),
        WISKOTT_ALDRICH,
        VIOLATED,
        "Father and son",
    ),
    (
        "x-linked-from-father-to-son",
        case((LENS,), sex=Sex.MALE, family=(FamilyFinding(LENS, "father"),)),
        MARFAN,
        SATISFIED,
        "allows",
    ),
    (
        "x-linked-from-father-to-son",
        case((LENS,), sex=Sex.MALE, family=(FamilyFinding(LENS, "father"),)),
        BARE,
        UNKNOWN,
        "no mode",
    ),
    (
        "x-linked-from-father-to-son",
        case((LENS,), sex=Sex.FEMALE, family=(FamilyFinding(LENS, "father"),)),
        WISKOTT_ALDRICH,
        NOT_APPLICABLE,
        "not that of a son",
    ),
    (
        "recessive-with-affected-parent",
        case((LENS,), family=(FamilyFinding(LENS, "mother"),)),
        MARFAN,
        SATISFIED,
        "mother",
    ),
    (
        "recessive-with-affected-parent",
        case((LENS,), family=(FamilyFinding(AORTA, "mother"),)),
        MARFAN,
        NOT_APPLICABLE,
        "No parent",
    ),
    # what the record says the patient has or does not have
    ("ruled-out", case(conditions=(Condition(MARFAN, FindingStatus.EXCLUDED),)), MARFAN, VIOLATED, "Marfan"),
    ("ruled-out", case(conditions=(Condition(MARFAN, FindingStatus.EXCLUDED),)), HUNTINGTON, SATISFIED, "Huntington"),
    ("ruled-out", case(), MARFAN, NOT_APPLICABLE, "no condition"),
    ("already-known", case(conditions=(Condition(LOEYS_DIETZ_1),)), LOEYS_DIETZ, VIOLATED, "Loeys-Dietz syndrome 1"),
    ("already-known", case(conditions=(Condition(LOEYS_DIETZ),)), LOEYS_DIETZ_1, SATISFIED, "not among"),
    ("mutually-exclusive", case(conditions=(Condition(MARFAN),)), HUNTINGTON, UNKNOWN, "Nothing is recorded"),
    ("mutually-exclusive", case(), HUNTINGTON, NOT_APPLICABLE, "No other condition"),
]


@pytest.mark.parametrize(
    ("rule", "patient", "disease", "expected", "words"),
    CASES,
    ids=[f"{at}-{row[0]}-{row[3].name.lower()}" for at, row in enumerate(CASES)],
)
def test_verdicts(snapshot: Snapshot, rule: str, patient: Case, disease: str, expected: Verdict, words: str) -> None:
    result = verdict(snapshot, rule, patient, disease)
    assert (result.verdict, words in result.message) == (expected, True), result.message
    assert "{" not in result.message
    assert result.message[0].isupper()
    assert result.message.endswith(".")
    assert (result.about, result.severity) == (disease, next(r.severity for r in read_rules() if r.id == rule))


def test_a_violation_rests_on_the_fact_that_it_names(snapshot: Snapshot) -> None:
    (row,) = verdict(snapshot, "impossible-finding", case(observed=(DISABILITY,)), MARFAN).fact_rows
    fact = snapshot.fact_at(row)
    assert (fact.subject, fact.object, fact.negated, fact.references) == (MARFAN, DISABILITY, True, ("PMID:101",))


def test_hidden_facts_decide_nothing(snapshot: Snapshot) -> None:
    patient = case(observed=(DISABILITY,))
    rows = frozenset(verdict(snapshot, "impossible-finding", patient, MARFAN).fact_rows)
    (results,) = DiagnosisChecker(snapshot).check(patient, [MARFAN], rows)
    assert next(item.verdict for item in results if item.rule == "impossible-finding") is SATISFIED


def test_each_disease_gets_every_rule_in_order(snapshot: Snapshot) -> None:
    checked = list(DiagnosisChecker(snapshot).check(case(observed=(LENS,)), [MARFAN, "OMIM:301000", BARE]))
    order = [rule.id for rule in read_rules() if rule.applies_to is RuleSubject.DIAGNOSIS]
    assert [[result.rule for result in results] for results in checked] == [order] * 3


def test_a_form_that_is_ranked_above_is_pointed_to(snapshot: Snapshot) -> None:
    first, second = DiagnosisChecker(snapshot).check(case(observed=(AORTA,)), [LOEYS_DIETZ_1, LOEYS_DIETZ])
    (one,) = [result for result in first if result.rule == "named-above"]
    (two,) = [result for result in second if result.rule == "named-above"]
    assert (one.verdict, two.verdict, two.instead) == (NOT_APPLICABLE, VIOLATED, (LOEYS_DIETZ_1,))


def test_what_is_unknown_is_asked_for(snapshot: Snapshot) -> None:
    assert verdict(snapshot, "sex-limited", case(), Y_LINKED).asks == (
        f"What is the patient's sex? {snapshot.label(Y_LINKED)} shows Y-linked inheritance."
    )
    assert verdict(snapshot, "sex-limited", case(sex=Sex.MALE), Y_LINKED).asks is None
    assert verdict(snapshot, "onset", case(), HUNTINGTON).asks == "At what age was the patient first affected?"
    assert verdict(snapshot, "onset", case(age_years=3.0), LOEYS_DIETZ_1).asks is None  # no onset is recorded


def test_an_unknown_disease_is_said_to_be_unknown(snapshot: Snapshot) -> None:
    with pytest.raises(UnknownConcept):
        list(DiagnosisChecker(snapshot).check(case(), ["OMIM:999999"]))


def test_what_the_graph_does_not_know_of_a_case_is_left_out(snapshot: Snapshot) -> None:
    patient = case(observed=(LENS, "HP:7777777"), conditions=(Condition("MONDO:7777777"),))
    assert list(DiagnosisChecker(snapshot).check(patient, [MARFAN]))


# --- rules are data --------------------------------------------------------------------------------------------------

RULE = '''
[early]
applies_to = "diagnosis"
severity = "major"
correction = "demote"
citation = "none"
applies = "SELECT $this WHERE { $this a clinigraph:Candidate }"
violated = """SELECT $this ?fact ?age WHERE { ?case clinigraph:affected_by_years ?years ; clinigraph:affected_by ?age .
  ?fact biolink:subject $this ; clinigraph:begins_years ?begins . FILTER (?years + $slack < ?begins) }"""
satisfied = """SELECT $this WHERE { ?case clinigraph:affected_by_years ?years .
  ?fact biolink:subject $this ; clinigraph:begins_years ?begins }"""
settings = { slack = 0.0 }
[early.says]
violated = "{disease} does not begin by {age}."
satisfied = "Fits."
not_applicable = "Not limited."
unknown = "Not known."
'''


def test_a_rule_of_ones_own(snapshot: Snapshot) -> None:
    rules = read_rules(RULE)
    ((result,),) = DiagnosisChecker(snapshot, rules).check(case(age_years=14.5), [HUNTINGTON])
    assert (result.rule, result.verdict, result.severity) == ("early", VIOLATED, Severity.MAJOR)
    assert result.message == "Huntington disease does not begin by 14 years of age."
    ((result,),) = DiagnosisChecker(snapshot, rules).check(case(), [HUNTINGTON])
    assert (result.verdict, result.message) == (UNKNOWN, "Not known.")


def test_rules_that_ship_cite_why() -> None:
    rules = read_rules()
    assert len({rule.id for rule in rules}) == len(rules)
    assert all(rule.citation for rule in rules)
    assert {rule.applies_to for rule in rules} == set(RuleSubject)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[early]", "[early", "rule file"),
        ('applies_to = "diagnosis"', 'applies_to = "moon"', "moon"),
        ('severity = "major"', 'severity = "grave"', "grave"),
        ('severity = "major"', "", "severity"),
        ('citation = "none"', "", "citation"),
        ('satisfied = "Fits."', "", "satisfied"),
        ("{age}", "{shoe_size}", "shoe_size"),
        ("{age}", "{age.__class__}", "no query selects"),
        ("{age}", "{age", "brace"),
        ("settings = { slack = 0.0 }", "colour = 1", "unknown field colour"),
        ('citation = "none"', 'citation = "none"\ncolumn = "moon"', "no column pattern moon"),
        ('citation = "none"', 'citation = "none"\nneeds = ["shoe_size"]', "no field shoe_size"),
        ("$this a clinigraph:Candidate }", "$this a clinigraph:Candidate", "does not parse"),
        ("SELECT $this WHERE { $this a", "ASK WHERE { $this a", "no SELECT"),
        ("SELECT $this WHERE { $this a", "SELECT ?that WHERE { ?that a", "does not select"),
        ("\n[early]", "\nbroken = 1\n[early]", "rule broken"),
    ],
)
def test_a_malformed_rule_is_refused_when_it_is_read(old: str, new: str, reason: str) -> None:
    with pytest.raises(MalformedRule, match=reason) as caught:
        read_rules(RULE.replace(old, new))
    assert "mend it in the rule file" in str(caught.value)
