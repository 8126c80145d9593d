"""The command line in a small world: a real graph of small sources, trigrams for an encoder, no language model."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import retrieval
from clinigraph import config, wiring
from clinigraph.cli import app
from clinigraph.config import Settings
from clinigraph.wiring import Application
from kg import Snapshot, SourceEntry, silent
from model import FakeGenerator
from retrieval import HashingEmbedder, Reader
from tests.small_graph import SmallGraph, pack

_PROGRESS = re.compile(r".+ …|.+: done in \d+ s")


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Runs commands as a user would, and reads what they print."""

    cache: Path

    def run(self, *arguments: str | Path, stdin: bytes = b"") -> Result:
        """The result of a command line, failures and exit codes included."""
        return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)

    def output(self, *arguments: str | Path, stdin: bytes = b"") -> str:
        """What a command prints that succeeds."""
        result = self.run(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.stderr or result.exception
        return result.stdout

    def complaint(self, *arguments: str | Path, stdin: bytes = b"") -> str:
        """The one sentence with which a command fails."""
        result = self.run(*arguments, stdin=stdin)
        assert isinstance(result.exception, SystemExit), result.exception
        assert result.exit_code == 1
        said = [line for line in result.stderr.splitlines() if not _PROGRESS.fullmatch(line)]
        assert len(said) == 1, result.stderr
        assert said[0].startswith("clinigraph: ")
        return said[0].removeprefix("clinigraph: ")


def _enter(patch: pytest.MonkeyPatch, entries: tuple[SourceEntry, ...]) -> None:
    def select(ids: list[str] | None) -> tuple[SourceEntry, ...]:
        return tuple(entry for entry in entries if ids is None or entry.id in ids)

    patch.setattr(wiring, "select_sources", select)
    patch.setattr(Application, "embedder", HashingEmbedder())


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> SmallGraph:
    """The small graph with all that is derived from it, built as the command line builds it."""
    cache = tmp_path_factory.mktemp("cache")
    entries = pack(cache)
    with pytest.MonkeyPatch.context() as patch:
        _enter(patch, entries)
        folder = Application(Settings(cache), silent).build()
    return SmallGraph(cache, entries, folder)


@pytest.fixture
def small_world(world: SmallGraph, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SmallGraph:
    """What a command line sees: the small sources, no configuration of the user, an empty cache."""
    _enter(monkeypatch, world.entries)
    monkeypatch.setattr(config, "user_config_path", lambda _: tmp_path / "config")
    monkeypatch.setenv("CLINIGRAPH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("MODEL", "GENERATOR", "PROMPTS", "API_KEY"):
        monkeypatch.delenv(f"CLINIGRAPH_{name}", raising=False)
    return world


@pytest.fixture(scope="session")
def reader(world: SmallGraph) -> Reader:
    """The reader of the small graph, opened once."""
    return Reader(world.snapshot, world.folder / wiring.LEXICON)


@pytest.fixture
def cli(small_world: SmallGraph, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A command line with the built graph; answers are written by the graph alone unless a test says otherwise."""

    def opened(snapshot: Snapshot, folder: Path) -> Reader:
        assert folder == small_world.folder / wiring.LEXICON
        return reader

    monkeypatch.setattr(retrieval, "Reader", opened)
    monkeypatch.setenv("CLINIGRAPH_CACHE", str(small_world.cache))
    monkeypatch.setenv("CLINIGRAPH_GENERATOR", "graph")
    return CommandLine(small_world.cache)


@pytest.fixture
def own(small_world: SmallGraph, tmp_path: Path) -> CommandLine:
    """A command line with a copy of the built graph that a test may damage."""
    shutil.copytree(small_world.cache, tmp_path / "cache")
    return CommandLine(tmp_path / "cache")


@pytest.fixture
def say(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets a model answer, which always says the given text."""

    def prepare(text: str) -> None:
        monkeypatch.setattr(wiring, "open_generator", lambda *_: FakeGenerator(text))
        monkeypatch.setenv("CLINIGRAPH_GENERATOR", "model")

    return prepare


@pytest.fixture
def bare(small_world: SmallGraph, tmp_path: Path) -> CommandLine:
    """A command line without a graph."""
    return CommandLine(tmp_path / "cache")


@pytest.fixture
def config_file(tmp_path: Path) -> Callable[[str], None]:
    """Writes the user's configuration file."""

    def write(text: str) -> None:
        (tmp_path / "config").mkdir(exist_ok=True)
        (tmp_path / "config" / "config.toml").write_text(text, encoding="utf-8")

    return write
