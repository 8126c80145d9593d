"""XML read element by element, with files refused that could exhaust the memory."""

from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from .errors import NotThisFormat, UnsafeXml
from .files import opened
from .intake import Intake
from .kinds import Kind

_CHUNK = 1 << 16
_LONGEST_ENTITY = 1024  # characters; OWL files declare one short entity for each namespace


class _Prologue:
    """What stands before the root element: the entities it declares, and the name of the root."""

    def __init__(self) -> None:
        self.unsafe: str | None = None
        self.root: str | None = None
        self.parser = expat.ParserCreate()
        self.parser.EntityDeclHandler = self._entity
        self.parser.StartElementHandler = self._start

    def _entity(self, name: str, _parameter: bool, value: str | None, *_external: object) -> None:
        if value is None or "&" in value or "%" in value or len(value) > _LONGEST_ENTITY:
            self.unsafe = self.unsafe or name

    def _start(self, name: str, _attributes: object) -> None:
        self.root = self.root or name


def root_of(path: Path) -> str | None:
    """The name of the root element; ``None`` if the file is no XML.

    Raises:
        UnsafeXml: it declares entities made of other entities, very long ones, or ones outside the file.
    """
    prologue = _Prologue()
    with opened(path) as file:
        while prologue.root is None and prologue.unsafe is None and (chunk := file.read(_CHUNK)):
            try:
                prologue.parser.Parse(chunk)
            except expat.ExpatError:
                break
    if prologue.unsafe is not None:
        raise UnsafeXml(path, prologue.unsafe)
    return prologue.root


def of_root(paths: Sequence[Path], roots: Set[str], intake: Intake) -> Iterator[Path]:
    """The files whose root element has one of these names; others are reported, and raised if there are only others.

    Raises:
        NotThisFormat: not one file has such a root.
        UnsafeXml: a file could exhaust the memory.
    """
    other: tuple[Path, str] | None = None
    found = False
    for path in paths:
        if path.stat().st_size == 0:
            intake.reject(Kind.EMPTY, path.name, "the file is empty")
        elif (root := root_of(path)) in roots:
            found = True
            yield path
        else:
            reason = f"its root element is {root}, not {sorted(roots)[0]}" if root is not None else "it is not XML"
            other = path, reason
            intake.reject(Kind.MALFORMED, f"{path.parent.name}/{path.name}", reason)
    if other is not None and not found:
        raise NotThisFormat(other[0], intake.request.format, other[1])


def elements(path: Path, tags: Set[str], intake: Intake) -> Iterator[ElementTree.Element]:
    """Every element of one of these names that is not inside another one, in order; each is emptied after its use.

    What is malformed ends the reading of this file and is reported. Ask `of_root` first whether the file is safe.
    """
    with opened(path) as file:
        try:
            root: ElementTree.Element | None = None
            for event, element in ElementTree.iterparse(file, ("start", "end")):
                if root is None:
                    root = element
                if event == "end" and element.tag in tags:
                    yield element
                    root.clear() if element is not root else None
        except ElementTree.ParseError as error:
            intake.reject(Kind.MALFORMED, path.name, f"{error}; what stands after this is left out")


def text_of(element: ElementTree.Element | None) -> str:
    """All text inside an element, with runs of white space as one space; empty for no element."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""
