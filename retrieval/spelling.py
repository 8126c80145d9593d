"""The words of the graph: what a misspelt word was meant to be, and which two words are one."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .normalise import Normaliser, hash_word, word_tables, words_of

Words: TypeAlias = NDArray[np.bytes_]

SHORTEST = 6
"""Letters; shorter words are never corrected."""

LONG = 10
"""Letters from which on two edits are allowed, below it one."""

LONGEST = 24
_CLEARER = 10  # a word that many times as frequent wins against another one equally near
_SHORTEST_LOST = 4  # letters of a word that has lost some
_SHORTEST_HALF = 3  # letters of each half of a compound
_DESCRIBED_CHARACTERS = 20_000_000
_OPPOSITES = (("hyper", "hypo"), ("macro", "micro"), ("pre", "pro"), ("intra", "inter"), ("ante", "anti"))


@dataclass(frozen=True, slots=True)
class Spelling:
    """Words of names with how often they occur, hashes of words known from definitions, and compounds.

    ``words`` are sorted by length, then alphabet; ``letters`` has one bit a letter of the alphabet that occurs.
    ``lost`` are words without the letters that a text may have lost: "alstrm" is "alstrom", from "Alström".
    """

    words: Words
    counts: NDArray[np.int32]
    lengths: NDArray[np.uint8]
    letters: NDArray[np.uint32]
    known: NDArray[np.uint64]
    compounds: Mapping[tuple[str, str], str]
    lost: Mapping[str, str]

    def is_known(self, word: str) -> bool:
        """Whether names or definitions have ``word``."""
        wanted = np.uint64(hash_word(word))
        at = int(np.searchsorted(self.known, wanted))
        return at < len(self.known) and bool(self.known[at] == wanted)

    def correction(self, word: str) -> str | None:
        """The one word of a name that ``word`` is a misspelling of, if it is unknown and there is such a word.

        At most one edit (a letter more, less, other, or two swapped), two in long words; the first letter is kept, and
        an edit never turns a word into its opposite ("hyper-" into "hypo-").
        """
        if word in self.lost and not self.is_known(word):
            return self.lost[word]
        if not (SHORTEST <= len(word) <= LONGEST and word.isascii() and word.isalpha()) or self.is_known(word):
            return None
        edits = 1 if len(word) < LONG else 2
        near = self._near(word, edits)
        if not len(near):
            return None
        distances = _distances(word, self.words[near])
        best = int(distances.min())
        if best > edits:
            return None
        rows = near[distances == best]
        rows = rows[np.argsort(-self.counts[rows], kind="stable")]
        if len(rows) > 1 and self.counts[rows[0]] < _CLEARER * self.counts[rows[1]]:
            return None
        found = self.words[rows[0]].decode("ascii")
        return None if _is_opposite(word, found) else found

    def _near(self, word: str, edits: int) -> NDArray[np.int64]:
        """Rows of words with the same first letter, near in length and in letters."""
        low, high = np.searchsorted(self.lengths, [len(word) - edits, len(word) + edits + 1])
        differing = np.bitwise_count(self.letters[low:high] ^ np.uint32(_letters(word)))
        first = self.words[low:high].view(np.uint8).reshape(high - low, LONGEST)[:, 0] == ord(word[0])
        return np.flatnonzero((differing <= 2 * edits) & first) + int(low)


def _letters(word: str) -> int:
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) - ord("a") & 31)
    return bits


def _is_opposite(word: str, found: str) -> bool:
    return any(
        (word.startswith(a) and found.startswith(b)) or (word.startswith(b) and found.startswith(a))
        for a, b in _OPPOSITES
    )


def _distances(word: str, others: Words) -> NDArray[np.int64]:
    """Optimal string alignment distances of ``word`` to each of ``others``."""
    letters = others.view(np.uint8).reshape(len(others), LONGEST).astype(np.int64)
    width = letters.shape[1]
    lengths = np.strings.str_len(others)
    before = np.zeros((len(others), width + 1), dtype=np.int64)
    row = np.tile(np.arange(width + 1, dtype=np.int64), (len(others), 1))
    last = 0
    for at, letter in enumerate(word.encode("ascii"), start=1):
        new = np.empty_like(row)
        new[:, 0] = at
        same = letters == letter
        for column in range(1, width + 1):
            cost = np.minimum(new[:, column - 1], row[:, column]) + 1
            cost = np.minimum(cost, row[:, column - 1] + ~same[:, column - 1])
            if at > 1 and column > 1:
                swapped = same[:, column - 2] & (letters[:, column - 1] == last)
                cost = np.where(swapped, np.minimum(cost, before[:, column - 2] + 1), cost)
            new[:, column] = cost
        before, row, last = row, new, letter
    found: NDArray[np.int64] = row[np.arange(len(others)), lengths]
    return found


def spelling_of(names: Iterable[Sequence[str]], described: Iterable[str]) -> Spelling:
    """The spelling of a vocabulary, from its names as words and from texts that describe its concepts."""
    plain_form = lru_cache(maxsize=None)(Normaliser().plain_form)
    counts: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    accented: set[str] = set()
    for words in names:
        name = [plain_form(word) for word in words]
        counts.update(name)
        pairs.update(pairwise(name))
        accented.update(word for word in words if not word.isascii())
    usable = sorted((w for w in counts if w.isascii() and w.isalpha() and 4 <= len(w) <= LONGEST), key=_by_length)
    known = {hash_word(word) for word in counts} | _words_in(chain(described, _tables()))
    return Spelling(
        np.array([word.encode("ascii") for word in usable], dtype=f"S{LONGEST}"),
        np.array([counts[word] for word in usable], dtype=np.int32),
        np.array([len(word) for word in usable], dtype=np.uint8),
        np.array([_letters(word) for word in usable], dtype=np.uint32),
        np.array(sorted(known), dtype=np.uint64),
        _compounds(counts, pairs),
        _lost(accented, counts, plain_form),
    )


def _lost(accented: Iterable[str], counts: Mapping[str, int], plain_form: Callable[[str], str]) -> dict[str, str]:
    """Words without their accented letters, where that is no word of a name and of one name's word only."""
    found: dict[str, set[str]] = {}
    for word in accented:
        rest = plain_form("".join(c for c in word if c.isascii()))
        if len(rest) >= _SHORTEST_LOST and rest.isalpha() and rest not in counts:
            found.setdefault(rest, set()).add(plain_form(word))
    return {rest: min(words) for rest, words in sorted(found.items()) if len(words) == 1}


