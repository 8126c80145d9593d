"""Learn the model of findings in examination notes and print cross-validated figures, as JSON.

    python benchmarks/learn_findings.py ../shared/bench/tagging/physexam-train.tsv
    python benchmarks/learn_findings.py ../shared/bench/tagging/physexam-train.tsv --write data/finding_model.npz

The notes are the training part of BioCreative VIII track 3 (Weissenbacher et al. 2023). Each clause and part of a
clause, the words of each marked finding, and the graph's names of those findings are examples; kernel ridge regression
gives every finding its weights. Boosted trees then decide on each candidate, from scores of models that did not see its
note (closed form, Rasmussen & Williams 2006, eq. 5.12). Both see training notes alone. Without ``--write`` each of five
folds is read with a model of the other four, and the same notes with the rules alone.
"""

import argparse
import csv
import json
import os
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_path

from benchmarks.boosting import Boosting, boost, logistic
from benchmarks.tagging import ABNORMALITY, figures, kin
from kg import Category, Snapshot, open_snapshot
from retrieval import Assertion, Reader
from retrieval.examination import Clause, clauses
from retrieval.examined import ExamReader, cut_up, wordings_of
from retrieval.finding_evidence import Candidates, NamedMatches, Scores, Sources, weigh
from retrieval.finding_features import Piece
from retrieval.finding_model import LEAST_SCORE, FindingModel, Wordings, note_hash, write_model
from retrieval.finding_names import finding_names, index_of
from retrieval.hashed_weights import no_weights, prune
from retrieval.linker import Link
from retrieval.normalise import TokenKind, words_of
from retrieval.trees import no_trees
from retrieval.windows import rows_of_name

RIDGE = 0.3
NAME_WEIGHT = 0.3
KEPT_PER_LABEL = 250
THRESHOLD = 0.38
"""Half of the F1 hoped for, where adding a finding stops to pay (Lipton et al. 2014)."""
TREES = Boosting(n_trees=100, step=0.1, leaves=8, rows_a_leaf=30)
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
    """All that is learned from: pieces with their findings, the note of each (-1: a name of the graph)."""

    pieces: list[Piece]
    findings: list[frozenset[str]]
    note: list[int]


@dataclass(frozen=True, slots=True)
class Spans:
    """The wordings of the notes' findings: hashed words, the finding, the note."""

    words: list[frozenset[int]]
    findings: list[str]
    note: list[int]


