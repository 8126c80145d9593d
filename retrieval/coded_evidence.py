"""What speaks for each identifier that a given mention may mean: names, letters, numbers and what was learned."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log1p

from kg import Category, Curie

from .coding import Coder
from .finding_features import ClauseFeatures, Piece
from .given import GivenLinker, NameMatch
from .linking_model import LinkingModel
from .normalise import hash_letters, hash_word, words_of
from .readings import Reading, ReadingKind, readings_of
from .windows import hash_names, rows_of_name

_STEP_COST = 0.02
_READING_COST = {ReadingKind.WHOLE: 0.0, ReadingKind.AS_IT_STANDS: 0.05, ReadingKind.MEMBER: 0.08}
_BY_NAME = 40  # candidates
_LEAST_SCORE = 0.06
_NO_STEPS, _NO_RANK, _DEEPEST = 9, 60, 15
_CACHED = 50_000
_NUMBERS = frozenset(
    hash_word(text) for text in (*(f"={n}" for n in range(1, 11)), *(str(n) for n in range(200)), *"abcdefgh")
)
_NO_MATCH = NameMatch(0.0, -1, 0.0, 0.0, 0.0, 5, 0)


@dataclass(frozen=True, slots=True)
class CodedCandidate:
    """An identifier that a mention may mean, with its `EVIDENCE`."""

    code: Curie
    evidence: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """The best name for an identifier: the concept it is of, how it fits, and how far the identifier is from it."""

    score: float
    concept: Curie
    match: NameMatch
    steps: int
    reading: Reading


def best_by_code(
    mention: str, long_forms: Mapping[str, str], linker: GivenLinker, coder: Coder, most: int | None = None
) -> dict[Curie, Named]:
    """The best name for each identifier, over all readings; one found by way of ancestors fits less.

    ``most`` limits the identifiers of a concept to the nearest.
    """
    found: dict[Curie, Named] = {}
    for reading in readings_of(mention, long_forms):
        for concept, match in linker.matches(reading.text).items():
            for code, steps in coder.codes(concept)[:most]:
                score = match.score - _STEP_COST * steps - _READING_COST[reading.kind]
                if code not in found or score > found[code].score:
                    found[code] = Named(score, concept, match, steps, reading)
    return found


class EvidenceReader:
    """Makes the evidence for candidates. Remembers letters and depths of concepts, nothing of the texts."""

    def __init__(self, linker: GivenLinker, coder: Coder) -> None:
        self._linker = linker
        self._coder = coder
        self._snapshot = coder.snapshot
        self.features = ClauseFeatures(linker.table)
        self._letters = lru_cache(maxsize=_CACHED)(self._read_letters)
        self._depth = lru_cache(maxsize=_CACHED)(self._read_depth)

    def piece(self, text: str) -> Piece:
        """The words of a mention, written out, as the linear model sees them."""
        return Piece(tuple(rows_of_name(words_of(text), self._linker.table)))

    def key(self, text: str) -> int:
        """The hash of the words of a mention, whatever their order."""
        rows = rows_of_name(words_of(text), self._linker.table)
        return int(hash_names([rows], self._linker.table).bag[0])

    def candidates(
        self, mention: str, long_forms: Mapping[str, str], model: LinkingModel
    ) -> tuple[CodedCandidate, ...]:
        """The identifiers that a name or the model brings up, by identifier, with their evidence."""
        named = best_by_code(mention, long_forms, self._linker, self._coder)
        ranked = sorted(named, key=lambda code: (-named[code].score, code))[:_BY_NAME]
        ranks = {code: rank for rank, code in enumerate(ranked)}
        whole = readings_of(mention, long_forms)[0].text
        learned = self._learned(whole, model)
        codes = sorted({*ranked, *learned.scores, *learned.by_letters, *learned.by_words})
        best_name = max((one.score for one in named.values()), default=0.0)
        shared = (len(whole.split()), mention.isupper(), len(codes))
        return tuple(
            CodedCandidate(
                code,
                (
                    *self._of_name(code, named.get(code), whole, best_name, float(whole != mention)),
                    float(ranks.get(code, _NO_RANK)),
                    *self._of_words(code, named.get(code), whole),
                    *learned.evidence(code, model),
                    float(shared[0]),
                    float(shared[1]),
                    *self._of_concept(code, named.get(code)),
                    float(shared[2]),
                ),
            )
            for code in codes
        )

    def _learned(self, whole: str, model: LinkingModel) -> "_Learned":
        scores = model.weights.scores(self.features.matrix([self.piece(whole)])).tocoo()
        named = {
            model.weights.curies[label]: score
            for label, score in zip(scores.col.tolist(), scores.data.tolist(), strict=True)
            if score >= _LEAST_SCORE
        }
        by_letters = model.named(model.letters.of(hash_letters(whole.casefold())))
        return _Learned(named, by_letters, model.named(model.words.of(self.key(whole))))

    def _concept(self, code: Curie, named: Named | None) -> Curie | None:
        return self._snapshot.resolve(code) if named is None else named.concept

    def _of_name(
        self, code: Curie, named: Named | None, whole: str, best: float, written_out: float
    ) -> tuple[float, ...]:
        match = _NO_MATCH if named is None else named.match
        concept = self._concept(code, named)
        reading = whole if named is None else named.reading.text
        score = 0.0 if named is None else named.score
        of_name, of_label = (0.0, 0.0) if concept is None else self._alike(reading, concept)
        return (
            score, match.close, match.overlap, match.of_mention, match.of_name, match.kind, match.names,
            of_name, of_label,
            _NO_STEPS if named is None else named.steps,
            code.startswith("MESH:D"), code.startswith("MESH:C"), code.startswith("OMIM:"), code.startswith("OMIM:PS"),
            3 if named is None else int(named.reading.kind), written_out, best - score,
        )  # fmt: skip

    def _of_words(self, code: Curie, named: Named | None, whole: str) -> tuple[float, ...]:
        """What the best name of the concept lacks of the mention's words and adds to them."""
        concept = self._concept(code, named)
        _, rows = self._linker.content(whole if named is None else named.reading.text)
        table = self._linker.table
        words = {table.bag_hash[row] for row in rows}
        names = () if concept is None else self._linker.lexicon.word_sets(concept)
        if not words or not names:
            return (0.0,) * 8
        best = max(names, key=lambda name: (len(name & words) / (len(name) + len(words)), sorted(name)))
        telling = {table.bag_hash[row] for row in rows if not table.forms[row].qualifier}
        numbers, of_name = words & _NUMBERS, best & _NUMBERS
        return (
            len(words - best), len(telling - best), len(best - words),
            len(numbers - of_name), len(of_name - numbers), len(numbers & of_name),
            float(table.bag_hash[rows[-1]] in best), float(table.bag_hash[rows[0]] in best),
        )  # fmt: skip

    def _of_concept(self, code: Curie, named: Named | None) -> tuple[float, float]:
        concept = self._concept(code, named)
        if concept is None:
            return 0.0, 0.0
        return float(self._depth(concept)), float(self._snapshot.concept(concept).category is Category.PHENOTYPE)

    def _alike(self, reading: str, concept: Curie) -> tuple[float, float]:
        """The overlap of three-letter pieces with the most alike name, and with the label."""
        own = trigrams(reading)
        label, names = self._letters(concept)
        return max((_dice(own, name) for name in names), default=0.0), _dice(own, label)

    def _read_letters(self, concept: Curie) -> tuple[frozenset[str], tuple[frozenset[str], ...]]:
        known = self._snapshot.concept(concept)
        return trigrams(known.label), tuple(trigrams(name.text) for name in known.names)

    def _read_depth(self, concept: Curie) -> int:
        level, depth = {concept}, 0
        while level and depth < _DEEPEST:
            level = {parent for one in level for parent in self._snapshot.parents(one)}
            depth += 1
        return depth


@dataclass(frozen=True, slots=True)
class _Learned:
    """What the model knows of a wording."""

    scores: Mapping[Curie, float]
    by_letters: Mapping[Curie, int]
    by_words: Mapping[Curie, int]

    def evidence(self, code: Curie, model: LinkingModel) -> tuple[float, ...]:
        score, best = self.scores.get(code, 0.0), max(self.scores.values(), default=0.0)
        letters, words = sum(self.by_letters.values()), sum(self.by_words.values())
        return (
            score,
            best,
            best - score,
            log1p(model.weights.count(code)),
            self.by_letters.get(code, 0) / letters if letters else -1.0,
            log1p(letters),
            self.by_words.get(code, 0) / words if words else -1.0,
            log1p(words),
        )


def trigrams(text: str) -> frozenset[str]:
    """The three-letter pieces of a text, its begin and end marked."""
    padded = f"  {text.casefold()} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0
