"""UMLS and RxNorm in the Rich Release Format: names, codes, kinds, definitions and relations of English concepts.

Columns: UMLS Reference Manual, chapter 3 (https://www.ncbi.nlm.nih.gov/books/NBK9685/) and the RxNorm Technical
Documentation. A row of ``MRREL`` says that its *second* concept has the relation to its first.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from ..concept import Category, Concept, Curie, Name, NameKind
from ..fact import Fact
from ..record import Match, Record
from .errors import InputMissing
from .files import text_lines
from .identifiers import Unreadable
from .intake import Intake, at, stated
from .kinds import Kind
from .rrf_tables import (
    ABBREVIATIONS,
    CATEGORIES_BY_TERM_TYPE,
    CODE_PREFIXES,
    DEFINITION_SOURCES,
    HIERARCHIES,
    INVERSES,
    IS_A,
    LABEL_RANKS,
    LAYPERSON,
    MAIN_TERMS,
    RELATED_TERMS,
    RELATIONS,
    TYPES,
)
from .vocabulary import Relation

_RXNORM_SOURCE = "RXNORM"
_RANKED = list(dict.fromkeys(TYPES.values()))
_NUMBERS = 10_000_000  # CUIs have seven digits
_NAME_COLUMNS, _RELATION_COLUMNS, _TYPE_COLUMNS, _DEFINITION_COLUMNS = 18, 16, 6, 8


@dataclass(frozen=True, slots=True)
class _Layout:
    """The files of one release, and the prefix of its concepts."""

    prefix: str
    names: str
    relations: str
    types: str
    definitions: str
    default: Category


_UMLS = _Layout("UMLS", "MRCONSO.RRF", "MRREL.RRF", "MRSTY.RRF", "MRDEF.RRF", Category.OTHER)
_RXNORM = _Layout("RXCUI", "RXNCONSO.RRF", "RXNREL.RRF", "", "", Category.DRUG)


def umls_files(folder: Path) -> tuple[Path, ...]:
    """The files of a UMLS folder that are read."""
    return _files(_UMLS, folder)


def rxnorm_files(folder: Path) -> tuple[Path, ...]:
    """The files of an RxNorm folder that are read."""
    return _files(_RXNORM, folder)


def read_umls(paths: Sequence[Path], intake: Intake) -> Iterator[Record]:
    """English concepts by CUI with the codes that mean exactly them, then the relations that the graph has a place for.

    Names are streamed; kinds take 10 MB, definitions about 200 MB, and the hierarchy is held until the end.

    Raises:
        InputMissing: there is no ``MRCONSO.RRF``.
    """
    return _read(_UMLS, paths, intake)


def read_rxnorm(paths: Sequence[Path], intake: Intake) -> Iterator[Record]:
    """Drugs by RXCUI with the codes that mean exactly them, then their relations.

    Raises:
        InputMissing: there is no ``RXNCONSO.RRF``.
    """
    return _read(_RXNORM, paths, intake)


def _files(layout: _Layout, folder: Path) -> tuple[Path, ...]:
    wanted = [name for name in (layout.names, layout.relations, layout.types, layout.definitions) if name]
    found = {path.name.removesuffix(".gz"): path for path in sorted(folder.rglob("*.RRF*")) if path.is_file()}
    return tuple(found[name] for name in wanted if name in found)


def _read(layout: _Layout, paths: Sequence[Path], intake: Intake) -> Iterator[Record]:
    files = {path.name.removesuffix(".gz"): path for path in paths}
    if layout.names not in files:
        raise InputMissing(paths[0].parent, layout.names)
    types = _types(files.get(layout.types), intake)
    definitions = _definitions(files.get(layout.definitions), intake)
    rows = _rows(files[layout.names], _NAME_COLUMNS, intake)
    for number, atoms in groupby(rows, key=lambda item: item[1][0]):
        yield from _concept(layout, number, [row for _, row in atoms], types, definitions, intake)
    if (relations := files.get(layout.relations)) is not None:
        yield from _relations(layout, relations, intake)


def _rows(path: Path, columns: int, intake: Intake) -> Iterator[tuple[int, list[str]]]:
    for number, line in text_lines(path, intake):
        row = line.removesuffix("|").split("|")
        if len(row) == columns:
            yield number, row
        elif line.strip():
            intake.reject(Kind.MALFORMED, at(path, number), f"the row has {len(row)} columns, not {columns}")


def _cui_number(text: str) -> int:
    digits = text.lstrip("C")
    return int(digits) if digits.isdigit() and len(digits) <= 7 else 0


def _types(path: Path | None, intake: Intake) -> bytearray:
    """Category by CUI number, one byte each (0: none): its place, from 1, among the categories of `TYPES`."""
    categories = bytearray(_NUMBERS)
    for _, row in _rows(path, _TYPE_COLUMNS, intake) if path is not None else ():
        if (category := TYPES.get(row[1])) is not None:
            number, rank = _cui_number(row[0]), _RANKED.index(category) + 1
            categories[number] = min(categories[number] or rank, rank)
    return categories


def _definitions(path: Path | None, intake: Intake) -> dict[str, str]:
    """The definition of each CUI by the best of the English sources."""
    best: dict[str, tuple[int, str]] = {}
    for _, row in _rows(path, _DEFINITION_COLUMNS, intake) if path is not None else ():
        cui, source, text, suppressed = row[0], row[4], row[5], row[6]
        rank = DEFINITION_SOURCES.get(source)
        if rank is not None and suppressed == "N" and rank < best.get(cui, (99, ""))[0]:
            best[cui] = (rank, text)
    return {cui: text for cui, (_, text) in best.items()}


def _concept(
    layout: _Layout,
    number: str,
    atoms: Iterable[list[str]],
    types: bytearray,
    definitions: Mapping[str, str],
    intake: Intake,
) -> Iterator[Record]:
    english = [row for row in atoms if row[1] == "ENG" and row[16] in ("N", "")]
    if not english:
        return
    try:
        curie = intake.identifiers.read(f"{layout.prefix}:{number}")
    except Unreadable as error:
        intake.reject(error.kind, f"{layout.names} {number}", error.reason)
        return
    english.sort(key=_label_rank)
    rank, label = types[_cui_number(number)], english[0][14]
    category = _RANKED[rank - 1] if rank else CATEGORIES_BY_TERM_TYPE.get(english[0][12], layout.default)
    names = dict.fromkeys([Name(label, NameKind.LABEL), *map(_name, english)])
    kept = [name for name in names if name.kind is NameKind.LABEL or name.text != label]
    yield Concept(curie, category, tuple(kept), definitions.get(number))
    for other in dict.fromkeys(filter(None, (_code(row, intake) for row in english))):
        if other != curie:
            yield Match(
                curie,
                other,
                intake.request.source,
                intake.request.release,
                justification="semapv:ManualMappingCuration",
            )


def _label_rank(row: list[str]) -> tuple[int, bool, bool, str]:
    """Term type first; then what the release itself prefers (TS, STT, ISPREF); then RxNorm's own names; the name."""
    preferred = row[2] in ("P", "") and row[4] in ("PF", "") and row[6] in ("Y", "")
    return LABEL_RANKS.get(row[12], len(LABEL_RANKS)), not preferred, row[11] != _RXNORM_SOURCE, row[14]


