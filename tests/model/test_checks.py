"""What the four checks let pass and what they stop."""

import pytest

from kg import Frequency
from model import Checker, Claim, Verdict, read_claims
from retrieval import Context, EvidenceItem, EvidenceKind, Mention
from tests.model.world import CONTEXT, ITEMS, LOEYS, MARFAN, QUESTION, fact, is_a, link

CHECKER = Checker(link, is_a)

RIGHT = [
    "Marfan syndrome has ectopia lentis [1].",
    "Ectopia lentis is a feature of Marfan syndrome [1].",
    "Ectopia lentis is seen in 60% of patients with Marfan syndrome [1].",
    "Ectopia lentis occurs in 3 of 5 patients [1].",
    "Lens dislocation is a feature of Marfan syndrome [1].",
    "Lens dislocation and arachnodactyly are features of Marfan syndrome [1].",
    "Features include ectopia lentis and arachnodactyly [1].",
    "It includes seizures [1].",
    "Marfan syndrome has seizures [1].",
    "Arachnodactyly is very common in Marfan syndrome [1].",
    "Arachnodactyly is often seen [1].",
    "Marfan syndrome does not have intellectual disability [2].",
    "Intellectual disability is not a feature of Marfan syndrome [2].",
    "Patients with Marfan syndrome have ectopia lentis but not intellectual disability [1][2].",
    "Marfan syndrome is caused by mutations in FBN1 [3].",
    "Mutations in FBN1 cause Marfan syndrome [3].",
    "Marfan syndrome is a disorder of connective tissue [3].",
    "Marfan syndrome shows autosomal dominant inheritance in about 75% of families [3].",
    "Hypertension is common [3].",
    "Hypotension is absent [3].",
    "Onset is before 12 years [3].",
    "Beta blockers may reduce the rate of aortic dilatation [3].",
    "Loeys-Dietz syndrome shows bifid uvula and aortic aneurysm [4].",
    "25% arise anew [3].",
    "Marfan syndrome is associated with ectopia lentis [1].",
]
WRONG = [
    "Marfan syndrome has ectopia lentis.",
    "Marfan syndrome has ectopia lentis [9].",
    "Marfan syndrome has ectopia lentis [1][9].",
    "Marfan syndrome has bifid uvula [1].",
    "Marfan syndrome has bifid uvula [1][4].",
    "Marfan syndrome shows bifid uvula and aortic aneurysm [4].",
    "Marfan syndrome has aortic aneurysm [1][4].",
    "Loeys-Dietz syndrome has ectopia lentis [1].",
    "Loeys-Dietz syndrome has ectopia lentis [1][4].",
    "Loeys-Dietz syndrome and Marfan syndrome have ectopia lentis [1][4].",
    "Marfan syndrome does not have ectopia lentis [1].",
    "Marfan syndrome has no ectopia lentis [1].",
    "Ectopia lentis is absent in Marfan syndrome [1].",
    "Marfan syndrome without ectopia lentis [1].",
    "Marfan syndrome has intellectual disability [2].",
    "Intellectual disability is a feature of Marfan syndrome [2].",
    "Patients with Marfan syndrome have intellectual disability but not ectopia lentis [1][2].",
    "Ectopia lentis occurs in 80% of patients [1].",
    "Ectopia lentis occurs in 90% of patients [1].",
    "Ectopia lentis occurs in 2 of 5 patients [1].",
    "Ectopia lentis occurs in half of patients [1].",
    "Arachnodactyly is seen in 60% of patients [1].",
    "Ectopia lentis is always seen [1].",
    "Ectopia lentis is rare in Marfan syndrome [1].",
    "Arachnodactyly is rarely seen [1].",
    "Focal seizures occur in 60% of patients [1].",
    "Seizures are very common in Marfan syndrome [1].",
    "Marfan syndrome is treated with losartan [3].",
    "Marfan syndrome is caused by mutations in CFTR [3].",
    "Marfan syndrome is caused by mutations in FBN2 [3].",
    "Marfan syndrome causes mutations in FBN1 [3].",
    "FBN1 is caused by Marfan syndrome [3].",
    "Marfan syndrome causes ectopia lentis [1].",
    "Ectopia lentis causes arachnodactyly [1].",
    "Marfan syndrome has autosomal recessive inheritance [3].",
    "Autosomal dominant inheritance is seen in 25% of families [3].",
    "Autosomal dominant inheritance is not seen [3].",
    "Hypotension is common [3].",
    "Hypertension is absent [3].",
    "Marfan syndrome has hypotension [3].",
    "Onset is after 12 years [3].",
    "Onset is before 20 years [3].",
    "Onset is before 12 months [3].",
    "Beta blockers reduce the rate of aortic dilatation [3].",
    "Beta blockers may increase the rate of aortic dilatation [3].",
    "Beta blockers may not reduce the rate of aortic dilatation [3].",
    "Marfan syndrome is a fatal disorder of connective tissue [3].",
    "Marfan syndrome is a benign disorder of connective tissue [3].",
    "Patients with Marfan syndrome should stop beta blockers [3].",
    "The gene is located on the X chromosome [3].",
    "Is ectopia lentis a feature of Marfan syndrome [1]?",
    "This is a condition [1].",
    "Loeys-Dietz syndrome shows bifid uvula in 30% of patients [4].",
    "Loeys-Dietz syndrome does not show bifid uvula [4].",
    "Bifid uvula is a feature of Marfan syndrome [4].",
    "Bifid uvula is a feature [4].",
    "Cystic fibrosis has ectopia lentis [1].",
    "Metformin is associated with Marfan syndrome [3].",
    "All patients have arachnodactyly [1].",
    "Marfan syndrome has ectopia lentis and bifid uvula [1].",
    "Marfan syndrome has ectopia lentis, arachnodactyly, and Brushfield spots [1].",
    "Marfan syndrome has the features ectopia lentis (80–99%) and arachnodactyly (3/5) [1].",
    "Marfan syndrome is not a disorder of connective tissue [3].",
    "Marfan syndrome is not caused by mutations in FBN1 [3].",
    "Marfan syndrome never has arachnodactyly [1].",
    "Marfan syndrome lacks arachnodactyly [1].",
    "Arachnodactyly has been excluded in Marfan syndrome [1].",
    "Arachnodactyly is unlikely in Marfan syndrome [1].",
    "Marfan syndrome has absent speech [1].",
    "Only Marfan syndrome has ectopia lentis [1].",
    "Two genes cause Marfan syndrome [3].",
    "Marfan syndrome affects 75% of families [3].",
    "Marfan syndrome arises anew in 75% of families [3].",
    "It arises anew in 75% [3].",
    "Intellectual disability is common in Marfan syndrome [2].",
    "There is no evidence that Marfan syndrome has ectopia lentis [1].",
    "Ectopia lentis rules out Marfan syndrome [1].",
    "Marfan syndrome is caused by mutations in FBN1 and CFTR [3].",
    "Hypotension and hypertension are common [3].",
    "Hypotension but not hypertension is common [3].",
    "It is not known whether Marfan syndrome has arachnodactyly [1].",
    "Marfan syndrome may be excluded by ectopia lentis [1].",
    "Marfan syndrome has less ectopia lentis than Loeys-Dietz syndrome [1][4].",
    "Loeys-Dietz syndrome resembles arachnodactyly [4].",
    "Marfan syndrome and ectopia lentis are the same disease [1].",
    "Marfan syndrome has ectopia lentis in 3 of 5 and arachnodactyly in 3 of 5 patients [1].",
    "In 12 families Marfan syndrome is caused by mutations in FBN1 [3].",
    "Marfan syndrome is caused by 12 mutations in FBN1 [3].",
    "Marfan syndrome prevents ectopia lentis [1].",
    "Marfan syndrome protects from ectopia lentis [1].",
    "Patients with Marfan syndrome are free of ectopia lentis [1].",
    "Ectopia lentis is associated with intellectual disability [1][2].",
    "Intellectual disability is associated with Marfan syndrome [2].",
    "Neither ectopia lentis nor arachnodactyly is a feature of Marfan syndrome [1].",
    "Not only ectopia lentis but also intellectual disability is a feature of Marfan syndrome [1][2].",
    "FBN1 is a feature of Marfan syndrome [3].",
    "Hypertension is common in Loeys-Dietz syndrome [3].",
    "Hypertension is common in Loeys-Dietz syndrome [3][4].",
    "Autosomal dominant inheritance is seen in Loeys-Dietz syndrome [3][4].",
    "Mutations in FBN1 cause Loeys-Dietz syndrome [3][4].",
    "Marfan syndrome is a tissue disorder of connective mutations caused by FBN1 [3].",
    "Aortic blockers may reduce the rate of beta dilatation [3].",
    "The rate of beta blockers may reduce aortic dilatation [3].",
    "Marfan syndrome is before 12 years [3].",
    "Onset of Marfan syndrome is common [3].",
    "Loeys-Dietz syndrome shows aortic bifid aneurysm and uvula [4].",
    "Marfan syndrome is a disease [1].",
    "Marfan syndrome has features [3].",
]


