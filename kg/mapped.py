"""The files of one snapshot, memory-mapped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .errors import GraphDamaged

if TYPE_CHECKING:
    import pyarrow as pa


Ints = npt.NDArray[np.int32]


class MappedFiles:
    """Tables and arrays by name; nothing is read before it is asked for."""

    def __init__(
        self,
        manifest: Mapping[str, Any],
        tables: Mapping[str, pa.RecordBatch],
        arrays: Mapping[str, npt.NDArray[Any]],
    ) -> None:
        self.manifest, self._tables, self.arrays = manifest, tables, arrays

    @classmethod
    def open(cls, folder: Path) -> MappedFiles:
        """The files in ``folder``.

        Raises:
            GraphDamaged: a file is missing, truncated or of another layout.
        """
        import pyarrow as pa

        from .layout import BY_OBJECT, CLOSURE, MANIFEST, SCHEMA_VERSION, Table

        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if manifest["schema"] != SCHEMA_VERSION:
                raise GraphDamaged(folder, f"it has layout {manifest['schema']}, this program reads {SCHEMA_VERSION}")
            tables = {}
            for table in Table:
                reader = pa.ipc.open_file(pa.memory_map(str(folder / table.filename)))
                tables[table.name] = reader.get_batch(0)
            arrays = {name: np.load(folder / name, mmap_mode="r") for name in (BY_OBJECT, *CLOSURE)}
        except (OSError, EOFError, KeyError, TypeError, ValueError, pa.ArrowException) as error:
            raise GraphDamaged(folder, str(error)) from error
        return cls(manifest, tables, arrays)

    def table(self, name: str) -> pa.RecordBatch:
        """A table by the name of its member in `kg.layout.Table`."""
        return self._tables[name]

    def numbers(self, table: str, field: str) -> npt.NDArray[Any]:
        """A numerical column as the array that lies in the file."""
        numbers: npt.NDArray[Any] = self._tables[table][field].to_numpy(zero_copy_only=True)
        return numbers

    def rows_of(self, table: str, key: int) -> range:
        """The rows of a table whose sorted first column has this value."""
        first = self.starts(table)
        return range(int(first[key]), int(first[key + 1]))

    def starts(self, table: str) -> npt.NDArray[np.int64]:
        """Where the rows of each key begin; one more entry than keys."""
        if table not in self._start_cache:
            keys = self.numbers(table, self._tables[table].schema.names[0])
            count = len(self._tables["FACTS"]) if table == "EVIDENCE" else len(self._tables["CONCEPTS"])
            self._start_cache[table] = np.searchsorted(keys, np.arange(count + 1))
        return self._start_cache[table]

    @cached_property
    def _start_cache(self) -> dict[str, npt.NDArray[np.int64]]:
        return {}
