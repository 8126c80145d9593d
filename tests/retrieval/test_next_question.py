"""What to ask next: worth is expected information; nothing known, implied or alike is asked for."""

from dataclasses import replace
from math import log2
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kg import Case, Category, Concept, Evidence, Fact, Finding, FindingStatus, Frequency, Name, NameKind, Predicate
from kg.record import Record
from retrieval import Cost, DiseaseRanker, NothingToRank, QuestionPlanner, QuestionSettings
from retrieval.cost import Costs, cost_table
from retrieval.next_question import information
from retrieval.simulated_answers import Answering, AskedPatient
from tests.made_graph import snapshot_of

ROOT, NERVES, SEIZURE, FOCAL, HEART, MURMUR, EYE, LENS, MYOPIA, BLOOD, SHARED = (
    "HP:0000118", "HP:0000707", "HP:0001250", "HP:0007359", "HP:0001626", "HP:0030148", "HP:0000478", "HP:0001083",
    "HP:0000545", "HP:0001871", "HP:0001507",
)  # fmt: skip
PARENTS = {
    NERVES: ROOT, SEIZURE: NERVES, FOCAL: SEIZURE, HEART: ROOT, MURMUR: HEART, EYE: ROOT, LENS: EYE, MYOPIA: EYE,
    BLOOD: ROOT, SHARED: ROOT,
}  # fmt: skip
ONE, TWO, THREE = "MONDO:0000001", "MONDO:0000002", "MONDO:0000003"


def source(record: str) -> tuple[Evidence, ...]:
    return (Evidence("hpoa", "1", record, ("PMID:1",)),)


def shows(disease: str, finding: str, cases: int, patients: int = 20) -> Fact:
    share = Frequency(cases / patients, cases / patients, cases, patients)
    return Fact(disease, Predicate.HAS_PHENOTYPE, finding, source(disease), False, share)


def records() -> list[Record]:
    named = [(curie, Category.PHENOTYPE) for curie in (ROOT, *PARENTS)]
    named += [(curie, Category.DISEASE) for curie in (ONE, TWO, THREE)]
    concepts: list[Record] = [
        Concept(curie, category, (Name(f"name of {curie}", NameKind.LABEL),)) for curie, category in named
    ]
    concepts += [
        Fact(child, Predicate.SUBCLASS_OF, parent, (Evidence("test", "1", child),)) for child, parent in PARENTS.items()
    ]
    return [
        *concepts,
        *(shows(disease, SHARED, 19) for disease in (ONE, TWO, THREE)),
        shows(ONE, FOCAL, 18),
        shows(ONE, LENS, 10),
        shows(TWO, LENS, 18),
        shows(TWO, MYOPIA, 17),
        shows(TWO, MURMUR, 1),
        shows(THREE, BLOOD, 18),
    ]


@pytest.fixture(scope="module")
def ranker(tmp_path_factory: pytest.TempPathFactory) -> DiseaseRanker:
    return DiseaseRanker.from_snapshot(snapshot_of(records(), tmp_path_factory.mktemp("graph")))


@pytest.fixture(scope="module")
def planner(ranker: DiseaseRanker) -> QuestionPlanner:
    return QuestionPlanner(ranker._snapshot, ranker)


def case_of(*observed: str, excluded: tuple[str, ...] = ()) -> Case:
    findings = [Finding(curie, FindingStatus.OBSERVED) for curie in observed]
    return Case("c", (*findings, *(Finding(curie, FindingStatus.EXCLUDED) for curie in excluded)))


def asked(planner: QuestionPlanner, case: Case, **settings: Any) -> list[str]:
    return [item.finding for item in planner.outlook(case, 20, **settings).questions]


# --- worth -----------------------------------------------------------------------------------------------------------


def test_a_question_that_halves_the_candidates_is_worth_a_bit() -> None:
    prior = np.array([0.25, 0.25, 0.25, 0.25])
    halves, alike, one = np.array([1, 1, 0, 0.0]), np.array([0.7, 0.7, 0.7, 0.7]), np.array([1, 0, 0, 0.0])
    worth = information(prior, np.stack([halves, alike, one], axis=1))
    assert worth == pytest.approx([1.0, 0.0, -0.25 * log2(0.25) - 0.75 * log2(0.75)])


