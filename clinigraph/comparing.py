"""Two diseases of one case side by side."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg import Category, Curie
from retrieval import Contribution

from .differential import Diagnosis, Differential
from .errors import UsageError

if TYPE_CHECKING:
    from .wiring import Application


@dataclass(frozen=True, slots=True)
class Pair:
    """Two diagnoses of one case, both with what each finding contributed."""

    first: Diagnosis
    second: Diagnosis

    def rows(self) -> Iterator[tuple[Curie, float, float]]:
        """For each finding its log ratios in both, the ones that separate most first."""
        left, right = (_by_finding(one.ranked.contributions) for one in (self.first, self.second))
        both = [curie for curie in left if curie in right]
        sums = {curie: [sum(item.log_ratio for item in side[curie]) for side in (left, right)] for curie in both}
        for curie in sorted(both, key=lambda curie: (-abs(sums[curie][0] - sums[curie][1]), curie)):
            first, second = sums[curie]
            yield curie, first, second


def _by_finding(items: tuple[Contribution, ...]) -> dict[Curie, list[Contribution]]:
    found: dict[Curie, list[Contribution]] = {}
    for item in items:
        found.setdefault(item.finding, []).append(item)
    return found


def compared(
    application: "Application", differential: Differential, names: tuple[str, str], withhold: tuple[str, ...] = ()
) -> Pair:
    """The two diseases that are named: by place in the list, by any identifier, or by a name in full.

    Raises:
        UsageError: one is no disease of the graph, is not ranked, or both are the same.
    """
    curies = [_disease(application, differential, name) for name in names]
    if curies[0] == curies[1]:
        raise UsageError(f"{names[0]} and {names[1]} are the same disease; name two different ones.")
    first, second = (_diagnosis(application, differential, curie, withhold) for curie in curies)
    return Pair(first, second)


def _disease(application: "Application", differential: Differential, name: str) -> Curie:
    snapshot = application.snapshot
    text = name.strip()
    if text.isdecimal() and 0 < int(text) <= len(differential.diagnoses):
        return differential.diagnoses[int(text) - 1].ranked.disease
    curie = snapshot.resolve(text)
    if curie is None:
        from retrieval import find_named  # needs spaCy

        curie = find_named(application.reader, text, frozenset({Category.DISEASE}))
    if curie is None or curie not in application.ranker.diseases:
        raise UsageError(f"{name!r} is no disease that is ranked; give its place in the list, an identifier or a name.")
    return curie


def _diagnosis(
    application: "Application", differential: Differential, curie: Curie, withhold: tuple[str, ...]
) -> Diagnosis:
    """The diagnosis with its contributions, from the list or, for one that is not on it, made anew."""
    found = next((item for item in differential.diagnoses if item.ranked.disease == curie), None)
    if found is None:
        entry = application.ranker.rank(differential.case, None, withhold).find(curie)
        place = differential.compared if entry is None else entry.rank
        longer = application.diagnostician.differential(
            differential.case, place, withhold_own_publications=bool(withhold)
        )
        found = next(item for item in longer.diagnoses if item.ranked.disease == curie)
    if found.ranked.contributions:
        return found
    contributions = application.ranker.contributions(differential.case, curie, withhold)
    return replace(found, ranked=replace(found.ranked, contributions=contributions))