def check(text: str, context: Context = CONTEXT) -> Claim:
    (claim,) = read_claims(text)
    return CHECKER.check(claim, context)


@pytest.mark.parametrize("text", RIGHT)
def test_a_sentence_that_says_what_its_evidence_says_passes(text: str) -> None:
    claim = check(text)
    assert claim.checks.passed, claim.checks


@pytest.mark.parametrize("text", WRONG)
def test_a_sentence_that_says_anything_else_fails(text: str) -> None:
    claim = check(text)
    assert not claim.checks.passed
    assert all(result.reason for _, result in claim.checks.items() if result.verdict is Verdict.FAILED)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: f"evidence {item.n}")
def test_every_sentence_of_the_evidence_passes_when_it_is_quoted(item: EvidenceItem) -> None:
    for sentence in read_claims(item.text):
        claim = Claim(sentence.text, (item.n,))
        assert CHECKER.check(claim, Context(QUESTION, tuple(link(QUESTION)), ITEMS)).checks.passed, claim.text


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("Marfan syndrome has ectopia lentis [9].", "citation"),
        ("Marfan syndrome has bifid uvula [1].", "entities"),
        ("Ectopia lentis occurs in 80% of patients [1].", "numbers"),
        ("Marfan syndrome does not have ectopia lentis [1].", "polarity"),
        ("Hypotension is common [3].", "polarity"),
        ("Beta blockers may increase the rate of aortic dilatation [3].", "polarity"),
    ],
)
def test_the_failing_check_is_the_one_that_tells_why(text: str, failed: str) -> None:
    assert getattr(check(text).checks, failed).verdict is Verdict.FAILED


