"""The quad store on disk: pyoxigraph, spoken to through rdflib."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .errors import GraphDamaged, MalformedQuery
from .iri import PREFIXES

if TYPE_CHECKING:
    import pyoxigraph
    import rdflib
    from rdflib.query import Result


class QuadStore:
    """Every record of every source, as quads.

    ``QuadStore.open`` is read-only, so that it works on a read-only disk and beside other readers.
    """

    def __init__(self, engine: pyoxigraph.Store) -> None:
        self._engine = engine

    @classmethod
    def create(cls, folder: Path) -> QuadStore:
        """A new, writable store in an empty folder."""
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

    def load(self, file: Path) -> None:
        """Add an N-Quads file of our own writing in bulk, outside the interpreter lock; IRIs are not checked again."""
        import pyoxigraph

        self._engine.bulk_load(path=str(file), format=pyoxigraph.RdfFormat.N_QUADS, lenient=True)

    def flush(self) -> None:
        """Write everything to disk."""
        self._engine.flush()

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
