"""Archives come whole and with the pinned hash, or not at all."""

import errno
import hashlib
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import kg.archive
from kg import (
    ArchivePin,
    ArchiveUnavailable,
    CacheNotWritable,
    HashMismatch,
    fetch_archive,
    sha256_of,
    silent,
    verify,
    writing_to,
)
from tests.small_graph import leftovers, names_in

METADATA = "Metadata-Version: 2.1\nName: small-thing\nVersion: 1.0\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes archives from instead of an index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def pin(index: Path) -> ArchivePin:
    path = index / "small_thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("small_thing/data.txt", "content")
        wheel.writestr("small_thing-1.0.dist-info/METADATA", METADATA + "Requires-Dist: no-such-thing-at-all\n")
        wheel.writestr("small_thing-1.0.dist-info/WHEEL", WHEEL)
        wheel.writestr("small_thing-1.0.dist-info/RECORD", "")
    content = path.read_bytes()
    return ArchivePin("small-thing==1.0", path.name, hashlib.sha256(content).hexdigest(), len(content))


def test_an_archive_is_fetched_once_without_its_dependencies(pin: ArchivePin, index: Path, tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    cache = tmp_path / "cache" / "archives"
    (cache / f".fetch-{pin.filename}-killed").mkdir(parents=True)
    path = fetch_archive(pin, cache, lambda *step: steps.append(step))
    assert sha256_of(path) == pin.sha256
    assert path.parent == cache
    assert steps[-1] == ("fetch small-thing==1.0", pin.size, pin.size)
    assert leftovers(cache.parent) == []
    (index / pin.filename).unlink()
    assert fetch_archive(pin, cache, silent) == path


def test_an_archive_with_another_hash_is_not_kept(pin: ArchivePin, tmp_path: Path) -> None:
    wanted = ArchivePin(pin.requirement, pin.filename, "0" * 64, pin.size)
    with pytest.raises(HashMismatch) as caught:
        fetch_archive(wanted, tmp_path / "archives", silent)
    assert (caught.value.expected, caught.value.actual) == ("0" * 64, pin.sha256)
    assert not (tmp_path / "archives" / pin.filename).exists()
    assert leftovers(tmp_path) == []


def test_a_cached_archive_with_another_hash_is_refused(pin: ArchivePin, tmp_path: Path) -> None:
    (tmp_path / pin.filename).write_bytes(b"something else")
    with pytest.raises(HashMismatch, match="delete the file"):
        fetch_archive(pin, tmp_path, silent)


def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")


@pytest.mark.parametrize("network", [False, True], ids=["no index", "dead index"])
def test_an_archive_that_no_index_serves(
    network: bool, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if network:
        unreachable(monkeypatch)
    pin = ArchivePin("small-other==1.0", "small_other-1.0-py3-none-any.whl", "0" * 64, 10)
    with pytest.raises(ArchiveUnavailable, match=r"small-other==1\.0") as caught:
        fetch_archive(pin, tmp_path / "archives", silent)
    assert "\n" not in str(caught.value)
    assert names_in(tmp_path / "archives") <= {f".{pin.filename}.lock"}


@pytest.mark.parametrize(
    ("log", "kind", "words"),
    [
        (
            "WARNING: Retrying ... NewConnectionError(...)\nERROR: No matching distribution found",
            ArchiveUnavailable,
            "no network",
        ),
        ("ERROR: No matching distribution found for x==1", ArchiveUnavailable, "No matching distribution"),
        ("/usr/bin/python: No module named pip", ArchiveUnavailable, "pip is missing"),
        ("OSError: [Errno 28] No space left on device", OSError, "No space left"),
        ("", ArchiveUnavailable, "pip download failed"),
    ],
)
def test_what_pip_says_becomes_one_reason(log: str, kind: type[Exception], words: str) -> None:
    error = kg.archive._failure(ArchivePin("x==1", "x-1-py3-none-any.whl", "0" * 64, 1), log)
    assert isinstance(error, kind)
    assert words in str(error)


def test_an_interrupted_download_leaves_nothing(
    pin: ArchivePin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(step: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_archive(pin, tmp_path / "archives", interrupt)
    assert leftovers(tmp_path) == []
    assert not (tmp_path / "archives" / pin.filename).exists()


def test_a_disk_that_is_full_during_a_download(
    pin: ArchivePin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(kg.archive, "_download", full)
    with pytest.raises(CacheNotWritable, match="No space left on device"):
        fetch_archive(pin, tmp_path / "archives", silent)
    assert leftovers(tmp_path) == []


def test_a_cache_that_cannot_be_made(pin: ArchivePin, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CacheNotWritable):
        fetch_archive(pin, tmp_path / "file" / "archives", silent)


def test_other_errors_pass_through(tmp_path: Path) -> None:
    def steps() -> Iterator[None]:
        with writing_to(tmp_path / "x"):
            yield
            raise KeyError("x")

    with pytest.raises(KeyError):
        list(steps())


def test_verify_returns_the_path(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert verify(path, empty) == path
    with pytest.raises(HashMismatch):
        verify(path, "0" * 64)
