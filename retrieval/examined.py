"""Findings of examination notes: what the rules link, weighed with what a learned model knows of such notes."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log1p
from typing import TYPE_CHECKING

from kg import Category

from .assertion import Status
from .examination import Clause, clauses
from .finding_features import ClauseFeatures
from .finding_model import FindingModel
from .lexicon import Lexicon
from .linker import Link
from .mention import Assertion
from .normalise import hash_word, word_tables
from .windows import WordTable

if TYPE_CHECKING:
    from spacy.tokens import Doc

Judged = tuple[Link, Status]

_ASSERTED = {Assertion.PRESENT: 1.0, Assertion.ABSENT: -1.0}
MAX_TOKENS = 60
"""No link is longer than this, in tokens."""

_WHOLE_SPAN_SHARE = 0.3  # of the strongest word's part in a score; weaker words do not widen a mention


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finding that a clause may name: by the rules (``at``, a position in the links), by the model, or both."""

    curie: str
    at: int | None
    evidence: tuple[float, ...]


@lru_cache(maxsize=1)
def _denials() -> frozenset[str]:
    return frozenset(word_tables()["denials"]["words"])


class ExamReader:
    """Decides on the findings of examination sections. Holds a model and what words look like to it, no texts."""

    def __init__(self, lexicon: Lexicon, table: WordTable, model: FindingModel) -> None:
        self.lexicon = lexicon
        self.model = model
        self._table = table
        self.features = ClauseFeatures(table)

    def read(self, doc: "Doc", links: Sequence[Link], statuses: Sequence[Status]) -> list[Judged]:
        """The links of ``doc`` with their statuses, findings inside examination sections decided anew."""
        kept: dict[int, Judged] = dict(enumerate(zip(links, statuses, strict=True)))
        added: list[Judged] = []
        for clause in clauses(doc, self._table):
            for candidate in self.candidates(clause, links, statuses):
                likely = self.model.probability(candidate.evidence) >= self.model.threshold
                if candidate.at is None:
                    if likely:
                        added.append((self._link(clause, candidate), Status()))
                elif likely:
                    kept[candidate.at] = links[candidate.at], Status()
                elif statuses[candidate.at].assertion is Assertion.PRESENT:
                    kept.pop(candidate.at, None)
        return sorted([*kept.values(), *added], key=lambda pair: (pair[0].start, pair[0].stop, pair[0].curie))

    def candidates(self, clause: Clause, links: Sequence[Link], statuses: Sequence[Status]) -> Iterator[Candidate]:
        """What ``clause`` may name of the graph, by identifier; each once, the longest link of a concept."""
        scores = self.model.scores(self.features.of(clause))
        named = {self.model.curies[row]: score for row, score in scores.items()}
        named = {curie: score for curie, score in named.items() if self.lexicon.word_sets(curie)}
        return self.weigh(clause, links, statuses, named, self.model.count)

    def weigh(
        self,
        clause: Clause,
        links: Sequence[Link],
        statuses: Sequence[Status],
        scores: Mapping[str, float],
        count: Callable[[str], int],
    ) -> Iterator[Candidate]:
        """The candidates with their evidence, given the scores of the model and how often it met a finding."""
        inside = _inside(clause, links)
        linked = {links[at].curie: at for at in sorted(inside, key=lambda at: links[at].n_words)}
        longest = max((links[at].n_words for at in inside), default=1)
        best = max(scores.values(), default=0.0)
        words = frozenset(self._table.bag_hash[row] for row in clause.rows)
        context = words | {hash_word(self._table.form(word).word) for word in clause.heading}
        shared = (
            float(any(statuses[at].negated for at in inside)),
            float(any(self._table.forms[row].plain in _denials() for row in clause.rows)),
        )
        for curie in sorted({*scores, *linked}):
            score, at = scores.get(curie, 0.0), linked.get(curie)
            score_of_link, length, asserted = 0.0, 0.0, 0.0
            if at is not None:
                score_of_link, length = links[at].score, links[at].n_words / longest
                asserted = _ASSERTED.get(statuses[at].assertion, 0.5)
            evidence = (
                score,
                best,
                best - score,
                score_of_link,
                length,
                asserted,
                shared[0],
                log1p(count(curie)),
                float(len(clause.rows)),
                shared[1],
                *self._overlap(curie, words, context),
                score * score_of_link,
                float(at is not None),
            )
            yield Candidate(curie, at, evidence)

    def _overlap(self, curie: str, words: frozenset[int], context: frozenset[int]) -> tuple[float, float]:
        """Best share of a name's words in the clause or its heading, and best overlap (Dice) with the clause."""
        names = self.lexicon.word_sets(curie)
        covered = max((len(name & context) / len(name) for name in names), default=0.0)
        overlap = max((2 * len(name & words) / (len(name) + len(words)) for name in names), default=0.0)
        return covered, overlap

    def _link(self, clause: Clause, candidate: Candidate) -> Link:
        start, stop = self._span(clause, candidate.curie)
        concept = self.lexicon.concept(candidate.curie)
        label = candidate.curie if concept is None else self.lexicon.label(concept)
        score = round(self.model.probability(candidate.evidence), 4)
        return Link(start, stop, candidate.curie, label, Category.PHENOTYPE, score, stop - start, (start, stop))

    def _span(self, clause: Clause, curie: str) -> tuple[int, int]:
        """The tokens of the words that speak for the finding; the whole clause if none does."""
        row = self.model.row(curie)
        parts = []
        for word in clause.rows:
            scores = self.model.scores(dict(self.features.word(word).own))
            parts.append(scores.get(row, 0.0) if row is not None else 0.0)
        least = max(parts, default=0.0) * _WHOLE_SPAN_SHARE
        telling = [at for at, part in enumerate(parts) if part > 0 and part >= least] or list(range(len(parts)))
        return clause.first[telling[0]], clause.last[telling[-1]] + 1


def _inside(clause: Clause, links: Sequence[Link]) -> list[int]:
    """Positions of the links that are findings whose end lies in ``clause``; links are in order of their start."""
    begin = bisect_left(links, clause.start - MAX_TOKENS, key=lambda link: link.start)
    end = bisect_left(links, clause.stop, key=lambda link: link.start)
    return [
        at
        for at in range(begin, end)
        if links[at].category is Category.PHENOTYPE and clause.start < links[at].stop <= clause.stop
    ]
