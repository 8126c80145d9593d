"""The quad store on disk: pyoxigraph, spoken to through rdflib."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import GraphDamaged, MalformedQuery
from .iri import PREFIX_HEADER, PREFIXES
from .quads import graph_iri, shard_statements, source_statements, triples_text
from .shard import Shard

if TYPE_CHECKING:
    import pyoxigraph
    import rdflib
    from rdflib.query import Result

_PIECE_BYTES = 40_000_000  # bounds the memory that loading one piece takes


class QuadStore:
    """Every record of every source, as quads.

    ``QuadStore.open`` is read-only, so that it works on a read-only disk and beside other readers.
    """

    def __init__(self, engine: pyoxigraph.Store) -> None:
        self._engine = engine

    @classmethod
    def create(cls, folder: Path) -> QuadStore:
        """A writable store in a folder, new if the folder is empty."""
        import pyoxigraph

        return cls(pyoxigraph.Store(str(folder)))

    @classmethod
    def open(cls, folder: Path) -> QuadStore:
        """The store in ``folder``, for reading.

        Raises:
            GraphDamaged: there is none, or its files are broken.
        """
        import pyoxigraph

        if not folder.is_dir():
            raise GraphDamaged(folder, "the folder is missing")
        try:
            return cls(pyoxigraph.Store.read_only(str(folder)))
        except OSError as error:
            raise GraphDamaged(folder, str(error)) from error

    def load(self, shard: Shard) -> None:
        """Add a shard's records and what is known of its source; IRIs are not checked again."""
        import pyoxigraph

        triples = pyoxigraph.RdfFormat.N_TRIPLES
        self._engine.load(bytes(triples_text(source_statements(shard))), format=triples)
        graph = pyoxigraph.NamedNode(graph_iri(shard.source.id))
        for piece in _pieces(map(triples_text, shard_statements(shard))):
            self._engine.bulk_load(io.BytesIO(piece), format=triples, to_graph=graph, lenient=True)

    def remove(self, source: str) -> None:
        """Remove exactly what `load` added for a source."""
        import pyoxigraph

        graph = pyoxigraph.NamedNode(graph_iri(source))
        self._engine.remove_graph(graph)
        for quad in list(self._engine.quads_for_pattern(graph, None, None, pyoxigraph.DefaultGraph())):
            self._engine.remove(quad)

    def flush(self) -> None:
        """Write everything to disk."""
        self._engine.flush()

    def dump(self, file: Path) -> None:
        """Write every quad as N-Quads."""
        import pyoxigraph

        self._engine.dump(str(file), format=pyoxigraph.RdfFormat.N_QUADS)

    def rows(self, sparql: str) -> Iterator[tuple[str, ...]]:
        """Rows of a SELECT query over the union of all sources as text, IRIs in full; the engine's own, quickest way.

        Raises:
            MalformedQuery: it does not parse or is no SELECT.
        """
        import pyoxigraph

        try:
            found = self._engine.query(PREFIX_HEADER + sparql, use_default_graph_as_union=True)
        except (SyntaxError, ValueError) as error:
            raise MalformedQuery(str(error)) from error
        if not isinstance(found, pyoxigraph.QuerySolutions):
            raise MalformedQuery("it is no SELECT query")
        for solution in found:
            yield tuple("" if term is None else term.value for term in solution)

    def __len__(self) -> int:
        return len(self._engine)

    def dataset(self) -> rdflib.Dataset:
        """The store as an rdflib dataset with readable prefixes; its default graph is the union of all sources."""
        import rdflib
        from oxrdflib import OxigraphStore

        dataset = rdflib.Dataset(store=OxigraphStore(store=self._engine), default_union=True)
        for prefix, stem in PREFIXES.items():
            dataset.bind(prefix, stem)
        return dataset

    def query(self, sparql: str) -> Result:
        """The result of a SPARQL 1.1 query; the prefixes of `PREFIXES` need no declaration.

        Raises:
            MalformedQuery: it does not parse, is not a query, or uses what cannot be evaluated.
        """
        try:
            result = self.dataset().query(sparql, initNs=dict(PREFIXES))
            if result.type == "SELECT":
                len(result)  # rows are computed when they are first asked for, and can fail then too
            return result
        except (SyntaxError, ValueError, OSError, RuntimeError) as error:
            raise MalformedQuery(str(error)) from error


def _pieces(parts: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    held, size = [], 0
    for part in parts:
        held.append(bytes(part))
        size += len(part)
        if size >= _PIECE_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def write_store(shards: Sequence[Shard], folder: Path) -> None:
    """Make the store of these shards in a folder that is missing."""
    folder.mkdir(parents=True)
    store = QuadStore.create(folder)
    for shard in shards:
        store.load(shard)
    store.flush()


def write_changed_store(before: Path, had: Sequence[Shard], shards: Sequence[Shard], folder: Path) -> None:
    """Make the store of ``shards`` out of the one in ``before``, which held ``had`` and stays as it is.

    Only what differs is removed and loaded; files that no change touches are shared between both.
    """
    import pyoxigraph

    pyoxigraph.Store.read_only(str(before)).backup(str(folder))
    store = QuadStore.create(folder)
    kept = {shard.digest for shard in shards} & {shard.digest for shard in had}
    for shard in had:
        if shard.digest not in kept:
            store.remove(shard.source.id)
    for shard in shards:
        if shard.digest not in kept:
            store.load(shard)
    store.flush()


def remove_store(folder: Path) -> None:
    """Remove a store that was not finished."""
    shutil.rmtree(folder, ignore_errors=True)
