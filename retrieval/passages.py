"""Passages: short texts, about one concept or none in particular, with the place they were cut from."""

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import Curie, Description

if TYPE_CHECKING:
    import pyarrow as pa

MAX_TOKENS = 200
"""The encoder reads 256 word pieces; title and text of a passage should fit."""

_BY_CONCEPT = "by_concept"
_NO_CONCEPT = ""  # passages about nothing in particular come first

_PIECE = re.compile(r"\w{1,5}|[^\w\s]")
_SENTENCE_END = re.compile(
    r"(?<=[.!?;])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\bcf\.)(?<!\bDr\.)\s+(?=[A-Z0-9(\[\"'])"
)


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive sentences of one description.

    ``start`` counts characters of the description's text: ``description.text[start:start + len(text)] == text``. ``id``
    is a hash of reference, start and text, so it is the same in every build that reads the same words. ``year`` is when
    the text was published, where that is known: old literature shows its age.
    """

    id: str
    concept: Curie | None
    title: str
    text: str
    start: int
    kind: str
    source: str
    release: str
    reference: str
    year: int | None = None

    @property
    def searchable(self) -> str:
        """Title and text on one line: what is indexed and encoded."""
        return " ".join(f"{self.title}. {self.text}".split())


def count_tokens(text: str) -> int:
    """About how many word pieces an encoder makes of ``text``, without loading its tokenizer.

    >>> count_tokens("Hypertonia of the legs.")
    6
    """
    return len(_PIECE.findall(text))


def chunk(text: str, max_tokens: int = MAX_TOKENS) -> Iterator[tuple[int, int]]:
    """Start and end of consecutive pieces of ``text``, as many whole sentences each as fit into ``max_tokens``.

    Only a sentence that is too long by itself is cut, between words if it has any. White space around it is left out.

    >>> list(chunk("One here. Two here. Three.", max_tokens=6))
    [(0, 19), (20, 26)]
    """
    if count_tokens(text) <= max_tokens:  # nearly always; saves looking for sentences
        if stripped := text.strip():
            start = text.index(stripped)
            yield start, start + len(stripped)
        return
    start = end = tokens = 0
    for first, last in _sentences(text, max_tokens):
        size = count_tokens(text[first:last])
        if tokens and tokens + size > max_tokens:
            yield start, end
            tokens = 0
        if not tokens:
            start = first
        end, tokens = last, tokens + size
    if tokens:
        yield start, end


def _sentences(text: str, max_tokens: int) -> Iterator[tuple[int, int]]:
    first = 0
    for boundary in (*(match.span() for match in _SENTENCE_END.finditer(text)), (len(text), len(text))):
        yield from _cut(text, first, boundary[0], max_tokens)
        first = boundary[1]


def _cut(text: str, first: int, last: int, max_tokens: int) -> Iterator[tuple[int, int]]:
    """The stripped span itself, or pieces of it that fit."""
    starts = [match.start() for match in _PIECE.finditer(text, first, last)]
    begin = 0
    while begin < len(starts):
        stop = min(begin + max_tokens, len(starts))
        if stop < len(starts):
            between_words = (i for i in range(stop, begin, -1) if text[starts[i] - 1].isspace())
            stop = next(between_words, stop)
        end = starts[stop] if stop < len(starts) else last
        yield starts[begin], starts[begin] + len(text[starts[begin] : end].rstrip())
        begin = stop


def passages_of(description: Description, max_tokens: int = MAX_TOKENS) -> Iterator[Passage]:
    """The passages of one description, in order."""
    for start, end in chunk(description.text, max_tokens):
        text = description.text[start:end]
        yield Passage(
            _identifier(description.reference, start, text),
            description.concept,
            description.title,
            text,
            start,
            description.kind,
            description.source,
            description.release,
            description.reference,
            description.year,
        )


def _identifier(reference: str, start: int, text: str) -> str:
    return hashlib.blake2b(f"{reference}\0{start}\0{text}".encode(), digest_size=8).hexdigest()


def make_passages(descriptions: Iterable[Description]) -> tuple[Passage, ...]:
    """All passages, sorted by id. Of those with the same words about the same concept the first reference is kept."""
    unique: dict[tuple[Curie | None, str], Passage] = {}
    for description in descriptions:
        for passage in passages_of(description):
            key = (passage.concept, passage.searchable)
            if key not in unique or _rank(passage) < _rank(unique[key]):
                unique[key] = passage
    return tuple(sorted(unique.values(), key=lambda passage: passage.id))


def _rank(passage: Passage) -> tuple[str, int, str]:
    return passage.reference, passage.start, passage.id


class PassageTable(Sequence[Passage]):
    """Passages in a memory-mapped Arrow file, in the order in which they were written."""

    def __init__(self, batch: "pa.RecordBatch") -> None:
        self._batch = batch
        self._concepts, self._by_concept = batch["concept"], batch[_BY_CONCEPT]

    @classmethod
    def write(cls, passages: Sequence[Passage], path: Path) -> None:
        """Put ``passages`` into a file."""
        import pyarrow as pa

        columns: dict[str, Any] = {f.name: [getattr(p, f.name) for p in passages] for f in fields(Passage)}
        columns["start"] = pa.array(columns["start"], pa.int32())
        for name in ("kind", "source", "release"):
            columns[name] = pa.array(columns[name], pa.string()).dictionary_encode()
        order = sorted(range(len(passages)), key=lambda row: (passages[row].concept or _NO_CONCEPT, row))
        columns["concept"] = pa.array(columns["concept"], pa.string())
        columns["year"] = pa.array(columns["year"], pa.int16())
        columns[_BY_CONCEPT] = pa.array(order, pa.int32())
        batch = pa.record_batch(columns)
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
            writer.write_batch(batch)

    @classmethod
    def open(cls, path: Path) -> "PassageTable":
        """The passages in a file.

        Raises:
            OSError: there is no such file.
            ValueError: it is no such table.
            KeyError: a column is missing.
        """
        import pyarrow as pa

        batch = pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)
        if lacking := {field.name for field in fields(Passage)} - set(batch.schema.names):
            raise KeyError(f"there is no column {sorted(lacking)[0]}")
        return cls(batch)

    def __len__(self) -> int:
        return len(self._batch)

    def __getitem__(self, row: int) -> Passage:  # type: ignore[override]  # one passage at a time
        return Passage(*(self._batch[field.name][row].as_py() for field in fields(Passage)))

    def rows_about(self, concepts: Iterable[Curie]) -> list[int]:
        """Rows of the passages about any of these concepts, sorted."""
        rows: set[int] = set()
        for concept in concepts:
            first, last = (
                side(self._by_concept, concept, key=lambda row: self._concepts[row.as_py()].as_py() or _NO_CONCEPT)
                for side in (bisect_left, bisect_right)
            )
            rows.update(self._by_concept[position].as_py() for position in range(first, last))
        return sorted(rows)
