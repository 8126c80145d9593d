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


def answer_pattern(context: Context) -> str:
    """Any text in which square brackets hold a number of the evidence.

    It forces no citation: a model that is forced writes on until it finds one.

    >>> from retrieval import EvidenceKind
    >>> context = Context("?", (), (EvidenceItem(1, EvidenceKind.FACT, "It is rare.", (), "hpoa", "2025", ""),))
    >>> [bool(re.fullmatch(answer_pattern(context), text)) for text in ("It is rare [1].", "It is rare [2].")]
    [True, False]
    """
    return rf"([^\[\]]|\[({'|'.join(str(item.n) for item in context.items)})\])+"


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
