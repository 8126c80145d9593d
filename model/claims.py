"""Generated text as claims: sentences with the evidence they cite, not yet checked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Author(StrEnum):
    """Who wrote a sentence."""

    MODEL = "model"
    GRAPH = "graph"


class Verdict(StrEnum):
    """The outcome of one check. ``unchecked`` is never shown as fine."""

    PASSED = "passed"
    FAILED = "failed"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A verdict, with the reason where it is not ``passed``."""

    verdict: Verdict = Verdict.UNCHECKED
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Checks:
    """The verdicts of the four checks on one claim."""

    citation: CheckResult = field(default_factory=CheckResult)
    entities: CheckResult = field(default_factory=CheckResult)
    numbers: CheckResult = field(default_factory=CheckResult)
    polarity: CheckResult = field(default_factory=CheckResult)

    def items(self) -> tuple[tuple[str, CheckResult], ...]:
        """Name and result of each check, in the order of the fields."""
        named = ("citation", "entities", "numbers", "polarity")
        return tuple((name, getattr(self, name)) for name in named)

    @property
    def passed(self) -> bool:
        """Whether every single check passed."""
        return all(result.verdict is Verdict.PASSED for _, result in self.items())


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer.

    ``text`` has no citation marks and no markup; ``citations`` are the numbers it cites, each once, in order. ``start``
    and ``end`` delimit it, marks included, in the text it was read from. ``replaces`` is the failed sentence of the
    model in whose place the graph wrote this one. ``attributed`` says that the checks, not the model, chose what it
    cites.
    """

    text: str
    citations: tuple[int, ...]
    written_by: Author = Author.MODEL
    checks: Checks = field(default_factory=Checks)
    start: int = 0
    end: int = 0
    replaces: "Claim | None" = None
    attributed: bool = False

    def __str__(self) -> str:
        return f"{self.text} {''.join(f'[{n}]' for n in self.citations)}".rstrip()


_NUMBERS = r"\d{1,3}(?:\s*(?:[,;–-]|and)\s*\d{1,3})*"
_CITATION = re.compile(rf"\[\s*({_NUMBERS})\s*\]")
_MARKS = rf"(?:\s*\[\s*{_NUMBERS}\s*\])"
_END = re.compile(
    rf"(?P<stop>[.!?]+)[\"'”’)\]*_]*(?P<marks>{_MARKS}+)?[*_]*(?=\s|$)|(?P<cited>{_MARKS}+)(?=\s*(?:\n|$))"
)
_LINE = re.compile(r"[^\n]+")
_BULLET = re.compile(r"\s*(?:[-*•–—]\s+|\(?\d{1,2}[.)]\s+|>\s*)+")
_LABEL = re.compile(r"(?:answer|response|assistant|a)\s*:\s*", re.IGNORECASE)
_MARKUP = re.compile(r"\*\*|__|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
_HEADING = re.compile(r"\s*#{1,6}\s")
_ABBREVIATIONS = frozenset(
    ("e.g", "i.e", "vs", "dr", "mr", "mrs", "ms", "prof", "cf", "approx", "ca", "fig", "figs", "nos", "et", "al", "sp")
)
_LONGEST_RANGE = 20


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span ``text[start:end]`` of generated text; ``complete`` if it ends as a sentence does."""

    start: int
    end: int
    complete: bool


def split_sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a text in order, without overlap, each with the citation marks that follow it.

    A line break ends a sentence. Abbreviations, single initials and decimals do not. A line that ends with a citation
    is a complete sentence; any other line without a full stop is not.

    >>> text = "It is rare, e.g. 0.5% [1]. Seizures occur. [2]"
    >>> [text[s.start:s.end] for s in split_sentences(text)]
    ['It is rare, e.g. 0.5% [1].', 'Seizures occur. [2]']
    """
    for line in _LINE.finditer(text):
        start = line.start() + _bullet_length(line.group())
        for match in _END.finditer(text, start, line.end()):
            if match["stop"] and not match["marks"] and not _ends_sentence(text, match):
                continue
            yield from _sentence(text, start, match.end(), True)
            start = match.end()
        yield from _sentence(text, start, line.end(), False)


def _bullet_length(line: str) -> int:
    match = _BULLET.match(line)
    return match.end() if match else 0


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    if match["stop"] != ".":
        return True
    before = text[: match.start()].rsplit(maxsplit=1)
    word = before[-1].lstrip("([\"'").casefold() if before else ""
    if word in _ABBREVIATIONS:
        return False
    return not (len(word) == 1 and word.isalpha() and bool(text[match.end() :].strip()))


def _sentence(text: str, start: int, end: int, complete: bool) -> Iterator[Sentence]:
    piece = text[start:end]
    if piece.strip():
        yield Sentence(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()), complete)


def read_claims(text: str) -> tuple[Claim, ...]:
    r"""The claims of a finished text. Headings and an unfinished last sentence are no claims.

    >>> [str(claim) for claim in read_claims("- **Marfan syndrome** affects the eye [1, 2].\nIt may be")]
    ['Marfan syndrome affects the eye. [1][2]']
    """
    return tuple(claim for sentence in split_sentences(text) if (claim := claim_of(text, sentence)) is not None)


def claim_of(text: str, sentence: Sentence) -> Claim | None:
    """The claim that a sentence makes, or ``None`` if it is a heading, unfinished or without words."""
    raw = text[sentence.start : sentence.end]
    if not sentence.complete or _HEADING.match(raw):
        return None
    words = _cleaned(raw)
    if not any(character.isalnum() for character in words):
        return None
    return Claim(_capital(words), citations_in(raw), start=sentence.start, end=sentence.end)


def _capital(words: str) -> str:
    """A sentence that begins with a capital, unless its first word is a symbol, which means itself as it is."""
    first = words.split()[0]
    return words[0].upper() + words[1:] if first.isalpha() and first.islower() else words


def _cleaned(raw: str) -> str:
    words = _MARKUP.sub("", _CITATION.sub("", raw))
    words = _LABEL.sub("", words, count=1) if _LABEL.match(words) else words
    words = re.sub(r"\s+([.,;:!?])", r"\1", " ".join(words.split()))
    return words if words.endswith((".", "!", "?")) or not words else f"{words.rstrip(',;:')}."


def citations_in(text: str) -> tuple[int, ...]:
    """The cited numbers, each once, in order; ranges such as ``[2-4]`` are spelt out.

    >>> citations_in("[1][3], [2-4]")
    (1, 3, 2, 4)
    """
    cited: dict[int, None] = {}
    for match in _CITATION.finditer(text):
        for piece in re.split(r"\s*(?:[,;]|and)\s*", match[1]):
            first, *rest = (int(number) for number in re.split(r"\s*[–-]\s*", piece))
            last = rest[-1] if rest else first
            numbers = range(first, last + 1) if first <= last < first + _LONGEST_RANGE else (first, last)
            cited.update(dict.fromkeys(numbers))
    return tuple(cited)


def normalised(text: str) -> str:
    """Lower-case words only, for comparing sentences."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def is_looping(text: str, repeats: int = 3) -> bool:
    """Whether a text ends in a loop: the same line or run of up to 12 words said ``repeats`` times in a row.

    >>> is_looping("It is rare. It is rare. It is rare.")
    True
    """
    words = normalised(text).split()
    for length in range(1, 13):
        # A single word or two recur in honest text; a loop of them is longer.
        needed = repeats if length > 2 else 2 * repeats
        tail = words[-length * needed :]
        if len(tail) == length * needed and tail == tail[-length:] * needed:
            return True
    return False
