"""Questions and their reasons in words, and as JSON."""

from collections.abc import Sequence

from kg import Snapshot
from retrieval import Cost, NextQuestion, Separation, in_sentence, join_words

from .contract import QuestionRecord, SeparationRecord
from .records import references

_TOLD = 2
_CITED = 1
_ASKS = {
    Cost.HISTORY: "Does the patient have, or has the patient had, {finding}?",
    Cost.EXAMINATION: "Is there {finding} on examination?",
    Cost.LABORATORY: "Does a laboratory test show {finding}?",
    Cost.IMAGING: "Does imaging or a recording show {finding}?",
    Cost.GENETIC: "Does a genetic test show {finding}?",
}


def question_text(question: NextQuestion, snapshot: Snapshot) -> str:
    """The question as one asks it."""
    return _ASKS[question.cost].format(finding=in_sentence(snapshot.label(question.finding)))


def reason(question: NextQuestion, snapshot: Snapshot) -> str:
    """Which diseases the answer separates, how frequent the finding is in them, and by which source."""
    parts = [
        f"a {answer} speaks for {_told(items[:_TOLD], snapshot)}"
        for answer, items in (("yes", question.raises), ("no", question.lowers))
        if items
    ]
    return f"{'; '.join(parts)}." if parts else "It separates the candidates from all other diseases."


def _told(items: Sequence[Separation], snapshot: Snapshot) -> str:
    labels = [snapshot.label(item.disease) for item in items]
    if not any(item.fact_rows or item.frequency for item in items):
        return f"{join_words(labels)}, where it is not recorded"
    return join_words([f"{label} ({_share(item, snapshot)})" for label, item in zip(labels, items, strict=True)])


def _share(item: Separation, snapshot: Snapshot) -> str:
    if not item.fact_rows:
        return "not recorded there" if item.frequency == 0 else f"about {item.frequency:.0%}, by its description"
    stated = snapshot.fact_at(item.fact_rows[0]).frequency
    share = f"in {stated} of patients" if stated is not None else "recorded without a frequency"
    cited = references(item.fact_rows[:1], snapshot)[:_CITED]
    return f"{share}, {cited[0]}" if cited else share


def question_record(question: NextQuestion, snapshot: Snapshot) -> QuestionRecord:
    """One question as JSON."""
    return QuestionRecord(
        id=question.finding,
        label=snapshot.label(question.finding),
        question=question_text(question, snapshot),
        cost=question.cost.value,
        bits=round(question.bits, 4),
        probability=round(question.probability, 4),
        reason=reason(question, snapshot),
        separates=[_separation(item, snapshot) for item in (*question.raises, *question.lowers)],
    )


def _separation(item: Separation, snapshot: Snapshot) -> SeparationRecord:
    stated = snapshot.fact_at(item.fact_rows[0]).frequency if item.fact_rows else None
    return SeparationRecord(
        id=item.disease,
        label=snapshot.label(item.disease),
        frequency=round(item.frequency, 4),
        stated=None if stated is None else str(stated),
        if_yes=round(item.if_yes, 4),
        if_no=round(item.if_no, 4),
        references=references(item.fact_rows, snapshot),
    )
