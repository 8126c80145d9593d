"""The reading pipeline: spaCy components for linking and assertion, and a reader of whole texts."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import registry
from spacy.vocab import Vocab

from kg import Category

from .assertion import AssertionReader, Status
from .examined import ExamReader
from .finding_model import find_shipped_model
from .lexicon import LINKED, Lexicon, Vocabulary, open_lexicon
from .linker import DEFAULT_LINKING, ConceptLinker, Link, Linking
from .mention import Mention
from .normalise import WORD_OR_SIGN
from .sentence_breaks import sentence_starts

SPANS_KEY = "clinigraph"
"""Where the mentions of a document lie in ``doc.spans``."""

LINKING_KEY = "clinigraph_linking"
"""Where ``doc.user_data`` may hold the `Linking` of one document."""

SEGMENT_CHARACTERS = 100_000
"""Longer texts are read in pieces of about this size, cut between paragraphs, lines or words."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_CUTS = ("\n\n", "\r\n\r\n", "\n", ". ", " ")


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
def _create_tokenizer() -> Any:
    return lambda nlp: ClinicalTokenizer(nlp.vocab)


def _register_extensions() -> None:
    """Spans of one text can coincide, so what is known about them lies with the document, in the order of its spans."""
    if not Doc.has_extension("links"):
        Doc.set_extension("links", default=())
        Doc.set_extension("statuses", default=())
        Span.set_extension("link", getter=_find_link)
        Span.set_extension("status", getter=_find_status)


def _index_of(span: Span) -> int | None:
    links = span.doc._.links
    identity = (span.start, span.end, span.kb_id_)
    return next((at for at, link in enumerate(links) if (link.start, link.stop, link.curie) == identity), None)


def _find_link(span: Span) -> Link | None:
    at = _index_of(span)
    return None if at is None else span.doc._.links[at]


def _find_status(span: Span) -> Status | None:
    at = _index_of(span)
    return None if at is None or at >= len(span.doc._.statuses) else span.doc._.statuses[at]


@Language.factory("clinigraph_sentences", assigns=["token.is_sent_start"])
def _create_sentences(nlp: Language, name: str) -> Any:
    return mark_sentences


def mark_sentences(doc: Doc) -> Doc:
    """Set the sentence starts of ``doc``."""
    starts = np.where(sentence_starts(doc), 1, -1).astype(np.int64).astype(np.uint64)
    doc.from_array(["SENT_START"], starts)  # type: ignore[arg-type]  # one column may have one axis
    return doc


class LinkerComponent:
    """Sets ``doc._.links`` and ``doc.spans["clinigraph"]``, whose spans have a ``kb_id_`` and a ``_.link``."""

    def __init__(self, linker: ConceptLinker) -> None:
        _register_extensions()
        self.linker = linker

    def __call__(self, doc: Doc) -> Doc:
        """The same document with its mentions."""
        _set_links(doc, self.linker.links(doc, doc.user_data.get(LINKING_KEY)))
        return doc


class AssertionComponent:
    """Sets ``doc._.statuses``, one a link; ``span._.status`` of a mention is its own."""

    def __init__(self, reader: AssertionReader) -> None:
        _register_extensions()
        self.reader = reader

    def __call__(self, doc: Doc) -> Doc:
        """The same document with what it says about its mentions."""
        linking = doc.user_data.get(LINKING_KEY)
        asked = linking is not None and linking.prefer is Category.DISEASE
        ranges = [(link.start, link.stop) for link in doc._.links]
        doc._.statuses = tuple(self.reader.statuses(doc, ranges, asked=asked))
        return doc


@Language.factory(
    "clinigraph_linker",
    default_config={
        "lexicon": None,
        "prefer": Category.PHENOTYPE.value,
        "categories": [c.value for c in LINKED],
        "nested": False,
    },
)
def _create_linker(
    nlp: Language, name: str, lexicon: str | None, prefer: str, categories: list[str], nested: bool
) -> LinkerComponent:
    if lexicon is None:
        raise ValueError("clinigraph_linker needs the folder of a compiled lexicon in its config: {'lexicon': PATH}")
    linking = Linking(Category(prefer), frozenset(Category(value) for value in categories), nested)
    return LinkerComponent(ConceptLinker(Lexicon(Path(lexicon)), linking))