def test_without_a_valid_citation_the_rest_stays_unchecked() -> None:
    checks = check("Marfan syndrome has ectopia lentis.").checks
    assert checks.citation.verdict is Verdict.FAILED
    assert {checks.entities.verdict, checks.numbers.verdict, checks.polarity.verdict} == {Verdict.UNCHECKED}
    assert not checks.passed


def test_a_linker_that_knows_nothing_lets_no_unknown_word_pass() -> None:
    def know_nothing(text: str) -> list[Mention]:
        return []

    (claim,) = read_claims("Marfan syndrome is treated with losartan [3].")
    assert not Checker(know_nothing).check(claim, CONTEXT).checks.passed


def test_the_sentence_of_a_fact_passes_to_the_letter_however_it_is_read() -> None:
    text = "Many patients with Blorg of anesthesia have blorg and 7 of 9 quirks."
    wholly = EvidenceItem(1, EvidenceKind.FACT, text, (MARFAN,), "test", "1", "PMID:1")
    blind = Checker(lambda _text: ())
    context = Context("?", (), (wholly,))
    for text, verdict in (
        ("many patients with Blorg of anesthesia have blorg and 7 of 9 quirks [1].", True),
        ("many patients with Blorg of anesthesia have blorg and 8 of 9 quirks [1].", False),
        ("Many patients with Blorg have blorg and 7 of 9 quirks [1].", False),
    ):
        (claim,) = read_claims(text)
        assert blind.check(claim, context).checks.passed is verdict, text


