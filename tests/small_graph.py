"""A small but real graph: source files of every format, packed into archives, built by the real build."""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kg import ArchivePin, Record, Snapshot, SourceEntry, build_graph, open_snapshot, read_catalogue, silent
from kg.catalogue import READERS, Member

SOURCES = Path(__file__).parent / "small_sources"

DRUG_LIST = ("drug_names.pkl.bz2", "drugbank_mappings.tsv", "mesh_id_label_mappings.tsv")

FILES: Mapping[str, tuple[str, ...]] = {
    "hpo": ("hp.obo",),
    "hpoa": ("phenotype.hpoa",),
    "hpo-genes": ("genes_to_phenotype.txt",),
    "hgnc": ("hgnc_entries.tsv",),
    "mondo": ("mondo.json",),
    "mesh": ("mesh_template.tsv", "mesh_id_label_mappings.tsv"),
    "doid": ("HumanDO.obo",),
    "uniprot": ("protein_diseases.xml",),
    "uniprot-genes": ("gene_variants.xml", "variant_phenotypes.xml", "protein_diseases.xml", "hgnc_entries.tsv"),
    "drugs": DRUG_LIST,
    "chebi": ("chebi.json", "drugbank_mappings.tsv"),
    "mesh-chemicals": ("mesh_id_label_mappings.tsv", "drug_names.pkl.bz2", "drugbank_mappings.tsv"),
    "atc": ("atc_template.tsv", *DRUG_LIST),
    "ansm": ("ansm_rules.json", "ansm_members.json", *DRUG_LIST),
    "who-medicines": ("who_medicines.xml",),
    "icd10cm": ("icd10cm.xml", "mondo.json"),
    "biomappings": ("biomappings.sssom.tsv",),
    "guidelines": ("guidelines_registry.json", "guideline_surgery.md"),
    "differentials": ("differential_chest_pain.json",),
    "renal-doses": ("renal_doses.json",),
    "clinosim": (
        "clinosim_disease.yaml",
        "clinosim_pairs.yaml",
        "clinosim_diseases.yaml",
        "clinosim_classes.yaml",
        "clinosim_pregnancy.yaml",
    ),
    "synthea": ("synthea_module.json",),
    "medicines-reference": ("medicines_reference.json",),
    "faker": ("faker_diseases.py.txt",),
    "pubmed": ("pubmed.xml.gz",),
    "pubmed-pairs": ("pubmed.xml.gz",),
}
"""Source -> its files, in the order in which its reader takes them."""

MARFAN, LOEYS_DIETZ, LOEYS_DIETZ_1 = "MONDO:0007947", "MONDO:0018954", "MONDO:0012212"
WISKOTT_ALDRICH, HUNTINGTON, Y_LINKED = "MONDO:0010518", "MONDO:0007739", "OMIM:415000"
UNSETTLED, BARE = "ORPHA:91387", "MONDO:0007949"
"""A disease that two MONDO terms claim, and one about which nothing but its place is recorded."""


@dataclass(frozen=True, slots=True)
class SmallGraph:
    """A cache with verified archives, the entries that pin them, and the graph built of them."""

    cache: Path
    entries: tuple[SourceEntry, ...]
    folder: Path

    @property
    def snapshot(self) -> Snapshot:
        return open_snapshot(self.cache)


def small_text(name: str) -> bytes:
    """The content of one source file."""
    return (SOURCES / name).read_bytes()


def small_records(source: str, changed: Mapping[str, bytes] | None = None) -> list[Record]:
    """What a source's reader says of its small files, release ``test``; ``changed`` holds other contents by name."""
    files = [io.BytesIO((changed or {}).get(name) or small_text(name)) for name in FILES[source]]
    return list(READERS[source](*files, "test"))


def pack(cache: Path, changed: Mapping[str, bytes] | None = None) -> tuple[SourceEntry, ...]:
    """Put one archive a source into the cache; the catalogue's entries, pinned to these archives.

    ``changed`` holds other contents by file name.
    """
    archives = cache / "archives"
    archives.mkdir(parents=True, exist_ok=True)
    return tuple(_packed(entry, archives, changed or {}) for entry in read_catalogue())


def _packed(entry: SourceEntry, archives: Path, changed: Mapping[str, bytes]) -> SourceEntry:
    path = archives / f"small_{entry.id.replace('-', '_')}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name in FILES[entry.id]:
            wheel.writestr(zipfile.ZipInfo(f"small/{name}"), changed.get(name, small_text(name)))
    content = path.read_bytes()
    pin = ArchivePin(f"small-{entry.id}==1.0", path.name, hashlib.sha256(content).hexdigest(), len(content))
    return replace(entry, members=tuple(Member(pin, f"small/{name}") for name in FILES[entry.id]))


def no_derived_files(snapshot: Snapshot, folder: Path) -> None:
    """What `kg.build_graph` calls before it publishes, where no floor above needs anything."""


def build_small_graph(cache: Path) -> SmallGraph:
    """The graph of all small sources, without what floors above derive from it."""
    entries = pack(cache)
    return SmallGraph(cache, entries, build_graph(cache, entries, silent, no_derived_files))


def names_in(folder: Path) -> set[str]:
    """Names of what lies in a folder, hidden ones too."""
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def leftovers(cache: Path) -> list[str]:
    """What an unfinished build or download left behind, lock files aside."""
    found: Iterable[Path] = [*cache.glob(".*"), *(cache / "graphs").glob(".*"), *(cache / "archives").glob(".*")]
    return sorted(path.name for path in found if path.suffix != ".lock")
