"""The sections of HTML documents as plain text, without menus, scripts and page furniture."""

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from .documents import Section
from .markdown import Outline

_FURNITURE = ["script", "style", "noscript", "template", "nav", "footer", "aside", "form", "iframe", "svg", "button"]
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | frozenset(
    [
        "address",
        "article",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "header",
        "hr",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)

_CELL = " | "
_BETWEEN = {"br": "\n", "td": _CELL, "th": _CELL}


def html_sections(text: str, name: str) -> Iterator[Section]:
    """A section for each heading with text under it; ``name`` is the title unless the page has one."""
    page = LexborHTMLParser(text)
    told = page.css_first("title")
    title = " ".join(told.text().split()) if told is not None else ""
    page.strip_tags(_FURNITURE)
    outline = Outline(title or name)
    for tag, words in _blocks(page.body):
        if tag in _HEADINGS:
            yield from outline.heading(int(tag[1]), words)
        else:
            outline.text(words)
    yield from outline.rest()


def _blocks(body: LexborNode | None) -> Iterator[tuple[str, str]]:
    """Runs of text with the tag of the block that they stand in, in order."""
    words: list[str] = []
    current: tuple[int, str] = (0, "")
    for node in body.traverse(include_text=True) if body is not None else ():
        if not node.is_text_node:
            words += [_BETWEEN[node.tag]] if node.tag in _BETWEEN else []
            continue
        block = _block_of(node)
        if block != current:
            yield from _joined(current[1], words)
            words, current = [], block
        words.append(node.text_content or "")
    yield from _joined(current[1], words)


def _block_of(node: LexborNode) -> tuple[int, str]:
    """The block that a text stands in: the whole row if it is in a table, so that a dose stays with its drug."""
    block: LexborNode | None = None
    parent = node.parent
    while parent is not None and parent.tag != "table":
        if parent.tag in _HEADINGS or parent.tag == "tr":
            block = parent
            break
        if block is None and parent.tag in _BLOCKS:
            block = parent
        parent = parent.parent
    return (block.mem_id, block.tag or "") if block is not None else (0, "")


def _joined(tag: str, words: list[str]) -> Iterator[tuple[str, str]]:
    text = "".join(words).strip(_CELL)
    lines = text.splitlines() if tag == "pre" else [" ".join(text.split())]
    if text.strip():
        yield tag, "\n".join(line.rstrip() for line in lines).strip()