def _by_length(word: str) -> tuple[int, str]:
    return len(word), word


def _tables() -> Iterator[str]:
    """Texts whose words are English for sure: the tables of cues and of words."""
    return (files("retrieval").joinpath(name).read_text("utf-8") for name in ("cues.tsv", "words.toml"))


def _words_in(texts: Iterable[str]) -> set[int]:
    plain_form = Normaliser().plain_form
    words: set[str] = set()
    characters = 0
    for text in texts:
        words.update(words_of(text.casefold()))
        characters += len(text)
        if characters > _DESCRIBED_CHARACTERS:
            break
    return {hash_word(plain_form(word)) for word in words}


def _compounds(counts: Mapping[str, int], pairs: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], str]:
    """Words that names write as two less often than as one: ("finger", "nail") is "fingernail"."""
    tables = word_tables()
    small = {*tables["transparent"]["words"], *tables["qualifiers"]["words"]}
    return {
        (first, second): first + second
        for (first, second), times in sorted(pairs.items())
        if min(len(first), len(second)) >= _SHORTEST_HALF
        and counts.get(first + second, 0) >= times
        and first.isalpha()
        and second.isalpha()
        and first not in small
    }


def write_spelling(spelling: Spelling, folder: Path) -> None:
    """Write the arrays of ``spelling`` to files in ``folder``."""
    for name in ("words", "counts", "lengths", "letters", "known"):
        np.save(folder / f"spelling_{name}.npy", getattr(spelling, name))
    lines = [f"{a}\t{b}\t{joined}\n" for (a, b), joined in spelling.compounds.items()]
    (folder / "compounds.tsv").write_text("".join(lines), "utf-8")
    lost = [f"{rest}\t{word}\n" for rest, word in spelling.lost.items()]
    (folder / "lost_letters.tsv").write_text("".join(lost), "utf-8")


def open_spelling(folder: Path) -> Spelling:
    """The spelling in ``folder``, mapped into memory.

    Raises:
        OSError: a file is missing.
    """
    columns: dict[str, Any] = {
        name: np.load(folder / f"spelling_{name}.npy", mmap_mode="r")
        for name in ("words", "counts", "lengths", "letters", "known")
    }
    rows = (line.split("\t") for line in (folder / "compounds.tsv").read_text("utf-8").splitlines())
    lost = (line.split("\t") for line in (folder / "lost_letters.tsv").read_text("utf-8").splitlines())
    return Spelling(
        **columns, compounds={(a, b): joined for a, b, joined in rows}, lost={row[0]: row[1] for row in lost}
    )
