"""The catalogue of sources: what ``data/sources.lock`` pins, and how to read each."""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import resources
from inspect import signature
from pathlib import Path

from .archive import ArchivePin, fetch_archive, open_member
from .errors import MalformedCurie, MalformedSource
from .progress import Report
from .record import Record
from .rejection import Rejections
from .source import Source
from .sources.ansm import read_ansm
from .sources.atc import read_atc
from .sources.biomappings import read_biomappings
from .sources.chebi import read_chebi
from .sources.clinosim import read_clinosim
from .sources.doid import read_doid
from .sources.drugs import read_drugs
from .sources.faker import read_faker
from .sources.genes import read_gene_diseases, read_hgnc
from .sources.hpo import read_hpo
from .sources.hpoa import read_hpoa
from .sources.icd10cm import read_icd10cm
from .sources.medicines_reference import read_medicines_reference
from .sources.mesh import read_mesh, read_mesh_chemicals
from .sources.mondo import read_mondo
from .sources.open_medicine import read_differentials, read_guidelines, read_renal_doses
from .sources.pubmed import read_pubmed, read_pubmed_pairs
from .sources.synthea import read_synthea
from .sources.uniprot import read_uniprot
from .sources.uniprot_genes import read_uniprot_genes
from .sources.who_medicines import read_who_medicines
from .tier import Tier

READERS: Mapping[str, Callable[..., Iterator[Record]]] = {
    "hpo": read_hpo,
    "hpoa": read_hpoa,
    "hpo-genes": read_gene_diseases,
    "hgnc": read_hgnc,
    "mondo": read_mondo,
    "mesh": read_mesh,
    "doid": read_doid,
    "uniprot": read_uniprot,
    "uniprot-genes": read_uniprot_genes,
    "drugs": read_drugs,
    "chebi": read_chebi,
    "mesh-chemicals": read_mesh_chemicals,
    "atc": read_atc,
    "ansm": read_ansm,
    "who-medicines": read_who_medicines,
    "icd10cm": read_icd10cm,
    "biomappings": read_biomappings,
    "guidelines": read_guidelines,
    "differentials": read_differentials,
    "renal-doses": read_renal_doses,
    "clinosim": read_clinosim,
    "synthea": read_synthea,
    "medicines-reference": read_medicines_reference,
    "faker": read_faker,
    "pubmed": read_pubmed,
    "pubmed-pairs": read_pubmed_pairs,
}
"""Source identifier -> reader; takes the source's open files in lock-file order, then the release."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside one archive."""

    archive: ArchivePin
    path: str


@dataclass(frozen=True, slots=True)
class SourceEntry(Source):
    """One source of the catalogue; ``default`` ones are built unless others are named."""

    members: tuple[Member, ...] = ()
    default: bool = True


def read_catalogue() -> tuple[SourceEntry, ...]:
    """Every pinned source, in lock-file order."""
    lock = tomllib.loads((resources.files("data") / "sources.lock").read_text())
    pins = {name: ArchivePin(**fields) for name, fields in lock["archives"].items()}
    return tuple(_entry(name, fields, pins) for name, fields in lock["sources"].items())


def _entry(name: str, fields: dict[str, object], pins: dict[str, ArchivePin]) -> SourceEntry:
    text = {key: str(fields[key]) for key in ("title", "release", "licence", "citation", "upstream")}
    listed = fields["members"]
    assert isinstance(listed, list)
    members = []
    for item in listed:
        archive, found, path = str(item).rpartition("!")
        members.append(Member(pins[archive if found else str(fields["archive"])], path))
    default = bool(fields.get("default", True))
    return SourceEntry(id=name, tier=Tier(str(fields["tier"])), members=tuple(members), default=default, **text)


def fetch_sources(entries: Sequence[SourceEntry], archives: Path, report: Report) -> None:
    """Make sure that every archive the entries need lies verified in ``archives``."""
    pins = {member.archive.filename: member.archive for entry in entries for member in entry.members}
    for pin in pins.values():
        fetch_archive(pin, archives, report)


def read_source(entry: SourceEntry, archives: Path, rejections: Rejections) -> Iterator[Record]:
    """Every record of one source, from its fetched archives; rows that a reader can do without are rejected.

    Raises:
        MalformedSource: a file is not what its reader expects.
    """
    reader = READERS[entry.id]
    options = {"rejections": rejections} if "rejections" in signature(reader).parameters else {}
    with ExitStack() as stack:
        files = [stack.enter_context(open_member(archives / m.archive.filename, m.path)) for m in entry.members]
        try:
            yield from reader(*files, entry.release, **options)
        except (
            ValueError,
            LookupError,
            MalformedCurie,
        ) as error:  # bytes that are not UTF-8, a missing field, no CURIE
            where = " and ".join(member.path for member in entry.members)
            raise MalformedSource(entry.id, where, str(error).removesuffix(".")) from error
