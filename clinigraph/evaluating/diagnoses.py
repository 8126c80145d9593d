"""Diagnosis of published cases: by the graph, the model alone, the model shown candidates, and both together."""

import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import Category, Curie, GraphError, read_phenopacket
from model import Decoding, Generator, Message, Role
from retrieval import NothingToRank

from ..differential import Diagnosis
from ..errors import UnreadableFile
from .intervals import wilson
from .rows import Row, by_condition, evenly

if TYPE_CHECKING:
    from ..wiring import Application

SUITE = "differential"
_SHOWN = 10
_ALONE = "Name the one disease that fits the findings best. Answer with its name only."
_FREE = Decoding(max_new_tokens=24, stop=("\n", "."))


class Condition(StrEnum):
    """What diagnoses."""

    GRAPH = "graph, rules off"
    RULES = "graph, contradicted diseases last"
    ALONE = "model alone"
    CHOOSES = "model chooses among the first ten"
    BOTH = "graph, the model's choice first where no rule speaks against it"


def measure(
    application: "Application", path: Path, sample: int, has: Callable[[str, str, str], bool]
) -> Iterator[tuple[Row | None, int, int]]:
    """A row for each case and condition that is not there yet, or ``None``, with how many are done of how many."""
    cases = evenly(_read(path), sample)
    for done, (name, content) in enumerate(cases):
        wanted = list(Condition) if application.generator is not None else [Condition.GRAPH, Condition.RULES]
        if not all(has(SUITE, condition, name) for condition in wanted):
            for condition, rank in _ranks(application, name, content):
                row = {"suite": SUITE, "condition": condition.value, "id": name, "rank": rank}
                yield row, done, len(cases)
    yield None, len(cases), len(cases)


def _read(path: Path) -> list[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            return [(name, archive.read(name)) for name in sorted(archive.namelist()) if name.endswith(".json")]
    except (OSError, zipfile.BadZipFile) as error:
        raise UnreadableFile(path, f"it is no zip file of phenopackets ({error}).") from error


def _ranks(application: "Application", name: str, content: bytes) -> Iterator[tuple[Condition, int | None]]:
    """The place of the right disease under each condition, ``None`` where it is not named at all."""
    snapshot = application.snapshot
    try:
        case = read_phenopacket(content, name, snapshot)
        gold = snapshot.resolve(_stated(json.loads(content)))
        ranked = application.diagnostician.differential(case, 100, withhold_own_publications=True).diagnoses
    except (GraphError, NothingToRank, KeyError, IndexError):
        return
    order = [diagnosis.ranked.disease for diagnosis in ranked]
    sound = [d.ranked.disease for d in ranked if not d.is_contradicted]
    yield Condition.GRAPH, _place(order, gold)
    yield Condition.RULES, _place([*sound, *(d for d in order if d not in sound)], gold)
    if application.generator is None:
        return
    findings = ", ".join(snapshot.label(curie) for curie in case.observed)
    named = _named(application, _said(application.generator, _ALONE, f"Findings: {findings}", _FREE))
    yield Condition.ALONE, 1 if gold in named else None
    chosen = _chosen(application.generator, findings, ranked[:_SHOWN])
    yield Condition.CHOOSES, 1 if chosen == gold else None
    first = [chosen] if chosen in sound else []
    yield Condition.BOTH, _place([*first, *(d for d in order if d not in first)], gold)


def _stated(packet: dict[str, Any]) -> Curie:
    stated = [item["diagnosis"]["disease"]["id"] for item in packet.get("interpretations", ()) if "diagnosis" in item]
    stated += [item["term"]["id"] for item in packet.get("diseases", ()) if not item.get("excluded")]
    return str(stated[0])


def _place(order: Sequence[Curie], gold: Curie | None) -> int | None:
    return order.index(gold) + 1 if gold in order else None


def _said(generator: Generator, system: str, user: str, decoding: Decoding) -> str:
    messages = [Message(Role.SYSTEM, system), Message(Role.USER, user)]
    return "".join(generator.stream(messages, decoding)).strip()


def _named(application: "Application", text: str) -> set[Curie]:
    mentions = application.reader.mentions(text, prefer=Category.DISEASE)
    return {curie for mention in mentions for curie in (mention.curie, *mention.alternatives)}


def _chosen(generator: Generator, findings: str, candidates: Sequence[Diagnosis]) -> Curie | None:
    """The candidate that the model picks by its number, which is all that it may write."""
    listing = "\n".join(f"[{n}] {diagnosis.label}" for n, diagnosis in enumerate(candidates, start=1))
    numbers = "|".join(str(n) for n in range(1, len(candidates) + 1))
    decoding = Decoding(max_new_tokens=6, pattern=rf"\[({numbers})\]")
    asked = f"Candidate diseases:\n{listing}\n\nFindings: {findings}\nWhich candidate fits best?"
    said = _said(generator, "Answer with the number of one candidate.", asked, decoding).strip("[]")
    return candidates[int(said) - 1].ranked.disease if said.isdecimal() else None


def summarise(rows: list[Row]) -> dict[str, Any]:
    """The share of cases whose disease comes first, and among the first three and ten, under each condition."""
    return {
        name: {f"first_{cutoff}": _within([row["rank"] for row in group], cutoff) for cutoff in (1, 3, 10)}
        for name, group in by_condition(rows).items()
    }


def _within(ranks: Sequence[int | None], cutoff: int) -> dict[str, float]:
    return wilson(sum(rank is not None and rank <= cutoff for rank in ranks), len(ranks))
