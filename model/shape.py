"""The form that an answer may take, as a regular expression to decode by: what it cites exists, whom it names is known.

The checks hold whatever was decoded; a form only spares sentences that no check could let pass.
"""

import re
from collections.abc import Iterable

from retrieval import Context, EvidenceItem

_SPECIAL = re.compile(r"([\\.^$*+?{}\[\]|()/\-])")
_PLAIN = (
    "a an and are as because best but by fits for from had has have in is it its not of on or patient patient's "
    "recorded record seen so speaks supported supports that the this though to was well which while with although "
    "against also both does fit for it likely most more less than against findings finding patients"
)
_GRAMMAR = (
    "a an and are as at be by can for from has have in is it its may not of on or that the these this to was were "
    "which with"
)
_AROUND = ".,;:?!()[]{}\"'`|"


def answer_pattern(context: Context, abstention: str = "") -> str:
    """Sentences in words of the evidence and the question, citing evidence that there is; or the abstention alone.

    A word stands as it is written there or with its first letter in the other case, beside some words of grammar, so
    that no name is made up from pieces. No citation is forced: a model that is forced writes on until it finds one.

    >>> from retrieval import EvidenceKind
    >>> context = Context("?", (), (EvidenceItem(1, EvidenceKind.FACT, "It is rare.", (), "hpoa", "2025", ""),))
    >>> told = ("It is rare [1].", "It is rare [2].", "It is common [1].", "I do not know.")
    >>> [bool(re.fullmatch(answer_pattern(context, "I do not know."), text)) for text in told]
    [True, False, False, True]
    """
    said = " ".join([*(item.text for item in context.items), context.question, _GRAMMAR])
    stripped = dict.fromkeys(word.strip(_AROUND) for word in said.split())
    words = dict.fromkeys(form for word in stripped for form in _either_case(word))
    word = rf"\(?({'|'.join(map(_literal, words))})[,;:)]*"
    mark = rf"( ?\[({'|'.join(str(item.n) for item in context.items)})\])"
    sentence = rf"{word}( {word})*{mark}*[.?!]?"
    return rf"({sentence}( {sentence})*{f'|{_literal(abstention)}' if abstention else ''})"


def _either_case(word: str) -> tuple[str, ...]:
    """A word as it stands, and with its first letter in the other case; none of what cannot be told from a mark."""
    if not word or "[" in word or "]" in word:
        return ()
    return (word,) if word[1:] != word[1:].lower() else (word, word[0].swapcase() + word[1:])


def diagnosis_pattern(candidates: Context, labels: Iterable[str]) -> str:
    """Sentences that each begin with a candidate's name, go on in words of its evidence, and end with its number.

    ``labels`` are the names of the candidates, one an item, in order.
    """
    about = [_about(item, label) for item, label in zip(candidates.items, labels, strict=True)]
    sentence = f"({'|'.join(about)})"
    return rf"{sentence}( {sentence})*"


def _about(item: EvidenceItem, label: str) -> str:
    said = (word.strip(",.;:") for word in item.text.split())
    words = dict.fromkeys(word for word in (*said, *_PLAIN.split()) if word)
    return rf"{_literal(label)}( ({'|'.join(map(_literal, words))}),?)+ \[{item.n}\]\."


def _literal(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
