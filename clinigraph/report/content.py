"""From a differential to the content of its report."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg import Case, Category, Curie, FindingStatus, Origin, Predicate, RuleResult, Severity, Snapshot, Stamp, Verdict
from retrieval import Outlook, Sufficiency

from ..case_reading import usable_case
from ..contract import ClaimRecord
from ..correcting import MissingFact
from ..differential import Diagnosis, Differential
from ..question_words import question_record
from ..records import references
from .bearing import bearings, said_of
from .record import (
    CandidateRecord,
    ComparisonRecord,
    NamedRecord,
    PatientRecord,
    ReportRecord,
    SourceRecord,
    TreatmentRecord,
    VerdictRecord,
)

if TYPE_CHECKING:
    from ..comparing import Pair

_NAMED = 5
_CITED = 6
_LEVELS = {"ample": "much", "limited": "something, but not enough", "little": "little"}
_VERDICTS = {verdict: place for place, verdict in enumerate((Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.SATISFIED))}

LIMITS = (
    "This report supports a clinician and does not replace one. No diagnosis in it is confirmed.",
    "A probability is a share among the diseases of the graph that have recorded findings; diseases outside the graph, "
    "and how common each disease is, are not weighed.",
    "The graph knows rare, mostly genetic disease best; facts on common disease and on treatment come from sources of "
    "its lowest tier.",
    "What is not recorded is not thereby excluded: a verdict of “unknown” means that a rule could not be checked, not "
    "that it is fulfilled, and an interaction or contraindication that is not found is never said not to exist.",
)


@dataclass(frozen=True, slots=True)
class Extras:
    """What a report may hold beside the differential.

    ``treatments`` are, by disease, what the rules say of the medicines that the graph records for it.
    """

    outlook: Outlook | None = None
    pair: "Pair | None" = None
    treatments: Mapping[Curie, Mapping[Curie, tuple[RuleResult, ...]]] = field(default_factory=dict)
    summary: Sequence[ClaimRecord] = field(default_factory=tuple)
    model: str = "none (graph alone)"


def report_record(
    differential: Differential, snapshot: Snapshot, stamp: Stamp, extras: Extras = Extras()
) -> ReportRecord:
    """The report of one differential; candidates hold findings only where the differential explains them."""
    case = differential.case
    said = said_of(usable_case(case, snapshot), snapshot)
    candidates = [_candidate(said, diagnosis, snapshot, extras) for diagnosis in differential.diagnoses]
    comparison = None
    if extras.pair is not None:
        first, second = (_candidate(said, one, snapshot, extras) for one in (extras.pair.first, extras.pair.second))
        comparison = ComparisonRecord(first=first, second=second)
    questions = extras.outlook.questions if extras.outlook is not None else ()
    return ReportRecord(
        made=stamp.time,
        program=stamp.program,
        kg_version=stamp.kg_version,
        model=extras.model,
        compared=differential.compared,
        patient=_patient(case, snapshot),
        notices=[*_urgent(differential), *differential.warnings, *_doubts(case)],
        candidates=candidates,
        case_verdicts=verdicts(differential.case_rules, snapshot),
        requests=[_request(item, snapshot) for item in differential.missing],
        sufficiency=_sufficiency(differential.sufficiency),
        questions=[question_record(question, snapshot) for question in questions],
        comparison=comparison,
        summary=list(extras.summary),
        sources=_sources(differential, extras, snapshot),
        limits=list(LIMITS),
    )


def _urgent(differential: Differential) -> Iterator[str]:
    """What cannot wait until the page of rules is turned to."""
    for result in differential.case_rules:
        if result.severity is Severity.URGENT and result.verdict is Verdict.VIOLATED:
            yield f"Urgent: {result.message}"


def _doubts(case: Case) -> Iterator[str]:
    if case.unresolved:
        named = ", ".join(case.unresolved[:_NAMED])
        more = f" and {len(case.unresolved) - _NAMED} more" if len(case.unresolved) > _NAMED else ""
        yield f"Not understood, and so not used: {named}{more}."


def _request(item: MissingFact, snapshot: Snapshot) -> str:
    named = [snapshot.label(curie) for curie in item.about]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return item.question + (f" (about {', '.join(named[:_NAMED])}{more})" if named else "")


def _sufficiency(found: Sufficiency | None) -> str | None:
    if found is None:
        return None
    return (
        f"The findings tell {_LEVELS[found.level.value]}: what they leave open is worth {found.alternatives:,.0f} "
        f"equally likely diseases, and the first ten hold {found.in_first_ten:.0%} of the probability."
    )


def _patient(case: Case, snapshot: Snapshot) -> PatientRecord:
    def named(curie: Curie, origin: Origin | None, note: str | None = None) -> NamedRecord:
        label = snapshot.label(curie)
        words = origin.text if origin is not None else ""
        known = words.casefold() in (label.casefold(), curie.casefold(), "")
        return NamedRecord(id=curie, label=label, words=None if known else words, note=note)

    def findings(status: FindingStatus) -> list[NamedRecord]:
        first = {f.concept: f for f in reversed(case.findings) if f.status is status}
        told = [first[curie] for curie in case.with_status(status)]
        return [named(item.concept, item.origin, _since(item.onset_years)) for item in told]

    return PatientRecord(
        id=case.id,
        sex=case.sex.value,
        age_years=case.age_years,
        onset_years=case.onset_years,
        pregnant=case.pregnant,
        observed=findings(FindingStatus.OBSERVED),
        excluded=findings(FindingStatus.EXCLUDED),
        conditions=[
            named(item.concept, item.origin, "excluded" if item.status is FindingStatus.EXCLUDED else None)
            for item in case.conditions
        ],
        medications=[
            named(item.concept, item.origin, ", ".join(filter(None, (item.use.value, item.dose))))
            for item in case.medications
        ],
        allergies=[
            named(item.concept, item.origin, snapshot.label(item.reaction) if item.reaction else None)
            for item in case.allergies
        ],
        family=[named(item.concept, item.origin, item.relative) for item in case.family],
        unresolved=list(case.unresolved),
    )


def _since(onset_years: float | None) -> str | None:
    return None if onset_years is None else f"since {age_in_words(onset_years)}"


def age_in_words(years: float) -> str:
    """An age as one says it: days, months or years."""
    if years < 0:
        return "before birth"
    if years * 365.25 < 31:
        return f"{round(years * 365.25)} days"
    return f"{round(years * 12)} months" if years < 2 else f"{years:.3g} years"


def _candidate(said: frozenset[Curie], diagnosis: Diagnosis, snapshot: Snapshot, extras: Extras) -> CandidateRecord:
    ranked = diagnosis.ranked
    treatments = extras.treatments.get(ranked.disease, {})
    return CandidateRecord(
        rank=ranked.rank,
        id=diagnosis.id,
        label=diagnosis.label,
        equivalents=list(diagnosis.equivalents),
        definition=snapshot.concept(ranked.disease).definition,
        probability=round(ranked.probability, 6),
        score=round(ranked.score, 4),
        contradicted=diagnosis.is_contradicted,
        note=_note(diagnosis, snapshot),
        findings=bearings(said, diagnosis, snapshot) if ranked.contributions else [],
        verdicts=verdicts(diagnosis.rules, snapshot),
        treatments=[
            TreatmentRecord(id=drug, label=snapshot.label(drug), verdicts=verdicts(found, snapshot))
            for drug, found in treatments.items()
        ],
    )


def _note(diagnosis: Diagnosis, snapshot: Snapshot) -> str | None:
    """What the rules did to the place of a disease."""
    parts = []
    if diagnosis.penalty and diagnosis.rank_by_findings != diagnosis.ranked.rank:
        parts.append(f"number {diagnosis.rank_by_findings} by its findings alone, demoted by rules")
    if diagnosis.instead is not None:
        parts.append(f"{snapshot.label(diagnosis.instead)} is a sibling that no major rule contradicts")
    return "; ".join(parts) or None


def verdicts(results: Iterable[RuleResult], snapshot: Snapshot) -> list[VerdictRecord]:
    """The verdicts of some rules: violated first, then unknown, satisfied and not applicable; the gravest first."""
    graveness = list(Severity)
    ordered = sorted(
        results, key=lambda item: (_VERDICTS.get(item.verdict, len(_VERDICTS)), graveness.index(item.severity))
    )
    return [
        VerdictRecord(
            id=result.rule,
            severity=result.severity.value,
            verdict=result.verdict.value,
            message=result.message,
            about=_medicine(result.about, snapshot),
            citation=result.citation or None,
            references=references(result.fact_rows[:_CITED], snapshot)[:_CITED],
            instead=[snapshot.label(curie) for curie in result.instead],
        )
        for result in ordered
    ]


def _medicine(curie: Curie | None, snapshot: Snapshot) -> str | None:
    """The label of a medicine; a rule about a disease stands where the disease does."""
    if curie is None or snapshot.category_at(snapshot.position(curie)) is Category.DISEASE:
        return None
    return snapshot.label(curie)


def _sources(differential: Differential, extras: Extras, snapshot: Snapshot) -> list[SourceRecord]:
    """The sources of every fact that the report rests on, in the order of the graph."""
    rows: set[int] = set()
    pair = (extras.pair.first, extras.pair.second) if extras.pair is not None else ()
    for diagnosis in (*differential.diagnoses, *pair):
        rows.update(row for item in diagnosis.ranked.contributions for row in item.fact_rows)
        rows.update(row for result in diagnosis.rules for row in result.fact_rows)
    rows.update(row for result in differential.case_rules for row in result.fact_rows)
    rows.update(
        row
        for drugs in extras.treatments.values()
        for results in drugs.values()
        for result in results
        for row in result.fact_rows
    )
    for question in extras.outlook.questions if extras.outlook is not None else ():
        rows.update(row for item in (*question.raises, *question.lowers) for row in item.fact_rows)
    used = {item.source for row in rows for item in snapshot.fact_at(row).evidence}
    for diagnosis in differential.diagnoses:
        if diagnosis.ranked.contributions:
            facts = snapshot.facts_from(diagnosis.ranked.disease, Predicate.HAS_PHENOTYPE)
            used.update(item.source for fact in facts for item in fact.evidence)
    return [
        SourceRecord(
            id=str(source["id"]),
            title=str(source["title"]),
            release=str(source["release"]),
            licence=str(source["licence"]),
            citation=str(source["citation"]),
            tier=str(source["tier"]),
        )
        for source in snapshot.sources
        if source["id"] in used
    ]
