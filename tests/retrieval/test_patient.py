"""Sex, age at onset and family in the score: what a disease says nothing of changes nothing."""

from dataclasses import replace
from typing import Any

import pytest

from kg import (
    Case,
    Category,
    Concept,
    Evidence,
    Fact,
    FamilyFinding,
    Finding,
    FindingStatus,
    Frequency,
    Name,
    NameKind,
    Predicate,
    Record,
    Sex,
    Snapshot,
)
from retrieval import DiseaseRanker, RankingSettings
from tests.made_graph import snapshot_of

ROOT, FIT = "HP:0000118", "HP:0001250"
EARLY, LATE, X_LINKED, Y_LINKED, RECESSIVE, DOMINANT, BARE = (f"MONDO:000010{n}" for n in range(7))
DISEASES = (EARLY, LATE, X_LINKED, Y_LINKED, RECESSIVE, DOMINANT, BARE)
MODES = {X_LINKED: "HP:0001419", Y_LINKED: "HP:0001450", RECESSIVE: "HP:0000007", DOMINANT: "HP:0000006"}
CONSANGUINITY = "ICD10CM:Z84.3"


def stated(subject: str, predicate: Predicate, target: str, cites: str = "PMID:2", **more: Any) -> Fact:
    return Fact(subject, predicate, target, (Evidence("hpoa", "1", subject, (cites,)),), **more)


def records() -> list[Record]:
    labels = {
        Category.PHENOTYPE: [ROOT, FIT, "HP:0003577", "HP:0003593", "HP:0003584"],
        Category.INHERITANCE: ["HP:0000005", *MODES.values()],
        Category.DISEASE: list(DISEASES),
        Category.OTHER: [CONSANGUINITY],
    }
    found: list[Record] = [
        Concept(curie, kind, (Name(f"name of {curie}", NameKind.LABEL),))
        for kind, all_ in labels.items()
        for curie in all_
    ]
    found += [stated(FIT, Predicate.SUBCLASS_OF, ROOT)]
    found += [stated(disease, Predicate.HAS_PHENOTYPE, FIT) for disease in DISEASES]
    found += [stated(disease, Predicate.HAS_INHERITANCE, mode) for disease, mode in MODES.items()]
    ten = Frequency(1.0, 1.0, 10, 10)
    found += [
        stated(EARLY, Predicate.HAS_CLINICAL_COURSE, "HP:0003593", "PMID:1", frequency=ten),
        stated(LATE, Predicate.HAS_CLINICAL_COURSE, "HP:0003584", frequency=ten),
    ]
    return found


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot_of(records(), tmp_path_factory.mktemp("patients"))


@pytest.fixture(scope="module")
def ranker(snapshot: Snapshot) -> DiseaseRanker:
    return DiseaseRanker.from_snapshot(snapshot)


def change(ranker: DiseaseRanker, *, withhold: tuple[str, ...] = (), **fields: Any) -> dict[str, float]:
    """How much each disease's score changes by what is told besides the findings."""
    finding = (Finding(FIT, FindingStatus.OBSERVED),)
    after, before = (ranker.scores(Case("a", finding, **told), withhold) for told in (fields, {}))
    return dict(zip(ranker.diseases, (after - before).tolist(), strict=True))


def test_sex_counts_where_inheritance_depends_on_it(ranker: DiseaseRanker) -> None:
    female, male = change(ranker, sex=Sex.FEMALE), change(ranker, sex=Sex.MALE)
    assert female[Y_LINKED] < female[X_LINKED] < -1
    assert 0 < male[X_LINKED] < male[Y_LINKED] < 0.7
    assert all(female[disease] == male[disease] == 0 for disease in (RECESSIVE, DOMINANT, BARE, EARLY))
    assert not any(change(ranker, sex=Sex.UNKNOWN).values())


def test_onset_speaks_for_what_begins_then(ranker: DiseaseRanker) -> None:
    infant, old = change(ranker, onset_years=0.5), change(ranker, onset_years=70.0)
    assert infant[EARLY] > 0 > infant[LATE]
    assert old[LATE] > 0 > old[EARLY]
    assert infant[BARE] == pytest.approx(0, abs=1e-6)


def test_an_age_says_that_the_disease_had_begun(ranker: DiseaseRanker) -> None:
    child, old = change(ranker, age_years=2.0), change(ranker, age_years=90.0)
    assert child[EARLY] > 0 > child[LATE]
    assert abs(old[LATE]) < 0.5
    assert change(ranker, age_years=2.0, onset_years=70.0)[LATE] > 0  # the onset itself is known better


def test_the_onset_of_a_finding_stands_for_that_of_the_disease(ranker: DiseaseRanker) -> None:
    told = (Finding(FIT, FindingStatus.OBSERVED, 70.0),)
    scores = dict(zip(ranker.diseases, ranker.scores(Case("a", told)).tolist(), strict=True))
    assert scores[LATE] > scores[EARLY]


def test_withheld_onsets_say_nothing(ranker: DiseaseRanker, snapshot: Snapshot) -> None:
    assert change(ranker, onset_years=0.5, withhold=("PMID:1",))[EARLY] == pytest.approx(0, abs=1e-6)
    (row,) = ranker.withheld_rows(("PMID:1",))
    assert snapshot.fact_at(row).subject == EARLY
    assert ranker.withheld_rows(()) == frozenset()


def test_the_family_suggests_a_mode(ranker: DiseaseRanker) -> None:
    told = change(ranker, inheritance=("HP:0000006",))
    assert told[DOMINANT] > 0 > told[RECESSIVE]
    assert told[BARE] == 0


def test_an_affected_parent_and_related_parents(ranker: DiseaseRanker) -> None:
    parent = change(ranker, family=(FamilyFinding(FIT, "mother"),))
    assert parent[DOMINANT] > 0 > parent[RECESSIVE]
    related = change(ranker, family=(FamilyFinding(CONSANGUINITY, None),))
    assert related[RECESSIVE] > 0 > related[DOMINANT]
    aunt = change(ranker, family=(FamilyFinding(FIT, "aunt"),))
    assert aunt[DOMINANT] == aunt[RECESSIVE] == 0


def test_a_relative_with_the_disease_itself(ranker: DiseaseRanker) -> None:
    told = change(ranker, family=(FamilyFinding(LATE, "aunt"),))
    assert told[LATE] > 2
    assert told[EARLY] == 0
    denied = change(ranker, family=(FamilyFinding(LATE, "aunt", FindingStatus.EXCLUDED),))
    assert denied[LATE] == 0


def test_what_is_told_of_the_patient_can_be_left_out(ranker: DiseaseRanker) -> None:
    settings = replace(RankingSettings(), sex_weight=0.0, onset_weight=0.0, family_weight=0.0)
    told = change(ranker.under(settings), sex=Sex.FEMALE, onset_years=0.5, inheritance=("HP:0000006",))
    assert not any(told.values())
