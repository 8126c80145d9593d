"""Short texts about patients and their diagnosis, simulated from the graph's annotations, for teaching a classifier."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg import Category, Curie, Fact, Predicate, Snapshot
from retrieval import in_sentence, join_words

from .splits import share_of

TRAIN, TEST = "diagnosis_train.jsonl", "diagnosis_test.jsonl"

_OPENINGS = (
    "The patient has {found}.",
    "We saw {found}.",
    "A {age}-year-old presented with {found}.",
    "Examination showed {found}.",
    "The family reports {found}.",
)
_DENIALS = ("There was no {absent}.", "{absent} was looked for and not found.", "No {absent}.")
_FEWEST_FINDINGS = 3
_UNKNOWN_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class DiagnosisText:
    """A text and the label of the disease that it was made from."""

    text: str
    label: str


def diagnosis_texts(snapshot: Snapshot, diseases: int, each: int, seed: int) -> Iterator[tuple[DiagnosisText, bool]]:
    """``each`` texts on each of some well-described diseases, and whether a text is held out; deterministic for a seed.

    A finding is told as often as the graph says that it occurs. Texts that are held out use other names of findings
    where these have several.
    """
    rng = random.Random(seed)
    for disease in _well_described(snapshot, diseases, seed):
        facts = [f for f in snapshot.facts_from(disease, Predicate.HAS_PHENOTYPE) if not f.negated]
        for number in range(each):
            held_out = number % 4 == 3
            yield DiagnosisText(_text(snapshot, facts, rng, held_out), snapshot.label(disease)), held_out


def _well_described(snapshot: Snapshot, count: int, seed: int) -> list[Curie]:
    """Diseases with many findings, in an order drawn by the seed."""
    known = []
    for curie in snapshot.concepts(Category.DISEASE):
        findings = {fact.object for fact in snapshot.facts_from(curie, Predicate.HAS_PHENOTYPE) if not fact.negated}
        if len(findings) >= _FEWEST_FINDINGS:
            known.append(curie)
    return sorted(known, key=lambda curie: (share_of(seed, "diagnosis", curie), curie))[:count]


def _text(snapshot: Snapshot, facts: Sequence[Fact], rng: random.Random, held_out: bool) -> str:
    found: list[Curie] = []
    absent: list[Curie] = []
    for fact in rng.sample(list(facts), min(len(facts), 16)):
        share = _UNKNOWN_SHARE if fact.frequency is None else fact.frequency.midpoint
        (found if rng.random() < share else absent).append(fact.object)
    if not found:
        found = [facts[0].object]
    names = [_name(snapshot, curie, rng, held_out) for curie in found[:6]]
    text = rng.choice(_OPENINGS).format(found=join_words(names), age=rng.randint(1, 60))
    if absent and rng.random() < 0.4:
        denied = rng.choice(_DENIALS).format(absent=_name(snapshot, absent[0], rng, held_out))
        text = f"{text} {denied[0].upper()}{denied[1:]}"
    return text


def _name(snapshot: Snapshot, curie: Curie, rng: random.Random, held_out: bool) -> str:
    names = sorted({name.text for name in snapshot.concept(curie).names})
    own = [name for name in names if (share_of("name", name) < 0.3) is held_out] or names
    return in_sentence(rng.choice(own))
