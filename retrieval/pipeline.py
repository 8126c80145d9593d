"""The reading pipeline: spaCy components for linking and assertion, and a reader of whole texts."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from kg import Category

from .ages import find_patient
from .assertion import Status
from .components import LinkerComponent, assertion_of, linker_of, mark_sentences
from .doc_data import LINKING_KEY, NAMED_ONLY_KEY, PATIENT_KEY, SPANS_KEY
from .finding_model import find_shipped_model
from .lexicon import LINKED, Lexicon, Vocabulary
from .lexicon_building import open_lexicon
from .linker import DEFAULT_LINKING, ConceptLinker, Linking
from .mention import Mention
from .tokenizer import ClinicalTokenizer

__all__ = [
    "SPANS_KEY",
    "ClinicalTokenizer",
    "LinkerComponent",
    "Reader",
    "create_pipeline",
    "read_mentions",
    "segments",
    "stream_segments",
]

SEGMENT_CHARACTERS = 100_000
"""Longer texts are read in pieces of about this size, cut between paragraphs, lines or words."""

_HEAD_CHARACTERS = 20_000
_SURROGATES = re.compile("[\ud800-\udfff]")
_CUTS = ("\n\n", "\r\n\r\n", "\n", ". ", " ")


def create_pipeline(lexicon: Lexicon, linking: Linking = DEFAULT_LINKING, learned: bool = True) -> Language:
    """A spaCy pipeline that cuts, splits, links and asserts; ``learned`` adds the model of examination notes."""
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "clinigraph.ClinicalTokenizer.v1"}}})
    nlp.add_pipe("clinigraph_sentences")
    nlp.add_pipe(
        "clinigraph_linker",
        config={
            "lexicon": str(lexicon.folder),
            "prefer": linking.prefer.value,
            "categories": sorted(category.value for category in linking.categories),
            "nested": linking.nested,
        },
    )
    nlp.add_pipe("clinigraph_lay")
    nlp.add_pipe("clinigraph_assertion")
    if learned and find_shipped_model() is not None:
        nlp.add_pipe("clinigraph_examination")
    nlp.add_pipe("clinigraph_values")
    nlp.add_pipe("clinigraph_normals")
    return nlp


def segments(text: str, size: int = SEGMENT_CHARACTERS) -> Iterator[tuple[int, str]]:
    """Pieces of ``text`` with their offsets, each at most ``size`` characters, cut where a reader would pause.

    >>> [piece for _, piece in segments("one two three", 8)]
    ['one two ', 'three']
    """
    start = 0
    while len(text) - start > size:
        stop = start + size
        for cut in _CUTS:
            at = text.rfind(cut, start + size // 2, stop)
            if at >= 0:
                stop = at + len(cut)
                break
        yield start, text[start:stop]
        start = stop
    if start < len(text):
        yield start, text[start:]


def stream_segments(chunks: Iterable[str], size: int = SEGMENT_CHARACTERS) -> Iterator[tuple[int, str]]:
    """The `segments` of a text that comes in chunks, with no more of it in memory than one segment and one chunk.

    >>> [piece for _, piece in stream_segments(["one tw", "o three"], 8)]
    ['one two ', 'three']
    """
    start, rest = 0, ""
    for chunk in chunks:
        rest += chunk
        while len(rest) > size:
            _, piece = next(segments(rest, size))
            yield start, piece
            start += len(piece)
            rest = rest[len(piece) :]
    if rest:
        yield start, rest


def read_mentions(nlp: Language, text: str) -> tuple[Mention, ...]:
    """The mentions of ``text`` in reading order; offsets count characters of ``text`` itself."""
    pieces = segments(text)
    return tuple(mention for offset, doc in _read(nlp, pieces) for mention in _mentions_of(doc, offset))


def _prepare(
    nlp: Language, pieces: Iterable[tuple[int, str]], linking: Linking | None, named_only: bool = False
) -> Iterator[tuple[int, Doc]]:
    """Documents of the pieces of one text, before any component; all know whom the text is about."""
    patient: tuple[float | None, str] | None = None
    for offset, piece in pieces:
        doc = nlp.make_doc(_SURROGATES.sub("\ufffd", piece))
        if linking is not None:
            doc.user_data[LINKING_KEY] = linking
        if named_only:
            doc.user_data[NAMED_ONLY_KEY] = True
        if offset == 0 and len(piece) > _HEAD_CHARACTERS:
            age, sex = find_patient(piece[:_HEAD_CHARACTERS])
            patient = age, sex.value
        if patient is not None:
            doc.user_data[PATIENT_KEY] = patient
        yield offset, doc


def _read(
    nlp: Language, pieces: Iterable[tuple[int, str]], linking: Linking | None = None, named_only: bool = False
) -> Iterator[tuple[int, Doc]]:
    for offset, doc in _prepare(nlp, pieces, linking, named_only):
        read = doc
        for _name, component in nlp.pipeline:
            read = component(read)
        yield offset, read


def _mentions_of(doc: Doc, offset: int) -> Iterator[Mention]:
    text = doc.text
    for link, status in zip(doc._.links, doc._.statuses, strict=True):
        start = doc[link.start].idx
        end = doc[link.stop - 1].idx + len(doc[link.stop - 1])
        yield Mention(
            offset + start,
            offset + end,
            text[start:end],
            link.curie,
            link.label,
            link.score,
            status.assertion,
            link.alternatives,
            status.relative if status.family else None,
        )


class Reader:
    """Reads texts into mentions of the graph's concepts with their assertion.

    >>> Reader(snapshot, folder).mentions("No seizures.")  # doctest: +SKIP
    (Mention(start=3, end=11, text='seizures', curie='HP:0001250', ...),)
    """

    def __init__(self, vocabulary: Vocabulary, lexicon: Lexicon | Path, learned: bool = True) -> None:
        """Open the lexicon; where a folder is given, compile it there if it is missing or of another graph.

        ``learned`` adds the model of examination notes; without it rules alone decide.
        """
        if isinstance(lexicon, Path):
            lexicon = open_lexicon(vocabulary, lexicon)
        self.lexicon = lexicon
        self.nlp = create_pipeline(lexicon, learned=learned)

    @property
    def linker(self) -> ConceptLinker:
        """The linker of the pipeline."""
        return linker_of(self.nlp)

    def mentions(
        self,
        text: str,
        prefer: Category = Category.PHENOTYPE,
        categories: frozenset[Category] = frozenset(LINKED),
        nested: bool = False,
        named_only: bool = False,
    ) -> tuple[Mention, ...]:
        """The mentions of ``text``. ``prefer`` decides where a finding and a disease share a name.

        ``named_only`` leaves out the findings that the text does not name but tells by numbers, or by "normal".
        """
        linking = Linking(prefer, categories, nested)
        pieces = _read(self.nlp, segments(text), linking, named_only)
        return tuple(_texted(text, m) for offset, doc in pieces for m in _mentions_of(doc, offset))

    def status(self, text: str, start: int, end: int) -> Status:
        """What ``text`` says about the finding in its characters ``start:end``, be a concept known there or not.

        Raises:
            ValueError: the range is empty or outside the text.
        """
        doc = mark_sentences(self.nlp.make_doc(_SURROGATES.sub("\ufffd", text)))
        span = doc.char_span(start, end, alignment_mode="expand")
        if span is None or start >= end:
            raise ValueError(f"there are no characters {start}..{end} in a text of {len(text)}")
        return assertion_of(self.nlp).statuses(doc, [(span.start, span.end)])[0]

    def docs(
        self, text: str, prefer: Category = Category.PHENOTYPE, categories: frozenset[Category] = frozenset(LINKED)
    ) -> Iterator[tuple[int, Doc]]:
        """The pieces of ``text`` as spaCy documents, with the offset of each."""
        return _read(self.nlp, segments(text), Linking(prefer, categories))

    def pipe(
        self, texts: Iterable[str], prefer: Category = Category.PHENOTYPE, batch_size: int = 200
    ) -> Iterator[tuple[Mention, ...]]:
        """The mentions of each text, one text after another; many short texts are faster so than one by one."""
        docs = (
            (doc, (number, offset, text))
            for number, text in enumerate(texts)
            for offset, doc in _prepare(self.nlp, _segments_or_one(text), Linking(prefer))
        )
        read = self.nlp.pipe(docs, as_tuples=True, batch_size=batch_size)
        for _, run in groupby(read, key=lambda pair: pair[1][0]):
            yield tuple(_texted(text, m) for doc, (_, offset, text) in run for m in _mentions_of(doc, offset))

    def stream(self, chunks: Iterable[str], prefer: Category = Category.PHENOTYPE) -> Iterator[Mention]:
        """The mentions of one text that comes in chunks, as soon as they are read; offsets count from its begin.

        No more than one segment and one chunk is in memory.
        """
        for offset, doc in _read(self.nlp, stream_segments(chunks), Linking(prefer)):
            yield from _mentions_of(doc, offset)


def _segments_or_one(text: str) -> Iterator[tuple[int, str]]:
    return segments(text) if text else iter([(0, "")])


def _texted(text: str, mention: Mention) -> Mention:
    """The mention with the caller's own characters, where some could not be read."""
    words = text[mention.start : mention.end]
    return mention if words == mention.text else replace(mention, text=words)
