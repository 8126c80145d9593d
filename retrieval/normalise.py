"""Words in two forms: a plain one (case, accents, spelling, number folded) and one by meaning (inflection, class)."""

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

WORD_OR_SIGN = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+(?:(?:['’]|(?<=\d)\.(?=\d))(?:[^\W_]|[\u0300-\u036f])+)*|[^\s]")
"""One token: a word with its apostrophes and decimal point, or one sign. Names and texts are cut alike."""

HYPHENS = frozenset("-\u2010\u2011\u2012\u2013\u00ad")
"""Signs that join the parts of a word."""

_QUOTES = frozenset("\"'`’‘“”*_")


class TokenKind(IntEnum):
    """What a token does inside a name."""

    CONTENT = 0
    JOINT = 1  # joins the members of a list: a comma, "and"
    STOP = 2  # any other sign; a list ends here
    TRANSPARENT = 3  # carries no meaning


@dataclass(frozen=True, slots=True)
class Form:
    """A token as the lexicon sees it.

    ``plain`` is folded and singular, ``word`` stands for every word of the same meaning. ``curated`` says that a table
    row, and not only the stemmer, made that choice. ``silent`` words count for the plain form alone.
    """

    kind: TokenKind
    plain: str = ""
    word: str = ""
    curated: bool = False
    qualifier: bool = False
    silent: bool = False
    genetic: bool = False
    spread: bool = False


@lru_cache(maxsize=1)
def word_tables() -> Mapping[str, Any]:
    """The tables of ``words.toml``, read once."""
    return tomllib.loads(files("retrieval").joinpath("words.toml").read_text("utf-8"))


def words_of(text: str) -> list[str]:
    """The tokens of ``text``, white space left out.

    >>> words_of("Crohn's low-set ears, 7.2")
    ["Crohn's", 'low', '-', 'set', 'ears', ',', '7.2']
    """
    return WORD_OR_SIGN.findall(text)


def hash_word(text: str) -> int:
    """A 64-bit number for ``text``, the same on every machine (BLAKE2b)."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def hash_letters(text: str) -> int:
    """A hash of the letters and digits of ``text`` with their case: how acronyms and symbols are compared."""
    return hash_word("".join(filter(str.isalnum, text)))


def fold(token: str) -> str:
    """``token`` without case, accents, possessive and compatibility forms.

    >>> fold("Ménière’s")
    'meniere'
    """
    if not token.isascii():
        decomposed = unicodedata.normalize("NFKD", token)
        token = "".join(c for c in decomposed if not unicodedata.combining(c)).replace("’", "'")
    token = token.casefold()
    return token.removesuffix("'s").removesuffix("'")


class Normaliser:
    """Turns tokens into their `Form`. Holds the word tables; asks PyStemmer for English stems (Snowball, Porter 2)."""

    def __init__(self) -> None:
        import Stemmer

        tables = word_tables()
        self._stem = Stemmer.Stemmer("english").stemWord
        self._spelling: list[tuple[str, str]] = [(a, b) for a, b in tables["spelling"]["rows"]]
        self._plurals: dict[str, str] = dict(tables["plurals"]["rows"])
        self._endings: dict[str, str] = dict(tables["endings"]["rows"])
        self._noun_endings = frozenset(self._endings.values())
        self._ending_lengths = sorted({len(e) for row in tables["endings"]["rows"] for e in row}, reverse=True)
        self._classes: dict[str, str] = {}
        for row in tables["classes"]["rows"]:
            for member in row:
                self._classes.setdefault(self.plain_form(member), "=" + row[0])
        self._sets = {
            name: frozenset(self.plain_form(word) for word in tables[name]["words"])
            for name in ("transparent", "qualifiers", "genetic_context", "silent", "spread")
        }
        self._joints: dict[str, str] = {word: row[0] for row in tables["joints"]["rows"] for word in row}
        self.prefixes = frozenset(tables["prefixes"]["words"])

    def plain_form(self, token: str) -> str:
        """``token`` folded, in American spelling and singular.

        >>> n = Normaliser(); n.plain_form("Tumours"), n.plain_form("fistulae"), n.plain_form("metastases")
        ('tumor', 'fistula', 'metastasis')
        """
        return self._respell(self._singular(fold(token)))

    def word_form(self, plain: str) -> tuple[str, bool]:
        """The word that stands for all of its meaning, and whether a table says so."""
        if plain in self._classes:
            return self._classes[plain], True
        for length in self._ending_lengths:
            ending = plain[-length:]
            if len(plain) > length and ending in self._endings:
                base = plain[:-length] + self._endings[ending]
                return self._classes.get(base, "=" + base), True
            if ending in self._noun_endings:
                return "=" + plain, True
        if len(plain) > 3 and plain.isalpha():
            stem = self._stem(plain)
            return self._classes.get(stem, stem), False
        return plain, False

    def form(self, token: str) -> Form:
        """The `Form` of one token.

        >>> Normaliser().form("Renal").word
        '=kidney'
        """
        lowered = token.casefold()
        if lowered in self._joints:
            return Form(TokenKind.JOINT, self._joints[lowered])
        if not any(c.isalnum() for c in token):
            return Form(self._kind_of_sign(token), token[0])
        plain = self.plain_form(token)
        if not plain or plain in self._sets["transparent"]:
            return Form(TokenKind.TRANSPARENT, plain)
        word, curated = self.word_form(plain)
        return Form(
            TokenKind.CONTENT,
            plain,
            word,
            curated,
            plain in self._sets["qualifiers"],
            plain in self._sets["silent"],
            plain in self._sets["genetic_context"],
            plain in self._sets["spread"],
        )

    def _kind_of_sign(self, token: str) -> TokenKind:
        if token.isspace():
            return TokenKind.STOP if token.count("\n") > 1 else TokenKind.TRANSPARENT
        if token[0] in HYPHENS or token[0] in _QUOTES:
            return TokenKind.TRANSPARENT
        return TokenKind.STOP

    def _respell(self, word: str) -> str:
        for british, american in self._spelling:
            if british in word:
                word = word.replace(british, american)
        return word

    def _singular(self, word: str) -> str:
        if word in self._plurals:
            return self._plurals[word]
        if len(word) < 4 or not word.isalpha():
            return word
        if word.endswith("ies") and len(word) > 4:
            return word[:-3] + "y"
        if word.endswith(("oses", "yses", "eses", "stases", "iases")):
            return word[:-2] + "is"
        if word.endswith(("sses", "shes", "ches", "xes", "zes", "nses")):
            return word[:-2]
        if word.endswith("omata"):
            return word[:-2]
        if word.endswith("ae"):
            return word[:-1]
        if word.endswith("s") and not word.endswith(("ss", "us", "is")):
            return word[:-1]
        return word
