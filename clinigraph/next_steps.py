"""What to find out next about one case: the best questions at the bedside, and the best tests."""

from dataclasses import replace

from kg import Case, Snapshot
from retrieval import Cost, Outlook, QuestionPlanner

from .case_reading import usable_case

_BEDSIDE = tuple(cost for cost in Cost if cost.is_question)
_TESTS = tuple(cost for cost in Cost if not cost.is_question)
_MOST_ASKED, _MOST_TESTED = 4, 3


def next_steps(planner: QuestionPlanner, snapshot: Snapshot, case: Case, withhold: tuple[str, ...] = ()) -> Outlook:
    """A few questions, then a few tests, each best first.

    Raises:
        NothingToRank: no finding of the case is a phenotype of the graph.
    """
    usable = usable_case(case, snapshot)
    asked = planner.outlook(usable, _MOST_ASKED, _BEDSIDE, withhold=withhold)
    tested = planner.outlook(usable, _MOST_TESTED, _TESTS, withhold=withhold)
    return replace(asked, questions=(*asked.questions, *tested.questions))
