"""A sans-serif face for PDF pages: one of the system that has many characters, else the one that comes along."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
# Files of the regular, bold and italic cut, the preferred face first.
_FACES = (
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf", "NotoSans-Italic.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf", "LiberationSans-Italic.ttf"),
    ("segoeui.ttf", "segoeuib.ttf", "segoeuii.ttf"),
    ("Arial.ttf", "Arial Bold.ttf", "Arial Italic.ttf"),
    ("DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf", "DejaVuSansCondensed-Oblique.ttf"),
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf"),
)
_SHIPPED = ("Vera.ttf", "VeraBd.ttf", "VeraIt.ttf")  # within reportlab
_NAMES = ("ReportSans", "ReportSans-Bold", "ReportSans-Italic")
_MISSING = "?"


@dataclass(frozen=True, slots=True)
class Face:
    """A registered family: names of its cuts, and the characters that all of them have."""

    regular: str
    bold: str
    italic: str
    characters: frozenset[int]

    def shown(self, text: str) -> str:
        """The text with a question mark for each character that the face lacks."""
        return "".join(c if ord(c) in self.characters or c in "\n\t " else _MISSING for c in text)

    def lacks(self, text: str) -> bool:
        """Whether some character of a text cannot be shown."""
        return self.shown(text) != text


@lru_cache(maxsize=1)
def register_face() -> Face:
    """Register the best face that is there; once a process."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    for paths in (*_found(), _SHIPPED):
        try:
            fonts = [TTFont(name, str(path)) for name, path in zip(_NAMES, paths, strict=True)]
        except (TTFError, OSError):  # a face that this library cannot embed
            continue
        for font in fonts:
            pdfmetrics.registerFont(font)
        pdfmetrics.registerFontFamily(
            _NAMES[0], normal=_NAMES[0], bold=_NAMES[1], italic=_NAMES[2], boldItalic=_NAMES[1]
        )
        characters = frozenset.intersection(*(frozenset(font.face.charToGlyph) for font in fonts))
        return Face(*_NAMES, characters)
    raise FileNotFoundError(_SHIPPED[0])


def _found() -> list[tuple[Path, ...]]:
    """The files of each face that is whole, the preferred face first."""
    wanted = {name for names in _FACES for name in names}
    there: dict[str, Path] = {}
    for folder in _FOLDERS:
        for path in sorted(folder.rglob("*.tt[fF]")) if folder.is_dir() else ():
            if path.name in wanted:
                there.setdefault(path.name, path)
    return [tuple(there[name] for name in names) for names in _FACES if all(name in there for name in names)]
