"""Do the claim checks leave anything for an entailment model to find? Rearranged sentences of passages tell.

    python -m benchmarks.entailment make FOLDER --diseases 3600       # pairs, each with the verdict of the checks
    clinigraph tune classify benchmarks/entailment.toml --data FOLDER --out MODEL
    python -m benchmarks.entailment score FOLDER --model MODEL

A pair is a passage of the graph and a sentence that follows from it or does not. What follows: a sentence of the
passage, the same without what stands in brackets, its beginning up to a semicolon or a relative clause. What does
not: the same sentence with words that the passage has too put in the wrong place, which is how a model errs that is
held to the words of its evidence. Diseases that tuning holds out make up the test of a model. Scored are, by kind of
error, the share of all pairs that passes the checks; and of what passes in the test, how well the model tells right
from wrong, at the threshold that keeps 98 % of what is right. Some edits leave a sentence true after all, so no share
reaches 1.
"""

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from clinigraph.config import resolve_settings
from clinigraph.wiring import Application
from kg import Category, silent
from model import Claim
from model.claims import split_sentences
from model.tuning.diagnosis_texts import TEST, TRAIN
from model.tuning.splits import Splitting
from retrieval import Context, EvidenceItem, EvidenceKind

FOLLOWS, DOES_NOT = "follows", "does not follow"
KEPT = 0.98
SEED = 7
_HEDGES = re.compile(
    r"\b(may|can|often|usually|sometimes|most|many|some|possibly|probably|occasionally)\s", re.IGNORECASE
)
_BRACKETS = re.compile(r"\s*\([^()]*\)")
_CLAUSE = re.compile(r"(;|, which|, and (?:is|are|has|have)\b)")
_ADJECTIVE = re.compile(r"\b[a-z]{3,}(?:al|ic|ous|ive|ary|oid|ed)\b")
_ARTICLE = re.compile(r"(An?|The|Any) ")
_NUMBER = re.compile(r"\b\d+(?:\.\d+)?\b")
_VERB = re.compile(r"\b(is|are|causes|leads to|results in|caused by|due to|characterized by|associated with)\b")


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence, its evidence, and how it came about."""

    sentence: str
    passage: EvidenceItem
    kind: str
    follows: bool


def main() -> None:
    """Make pairs, or score a model on them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make")
    making.add_argument("folder", type=Path)
    making.add_argument("--diseases", type=int, default=3600)
    scoring = commands.add_parser("score")
    scoring.add_argument("folder", type=Path)
    scoring.add_argument("--model", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "make":
        print(json.dumps(make(arguments.folder, arguments.diseases), indent=1))
    else:
        print(json.dumps(score(arguments.folder, arguments.model), indent=1))


def make(folder: Path, diseases: int) -> dict[str, int]:
    """Write the pairs of some diseases, drawn by a fixed seed, in the files that ``tune classify`` reads."""
    application = Application(resolve_settings({"generator": "graph"}), silent)
    snapshot, splitting, rng = application.snapshot, Splitting(SEED), random.Random(SEED)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = rng.sample(list(snapshot.concepts(Category.DISEASE)), diseases)
    counts: Counter[str] = Counter()
    with (folder / TRAIN).open("w", encoding="utf-8") as train, (folder / TEST).open("w", encoding="utf-8") as test:
        for disease in drawn:
            held_out = splitting.of_concept(disease).value == "held_out_concepts"
            _, context = application.answerer.gather(f"Tell me about {snapshot.label(disease)}.")
            passages = [
                item for item in context.items if item.kind is EvidenceKind.PASSAGE and item.curies[:1] == (disease,)
            ]
            for passage in passages[:1]:
                alone = replace(context, items=(replace(passage, n=1),))
                for pair in pairs_of(passage, rng):
                    record = _record(pair, application, alone)
                    (test if held_out else train).write(json.dumps(record, ensure_ascii=False) + "\n")
                    counts[f"{'test' if held_out else 'train'}, {record['label']}"] += 1
    return dict(sorted(counts.items()))


def _record(pair: Pair, application: Application, context: Context) -> dict[str, Any]:
    checks = application.claim_checker.check(Claim(pair.sentence, (1,)), context).checks
    return {
        "text": f"{pair.sentence} [SEP] {' '.join(pair.passage.text.split())}",
        "label": FOLLOWS if pair.follows else DOES_NOT,
        "kind": pair.kind,
        "passes": checks.passed,
    }


def pairs_of(passage: EvidenceItem, rng: random.Random) -> Iterator[Pair]:
    """Sentences on one passage, right ones and wrong ones, each once and none that the passage has as it is."""
    text = " ".join(passage.text.split())
    title, _, body = text.partition(": ")
    body = body or text
    sentences = [body[s.start : s.end] for s in split_sentences(body) if s.complete]
    sentences = [sentence for sentence in sentences if 6 <= len(sentence.split()) <= 40][:3]
    if sentences and body.startswith(sentences[0]) and (article := _ARTICLE.match(sentences[0])):
        sentences[0] = f"{title} is {article[1].lower()} {sentences[0][article.end() :]}"
    told: set[str] = set()
    for sentence in sentences:
        for kind, right in _right(sentence):
            if right not in told:
                told.add(right)
                yield Pair(right, passage, kind, True)
        for kind, wrong in _wrong(sentence, sentences, body, rng):
            if wrong not in told and wrong.rstrip(".") not in text:
                told.add(wrong)
                yield Pair(wrong, passage, kind, False)


def _right(sentence: str) -> Iterator[tuple[str, str]]:
    yield "sentence", sentence
    if _BRACKETS.search(sentence):
        yield "without brackets", _BRACKETS.sub("", sentence)
    beginning = _CLAUSE.split(sentence)[0]
    if beginning != sentence and len(beginning.split()) >= 5:
        yield "beginning", f"{beginning.rstrip('.,;')}."


def _wrong(sentence: str, sentences: Sequence[str], body: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Edits of a sentence with words of its own passage."""
    adjectives = sorted({match[0] for match in _ADJECTIVE.finditer(body)})
    own = [match[0] for match in _ADJECTIVE.finditer(sentence)]
    if own and (others := [word for word in adjectives if word not in own]):
        yield "adjective of the passage", re.sub(rf"\b{rng.choice(own)}\b", rng.choice(others), sentence, count=1)
    if len(set(own)) > 1:
        one, other = rng.sample(sorted(set(own)), 2)
        yield "adjectives exchanged", _exchanged(sentence, one, other)
    numbers = sorted({match[0] for match in _NUMBER.finditer(body)})
    if (mine := _NUMBER.findall(sentence)) and (rest := [n for n in numbers if n not in mine]):
        yield "number of the passage", re.sub(rf"\b{re.escape(mine[0])}\b", rng.choice(rest), sentence, count=1)
    if (hedge := _HEDGES.search(sentence)) is not None:
        yield "doubt or share dropped", f"{sentence[: hedge.start()]}{sentence[hedge.end() :]}"
    if (verb := _VERB.search(sentence)) is not None:
        subject, said = sentence[: verb.start()].strip(), sentence[verb.end() :].strip(" .")
        if subject and said:
            yield "sides exchanged", f"{said[0].upper()}{said[1:]} {verb[0]} {subject[0].lower()}{subject[1:]}."
        yield "denied", f"{sentence[: verb.end()]} not{sentence[verb.end() :]}"
        for other in sentences:
            if other != sentence and (found := _VERB.search(other)) is not None and found[0] == verb[0]:
                yield "ends of two sentences", f"{sentence[: verb.end()]}{other[found.end() :]}"


def _exchanged(text: str, one: str, other: str) -> str:
    swap = {one: other, other: one}
    return re.sub(rf"\b({one}|{other})\b", lambda match: swap[match[0]], text)


def score(folder: Path, model: Path | None) -> dict[str, Any]:
    """What passes the checks by kind, and what a model makes of what passes."""
    records = _read(folder / TEST)
    pairs = [*_read(folder / TRAIN), *records]  # the checks are not trained, so all pairs tell of them
    kinds = sorted({(record["label"], record["kind"]) for record in pairs})
    told: dict[str, Any] = {
        f"{label}: {kind}": _passing([r["passes"] for r in pairs if (r["label"], r["kind"]) == (label, kind)])
        for label, kind in kinds
    }
    result: dict[str, Any] = {"benchmark": "entailment", "passing the checks": told}
    if model is not None:
        passing = [record for record in records if record["passes"]]
        result["model on what passes"] = _judged(passing, _probabilities([r["text"] for r in passing], model))
        result["model on all"] = _judged(records, _probabilities([r["text"] for r in records], model))
    return result


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _passing(passes: Sequence[bool]) -> dict[str, float]:
    return {"share": round(sum(passes) / len(passes), 3), "n": len(passes)}


def _judged(records: Sequence[dict[str, Any]], likely: Sequence[float]) -> dict[str, Any]:
    """How well probabilities of following tell the labels apart."""
    from sklearn.metrics import roc_auc_score

    truth, scores = np.array([record["label"] == FOLLOWS for record in records]), np.array(likely)
    threshold = float(np.quantile(scores[truth], 1 - KEPT))
    kinds = Counter(r["kind"] for r in records if r["label"] == DOES_NOT)
    caught = Counter(
        r["kind"] for r, p in zip(records, likely, strict=True) if r["label"] == DOES_NOT and p < threshold
    )
    return {
        "right": int(truth.sum()),
        "wrong": int((~truth).sum()),
        "auc": round(float(roc_auc_score(truth, scores)), 3),
        "caught of wrong, keeping 98 % of right": round(float((scores[~truth] < threshold).mean()), 3),
        "caught by kind": {kind: f"{caught[kind]} of {count}" for kind, count in sorted(kinds.items())},
    }


def _probabilities(texts: Sequence[str], folder: Path) -> list[float]:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model: Any = AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True).eval()
    column = model.config.label2id[FOLLOWS]
    likely: list[float] = []
    with torch.no_grad():
        for start in range(0, len(texts), 32):
            inputs = tokenizer(
                list(texts[start : start + 32]), return_tensors="pt", padding=True, truncation=True, max_length=128
            )
            likely += model(**inputs).logits.softmax(dim=-1)[:, column].tolist()
    return likely


if __name__ == "__main__":
    main()
