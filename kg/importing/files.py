"""Files opened and read line by line, compressed or not, whatever their encoding, in bounded memory."""

import bz2
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from .errors import FileDamaged, FileTooLarge, InputMissing
from .intake import Intake, at
from .kinds import Kind

_CHUNK = 1 << 20  # characters
_LONGEST_LINE = 1 << 24
_COMPRESSED: Mapping[str, Callable[[Path], object]] = {
    ".gz": gzip.GzipFile,
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}
_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?([\w\-]+)", re.IGNORECASE)
_UTF8 = "utf-8-sig"
_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def plain_suffix(path: Path) -> str:
    """The ending of a name without that of its compression: ``.xml`` for ``pubmed.xml.gz``."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, decompressed as its name says.

    Raises:
        InputMissing: there is no such file.
        FileDamaged: the compressed data end early or are wrong.
    """
    if not path.is_file():
        raise InputMissing(path, "file")
    opener = _COMPRESSED.get(path.suffix.lower())
    with cast(IO[bytes], opener(path)) if opener is not None else path.open("rb") as file, _damage_told(path):
        yield file


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise FileDamaged(path, str(error) or "it ends early") from error


def whole_text(path: Path, intake: Intake, limit_bytes: int, advice: str) -> str | None:
    """The text of a file; ``None`` after reporting that it cannot be decoded.

    Tried in order: UTF-8 (UTF-16 where it is marked), the encoding that the file names near its beginning, as HTML
    does, and the one that the user declared.

    Raises:
        FileTooLarge: it is larger than ``limit_bytes``; ``advice`` says what to do instead.
    """
    with opened(path) as file:
        data = file.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise FileTooLarge(path, limit_bytes, advice)
    encodings = [_BOMS.get(data[:2], _UTF8)]
    encodings += [match[1].decode() for match in [_CHARSET.search(data[:2048])] if match]
    encodings += [intake.request.encoding] if intake.request.encoding else []
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    intake.reject(Kind.ENCODING, path.name, f"it is neither UTF-8 nor {_declared(intake)}")
    return None


def line_batches(path: Path, intake: Intake) -> Iterator[tuple[int, list[str]]]:
    """Lines without their ends, many at a time, each batch with the number of its first line, from 1.

    Lines that cannot be decoded, or are longer than 16 million characters, are reported and empty.

    Raises:
        FileDamaged: the compressed data end early or are wrong.
    """
    first, rest, skipping = 1, "", False
    with opened(path) as raw:
        encoding = _encoding(path)
        file = io.TextIOWrapper(raw, encoding, errors="surrogateescape" if encoding == _UTF8 else "replace")
        while chunk := file.read(_CHUNK):
            lines = (rest + chunk).split("\n")
            rest = lines.pop()
            if lines and skipping:
                lines[0], skipping = "", False
            if len(rest) > _LONGEST_LINE:
                place = at(path, first + len(lines))
                if not skipping:
                    intake.reject(Kind.MALFORMED, place, f"the line has more than {_LONGEST_LINE} characters")
                rest, skipping = "", True
            yield first, _mended(lines, path, first, intake)
            first += len(lines)
    if rest and not skipping:
        yield first, _mended([rest], path, first, intake)
    elif first == 1 and not skipping:
        intake.reject(Kind.EMPTY, path.name, "the file is empty")


def text_lines(path: Path, intake: Intake) -> Iterator[tuple[int, str]]:
    """Line numbers, from 1, and lines without their ends; what cannot be read is reported and empty.

    Raises:
        FileDamaged: the compressed data end early or are wrong.
    """
    for first, lines in line_batches(path, intake):
        yield from enumerate(lines, first)


def _encoding(path: Path) -> str:
    with opened(path) as file:
        return _BOMS.get(file.read(2), _UTF8)


def _mended(lines: list[str], path: Path, first: int, intake: Intake) -> list[str]:
    """The lines, those that are not UTF-8 in the encoding that the user declared, or empty after reporting them."""
    text = "".join(lines)
    if text.isascii() or _is_clean(text):
        return lines
    return [
        line if _is_clean(line) else _redecoded(line, at(path, number), intake)
        for number, line in enumerate(lines, first)
    ]


def _is_clean(text: str) -> bool:
    """Whether all of it was UTF-8; bytes that were not stand as lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _redecoded(line: str, where: str, intake: Intake) -> str:
    raw = line.encode(errors="surrogateescape")
    if intake.request.encoding:
        try:
            return raw.decode(intake.request.encoding)
        except (UnicodeDecodeError, LookupError):
            pass
    intake.reject(Kind.ENCODING, where, f"the line is neither UTF-8 nor {_declared(intake)}")
    return ""


def _declared(intake: Intake) -> str:
    return intake.request.encoding or "of a declared encoding; declare one, such as cp1252"
