"""Given mentions to identifiers of a vocabulary: names of the graph, weighed with what a learned model knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg import Curie

from .coded_evidence import CodedCandidate, EvidenceReader, Named, best_by_code
from .coding import Coder
from .given import GivenLinker
from .linking_model import CONTEXT, EVIDENCE, LinkingModel
from .trees import Trees

_LIKELY = 0.02  # less likely identifiers of other mentions say nothing


@dataclass(frozen=True, slots=True)
class Weighed:
    """The candidates of one mention with their probabilities by themselves."""

    candidates: tuple[CodedCandidate, ...]
    likely: NDArray[np.float64]

    def weighed_by(self, trees: Trees) -> "Weighed":
        """The same candidates weighed by other trees."""
        return Weighed(self.candidates, shares(trees.score(table_of(self.candidates))))


class CodedLinker:
    """Ranks identifiers for given mentions. Without a model the names decide alone."""

    def __init__(self, linker: GivenLinker, coder: Coder, model: LinkingModel | None = None) -> None:
        self.linker = linker
        self.coder = coder
        self.model = model
        self.reader = EvidenceReader(linker, coder)

    def rank(self, mention: str, long_forms: Mapping[str, str] | None = None) -> list[Curie]:
        """The identifiers that ``mention`` may mean, best first; ``long_forms`` are abbreviations its text defines."""
        return self.rank_all([mention], long_forms)[0]

    def rank_all(self, mentions: Sequence[str], long_forms: Mapping[str, str] | None = None) -> list[list[Curie]]:
        """The identifiers that each of the mentions of one text may mean, best first."""
        long_forms = long_forms or {}
        if self.model is None:
            return [self._by_name(mention, long_forms) for mention in mentions]
        weighed = self.weigh(mentions, long_forms, self.model)
        contexts = contexts_of(mentions, weighed)
        return [
            _sorted(one.candidates, self.model.together.score(table_of(one.candidates, context)))
            for one, context in zip(weighed, contexts, strict=True)
        ]

    def weigh(self, mentions: Sequence[str], long_forms: Mapping[str, str], model: LinkingModel) -> list[Weighed]:
        """The candidates of each mention, with how likely each is among those of its mention."""
        found = {}
        for mention in dict.fromkeys(mentions):
            candidates = self.reader.candidates(mention, long_forms, model)
            found[mention] = Weighed(candidates, shares(model.alone.score(table_of(candidates))))
        return [found[mention] for mention in mentions]

    def _by_name(self, mention: str, long_forms: Mapping[str, str]) -> list[Curie]:
        named: Mapping[Curie, Named] = best_by_code(mention, long_forms, self.linker, self.coder, most=1)
        return sorted(named, key=lambda code: (-named[code].score, code))


def shares(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores as shares of one (softmax)."""
    if not len(scores):
        return scores
    power = np.exp(scores - scores.max())
    found: NDArray[np.float64] = power / power.sum()
    return found


def table_of(candidates: Sequence[CodedCandidate], context: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """The evidence of candidates as rows, with their context where it is given."""
    rows = np.array([candidate.evidence for candidate in candidates], dtype=np.float32).reshape(-1, len(EVIDENCE))
    return rows if context is None else np.hstack([rows, context])


def _sorted(candidates: Sequence[CodedCandidate], scores: NDArray[np.float64]) -> list[Curie]:
    return [
        c.code for _, c in sorted(zip((-scores).tolist(), candidates, strict=True), key=lambda p: (p[0], p[1].code))
    ]


def contexts_of(mentions: Sequence[str], weighed: Sequence[Weighed]) -> list[NDArray[np.float32]]:
    """What the other wordings of one text say about the candidates of each mention, one row of `CONTEXT` each."""
    wordings = {mention.casefold(): one for mention, one in zip(mentions, weighed, strict=True)}
    likely = {
        wording: {c.code: p for c, p in zip(one.candidates, one.likely.tolist(), strict=True) if p > _LIKELY}
        for wording, one in wordings.items()
    }
    tables = {mention: _context(mention, mentions, one, likely) for mention, one in zip(mentions, weighed, strict=True)}
    return [tables[mention] for mention in mentions]


def _context(
    mention: str, mentions: Sequence[str], one: Weighed, likely: Mapping[str, Mapping[Curie, float]]
) -> NDArray[np.float32]:
    total: dict[Curie, float] = {}
    best: dict[Curie, float] = {}
    for wording, codes in likely.items():
        if wording != mention.casefold():
            for code, share in codes.items():
                total[code] = total.get(code, 0.0) + share
                best[code] = max(best.get(code, 0.0), share)
    own = [best.get(candidate.code, 0.0) for candidate in one.candidates]
    top, second = ([*sorted(own, reverse=True), 0.0, 0.0])[:2]
    rows = [
        (
            share,
            float(one.likely.max()) - share,
            float((one.likely > share).sum()),
            total.get(candidate.code, 0.0),
            mine,
            second if mine == top else top,
            float(len(likely)),
            float(mentions.count(mention)),
        )
        for candidate, share, mine in zip(one.candidates, one.likely.tolist(), own, strict=True)
    ]
    return np.array(rows, dtype=np.float32).reshape(-1, len(CONTEXT))
