"""The components of the reading pipeline, as spaCy factories."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch

from kg import Category

from .assertion import AssertionReader, Status
from .batches import link_together
from .doc_data import NAMED_ONLY_KEY, linking_of, register_extensions, set_judged, set_links
from .examined import ExamReader
from .finding_model import find_shipped_model
from .lay import LayReader
from .lexicon import LINKED, Lexicon
from .linker import ConceptLinker, Link, Linking
from .normals import NormalReader
from .sentence_breaks import sentence_starts
from .values import ValueReader

_T = TypeVar("_T")
LEXICON_FOLDER = "lexicon"


@Language.factory("clinigraph_sentences", assigns=["token.is_sent_start"])
def create_sentences(nlp: Language, name: str) -> Any:
    """The component that sets sentence starts."""
    return mark_sentences


def mark_sentences(doc: Doc) -> Doc:
    """Set the sentence starts of ``doc``."""
    starts = np.where(sentence_starts(doc), 1, -1).astype(np.int64).astype(np.uint64)
    doc.from_array(["SENT_START"], starts)  # type: ignore[arg-type]  # one column may have one axis
    return doc


class LinkerComponent:
    """Sets ``doc._.links`` and ``doc.spans["clinigraph"]``, whose spans have a ``kb_id_`` and a ``_.link``.

    Saved with its lexicon, so that a saved pipeline reads with the graph that it was made from.
    """

    def __init__(self, linker: ConceptLinker | None, linking: Linking) -> None:
        register_extensions()
        self._linker = linker
        self.linking = linking

    @property
    def linker(self) -> ConceptLinker:
        """The linker, once there is a lexicon."""
        if self._linker is None:
            raise ValueError("clinigraph_linker has no lexicon: its folder is gone, and none was loaded in its place")
        return self._linker

    def __call__(self, doc: Doc) -> Doc:
        """The same document with its mentions."""
        set_links(doc, self.linker.links(doc, linking_of(doc)))
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int) -> Iterator[Doc]:
        """The same documents with their mentions; short ones are linked together, which is several times faster."""
        for batch in minibatch(stream, batch_size):
            docs = list(batch)
            for doc, links in zip(docs, link_together(self.linker, docs), strict=True):
                set_links(doc, links)
                yield doc

    def to_disk(self, path: str | Path, **_: Any) -> None:
        """Copy the lexicon to ``path``."""
        shutil.copytree(self.linker.lexicon.folder, Path(path) / LEXICON_FOLDER, dirs_exist_ok=True)

    def from_disk(self, path: str | Path, **_: Any) -> "LinkerComponent":
        """This component with the lexicon of ``path``."""
        self._linker = ConceptLinker(Lexicon(Path(path) / LEXICON_FOLDER), self.linking)
        return self


@Language.factory(
    "clinigraph_linker",
    assigns=["doc._.links"],
    default_config={
        "lexicon": None,
        "prefer": Category.PHENOTYPE.value,
        "categories": [c.value for c in LINKED],
        "nested": False,
    },
)
def create_linker(
    nlp: Language, name: str, lexicon: str | None, prefer: str, categories: list[str], nested: bool
) -> LinkerComponent:
    """The component that links. A folder that does not exist is taken for one of a pipeline that is being loaded."""
    if lexicon is None:
        raise ValueError("clinigraph_linker needs the folder of a compiled lexicon in its config: {'lexicon': PATH}")
    linking = Linking(Category(prefer), frozenset(Category(value) for value in categories), nested)
    there = (Path(lexicon) / "lexicon.json").is_file()
    return LinkerComponent(ConceptLinker(Lexicon(Path(lexicon)), linking) if there else None, linking)


class LayComponent:
    """Adds findings in everyday words to ``doc._.links``."""

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp
        self._reader: LayReader | None = None

    def __call__(self, doc: Doc) -> Doc:
        """The same document with them."""
        if _reads_findings(self._nlp, doc):
            if self._reader is None:
                self._reader = LayReader(self._nlp.vocab, linker_of(self._nlp).lexicon)
            links = self._reader.add(doc, doc._.links)
            if len(links) != len(doc._.links) or links != tuple(doc._.links):
                set_links(doc, links)
        return doc


@Language.factory("clinigraph_lay", requires=["doc._.links"])
def create_lay(nlp: Language, name: str) -> LayComponent:
    """The component of everyday words."""
    return LayComponent(nlp)


class AssertionComponent:
    """Sets ``doc._.statuses``, one a link; ``span._.status`` of a mention is its own."""

    def __init__(self, reader: AssertionReader) -> None:
        register_extensions()
        self.reader = reader

    def __call__(self, doc: Doc) -> Doc:
        """The same document with what it says about its mentions."""
        linking = linking_of(doc)
        asked = linking is not None and linking.prefer is Category.DISEASE
        ranges = [(link.start, link.stop) for link in doc._.links]
        doc._.statuses = tuple(self.reader.statuses(doc, ranges, asked=asked))
        return doc


@Language.factory("clinigraph_assertion", assigns=["doc._.statuses"], requires=["token.is_sent_start"])
def create_assertion(nlp: Language, name: str) -> AssertionComponent:
    """The component of assertion."""
    return AssertionComponent(AssertionReader(nlp.vocab))


class ExaminationComponent:
    """Decides anew on the findings in examination sections; for readers of findings, not of questions."""

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp
        self._reader: ExamReader | None = None

    def __call__(self, doc: Doc) -> Doc:
        """The same document with the findings of its examination sections decided."""
        if _reads_findings(self._nlp, doc):
            if self._reader is None:
                self._reader = self._create_reader()
            set_judged(doc, self._reader.read(doc, doc._.links, doc._.statuses))
        return doc

    def _create_reader(self) -> ExamReader:
        model, linker = find_shipped_model(), linker_of(self._nlp)
        if model is None:
            raise ValueError("clinigraph_examination needs the learned model, which is not in this installation")
        return ExamReader(linker.lexicon, linker.table, model)


@Language.factory("clinigraph_examination", requires=["doc._.links", "doc._.statuses"])
def create_examination(nlp: Language, name: str) -> ExaminationComponent:
    """The component of examination sections."""
    return ExaminationComponent(nlp)


class ValueComponent:
    """Adds the findings that measured values show or exclude; names inside of a value are no mentions of their own."""

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp
        self._reader: ValueReader | None = None

    def __call__(self, doc: Doc) -> Doc:
        """The same document with them."""
        if _reads_findings(self._nlp, doc) and not doc.user_data.get(NAMED_ONLY_KEY):
            if self._reader is None:
                self._reader = ValueReader(self._nlp.vocab, linker_of(self._nlp), assertion_of(self._nlp))
            found = self._reader.read(doc)
            if found:
                places = [(link.start, link.stop) for link, _ in found]
                set_judged(doc, [*_apart_from(places, doc), *found])
        return doc


@Language.factory("clinigraph_values", requires=["doc._.links", "doc._.statuses"])
def create_values(nlp: Language, name: str) -> ValueComponent:
    """The component of measured values."""
    return ValueComponent(nlp)


class NormalComponent:
    """Adds the abnormalities that a text excludes by calling something normal, where it names no finding there."""

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp
        self._reader: NormalReader | None = None

    def __call__(self, doc: Doc) -> Doc:
        """The same document with them."""
        if _reads_findings(self._nlp, doc) and not doc.user_data.get(NAMED_ONLY_KEY):
            if self._reader is None:
                self._reader = NormalReader(self._nlp.vocab, linker_of(self._nlp), assertion_of(self._nlp))
            taken = [(link.start, link.stop) for link in doc._.links]
            found = [row for row in self._reader.read(doc) if not _overlaps((row[0].start, row[0].stop), taken)]
            if found:
                set_judged(doc, [*zip(doc._.links, doc._.statuses, strict=True), *found])
        return doc


@Language.factory("clinigraph_normals", requires=["doc._.links", "doc._.statuses"])
def create_normals(nlp: Language, name: str) -> NormalComponent:
    """The component of what is called normal."""
    return NormalComponent(nlp)


def linker_of(nlp: Language) -> ConceptLinker:
    """The linker of a pipeline.

    Raises:
        ValueError: it has none.
    """
    return _part(nlp, LinkerComponent, "clinigraph_linker").linker


def assertion_of(nlp: Language) -> AssertionReader:
    """The reader of assertions of a pipeline.

    Raises:
        ValueError: it has none.
    """
    return _part(nlp, AssertionComponent, "clinigraph_assertion").reader


def _part(nlp: Language, kind: type[_T], name: str) -> _T:
    found = next((part for _, part in nlp.pipeline if isinstance(part, kind)), None)
    if found is None:
        raise ValueError(f"this component needs {name} before it in the pipeline")
    return found


def _reads_findings(nlp: Language, doc: Doc) -> bool:
    """Whether a document is read for findings, not for what a question names."""
    linking = linking_of(doc) or _part(nlp, LinkerComponent, "clinigraph_linker").linking
    return linking.prefer is Category.PHENOTYPE and Category.PHENOTYPE in linking.categories


def _apart_from(places: Sequence[tuple[int, int]], doc: Doc) -> Iterator[tuple[Link, Status]]:
    for link, status in zip(doc._.links, doc._.statuses, strict=True):
        if not _overlaps((link.start, link.stop), places):
            yield link, status


def _overlaps(place: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    return any(place[0] < stop and start < place[1] for start, stop in others)
