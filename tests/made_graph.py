"""A graph made of records that a test states itself."""

from collections.abc import Iterable
from pathlib import Path

from kg import Record, Snapshot
from kg.compile import SnapshotCompiler


def snapshot_of(records: Iterable[Record], folder: Path) -> Snapshot:
    """The snapshot of these records, written into an empty folder."""
    compiler = SnapshotCompiler()
    list(compiler.add(records))
    compiler.write(folder, "test-1", [])
    return Snapshot.open(folder)
