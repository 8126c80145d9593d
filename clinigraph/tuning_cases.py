"""What instruction data takes from the product: its retrieval, checks and prompts, and explained simulated patients."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from model import PatientCase, TuningIngredients, read_prompt
from retrieval import Context, ContextBuilder, ContextSettings, simulate_patients

from .explaining import CANDIDATES, candidate_evidence, case_mentions

if TYPE_CHECKING:
    from .wiring import Application


def ingredients(application: "Application", count_tokens: Callable[[str], int]) -> TuningIngredients:
    """The objects that answering is done with, for making data that looks like answering."""

    @lru_cache
    def contexts(budget: int) -> ContextBuilder:
        return ContextBuilder(application.snapshot, application.search, ContextSettings(budget))

    return TuningIngredients(
        application.snapshot,
        application.reader,
        contexts,
        application.claim_checker,
        read_prompt("answer", application.settings.prompts),
        read_prompt("diagnosis", application.settings.prompts),
        lambda count, seed: _patients(application, count, seed),
        count_tokens,
    )


def _patients(application: "Application", count: int, seed: int) -> Iterator[PatientCase]:
    snapshot = application.snapshot
    for case, disease in simulate_patients(snapshot, count, seed):
        differential = application.diagnostician.differential(
            case, CANDIDATES, withhold_own_publications=True, explain=CANDIDATES
        )
        ranked = list(enumerate(differential.diagnoses[:CANDIDATES], start=1))
        items = tuple(candidate_evidence(n, diagnosis, snapshot) for n, diagnosis in ranked)
        yield PatientCase(
            disease,
            tuple(snapshot.label(curie) for curie in case.observed),
            tuple(snapshot.label(curie) for curie in case.excluded),
            Context("Which diagnosis fits best?", case_mentions(case, snapshot), items),
            tuple((n, result.message) for n, diagnosis in ranked for result in diagnosis.violations),
        )
