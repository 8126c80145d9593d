"""What people see in a terminal: answers, differentials and mentions as plain, quiet text."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kg import RuleResult, Severity, Snapshot, Verdict
from model import Author, Claim
from retrieval import Contribution, EvidenceItem, FindingRelation, Mention

from .answering import Answer
from .differential import Diagnosis, Differential
from .explaining import Explanation
from .records import references

_WROTE = {Author.MODEL: "model", Author.GRAPH: "graph"}
_STYLE = {Author.MODEL: "green", Author.GRAPH: "cyan"}
_REFERENCES_SHOWN = 4
_REJECTED_SHOWN = 3
_QUESTIONS_SHOWN = 6
_LEAST_SHOWN = 0.1  # of a log ratio
_WITHOUT_FACT = {FindingRelation.RELATIVES: " [inferred from diseases of the same class or gene]"}
_LIMITS = "clinigraph supports clinicians and does not replace them; check the sources before acting on this."

# Verdicts in the order in which a reader needs them; what could not be checked is never shown as fine.
_VERDICT_WORDS = {Verdict.VIOLATED: "violated", Verdict.UNKNOWN: "unknown", Verdict.SATISFIED: "satisfied"}
_VERDICT_STYLE = {Verdict.VIOLATED: "red", Verdict.UNKNOWN: "yellow", Verdict.SATISFIED: "green"}


class AnswerScreen:
    """Shows one answer while it grows: each sentence as it passes its checks, then what stands behind it."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)

    def show_claim(self, claim: Claim) -> None:
        """One checked sentence, with who wrote it."""
        style = _STYLE[claim.written_by]
        by_checks = " [dim](cited by the checks)[/]" if claim.attributed else ""
        self._console.print(f"[{style}]{_WROTE[claim.written_by]:>6}[/]  {escape(str(claim))}{by_checks}")

    def finish(self, answer: Answer) -> None:
        """Evidence, what was rejected, and what the answer was made from."""
        verified = answer.verified
        if verified.abstained:
            self._console.print(f"No answer: {escape(verified.reason or '')}")
        self._show_evidence(answer.context.items)
        self._show_rejected(verified.rejected)
        seconds = answer.timings_ms["total"] / 1000
        self._console.print(f"\n[dim]graph {answer.kg_version} · model {answer.model} · {seconds:.1f} s[/]")
        if answer.degraded:
            self._console.print(f"[yellow]{escape(answer.degraded)}[/]")
        self._console.print(f"[dim]{_LIMITS}[/]")

    def finish_explanation(self, explanation: Explanation) -> None:
        """What the model named, and what of its text was rejected."""
        if explanation.verified.abstained:
            self._console.print(f"No explanation: {escape(explanation.verified.reason or '')}")
        self._console.print("\nNamed by the model:")
        for named in explanation.named:
            place = f"rank {named.rank}" if named.rank else "not among the ranked diseases shown"
            self._console.print(f"  {escape(named.label)} ({named.disease}), {place}")
        if not explanation.named:
            self._console.print("  no disease that the graph knows")
        self._show_rejected(explanation.verified.rejected)
        self._console.print(f"\n[dim]model {explanation.model}[/]\n[dim]{_LIMITS}[/]")

    def _show_evidence(self, items: Iterable[EvidenceItem]) -> None:
        items = list(items)
        if items:
            self._console.print("\nEvidence")
        for item in items:
            self._console.print(f"  {escape(f'[{item.n}]')} {escape(' '.join(item.text.split()))}")
            self._console.print(f"      [dim]{escape(_source_line(item))}[/]")

    def _show_rejected(self, rejected: Sequence[Claim]) -> None:
        if rejected:
            self._console.print(f"\nRejected: {len(rejected)} of the model's sentences failed a check")
        for claim in rejected[:_REJECTED_SHOWN]:
            reasons = "; ".join(f"{name}: {result.reason}" for name, result in claim.checks.items() if result.reason)
            self._console.print(f"  [strike dim]{escape(claim.text)}[/] [dim]({escape(reasons)})[/]")


def _source_line(item: EvidenceItem) -> str:
    listed = item.reference.split("; ")
    more = f" and {len(listed) - _REFERENCES_SHOWN} more" if len(listed) > _REFERENCES_SHOWN else ""
    tier = f" · {item.tier}" if item.tier is not None else ""
    return f"{item.source} {item.release}{tier} · {', '.join(listed[:_REFERENCES_SHOWN])}{more}"


def show_differential(differential: Differential, snapshot: Snapshot) -> None:
    """The best diseases of one case: for, against, unknown and violated, each with the fact behind it."""
    console = Console(highlight=False, soft_wrap=True)
    case = differential.case
    observed = ", ".join(snapshot.label(curie) for curie in case.observed) or "none"
    excluded = ", ".join(snapshot.label(curie) for curie in case.excluded)
    console.print(f"[bold]{escape(case.id)}[/]\n  observed: {escape(observed)}")
    if excluded:
        console.print(f"  excluded: {escape(excluded)}")
    if case.unresolved:
        console.print(f"  [yellow]not understood: {escape(', '.join(case.unresolved))}[/]")
    for warning in differential.warnings:
        console.print(f"  [yellow]left out: {escape(warning)}[/]")
    _show_case_rules(console, differential, snapshot)
    for diagnosis in differential.diagnoses:
        _show_diagnosis(console, diagnosis, snapshot)
    _show_missing(console, differential, snapshot)
    seconds = differential.timings_ms["total"] / 1000
    console.print(
        f"\n[dim]graph {differential.kg_version} · {differential.compared} diseases compared · {seconds:.2f} s[/]"
    )