class ExaminationComponent:
    """Decides anew on the findings in examination sections; for readers of findings, not of questions."""

    def __init__(self, reader: ExamReader, linking: Linking) -> None:
        _register_extensions()
        self.reader = reader
        self.linking = linking

    def __call__(self, doc: Doc) -> Doc:
        """The same document with the findings of its examination sections decided."""
        linking = doc.user_data.get(LINKING_KEY, self.linking)
        if linking.prefer is Category.PHENOTYPE and Category.PHENOTYPE in linking.categories:
            judged = self.reader.read(doc, doc._.links, doc._.statuses)
            doc._.statuses = tuple(status for _, status in judged)
            _set_links(doc, tuple(link for link, _ in judged))
        return doc


def _set_links(doc: Doc, links: tuple[Link, ...]) -> None:
    doc._.links = links
    doc.spans[SPANS_KEY] = [
        Span(doc, link.start, link.stop, label=str(link.category), kb_id=link.curie) for link in links
    ]


@Language.factory("clinigraph_assertion", assigns=["doc._.statuses"], requires=["token.is_sent_start"])
def _create_assertion(nlp: Language, name: str) -> AssertionComponent:
    return AssertionComponent(AssertionReader(nlp.vocab))


@Language.factory("clinigraph_examination", requires=["doc._.links", "doc._.statuses"])
def _create_examination(nlp: Language, name: str) -> Any:
    linker = next((part.linker for _, part in nlp.pipeline if isinstance(part, LinkerComponent)), None)
    model = find_shipped_model()
    if linker is None:
        raise ValueError("clinigraph_examination needs clinigraph_linker before it in the pipeline")
    if model is None:
        raise ValueError("clinigraph_examination needs the learned model, which is not in this installation")
    return ExaminationComponent(ExamReader(linker.lexicon, linker.table, model), linker.linking)


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
    nlp.add_pipe("clinigraph_assertion")
    if learned and find_shipped_model() is not None:
        nlp.add_pipe("clinigraph_examination")
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


def read_mentions(nlp: Language, text: str) -> tuple[Mention, ...]:
    """The mentions of ``text`` in reading order; offsets count characters of ``text`` itself."""
    return tuple(mention for offset, doc in _read(nlp, text) for mention in _mentions_of(doc, text, offset))


def _read(nlp: Language, text: str, linking: Linking | None = None) -> Iterator[tuple[int, Doc]]:
    for offset, piece in segments(text):
        doc = nlp.make_doc(_SURROGATES.sub("\ufffd", piece))
        if linking is not None:
            doc.user_data[LINKING_KEY] = linking
        for _name, component in nlp.pipeline:
            doc = component(doc)
        yield offset, doc


def _mentions_of(doc: Doc, text: str, offset: int) -> Iterator[Mention]:
    for link, status in zip(doc._.links, doc._.statuses, strict=True):
        start = offset + doc[link.start].idx
        end = offset + doc[link.stop - 1].idx + len(doc[link.stop - 1])
        yield Mention(
            start, end, text[start:end], link.curie, link.label, link.score, status.assertion, link.alternatives
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
        return cast(LinkerComponent, self.nlp.get_pipe("clinigraph_linker")).linker

    def mentions(
        self,
        text: str,
        prefer: Category = Category.PHENOTYPE,
        categories: frozenset[Category] = frozenset(LINKED),
        nested: bool = False,
    ) -> tuple[Mention, ...]:
        """The mentions of ``text``. ``prefer`` decides where a finding and a disease share a name."""
        linking = Linking(prefer, categories, nested)
        return tuple(m for offset, doc in _read(self.nlp, text, linking) for m in _mentions_of(doc, text, offset))

    def status(self, text: str, start: int, end: int) -> Status:
        """What ``text`` says about the finding in its characters ``start:end``, be a concept known there or not.

        Raises:
            ValueError: the range is empty or outside the text.
        """
        doc = mark_sentences(self.nlp.make_doc(_SURROGATES.sub("\ufffd", text)))
        span = doc.char_span(start, end, alignment_mode="expand")
        if span is None or start >= end:
            raise ValueError(f"there are no characters {start}..{end} in a text of {len(text)}")
        component = cast(AssertionComponent, self.nlp.get_pipe("clinigraph_assertion"))
        return component.reader.statuses(doc, [(span.start, span.end)])[0]

    def docs(
        self, text: str, prefer: Category = Category.PHENOTYPE, categories: frozenset[Category] = frozenset(LINKED)
    ) -> Iterator[tuple[int, Doc]]:
        """The pieces of ``text`` as spaCy documents, with the offset of each."""
        return _read(self.nlp, text, Linking(prefer, categories))

    def pipe(self, texts: Iterable[str], prefer: Category = Category.PHENOTYPE) -> Iterator[tuple[Mention, ...]]:
        """The mentions of each text, one text after another."""
        return (self.mentions(text, prefer) for text in texts)
