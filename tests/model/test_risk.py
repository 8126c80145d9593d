"""The risk of an answer, and holding it back."""

from dataclasses import replace

import pytest

from model import (
    Author,
    Checker,
    Checks,
    Claim,
    GraphSentence,
    RiskModel,
    Signs,
    Verification,
    parse_risk_model,
    shipped_risk_model,
    signs_of,
)
from tests.model.world import CONTEXT, ITEMS, is_a, link

MODEL = RiskModel(-2.0, {"model_abstained": 4.0, "asked_fact": -2.0}, 0.3)


def test_risk_grows_with_the_signs_that_weigh() -> None:
    calm, asked = MODEL.risk(Signs()), MODEL.risk(Signs(asked_fact=1.0))
    assert asked < calm < MODEL.risk(Signs(model_abstained=1.0))
    assert MODEL.is_too_risky(Signs(model_abstained=1.0))
    assert not MODEL.is_too_risky(Signs())


def test_signs_are_read_from_claims_and_evidence() -> None:
    context = replace(CONTEXT, items=(replace(ITEMS[0], score=1.0), *ITEMS[1:]))
    fact = Claim("a", (1,), Author.MODEL, Checks())
    prose = Claim("b", (3,), Author.GRAPH, Checks(), attributed=True)
    signs = signs_of([fact, prose], 1, context, model_abstained=False, has_topic=True)
    assert (signs.asked_fact, signs.some_asked_fact, signs.passage) == (0.5, 1.0, 0.5)
    assert (signs.by_model, signs.rejected, signs.attributed) == (0.5, 0.5, 0.5)
    assert (signs.model_abstained, signs.no_topic) == (0.0, 0.0)


def test_a_sign_is_a_share() -> None:
    with pytest.raises(ValueError, match=r"passage lies in 0\.\.1"):
        Signs(passage=1.5)


def test_the_shipped_model_is_whole() -> None:
    model = shipped_risk_model()
    assert 0.0 < model.threshold <= 1.0
    assert model.risk(Signs(model_abstained=1.0)) > model.risk(Signs(asked_fact=1.0, some_asked_fact=1.0))


def test_an_unknown_sign_is_refused() -> None:
    with pytest.raises(ValueError, match="mood is no sign"):
        parse_risk_model("intercept = 0.0\nthreshold = 0.5\n[weights]\nmood = 1.0\n")


GRAPH = (GraphSentence("Marfan syndrome has the feature Ectopia lentis (3/5).", (1,)),)


def test_what_is_held_back_is_shown_once_it_may_be() -> None:
    verification = Verification(Checker(link, is_a), CONTEXT, GRAPH, may_show=lambda v: len(v.kept) > 1)
    shown = list(verification.read(["Ectopia lentis is seen in 60% [1]. Arachnodactyly is a feature [1]."]))
    assert [claim.text for claim in shown] == ["Ectopia lentis is seen in 60%.", "Arachnodactyly is a feature."]
    assert verification.answer().claims == tuple(shown)


def test_an_answer_that_may_never_be_shown_is_an_abstention() -> None:
    verification = Verification(Checker(link, is_a), CONTEXT, GRAPH, may_show=lambda v: False)
    assert list(verification.read(["Ectopia lentis is seen in 60% [1]."])) == []
    answer = verification.answer()
    assert answer.abstained
    assert answer.reason is not None
    assert "does not seem to answer" in answer.reason


def test_the_model_may_say_that_the_evidence_does_not_answer() -> None:
    abstention = "The evidence does not say."
    verification = Verification(Checker(link, is_a), CONTEXT, GRAPH, abstention)
    assert [claim.written_by for claim in verification.read([abstention])] == [Author.GRAPH]
    assert verification.model_abstained
    assert verification.n_rejected == 0
