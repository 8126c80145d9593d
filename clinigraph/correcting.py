"""What violated rules do to a ranking: they demote, point to what fits instead, or ask; nothing is dropped."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg import Correction, Curie, RuleResult, Severity, Snapshot, Verdict
from retrieval import RankedDisease

PENALTIES: Mapping[Severity, float] = {
    Severity.URGENT: 1.0,
    Severity.MAJOR: 1.0,
    Severity.MINOR: 0.25,
    Severity.NOTE: 0.0,
}
"""Natural-log units taken off the score for a violated rule; chosen on simulated patients, see decision 015."""

GREATEST_PENALTY = 2.0
"""No more is taken off, however many rules are violated."""


@dataclass(frozen=True, slots=True)
class MissingFact:
    """A question that would decide rules which are unknown now, and the diagnoses it is about."""

    question: str
    rules: tuple[str, ...]
    about: tuple[Curie, ...]


@dataclass(frozen=True, slots=True)
class Corrected:
    """A candidate after its rules: ``ranked`` has the lowered score, ``penalty`` is what was taken off."""

    ranked: RankedDisease
    rules: tuple[RuleResult, ...]
    penalty: float
    rank_by_findings: int
    instead: Curie | None = None


def penalty(results: Iterable[RuleResult], penalties: Mapping[Severity, float] = PENALTIES) -> float:
    """What the violated rules of one diagnosis take off its score, never more than `GREATEST_PENALTY`."""
    total = sum(
        penalties[result.severity]
        for result in results
        if result.verdict is Verdict.VIOLATED and result.correction is Correction.DEMOTE
    )
    return min(total, GREATEST_PENALTY)


def corrected(
    ranked: Sequence[RankedDisease],
    checked: Sequence[tuple[RuleResult, ...]],
    temperature: float,
    penalties: Mapping[Severity, float] = PENALTIES,
) -> list[Corrected]:
    """The candidates in their new order. Probabilities follow the scores, and those of all diseases still sum to 1."""
    taken = [penalty(results, penalties) for results in checked]
    shares = [entry.probability * math.exp(-off / temperature) for entry, off in zip(ranked, taken, strict=True)]
    freed = sum(entry.probability for entry in ranked) - sum(shares)
    order = sorted(range(len(ranked)), key=lambda at: (taken[at] - ranked[at].score, at))
    found = []
    for rank, at in enumerate(order, 1):
        entry = ranked[at]
        lowered = RankedDisease(
            entry.disease, entry.score - taken[at], shares[at] / (1 - freed), rank, entry.contributions
        )
        found.append(Corrected(lowered, checked[at], taken[at], entry.rank))
    return found


def with_replacements(found: Sequence[Corrected], snapshot: Snapshot) -> list[Corrected]:
    """The same, and for each that a major rule contradicts the best sibling among them that none contradicts."""
    from dataclasses import replace

    contradicted = [item for item in found if is_contradicted(item.rules)]
    if not contradicted:
        return list(found)
    fitting: dict[Curie, list[Corrected]] = defaultdict(list)
    for item in found:
        if not is_contradicted(item.rules):
            for parent in snapshot.parents(item.ranked.disease):
                fitting[parent].append(item)
    result = []
    for item in found:
        siblings = []
        if is_contradicted(item.rules):
            siblings = [other for parent in sorted(snapshot.parents(item.ranked.disease)) for other in fitting[parent]]
        best = min(siblings, key=lambda other: other.ranked.rank, default=None)
        result.append(item if best is None else replace(item, instead=best.ranked.disease))
    return result


def is_contradicted(results: Iterable[RuleResult]) -> bool:
    """Whether a rule of major or graver severity speaks against a diagnosis."""
    grave = (Severity.URGENT, Severity.MAJOR)
    return any(result.verdict is Verdict.VIOLATED and result.severity in grave for result in results)


def missing_facts(results: Iterable[RuleResult]) -> tuple[MissingFact, ...]:
    """What the rules ask for, each question once, those about most diagnoses first."""
    rules: dict[str, dict[str, None]] = defaultdict(dict)
    about: dict[str, dict[Curie, None]] = defaultdict(dict)
    for result in results:
        if result.asks:
            rules[result.asks][result.rule] = None
            if result.about is not None:
                about[result.asks][result.about] = None
    order = sorted(rules, key=lambda question: (-len(about[question]), list(rules).index(question)))
    return tuple(MissingFact(question, tuple(rules[question]), tuple(about[question])) for question in order)
