"""The sections of Markdown documents as plain text."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .documents import Section

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)
_VERBATIM = {"fence", "code_block"}


def markdown_sections(text: str, name: str) -> Iterator[Section]:
    """A section for each heading with text under it; ``name`` is the title unless the document has one.

    A row of a table stays one line, its cells apart by ``|``, so that a dose stays with its drug.
    """
    text = text.replace("\r\n", "\n")
    title = name
    if front := _FRONT_MATTER.match(text):
        said = _TITLE.search(front[1])
        title, text = said[1] if said else name, text[front.end() :]
    outline = Outline(title)
    heading = False
    level = ""
    cells: list[str] | None = None
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "heading_open":
            heading, level = True, token.tag
        elif token.type == "inline" and heading:
            yield from outline.heading(int(level[1]), _plain(token))
            heading = False
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            outline.text(" | ".join(cells or ()))
            cells = None
        elif token.type == "inline" and cells is not None:
            cells.append(_plain(token))
        elif token.type == "inline":
            outline.text(_plain(token))
        elif token.type in _VERBATIM:
            outline.text(token.content)
    yield from outline.rest()


def _plain(token: Token) -> str:
    """The text of a line without its marks; a picture is its description."""
    parts = []
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type != "html_inline":
            parts.append(child.content)
    return "".join(parts)


class Outline:
    """Collects text under the headings that are in force, and hands it out when the next heading comes."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._headings: list[tuple[int, str]] = []
        self._blocks: list[str] = []
        self._anchors: dict[str, int] = {}

    def text(self, block: str) -> None:
        """Add a paragraph, list item or table row."""
        if block.strip():
            self._blocks.append(block.strip())

    def heading(self, level: int, text: str) -> Iterator[Section]:
        """The section that a heading of this level ends, if it has text."""
        yield from self.rest()
        self._headings = [item for item in self._headings if item[0] < level]
        self._headings.append((level, text.strip()))

    def rest(self) -> Iterator[Section]:
        """What has been collected."""
        text = "\n".join(self._blocks).strip()
        self._blocks = []
        if text:
            path = tuple(heading for _, heading in self._headings)
            yield Section((self._title, *path), text, self._anchor(path[-1]) if path else "")

    def _anchor(self, heading: str) -> str:
        """The heading as web pages and repositories write its anchor, with a number if it comes up again."""
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") or "section"
        count = self._anchors[anchor] = self._anchors.get(anchor, 0) + 1
        return anchor if count == 1 else f"{anchor}-{count - 1}"
