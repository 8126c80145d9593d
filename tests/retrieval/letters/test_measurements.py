"""Values become findings: by printed range, flag or table, for age and sex, in any unit; and slips say nothing."""

import os
from itertools import pairwise
from pathlib import Path

import pytest
import spacy
from spacy.vocab import Vocab

from kg import Category, Sex, open_snapshot
from retrieval.measurements import MeasurementFinder, Patient, read_table
from retrieval.measurements.reading import number_of
from retrieval.pipeline import Reader
from retrieval.tokenizer import ClinicalTokenizer

ANAEMIA, POLY = "HP:0001903", "HP:0001900"
LOW_NA, HIGH_NA, LOW_K, HIGH_K = "HP:0002902", "HP:0003228", "HP:0002900", "HP:0002153"
FEVER, COLD, SHORT, TALL, SMALL_HEAD = "HP:0001945", "HP:0002045", "HP:0004322", "HP:0000098", "HP:0000252"

Findings = list[tuple[str, bool]]


@pytest.fixture(scope="module")
def vocab() -> Vocab:
    return spacy.blank("en").vocab


@pytest.fixture(scope="module")
def finder(vocab: Vocab) -> MeasurementFinder:
    return MeasurementFinder(vocab)


def found(finder: MeasurementFinder, vocab: Vocab, text: str, age: float | None, sex: Sex) -> Findings:
    doc = ClinicalTokenizer(vocab)(text)
    return [(m.finding, m.absent) for m in finder.find(doc, lambda: Patient(age, sex))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hb 7.2 g/dl", [(ANAEMIA, False)]),
        ("haemoglobin was 72 g/L", [(ANAEMIA, False)]),
        ("hemoglobin dropped from 12.1 to 7,2 g/dL", [(ANAEMIA, False)]),
        ("Hb 13.1", [(ANAEMIA, True), (POLY, True)]),
        ("Na 128 (135-145)", [(LOW_NA, False)]),
        ("Sodium 140 mmol/l (135-145 mmol/l), potassium 2.8", [(LOW_NA, True), (HIGH_NA, True), (LOW_K, False)]),
        ("Na 134 (130-145)", [(LOW_NA, True), (HIGH_NA, True)]),  # the printed range comes before the table
        ("K 5.6 H", [(HIGH_K, False)]),
        ("Hemoglobin | 7.2 | g/dL | 12-16", [(ANAEMIA, False)]),
        ("Sodium\t128\tmmol/L\t135-145", [(LOW_NA, False)]),
        ("platelets 12 x 10^9/L", [("HP:0001873", False)]),
        ("Platelets 12,000/µL", [("HP:0001873", False)]),
        ("platelet count of 350 × 10⁹/L", [("HP:0001873", True), ("HP:0001894", True)]),
        ("CK 5,400 U/L (normal <170)", [("HP:0003236", False)]),
        ("BP 160/95 mmHg", [("HP:0004421", False), ("HP:0005117", False)]),
        ("blood pressure 118/76", [("HP:0002615", True), ("HP:0004421", True), ("HP:0005117", True)]),
        ("temperature of 101.3 F", [(FEVER, False)]),
        ("T 39.2 °C", [(FEVER, False)]),
        ("Temp 36.8", [(COLD, True), (FEVER, True)]),
        ("SpO2 86% on air", [("HP:0012418", False)]),
        ("SpO2 93%", []),  # between
        ("BMI 34 kg/m2", [("HP:0001513", False)]),
        ("BMI 27", [("HP:0025502", False)]),
        ("ferritin > 1000 ng/ml", [("HP:0003281", False)]),
        ("CRP <5 mg/l", [("HP:0011227", True)]),
        ("CSF glucose 20 mg/dl", [("HP:0011972", False)]),
        ("glucose 320 mg/dl", [("HP:0003074", False)]),
        ("TSH 12.3 mIU/L", [("HP:0002925", False)]),
        ("ammonia 320 µmol/l", [("HP:0001987", False)]),
        ("height 92 cm (below the 3rd centile)", [(SHORT, False)]),
        ("weight and height were < 3rd percentile", [("HP:0004325", False), (SHORT, False)]),
        ("head circumference -3.2 SD", [(SMALL_HEAD, False)]),
        ("OFC was 2.5 SD below the mean", [(SMALL_HEAD, False)]),
        ("height z-score of -2.8", [(SHORT, False)]),
        ("height +2.6 SDS", [(TALL, False)]),
        ("height at the 50th centile", [(SHORT, True), (TALL, True)]),
        ("below the 3rd centile for height", [(SHORT, False)]),
        ("height between the 10th and 25th centile", [(SHORT, True), (TALL, True)]),
        ("birth weight at the 5th centile", [("HP:0001518", False)]),
        # nothing follows from these
        ("Hb 720 g/dl", []),
        ("Hb 7.2 mmHg", []),
        ("potassium 20 mEq daily", []),
        ("calcium 500 mg twice daily", []),
        ("vitamin D 1000 IU", []),
        ("urine sodium 10 mmol/l", []),
        ("CA 19-9 of 45", []),
        ("motor strength 5/5, pulse 2+", []),
        ("femur length below the 3rd centile", []),
        ("height at the 3rd centile", []),
        ("haemoglobin was measured", []),
        ("platelets 2 units", []),
        ("Na 145-135", []),
        ("BP 80/120", []),
    ],
)
def test_a_woman_of_forty(finder: MeasurementFinder, vocab: Vocab, text: str, expected: Findings) -> None:
    assert found(finder, vocab, text, 40.0, Sex.FEMALE) == expected


