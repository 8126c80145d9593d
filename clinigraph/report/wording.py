"""Words, signs and links that every form of a report shares."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from retrieval import Cost

from ..contract import QuestionRecord
from .bars import ratio_in_words
from .record import Bearing, BearingRecord, CandidateRecord, NamedRecord, PatientRecord, VerdictRecord


class Verdict(StrEnum):
    """The verdicts in the order in which a reader needs them."""

    VIOLATED = "violated"
    UNKNOWN = "unknown"
    SATISFIED = "satisfied"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Sign:
    """How a bearing or verdict is shown: a mark that needs no colour, a heading, and what it means.

    ``plain_mark`` is in every typeface, so that no mark can turn into another one where characters are missing.
    """

    mark: str
    heading: str
    meaning: str
    plain_mark: str


BEARINGS: Mapping[Bearing, Sign] = {
    "for": Sign("+", "For", "makes the disease more likely", "+"),
    "against": Sign("−", "Against", "makes the disease less likely", "-"),
    "unexplained": Sign("?", "Unexplained", "is present, but not recorded for this disease", "?"),
    "silent": Sign("○", "Not told", "is usual in this disease, and nothing is said of it in the case", "o"),
    "looked for": Sign("·", "Looked for", "was looked for and is absent; that it was looked for is all it tells", "."),
}

VERDICTS: Mapping[Verdict, Sign] = {
    Verdict.VIOLATED: Sign("✕", "violated", "speaks against the diagnosis", "x"),
    Verdict.UNKNOWN: Sign("?", "unknown", "could not be checked; this is not the same as fine", "?"),
    Verdict.SATISFIED: Sign("✓", "satisfied", "checked, and it holds", "+"),
    Verdict.NOT_APPLICABLE: Sign("–", "not applicable", "does not apply to this case", "-"),
}

MOST_LISTED = 100
_MOST_ROWS = 40
_SEX_WORDS = {"FEMALE": "female", "MALE": "male", "OTHER_SEX": "other sex"}

# Where a reader finds an identifier: pages of the resolvers that the identifiers' owners publish.
_PAGES = {
    "PMID": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "OMIM": "https://omim.org/entry/{}",
    "ORPHA": "https://www.orpha.net/en/disease/detail/{}",
    "HP": "https://hpo.jax.org/browse/term/HP:{}",
    "MONDO": "https://monarchinitiative.org/MONDO:{}",
    "DOI": "https://doi.org/{}",
    "DRUGBANK": "https://go.drugbank.com/drugs/{}",
}


def link_of(curie: str) -> str | None:
    """The page of an identifier, or ``None`` where it has none that we know."""
    prefix, _, local = curie.partition(":")
    page = _PAGES.get(prefix)
    return page.format(local) if page is not None and local.replace(".", "").replace("/", "").isalnum() else None


def percent(share: float) -> str:
    """A probability as a percentage that is neither rounded to nothing nor to certainty."""
    if share >= 0.995:
        return "> 99 %"
    return f"{share:.0%}".replace("%", " %") if share >= 0.095 else f"{share:.1%}".replace("%", " %")


def patient_line(patient: PatientRecord) -> str:
    """Sex, age and pregnancy in a line."""
    from .content import age_in_words

    parts = [_SEX_WORDS.get(patient.sex, "sex not known")]
    parts.append("age not known" if patient.age_years is None else age_in_words(patient.age_years))
    if patient.onset_years is not None:
        at = "birth" if patient.onset_years == 0 else age_in_words(patient.onset_years)
        parts.append(f"onset {at}" if patient.onset_years < 0 else f"onset at {at}")
    if patient.pregnant is not None:
        parts.append("pregnant" if patient.pregnant else "not pregnant")
    return ", ".join(parts)


def verdict_counts(verdicts: Sequence[VerdictRecord]) -> dict[Verdict, int]:
    """How many rules gave each verdict, without those that do not apply."""
    counts = Counter(Verdict(item.verdict) for item in verdicts)
    return {verdict: counts[verdict] for verdict in (Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.SATISFIED)}


@dataclass(frozen=True, slots=True)
class Told:
    """Verdicts as they are shown: those that apply, in rows, and the rules that do not."""

    rows: tuple[VerdictRecord, ...]
    not_applicable: tuple[str, ...]


def told(verdicts: Sequence[VerdictRecord]) -> Told:
    """The verdicts without those that do not apply, which are named; all that is unknown of a medicine in one row."""
    applicable = [item for item in verdicts if Verdict(item.verdict) is not Verdict.NOT_APPLICABLE]
    rest = tuple(rule_name(item) for item in verdicts if Verdict(item.verdict) is Verdict.NOT_APPLICABLE)
    open_ones: dict[str, list[VerdictRecord]] = {}
    for item in applicable:
        if item.about and Verdict(item.verdict) is Verdict.UNKNOWN:
            open_ones.setdefault(item.about, []).append(item)
    rows = []
    for item in applicable:
        group = open_ones.get(item.about or "", []) if Verdict(item.verdict) is Verdict.UNKNOWN else []
        if not group:
            rows.append(item)
        elif item is group[0]:
            rows.append(_merged(group))
    return Told(tuple(rows), rest)


def _merged(group: Sequence[VerdictRecord]) -> VerdictRecord:
    """Several verdicts on one medicine as one; the first is the gravest."""
    cited = dict.fromkeys(reference for item in group for reference in item.references)
    return group[0].model_copy(
        update={
            "id": ", ".join(item.id for item in group),
            "message": " ".join(item.message for item in group),
            "references": list(cited),
        }
    )


def violated(verdicts: Sequence[VerdictRecord]) -> list[VerdictRecord]:
    """Those that speak against what they are about."""
    return [item for item in verdicts if Verdict(item.verdict) is Verdict.VIOLATED]


def question_groups(questions: Sequence[QuestionRecord]) -> list[tuple[str, list[QuestionRecord]]]:
    """What can be found out at the bedside and what needs a test, each under its heading; empty groups are left out."""
    bedside = [item for item in questions if Cost(item.cost).is_question]
    tests = [item for item in questions if not Cost(item.cost).is_question]
    return [(heading, items) for heading, items in (("To ask and examine", bedside), ("To test", tests)) if items]


@dataclass(frozen=True, slots=True)
class Listed:
    """What a case has of one kind: its heading, the first hundred, and how many more there are."""

    heading: str
    items: tuple[NamedRecord, ...]
    more: int


def case_lists(patient: PatientRecord) -> list[Listed]:
    """What is known of a patient by kind, empty kinds left out; the JSON has all of it."""
    kinds = (
        ("Observed", patient.observed),
        ("Excluded", patient.excluded),
        ("Known diseases", patient.conditions),
        ("Medicines", patient.medications),
        ("Allergies", patient.allergies),
        ("Family", patient.family),
    )
    found = ((heading, items) for heading, items in kinds if items)
    return [Listed(name, tuple(items[:MOST_LISTED]), max(0, len(items) - MOST_LISTED)) for name, items in found]


def unresolved(patient: PatientRecord) -> list[str]:
    """What was not understood, at most a hundred entries, and how many more there are."""
    listed = patient.unresolved[:MOST_LISTED]
    more = len(patient.unresolved) - len(listed)
    return [*listed, f"and {more} more, all of them in the JSON"] if more else listed


def rule_name(verdict: VerdictRecord) -> str:
    """The rule, with the medicine that it is about."""
    return f"{verdict.about} {verdict.id}" if verdict.about else verdict.id


def bearing_counts(candidate: CandidateRecord) -> str:
    """How many findings speak for a disease, against it, and are unexplained."""
    counts = Counter(item.bearing for item in candidate.findings)
    return f"{counts['for']} for, {counts['against']} against, {counts['unexplained']} unexplained"


def tabled(items: Sequence[BearingRecord]) -> list[BearingRecord]:
    """The findings that a table shows, at most forty of each bearing; what was only looked for is told after it."""
    counts: Counter[str] = Counter()
    kept = []
    for item in items:
        counts[item.bearing] += 1
        if item.bearing != "looked for" and counts[item.bearing] <= _MOST_ROWS:
            kept.append(item)
    return kept


def below_table(items: Sequence[BearingRecord]) -> list[str]:
    """Sentences after a table: how many findings it leaves out, and what was looked for without being decisive."""
    said = []
    absent = [item for item in items if item.bearing == "looked for"]
    if left_out := len(items) - len(absent) - len(tabled(items)):
        said.append(f"{left_out} more findings that tell less are in the JSON.")
    if absent:
        named = ", ".join(f"{item.label} ({ratio_in_words(item.likelihood_ratio)})" for item in absent[:MOST_LISTED])
        more = f" and {len(absent) - MOST_LISTED} more" if len(absent) > MOST_LISTED else ""
        said.append(f"Looked for and absent; what one looks for tells what was suspected: {named}{more}.")
    return said


def shared_sources(items: Sequence[BearingRecord]) -> list[str]:
    """The sources behind a table of findings, where all that have one have the same; else nothing."""
    found = [item.sources for item in items if item.sources]
    return found[0] if found and all(sources == found[0] for sources in found) else []
