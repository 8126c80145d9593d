"""The catalogue of sources: what ``data/sources.lock`` pins, and how to read each."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from .archive import ArchivePin, fetch_archive, open_member
from .errors import MalformedCurie, MalformedSource
from .progress import Report
from .record import Record
from .sources.doid import read_doid
from .sources.genes import read_gene_diseases, read_hgnc
from .sources.hpo import read_hpo
from .sources.hpoa import read_hpoa
from .sources.mesh import read_mesh
from .sources.mondo import read_mondo
from .sources.uniprot import read_uniprot

READERS: Mapping[str, Callable[..., Iterator[Record]]] = {
    "hpo": read_hpo,
    "hpoa": read_hpoa,
    "hpo-genes": read_gene_diseases,
    "hgnc": read_hgnc,
    "mondo": read_mondo,
    "mesh": read_mesh,
    "doid": read_doid,
    "uniprot": read_uniprot,
}
"""Source identifier -> reader; takes the source's open files in lock-file order, then the release."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside one archive."""

    archive: ArchivePin
    path: str


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One source of the catalogue."""

    id: str
    title: str
    release: str
    members: tuple[Member, ...]
    licence: str
    citation: str
    tier: str
    upstream: str


def read_catalogue() -> tuple[SourceEntry, ...]:
    """Every pinned source, in lock-file order."""
    lock = tomllib.loads((resources.files("data") / "sources.lock").read_text())
    pins = {name: ArchivePin(**fields) for name, fields in lock["archives"].items()}
    return tuple(_entry(name, fields, pins) for name, fields in lock["sources"].items())


def _entry(name: str, fields: dict[str, object], pins: dict[str, ArchivePin]) -> SourceEntry:
    text = {key: str(fields[key]) for key in ("title", "release", "licence", "citation", "tier", "upstream")}
    listed = fields["members"]
    assert isinstance(listed, list)
    members = []
    for item in listed:
        archive, found, path = str(item).rpartition("!")
        members.append(Member(pins[archive if found else str(fields["archive"])], path))
    return SourceEntry(id=name, members=tuple(members), **text)


def fetch_sources(entries: tuple[SourceEntry, ...], archives: Path, report: Report) -> None:
    """Make sure that every archive the entries need lies verified in ``archives``."""
    pins = {member.archive.filename: member.archive for entry in entries for member in entry.members}
    for pin in pins.values():
        fetch_archive(pin, archives, report)


def read_source(entry: SourceEntry, archives: Path) -> Iterator[Record]:
    """Every record of one source, from its fetched archives.

    Raises:
        MalformedSource: a file is not what its reader expects.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(open_member(archives / m.archive.filename, m.path)) for m in entry.members]
        try:
            yield from READERS[entry.id](*files, entry.release)
        except (
            ValueError,
            LookupError,
            MalformedCurie,
        ) as error:  # bytes that are not UTF-8, a missing field, no CURIE
            where = " and ".join(member.path for member in entry.members)
            raise MalformedSource(entry.id, where, str(error).removesuffix(".")) from error
