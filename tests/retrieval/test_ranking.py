"""Ranking diseases over a small graph whose right answers can be worked out by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kg import (
    Case,
    Category,
    Concept,
    Description,
    Evidence,
    Fact,
    Finding,
    FindingStatus,
    Frequency,
    Name,
    NameKind,
    Predicate,
    Snapshot,
)
from kg.record import Match, Record
from retrieval import DiseaseRanker, FindingRelation, NothingToRank, RankedDisease
from retrieval.errors import RankingIndexDamaged
from retrieval.ranking_index import build_index
from retrieval.ranking_settings import Exclusion, RankingSettings
from retrieval.withholding import withhold
from tests.made_graph import snapshot_of

ROOT, SEIZURE, FOCAL, CLONIC, HEART, LENS, TALL, RASH, OLD_RASH = (
    "HP:0000118", "HP:0001250", "HP:0007359", "HP:0002266", "HP:0001626", "HP:0001083", "HP:0000098", "HP:0000988",
    "HP:0009999",
)  # fmt: skip
EPILEPSY, EPILEPSY_KIND, MARFAN, LOEYS, POX, FRESH = (
    "MONDO:0005027", "MONDO:0005028", "MONDO:0007947", "MONDO:0018954", "MONDO:0000101", "MONDO:0000102",
)  # fmt: skip
PARENTS = {SEIZURE: ROOT, FOCAL: SEIZURE, CLONIC: FOCAL, HEART: ROOT, LENS: ROOT, TALL: ROOT, RASH: ROOT}
OWN, OTHER = "PMID:1", "PMID:2"


def annotation(
    disease: str, finding: str, share: Frequency | None = None, *, cites: str = OTHER, negated: bool = False
) -> Fact:
    return Fact(disease, Predicate.HAS_PHENOTYPE, finding, (Evidence("hpoa", "1", disease, (cites,)),), negated, share)


def counted(cases: int, patients: int) -> Frequency:
    return Frequency(cases / patients, cases / patients, cases, patients)


def is_a(child: str, parent: str) -> Fact:
    return Fact(child, Predicate.SUBCLASS_OF, parent, (Evidence("test", "1", child),))


def gene(symbol: str, disease: str) -> Fact:
    return Fact(symbol, Predicate.GENE_OF_DISEASE, disease, (Evidence("test", "1", disease),))


def records() -> list[Record]:
    found: list[Record] = [
        Concept(curie, Category.PHENOTYPE, (Name(label, NameKind.LABEL),), equivalents=(OLD_RASH,) * (curie == RASH))
        for curie, label in (
            (ROOT, "Phenotypic abnormality"),
            (SEIZURE, "Seizure"),
            (FOCAL, "Focal seizure"),
            (CLONIC, "Clonic seizure"),
            (HEART, "Heart defect"),
            (LENS, "Ectopia lentis"),
            (TALL, "Tall stature"),
            (RASH, "Skin rash"),
        )
    ]
    found += [
        Concept(curie, Category.DISEASE, (Name(label, NameKind.LABEL),))
        for curie, label in (
            (EPILEPSY, "epilepsy"),
            (EPILEPSY_KIND, "epilepsy of a rare kind"),
            (MARFAN, "Marfan syndrome"),
            (LOEYS, "Loeys-Dietz syndrome"),
            (POX, "pox"),
            (FRESH, "new syndrome"),
            ("OMIM:154700", "MARFAN SYNDROME"),
        )
    ]
    found += [Concept("HGNC:1", Category.GENE, (Name("GENE1", NameKind.LABEL),))]
    found += [is_a(child, parent) for child, parent in PARENTS.items()]
    found += [is_a(EPILEPSY_KIND, EPILEPSY), Match(MARFAN, "OMIM:154700", "test", "1")]
    found += [
        annotation(EPILEPSY, FOCAL, counted(9, 10)),
        annotation(EPILEPSY_KIND, CLONIC, counted(2, 4)),
        annotation(MARFAN, LENS, counted(6, 10)),
        annotation("OMIM:154700", TALL, Frequency(0.8, 0.99)),
        annotation(MARFAN, SEIZURE, counted(0, 20), negated=True),
        annotation(LOEYS, HEART, counted(19, 20)),
        annotation(LOEYS, TALL),
        annotation(POX, RASH, counted(10, 10)),
        annotation(FRESH, LENS, counted(3, 3), cites=OWN),
        annotation(FRESH, HEART, counted(3, 3), cites=OWN),
        annotation(FRESH, TALL, counted(1, 3)),
        gene("HGNC:1", LOEYS),
        gene("HGNC:1", POX),
        Description(POX, "pox", "An infection with ectopia lentis but without tall stature.", "d", "test", "1", "x"),
    ]
    return found


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot_of(records(), tmp_path_factory.mktemp("snapshot"))


@pytest.fixture(scope="module")
def ranker(snapshot: Snapshot) -> DiseaseRanker:
    return DiseaseRanker.from_snapshot(snapshot)


def case(*observed: str, excluded: tuple[str, ...] = (), publications: tuple[str, ...] = ()) -> Case:
    findings = [Finding(curie, FindingStatus.OBSERVED) for curie in observed]
    findings += [Finding(curie, FindingStatus.EXCLUDED) for curie in excluded]
    return Case("case 1", tuple(findings), publications=publications)


def order(ranked: tuple[RankedDisease, ...]) -> list[str]:
    return [entry.disease for entry in ranked]


def test_the_disease_that_explains_the_findings_is_first(ranker: DiseaseRanker) -> None:
    assert order(ranker.rank(case(LENS, TALL)).diseases)[0] == MARFAN
    assert order(ranker.rank(case(RASH)).diseases)[0] == POX


def test_each_fused_concept_is_ranked_once_and_probabilities_sum_to_one(ranker: DiseaseRanker) -> None:
    ranking = ranker.rank(case(SEIZURE), top=None)
    assert ranking.compared == 6
    assert sorted(order(ranking.diseases)) == sorted(ranker.diseases)
    assert "OMIM:154700" not in ranker.diseases
    assert sum(entry.probability for entry in ranking.diseases) == pytest.approx(1)
    assert [entry.rank for entry in ranking.diseases] == list(range(1, 7))


def test_equal_scores_are_ordered_by_identifier(ranker: DiseaseRanker) -> None:
    exact = replace(RankingSettings(), length_weight=0.0, relatives_share=0.0, level_decay=1000.0)
    ranking = ranker.under(exact).rank(case(RASH), top=None)
    tied = order(ranking.diseases)[1:]
    assert len({entry.score for entry in ranking.diseases[1:]}) == 1
    assert tied == sorted(tied)


def test_general_and_specific_findings_meet(ranker: DiseaseRanker) -> None:
    general = {item.disease: item for item in ranker.rank(case(SEIZURE), explain=6).diseases}
    assert general[EPILEPSY].contributions[0].relation is FindingRelation.ANNOTATION_MORE_SPECIFIC
    specific = {item.disease: item for item in ranker.rank(case(CLONIC), explain=6).diseases}
    assert specific[EPILEPSY].contributions[0].relation is FindingRelation.ANNOTATION_MORE_GENERAL
    assert specific[EPILEPSY_KIND].contributions[0].relation is FindingRelation.EXACT
    assert specific[EPILEPSY].score > specific[POX].score


def test_contributions_sum_to_the_score_and_name_the_facts(ranker: DiseaseRanker, snapshot: Snapshot) -> None:
    patient = case(LENS, TALL, RASH, excluded=(SEIZURE, HEART))
    for entry in ranker.rank(patient, top=None, explain=6).diseases:
        assert sum(item.log_ratio for item in entry.contributions) == pytest.approx(entry.score, abs=1e-4)
        for row in (row for item in entry.contributions for row in item.fact_rows):
            assert snapshot.fact_at(row).subject == entry.disease
    tall = next(item for item in ranker.contributions(patient, MARFAN) if item.finding == TALL)
    assert [snapshot.fact_at(row).evidence[0].record for row in tall.fact_rows] == ["OMIM:154700"]
    assert tall.matched == TALL
    assert tall.frequency == pytest.approx((10 * 0.895 + 1) / 12, abs=1e-3)


def test_contributions_of_a_disease_that_is_not_ranked_are_empty(ranker: DiseaseRanker) -> None:
    assert ranker.contributions(case(LENS), "MONDO:9999999") == ()


def test_a_silent_finding_costs_no_more_than_the_bound(ranker: DiseaseRanker) -> None:
    settings = RankingSettings()
    silent = ranker.contributions(case(RASH), MARFAN)[0]
    assert silent.relation is FindingRelation.SILENT
    assert silent.fact_rows == ()
    assert silent.log_ratio >= np.log(settings.silent_share) - settings.length_weight * 2


def test_what_a_description_names_counts_without_a_fact(ranker: DiseaseRanker) -> None:
    named = ranker.contributions(case(LENS), POX)[0]
    assert (named.relation, named.matched, named.fact_rows) == (FindingRelation.EXACT, LENS, ())
    assert ranker.contributions(case(TALL), POX)[0].relation is not FindingRelation.EXACT


def test_a_relative_lends_what_a_disease_is_silent_about(ranker: DiseaseRanker) -> None:
    alone = ranker.under(replace(RankingSettings(), relatives_share=0.0))
    patient = case(HEART)
    assert ranker.contributions(patient, POX)[0].log_ratio > alone.contributions(patient, POX)[0].log_ratio


def test_an_excluded_finding_lowers_the_disease_that_always_has_it(ranker: DiseaseRanker) -> None:
    with_exclusion = {e.disease: e for e in ranker.rank(case(TALL, excluded=(HEART,)), explain=6).diseases}
    parts = [item for item in with_exclusion[LOEYS].contributions if item.status is FindingStatus.EXCLUDED]
    assert [item.relation for item in parts] == [FindingRelation.EXCLUDED, FindingRelation.LOOKED_FOR]
    assert parts[0].log_ratio < -1
    strict = ranker.under(
        replace(RankingSettings(), exclusion=Exclusion.ABSENCE, looked_for_share=1.0, excluded_weight=1.0)
    )
    before, after = strict.rank(case(TALL)), strict.rank(case(TALL, excluded=(HEART,)))
    lowered, same = before.find(LOEYS), after.find(LOEYS)
    assert lowered is not None
    assert same is not None
    assert same.probability < lowered.probability


def test_absence_never_raises_a_disease(ranker: DiseaseRanker) -> None:
    for disease in ranker.diseases:
        for item in ranker.contributions(case(LENS, excluded=(SEIZURE, HEART, TALL)), disease):
            assert item.relation is not FindingRelation.EXCLUDED or item.log_ratio <= 0


def test_the_absence_of_a_key_finding_never_speaks_for_a_disease(ranker: DiseaseRanker) -> None:
    for disease, key in ((LOEYS, HEART), (POX, RASH)):  # 19 of 20 and 10 of 10 patients
        (penalty, habit) = ranker.contributions(case(TALL, excluded=(key,)), disease)[1:]
        assert penalty.log_ratio < -1
        assert habit.log_ratio == pytest.approx(0, abs=1e-4)
    lenient = ranker.under(replace(RankingSettings(), key_frequency=9.0))
    assert lenient.contributions(case(TALL, excluded=(RASH,)), POX)[2].log_ratio > 0


def test_probabilities_of_many_findings_are_less_sharp_than_their_scores(ranker: DiseaseRanker) -> None:
    settings = RankingSettings()
    assert settings.temperature_of(0) == settings.temperature_of(1) < settings.temperature_of(9)
    assert ranker.temperature(case(LENS, TALL)) == settings.temperature_of(2)
    assert ranker.rank(case(LENS, TALL)).temperature == settings.temperature_of(2)


def test_a_case_that_tells_more_is_said_to_tell_more(ranker: DiseaseRanker) -> None:
    vague, clear = ranker.rank(case(excluded=(HEART,))).sufficiency, ranker.rank(case(LENS, TALL, RASH)).sufficiency
    assert vague is not None
    assert clear is not None
    assert 0 <= vague.removed < clear.removed <= 1
    assert vague.alternatives > clear.alternatives >= 1
    assert clear.in_first_ten == pytest.approx(1)


def test_only_excluded_findings_give_a_wide_ranking(ranker: DiseaseRanker) -> None:
    ranking = ranker.rank(case(excluded=(HEART,)))
    assert len(ranking.diseases) == 6
    assert ranking.diseases[0].probability < 0.5


def test_withholding_hides_annotations_that_cite_nothing_else(ranker: DiseaseRanker) -> None:
    patient = case(LENS, HEART)
    assert order(ranker.rank(patient).diseases)[0] == FRESH
    hidden = ranker.rank(patient, withhold=(OWN,), explain=6)
    assert order(hidden.diseases)[0] != FRESH
    fresh = hidden.find(FRESH)
    assert fresh is not None
    assert all(item.fact_rows == () for item in fresh.contributions)
    assert ranker.rank(patient, withhold=("PMID:404",)) == ranker.rank(patient)


def test_withholding_leaves_the_profiles_of_a_graph_without_those_rows(snapshot: Snapshot, tmp_path: Path) -> None:
    whole = build_index(snapshot)
    amended = withhold(whole, snapshot.columns, (OWN,))
    assert amended is not None
    kept = [record for record in records() if not (isinstance(record, Fact) and record.references == (OWN,))]
    reduced = build_index(snapshot_of(kept, tmp_path))
    fresh = [snapshot.curie_at(int(position)) for position in reduced.axes.diseases].index(FRESH)
    assert [snapshot.curie_at(int(whole.axes.diseases[index])) for index in amended.diseases] == [FRESH]
    np.testing.assert_allclose(amended.stated.toarray()[0], reduced.stated.toarray()[fresh])
    np.testing.assert_allclose(amended.present[0], reduced.present_by_term.toarray()[:, fresh])
    np.testing.assert_allclose(amended.spectrum[0], reduced.spectrum_by_term.toarray()[:, fresh])


def test_withholding_passes_changes_on_to_relatives(ranker: DiseaseRanker) -> None:
    patient = case(HEART)
    before = ranker.scores(patient)[ranker.diseases.index(POX)]
    after = ranker.scores(patient, withhold=(OTHER,))[ranker.diseases.index(POX)]
    assert after < before


def test_an_obsolete_identifier_follows_its_replacement(ranker: DiseaseRanker) -> None:
    assert ranker.rank(case(OLD_RASH)) == ranker.rank(case(RASH))
    assert ranker.rank(case(OLD_RASH, RASH)) == ranker.rank(case(RASH))


@pytest.mark.parametrize("findings", [(), ("HP:7777777",), (MARFAN,)])
def test_a_case_without_known_findings_is_refused(ranker: DiseaseRanker, findings: tuple[str, ...]) -> None:
    with pytest.raises(NothingToRank, match="case 1 has no finding"):
        ranker.rank(case(*findings))


def test_a_graph_without_diseases_ranks_nothing(tmp_path: Path) -> None:
    phenotypes = [r for r in records() if isinstance(r, Concept) and r.category is Category.PHENOTYPE]
    hierarchy = [is_a(child, parent) for child, parent in PARENTS.items()]
    empty = DiseaseRanker.from_snapshot(snapshot_of([*phenotypes, *hierarchy], tmp_path))
    assert empty.rank(case(SEIZURE)).diseases == ()


def test_a_written_index_ranks_the_same(snapshot: Snapshot, ranker: DiseaseRanker, tmp_path: Path) -> None:
    folder = tmp_path / "ranking"
    DiseaseRanker.build(snapshot, folder)
    DiseaseRanker.build(snapshot, folder)
    assert [path.name for path in tmp_path.iterdir()] == ["ranking"]
    opened = DiseaseRanker.open(snapshot, folder)
    patient = case(LENS, TALL, excluded=(SEIZURE,))
    assert opened.rank(patient, explain=3) == ranker.rank(patient, explain=3)


def test_a_damaged_or_foreign_index_is_refused(snapshot: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(RankingIndexDamaged, match="kg build"):
        DiseaseRanker.open(snapshot, tmp_path / "none")
    folder = tmp_path / "ranking"
    DiseaseRanker.build(snapshot, folder)
    with pytest.raises(RankingIndexDamaged, match="other settings"):
        DiseaseRanker.open(snapshot, folder, RankingSettings(band_patients=3.0))
    (folder / "relatives-data.npy").write_bytes(b"")
    with pytest.raises(RankingIndexDamaged):
        DiseaseRanker.open(snapshot, folder)
