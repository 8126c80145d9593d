"""The tokenizer of the reading pipeline."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab

from .normalise import WORD_OR_SIGN


class ClinicalTokenizer:
    """Cuts a text exactly as names were cut for the lexicon, so that mentions begin and end at tokens."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """A document whose text is ``text``."""
        words: list[str] = []
        spaces: list[bool] = []
        at = 0
        for match in WORD_OR_SIGN.finditer(text):
            start = match.start()
            if start != at:
                _append_gap(text[at:start], words, spaces)
            words.append(match.group())
            spaces.append(False)
            at = match.end()
        if at < len(text):
            _append_gap(text[at:], words, spaces)
        return Doc(self.vocab, words=words, spaces=spaces)

    def pipe(self, texts: Iterable[str]) -> Iterator[Doc]:
        """One document a text."""
        return (self(text) for text in texts)

    def to_bytes(self, **_: Any) -> bytes:
        """Nothing: the tokenizer has no state."""
        return b""

    def from_bytes(self, _data: bytes, **_: Any) -> "ClinicalTokenizer":
        """This tokenizer."""
        return self

    def to_disk(self, _path: str | Path, **_: Any) -> None:
        """Write nothing: the tokenizer has no state."""

    def from_disk(self, _path: str | Path, **_: Any) -> "ClinicalTokenizer":
        """This tokenizer."""
        return self


def _append_gap(gap: str, words: list[str], spaces: list[bool]) -> None:
    if gap[0] == " " and words:
        spaces[-1] = True
        gap = gap[1:]
    if gap:
        words.append(gap)
        spaces.append(False)


@registry.tokenizers("clinigraph.ClinicalTokenizer.v1")  # type: ignore[untyped-decorator]  # spaCy's registry has no types
def create_tokenizer() -> Any:
    """What makes a `ClinicalTokenizer` for a pipeline."""
    return lambda nlp: ClinicalTokenizer(nlp.vocab)
