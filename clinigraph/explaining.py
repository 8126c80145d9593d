"""The language model's part in a differential: it names and explains diagnoses, and everything it says is checked."""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg import Case, Category, Curie, Snapshot
from model import (
    Checker,
    Claim,
    Decoding,
    Generator,
    GraphSentence,
    PromptTemplate,
    Verification,
    VerifiedAnswer,
    diagnosis_messages,
    diagnosis_pattern,
)
from retrieval import (
    Context,
    Contribution,
    EvidenceItem,
    EvidenceKind,
    FindingRelation,
    Mention,
    frequency_in_words,
    in_sentence,
    join_words,
    names_of,
    record_of,
)

from .differential import Diagnosis, Differential

if TYPE_CHECKING:
    from retrieval import Reader

CANDIDATES = 5
"""How many of the ranked diseases the model is shown."""

_FINDINGS_TOLD = 4


@dataclass(frozen=True, slots=True)
class NamedDiagnosis:
    """A disease that the model named: its place in the ranking, or ``None`` where the ranking does not have it."""

    disease: Curie
    label: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the model said about a case, checked, with the evidence it was shown."""

    context: Context
    verified: VerifiedAnswer
    named: tuple[NamedDiagnosis, ...]
    model: str


class Explainer:
    """Lets a language model explain a differential from the facts behind it."""

    def __init__(
        self,
        snapshot: Snapshot,
        reader: "Reader",
        checker: Checker,
        generator: Generator,
        prompt: PromptTemplate,
        decoding: Decoding,
    ) -> None:
        self._snapshot, self._reader, self._checker = snapshot, reader, checker
        self._generator, self._prompt, self._decoding = generator, prompt, decoding

    def explain(self, differential: Differential, on_claim: Callable[[Claim], None] | None = None) -> Explanation:
        """Checked sentences on the best candidates, and every disease that the model named, linked to the ranking."""
        case = differential.case
        items = tuple(
            candidate_evidence(n, diagnosis, self._snapshot)
            for n, diagnosis in enumerate(differential.diagnoses[:CANDIDATES], start=1)
        )
        context = Context("Which diagnosis fits best?", case_mentions(case, self._snapshot), items)
        messages = diagnosis_messages(
            [self._snapshot.label(curie) for curie in case.observed],
            [self._snapshot.label(curie) for curie in case.excluded],
            context,
            self._prompt,
        )
        labels = [diagnosis.label for diagnosis in differential.diagnoses[:CANDIDATES]]
        said: list[str] = []
        sentences = [GraphSentence(item.text, (item.n,)) for item in items[:1]]
        verification = Verification(self._checker, context, sentences)
        decoding = replace(self._decoding, pattern=diagnosis_pattern(context, labels)) if items else self._decoding
        for claim in verification.read(_kept(self._generator.stream(messages, decoding), said)):
            if on_claim is not None:
                on_claim(claim)
        findings = {*case.observed, *(curie for item in items for curie in item.curies[1:])}
        named = self._named("".join(said), differential, findings)
        return Explanation(context, verification.answer(), named, self._generator.name)

    def _named(self, text: str, differential: Differential, findings: Set[Curie]) -> tuple[NamedDiagnosis, ...]:
        """The diseases that a text names; words for a finding of the evidence that also name a disease do not count."""
        ranks = {diagnosis.ranked.disease: diagnosis.ranked.rank for diagnosis in differential.diagnoses}
        found = self._reader.mentions(text, prefer=Category.DISEASE)
        diseases = {
            mention.curie: mention.label
            for mention in found
            if (concept := self._snapshot.find(mention.curie)) and concept.category is Category.DISEASE
            if mention.curie in ranks or not findings & set(mention.alternatives)
        }
        return tuple(NamedDiagnosis(curie, label, ranks.get(curie)) for curie, label in diseases.items())


def _kept(pieces: Iterator[str], said: list[str]) -> Iterator[str]:
    for piece in pieces:
        said.append(piece)
        yield piece


def case_mentions(case: Case, snapshot: Snapshot) -> tuple[Mention, ...]:
    """The findings of a case as mentions of a text that lists their labels: what the checks take as given."""
    mentions, start = [], 0
    for curie in case.observed:
        label = snapshot.label(curie)
        mentions.append(Mention(start, start + len(label), label, curie, label, 1.0))
        start += len(label) + 2
    return tuple(mentions)


def candidate_evidence(n: int, diagnosis: Diagnosis, snapshot: Snapshot) -> EvidenceItem:
    """One candidate as an evidence item: what fits, what does not, and the rules it violates."""
    for_it = [item for item in diagnosis.ranked.contributions if item.log_ratio > 0 and item.fact_rows]
    for_it.sort(key=lambda item: (-item.log_ratio, item.finding))
    told = for_it[:_FINDINGS_TOLD]
    parts = [f"{diagnosis.label} fits {join_words([_fit(item, snapshot) for item in told])}." if told else ""]
    if not told:
        parts = [f"{diagnosis.label} is a candidate, but no finding of the patient is recorded for it."]
    parts += [result.message for result in diagnosis.violations]
    facts = tuple(snapshot.fact_at(row) for item in told for row in item.fact_rows)
    curies = (diagnosis.ranked.disease, *(item.finding for item in told), *(i.matched for i in told if i.matched))
    source, release, reference = record_of(snapshot, facts)
    return EvidenceItem(
        n,
        EvidenceKind.FACT,
        " ".join(parts),
        tuple(dict.fromkeys(curies)),
        source,
        release,
        reference,
        facts,
        names_of(snapshot, curies),
        diagnosis.ranked.score,
    )


def _fit(item: Contribution, snapshot: Snapshot) -> str:
    label = in_sentence(snapshot.label(item.matched or item.finding))
    if item.relation is not FindingRelation.EXACT or not item.fact_rows:
        return label
    share = frequency_in_words(snapshot.fact_at(item.fact_rows[0]).frequency)
    return f"{label} (seen in {share})" if share else label
