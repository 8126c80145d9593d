"""What every test stands on: no network, no user cache, and a way to the benchmark data where there is any.

Sockets to other hosts are refused by pytest-socket (``--allow-hosts`` in pyproject.toml); the environment set here
does the same for child processes. Tests marked ``network`` get both back. Tests marked ``slow``, ``gpu`` or
``network`` see the caller's own cache folder, so that they can use a graph that was built before.
"""

import os
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "PIP_NO_INDEX": "1",
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "no_proxy": "localhost,127.0.0.1,::1",
    "NO_PROXY": "localhost,127.0.0.1,::1",
}
CACHE = "CLINIGRAPH_CACHE"

callers_environment: dict[str, str | None] = {}
"""What the caller had set, so that marked tests can have it back."""


def pytest_configure(config: pytest.Config) -> None:
    """Go offline before any test module is imported: some libraries read the environment only once."""
    empty_cache = tempfile.TemporaryDirectory(prefix="clinigraph-tests-")
    config.add_cleanup(empty_cache.cleanup)
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    for name, value in (OFFLINE | {CACHE: empty_cache.name}).items():
        callers_environment[name] = os.environ.get(name)
        patch.setenv(name, value)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests marked ``network`` open sockets."""
    for item in items:
        if item.get_closest_marker("network"):
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture(autouse=True)
def callers_world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hand the caller's cache to tests that need a built graph, and the caller's network to those marked for it."""
    marked = {mark.name for mark in request.node.iter_markers()}
    names = [CACHE] if marked & {"slow", "gpu", "network"} else []
    names += list(OFFLINE) if "network" in marked else []
    for name in names:
        value = callers_environment[name]
        monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def bench() -> Path:
    """The folder of benchmark data, which is never part of this repository; the test is skipped where it is absent."""
    folder = Path(os.environ.get("CLINIGRAPH_BENCH", ROOT.parent / "shared" / "bench"))
    if not folder.is_dir():
        pytest.skip(f"no benchmark data in {folder}; point CLINIGRAPH_BENCH to it")
    return folder
