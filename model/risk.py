"""How likely an answer is wrong: a score from what the checks, the retrieval and the model say about it."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from importlib import resources

from retrieval import Context, EvidenceKind

from .claims import Author, Claim

_ASKED = 0.9
"""The relevance from which an item states the very relation that was asked for (retrieval/facts/scores)."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known about an answer before it is shown, each 0..1.

    ``asked_fact``: share of its sentences that cite a fact of the relation asked for. ``some_asked_fact``: the evidence
    has one. ``passage``: share of its sentences that cite prose alone. ``relevance``: that of the best evidence cited.
    ``by_model``: share that the model wrote. ``rejected``: share of the model's sentences that failed. ``attributed``:
    share whose citation the checks chose. ``model_abstained``: the model said that the evidence does not answer.
    ``unsure_link``: one minus the lowest score of a linked concept. ``no_topic``: what is asked for was not understood.
    """

    asked_fact: float = 0.0
    some_asked_fact: float = 0.0
    passage: float = 0.0
    relevance: float = 0.0
    by_model: float = 0.0
    rejected: float = 0.0
    attributed: float = 0.0
    model_abstained: float = 0.0
    unsure_link: float = 0.0
    no_topic: float = 0.0

    def __post_init__(self) -> None:
        for each in fields(self):
            if not 0.0 <= getattr(self, each.name) <= 1.0:
                raise ValueError(f"{each.name} lies in 0..1, not {getattr(self, each.name)}")


def signs_of(
    claims: Sequence[Claim], n_rejected: int, context: Context, *, model_abstained: bool, has_topic: bool
) -> Signs:
    """The signs of an answer made of ``claims``; without claims, those of its context alone."""
    cited = [[item for n in claim.citations if (item := context.item(n)) is not None] for claim in claims]
    written = sum(claim.written_by is Author.MODEL for claim in claims)
    return Signs(
        asked_fact=_share([any(item.score >= _ASKED for item in items if item.facts) for items in cited]),
        some_asked_fact=float(any(item.facts and item.score >= _ASKED for item in context.items)),
        passage=_share([all(item.kind is EvidenceKind.PASSAGE for item in items) for items in cited]),
        relevance=min(1.0, max((item.score for items in cited for item in items), default=0.0)),
        by_model=written / len(claims) if claims else 0.0,
        rejected=n_rejected / (n_rejected + written) if n_rejected else 0.0,
        attributed=_share([claim.attributed for claim in claims]),
        model_abstained=float(model_abstained),
        unsure_link=1.0 - max(0.0, min((mention.score for mention in context.mentions), default=0.0)),
        no_topic=float(not has_topic),
    )


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


@dataclass(frozen=True, slots=True)
class RiskModel:
    """A logistic regression over `Signs`, and the risk above which nothing is said."""

    intercept: float
    weights: Mapping[str, float] = field(repr=False)
    threshold: float

    def risk(self, signs: Signs) -> float:
        """The probability that an answer with these signs is wrong."""
        score = self.intercept + sum(weight * getattr(signs, name) for name, weight in self.weights.items())
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, score))))

    def is_too_risky(self, signs: Signs) -> bool:
        """Whether the risk exceeds the threshold."""
        return self.risk(signs) > self.threshold


@cache
def shipped_risk_model() -> RiskModel:
    """The model in ``data/risk.toml``, which names the command that fitted it."""
    return parse_risk_model((resources.files("data") / "risk.toml").read_text(encoding="utf-8"))


def parse_risk_model(text: str) -> RiskModel:
    """Read a risk model from TOML.

    Raises:
        ValueError: it names a sign that is not known.
    """
    table = tomllib.loads(text)
    weights = {str(name): float(weight) for name, weight in table["weights"].items()}
    if unknown := sorted(set(weights) - {each.name for each in fields(Signs)}):
        raise ValueError(f"{unknown[0]} is no sign of an answer")
    return RiskModel(float(table["intercept"]), weights, float(table["threshold"]))
