"""Files that users name: texts, questions and cases, read whole, with one clear sentence for each that cannot be."""

import codecs
import sys
import zipfile
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import cast

from .errors import UnreadableFile, UsageError

MAX_TEXT_BYTES = 64_000_000
"""Longer documents are refused before they are read."""

_CASE_SUFFIXES = (".json", ".txt", ".md")
_TEXT_SUFFIXES = (".txt", ".md")
STANDARD_INPUT = "-"
_CHUNK_BYTES = 1 << 16


def read_bytes(path: Path) -> bytes:
    """The content of one file.

    Raises:
        UnreadableFile: it is missing, a folder, not readable or too long.
    """
    try:
        if path.stat().st_size > MAX_TEXT_BYTES:
            raise UnreadableFile(path, f"it is longer than {MAX_TEXT_BYTES // 1_000_000} MB; split it.")
        return path.read_bytes()
    except FileNotFoundError:
        raise UnreadableFile(path, "there is no such file; check the name.") from None
    except OSError as error:
        raise UnreadableFile(path, f"{error.strerror or error}.") from None


def decode(content: bytes, name: Path | str) -> str:
    """The text of some bytes, a byte order mark left out.

    Raises:
        UnreadableFile: they are not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            name, f"byte {error.start} is not UTF-8; save it as UTF-8 text (a binary or Word file must be converted)."
        ) from None


def read_one(place: str) -> tuple[str, bytes]:
    """Name and bytes of one file, or of standard input for ``-``.

    Raises:
        UnreadableFile: it is missing, a folder, not readable or too long.
    """
    if place == STANDARD_INPUT:
        return STANDARD_INPUT, sys.stdin.buffer.read()
    return Path(place).name, read_bytes(Path(place))


def stream_standard_input() -> Iterator[str]:
    """The text on standard input in chunks as it comes, a byte order mark left out.

    Raises:
        UnreadableFile: it is not UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    done = 0
    while True:
        content = cast(BufferedReader, sys.stdin.buffer).read1(_CHUNK_BYTES)
        try:
            text = decoder.decode(content, final=not content)
        except UnicodeDecodeError as error:
            at = done + error.start
            raise UnreadableFile("standard input", f"near byte {at} it is not UTF-8; save it as UTF-8 text.") from None
        done += len(content)
        if text:
            yield text
        if not content:
            return


def read_texts(place: str) -> Iterator[tuple[str, str | UsageError]]:
    """Name and text of a file, of each text file of a folder in name order, or of standard input for ``-``.

    A file of a folder that cannot be read comes as the error; a single one raises it.

    Raises:
        UnreadableFile: the place is missing or is a folder without a text file.
    """
    if place == STANDARD_INPUT:
        yield STANDARD_INPUT, decode(sys.stdin.buffer.read(), "standard input")
        return
    path = Path(place)
    if not path.is_dir():
        yield path.name, decode(read_bytes(path), path)
        return
    for member in _members(path, _TEXT_SUFFIXES):
        try:
            yield member.name, decode(read_bytes(member), member)
        except UnreadableFile as error:
            yield member.name, error


def read_cases(path: Path) -> Iterator[tuple[str, bytes | UsageError]]:
    """Name and bytes of each case file in a file, folder or zip archive, in name order.

    A member of a folder or archive that cannot be read comes as the error; a single file raises it.

    Raises:
        UnreadableFile: the place is missing, is a damaged archive, or holds no case.
    """
    if path.is_dir():
        for member in _members(path, _CASE_SUFFIXES):
            try:
                yield member.name, read_bytes(member)
            except UnreadableFile as error:
                yield member.name, error
    elif path.suffix.lower() == ".zip":
        yield from _zipped(path)
    else:
        yield path.name, read_bytes(path)


def _members(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    found = sorted(member for member in folder.rglob("*") if member.suffix.lower() in suffixes and member.is_file())
    if not found:
        raise UnreadableFile(folder, f"the folder has no {' or '.join(suffixes)} file.")
    return found


def _zipped(path: Path) -> Iterator[tuple[str, bytes | UsageError]]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(name for name in archive.namelist() if name.lower().endswith(_CASE_SUFFIXES))
            if not names:
                raise UnreadableFile(path, f"the archive has no {' or '.join(_CASE_SUFFIXES)} file.")
            for name in names:
                yield name, _member(archive, name)
    except FileNotFoundError:
        raise UnreadableFile(path, "there is no such file; check the name.") from None
    except zipfile.BadZipFile:
        raise UnreadableFile(path, "it is no zip archive, or is cut short; make it again.") from None
    except OSError as error:
        raise UnreadableFile(path, f"{error.strerror or error}.") from None


def _member(archive: zipfile.ZipFile, name: str) -> bytes | UsageError:
    try:
        if archive.getinfo(name).file_size > MAX_TEXT_BYTES:
            return UnreadableFile(name, f"it is longer than {MAX_TEXT_BYTES // 1_000_000} MB; split it.")
        return archive.read(name)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:  # RuntimeError: encrypted, unknown method
        return UnreadableFile(name, f"{str(error) or 'it is cut short'}.")
