"""Every format with what reads it and which files of a folder belong to it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ..record import Record
from ..rejection import Rejections
from . import documents, hetionet, kgx, medquad, obo, obograph, owl, primekg, pubmed, rrf, sssom, table
from .coherence import one_label_each, without_cycles
from .errors import InputMissing
from .files import plain_suffix
from .intake import Intake
from .request import Format, ImportRequest

ImportReader: TypeAlias = Callable[[Sequence[Path], Intake], Iterator[Record]]
FileFinder: TypeAlias = Callable[[Path], Iterable[Path]]


def _ending(*suffixes: str) -> FileFinder:
    def find(folder: Path) -> Iterable[Path]:
        return (path for path in _visible(folder) if plain_suffix(path) in suffixes)

    return find


def _visible(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


def _hetionet_files(folder: Path) -> Iterable[Path]:
    for pattern in ("*nodes.tsv*", "*edges.sif*"):
        yield from sorted(folder.glob(pattern))[:1]


@dataclass(frozen=True, slots=True)
class FormatEntry:
    """How one format is read.

    ``find`` says which files of a folder are its own. ``relabels``: the files may name one identifier twice, which
    costs remembering every label.
    """

    read: ImportReader
    find: FileFinder
    relabels: bool = True


FORMATS: Mapping[Format, FormatEntry] = {
    Format.OBO: FormatEntry(obo.read_obo, _ending(".obo")),
    Format.OWL: FormatEntry(owl.read_owl, _ending(*owl.SYNTAXES)),
    Format.OBOGRAPH: FormatEntry(obograph.read_obograph, _ending(".json")),
    Format.KGX: FormatEntry(kgx.read_kgx, _ending(".tsv", ".jsonl", ".ndjson")),
    Format.SSSOM: FormatEntry(sssom.read_sssom, _ending(".tsv", ".csv"), relabels=False),
    Format.TABLE: FormatEntry(table.read_table, _ending(".csv", ".tsv", ".tab", ".txt")),
    Format.UMLS: FormatEntry(rrf.read_umls, rrf.umls_files, relabels=False),
    Format.RXNORM: FormatEntry(rrf.read_rxnorm, rrf.rxnorm_files, relabels=False),
    Format.PRIMEKG: FormatEntry(primekg.read_primekg, lambda folder: sorted(folder.glob("kg.csv*"))[:1]),
    Format.HETIONET: FormatEntry(hetionet.read_hetionet, _hetionet_files),
    Format.PUBMED: FormatEntry(pubmed.read_pubmed, _ending(".xml"), relabels=False),
    Format.MEDQUAD: FormatEntry(medquad.read_medquad, _ending(".xml"), relabels=False),
    Format.DOCUMENTS: FormatEntry(documents.read_documents, _ending(*documents.READERS), relabels=False),
}
"""Every format."""


def data_files(request: ImportRequest) -> tuple[Path, ...]:
    """The files with records: those passed, and those of the format in the folders passed; sorted, each once.

    Raises:
        InputMissing: a path does not exist, or nothing in a folder is of the format.
    """
    found: set[Path] = set()
    for path in request.paths:
        if path.is_dir():
            inside = set(FORMATS[request.format].find(path))
            if not inside:
                raise InputMissing(path, f"file of the format {request.format}")
            found |= inside
        elif path.exists():
            found.add(path)
        else:
            raise InputMissing(path, "file or folder")
    return tuple(sorted(found))


def input_files(request: ImportRequest) -> tuple[Path, ...]:
    """Every file that the import reads, the mapping file too, sorted; their contents decide what it yields.

    Raises:
        InputMissing: a path does not exist, or nothing in a folder is of the format.
    """
    mapping = {request.mapping} if request.mapping is not None else set()
    return tuple(sorted({*data_files(request), *mapping}))


def read_import(request: ImportRequest, rejections: Rejections) -> Iterator[Record]:
    """The records of an import, one at a time. What cannot be used is added to ``rejections`` and left out.

    An identifier keeps its first label, and facts that close a circle of ``subclass_of`` are left out; both are
    reported. The hierarchy comes last.

    Raises:
        ImportFailed: a file is missing, damaged, unsafe, or no such format at all. Records that came before it must
            be thrown away.
    """
    intake = Intake(request, rejections)
    entry = FORMATS[request.format]
    records = entry.read(data_files(request), intake)
    if entry.relabels:
        records = one_label_each(records, intake)
    yield from without_cycles(records, intake)
