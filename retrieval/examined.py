"""Findings of examination notes: what the rules link, weighed with what a learned model knows of such notes."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kg import Category

from .assertion import Status
from .examination import Clause, clauses
from .finding_evidence import Candidates, Cut, Linked, NamedMatches, Scores, Sources, weigh
from .finding_features import ClauseFeatures, Piece
from .finding_model import LEAST_SCORE, FindingModel, Wordings
from .finding_names import NameIndex, finding_names, index_of
from .lexicon import Lexicon
from .linker import Link
from .mention import Assertion
from .windows import WordTable

if TYPE_CHECKING:
    from spacy.tokens import Doc

Judged = tuple[Link, Status]
Ints: TypeAlias = NDArray[np.int64]

MAX_TOKENS = 60
"""No link is longer than this, in tokens."""

_WHOLE_SPAN_SHARE = 0.3  # of the strongest word's part in a score; weaker words do not widen a mention


class ExamReader:
    """Decides on the findings of examination sections. Holds a model and what words look like to it, no texts."""

    def __init__(self, lexicon: Lexicon, table: WordTable, model: FindingModel) -> None:
        self.lexicon = lexicon
        self.model = model
        self.table = table
        self.features = ClauseFeatures(table)
        self._of_label = np.array([_row_of(lexicon, curie) for curie in model.weights.curies], dtype=np.int64)
        self._wordings: tuple[NameIndex, Ints] | None = None

    def read(self, doc: "Doc", links: Sequence[Link], statuses: Sequence[Status]) -> list[Judged]:
        """The links of ``doc`` with their statuses, findings inside examination sections decided anew."""
        kept: dict[int, Judged] = dict(enumerate(zip(links, statuses, strict=True)))
        found = list(clauses(doc, self.table))
        added: list[Judged] = []
        candidates = self.candidates(found, links, statuses) if found else None
        if candidates is not None and len(candidates.at):
            likely = self.model.probabilities(candidates.evidence)
            rows = zip(candidates.clause.tolist(), candidates.concept.tolist(), candidates.at.tolist(), likely.tolist(),
                       strict=True)  # fmt: skip
            for clause, concept, at, probability in rows:
                if at < 0:
                    if probability >= self.model.threshold:
                        added.append((self._link(found[clause], concept, probability), Status()))
                elif probability >= self.model.threshold:
                    kept[at] = links[at], Status()
                elif statuses[at].assertion is Assertion.PRESENT:
                    kept.pop(at, None)
        return sorted([*kept.values(), *added], key=lambda pair: (pair[0].start, pair[0].stop, pair[0].curie))

    def candidates(self, found: Sequence[Clause], links: Sequence[Link], statuses: Sequence[Status]) -> Candidates:
        """What the clauses may name of the graph."""
        pieces, cut = cut_up(found)
        sources = Sources(
            self.names(pieces), self.wordings(pieces), self._scores(pieces), list(self.linked(found, links))
        )
        return weigh(sources, cut, found, links, statuses, self.table, self.lexicon.n_concepts, self._count)

    def names(self, pieces: Sequence[Piece]) -> NamedMatches:
        """The graph's names of findings that share words with ``pieces``."""
        names = finding_names(self.lexicon)
        matches = names.index.matches(pieces, self.table)
        return NamedMatches(matches, names.concept[matches.name], names.kind[matches.name])

    def wordings(self, pieces: Sequence[Piece]) -> NamedMatches:
        """The training notes' wordings of findings that share words with ``pieces``."""
        if self._wordings is None:
            wordings = self.model.wordings
            index = index_of(wordings.words, wordings.ends.astype(np.int64), finding_names(self.lexicon))
            self._wordings = index, self._of_label[wordings.labels] if len(wordings.labels) else self._of_label[:0]
        index, concept = self._wordings
        matches = index.matches(pieces, self.table)
        known = np.flatnonzero(concept[matches.name] >= 0)
        matches = matches[known]
        return NamedMatches(matches, concept[matches.name], np.zeros(len(known), dtype=np.int64))

    def linked(self, found: Sequence[Clause], links: Sequence[Link]) -> Iterator[Linked]:
        """The links inside each clause, the longest of a concept last."""
        for number, clause in enumerate(found):
            for at in sorted(_inside(clause, links), key=lambda at: links[at].n_words):
                concept = self.lexicon.concept(links[at].curie)
                if concept is not None:
                    yield Linked(number, concept, at)

    def _scores(self, pieces: Sequence[Piece]) -> Scores:
        scores = self.model.weights.scores(self.features.matrix(pieces)).tocoo()
        concept = self._of_label[scores.col] if len(self._of_label) else scores.col.astype(np.int64)
        kept = np.flatnonzero((scores.data >= LEAST_SCORE) & (concept >= 0))
        return Scores(scores.row[kept].astype(np.int64), concept[kept], scores.data[kept].astype(np.float64))

    def _count(self, _clause: Ints, concept: Ints) -> NDArray[np.float64]:
        counts = np.zeros(self.lexicon.n_concepts)
        known = self._of_label >= 0
        counts[self._of_label[known]] = self.model.weights.counts[known]
        found: NDArray[np.float64] = counts[concept]
        return found

    def _link(self, clause: Clause, concept: int, probability: float) -> Link:
        curie, label = self.lexicon.curie(concept), self.lexicon.label(concept)
        start, stop = self._span(clause, curie, concept)
        return Link(start, stop, curie, label, Category.PHENOTYPE, round(probability, 4), stop - start, (start, stop))

    def _span(self, clause: Clause, curie: str, concept: int) -> tuple[int, int]:
        """The tokens of the words that speak for the finding; the whole clause if none does."""
        names = frozenset[int]().union(*self.lexicon.word_sets(curie))
        named = [float(self.table.bag_hash[row] in names) for row in clause.rows]
        parts = np.asarray(named) if any(named) else self._parts(clause, curie)
        least = float(parts.max(initial=0)) * _WHOLE_SPAN_SHARE
        telling = np.flatnonzero((parts > 0) & (parts >= least)).tolist() or list(range(len(parts)))
        return clause.first[telling[0]], clause.last[telling[-1]] + 1

    def _parts(self, clause: Clause, curie: str) -> Any:
        """What each word alone adds to the score of a finding."""
        label = self.model.weights.row(curie)
        if label is None:
            return np.zeros(len(clause.rows))
        words = self.features.matrix([Piece((row,)) for row in clause.rows])
        return self.model.weights.scores(words).toarray()[:, label]


