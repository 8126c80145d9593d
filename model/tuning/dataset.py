"""Instruction data made from a graph: files of examples by split, and a manifest that says how they were made."""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import Category, Curie, Predicate, Report, Snapshot, sha256_of, writing_to
from retrieval import EvidenceItem, in_sentence

from ..checks import Checker
from ..prompt import PromptTemplate
from .asking import Shape
from .diagnosis_texts import TEST, TRAIN, diagnosis_texts
from .example import Example, Split, Task
from .extras import PatientCase, differential_examples, entity_example, relation_example
from .files import write_examples
from .forms import forms
from .groups import UNANSWERED, GroupMaker
from .splits import Splitting, share_of
from .targets import TargetWriter

if TYPE_CHECKING:
    from retrieval import ContextBuilder, Reader

MANIFEST = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is made: groups of questions, patients, tagged sentences of each kind, and diseases to classify."""

    groups: int = 2000
    patients: int = 150
    tagged: int = 100
    diagnoses: int = 0


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What data is made with: the product's own graph, reading, retrieval, checks and prompts.

    ``contexts`` gives the context builder for a token budget, ``patients`` so many simulated patients for a seed.
    """

    snapshot: Snapshot
    reader: "Reader"
    contexts: Callable[[int], "ContextBuilder"]
    checker: Checker
    answer_prompt: PromptTemplate
    diagnosis_prompt: PromptTemplate
    patients: Callable[[int, int], Iterator[PatientCase]]
    count_tokens: Callable[[str], int]


def make_data(
    folder: Path, made_with: Ingredients, seed: int, amount: Amount = Amount(), report: Report | None = None
) -> dict[str, Any]:
    """Write ``SPLIT.jsonl`` for every split, and the manifest, which is returned. Deterministic for a graph and a seed.

    Raises:
        CacheNotWritable: the folder is read-only or the disk is full.
    """
    splitting = Splitting(seed)
    by_split: dict[Split, list[Example]] = {split: [] for split in Split}
    for example, split in _examples(made_with, splitting, seed, amount, report):
        by_split[split].append(example)
    for split in (Split.TRAIN, Split.VALIDATION):
        by_split[split] = _balanced(by_split[split], seed)
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for split, examples in by_split.items():
            write_examples(folder / f"{split.value}.jsonl", examples)
        manifest = _manifest(folder, made_with, splitting, seed, amount, by_split)
        if amount.diagnoses:
            manifest["files"] |= _write_diagnoses(folder, made_with.snapshot, amount.diagnoses, seed)
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return manifest


def _balanced(examples: Sequence[Example], seed: int) -> list[Example]:
    """Without the abstentions by which those of a relation outnumber its answers.

    Else the model would learn that what is asked of a relation with few facts is never answered.
    """
    counts = Counter((example.relation, example.task) for example in examples)

    def kept(example: Example) -> bool:
        if example.task is not Task.ABSTAIN or example.relation == UNANSWERED:
            return True
        answers, abstentions = (counts[example.relation, task] for task in (Task.ANSWER, Task.ABSTAIN))
        return share_of(seed, "abstention", example.id) < answers / abstentions

    return [example for example in examples if kept(example)]


def _write_diagnoses(folder: Path, snapshot: Snapshot, diseases: int, seed: int) -> dict[str, Any]:
    """Write the texts that a classifier of diagnoses learns and is measured by; returns their part of the manifest."""
    texts = list(diagnosis_texts(snapshot, diseases, _TEXTS_EACH, seed))
    told = {}
    for name, wanted in ((TRAIN, False), (TEST, True)):
        lines = [json.dumps(asdict(text), ensure_ascii=False) for text, held_out in texts if held_out is wanted]
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        tasks = {"diagnosis": len(lines)}
        told[name] = {"sha256": sha256_of(folder / name), "examples": len(lines), "tasks": tasks, "relations": {}}
    return told


_TEXTS_EACH = 32


def _examples(
    made_with: Ingredients, splitting: Splitting, seed: int, amount: Amount, report: Report | None
) -> Iterator[tuple[Example, Split]]:
    rng = random.Random(seed)
    snapshot = made_with.snapshot
    writer = TargetWriter(made_with.checker, lambda curie: in_sentence(snapshot.label(curie)))
    maker = GroupMaker(
        snapshot,
        made_with.reader,
        made_with.contexts,
        writer,
        made_with.answer_prompt,
        forms(),
        splitting,
        made_with.count_tokens,
        rng,
        Shape(),
    )
    total = amount.groups + amount.patients
    for number, concept in enumerate(_concepts(snapshot, rng, amount.groups)):
        yield from maker.group(concept)
        if report is not None and number % 20 == 0:
            report("make instruction data", number, total)
    for number, case in enumerate(made_with.patients(amount.patients, seed)):
        if report is not None:
            report("make instruction data", amount.groups + number, total)
        split = splitting.of_concept(case.disease)
        for example in differential_examples(case, made_with.diagnosis_prompt, made_with.checker, f"p{number}"):
            yield example, split
    yield from _tagged(made_with, maker.remembered(), splitting, amount.tagged)
    if report is not None:
        report("make instruction data", total, total)