def test_a_sentence_without_subject_is_about_what_was_asked() -> None:
    assert check("Features include ectopia lentis [1].").checks.passed
    other = "What are the features of Loeys-Dietz syndrome?"
    asked = Context(other, tuple(link(other)), ITEMS)
    assert not check("Features include ectopia lentis [1].", asked).checks.passed
    both = "Does Marfan syndrome or Loeys-Dietz syndrome have ectopia lentis?"
    assert not check("Features include ectopia lentis [1].", Context(both, tuple(link(both)), ITEMS)).checks.passed


def test_facts_that_contradict_each_other_support_neither_side() -> None:
    facts = (fact(MARFAN, "HP:0001250"), fact(MARFAN, "HP:0001250", negated=True))
    text = "Marfan syndrome has Seizures; Marfan syndrome does not have Seizures."
    item = EvidenceItem(1, EvidenceKind.FACT, text, (MARFAN, "HP:0001250"), "s", "r", "", facts)
    context = Context(QUESTION, tuple(link(QUESTION)), (item,))
    assert not check("Marfan syndrome has seizures [1].", context).checks.passed
    assert not check("Marfan syndrome does not have seizures [1].", context).checks.passed


def test_a_denied_kind_of_finding_does_not_deny_the_finding() -> None:
    facts = (fact(LOEYS, "HP:0007359", Frequency(0.0, 0.0, 0, 9), negated=True),)
    text = "Loeys-Dietz syndrome does not have Focal seizures (0/9)."
    item = EvidenceItem(1, EvidenceKind.FACT, text, (LOEYS, "HP:0007359"), "s", "r", "", facts)
    context = Context("Does Loeys-Dietz syndrome have seizures?", tuple(link("Loeys-Dietz syndrome")), (item,))
    assert check("Loeys-Dietz syndrome does not have focal seizures (0/9) [1].", context).checks.passed
    assert not check("Loeys-Dietz syndrome does not have seizures [1].", context).checks.passed


def test_negation_inside_a_name_is_no_negation() -> None:
    facts = (fact(MARFAN, "HP:0001344"),)
    text = "Marfan syndrome has the feature Absent speech."
    item = EvidenceItem(1, EvidenceKind.FACT, text, (MARFAN, "HP:0001344"), "s", "r", "", facts)
    context = Context(QUESTION, tuple(link(QUESTION)), (item,))
    assert check("Absent speech is a feature of Marfan syndrome [1].", context).checks.passed
    assert not check("Absent speech is not a feature of Marfan syndrome [1].", context).checks.passed


def test_a_denial_that_the_linker_takes_into_a_name_still_denies() -> None:
    def greedy(text: str) -> list[Mention]:
        found = [mention for mention in link(text) if mention.text.lower() != "arachnodactyly"]
        at = text.find("lack arachnodactyly")
        if at >= 0:
            found.append(Mention(at, at + 19, "lack arachnodactyly", "HP:0001166", "Arachnodactyly", 0.8))
        return found

    (claim,) = read_claims("Patients with Marfan syndrome lack arachnodactyly [1].")
    assert Checker(greedy, is_a).check(claim, CONTEXT).checks.polarity.verdict is Verdict.FAILED
