"""The frozen graph that answering reads: memory-mapped files, opened in well under a second."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .concept import Category, Concept, Curie, Description, Name
from .concept_table import ConceptTable
from .fact import Fact, Predicate
from .fact_table import FactColumns, FactTable
from .hierarchy import Hierarchy
from .mapped import Ints, MappedFiles
from .tier import Tier

if TYPE_CHECKING:
    import networkx as nx
    from scipy import sparse

    from .identity import Outcome
    from .record import Match


class Snapshot:
    """One version of the graph. Everything is read from memory-mapped files; nothing can be changed.

    Methods that take an identifier accept any that resolves, and raise `UnknownConcept` for one that does not.
    """

    def __init__(self, folder: Path, files: MappedFiles) -> None:
        self.folder = folder
        self.version: str = files.manifest["version"]
        self.counts: Mapping[str, int] = files.manifest["counts"]
        self.sources: tuple[Mapping[str, Any], ...] = tuple(files.manifest["sources"])
        self._titles = {str(source["id"]): str(source.get("title") or source["id"]) for source in self.sources}
        self._tiers = {str(source["id"]): Tier(source["tier"]) for source in self.sources}
        self._concepts = ConceptTable(files)
        self._facts = FactTable(files, self._concepts)
        self._hierarchy = Hierarchy(files, len(self._concepts))

    @classmethod
    def open(cls, folder: Path) -> Snapshot:
        """The snapshot in ``folder``.

        Raises:
            GraphDamaged: a file is missing, truncated or of another layout.
        """
        return cls(folder, MappedFiles.open(folder))

    def __len__(self) -> int:
        return len(self._concepts)

    def tier_of(self, source: str) -> Tier:
        """How far a source of this graph is to be trusted."""
        return self._tiers[source]

    def title_of(self, source: str) -> str:
        """What a source of this graph is called; one that the graph does not have goes by its identifier."""
        return self._titles.get(source, source)

    # Identifiers

    def resolve(self, curie: str) -> Curie | None:
        """The canonical identifier; follows equivalent, merged and obsolete ones."""
        position = self._concepts.find_position(curie)
        return None if position is None else self.curie_at(position)

    def position(self, curie: str) -> int:
        """Where a concept stands in every concept column."""
        return self._concepts.position(curie)

    def curie_at(self, position: int) -> Curie:
        """The canonical identifier of a concept position."""
        return self._concepts.curie_at(position)

    def carriers_of(self, xrefs: Collection[str]) -> list[Curie]:
        """The concepts that have one of some cross-references which do not resolve, as the sources write them."""
        return self._concepts.carriers_of(xrefs) if xrefs else []

    def mappings(self) -> Iterator[tuple[Match, Outcome]]:
        """Every mapping of every source with what fusion did with it, sorted by subject and object."""
        return self._concepts.mappings()

    # Concepts

    def find(self, curie: str) -> Concept | None:
        """The concept that an identifier resolves to, or ``None``."""
        position = self._concepts.find_position(curie)
        return None if position is None else self._concepts.at(position)

    def concept(self, curie: str) -> Concept:
        """The concept that an identifier resolves to."""
        return self._concepts.at(self.position(curie))

    def label(self, curie: str) -> str:
        """The preferred name of a concept."""
        return self.label_at(self.position(curie))

    def label_at(self, position: int) -> str:
        """The preferred name of a concept position."""
        return self._concepts.label_at(position)

    def category_at(self, position: int) -> Category:
        """The category of a concept position."""
        return self._concepts.category_at(position)

    def concepts(self, category: Category | None = None) -> Iterator[Curie]:
        """Canonical identifiers in sorted order, of one category if given."""
        return (self.curie_at(int(position)) for position in self._concepts.positions(category))

    def names(self) -> Iterator[tuple[Curie, Category, Name]]:
        """Every name of every concept, sorted by concept, each concept's label first."""
        return self._concepts.names()

    def descriptions(self) -> Iterator[Description]:
        """Every description, sorted by concept; those about none in particular come first."""
        return self._concepts.descriptions()

    def descriptions_of(self, curie: str) -> tuple[Description, ...]:
        """The descriptions of one concept."""
        return self._concepts.descriptions_of(self.position(curie))

    # Hierarchy

    def parents(self, curie: str) -> frozenset[Curie]:
        """Direct superclasses."""
        return frozenset(fact.object for fact in self.facts_from(curie, Predicate.SUBCLASS_OF))

    def children(self, curie: str) -> frozenset[Curie]:
        """Direct subclasses."""
        return frozenset(fact.subject for fact in self.facts_to(curie, Predicate.SUBCLASS_OF))

    def ancestors(self, curie: str) -> frozenset[Curie]:
        """All superclasses and the concept itself."""
        return frozenset(map(self.curie_at, self.ancestor_positions(self.position(curie))))

    def descendants(self, curie: str) -> frozenset[Curie]:
        """All subclasses and the concept itself."""
        return frozenset(map(self.curie_at, self.descendant_positions(self.position(curie))))

    def is_a(self, child: str, parent: str) -> bool:
        """Whether ``parent`` is among the ancestors of ``child``, or the same concept."""
        return self._hierarchy.is_under(self.position(child), self.position(parent))

    def ancestor_positions(self, position: int) -> Ints:
        """Positions of all superclasses and the concept itself, sorted."""
        return self._hierarchy.ancestors(position)

    def descendant_positions(self, position: int) -> Ints:
        """Positions of all subclasses and the concept itself, sorted."""
        return self._hierarchy.descendants(position)

    def closure(self) -> sparse.csr_array:
        """Bool matrix (n_concepts, n_concepts): row concept, its ancestors and itself as columns."""
        return self._hierarchy.closure

    # Facts

    @property
    def columns(self) -> FactColumns:
        """The facts as arrays, for numerical work."""
        return self._facts.columns

    def facts_from(self, subject: str, predicate: Predicate | None = None) -> tuple[Fact, ...]:
        """Facts whose subject is this concept, in snapshot order."""
        return self._facts.of(self._facts.rows_from(self.position(subject)), predicate)

    def facts_to(self, object: str, predicate: Predicate | None = None) -> tuple[Fact, ...]:
        """Facts whose object is this concept, in snapshot order."""
        return self._facts.of(self.rows_to(self.position(object)), predicate)

    def rows_from(self, position: int) -> range:
        """Rows of the facts whose subject is at this concept position."""
        return self._facts.rows_from(position)

    def rows_to(self, position: int) -> Ints:
        """Rows of the facts whose object is at this concept position."""
        return self._facts.rows_to(position)

    def fact_at(self, row: int) -> Fact:
        """The fact in one row of `columns`."""
        return self._facts.at(row)

    def references_of(self, rows: Iterable[int]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Row and references of each piece of evidence of the given fact rows; cheaper than building the facts."""
        return self._facts.references_of(rows)

    def neighbourhood(self, curie: str, hops: int = 1) -> nx.MultiDiGraph[Curie]:
        """The facts within so many steps of a concept, as a graph; an edge has its row as key and carries its ``fact``.

        Both ends of a fact are nodes, with their ``label``.
        """
        import networkx as nx

        graph: nx.MultiDiGraph[Curie] = nx.MultiDiGraph()
        edge = [self.concept(curie).curie]
        seen: set[int] = set()
        for _ in range(hops):
            around = sorted({row for node in edge for row in self._rows_around(node)} - seen)
            seen.update(around)
            fresh: list[Curie] = []
            for row, fact in zip(around, self._facts.of(around, None), strict=True):
                for end in (fact.subject, fact.object):
                    if end not in graph:
                        graph.add_node(end, label=self.label(end))
                        fresh.append(end)
                graph.add_edge(fact.subject, fact.object, row, fact=fact)
            edge = sorted(fresh)
        return graph

    def _rows_around(self, curie: Curie) -> list[int]:
        position = self.position(curie)
        return [*self._facts.rows_from(position), *self.rows_to(position).tolist()]