def cut_up(found: Sequence[Clause]) -> tuple[list[Piece], Cut]:
    """The pieces of all clauses, and where each is from."""
    pieces: list[Piece] = []
    clause: list[int] = []
    whole: list[bool] = []
    for number, one in enumerate(found):
        own = one.pieces
        pieces += own
        clause += [number] * len(own)
        whole += [True] + [False] * (len(own) - 1)
    return pieces, Cut(np.array(clause, dtype=np.int64), np.array(whole, dtype=np.bool_))


def wordings_of(spans: Sequence[tuple[frozenset[int], int]]) -> Wordings:
    """`Wordings` of hashed words with the row of the finding they name, each once, in order."""
    unique = sorted({(label, tuple(sorted(words))) for words, label in spans if words})
    return Wordings(
        np.array([word for _, words in unique for word in words], dtype=np.uint64),
        np.cumsum([len(words) for _, words in unique], dtype=np.int32),
        np.array([label for label, _ in unique], dtype=np.int16),
    )


def _row_of(lexicon: Lexicon, curie: str) -> int:
    concept = lexicon.concept(curie)
    return -1 if concept is None else concept


def _inside(clause: Clause, links: Sequence[Link]) -> list[int]:
    """Positions of the links that are findings whose end lies in ``clause``; links are in order of their start."""
    begin = bisect_left(links, clause.start - MAX_TOKENS, key=lambda link: link.start)
    end = bisect_left(links, clause.stop, key=lambda link: link.start)
    return [
        at
        for at in range(begin, end)
        if links[at].category is Category.PHENOTYPE and clause.start < links[at].stop <= clause.stop
    ]
