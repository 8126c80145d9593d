"""What it takes to find out whether a patient has a finding."""

from collections.abc import Mapping
from csv import DictReader
from enum import StrEnum
from functools import lru_cache
from importlib import resources

from kg import Curie, Snapshot


class Cost(StrEnum):
    """Ways to find out, the cheapest first."""

    HISTORY = "history"
    EXAMINATION = "examination"
    LABORATORY = "laboratory"
    IMAGING = "imaging"
    GENETIC = "genetic"

    @property
    def is_question(self) -> bool:
        """Whether it is answered by asking and looking, at the bedside."""
        return self in (Cost.HISTORY, Cost.EXAMINATION)


@lru_cache(maxsize=1)
def cost_table() -> Mapping[Curie, Cost]:
    """Branches of HPO and what their findings cost, from ``data/question_costs.tsv``."""
    lines = (resources.files("data") / "question_costs.tsv").read_text("utf-8").splitlines()
    rows = DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
    return {row["hpo"]: Cost(row["cost"]) for row in rows}


class Costs:
    """The cost of each finding of a graph: that of the nearest row of the table above it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        known = ((snapshot.resolve(curie), cost) for curie, cost in cost_table().items())
        places = {snapshot.position(curie): cost for curie, cost in known if curie is not None}
        self._rows = {place: (len(snapshot.descendant_positions(place)), cost) for place, cost in places.items()}

    def of(self, position: int) -> Cost:
        """The cost of the finding at a concept position; examination where the table says nothing."""
        above = (self._rows.get(place) for place in self._snapshot.ancestor_positions(position).tolist())
        return min((row for row in above if row is not None), default=(0, Cost.EXAMINATION))[1]
