"""The tables that name findings, held against the real graph: every identifier has the label that stands beside it."""

import os
from csv import DictReader
from importlib import resources
from pathlib import Path

import platformdirs
import pytest

from kg import GraphNotBuilt, Snapshot, graph_folder

pytestmark = pytest.mark.slow

COLUMNS = {
    "laboratory.tsv": (("low", "low_label"), ("high", "high_label")),
    "question_costs.tsv": (("hpo", "label"),),
}


@pytest.fixture
def snapshot() -> Snapshot:
    cache = Path(os.environ.get("CLINIGRAPH_CACHE", platformdirs.user_cache_dir("clinigraph")))
    try:
        return Snapshot.open(graph_folder(cache) / "snapshot")
    except GraphNotBuilt:
        pytest.skip(f"no graph in {cache}; build it with: clinigraph kg build")


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_identifiers_have_the_labels_beside_them(snapshot: Snapshot, name: str) -> None:
    lines = (resources.files("data") / name).read_text("utf-8").splitlines()
    rows = list(DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
    assert rows
    for row in rows:
        for identifier, label in COLUMNS[name]:
            if row[identifier]:
                assert snapshot.label(row[identifier]) == row[label]
            else:
                assert not row[label]