def _show_case_rules(console: Console, differential: Differential, snapshot: Snapshot) -> None:
    """What the rules say against the patient's state and medicines, and what of it could not be checked."""
    told = [result for result in differential.case_rules if result.verdict is Verdict.VIOLATED]
    for result in sorted(told, key=lambda result: list(Severity).index(result.severity)):
        style = "bold red" if result.severity is Severity.URGENT else "red"
        name = f"{snapshot.label(result.about)}: " if result.about else ""
        console.print(f"  [{style}]{result.severity.value:>9}[/]  {escape(name + _rule_line(result, snapshot))}")
    unknown = [result for result in differential.case_rules if result.verdict is Verdict.UNKNOWN and result.about]
    drugs = ", ".join(dict.fromkeys(snapshot.label(result.about) for result in unknown if result.about))
    if drugs:
        console.print(f"  [yellow]  unknown[/]  Not every risk of these medicines could be checked: {escape(drugs)}")


def _show_missing(console: Console, differential: Differential, snapshot: Snapshot) -> None:
    if differential.sufficiency is not None:
        found = differential.sufficiency
        console.print(
            f"\nThe findings tell {found.level.value}: as much is open as among {found.alternatives:,.0f} equally "
            f"likely diseases; {found.in_first_ten:.0%} of the probability is on the first ten."
        )
    if differential.missing:
        console.print("\nAsk")
    for item in differential.missing[:_QUESTIONS_SHOWN]:
        about = ", ".join(snapshot.label(curie) for curie in item.about[:_REFERENCES_SHOWN])
        more = f" [dim]({escape(about)}{', …' if len(item.about) > _REFERENCES_SHOWN else ''})[/]" if about else ""
        console.print(f"  {escape(item.question)}{more}")


def _show_diagnosis(console: Console, diagnosis: Diagnosis, snapshot: Snapshot) -> None:
    entry = diagnosis.ranked
    flag = "  [red]contradicted by a rule[/]" if diagnosis.is_contradicted else ""
    title = f"{entry.rank}. {diagnosis.label} ({diagnosis.id})"
    console.print(f"\n[bold]{escape(title)}[/]  {entry.probability:.0%}{flag}")
    if diagnosis.penalty:
        console.print(
            f"  [red]  demoted[/]  by the rules, {diagnosis.penalty:.1f} off its score; "
            f"by its findings alone it would be number {diagnosis.rank_by_findings}"
        )
    if diagnosis.instead is not None:
        console.print(f"  [green]  instead[/]  {escape(snapshot.label(diagnosis.instead))} ({diagnosis.instead})")
    for item in sorted(entry.contributions, key=lambda item: (-abs(item.log_ratio), item.finding)):
        if abs(item.log_ratio) >= _LEAST_SHOWN:
            heading, style = _bearing(item)
            console.print(f"  [{style}]{heading:>9}[/]  {escape(_finding_line(item, snapshot))}")
    for verdict, word in _VERDICT_WORDS.items():
        for result in diagnosis.rules:
            if result.verdict is verdict:
                console.print(f"  [{_VERDICT_STYLE[verdict]}]{word:>9}[/]  {escape(_rule_line(result, snapshot))}")


def _bearing(item: Contribution) -> tuple[str, str]:
    """How a finding bears on a disease, as a heading and its style; silence is neither for nor against."""
    if item.relation is FindingRelation.SILENT:
        return "unknown", "yellow"
    if item.relation is FindingRelation.LOOKED_FOR:
        return "examined", "dim"
    return ("for", "green") if item.log_ratio > 0 else ("against", "red")


def _finding_line(item: Contribution, snapshot: Snapshot) -> str:
    label = snapshot.label(item.finding)
    change = f"({item.log_ratio:+.1f})"
    if item.relation is FindingRelation.SILENT:
        return f"{label}: nothing is recorded {change}"
    if item.relation is FindingRelation.LOOKED_FOR:
        habit = "usual" if item.log_ratio > 0 else "unusual"
        return f"{label} was looked for, as is {habit} where this is suspected {change}"
    excluded = " is absent; it is" if item.status.value == "excluded" else ""
    matched = snapshot.label(item.matched) if item.matched and item.matched != item.finding else ""
    as_what = f" recorded as {matched}" if matched else (" recorded" if excluded else "")
    share = ""
    if item.fact_rows and (frequency := snapshot.fact_at(item.fact_rows[0]).frequency):
        share = f" in {frequency} of patients"
    cited = references(item.fact_rows, snapshot)[:2]
    source = f" [{', '.join(cited)}]" if cited else _WITHOUT_FACT.get(item.relation, "")
    return f"{label}{excluded}{as_what}{share} {change}{source}"


def _rule_line(result: RuleResult, snapshot: Snapshot) -> str:
    cited = references(result.fact_rows[:3], snapshot)[:2]
    source = f" [{', '.join(cited)}]" if cited else ""
    return f"{result.rule}: {result.message}{source}"


def show_mentions(name: str, mentions: Sequence[Mention]) -> None:
    """The mentions of one document as a table."""
    console = Console(highlight=False)
    if not mentions:
        console.print(f"{escape(name)}: no concept of the graph was found.")
        return
    table = Table(title=name, title_justify="left", box=None, pad_edge=False)
    for column in ("start", "end", "text", "concept", "label", "assertion", "score"):
        table.add_column(column, justify="right" if column in ("start", "end", "score") else "left")
    for mention in mentions:
        cells = (mention.start, mention.end, " ".join(mention.text.split()), mention.curie, mention.label)
        table.add_row(*(escape(str(cell)) for cell in cells), mention.assertion.value, f"{mention.score:.2f}")
    console.print(table)
