"""The fit of the risk of an answer, and the threshold chosen from its curve."""

from benchmarks.risk import Example, choose_threshold, fit, left_out_risks, risk_coverage
from model import Signs


def examples() -> list[Example]:
    """Answers that cite what was asked for are right, others wrong, but for one of each ten."""
    made = []
    for number in range(60):
        good, odd = number % 2 == 0, number % 10 == 9
        signs = Signs(relevance=0.9, asked_fact=1.0) if good else Signs(relevance=0.5)
        made.append(Example(str(number), (signs,), wrong=good is odd, withheld=not good))
    return made


def test_risk_is_lower_where_the_signs_are_good() -> None:
    model = fit(examples(), 0.5)
    assert model.risk(Signs(relevance=0.9, asked_fact=1.0)) < 0.3 < 0.5 < model.risk(Signs(relevance=0.5))


def test_the_threshold_parts_what_can_be_answered_from_what_cannot() -> None:
    made = examples()
    curve = risk_coverage(made, left_out_risks(made))
    chosen = choose_threshold(curve, 0.9, 0.9)
    (point,) = [point for point in curve if point["risk"] == chosen]
    assert point["coverage"] >= 0.9
    assert point["held_back_without_evidence"] >= 0.9


def test_coverage_grows_with_the_risk_that_is_taken() -> None:
    made = examples()
    shares = [point["coverage"] for point in risk_coverage(made, left_out_risks(made))]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
