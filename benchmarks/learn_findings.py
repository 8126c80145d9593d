"""Learn the model of findings in examination notes and print cross-validated figures, as JSON.

    python benchmarks/learn_findings.py ../shared/bench/tagging/physexam-train.tsv --write data/finding_model.npz

The notes are the training part of BioCreative VIII track 3 (Weissenbacher et al. 2023). Each clause, the words of each
marked finding, and the graph's names of those findings are examples; kernel ridge regression gives every finding its
weights. Logistic regression then decides on each candidate, from scores of models that did not see its note (closed
form, Rasmussen & Williams 2006, eq. 5.12). Both see training notes alone.
"""

import argparse
import csv
import json
import os
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_path
from scipy import sparse

from benchmarks.tagging import figures
from kg import Snapshot, open_snapshot
from retrieval import Reader
from retrieval.examination import Clause, clauses
from retrieval.examined import Candidate, ExamReader
from retrieval.finding_features import N_FEATURES
from retrieval.finding_model import EVIDENCE, LEAST_SCORE, FindingModel, note_hash, prune, write_model
from retrieval.normalise import words_of
from retrieval.windows import rows_of_name

RIDGE = 0.3
NAME_WEIGHT = 0.3
KEPT_PER_LABEL = 300
THRESHOLDS = (0.25, 0.3, 0.35, 0.4)
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Note:
    """One observation: its text and its findings with the spans that name them."""

    id: str
    text: str
    findings: Mapping[str, tuple[tuple[int, int], ...]]

    @property
    def fold(self) -> int:
        """The fold of cross-validation, by the identifier."""
        return zlib.crc32(self.id.encode()) % FOLDS