def test_worth_is_the_entropy_that_is_expected_to_go() -> None:
    rng = np.random.default_rng(0)
    prior, chance = rng.dirichlet(np.ones(6)), rng.random((6, 1))

    def entropy(shares: np.ndarray) -> float:
        return float(-(shares * np.log2(shares)).sum())

    yes = float(prior @ chance[:, 0])
    after = yes * entropy(prior * chance[:, 0] / yes) + (1 - yes) * entropy(prior * (1 - chance[:, 0]) / (1 - yes))
    assert information(prior, chance)[0] == pytest.approx(entropy(prior) - after)


# --- which are asked -------------------------------------------------------------------------------------------------


def test_the_most_telling_comes_first_and_what_all_share_last(planner: QuestionPlanner) -> None:
    questions = planner.outlook(case_of(LENS), 20).questions
    bits = [item.bits for item in questions]
    assert bits == sorted(bits, reverse=True)
    assert questions[0].finding in (FOCAL, MYOPIA)
    assert {SHARED, MURMUR}.isdisjoint(item.finding for item in questions)  # what all have; what myopia tells better


def test_what_is_known_or_implied_is_not_asked_for(planner: QuestionPlanner) -> None:
    assert FOCAL not in asked(planner, case_of(LENS, FOCAL))
    assert FOCAL not in asked(planner, case_of(LENS, excluded=(SEIZURE,)))
    assert FOCAL in asked(planner, case_of(LENS, SEIZURE))  # what kind of seizure is still open
    assert FOCAL not in asked(planner, case_of(LENS), skip=[FOCAL])


def test_of_findings_that_tell_the_same_one_is_asked_for(tmp_path: Path) -> None:
    twins = [shows(TWO, EYE, 17), *(fact for fact in records() if not (isinstance(fact, Fact) and fact.object == LENS))]
    snapshot = snapshot_of(twins, tmp_path)
    planner = QuestionPlanner(snapshot, DiseaseRanker.from_snapshot(snapshot))
    chosen = asked(planner, case_of(SHARED))
    assert len({EYE, MYOPIA} & set(chosen)) == 1


def test_only_of_some_costs(planner: QuestionPlanner) -> None:
    assert asked(planner, case_of(LENS), costs=[Cost.HISTORY]) == [FOCAL]
    assert BLOOD in asked(planner, case_of(LENS), costs=[Cost.LABORATORY])


def test_a_question_says_what_it_separates_and_by_which_facts(planner: QuestionPlanner, ranker: DiseaseRanker) -> None:
    (question,) = (item for item in planner.outlook(case_of(LENS), 20).questions if item.finding == MYOPIA)
    assert [item.disease for item in question.raises] == [TWO]
    assert {item.disease for item in question.lowers} == {ONE, THREE}
    (raised,) = question.raises
    assert raised.frequency == pytest.approx(18 / 22)  # 17 of 20, drawn towards a half
    assert ranker._snapshot.fact_at(raised.fact_rows[0]).object == MYOPIA
    assert raised.if_yes > 1 > raised.if_no
    assert all(item.if_yes < 1 < item.if_no and item.fact_rows == () for item in question.lowers)


def test_the_facts_of_something_more_specific_stand_for_it(planner: QuestionPlanner) -> None:
    assert planner._rows(0, list(planner._ranker.index.axes.terms).index(planner._snapshot.position(SEIZURE))) != ()


def test_withheld_annotations_are_not_known(planner: QuestionPlanner) -> None:
    assert asked(planner, case_of(LENS), withhold=["PMID:1"]) == []


def test_a_case_without_findings_cannot_be_asked_about(planner: QuestionPlanner) -> None:
    with pytest.raises(NothingToRank):
        planner.outlook(Case("c", ()))


# --- when it is over -------------------------------------------------------------------------------------------------