@pytest.mark.parametrize(
    ("text", "age", "sex", "expected"),
    [
        ("Hb 12.5 g/dl", 40.0, Sex.MALE, [(ANAEMIA, False)]),
        ("Hb 12.5 g/dl", 40.0, Sex.UNKNOWN, [(ANAEMIA, True), (POLY, True)]),  # the widest of both ranges
        ("Hb 11.2 g/dl", 3.0, Sex.FEMALE, [(ANAEMIA, True)]),
        ("Hb 11.2 g/dl", None, Sex.FEMALE, [(ANAEMIA, False)]),
        ("heart rate 150 bpm", 0.1, Sex.MALE, [("HP:0001662", True), ("HP:0001649", True)]),
        ("heart rate 150 bpm", 30.0, Sex.MALE, [("HP:0001649", False)]),
        ("respiratory rate 45", 0.2, Sex.MALE, [("HP:0046507", True), ("HP:0002789", True)]),
        ("SBP 85", 1.5, Sex.FEMALE, [("HP:0002615", True), ("HP:0004421", True)]),
        ("TSH 12 mIU/L", 0.01, Sex.FEMALE, []),  # no range for newborns, so nothing is said
        ("TSH 12 mIU/L (0.7-15)", 0.01, Sex.FEMALE, [("HP:0031098", True), ("HP:0002925", True)]),
    ],
)
def test_age_and_sex_decide(
    finder: MeasurementFinder, vocab: Vocab, text: str, age: float | None, sex: Sex, expected: Findings
) -> None:
    assert found(finder, vocab, text, age, sex) == expected


@pytest.mark.parametrize(
    ("text", "number"), [("150,000", 150000.0), ("7,2", 7.2), (".5", 0.5), ("1,234,567", 1234567.0)]
)
def test_numbers(text: str, number: float) -> None:
    assert number_of(text) == number


def test_the_table_is_whole() -> None:
    table = read_table()
    assert len(table.analytes) >= 40
    for analyte in table.analytes.values():
        assert analyte.findings or analyte.parts, analyte.key
        assert analyte.parts or analyte.unit in analyte.units, analyte.key
        assert set(analyte.bare) <= set(analyte.units), analyte.key
        for row in analyte.ranges:
            assert row.source in table.sources, analyte.key
            assert row.low is None or row.high is None or row.low < row.high, analyte.key
            limits = [limit for limit in (row.low, row.high) if limit is not None]
            assert limits, analyte.key
            assert all(analyte.plausible[0] <= limit <= analyte.plausible[1] for limit in limits), analyte.key


def test_ranges_of_one_sex_do_not_overlap_in_age() -> None:
    for analyte in read_table().analytes.values():
        for sex in (Sex.FEMALE, Sex.MALE):
            rows = sorted((r.from_years, r.to_years) for r in analyte.ranges if r.sex in (None, sex))
            assert all(a[1] <= b[0] for a, b in pairwise(rows)), analyte.key


def test_a_value_is_a_mention_with_what_the_text_says(letter_reader: Reader) -> None:
    text = "A 30-year-old man. Hb 7.2 g/dl. His mother had Hb 6.9 g/dl. Call us if Hb < 7 g/dl. Na 140."
    said = [(m.text, m.curie, str(m.assertion)) for m in letter_reader.mentions(text)]
    assert said == [
        ("Hb 7.2 g/dl", ANAEMIA, "present"),
        ("Hb 6.9 g/dl", ANAEMIA, "family"),
        ("Hb < 7 g/dl", ANAEMIA, "hypothetical"),
        ("Na 140", LOW_NA, "absent"),
        ("Na 140", HIGH_NA, "absent"),
    ]


def test_a_name_inside_a_value_is_no_mention_of_its_own(letter_reader: Reader) -> None:
    assert {m.curie for m in letter_reader.mentions("sodium 128 mmol/l")} == {LOW_NA}
    assert {m.curie for m in letter_reader.mentions("sodium was given")} == {"CHEBI:29101"}


def test_a_question_is_not_read_for_values(letter_reader: Reader) -> None:
    assert letter_reader.mentions("Hb 7.2 g/dl", prefer=Category.DISEASE) == ()


@pytest.mark.slow  # needs the built graph
def test_every_finding_is_a_term_of_the_graph() -> None:
    snapshot = open_snapshot(Path(os.environ["CLINIGRAPH_CACHE"]))
    table = read_table()
    told = {curie for analyte in table.analytes.values() for curie in analyte.findings}
    told |= {curie for growth in table.growth.values() for curie in (growth.low, growth.high)}
    for curie in sorted(told):
        assert snapshot.resolve(curie) == curie, f"{curie} is obsolete or unknown"
        assert snapshot.is_a(curie, "HP:0000118"), curie
