"""Concepts, names, descriptions and mappings of a snapshot."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .concept import Category, Concept, Curie, Description, Name
from .errors import UnknownConcept

if TYPE_CHECKING:
    from .identity import Outcome
    from .mapped import MappedFiles
    from .record import Match

_CACHED_CONCEPTS = 20_000
_CACHED_NAMES = 100_000


class ConceptTable:
    """Every concept at its position; what is read is remembered."""

    def __init__(self, files: MappedFiles) -> None:
        self._files = files
        self._curies = files.table("CONCEPTS")["curie"]
        self.at = lru_cache(maxsize=_CACHED_CONCEPTS)(self._read_concept)
        self.find_position = lru_cache(maxsize=_CACHED_NAMES)(self._search_aliases)
        self.label_at = lru_cache(maxsize=_CACHED_NAMES)(self._read_label)
        self.curie_at = lru_cache(maxsize=_CACHED_NAMES)(self._read_curie)

    def __len__(self) -> int:
        return len(self._curies)

    def position(self, curie: str) -> int:
        """Where a concept stands in every concept column.

        Raises:
            UnknownConcept: the graph does not have it.
        """
        position = self.find_position(curie)
        if position is None:
            raise UnknownConcept(curie)
        return position

    def _read_curie(self, position: int) -> Curie:
        return str(self._curies[position].as_py())

    def _search_aliases(self, curie: str) -> int | None:
        aliases = self._files.table("ALIASES")["curie"]
        found = bisect_left(range(len(aliases)), curie, key=lambda row: aliases[row].as_py())
        if found < len(aliases) and aliases[found].as_py() == curie:
            return int(self._files.numbers("ALIASES", "concept")[found])
        return None

    def _read_label(self, position: int) -> str:
        return str(self._files.table("CONCEPTS")["label"][position].as_py())

    @cached_property
    def categories(self) -> npt.NDArray[np.uint8]:
        """Category codes by position, (n_concepts,) uint8."""
        return self._files.numbers("CONCEPTS", "category")

    def category_at(self, position: int) -> Category:
        """The category of a concept position."""
        from .shard import CATEGORIES

        return CATEGORIES[int(self.categories[position])]

    def positions(self, category: Category | None) -> npt.NDArray[np.int64]:
        """The positions of the concepts of one category, or of all."""
        from .shard import CATEGORIES

        if category is None:
            return np.arange(len(self))
        return np.flatnonzero(self.categories == CATEGORIES.index(category))

    def _read_concept(self, position: int) -> Concept:
        row = self._files.table("CONCEPTS")
        return Concept(
            self.curie_at(position),
            self.category_at(position),
            tuple(self._name(index) for index in self._files.rows_of("NAMES", position)),
            row["definition"][position].as_py(),
            tuple(row["equivalents"][position].as_py()),
            tuple(row["xrefs"][position].as_py()),
        )

    def _name(self, row: int) -> Name:
        from .shard import NAME_KINDS

        table = self._files.table("NAMES")
        return Name(
            table["text"][row].as_py(),
            NAME_KINDS[table["kind"][row].as_py()],
            table["layperson"][row].as_py(),
            table["abbreviation"][row].as_py(),
        )

    def names(self) -> Iterator[tuple[Curie, Category, Name]]:
        """Every name of every concept, sorted by concept, each concept's label first."""
        from .shard import CATEGORIES, NAME_KINDS

        table = self._files.table("NAMES")
        columns = [table[field].to_pylist() for field in ("concept", "text", "kind", "layperson", "abbreviation")]
        curies, categories = self._curies.to_pylist(), self.categories.tolist()
        for position, text, kind, layperson, abbreviation in zip(*columns, strict=True):
            name = Name(text, NAME_KINDS[kind], layperson, abbreviation)
            yield curies[position], CATEGORIES[categories[position]], name

    def descriptions(self) -> Iterator[Description]:
        """Every description, sorted by concept; those about none come first."""
        for row in range(len(self._files.table("DESCRIPTIONS"))):
            yield self._description(row)

    def descriptions_of(self, position: int) -> tuple[Description, ...]:
        """The descriptions of one concept."""
        return tuple(self._description(row) for row in self._files.rows_of("DESCRIPTIONS", position))

    def _description(self, row: int) -> Description:
        table = self._files.table("DESCRIPTIONS")
        title, text, kind, reference = (table[field][row].as_py() for field in ("title", "text", "kind", "reference"))
        concept, source = table["concept"][row].as_py(), self._files.manifest["sources"][table["source"][row].as_py()]
        about = None if concept < 0 else self.curie_at(concept)
        year = table["year"][row].as_py()
        return Description(about, title, text, kind, source["id"], source["release"], reference, year)

    def carriers_of(self, xrefs: Collection[str]) -> list[Curie]:
        """The concepts that have one of some looser cross-references, in sorted order."""
        import pyarrow as pa
        import pyarrow.compute as pc

        column = self._files.table("CONCEPTS")["xrefs"]
        hits = np.flatnonzero(pc.is_in(column.flatten(), pa.array(sorted(xrefs), pa.string())).to_numpy(False))
        return [self.curie_at(int(position)) for position in np.unique(pc.list_parent_indices(column).to_numpy()[hits])]

    def mappings(self) -> Iterator[tuple[Match, Outcome]]:
        """Every mapping of every source with what fusion did with it, sorted by subject and object."""
        from .layout import OUTCOMES
        from .record import Match
        from .shard import MATCH_KINDS

        table, sources = self._files.table("MAPPINGS"), self._files.manifest["sources"]
        columns = [table[field].to_pylist() for field in table.schema.names]
        for subject, target, kind, source, justification, outcome in zip(*columns, strict=True):
            stated = sources[source]
            match = Match(subject, target, stated["id"], stated["release"], MATCH_KINDS[kind], justification)
            yield match, OUTCOMES[outcome]