def read_notes(path: Path, snapshot: Snapshot) -> list[Note]:
    """The observations of a tab-separated file of the corpus, normal findings left out."""
    texts: dict[str, str] = {}
    findings: dict[str, dict[str, tuple[tuple[int, int], ...]]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            texts[row["StringID"]] = row["Text"]
            curie = snapshot.resolve(row["Term"]) if row["Term"] not in ("", "NA") else None
            if curie is not None and row["Negated"] != "X":
                spans = (span.split("-") for span in row["Spans"].split(","))
                findings[row["StringID"]][curie] = tuple((int(a), int(b)) for a, b in spans)
    return [Note(key, text, findings[key]) for key, text in texts.items()]


@dataclass(slots=True)
class Examples:
    """All that is learned from: rows of features with their findings, the note of each (-1: a name of the graph)."""

    rows: list[dict[int, float]]
    findings: list[frozenset[str]]
    note: list[int]

    def matrix(self) -> Any:
        """The features, sparse."""
        values = [value for row in self.rows for value in row.values()]
        columns = [column for row in self.rows for column in row]
        starts = np.cumsum([0, *map(len, self.rows)])
        return sparse.csr_array((values, columns, starts), shape=(len(self.rows), N_FEATURES))


class Learner:
    """The notes read once: their clauses, what the rules link there, and the examples."""

    def __init__(self, notes: Sequence[Note], reader: Reader, snapshot: Snapshot) -> None:
        self.notes = notes
        self.table = reader.linker.table
        self.reading = ExamReader(reader.lexicon, self.table, _no_model())
        self.docs = [next(iter(reader.docs(note.text)))[1] for note in notes]
        self.clauses = [list(clauses(doc, self.table)) for doc in self.docs]
        self.labels = [_labels(note, doc, cs) for note, doc, cs in zip(notes, self.docs, self.clauses, strict=True)]
        self.examples = Examples([], [], [])
        self.clause_rows: list[list[int]] = []
        for at, note in enumerate(notes):
            self._add_note(at, note)
        self._add_names(snapshot)
        features = self.examples.matrix().astype(np.float32)
        self.kernel = (features @ features.T).toarray()
        self.columns = np.unique(features.indices)
        self.features = features[:, self.columns]

    def _add(self, features: dict[int, float], findings: frozenset[str], note: int) -> int:
        self.examples.rows.append(features)
        self.examples.findings.append(findings)
        self.examples.note.append(note)
        return len(self.examples.rows) - 1

    def _add_note(self, at: int, note: Note) -> None:
        features = self.reading.features
        self.clause_rows.append(
            [self._add(features.of(c), labels, at) for c, labels in zip(self.clauses[at], self.labels[at], strict=True)]
        )
        for curie, spans in note.findings.items():
            rows = [self.table.row(word) for start, end in spans for word in words_of(note.text[start:end])]
            heading = self.clauses[at][0].heading if self.clauses[at] else ()
            self._add(features.features(rows, heading, ()), frozenset([curie]), at)

    def _add_names(self, snapshot: Snapshot) -> None:
        for curie in sorted({curie for note in self.notes for curie in note.findings}):
            for name in snapshot.concept(curie).names:
                rows = rows_of_name(words_of(name.text), self.table)
                self._add(self.reading.features.features(rows, (), ()), frozenset([curie]), -1)

    def fit(self, used: frozenset[int]) -> FindingModel:
        """A model that has seen the notes ``used`` alone."""
        counts = Counter(curie for at in sorted(used) for curie in self.notes[at].findings)
        curies = sorted(counts)
        note = np.asarray(self.examples.note)
        known = [
            note[r] in used or (note[r] < 0 and found <= counts.keys())
            for r, found in enumerate(self.examples.findings)
        ]
        rows = np.flatnonzero(known)
        column = {curie: at for at, curie in enumerate(curies)}
        target = np.zeros((len(rows), len(curies)), dtype=np.float32)
        for at, row in enumerate(rows):
            target[at, [column[curie] for curie in self.examples.findings[row]]] = 1
        noise = np.where(note[rows] < 0, RIDGE / NAME_WEIGHT, RIDGE).astype(np.float32)
        inverse = np.linalg.inv(self.kernel[np.ix_(rows, rows)] + np.diag(noise))
        dual = inverse @ target
        weights = np.ascontiguousarray((self.features[rows].T @ dual).T)
        parts = prune(weights, self.columns, curies, [counts[curie] for curie in curies], KEPT_PER_LABEL)
        model = replace(_no_model(), **parts)
        return self._decide(model, used, rows, inverse, dual, target)

    def _decide(
        self, model: FindingModel, used: frozenset[int], rows: Any, inverse: Any, dual: Any, target: Any
    ) -> FindingModel:
        """The model with its decision, learned from scores of each note by the other notes."""
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it has no types

        place = {int(row): at for at, row in enumerate(rows)}
        note = np.asarray(self.examples.note)[rows]
        groups = defaultdict(list)
        for at, owner in enumerate(note.tolist()):
            groups[owner].append(at)
        evidence, truth, owners = [], [], []
        for owner in sorted(used):
            group = groups[owner]
            unseen = target[group] - np.linalg.solve(inverse[np.ix_(group, group)], dual[group])
            for clause, row, labels in zip(
                self.clauses[owner], self.clause_rows[owner], self.labels[owner], strict=True
            ):
                scores = unseen[group.index(place[row])]
                given = self._known_elsewhere(owner, model, scores)
                for candidate in self._weighed(owner, clause, given, model):
                    evidence.append(candidate.evidence)
                    truth.append(candidate.curie in labels)
                    owners.append((owner, candidate.curie))
        x, y = np.asarray(evidence), np.asarray(truth)
        spread = np.where(x.std(axis=0) > 0, x.std(axis=0), 1)
        decision = LogisticRegression(max_iter=1000).fit((x - x.mean(axis=0)) / spread, y)
        coefficients = decision.coef_[0] / spread
        model = replace(
            model, coefficients=coefficients, intercept=float(decision.intercept_[0] - coefficients @ x.mean(axis=0))
        )
        likely = 1 / (1 + np.exp(-(x @ coefficients + model.intercept)))
        return replace(model, threshold=self._threshold(likely, owners, used), seen=self._seen(used))

    def _known_elsewhere(self, owner: int, model: FindingModel, scores: Any) -> dict[str, float]:
        """The scores of findings that other notes have too: a model without this note would not know the others."""
        own = self.notes[owner].findings
        found = ((model.curies[at], float(scores[at])) for at in np.flatnonzero(scores >= LEAST_SCORE))
        return {curie: score for curie, score in found if model.count(curie) > (curie in own)}

    def _weighed(
        self, owner: int, clause: Clause, scores: Mapping[str, float], model: FindingModel
    ) -> Iterator[Candidate]:
        """The candidates of a clause as a model sees them that has not read its note."""
        own, doc = self.notes[owner].findings, self.docs[owner]
        return self.reading.weigh(
            clause, doc._.links, doc._.statuses, scores, lambda curie: model.count(curie) - (curie in own)
        )

    def _threshold(self, likely: Any, owners: Sequence[tuple[int, str]], used: frozenset[int]) -> float:
        def f1(threshold: float) -> float:
            found = {owner for owner, p in zip(owners, likely, strict=True) if p >= threshold}
            right = sum(curie in self.notes[at].findings for at, curie in found)
            return 2 * right / (len(found) + sum(len(self.notes[at].findings) for at in used))

        return max(THRESHOLDS, key=lambda threshold: (f1(threshold), threshold))

    def _seen(self, used: frozenset[int]) -> Any:
        return np.array(sorted({note_hash(self.notes[at].text) for at in used}), dtype=np.uint32)


def _no_model() -> FindingModel:
    none = np.zeros(0)
    return FindingModel((), none, none, none, none, none, none, np.zeros(len(EVIDENCE)), 0.0, 0.5, none)  # type: ignore[arg-type]


def _labels(note: Note, doc: Any, cs: Sequence[Clause]) -> list[frozenset[str]]:
    """The findings of each clause: of the one that most of a finding's words are in, the later one if equal."""
    labels: list[set[str]] = [set() for _ in cs]
    bounds = [(doc[c.start].idx, doc[c.stop - 1].idx + len(doc[c.stop - 1])) for c in cs]
    for curie, spans in note.findings.items():
        shared = [sum(max(0, min(e, b) - max(s, a)) for s, e in spans) for a, b in bounds]
        if shared:
            labels[max(range(len(cs)), key=lambda at: (shared[at], at))].add(curie)
    return [frozenset(found) for found in labels]


def cross_validate(learner: Learner) -> list[frozenset[str]]:
    """The findings of each note, read by a model that has not seen it."""
    found: list[frozenset[str]] = [frozenset()] * len(learner.notes)
    for fold in range(FOLDS):
        model = learner.fit(frozenset(at for at, note in enumerate(learner.notes) if note.fold != fold))
        reading = ExamReader(learner.reading.lexicon, learner.table, model)
        for at, note in enumerate(learner.notes):
            if note.fold == fold:
                doc = learner.docs[at]
                judged = reading.read(doc, doc._.links, doc._.statuses)
                found[at] = frozenset(link.curie for link, status in judged if not status.negated)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn, print figures, and write the model if asked to."""
    parser = argparse.ArgumentParser(description="Learn the model of findings in examination notes; prints JSON.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--write", type=Path, help="where the model of all notes is written to")
    cache = Path(os.environ.get("CLINIGRAPH_CACHE") or user_cache_path("clinigraph"))
    parser.add_argument("--cache", type=Path, default=cache, help="the cache with the built graph")
    parser.add_argument("--lexicon", type=Path, help="folder of the lexicon; default: lexicon/ beside the snapshot")
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    snapshot = open_snapshot(options.cache)
    reader = Reader(snapshot, options.lexicon or snapshot.folder.parent / "lexicon", learned=False)
    learner = Learner(read_notes(options.path, snapshot), reader, snapshot)
    report: dict[str, Any] = {"notes": len(learner.notes), "examples": len(learner.examples.rows)}
    if options.write is None:
        pairs = zip(cross_validate(learner), learner.notes, strict=True)
        report["cross_validated"] = figures([_compare(found, note.findings.keys()) for found, note in pairs])
    else:
        model = learner.fit(frozenset(range(len(learner.notes))))
        write_model(model, options.write)
        report |= {"findings": len(model.curies), "threshold": model.threshold, "bytes": options.write.stat().st_size}
        report["decision"] = dict(zip(EVIDENCE, np.round(model.coefficients, 3).tolist(), strict=True))
    report["seconds"] = round(time.perf_counter() - start)
    print(json.dumps(report, indent=1))
    return 0


def _compare(found: Set[str], gold: Set[str]) -> tuple[int, int, int]:
    return len(found & gold), len(found - gold), len(gold - found)


if __name__ == "__main__":
    sys.exit(main())
