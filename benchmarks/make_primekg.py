"""Write a synthetic ``kg.csv`` in the format of PrimeKG (Chandak et al. 2023, doi:10.1038/s41597-023-01960-3).

    python benchmarks/make_primekg.py FOLDER --edges 4000000

The columns, the vocabulary of relations and node types, the forms of identifiers and the shares of the relations are
those of the published table; the edges are drawn at random, the same ones for the same seed, each written in both
directions. Disease, phenotype, gene and drug numbers lie in the ranges of MONDO, HPO, NCBI Gene and DrugBank, so some
of them exist. An eighth of the diseases are groups (``MONDO_grouped``).
"""

import argparse
import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COLUMNS = (
    *("relation", "display_relation"),
    *("x_index", "x_id", "x_type", "x_name", "x_source"),
    *("y_index", "y_id", "y_type", "y_name", "y_source"),
)

NODES = {
    "gene/protein": 27_671,
    "biological_process": 28_642,
    "disease": 17_080,
    "effect/phenotype": 15_311,
    "anatomy": 14_035,
    "molecular_function": 11_169,
    "drug": 7_957,
    "cellular_component": 4_176,
    "pathway": 2_516,
    "exposure": 818,
}
"""Node type -> how many PrimeKG has."""

RELATIONS = (
    ("anatomy_protein_present", "expression present", "anatomy", "gene/protein", 1_518_203),
    ("drug_drug", "synergistic interaction", "drug", "drug", 1_336_314),
    ("protein_protein", "ppi", "gene/protein", "gene/protein", 321_075),
    ("disease_phenotype_positive", "phenotype present", "disease", "effect/phenotype", 150_317),
    ("bioprocess_protein", "interacts with", "biological_process", "gene/protein", 144_805),
    ("cellcomp_protein", "interacts with", "cellular_component", "gene/protein", 83_402),
    ("disease_protein", "associated with", "disease", "gene/protein", 80_411),
    ("molfunc_protein", "interacts with", "molecular_function", "gene/protein", 69_530),
    ("drug_effect", "side effect", "drug", "effect/phenotype", 64_784),
    ("bioprocess_bioprocess", "parent-child", "biological_process", "biological_process", 52_886),
    ("pathway_protein", "interacts with", "pathway", "gene/protein", 42_646),
    ("disease_disease", "parent-child", "disease", "disease", 32_194),
    ("contraindication", "contraindication", "drug", "disease", 30_675),
    ("drug_protein", "target", "drug", "gene/protein", 25_653),
    ("anatomy_protein_absent", "expression absent", "anatomy", "gene/protein", 19_887),
    ("phenotype_phenotype", "parent-child", "effect/phenotype", "effect/phenotype", 18_736),
    ("anatomy_anatomy", "parent-child", "anatomy", "anatomy", 14_032),
    ("molfunc_molfunc", "parent-child", "molecular_function", "molecular_function", 13_574),
    ("indication", "indication", "drug", "disease", 9_388),
    ("cellcomp_cellcomp", "parent-child", "cellular_component", "cellular_component", 4_845),
    ("phenotype_protein", "associated with", "effect/phenotype", "gene/protein", 3_330),
    ("off-label use", "off-label use", "drug", "disease", 2_568),
    ("pathway_pathway", "parent-child", "pathway", "pathway", 2_535),
    ("exposure_disease", "linked to", "exposure", "disease", 2_304),
    ("exposure_exposure", "parent-child", "exposure", "exposure", 2_070),
    ("exposure_bioprocess", "interacts with", "exposure", "biological_process", 1_625),
    ("exposure_protein", "interacts with", "exposure", "gene/protein", 1_212),
    ("disease_phenotype_negative", "phenotype absent", "disease", "effect/phenotype", 1_193),
    ("exposure_molfunc", "interacts with", "exposure", "molecular_function", 45),
    ("exposure_cellcomp", "interacts with", "exposure", "cellular_component", 10),
)
"""Relation, the word it is shown by, the types of its ends, and how many edges PrimeKG has of it."""

_SOURCES = {
    "gene/protein": "NCBI",
    "biological_process": "GO",
    "disease": "MONDO",
    "effect/phenotype": "HPO",
    "anatomy": "UBERON",
    "molecular_function": "GO",
    "drug": "DrugBank",
    "cellular_component": "GO",
    "pathway": "REACTOME",
    "exposure": "CTD",
}
_FIRST = {"molecular_function": 1_000_000, "cellular_component": 2_000_000}  # apart, since all three are GO numbers
_FORMS = {"DrugBank": "DB{:05}", "REACTOME": "R-HSA-{}", "CTD": "D{:06}"}


@dataclass(frozen=True, slots=True)
class Node:
    """One node, as its five columns."""

    index: int
    id: str
    type: str
    name: str
    source: str

    def columns(self) -> tuple[int, str, str, str, str]:
        """Index, identifier, type, name and source."""
        return (self.index, self.id, self.type, self.name, self.source)


def make_nodes(rng: random.Random, share: float) -> dict[str, list[Node]]:
    """Nodes by type; ``share`` of PrimeKG's numbers, at least 8 of each type."""
    nodes: dict[str, list[Node]] = {}
    index = 0
    for type, published in NODES.items():
        count = max(8, int(published * share))
        first = _FIRST.get(type, 1)
        numbers = sorted(rng.sample(range(first, first + max(40_000, 2 * count)), count))
        nodes[type] = []
        for number in numbers:
            nodes[type].append(_node(index, number, type, rng))
            index += 1
    return nodes


def _node(index: int, number: int, type: str, rng: random.Random) -> Node:
    source = _SOURCES[type]
    if type == "disease" and rng.random() < 1 / 8:
        members = "_".join(str(number + step) for step in range(rng.randint(2, 5)))
        return Node(index, members, type, f"disease group {number}", "MONDO_grouped")
    return Node(index, _FORMS.get(source, "{}").format(number), type, f"{type} {number}, made up", source)


def edges(rng: random.Random, nodes: dict[str, list[Node]], wanted: int) -> Iterator[tuple[str, str, Node, Node]]:
    """So many edges, none twice, each relation with PrimeKG's share of them."""
    published = sum(count for *_, count in RELATIONS)
    for relation, shown, x_type, y_type, count in RELATIONS:
        seen: set[tuple[int, int]] = set()
        tries = max(1, round(count / published * wanted))
        for _ in range(tries):
            x, y = rng.choice(nodes[x_type]), rng.choice(nodes[y_type])
            pair = (min(x.index, y.index), max(x.index, y.index))
            if x is not y and pair not in seen:
                seen.add(pair)
                yield relation, shown, x, y


def write(path: Path, wanted: int, seed: int) -> int:
    """Write the table; how many edges it has, each in two rows."""
    rng = random.Random(seed)
    nodes = make_nodes(rng, min(1.0, wanted / 400_000))
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for relation, shown, x, y in edges(rng, nodes, wanted):
            writer.writerow((relation, shown, *x.columns(), *y.columns()))
            writer.writerow((relation, shown, *y.columns(), *x.columns()))
            count += 1
    return count


def main() -> None:
    """Write ``kg.csv`` into a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--edges", type=int, default=4_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    path = arguments.folder / "kg.csv"
    count = write(path, arguments.edges, arguments.seed)
    print(f"{path}: {count:,} edges in {2 * count:,} rows, {path.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