def _name(row: list[str]) -> Name:
    kind = NameKind.RELATED if row[12] in RELATED_TERMS else NameKind.EXACT
    return Name(row[14], kind, row[11] in LAYPERSON, row[12] in ABBREVIATIONS)


def _code(row: list[str], intake: Intake) -> Curie | None:
    """The code of a vocabulary worth matching, where this name is the main one of its code."""
    source, term_type, code = row[11], row[12], row[13]
    if source not in CODE_PREFIXES or term_type not in MAIN_TERMS:
        return None
    prefix = CODE_PREFIXES[source]
    return intake.find_curie(code if code.startswith(f"{prefix}:") else f"{prefix}:{code}")


def _relations(layout: _Layout, path: Path, intake: Intake) -> Iterator[Fact]:
    left_out: Counter[str] = Counter()
    for number, row in _rows(path, _RELATION_COLUMNS, intake):
        first, general, second, special, source = row[0], row[3], row[4], row[7], row[10]
        suppressed = row[14] not in ("N", "")
        if suppressed or first == second or special in INVERSES or not first or not second:
            continue
        relation = _relation(general, special, source)
        if relation is None:
            if general not in ("CHD", "RB", "RN", "SY", "PAR") or special:
                left_out[special or general] += 1
            continue
        try:
            subject = intake.identifiers.read(f"{layout.prefix}:{second}")
            target = intake.identifiers.read(f"{layout.prefix}:{first}")
        except Unreadable as error:
            intake.reject(error.kind, at(path, number), error.reason)
            continue
        evidence = intake.evidence(subject, (f"infores:{source.lower()}",))
        yield stated(subject, relation, target, evidence, written=special or general)
    intake.leave_out(path.name, left_out)


def _relation(general: str, special: str, source: str) -> Relation | None:
    if special:
        return RELATIONS.get(special)
    return IS_A if general == "PAR" and source in HIERARCHIES else None
