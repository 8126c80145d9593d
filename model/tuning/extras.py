"""Examples beside question answering: differentials explained and corrected by rules, relations and entities tagged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kg import Category, Curie
from retrieval import Context, EvidenceItem, Mention

from ..checks import Checker
from ..claims import Claim, split_sentences
from ..generator import Message, Role
from ..prompt import PromptTemplate, diagnosis_messages
from .example import Example, Task
from .targets import Target

_EXPLAINED = 2
_ENTITIES = 6
_KINDS = {
    Category.DISEASE: "disease",
    Category.PHENOTYPE: "finding",
    Category.GENE: "gene",
    Category.DRUG: "drug",
    Category.CHEMICAL: "chemical",
    Category.INHERITANCE: "mode of inheritance",
}


@dataclass(frozen=True, slots=True)
class PatientCase:
    """One simulated patient: the candidates as evidence, and which of them a rule speaks against, with its message."""

    disease: Curie
    observed: tuple[str, ...]
    excluded: tuple[str, ...]
    candidates: Context
    violations: tuple[tuple[int, str], ...]


def differential_examples(case: PatientCase, prompt: PromptTemplate, checker: Checker, group: str) -> list[Example]:
    """The explanation of a differential, and the correction of a draft that left out what a rule says."""
    asked = tuple(diagnosis_messages(case.observed, case.excluded, case.candidates, prompt))
    best = case.candidates.items[:_EXPLAINED]
    said = [pair for item in best for pair in _said(item, case.candidates, checker)]
    if not said:
        return []
    explained = Target(tuple(said))
    made = [_example(group, 0, Task.DIFFERENTIAL, case.disease, (*asked, _answer(explained.text)))]
    for n, message in case.violations[:1]:
        item = case.candidates.item(n)
        if item is None or not _passes(message, n, case.candidates, checker):
            continue
        draft = Target(tuple((text, each) for text, each in _said(item, case.candidates, checker) if text != message))
        kept = [pair for other in best if other.n != n for pair in _said(other, case.candidates, checker)]
        corrected = Target(((message, n), *kept[:1]))
        if draft.sentences:
            objection = Message(Role.USER, f"A rule speaks against [{n}]: {message} Correct the answer.")
            turns = (*asked, _answer(draft.text), objection, _answer(corrected.text))
            made.append(_example(group, 1, Task.CORRECTION, case.disease, turns))
    return made


def _said(item: EvidenceItem, context: Context, checker: Checker) -> list[tuple[str, int]]:
    """The sentences of a candidate that pass the checks."""
    texts = [item.text[s.start : s.end] for s in split_sentences(item.text)]
    return [(text, item.n) for text in texts if _passes(text, item.n, context, checker)]


def _passes(text: str, n: int, context: Context, checker: Checker) -> bool:
    return checker.check(Claim(text, (n,)), context).checks.passed


def relation_example(item: EvidenceItem, nouns: dict[str, str], system: str, group: str) -> Example | None:
    """A sentence of the graph, and the relation that it states."""
    predicates = {fact.predicate for fact in item.facts}
    if len(predicates) != 1 or (noun := nouns.get(next(iter(predicates)).name)) is None:
        return None
    asked = Message(Role.USER, f"Sentence: {item.text}\n\nName the relation that the sentence states.")
    turns = (Message(Role.SYSTEM, system), asked, _answer(f"{noun[0].upper()}{noun[1:]}."))
    return _example(group, 0, Task.RELATION_TAGGING, item.curies[0], turns)


def entity_example(
    text: str, mentions: Sequence[Mention], category: Callable[[Curie], Category], system: str, group: str
) -> Example | None:
    """A sentence, and the medical terms in it with their kinds, in order."""
    told = dict.fromkeys(f"{m.text} ({_KINDS[c]})" for m in mentions if (c := category(m.curie)) in _KINDS)
    if not 0 < len(told) <= _ENTITIES:
        return None
    asked = Message(Role.USER, f"Sentence: {text}\n\nList the medical terms of the sentence with their kinds.")
    turns = (Message(Role.SYSTEM, system), asked, _answer(f"{'; '.join(told)}."))
    return _example(group, 0, Task.ENTITY_TAGGING, mentions[0].curie, turns)


def _answer(text: str) -> Message:
    return Message(Role.ASSISTANT, text)


def _example(group: str, number: int, task: Task, concept: Curie, turns: tuple[Message, ...]) -> Example:
    return Example(f"{group}-{task.value.replace(' ', '-')}-{number}", group, task, task.value, "", concept, turns)
