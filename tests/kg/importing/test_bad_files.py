"""Formats are told apart, and no file however bad stops or harms an import of the others."""

import contextlib
import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import Rejections
from kg.importing import (
    FileDamaged,
    Format,
    ImportFailed,
    ImportRequest,
    InputMissing,
    UnknownFormat,
    detect_format,
    input_files,
    read_import,
)
from tests.kg.importing.reading import SMALL, Read

FOUND = {
    "fever.obo": Format.OBO,
    "heart.owl": Format.OWL,
    "signs.json": Format.OBOGRAPH,
    "kgx": Format.KGX,
    "edges.jsonl": Format.KGX,
    "maps.sssom.tsv": Format.SSSOM,
    "clinic.csv": Format.TABLE,
    "umls": Format.UMLS,
    "rxnorm": Format.RXNORM,
    "primekg": Format.PRIMEKG,
    "hetionet": Format.HETIONET,
    "pubmed.xml": Format.PUBMED,
    "medquad": Format.MEDQUAD,
    "documents": Format.DOCUMENTS,
}


@pytest.mark.parametrize(("name", "format"), FOUND.items())
def test_formats_are_told_by_name_and_first_lines(name: str, format: Format) -> None:
    assert detect_format([SMALL / name]) is format


def test_every_format_has_a_sample() -> None:
    assert set(FOUND.values()) == set(Format)


def test_what_cannot_be_told_says_what_to_pass(tmp_path: Path) -> None:
    (tmp_path / "data.xyz").write_text("?")
    with pytest.raises(UnknownFormat, match="one of: obo, owl"):
        detect_format([tmp_path / "data.xyz"])
    with pytest.raises(UnknownFormat):
        detect_format([SMALL / "fever.obo", SMALL / "pubmed.xml"])
    with pytest.raises(InputMissing):
        detect_format([tmp_path / "absent.obo"])


def test_input_files_are_all_that_is_read_in_order() -> None:
    request = ImportRequest("mine", "1", (SMALL / "umls",), Format.UMLS)
    assert [path.name for path in input_files(request)] == ["MRCONSO.RRF", "MRDEF.RRF", "MRREL.RRF", "MRSTY.RRF"]
    table = ImportRequest("mine", "1", (SMALL / "clinic.csv",), Format.TABLE, mapping=SMALL / "clinic.toml")
    assert [path.name for path in input_files(table)] == ["clinic.csv", "clinic.toml"]
    with pytest.raises(InputMissing):
        input_files(ImportRequest("mine", "1", (SMALL / "absent",), Format.OBO))


@pytest.mark.parametrize("format", list(Format))
def test_an_empty_file_is_reported_and_yields_nothing(format: Format, tmp_path: Path) -> None:
    suffix = ".txt" if format is Format.DOCUMENTS else ".owl"
    empty = tmp_path / f"nodes-edges{suffix}"
    empty.touch()
    if format in (Format.UMLS, Format.RXNORM):
        empty = tmp_path / {"umls": "MRCONSO.RRF", "rxnorm": "RXNCONSO.RRF"}[format]
        empty.touch()
    read = Read(format, empty, mapping=SMALL / "clinic.toml")
    assert read.records == []
    assert set(read.counts) == {"empty file"}


@pytest.mark.parametrize(("name", "format"), FOUND.items())
def test_every_sample_is_read_the_same_twice(name: str, format: Format) -> None:
    one, two = (Read(format, SMALL / name, mapping=SMALL / "clinic.toml") for _ in range(2))
    assert one.records == two.records
    assert one.records
    assert one.rejections == two.rejections


def test_a_compressed_file_that_ends_early_is_an_error(tmp_path: Path) -> None:
    whole = gzip.compress((SMALL / "primekg" / "kg.csv").read_bytes() * 50)
    (tmp_path / "kg.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileDamaged, match="again"):
        Read(Format.PRIMEKG, tmp_path / "kg.csv.gz")


def test_lines_that_are_not_utf8_are_reported_and_the_others_read(tmp_path: Path) -> None:
    path = tmp_path / "nodes.tsv"
    path.write_bytes(
        b"id\tcategory\tname\nHP:1\tbiolink:PhenotypicFeature\tna\xefve\nHP:2\tbiolink:PhenotypicFeature\tfine\n"
    )
    read = Read(Format.KGX, path)
    assert set(read.concepts) == {"HP:2"}
    assert read.counts == {"wrong encoding": 1}
    assert "nodes.tsv line 2: the line is neither UTF-8" in read.reasons()
    declared = Read(Format.KGX, path, encoding="cp1252")
    assert declared.concepts["HP:1"].label == "naïve"
    assert declared.counts == {}


def test_an_endless_line_is_reported_and_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.importing.files._LONGEST_LINE", 1000)
    monkeypatch.setattr("kg.importing.files._CHUNK", 100)
    path = tmp_path / "nodes.tsv"
    row = "HP:{}\tbiolink:PhenotypicFeature\tsign\n"
    path.write_text("id\tcategory\tname\n" + row.format(1) + "x" * 5000 + "\n" + row.format(2))
    read = Read(Format.KGX, path)
    assert set(read.concepts) == {"HP:1", "HP:2"}
    assert read.counts == {"malformed row": 1}
    assert "nodes.tsv line 3" in read.reasons()


def test_a_long_circle_is_broken_at_one_place_only(tmp_path: Path) -> None:
    count = 300
    frames = [f"[Term]\nid: HP:{n}\nname: n{n}\nis_a: HP:{(n + 1) % count}\n" for n in range(count)]
    (tmp_path / "ring.obo").write_text("format-version: 1.4\n\n" + "\n".join(frames))
    read = Read(Format.OBO, tmp_path / "ring.obo")
    assert len(read.facts) == count - 1
    assert read.counts == {"cyclic is_a": 1}


@pytest.mark.parametrize("name", [name for name in FOUND if "." in name])
@settings(suppress_health_check=list(HealthCheck), max_examples=50, deadline=None)
@given(junk=st.binary(max_size=40), place=st.floats(0, 1))
def test_bytes_put_into_a_file_never_crash_an_import(
    name: str, junk: bytes, place: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = (SMALL / name).read_bytes()
    at = int(place * len(content))
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(content[:at] + junk + content[at:])
    request = ImportRequest("mine", "1", (path,), FOUND[name], mapping=SMALL / "clinic.toml")
    with contextlib.suppress(ImportFailed):
        list(read_import(request, Rejections()))
