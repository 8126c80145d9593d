"""Several short documents linked as one, since each call of the linker has a cost of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from .doc_data import linking_of
from .linker import GENETIC_REACH, ConceptLinker, Link
from .windows import bracketed_abbreviations

if TYPE_CHECKING:
    from spacy.tokens import Doc

JOINT_TOKENS = 4_000
"""Longer documents gain nothing from company."""

_GAP = ["\n\n"] * (GENETIC_REACH + 1)
"""Ends every name, and lies between a symbol and the words that make it a gene."""


def link_together(linker: ConceptLinker, docs: Sequence["Doc"]) -> Iterator[tuple[Link, ...]]:
    """The links of each document, in order: the very same as if each were linked alone."""
    for batch in _batches(docs):
        if len(batch) == 1:
            yield linker.links(batch[0], linking_of(batch[0]))
        else:
            yield from _split(linker, batch)


def _batches(docs: Sequence["Doc"]) -> Iterator[list["Doc"]]:
    """Runs of documents that may be joined: short, for the same concepts, and without abbreviations of their own."""
    for (_, alone), run in groupby(docs, key=lambda doc: (linking_of(doc), _stands_alone(doc))):
        batch: list[Doc] = []
        length = 0
        for doc in run:
            if batch and (alone or length + len(doc) > JOINT_TOKENS):
                yield batch
                batch, length = [], 0
            batch.append(doc)
            length += len(doc) + len(_GAP)
        yield batch


def _stands_alone(doc: "Doc") -> bool:
    return len(doc) > JOINT_TOKENS or len(doc) == 0 or bool(bracketed_abbreviations(doc))


def _split(linker: ConceptLinker, batch: Sequence["Doc"]) -> Iterator[tuple[Link, ...]]:
    from spacy.tokens import Doc

    words: list[str] = []
    spaces: list[bool] = []
    begins = []
    for doc in batch:
        begins.append(len(words))
        words += [token.text for token in doc]
        spaces += [bool(token.whitespace_) for token in doc]
        words += _GAP
        spaces += [False] * len(_GAP)
    links = linker.links(Doc(batch[0].vocab, words=words, spaces=spaces), linking_of(batch[0]))
    at = 0
    for begin, doc in zip(begins, batch, strict=True):
        found = []
        while at < len(links) and links[at].start < begin + len(doc):
            found.append(_moved(links[at], -begin))
            at += 1
        yield tuple(found)


def _moved(link: Link, by: int) -> Link:
    own = link.own[0] + by, link.own[1] + by
    return replace(link, start=link.start + by, stop=link.stop + by, own=own)
