"""How the checks read a sentence: its words by stem, its statements, and the cues of negation and doubt in each."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any, TypeAlias

Span: TypeAlias = tuple[int, int]
"""Start and end of a piece of text, in characters."""

# A word has a letter; digits tied to it (IL-6, 15q21.1, COVID-19) are part of it. Bare numbers are read elsewhere.
_WORD = re.compile(r"[^\W_]*[^\W\d_][^\W_]*(?:[.-]\d+[^\W_]*)*")


@lru_cache(maxsize=1)
def cues() -> Mapping[str, Any]:
    """The tables of ``cues.toml``, read once."""
    return tomllib.loads((resources.files("model") / "cues.toml").read_text(encoding="utf-8"))


def any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """A pattern for any of these phrases as whole words, the longest first."""
    listed = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(p).replace(r"\ ", r"\s+") for p in listed) + r")(?!\w)", re.I)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: its span, its lower-case form and its stem (Snowball English)."""

    start: int
    end: int
    plain: str
    stem: str


@lru_cache(maxsize=65536)
def stem_of(word: str) -> str:
    """The stem of one lower-case word.

    >>> stem_of("inherited") == stem_of("inheritance")
    True
    """
    return str(_stemmer().stemWord(word))


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text, in order.

    >>> [word.plain for word in words_of("IL-6 at 15q21.1 in 5 patients")]
    ['il-6', 'at', '15q21.1', 'in', 'patients']
    """
    found = ((match.span(), match.group().casefold()) for match in _WORD.finditer(text))
    return tuple(Word(start, end, plain, stem_of(plain)) for (start, end), plain in found)


@lru_cache(maxsize=1)
def plain_stems() -> frozenset[str]:
    """Stems of the words that carry no medical statement."""
    return frozenset(stem_of(word.casefold()) for words in cues()["plain"].values() for word in words.split())


def inside(span: Span, spans: Sequence[Span]) -> bool:
    """Whether a span overlaps one of the others."""
    return any(span[0] < end and start < span[1] for start, end in spans)


@dataclass(frozen=True, slots=True)
class Statement:
    """A part of a sentence with one sign: ``negations`` and ``doubts`` are the cues in it, sorted."""

    start: int
    end: int
    negations: tuple[str, ...]
    doubts: tuple[str, ...]

    def holds(self, span: Span) -> bool:
        """Whether a span begins in this statement."""
        return self.start <= span[0] < self.end


@lru_cache(maxsize=1)
def _patterns() -> Mapping[str, re.Pattern[str]]:
    table = cues()
    negation = [cue for cue in table["negation"] if cue != "n't"]
    pattern = any_of(negation).pattern + r"|n['’]t\b"
    starters = "no|not|without|never|neither|nor|none|absence|absent|lack|lacks|lacking"
    return {
        "negation": re.compile(pattern, re.I),
        "pseudo": any_of(table["negation_in_name_only"]),
        "doubt": any_of(table["doubt"]),
        "share": any_of(table["shares"]),
        "break": any_of(table["breaks"]),
        "auxiliary": any_of(table["auxiliaries"]),
        "hard": re.compile(rf";|\s[–—]\s|(?:,|\band|\bor)\s+(?=(?:{starters})\b)|(?<!^)\bwithout\b", re.I),
        "joint": re.compile(r",|\band\b", re.I),
    }


def statements_of(text: str, names: Sequence[Span] = ()) -> tuple[Statement, ...]:
    """The statements of one sentence; cues inside ``names`` ("absent speech") belong to the name and do not count.

    >>> [s.negations for s in statements_of("Fever is common but not rash.")]
    [(), ('not',)]
    """
    patterns = _patterns()
    cuts = {0, len(text)}
    for kind in ("hard", "break"):
        cuts.update(m.start() for m in patterns[kind].finditer(text) if not inside(m.span(), names))
    edges = sorted(cuts | _joints(text, sorted(cuts), names))
    return tuple(_statement(text, start, end, names) for start, end in pairwise(edges))


def _joints(text: str, edges: Sequence[int], names: Sequence[Span]) -> set[int]:
    """Where a comma or "and" joins two parts that each have a verb of their own."""
    verb, joints = _patterns()["auxiliary"], set[int]()
    for start, end in pairwise(edges):
        for match in _patterns()["joint"].finditer(text, start, end):
            both = verb.search(text, start, match.start()) and verb.search(text, match.end(), end)
            if both and not inside(match.span(), names):
                joints.add(match.start())
                start = match.end()
    return joints


def _statement(text: str, start: int, end: int, names: Sequence[Span]) -> Statement:
    skipped = [*names, *(m.span() for m in _patterns()["pseudo"].finditer(text, start, end))]
    negations, doubts = (_found(kind, text, (start, end), skipped) for kind in ("negation", "doubt"))
    if "neither" in negations:  # neither … nor denies once
        negations = tuple(cue for cue in negations if cue != "nor")
    return Statement(start, end, negations, doubts)


@dataclass(frozen=True, slots=True)
class Cautions:
    """What keeps a text from saying more than it means: ``negations``, and ``limits``, words of doubt and of share."""

    negations: tuple[str, ...]
    limits: frozenset[str]


def cautions_in(text: str, part: Span, names: Sequence[Span]) -> Cautions:
    """The cautions of a part of a text, outside ``names``.

    >>> sorted(cautions_in("It may often lead to cataract.", (0, 30), ()).limits)
    ['may', 'often']
    """
    skipped = [*names, *(m.span() for m in _patterns()["pseudo"].finditer(text, *part))]
    limits = [*_found("doubt", text, part, skipped), *_found("share", text, part, skipped)]
    return Cautions(_found("negation", text, part, skipped), frozenset(limits))


def _found(kind: str, text: str, part: Span, skipped: Sequence[Span]) -> tuple[str, ...]:
    matches = _patterns()[kind].finditer(text, *part)
    return tuple(sorted(match.group().casefold() for match in matches if not inside(match.span(), skipped)))


def denies(text: str) -> bool:
    """Whether a text holds a cue of negation."""
    return _patterns()["negation"].search(text) is not None


def leading_denial(text: str) -> int:
    """The length of a cue of negation, and the space after it, at the start of a longer text; 0 without one.

    >>> leading_denial("lack renal hypoplasia")
    5
    """
    match = _patterns()["negation"].match(text)
    rest = text[match.end() :] if match else ""
    return len(text) - len(rest.lstrip()) if rest.strip() else 0


def same_sign(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two statements with these negation cues say the same; several cues must be the same ones."""
    return len(one) == len(other) if max(len(one), len(other)) < 2 else tuple(one) == tuple(other)
