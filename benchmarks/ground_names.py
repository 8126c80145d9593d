"""Write ``data/groundings.sssom.tsv``: what the names that sources give alone stand for in the vocabularies.

    python benchmarks/ground_names.py ARCHIVES

A name stands for the one thing that has it as label, else the one that has it as exact synonym, in the order of
vocabularies below; a plural also for its singular. Rows that a person has put in (``semapv:ManualMappingCuration``)
are kept as they stand. Prints what stays ungrounded.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from kg import Category, Concept, Curie, NameKind, Rejections, prefix_of, read_catalogue
from kg.catalogue import read_source
from kg.sources.lexical import name_key

_TABLE = Path(str(resources.files("data"))) / "groundings.sssom.tsv"
_COLUMNS = ("subject_id", "subject_label", "predicate_id", "object_id", "object_label", "object_category",
            "mapping_justification")  # fmt: skip
_MANUAL = "semapv:ManualMappingCuration"

# Kind of the local identifier -> sources that may say what it is, the first that knows the name decides.
_ORDER = {
    "finding": ("hpo", "mesh", "mondo"),
    "disease": ("mondo", "hpo", "mesh"),
    "exposure": ("mondo", "hpo", "mesh"),
    "drug": ("drugs", "mesh-chemicals"),
    "substance": ("mesh-chemicals", "ansm"),
}


@dataclass(slots=True)
class _Vocabulary:
    """The names of one source."""

    labels: dict[str, set[Curie]] = field(default_factory=lambda: defaultdict(set))
    synonyms: dict[str, set[Curie]] = field(default_factory=lambda: defaultdict(set))
    concepts: dict[Curie, Concept] = field(default_factory=dict)

    def add(self, concept: Concept) -> None:
        self.concepts[concept.curie] = concept
        self.labels[name_key(concept.label)].add(concept.curie)
        for name in concept.names[1:]:
            if name.kind is NameKind.EXACT:
                self.synonyms[name_key(name.text)].add(concept.curie)

    def find(self, key: str) -> Concept | None:
        for names in (self.labels, self.synonyms):
            if len(names.get(key, ())) == 1:
                return self.concepts[next(iter(names[key]))]
        return None


def main() -> None:
    """Read every source, ground what they name, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archives", type=Path)
    archives = parser.parse_args().archives
    vocabularies: dict[str, _Vocabulary] = defaultdict(_Vocabulary)
    named: dict[Curie, str] = {}
    for entry in read_catalogue():
        if entry.id in _SKIPPED:
            continue
        for record in read_source(entry, archives, Rejections()):
            if isinstance(record, Concept) and record.curie.startswith("local:"):
                named.setdefault(record.curie, record.label)
            elif isinstance(record, Concept) and prefix_of(record.curie) in _PREFIXES.get(entry.id, ()):
                vocabularies[entry.id].add(record)
    rows = _manual() | {
        row["subject_id"]: row for row in _grounded(named, vocabularies) if row["subject_id"] not in _manual()
    }
    with _TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[curie] for curie in sorted(rows))
    for curie in sorted(set(named) - set(rows)):
        print(curie, named[curie], sep="\t")


_PREFIXES = {
    "hpo": ("HP",),
    "mesh": ("MESH",),
    "mondo": ("MONDO",),
    "drugs": ("DRUGBANK",),
    "mesh-chemicals": ("MESH",),
    "ansm": ("ANSM",),
}
_SKIPPED = {"pubmed", "pubmed-pairs", "hpoa", "hgnc", "hpo-genes", "uniprot", "icd10cm", "chebi", "biomappings", "atc"}
_LINKABLE = {Category.DISEASE, Category.PHENOTYPE, Category.DRUG, Category.CHEMICAL, Category.CHEMICAL_ROLE}


def _manual() -> dict[Curie, dict[str, str]]:
    rows = csv.DictReader(_TABLE.read_text(encoding="utf-8").splitlines(), delimiter="\t")
    return {row["subject_id"]: row for row in rows if row["mapping_justification"] == _MANUAL}


def _grounded(named: Mapping[Curie, str], vocabularies: Mapping[str, _Vocabulary]) -> Iterator[dict[str, str]]:
    for curie, label in named.items():
        kind = curie.removeprefix("local:").partition("-")[0]
        found = _first(_forms(label), [vocabularies[source] for source in _ORDER.get(kind, ())])
        if found is not None and found.category in _LINKABLE:
            values = (curie, label, "skos:exactMatch", found.curie, found.label, found.category.value,
                      "semapv:LexicalMatching")  # fmt: skip
            yield dict(zip(_COLUMNS, values, strict=True))


def _first(forms: Iterable[str], vocabularies: list[_Vocabulary]) -> Concept | None:
    found = (vocabulary.find(form) for form in forms for vocabulary in vocabularies)
    return next((concept for concept in found if concept is not None), None)


def _forms(label: str) -> list[str]:
    key = name_key(label)
    return [key, key[:-1]] if key.endswith("s") and not key.endswith(("ss", "is", "us")) else [key]


if __name__ == "__main__":
    main()
