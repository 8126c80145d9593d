"""Asking for one finding after another, until nothing is worth asking or someone says stop."""

import sys
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from kg import Case, Curie, Finding, FindingStatus, Snapshot
from retrieval import Outlook, QuestionPlanner

from .question_words import question_text, reason


class Reply(StrEnum):
    """What can be said to a question."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "don't know"
    STOP = "stop"


_STATUS = {Reply.YES: FindingStatus.OBSERVED, Reply.NO: FindingStatus.EXCLUDED}
_LETTERS = {"y": Reply.YES, "n": Reply.NO, "d": Reply.UNKNOWN, "?": Reply.UNKNOWN, "s": Reply.STOP, "q": Reply.STOP}
_ASKED_FOR = "    [y]es, [n]o, [d]on't know, [s]top: "

Ask = Callable[[str], Reply]


def interview(
    planner: QuestionPlanner, snapshot: Snapshot, case: Case, withhold: tuple[str, ...] = (), ask: Ask | None = None
) -> tuple[Finding, ...]:
    """The findings that were answered with yes or no, in order; says on standard error why it ends.

    Raises:
        NothingToRank: no finding of the case is a phenotype of the graph.
    """
    ask = ask or ask_on_terminal
    answers: list[Finding] = []
    asked: set[Curie] = set()
    while True:
        now = replace(case, findings=(*case.findings, *answers))
        outlook = planner.outlook(now, 1, skip=asked, withhold=withhold)
        if (over := planner.is_over(outlook, len(asked))) is not None:
            _say(f"\nNo more questions: {over}.")
            return tuple(answers)
        question = outlook.questions[0]
        _say(f"\n{_standing(outlook, snapshot)}")
        reply = ask(f"{len(asked) + 1}. {question_text(question, snapshot)}\n    {reason(question, snapshot)}")
        if reply is Reply.STOP:
            return tuple(answers)
        asked.add(question.finding)
        if reply in _STATUS:
            answers.append(Finding(question.finding, _STATUS[reply], asked=True))


def _standing(outlook: Outlook, snapshot: Snapshot) -> str:
    leader = snapshot.label(outlook.leader) if outlook.leader else "none"
    return f"    so far: {leader}, {outlook.leader_probability:.0%}"


def ask_on_terminal(question: str) -> Reply:
    """The reply that is typed; stop at the end of the input."""
    _say(question)
    while True:
        print(_ASKED_FOR, end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            return Reply.STOP
        if (reply := _LETTERS.get(line.strip().casefold()[:1])) is not None:
            return reply
        _say("    Please answer y, n, d or s.")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