_SHARES = (
    (Category.DISEASE, 0.78),
    (Category.DRUG, 0.10),
    (Category.PHENOTYPE, 0.07),
    (Category.GENE, 0.05),
)
_TOLD = (
    Predicate.HAS_PHENOTYPE,
    Predicate.HAS_INHERITANCE,
    Predicate.GENE_OF_DISEASE,
    Predicate.TREATS,
    Predicate.APPLIED_TO_TREAT,
    Predicate.HAS_CLINICAL_COURSE,
    Predicate.INTERACTS_WITH,
    Predicate.NEEDS_CAUTION_IN,
    Predicate.CAUSES,
    Predicate.DIAGNOSES,
    Predicate.RED_FLAG_OF,
    Predicate.PREDISPOSES_TO,
    Predicate.TRANSMITTED_BY,
)
_SELDOM = (
    Predicate.TREATS,
    Predicate.APPLIED_TO_TREAT,
    Predicate.RED_FLAG_OF,
    Predicate.PREDISPOSES_TO,
    Predicate.TRANSMITTED_BY,
)
"""Facts that few diseases have. Drawn evenly, these would be asked about almost only where nothing answers."""
_SELDOM_SHARE = 0.25


def _concepts(snapshot: Snapshot, rng: random.Random, count: int) -> list[Curie]:
    """Concepts with facts to ask about, each category its share, in random order."""
    chosen: list[Curie] = []
    told, seldom = _facts_told(snapshot, _TOLD), _facts_told(snapshot, _SELDOM)
    for category, share in _SHARES:
        known = [curie for curie in snapshot.concepts(category) if told.get(snapshot.position(curie), 0) > 0]
        rich = sorted(known, key=lambda curie: (-told[snapshot.position(curie)], curie))
        several = [curie for curie in rich if told[snapshot.position(curie)] > 1]
        wanted = round(share * count)
        if category is Category.DISEASE:
            uncommon = [curie for curie in rich if seldom.get(snapshot.position(curie), 0) > 0]
            drawn = rng.sample(uncommon, min(round(_SELDOM_SHARE * wanted), len(uncommon)))
            chosen += drawn
            wanted -= len(drawn)
            several = [curie for curie in several if curie not in set(drawn)]
        pool = several if len(several) >= wanted else rich
        chosen += rng.sample(pool, min(wanted, len(pool)))
    rng.shuffle(chosen)
    return chosen


def _facts_told(snapshot: Snapshot, predicates: Iterable[Predicate]) -> Counter[int]:
    """By position, of how many of some kinds there are facts of a concept, on either side."""
    columns, codes = snapshot.columns, {predicate: code for code, predicate in enumerate(Predicate)}
    told: Counter[int] = Counter()
    for predicate in predicates:
        rows = columns.predicate == codes[predicate]
        told.update({*columns.subject[rows].tolist(), *columns.object[rows].tolist()})
    return told


def _tagged(
    made_with: Ingredients, items: Sequence[tuple[EvidenceItem, Split]], splitting: Splitting, count: int
) -> Iterator[tuple[Example, Split]]:
    nouns = {p.name: row for row, predicates in _NOUNS.items() for p in predicates}
    system = made_with.answer_prompt.system
    snapshot = made_with.snapshot

    def category(curie: Curie) -> Category:
        return snapshot.category_at(snapshot.position(curie))

    relations = entities = 0
    for number, (item, split) in enumerate(items):
        if relations < count and (tagged := relation_example(item, nouns, system, f"r{number}")) is not None:
            relations += 1
            yield tagged, split
        elif entities < count and item.facts:
            found = entity_example(item.text, made_with.reader.mentions(item.text), category, system, f"e{number}")
            if found is not None:
                entities += 1
                yield found, split


_NOUNS: Mapping[str, tuple[Predicate, ...]] = {
    "mode of inheritance": (Predicate.HAS_INHERITANCE,),
    "gene of a disease": (Predicate.GENE_OF_DISEASE,),
    "onset or course": (Predicate.HAS_CLINICAL_COURSE,),
    "sign or symptom": (Predicate.HAS_PHENOTYPE,),
    "treatment": (Predicate.TREATS, Predicate.APPLIED_TO_TREAT),
    "interaction": (Predicate.INTERACTS_WITH,),
    "kind of": (Predicate.SUBCLASS_OF,),
    "caution or contraindication": (Predicate.NEEDS_CAUTION_IN, Predicate.CONTRAINDICATED_IN),
}


def _manifest(
    folder: Path,
    made_with: Ingredients,
    splitting: Splitting,
    seed: int,
    amount: Amount,
    by_split: Mapping[Split, Sequence[Example]],
) -> dict[str, Any]:
    table = resources.files("model") / "tuning" / "forms.toml"
    return {
        "format": FORMAT,
        "graph_version": made_with.snapshot.version,
        "prompts": {p.name: p.version for p in (made_with.answer_prompt, made_with.diagnosis_prompt)},
        "abstention": made_with.answer_prompt.abstention,
        "forms_sha256": _hash_text(table.read_text(encoding="utf-8")),
        "seed": seed,
        "amount": asdict(amount),
        "splitting": asdict(splitting),
        "held_out_relations": sorted(splitting.held_out_relations(forms())),
        "held_out_forms": sorted(
            wording
            for relation in forms().relations.values()
            for wording in relation.wordings
            if splitting.is_held_out_form(wording)
        ),
        "never_in": ["MedQuAD", "PubMedQA", "BiomixQA", "phenopackets"],
        "files": {
            f"{split.value}.jsonl": {
                "sha256": sha256_of(folder / f"{split.value}.jsonl"),
                "examples": len(examples),
                "tasks": dict(sorted(Counter(example.task.value for example in examples).items())),
                "relations": dict(sorted(Counter(example.relation for example in examples).items())),
            }
            for split, examples in by_split.items()
        },
    }


def _hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def manifest_hash(folder: Path) -> str:
    """What names a data folder: the sha256 of its manifest, which has those of its files."""
    return sha256_of(folder / MANIFEST)
