"""Given mentions to identifiers of a vocabulary: names of the graph, weighed with what a learned model knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log1p

from kg import Curie

from .coding import Coder
from .finding_features import ClauseFeatures
from .finding_model import FindingModel
from .given import GivenLinker, written_out
from .normalise import words_of
from .windows import WordTable, rows_of_name

_STEP_COST = 0.02


@dataclass(frozen=True, slots=True)
class CodedCandidate:
    """An identifier that a mention may mean; ``by_name`` is how well a name fits (0: none), ``evidence`` all of it."""

    code: Curie
    by_name: float
    evidence: tuple[float, ...]


class CodedLinker:
    """Ranks identifiers for given mentions. Without a model the names decide alone."""

    def __init__(self, linker: GivenLinker, coder: Coder, table: WordTable, model: FindingModel | None = None) -> None:
        self._linker = linker
        self._coder = coder
        self._table = table
        self._features = ClauseFeatures(table)
        self.model = model

    def rank(self, mention: str, long_forms: Mapping[str, str] | None = None) -> list[Curie]:
        """The identifiers that ``mention`` may mean, best first."""
        scores = {} if self.model is None else self.scores(mention, long_forms, self.model)
        found = self.candidates(mention, long_forms, scores, self.model)
        if self.model is None:
            return [c.code for c in sorted(found, key=lambda c: (-c.by_name, c.code))]
        model = self.model
        return [c.code for c in sorted(found, key=lambda c: (-model.probability(c.evidence), c.code))]

    def features(self, mention: str, long_forms: Mapping[str, str] | None) -> dict[int, float]:
        """What the model sees of a mention: its words, written out."""
        rows = rows_of_name(words_of(written_out(mention, long_forms or {})), self._table)
        return self._features.features(rows, (), ())

    def scores(self, mention: str, long_forms: Mapping[str, str] | None, model: FindingModel) -> dict[Curie, float]:
        """The model's scores by identifier."""
        return {model.curies[row]: s for row, s in model.scores(self.features(mention, long_forms)).items()}

    def candidates(
        self,
        mention: str,
        long_forms: Mapping[str, str] | None,
        scores: Mapping[Curie, float],
        model: FindingModel | None,
    ) -> list[CodedCandidate]:
        """The identifiers that a name or the model brings up, by identifier."""
        by_name = self.by_name(mention, long_forms)
        best_name, best = max(by_name.values(), default=0.0), max(scores.values(), default=0.0)
        return [
            CodedCandidate(
                code,
                name := by_name.get(code, 0.0),
                (
                    score := scores.get(code, 0.0),
                    best - score,
                    best,
                    name,
                    best_name - name,
                    float(name >= 0.9),
                    float(name == best_name),
                    score * name,
                    float(name > 0),
                    best * name,
                    log1p(0 if model is None else model.count(code)),
                ),
            )
            for code in sorted({*by_name, *scores})
        ]

    def by_name(self, mention: str, long_forms: Mapping[str, str] | None) -> dict[Curie, float]:
        """How well names of the graph fit, by identifier; one found by way of ancestors fits less."""
        found: dict[Curie, float] = {}
        for ranked in self._linker.rank(mention, long_forms):
            coded = self._coder.code(ranked.curie)
            if coded is not None:
                code, steps = coded
                found[code] = max(found.get(code, 0.0), ranked.score - _STEP_COST * steps)
        return found
