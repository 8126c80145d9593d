"""Knowledge goes in, out and through its checks by the command line."""

import json
import shutil
from pathlib import Path

import pytest

from tests.clinigraph.conftest import CommandLine
from tests.conftest import ROOT
from tests.small_graph import MARFAN

KGX = ROOT / "tests" / "small_imports" / "kgx"


def version_of(cli: CommandLine) -> str:
    return str(json.loads(cli.output("kg", "info", "--json"))["kg_version"])


def test_an_import_is_told_shown_and_removed(own: CommandLine) -> None:
    before = version_of(own)
    told = own.output("kg", "import", "ours", str(KGX), "--title", "Our graph", "--tier", "user's own")
    after = version_of(own)
    assert after != before
    assert f"graph {after}" in told
    assert "facts" in told
    assert "ours" in own.output("kg", "info")
    assert before in own.output("kg", "remove", "ours")
    assert version_of(own) == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("nowhere.tsv",), "nowhere.tsv"),
        ((str(KGX), "--format", "nonsense"), "--format"),
        ((str(KGX), "--tier", "nonsense"), "curated ontology"),
    ],
)
def test_what_cannot_be_imported_is_said_in_a_sentence(own: CommandLine, options: tuple[str, ...], words: str) -> None:
    before = version_of(own)
    assert words in own.complaint("kg", "import", "ours", *options)
    assert version_of(own) == before


@pytest.mark.parametrize("format", ["kgx", "turtle", "nquads", "jsonld", "graphml", "svg"])
def test_a_neighbourhood_is_written_in_each_format(cli: CommandLine, tmp_path: Path, format: str) -> None:
    told = cli.output("kg", "export", str(tmp_path), "--format", format, "--around", MARFAN)
    files = [Path(line.removeprefix("written: ")) for line in told.splitlines()]
    assert files
    assert "Marfan" in "".join(file.read_text(encoding="utf-8") for file in files)


def test_mappings_are_written_as_sssom(cli: CommandLine, tmp_path: Path) -> None:
    cli.output("kg", "export", str(tmp_path / "maps.tsv"), "--format", "sssom")
    text = (tmp_path / "maps.tsv").read_text(encoding="utf-8")
    assert f"{MARFAN}\tMarfan syndrome\tskos:exactMatch\tORPHA:558" in text


def test_a_sound_graph_is_told_so(cli: CommandLine) -> None:
    assert "0 broken" in cli.output("kg", "check")
    record = json.loads(cli.output("kg", "check", "--json"))
    assert record["sound"] is True
    assert len(record["shapes"]) > 20


def test_a_store_that_is_missing_is_made_when_it_is_asked(own: CommandLine) -> None:
    (folder,) = [path for path in (own.cache / "graphs").iterdir() if path.is_dir()]
    shutil.rmtree(folder / "store", ignore_errors=True)
    rows = own.output("kg", "query", "SELECT ?g { ?g skos:exactMatch ORPHA:558 }")
    assert MARFAN in rows
    assert (folder / "store").is_dir()
