"""Rules applied: to the diagnoses of a case, to its medicines, and to the patient as a whole."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial

from ..case import Case, MedicationUse
from ..concept import Curie
from ..fact import Sex
from ..snapshot import Snapshot
from ..usable_case import resolved_case
from .case_graph import CASE, CaseGraph
from .columns import COLUMNS, CaseView, DiseaseView
from .queries import Outcome, SmallGraph, constants, with_canonical_names
from .reading import read_rules
from .rule import Rule, RuleResult, RuleSubject, Severity, Verdict

_DISEASES_KEPT = 20_000
_SEXES = {Sex.FEMALE: "female", Sex.MALE: "male"}


class _Rules:
    """The rules about one kind of subject, their queries under the identifiers of one snapshot."""

    def __init__(self, snapshot: Snapshot, rules: Iterable[Rule], subjects: frozenset[RuleSubject]) -> None:
        self.rules = tuple(rule for rule in rules if rule.applies_to in subjects)
        named = constants(text for rule in self.rules for text in (rule.applies, rule.violated, rule.satisfied))
        self.graph = CaseGraph(snapshot, named)
        self._snapshot = snapshot
        self._queries = {rule.id: _resolved(rule, snapshot) for rule in self.rules}

    def ask(self, graph: SmallGraph, rule: Rule, subjects: Sequence[Curie]) -> Mapping[Curie, Outcome]:
        """What one rule says about each subject, by its queries."""
        return graph.outcomes(self._queries[rule.id], subjects)

    def small_graph(self, case: Case, diseases: Sequence[Curie] = (), drugs: Iterable[Curie] = ()) -> SmallGraph:
        """The case and what surrounds it, ready to be asked."""
        return SmallGraph(self.graph.triples(case, diseases, drugs), self._snapshot.label)


def _resolved(rule: Rule, snapshot: Snapshot) -> Rule:
    applies, violated, satisfied = (
        with_canonical_names(text, snapshot.resolve) for text in (rule.applies, rule.violated, rule.satisfied)
    )
    return replace(rule, applies=applies, violated=violated, satisfied=satisfied)


class DiagnosisChecker:
    """Applies rules to diagnoses; what it reads of a disease is kept for the next case of a batch."""

    def __init__(self, snapshot: Snapshot, rules: Iterable[Rule] | None = None) -> None:
        self._snapshot = snapshot
        self._rules = _Rules(snapshot, read_rules() if rules is None else rules, frozenset({RuleSubject.DIAGNOSIS}))
        self.rules = self._rules.rules
        self._disease = lru_cache(maxsize=_DISEASES_KEPT)(partial(DiseaseView, snapshot))

    def check(
        self, case: Case, diseases: Iterable[Curie], hidden: frozenset[int] = frozenset()
    ) -> Iterator[tuple[RuleResult, ...]]:
        """For each disease, best first, the verdict of every rule, in rule order.

        Rules over columns ignore the ``hidden`` rows of the snapshot, so that a benchmark can withhold facts.

        Raises:
            UnknownConcept: the graph does not have a disease.
        """
        known = resolved_case(case, self._snapshot)
        positions = [self._snapshot.position(disease) for disease in diseases]
        names = [self._snapshot.curie_at(position) for position in positions]
        view = CaseView(known, self._snapshot, positions)
        asked = [rule for rule in self.rules if rule.column is None and _can_apply(rule, known)]
        graph = self._rules.small_graph(known, list(dict.fromkeys(names))) if asked else None
        answers = {rule.id: self._rules.ask(graph, rule, names) for rule in asked} if graph else {}
        for position, name in zip(positions, names, strict=True):
            about = (
                self._disease(position)
                if not self._has_row(position, hidden)
                else DiseaseView(self._snapshot, position, hidden)
            )
            yield tuple(self._result(rule, view, about, name, answers.get(rule.id)) for rule in self.rules)

    def _has_row(self, position: int, hidden: frozenset[int]) -> bool:
        rows = self._snapshot.rows_from(position)
        return any(row in rows for row in hidden)

    def _result(
        self, rule: Rule, case: CaseView, disease: DiseaseView, name: Curie, answers: Mapping[Curie, Outcome] | None
    ) -> RuleResult:
        if rule.column is not None:
            outcome = COLUMNS[rule.column](case, disease, rule.settings)
        else:
            outcome = Outcome(Verdict.NOT_APPLICABLE, {}) if answers is None else answers[name]
        return result(rule, outcome, {"disease": disease.label, "sex": case.sex_word}, name)


def _taken_or_considered(case: Case) -> tuple[Curie, ...]:
    present = (item.concept for item in case.medications if item.use is not MedicationUse.PAST)
    return tuple(dict.fromkeys(present))


class CaseChecker:
    """Applies the rules about medicines and about the patient as a whole."""

    def __init__(self, snapshot: Snapshot, rules: Iterable[Rule] | None = None) -> None:
        self._snapshot = snapshot
        both = frozenset({RuleSubject.DRUG, RuleSubject.CASE})
        self._rules = _Rules(snapshot, read_rules() if rules is None else rules, both)
        self.rules = self._rules.rules

    def check(self, case: Case) -> tuple[RuleResult, ...]:
        """Every verdict on the patient, then on each medicine that is taken or considered; past ones are past."""
        known = resolved_case(case, self._snapshot)
        drugs = _taken_or_considered(known)
        if not known.observed and not drugs and not known.excluded:
            return ()
        graph = self._rules.small_graph(known, (), drugs)
        above = {place for each in map(self._snapshot.position, known.observed)
                 for place in self._snapshot.ancestor_positions(each).tolist()}  # fmt: skip
        about_case = [rule for rule in self.rules if rule.applies_to is RuleSubject.CASE]
        outcomes = (
            self._ask(graph, rule, known, CASE) if self._may_apply(rule, above) else Outcome(Verdict.NOT_APPLICABLE, {})
            for rule in about_case
        )
        slots = self._slots(known)
        results = [result(rule, outcome, slots, None) for rule, outcome in zip(about_case, outcomes, strict=True)]
        return (*results, *self._on_drugs(graph, known, drugs))

    def check_drugs(self, case: Case, drugs: Iterable[Curie]) -> dict[Curie, tuple[RuleResult, ...]]:
        """What the rules say if each of these medicines were given to the patient, by canonical identifier.

        Raises:
            UnknownConcept: the graph does not have a medicine.
        """
        known = resolved_case(case, self._snapshot)
        wanted = tuple(dict.fromkeys(self._snapshot.concept(drug).curie for drug in drugs))
        graph = self._rules.small_graph(known, (), (*_taken_or_considered(known), *wanted))
        found = self._on_drugs(graph, known, wanted)
        return {drug: tuple(item for item in found if item.about == drug) for drug in wanted}

    def _on_drugs(self, graph: SmallGraph, case: Case, drugs: Sequence[Curie]) -> tuple[RuleResult, ...]:
        about_drugs = [rule for rule in self.rules if rule.applies_to is RuleSubject.DRUG]
        answers = {
            rule.id: self._rules.ask(graph, rule, drugs) if _can_apply(rule, case) else None for rule in about_drugs
        }
        results = []
        for drug in drugs:
            slots = {**self._slots(case), "drug": self._snapshot.label(drug)}
            for rule in about_drugs:
                answered = answers[rule.id]
                outcome = Outcome(Verdict.NOT_APPLICABLE, {}) if answered is None else answered[drug]
                results.append(result(rule, outcome, slots, drug))
        return tuple(results)

    def _ask(self, graph: SmallGraph, rule: Rule, case: Case, subject: Curie) -> Outcome:
        if not _can_apply(rule, case):
            return Outcome(Verdict.NOT_APPLICABLE, {})
        return self._rules.ask(graph, rule, (subject,))[subject]

    def _may_apply(self, rule: Rule, observed: Container[int]) -> bool:
        """Whether something that the rule needs is among the positions of what is observed and of all above it."""
        if not rule.needs_observed:
            return True
        return any(self._needed(curie) in observed for curie in rule.needs_observed)

    def _needed(self, curie: Curie) -> int:
        found = self._snapshot.resolve(curie)
        return -1 if found is None else self._snapshot.position(found)

    def _slots(self, case: Case) -> dict[str, str]:
        return {"sex": _SEXES.get(case.sex, "of unknown sex")}


def _can_apply(rule: Rule, case: Case) -> bool:
    """Whether the case has all that the rule needs; what it lacks, no query has to find out."""
    return all(getattr(case, name) not in ((), None, False) for name in rule.needs)


def result(rule: Rule, outcome: Outcome, slots: Mapping[str, str], about: Curie | None) -> RuleResult:
    """A verdict in words."""
    message = rule.messages[outcome.verdict].format_map(_Slots({**outcome.slots, **slots}))
    asks = outcome.verdict is Verdict.UNKNOWN or (
        outcome.verdict is Verdict.VIOLATED and rule.severity is Severity.NOTE
    )
    return RuleResult(
        rule.id,
        rule.severity,
        outcome.verdict,
        _sentence(message),
        outcome.rows,
        about,
        rule.correction,
        _question(rule.asks, {**outcome.slots, **slots}) if asks else None,
        outcome.instead,
        rule.citation,
    )


def _question(text: str | None, slots: Mapping[str, str]) -> str | None:
    """The question with its slots, unless nothing fills one of them: then its answer would not decide."""
    try:
        return None if text is None else text.format_map(slots)
    except KeyError:
        return None


class _Slots(dict[str, str]):
    def __missing__(self, slot: str) -> str:
        return ""


def _sentence(text: str) -> str:
    words = " ".join(text.split())
    return words[:1].upper() + words[1:]
