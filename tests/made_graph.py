"""A graph made of records that a test states itself."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from kg import Concept, Record, Snapshot, Source, Tier
from kg.compile import compile_snapshot
from kg.shard import write_shard

TEST = "test"


def source_of(record: Record) -> str:
    """The source that a record names; concepts name none."""
    if isinstance(record, Concept):
        return TEST
    return record.evidence[0].source if hasattr(record, "evidence") else record.source


def snapshot_of(records: Iterable[Record], folder: Path, tiers: dict[str, Tier] | None = None) -> Snapshot:
    """The snapshot of these records, each under the source it names; ``tiers`` says how far each is trusted."""
    by_source: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_source[source_of(record)].append(record)
    shards = []
    for name, stated in by_source.items():
        shard = folder / "records" / name
        shard.mkdir(parents=True)
        tier = (tiers or {}).get(name, Tier.CURATED_DATABASE)
        shards.append(write_shard(stated, Source(name, name.title(), "1", "CC0-1.0", "none", tier), shard))
    (folder / "snapshot").mkdir()
    compile_snapshot(shards, folder / "snapshot")
    return Snapshot.open(folder / "snapshot")
