"""Values that cannot be wrong once they are built: CURIEs, IRIs, frequencies, facts, cases."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg import (
    PREFIXES,
    Case,
    Concept,
    Evidence,
    Fact,
    Finding,
    FindingStatus,
    Frequency,
    MalformedCurie,
    MalformedFrequency,
    Name,
    NameKind,
    Predicate,
    check_curie,
    curie_of,
    iri_of,
    parse_frequency,
    prefix_of,
)
from kg.concept import Category
from kg.fact import FREQUENCY_BANDS

EVIDENCE = (Evidence("hpoa", "2025", "OMIM:154700"),)


@pytest.mark.parametrize("text", ["", "HP", "HP:", ":1", "HP 1", "HP:1 2", "HP:1\n", "http://x/y", "1HP:2", "HP:a/b"])
def test_what_is_no_curie(text: str) -> None:
    with pytest.raises(MalformedCurie):
        check_curie(text)


@given(st.sampled_from(sorted(PREFIXES)), st.from_regex(r"[A-Za-z0-9]{1,12}", fullmatch=True))
def test_curies_and_iris_are_each_others_inverse(prefix: str, local: str) -> None:
    curie = f"{prefix}:{local}"
    assert prefix_of(check_curie(curie)) == prefix
    assert curie_of(iri_of(curie)) == curie


def test_prefixes_without_a_stem_resolve_through_the_bioregistry() -> None:
    assert iri_of("NOSUCH:1") == "https://bioregistry.io/NOSUCH:1"
    assert curie_of("https://bioregistry.io/NOSUCH:1") == "NOSUCH:1"


@pytest.mark.parametrize("text", ["NOSUCH", ":1", ""])
def test_what_has_no_prefix_has_no_iri(text: str) -> None:
    with pytest.raises(MalformedCurie):
        iri_of(text)


def test_unknown_stems_have_no_translation() -> None:
    with pytest.raises(MalformedCurie):
        curie_of("http://example.org/1")


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_fractions(numerator: int, denominator: int) -> None:
    text = f"{numerator}/{denominator}"
    if numerator > denominator:
        with pytest.raises(MalformedFrequency):
            parse_frequency(text)
        return
    frequency = parse_frequency(text)
    assert frequency is not None
    assert (frequency.numerator, frequency.denominator) == (numerator, denominator)
    assert frequency.low == frequency.high == numerator / denominator
    assert str(frequency) == text
    assert frequency.band is None


@given(st.decimals(0, 100, places=2))
def test_percentages(percent: object) -> None:
    frequency = parse_frequency(f"{percent}%")
    assert frequency is not None
    assert frequency.low == frequency.high == pytest.approx(float(str(percent)) / 100)
    assert frequency.denominator is None


@pytest.mark.parametrize("text", ["5-29%", "5%-29%", " 5-29 % "])
def test_ranges_of_percent(text: str) -> None:
    assert parse_frequency(text) == Frequency(0.05, 0.29)


@pytest.mark.parametrize(("term", "span"), FREQUENCY_BANDS.items())
def test_bands_are_recognised_again(term: str, span: tuple[float, float]) -> None:
    frequency = parse_frequency(term)
    assert frequency is not None
    assert (frequency.low, frequency.high) == span
    assert frequency.band == term


@given(st.text(max_size=12))
@example("1/0")
@example("4 5%")
@example("60-50%")
@example("101%")
@example("45")
@example("-3%")
@example("HP:0001250")
def test_any_text_is_a_frequency_nothing_or_refused(text: str) -> None:
    try:
        frequency = parse_frequency(text)
    except MalformedFrequency:
        return
    assert (frequency is None) == (not text.strip())
    assert frequency is None or 0 <= frequency.low <= frequency.high <= 1


@pytest.mark.parametrize("text", ["1/0", "4 5%", "60-50%", "101%", "45", "-3%", "HP:0001250", "many"])
def test_what_is_no_frequency(text: str) -> None:
    with pytest.raises(MalformedFrequency, match=re.escape(repr(text))):
        parse_frequency(text)


@pytest.mark.parametrize(
    ("low", "high", "numerator", "denominator"), [(0.5, 0.4, None, None), (-0.1, 1, None, None), (0.5, 0.5, 1, None)]
)
def test_impossible_frequencies_cannot_be_built(
    low: float, high: float, numerator: int | None, denominator: int | None
) -> None:
    with pytest.raises(ValueError, match="frequency"):
        Frequency(low, high, numerator, denominator)


def test_a_fact_needs_evidence_and_a_sign_that_fits_its_frequency() -> None:
    with pytest.raises(ValueError, match="no evidence"):
        Fact("OMIM:1", Predicate.HAS_PHENOTYPE, "HP:1", ())
    with pytest.raises(ValueError, match="must be negated"):
        Fact("OMIM:1", Predicate.HAS_PHENOTYPE, "HP:1", EVIDENCE, frequency=Frequency(0, 0))
    with pytest.raises(MalformedCurie):
        Fact("nothing", Predicate.HAS_PHENOTYPE, "HP:1", EVIDENCE)


def test_a_concept_needs_its_label_first() -> None:
    with pytest.raises(ValueError, match="label"):
        Concept("HP:1", Category.PHENOTYPE, (Name("x", NameKind.EXACT),))


def test_a_case_keeps_observed_and_excluded_findings_apart() -> None:
    findings = [Finding("HP:1", FindingStatus.OBSERVED), Finding("HP:2", FindingStatus.EXCLUDED)]
    case = Case("x", (*findings, findings[0]))
    assert case.observed == ("HP:1",)
    assert case.excluded == ("HP:2",)
