"""The one place that builds real objects from settings, each made (and its room imported) when it is first needed."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from pathlib import Path

import retrieval
from kg import (
    ArchiveUnavailable,
    CaseChecker,
    DiagnosisChecker,
    GraphDamaged,
    GraphNotBuilt,
    ImportRequest,
    QuadStore,
    Report,
    Shard,
    Snapshot,
    Source,
    build_graph,
    graph_folder,
    import_source,
    is_built,
    open_store,
    read_all_rules,
    remove_source,
    select_sources,
    silent,
    worker_processes,
    writing_to,
)
from model import (
    Checker,
    Decoding,
    Generator,
    open_generator,
    prepare_generator,
    read_prompt,
    shipped_risk_model,
)

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
        self.report = report

    def build(self, sources: list[str] | None = None, *, force: bool = False, with_store: bool = True) -> Path:
        """Build the graph and all that is derived from it; returns its folder."""
        entries = select_sources(sources)
        return build_graph(self.settings.cache, entries, self.report, self._prepare, force=force, with_store=with_store)

    def import_files(self, source: Source, request: ImportRequest) -> Shard:
        """Add the user's own files to the graph, which is built first if there is none; returns what was read."""
        _ = self.folder
        return import_source(self.settings.cache, source, request, self.report, self._prepare)

    def remove(self, source: str) -> None:
        """Take one source out of the graph."""
        remove_source(self.settings.cache, source, self.report, self._prepare)

    def _prepare(self, snapshot: Snapshot, folder: Path) -> None:
        with worker_processes() as process:
            lexicon = process.submit(_compile_lexicon, snapshot.folder, folder / LEXICON)
            self._index_findings(snapshot, folder)
            self._index_passages(snapshot, folder)
            self.report("compile lexicon", 0, 1)
            lexicon.result()
            self.report("compile lexicon", 1, 1)

    def _index_findings(self, snapshot: Snapshot, folder: Path) -> None:
        self.report("index findings", 0, 1)
        with writing_to(folder):
            retrieval.DiseaseRanker.build(snapshot, folder / RANKING)
        self.report("index findings", 1, 1)

    def _index_passages(self, snapshot: Snapshot, folder: Path) -> None:
        vectors = self.settings.cache / "vectors"
        with suppress(ArchiveUnavailable):  # search is good without, and says nothing wrong
            self.reranker.fetch(self.report)
        retrieval.PassageSearch.build(snapshot, folder / PASSAGES, self.embedder, vectors, self.report)

    @cached_property
    def folder(self) -> Path:
        """The folder of the graph in use; built if there is none."""
        try:
            return graph_folder(self.settings.cache)
        except GraphNotBuilt:
            return self.build(with_store=False)  # answering reads the snapshot alone

    @cached_property
    def snapshot(self) -> Snapshot:
        """The graph that answers are made from."""
        return Snapshot.open(self.folder / "snapshot")

    @cached_property
    def store(self) -> QuadStore:
        """The quad store behind the snapshot, for SPARQL."""
        _ = self.folder
        return open_store(self.settings.cache, self.report)

    @cached_property
    def reader(self) -> retrieval.Reader:
        """Finds concepts in text."""
        return retrieval.Reader(self.snapshot, self.folder / LEXICON)

    @cached_property
    def embedder(self) -> retrieval.Embedder:
        """Turns text into vectors."""
        return retrieval.SentenceTransformerEmbedder(retrieval.default_encoder(), self.settings.cache, self.report)

    @cached_property
    def reranker(self) -> retrieval.SpladeReranker:
        """Orders the best passages again, where its weights are in the cache."""
        return retrieval.SpladeReranker(retrieval.default_reranker(), self.settings.cache)

    @cached_property
    def contexts(self) -> retrieval.ContextBuilder:
        """Gathers evidence for questions."""
        return retrieval.ContextBuilder(
            self.snapshot, self.search, retrieval.ContextSettings(self.settings.token_budget)
        )

    @cached_property
    def search(self) -> retrieval.PassageSearch:
        """The passage index; made anew if another version of the program left one that this one cannot read."""
        try:
            return retrieval.PassageSearch.open(self.folder / PASSAGES, self.embedder, reranker=self.reranker)
        except GraphDamaged:
            self._index_passages(self.snapshot, self.folder)
            return retrieval.PassageSearch.open(self.folder / PASSAGES, self.embedder, reranker=self.reranker)

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
        prompts = {name: read_prompt(name, self.settings.prompts).version for name in ("answer", "diagnosis")}
        return open_generator(self.settings.model, self.settings.cache, self.report, self.settings.api_key, prompts)

    def _make_ready(self) -> None:
        """Build a graph that is missing, and convert the model's weights meanwhile in another process."""
        if self.settings.generator == "graph" or is_built(self.settings.cache):
            return
        with worker_processes() as process:
            process.submit(_fetch_models, self.settings.model, self.settings.cache)
            _ = self.folder
            self.report("convert model", 0, 1)
        self.report("convert model", 1, 1)  # what failed there is tried again, and reported, when the model is opened

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
            None if self.settings.generator == "graph" else shipped_risk_model(),
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
    def planner(self) -> retrieval.QuestionPlanner:
        """Finds the next best questions."""
        return retrieval.QuestionPlanner(self.snapshot, self.ranker)

    @cached_property
    def diagnostician(self) -> Diagnostician:
        """Makes differentials."""
        rules = read_all_rules(self.settings.rules)
        checkers = DiagnosisChecker(self.snapshot, rules), CaseChecker(self.snapshot, rules)
        return Diagnostician(self.snapshot, self.ranker, *checkers)


def _compile_lexicon(snapshot: Path, folder: Path) -> None:
    retrieval.compile_lexicon(Snapshot.open(snapshot), folder)


def _fetch_models(spec: str, cache: Path) -> None:
    prepare_generator(spec, cache, silent)
    retrieval.encoder_folder(retrieval.default_encoder(), cache, silent)