class Learner:
    """The notes read once: their clauses, what the rules link there, the names that fit, and the examples."""

    def __init__(self, notes: Sequence[Note], reader: Reader, snapshot: Snapshot) -> None:
        self.notes = notes
        self.table = reader.linker.table
        self.lexicon = reader.lexicon
        self.reading = ExamReader(reader.lexicon, self.table, _no_model())
        self.docs = [next(iter(reader.docs(note.text)))[1] for note in notes]
        clauses_of = [list(clauses(doc, self.table)) for doc in self.docs]
        self.clauses: list[Clause] = [clause for found in clauses_of for clause in found]
        self.note_of = np.repeat(np.arange(len(notes)), [len(found) for found in clauses_of])
        self.labels: list[frozenset[str]] = []
        self.examples = Examples([], [], [])
        for at, (note, found) in enumerate(zip(notes, clauses_of, strict=True)):
            self._add_clauses(at, note, found)
        self.pieces, self.cut = cut_up(self.clauses)
        self.n_pieces = len(self.pieces)
        self.spans = self._add_spans(clauses_of)
        self._add_names(snapshot)
        features = self.reading.features.matrix(self.examples.pieces)
        self.kernel = (features @ features.T).toarray()
        self.columns = np.unique(features.indices)
        self.features = features[:, self.columns]
        self.links, self.linked = self._link(clauses_of)
        self.names = self.reading.names(self.pieces)
        self.wordings = self._match_spans()

    def _add(self, piece: Piece, findings: frozenset[str], note: int) -> None:
        self.examples.pieces.append(piece)
        self.examples.findings.append(findings)
        self.examples.note.append(note)

    def _add_clauses(self, at: int, note: Note, found: Sequence[Clause]) -> None:
        """The clauses and their parts, in the order of `cut_up`."""
        doc = self.docs[at]
        labels = _labels(note.findings, note, [_bounds(doc, c, 0, len(c.rows)) for c in found])
        for clause, own in zip(found, labels, strict=True):
            parts = [_bounds(doc, clause, start, stop) for start, stop in clause.parts]
            findings = {curie: note.findings[curie] for curie in own}
            of_parts = _labels(findings, note, parts) if len(parts) > 1 else []
            for piece, labelled in zip(clause.pieces, [own, *of_parts], strict=True):
                self._add(piece, labelled, at)
        self.labels += labels

    def _add_spans(self, clauses_of: Sequence[Sequence[Clause]]) -> Spans:
        spans = Spans([], [], [])
        for at, note in enumerate(self.notes):
            heading = clauses_of[at][0].heading if clauses_of[at] else ()
            for curie, parts in note.findings.items():
                rows = [self.table.row(word) for start, end in parts for word in words_of(note.text[start:end])]
                self._add(Piece(tuple(rows), heading), frozenset([curie]), at)
                spans.words.append(frozenset(self._hashes(rows)))
                spans.findings.append(curie)
                spans.note.append(at)
        return spans

    def _hashes(self, rows: Sequence[int]) -> list[int]:
        forms, hashes = self.table.forms, self.table.bag_hash
        return [hashes[row] for row in rows if forms[row].kind is TokenKind.CONTENT and hashes[row]]

    def _add_names(self, snapshot: Snapshot) -> None:
        for curie in sorted({curie for note in self.notes for curie in note.findings}):
            for name in snapshot.concept(curie).names:
                rows = rows_of_name(words_of(name.text), self.table)
                self._add(Piece(tuple(rows)), frozenset([curie]), -1)

    def _link(self, clauses_of: Sequence[Sequence[Clause]]) -> tuple[list[tuple[Link, Any]], list[Any]]:
        links: list[tuple[Link, Any]] = []
        linked = []
        number = 0
        for doc, found in zip(self.docs, clauses_of, strict=True):
            linked += [
                replace(link, clause=link.clause + number, at=link.at + len(links))
                for link in self.reading.linked(found, doc._.links)
            ]
            links += zip(doc._.links, doc._.statuses, strict=True)
            number += len(found)
        return links, linked

    def _match_spans(self) -> tuple[NamedMatches, Any]:
        """All wordings of all notes that share words with the pieces, and the note of each wording."""
        words = np.array([word for span in self.spans.words for word in sorted(span)], dtype=np.uint64)
        ends = np.cumsum([len(span) for span in self.spans.words])
        matches = index_of(words, ends, finding_names(self.lexicon)).matches(self.pieces, self.table)
        concept = np.array([self._concept(curie) for curie in self.spans.findings])
        note = np.asarray(self.spans.note)
        named = NamedMatches(matches, concept[matches.name], np.zeros(len(matches.name), dtype=np.int64))
        return named, note[matches.name]

    def _concept(self, curie: str) -> int:
        concept = self.lexicon.concept(curie)
        return -1 if concept is None else concept

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
        model = replace(
            _no_model(),
            weights=prune(weights, self.columns, curies, [counts[curie] for curie in curies], KEPT_PER_LABEL),
            wordings=self._wordings_of(used, column),
            threshold=THRESHOLD,
            seen=np.array(sorted({note_hash(self.notes[at].text) for at in used}), dtype=np.uint32),
        )
        scores = self._unseen(used, rows, inverse, dual, target)
        candidates = self._candidates(used, curies, counts, scores)
        chosen = np.isin(self.note_of[candidates.clause], sorted(used))
        truth = self._truth(candidates)
        return replace(model, trees=boost(candidates.evidence[chosen], logistic(truth[chosen]), TREES))

    def _wordings_of(self, used: frozenset[int], column: Mapping[str, int]) -> Wordings:
        spans = zip(self.spans.words, self.spans.findings, self.spans.note, strict=True)
        return wordings_of([(words, column[curie]) for words, curie, note in spans if note in used])

    def _unseen(self, used: frozenset[int], rows: Any, inverse: Any, dual: Any, target: Any) -> Any:
        """The scores of the pieces of each used note by a model of the others, ``(n_pieces, n_findings)``."""
        groups = defaultdict(list)
        for at, row in enumerate(rows.tolist()):
            groups[self.examples.note[row]].append(at)
        scores = np.zeros((self.n_pieces, target.shape[1]), dtype=np.float32)
        for owner in sorted(used):
            group = groups[owner]
            unseen = target[group] - np.linalg.solve(inverse[np.ix_(group, group)], dual[group])
            own = rows[group] < self.n_pieces
            scores[rows[group][own]] = unseen[own]
        return scores

    def _candidates(
        self, used: frozenset[int], curies: Sequence[str], counts: Mapping[str, int], scores: Any
    ) -> Candidates:
        """The candidates of all clauses as a model sees them that has not read their note."""
        concepts = np.array([self._concept(curie) for curie in curies])
        owned = np.zeros((len(self.notes), len(curies)), dtype=np.int64)
        column = {curie: at for at, curie in enumerate(curies)}
        for at in used:
            owned[at, [column[curie] for curie in self.notes[at].findings]] = 1
        times = np.array([counts[curie] for curie in curies])
        piece, label = np.nonzero(scores >= LEAST_SCORE)
        elsewhere = times[label] > owned[self.note_of[self.cut.clause[piece]], label]
        piece, label = piece[elsewhere], label[elsewhere]
        named, note = self.wordings
        other = note != self.note_of[self.cut.clause[named.matches.piece]]
        kept = np.flatnonzero(other & np.isin(note, sorted(used)))
        sources = Sources(
            self.names,
            NamedMatches(named.matches[kept], named.concept[kept], named.kind[kept]),
            Scores(piece, concepts[label], scores[piece, label].astype(np.float64)),
            self.linked,
        )
        links, statuses = [link for link, _ in self.links], [status for _, status in self.links]
        count = self._count(concepts, times, owned)
        n_concepts = self.lexicon.n_concepts
        return weigh(sources, self.cut, self.clauses, links, statuses, self.table, n_concepts, count)

    def _count(self, concepts: Any, times: Any, owned: Any) -> Callable[[Any, Any], Any]:
        place = np.full(self.lexicon.n_concepts, -1)
        place[concepts] = np.arange(len(concepts))

        def count(clause: Any, concept: Any) -> Any:
            at = place[concept]
            return np.where(at >= 0, times[at] - owned[self.note_of[clause], at], 0)

        return count

    def _truth(self, candidates: Candidates) -> Any:
        pairs = zip(candidates.clause.tolist(), candidates.concept.tolist(), strict=True)
        return np.array([self.lexicon.curie(concept) in self.labels[clause] for clause, concept in pairs])


