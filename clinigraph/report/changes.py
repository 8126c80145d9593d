"""What differs between two reports of a case, made from two versions of the graph."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from ..errors import UnreadableFile
from .record import BearingRecord, CandidateRecord, ChangeRecord, ChangesRecord, NamedRecord, ReportRecord
from .wording import percent

_HARMLESS = {"satisfied", "not applicable"}
_SHIFT = 0.01  # of a probability; smaller ones are not told where the rank stays


def read_report(content: bytes, path: Path) -> ReportRecord:
    """The report in a JSON file that ``clinigraph report`` wrote.

    Raises:
        UnreadableFile: it is none.
    """
    try:
        return ReportRecord.model_validate_json(content)
    except ValidationError:
        raise UnreadableFile(
            path, "it is no report in JSON; give a file that clinigraph report --to NAME.json wrote."
        ) from None


def changes_since(old: ReportRecord, new: ReportRecord) -> ChangesRecord:
    """What the later report says that the earlier one did not, and what is gone."""
    changes = [*_graph(old, new), *_case(old, new)]
    pairs = [(_same(item, old.candidates), item) for item in new.candidates]
    for before, after in pairs:
        changes += _moved(before, after, len(old.candidates))
    changes += _gone(old, new)
    for before, after in pairs:
        if before is not None:
            changes += [*_facts(before, after), *_verdicts(before, after)]
    return ChangesRecord(since=old.made, old_kg_version=old.kg_version, changes=changes)


def _same(item: CandidateRecord, among: Iterable[CandidateRecord]) -> CandidateRecord | None:
    """The same disease in another report, under any of its identifiers."""
    own = {item.id, *item.equivalents}
    return next((other for other in among if own & {other.id, *other.equivalents}), None)


def _graph(old: ReportRecord, new: ReportRecord) -> Iterator[ChangeRecord]:
    if old.kg_version != new.kg_version:
        yield ChangeRecord(kind="graph", disease=None, text=f"The graph was {old.kg_version}, now {new.kg_version}.")
    releases = {source.id: source.release for source in old.sources}
    for source in new.sources:
        if releases.get(source.id, source.release) != source.release:
            text = f"{source.title} was of {releases[source.id]}, now of {source.release}."
            yield ChangeRecord(kind="graph", disease=None, text=text)


def _case(old: ReportRecord, new: ReportRecord) -> Iterator[ChangeRecord]:
    """Differences of the case itself, which explain others."""
    groups = (("observed", old.patient.observed, new.patient.observed),
              ("excluded", old.patient.excluded, new.patient.excluded))  # fmt: skip
    for word, before, after in groups:
        for verb, items in (("is now", _beyond(after, before)), ("is no longer", _beyond(before, after))):
            for item in items:
                yield ChangeRecord(kind="case", disease=None, text=f"{item.label} {verb} {word} in the case.")


def _beyond(items: Iterable[NamedRecord], others: Iterable[NamedRecord]) -> list[NamedRecord]:
    known = {item.id for item in others}
    return [item for item in items if item.id not in known]


def _moved(before: CandidateRecord | None, after: CandidateRecord, listed: int) -> Iterator[ChangeRecord]:
    if before is None:
        text = f"is new at rank {after.rank}; it was not among the first {listed}."
    elif before.rank != after.rank:
        text = f"moved from rank {before.rank} to {after.rank} ({_probabilities(before, after)})."
    elif abs(before.probability - after.probability) >= _SHIFT:
        text = f"stays at rank {after.rank}; its probability changed ({_probabilities(before, after)})."
    else:
        return
    yield ChangeRecord(kind="disease", disease=after.label, text=text)


def _probabilities(before: CandidateRecord, after: CandidateRecord) -> str:
    return f"{percent(before.probability)} → {percent(after.probability)}"


def _gone(old: ReportRecord, new: ReportRecord) -> Iterator[ChangeRecord]:
    for item in old.candidates:
        if _same(item, new.candidates) is None:
            text = f"was at rank {item.rank}; it is no longer among the first {len(new.candidates)}."
            yield ChangeRecord(kind="disease", disease=item.label, text=text)


def _facts(before: CandidateRecord, after: CandidateRecord) -> Iterator[ChangeRecord]:
    """Facts that are new, gone or of another frequency, where both reports tell what each finding contributed."""
    if not before.findings or not after.findings:
        return
    old, new = (_recorded(item.findings) for item in (before, after))
    for key in dict.fromkeys((*new, *old)):
        was, now = old.get(key), new.get(key)
        text = None
        if was is None and now is not None:
            text = f"{_label(now)} is now recorded{_in(now)}."
        elif now is None and was is not None:
            text = f"{_label(was)} is no longer recorded or no longer usual; it was{_in(was) or ' recorded'}."
        elif was is not None and now is not None and was.frequency != now.frequency:
            text = f"{_label(now)} was recorded{_in(was) or ' without a frequency'}, now{_in(now) or ' without one'}."
        elif was is not None and now is not None and (added := [r for r in now.references if r not in was.references]):
            text = f"{_label(now)} is now also supported by {', '.join(added)}."
        if text is not None:
            yield ChangeRecord(kind="fact", disease=after.label, text=text)


def _recorded(items: Iterable[BearingRecord]) -> dict[str, BearingRecord]:
    return {(item.matched or item).id: item for item in items if item.references}


def _label(item: BearingRecord) -> str:
    return (item.matched or item).label


def _in(item: BearingRecord) -> str:
    return f" in {item.frequency} of patients" if item.frequency else ""


def _verdicts(before: CandidateRecord, after: CandidateRecord) -> Iterator[ChangeRecord]:
    """Verdicts that changed, unless both say in their way that nothing speaks against the disease."""
    was = {item.id: item.verdict for item in before.verdicts}
    for item in after.verdicts:
        both = {was.get(item.id, item.verdict), item.verdict}
        if len(both) > 1 and both != _HARMLESS:
            text = f"rule {item.id} was {was[item.id]}, now {item.verdict}: {item.message}"
            yield ChangeRecord(kind="verdict", disease=after.label, text=text)
