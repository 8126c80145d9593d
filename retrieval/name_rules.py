"""How a name must be written in a text to count: acronyms and symbols in capitals, some names never."""

from enum import IntFlag
from functools import lru_cache
from importlib.resources import files

from kg import Category, Name, NameKind


class NameFlag(IntFlag):
    """How a name must be written in a text to count."""

    NONE = 0
    CASED = 1  # exactly as in the graph; ``ordered`` then hashes the letters themselves
    GENETIC = 2  # beside a word such as "gene"
    SHORT = 4  # two letters: where the text defines it, or in a question
    SINGLE = 8  # one word
    STEMMED = 16  # one word whose meaning only the stemmer knows: it must be written as in the graph


@lru_cache(maxsize=1)
def name_rules() -> dict[str, str]:
    """Rules for names that prose uses otherwise: folded name → ``drop``, ``keep`` or ``genetic``."""
    lines = files("retrieval").joinpath("name_rules.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {name: rule for name, rule, _reason in rows}


def writing_rule(category: Category, name: Name) -> tuple[str, NameFlag] | None:
    """How ``name`` must be written in a text, as its letters and flags; ``None`` if it is never looked for.

    >>> writing_rule(Category.DISEASE, Name("can", NameKind.EXACT)) is None
    True
    """
    text = name.text.strip()
    rule = name_rules().get(text.casefold())
    if rule == "drop":
        return None
    if ", " in text and name.kind not in (NameKind.LABEL, NameKind.EXACT):
        return None  # "cleft lip, cleft palate" names two findings wherever a list has both
    if " " in text:
        return text, NameFlag.NONE
    if category is Category.GENE:
        return _symbol_rule(text, name.kind, rule)
    if not text.isalnum() or rule == "keep":
        return text, NameFlag.NONE
    return _word_rule(text, category, name, rule)


def _symbol_rule(symbol: str, kind: NameKind, rule: str | None) -> tuple[str, NameFlag] | None:
    if len(symbol) < 2:
        return None
    common = rule == "genetic" or kind is not NameKind.LABEL or (len(symbol) <= 3 and symbol.isalpha())
    return symbol, NameFlag.CASED | (NameFlag.GENETIC if common else NameFlag.NONE)


def _word_rule(text: str, category: Category, name: Name, rule: str | None) -> tuple[str, NameFlag] | None:
    acronym = sum(c.isupper() for c in text) >= 2 or name.abbreviation
    if category is Category.DISEASE and len(text) <= 4 and name.kind is not NameKind.LABEL and text.isalpha():
        acronym, text = True, text if any(c.isupper() for c in text[1:]) else text.upper()
    if not acronym:
        return (text, NameFlag.NONE) if len(text) > 2 else None
    flags = NameFlag.CASED | (NameFlag.GENETIC if rule == "genetic" else NameFlag.NONE)
    return text, flags | (NameFlag.SHORT if len(text) <= 2 else NameFlag.NONE)
