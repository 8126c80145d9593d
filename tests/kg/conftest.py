"""The small graph, built once for the tests of this room."""

import pytest

from kg import QuadStore, Snapshot, open_store, silent
from tests.small_graph import SmallGraph, build_small_graph


@pytest.fixture(scope="session")
def graph(tmp_path_factory: pytest.TempPathFactory) -> SmallGraph:
    return build_small_graph(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def snapshot(graph: SmallGraph) -> Snapshot:
    return graph.snapshot


@pytest.fixture(scope="session")
def store(graph: SmallGraph) -> QuadStore:
    return open_store(graph.cache, silent)
