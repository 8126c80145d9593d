"""The one place that builds real objects from settings, each made (and its room imported) when it is first needed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread

import retrieval
from kg import (
    DiagnosisChecker,
    GraphDamaged,
    GraphNotBuilt,
    QuadStore,
    Report,
    Snapshot,
    build_graph,
    graph_folder,
    is_built,
    select_sources,
    silent,
    writing_to,
)
from model import Checker, Decoding, Generator, open_generator, prepare_generator, read_prompt

from .answering import QuestionAnswerer
from .config import Settings
from .differential import Diagnostician
from .explaining import Explainer

LEXICON, PASSAGES, RANKING = "lexicon", "passages", "ranking"
"""Folders beside the snapshot that the floors above derive from it at build time."""


class Application:
    """Opens what a command needs, building the graph first if there is none."""

    def __init__(self, settings: Settings, report: Report) -> None:
        self.settings = settings
        self._report = report

    def build(self, sources: list[str] | None = None, *, force: bool = False) -> Path:
        """Build the graph and all that is derived from it; returns its folder."""
        entries = select_sources(sources)
        return build_graph(self.settings.cache, entries, self._report, self._prepare, force=force)

    def _prepare(self, snapshot: Snapshot, folder: Path) -> None:
        with another_process() as process:
            lexicon = process.submit(_compile_lexicon, snapshot.folder, folder / LEXICON)
            self._index_findings(snapshot, folder)
            self._index_passages(snapshot, folder)
            self._report("compile lexicon", 0, 1)
            lexicon.result()
            self._report("compile lexicon", 1, 1)

    def _index_findings(self, snapshot: Snapshot, folder: Path) -> None:
        self._report("index findings", 0, 1)
        with writing_to(folder):
            retrieval.DiseaseRanker.build(snapshot, folder / RANKING)
        self._report("index findings", 1, 1)

    def _index_passages(self, snapshot: Snapshot, folder: Path) -> None:
        vectors = self.settings.cache / "vectors"
        retrieval.PassageSearch.build(snapshot, folder / PASSAGES, self.embedder, vectors, self._report)

    @cached_property
    def folder(self) -> Path:
        """The folder of the graph in use; built if there is none."""
        try:
            return graph_folder(self.settings.cache)
        except GraphNotBuilt:
            return self.build()

    @cached_property
    def snapshot(self) -> Snapshot:
        """The graph that answers are made from."""
        return Snapshot.open(self.folder / "snapshot")

    @cached_property
    def store(self) -> QuadStore:
        """The quad store behind the snapshot, for SPARQL."""
        return QuadStore.open(self.folder / "store")

    @cached_property
    def reader(self) -> retrieval.Reader:
        """Finds concepts in text."""
        return retrieval.Reader(self.snapshot, self.folder / LEXICON)

    @cached_property
    def embedder(self) -> retrieval.Embedder:
        """Turns text into vectors."""
        return retrieval.SentenceTransformerEmbedder(retrieval.default_encoder(), self.settings.cache, self._report)

    @cached_property
    def contexts(self) -> retrieval.ContextBuilder:
        """Gathers evidence for questions."""
        return retrieval.ContextBuilder(
            self.snapshot, self._search, retrieval.ContextSettings(self.settings.token_budget)
        )

    @cached_property
    def _search(self) -> retrieval.PassageSearch:
        """The passage index; made anew if another version of the program left one that this one cannot read."""
        try:
            return retrieval.PassageSearch.open(self.folder / PASSAGES, self.embedder)
        except GraphDamaged:
            self._index_passages(self.snapshot, self.folder)
            return retrieval.PassageSearch.open(self.folder / PASSAGES, self.embedder)

    @cached_property
    def ranker(self) -> retrieval.DiseaseRanker:
        """Ranks diseases for findings; its index is made anew like that of the passages."""
        try:
            return retrieval.DiseaseRanker.open(self.snapshot, self.folder / RANKING)
        except retrieval.RankingIndexDamaged:
            self._index_findings(self.snapshot, self.folder)
            return retrieval.DiseaseRanker.open(self.snapshot, self.folder / RANKING)

    @cached_property
    def claim_checker(self) -> Checker:
        """Holds claims against evidence."""
        return Checker(self.reader.mentions, self.snapshot.is_a)

    @cached_property
    def generator(self) -> Generator | None:
        """The language model, or ``None`` where the graph writes alone."""
        if self.settings.generator == "graph":
            return None
        return open_generator(self.settings.model, self.settings.cache, self._report, self.settings.api_key)

    def _make_ready(self) -> None:
        """Build a graph that is missing, and convert the model's weights meanwhile in another process."""
        if self.settings.generator == "graph" or is_built(self.settings.cache):
            return
        with another_process() as process:
            process.submit(_fetch_models, self.settings.model, self.settings.cache)
            _ = self.folder
            self._report("convert model", 0, 1)
        self._report("convert model", 1, 1)  # what failed there is tried again, and reported, when the model is opened

    @cached_property
    def answerer(self) -> QuestionAnswerer:
        """Answers questions."""
        self._make_ready()
        return QuestionAnswerer(
            self.snapshot,
            self.reader,
            self.contexts,
            self.claim_checker,
            self.generator,
            read_prompt("answer", self.settings.prompts),
            Decoding(max_new_tokens=self.settings.max_new_tokens),
        )

    @cached_property
    def explainer(self) -> Explainer | None:
        """Lets the language model explain differentials; ``None`` where there is no model."""
        if self.generator is None:
            return None
        prompt = read_prompt("diagnosis", self.settings.prompts)
        decoding = Decoding(max_new_tokens=self.settings.max_new_tokens)
        return Explainer(self.snapshot, self.reader, self.claim_checker, self.generator, prompt, decoding)

    @cached_property
    def diagnostician(self) -> Diagnostician:
        """Makes differentials."""
        return Diagnostician(self.snapshot, self.ranker, DiagnosisChecker(self.snapshot))


@contextmanager
def another_process() -> Iterator[ProcessPoolExecutor]:
    """One worker process of its own interpreter, for work that would hold this one's lock; gone at the end."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"), initializer=_end_with_parent) as pool:
        yield pool


def _end_with_parent() -> None:
    """In a worker: leave as soon as the process that started it is gone, even if that one was killed."""
    parent = parent_process()
    if parent is not None:
        Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True).start()


def _compile_lexicon(snapshot: Path, folder: Path) -> None:
    retrieval.compile_lexicon(Snapshot.open(snapshot), folder)


def _fetch_models(spec: str, cache: Path) -> None:
    prepare_generator(spec, cache, silent)
    retrieval.encoder_folder(retrieval.default_encoder(), cache, silent)