def _no_model() -> FindingModel:
    none = np.zeros(0, dtype=np.uint32)
    return FindingModel(no_weights(), wordings_of([]), no_trees(), THRESHOLD, none)


def _bounds(doc: Any, clause: Clause, start: int, stop: int) -> tuple[int, int]:
    """The characters of some words of a clause."""
    last = doc[clause.last[stop - 1]]
    return doc[clause.first[start]].idx, last.idx + len(last)


def _labels(findings: Mapping[str, Any], note: Note, bounds: Sequence[tuple[int, int]]) -> list[frozenset[str]]:
    """The findings of each piece: of the one that most of a finding's words are in, the later one if equal."""
    labels: list[set[str]] = [set() for _ in bounds]
    for curie in findings:
        spans = note.findings[curie]
        shared = [sum(max(0, min(e, b) - max(s, a)) for s, e in spans) for a, b in bounds]
        if shared:
            labels[max(range(len(bounds)), key=lambda at: (shared[at], at))].add(curie)
    return [frozenset(found) for found in labels]


def cross_validate(learner: Learner) -> list[frozenset[str]]:
    """The findings of each note, read by a model that has not seen it."""
    found: list[frozenset[str]] = [frozenset()] * len(learner.notes)
    for fold in range(FOLDS):
        model = learner.fit(frozenset(at for at, note in enumerate(learner.notes) if note.fold != fold))
        reading = ExamReader(learner.lexicon, learner.table, model)
        for at, note in enumerate(learner.notes):
            if note.fold == fold:
                doc = learner.docs[at]
                found[at] = _present(reading.read(doc, doc._.links, doc._.statuses))
    return found


def _present(judged: Sequence[tuple[Link, Any]]) -> frozenset[str]:
    """The findings that are not denied."""
    return frozenset(
        link.curie
        for link, status in judged
        if status.assertion is not Assertion.ABSENT and link.category is Category.PHENOTYPE
    )


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
    report: dict[str, Any] = {"notes": len(learner.notes), "examples": len(learner.examples.pieces)}
    if options.write is None:
        read_by_rules = [_present(list(zip(doc._.links, doc._.statuses, strict=True))) for doc in learner.docs]
        for name, read in (("rules", read_by_rules), ("cross_validated", cross_validate(learner))):
            pairs = [
                (_findings(found, snapshot), set(n.findings)) for found, n in zip(read, learner.notes, strict=True)
            ]
            report[name] = figures([_compare(found, gold) for found, gold in pairs])
            report[name + "_errors"] = dict(sum((_errors(*pair, snapshot) for pair in pairs), Counter()).most_common())
    else:
        model = learner.fit(frozenset(range(len(learner.notes))))
        write_model(model, options.write)
        report |= {"findings": len(model.weights.curies), "bytes": options.write.stat().st_size}
    report["seconds"] = round(time.perf_counter() - start)
    print(json.dumps(report, indent=1))
    return 0


def _findings(curies: Set[str], snapshot: Snapshot) -> set[str]:
    """Those that are phenotypic abnormalities of HPO."""
    return {curie for curie in curies if curie.startswith("HP:") and snapshot.is_a(curie, ABNORMALITY)}


def _errors(found: Set[str], gold: Set[str], snapshot: Snapshot) -> Counter[str]:
    """Errors of one note by kind."""
    kinds = Counter("false: " + kin(curie, gold, snapshot) for curie in found - gold)
    return kinds + Counter("missed: " + kin(curie, found, snapshot) for curie in gold - found)


def _compare(found: Set[str], gold: Set[str]) -> tuple[int, int, int]:
    return len(found & gold), len(found - gold), len(gold - found)


if __name__ == "__main__":
    sys.exit(main())