def test_asking_ends_by_itself(planner: QuestionPlanner, ranker: DiseaseRanker) -> None:
    outlook = planner.outlook(case_of(LENS))
    assert planner.is_over(outlook, 0) is None
    assert "20 questions" in str(planner.is_over(outlook, 20))
    assert "no further question" in str(planner.is_over(replace(outlook, questions=()), 0))
    assert "probability of 95%" in str(planner.is_over(replace(outlook, leader_probability=0.95), 0))
    strict = QuestionPlanner(ranker._snapshot, ranker, QuestionSettings(least_bits=0.99))
    assert "no further question" in str(strict.is_over(strict.outlook(case_of(LENS)), 0))


def test_each_answer_narrows_the_field(planner: QuestionPlanner) -> None:
    before = planner.outlook(case_of(LENS))
    myopic = Case("c", (*case_of(LENS).findings, Finding(MYOPIA, FindingStatus.OBSERVED, asked=True)))
    after = planner.outlook(myopic)
    assert after.leader == TWO
    assert after.entropy_bits < before.entropy_bits


# --- answers in the ranking ------------------------------------------------------------------------------------------


def test_a_no_to_a_question_speaks_against_whoever_has_it(ranker: DiseaseRanker) -> None:
    no = Finding(MYOPIA, FindingStatus.EXCLUDED, asked=True)
    before, after = ranker.scores(case_of(LENS)), ranker.scores(Case("c", (*case_of(LENS).findings, no)))
    change = dict(zip(ranker.diseases, after - before, strict=True))
    assert change[TWO] < -0.5
    assert change[ONE] > 0
    assert change[ONE] == pytest.approx(change[THREE])
    explained = ranker.contributions(Case("c", (*case_of(LENS).findings, no)), TWO)
    assert sum(item.log_ratio for item in explained) == pytest.approx(after[ranker.diseases.index(TWO)], abs=1e-4)
    (denied,) = (item for item in explained if item.finding == MYOPIA)
    assert denied.matched == MYOPIA


def test_a_no_with_annotations_withheld_says_nothing(ranker: DiseaseRanker) -> None:
    no = Finding(MYOPIA, FindingStatus.EXCLUDED, asked=True)
    told, with_no = (
        ranker.scores(Case("c", findings), ["PMID:1"])
        for findings in (case_of(LENS).findings, (*case_of(LENS).findings, no))
    )
    assert with_no - told == pytest.approx([with_no[0] - told[0]] * len(told))


def test_an_exclusion_that_the_record_tells_stays_one_when_it_is_asked_for_again() -> None:
    told = Finding(MYOPIA, FindingStatus.EXCLUDED)
    assert Case("c", (told, replace(told, asked=True))).denied == ()
    assert Case("c", (replace(told, asked=True),)).denied == (MYOPIA,)


# --- costs and simulated patients ------------------------------------------------------------------------------------


def test_the_cost_is_that_of_the_nearest_branch(ranker: DiseaseRanker) -> None:
    costs = Costs(ranker._snapshot)
    of = {curie: costs.of(ranker._snapshot.position(curie)) for curie in (ROOT, FOCAL, LENS, BLOOD, MURMUR, HEART)}
    assert of == {
        ROOT: Cost.EXAMINATION,
        FOCAL: Cost.HISTORY,
        LENS: Cost.EXAMINATION,
        BLOOD: Cost.LABORATORY,
        MURMUR: Cost.EXAMINATION,
        HEART: Cost.IMAGING,
    }
    assert cost_table()[SEIZURE].is_question
    assert not cost_table()[BLOOD].is_question


def test_simulated_patients_answer_the_same_each_time() -> None:
    patient = AskedPatient(case_of(LENS), TWO, frozenset({MYOPIA}), Answering(3, 0.0, 0.0), 7)
    assert patient.answer(MYOPIA) is FindingStatus.OBSERVED
    assert patient.answer(BLOOD) is FindingStatus.EXCLUDED
    unsure = replace(patient, answering=Answering(3, 0.3, 0.3))
    answers = [unsure.answer(f"HP:{n:07}") for n in range(300)]
    assert answers == [unsure.answer(f"HP:{n:07}") for n in range(300)]
    assert {None, FindingStatus.OBSERVED, FindingStatus.EXCLUDED} == set(answers)
