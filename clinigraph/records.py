"""From answers, differentials and mentions to the JSON of `contract`."""

from collections.abc import Iterable

from kg import Case, Category, RuleResult, Snapshot, Verdict
from model import Checks, Claim
from retrieval import Contribution, EvidenceItem, Mention, Sufficiency

from .answering import Answer
from .contract import (
    AnswerRecord,
    ChecksRecord,
    ClaimRecord,
    DiagnosisRecord,
    DifferentialRecord,
    EntityRecord,
    EvidenceRecord,
    FindingRecord,
    FindingsRecord,
    MentionRecord,
    MissingRecord,
    RejectedRecord,
    RuleRecord,
    SufficiencyRecord,
)
from .differential import Diagnosis, Differential

_SCORE_DIGITS = 4


def answer_record(answer: Answer, snapshot: Snapshot) -> AnswerRecord:
    """One answered question."""
    verified = answer.verified
    return AnswerRecord(
        question=answer.context.question,
        entities=[_entity(mention, snapshot) for mention in answer.context.mentions],
        answer="" if verified.abstained else verified.text,
        claims=[claim_record(claim) for claim in verified.claims],
        rejected=[_rejected(claim) for claim in verified.rejected],
        evidence=[_evidence(item) for item in answer.context.items],
        abstained=verified.abstained,
        reason=verified.reason,
        kg_version=answer.kg_version,
        model=answer.model,
        timings_ms=answer.timings_ms,
        degraded=answer.degraded,
        judgement=None if answer.context.judgement is None else answer.context.judgement.value,
        risk=None if answer.risk is None else round(answer.risk, _SCORE_DIGITS),
    )


def _entity(mention: Mention, snapshot: Snapshot) -> EntityRecord:
    concept = snapshot.find(mention.curie)
    return EntityRecord(
        curie=mention.curie,
        label=mention.label,
        start=mention.start,
        end=mention.end,
        assertion=mention.assertion,
        score=round(mention.score, _SCORE_DIGITS),
        equivalents=list(concept.equivalents) if concept else [],
    )


def claim_record(claim: Claim) -> ClaimRecord:
    """One sentence with its verdicts."""
    return ClaimRecord(
        text=claim.text,
        citations=list(claim.citations),
        written_by=claim.written_by.value,
        checks=_checks(claim.checks),
        replaces=None if claim.replaces is None else claim.replaces.text,
        attributed=claim.attributed,
    )


def _rejected(claim: Claim) -> RejectedRecord:
    reasons = [f"{name}: {result.reason}" for name, result in claim.checks.items() if result.reason]
    return RejectedRecord(
        text=claim.text, citations=list(claim.citations), checks=_checks(claim.checks), reasons=reasons
    )


def _checks(checks: Checks) -> ChecksRecord:
    return ChecksRecord(**{name: result.verdict.value for name, result in checks.items()})


def _evidence(item: EvidenceItem) -> EvidenceRecord:
    return EvidenceRecord(
        n=item.n,
        kind=item.kind.value,
        text=item.text,
        curies=list(item.curies),
        source=item.source,
        release=item.release,
        reference=item.reference,
        tier=None if item.tier is None else item.tier.value,
    )


def differential_record(differential: Differential, snapshot: Snapshot) -> DifferentialRecord:
    """One ranked case."""
    return DifferentialRecord(
        case=differential.case.id,
        findings=findings_record(differential.case),
        diagnoses=[_diagnosis(diagnosis, snapshot) for diagnosis in differential.diagnoses],
        kg_version=differential.kg_version,
        timings_ms=differential.timings_ms,
        compared=differential.compared,
        case_rules=[rule_record(result, snapshot) for result in differential.case_rules],
        missing=[
            MissingRecord(question=item.question, rules=list(item.rules), about=list(item.about))
            for item in differential.missing
        ],
        warnings=list(differential.warnings),
        sufficiency=_sufficiency(differential.sufficiency),
    )


def _sufficiency(found: Sufficiency | None) -> SufficiencyRecord | None:
    if found is None:
        return None
    return SufficiencyRecord(
        level=found.level.value,
        removed=round(found.removed, _SCORE_DIGITS),
        alternatives=round(found.alternatives, 1),
        in_first_ten=round(found.in_first_ten, _SCORE_DIGITS),
    )


def findings_record(case: Case) -> FindingsRecord:
    """What was read of a case."""
    return FindingsRecord(observed=list(case.observed), excluded=list(case.excluded), unresolved=list(case.unresolved))


def _diagnosis(diagnosis: Diagnosis, snapshot: Snapshot) -> DiagnosisRecord:
    contributions = diagnosis.ranked.contributions
    return DiagnosisRecord(
        id=diagnosis.id,
        label=diagnosis.label,
        equivalents=list(diagnosis.equivalents),
        score=round(diagnosis.ranked.score, _SCORE_DIGITS),
        probability=round(diagnosis.ranked.probability, 6),
        rules=[rule_record(result, snapshot) for result in diagnosis.rules],
        findings=[_finding(item, snapshot) for item in contributions] if contributions else None,
        penalty=round(diagnosis.penalty, _SCORE_DIGITS),
        rank_by_findings=diagnosis.rank_by_findings,
        instead=diagnosis.instead,
    )


def rule_record(result: RuleResult, snapshot: Snapshot) -> RuleRecord:
    """The verdict of one rule; what a diagnosis is about needs no saying, what a medicine is does."""
    violated = result.verdict is Verdict.VIOLATED
    is_drug = result.about is not None and snapshot.category_at(snapshot.position(result.about)) is not Category.DISEASE
    return RuleRecord(
        id=result.rule,
        severity=result.severity.value,
        verdict=result.verdict.value,
        message=result.message,
        references=references(result.fact_rows, snapshot) if violated else [],
        about=result.about if is_drug else None,
        asks=result.asks,
        instead=list(result.instead),
        citation=result.citation if violated else "",
    )


def _finding(item: Contribution, snapshot: Snapshot) -> FindingRecord:
    return FindingRecord(
        id=item.finding,
        label=snapshot.label(item.finding),
        status=item.status.value,
        relation=item.relation.value,
        log_ratio=round(item.log_ratio, _SCORE_DIGITS),
        matched=item.matched,
        references=references(item.fact_rows, snapshot),
    )


def references(rows: Iterable[int], snapshot: Snapshot) -> list[str]:
    """What a reader can look up for some facts: publications, else the source's record."""
    facts = [snapshot.fact_at(row) for row in rows]
    found = (ref for fact in facts for item in fact.evidence for ref in (item.references or (item.record,)))
    return list(dict.fromkeys(found))


def mention_record(doc: str, mention: Mention) -> MentionRecord:
    """One mention of one document."""
    return MentionRecord(
        doc=doc,
        start=mention.start,
        end=mention.end,
        text=mention.text,
        curie=mention.curie,
        label=mention.label,
        score=round(mention.score, _SCORE_DIGITS),
        assertion=mention.assertion.value,
        relative=mention.relative,
    )
