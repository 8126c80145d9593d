"""The catalogue of sources: exact pins, a reader each, and broken files named."""

import re
from pathlib import Path

import pytest

from kg import MalformedSource, Rejections, read_catalogue
from kg.catalogue import READERS, read_source
from tests.small_graph import FILES, pack, small_text


def test_every_source_of_the_lock_file_has_a_reader_and_an_exact_pin() -> None:
    entries = read_catalogue()
    assert {entry.id for entry in entries} == set(READERS)
    for entry in entries:
        assert all((entry.title, entry.release, entry.licence, entry.citation, entry.tier, entry.upstream))
        for member in entry.members:
            assert re.fullmatch(r"[\w.-]+==[\w.]+", member.archive.requirement)
            assert re.fullmatch(r"[0-9a-f]{64}", member.archive.sha256)
            assert member.archive.filename.endswith(".whl")
            assert member.archive.size > 0


@pytest.mark.parametrize(("source", "name"), [(source, name) for source, names in FILES.items() for name in names])
def test_bytes_that_are_not_utf8_are_refused_by_every_reader(source: str, name: str, tmp_path: Path) -> None:
    broken = small_text(name)
    middle = broken.index(b"Marfan") if b"Marfan" in broken else broken.rindex(b"a")
    entries = pack(tmp_path, {name: broken[:middle] + b"\xff\xfe" + broken[middle:]})
    (entry,) = [entry for entry in entries if entry.id == source]
    with pytest.raises(MalformedSource):
        list(read_source(entry, tmp_path / "archives", Rejections()))


def test_an_archive_without_the_file_is_refused(tmp_path: Path) -> None:
    entry = read_catalogue()[0]
    small = pack(tmp_path)[0]
    (tmp_path / "archives" / entry.members[0].archive.filename).write_bytes(
        (tmp_path / "archives" / small.members[0].archive.filename).read_bytes()
    )
    with pytest.raises(MalformedSource, match="no such file"):
        list(read_source(entry, tmp_path / "archives", Rejections()))
    (tmp_path / "archives" / entry.members[0].archive.filename).write_bytes(b"no zip file")
    with pytest.raises(MalformedSource):
        list(read_source(entry, tmp_path / "archives", Rejections()))
