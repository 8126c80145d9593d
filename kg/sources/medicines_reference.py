"""What drugs are for, from the medicines reference of polyhistor 1.0 (MIT).

A row is drug, brands, class, indications, dose, adverse effects and note. Nothing is cited and the reference calls
itself educational, so the source has the lowest tier; doses and adverse effects are not read. Indications are short
and full of abbreviations: `indication_texts` says what the table ``data/indications_abbreviations.toml`` makes of them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO

from ..concept import Category
from ..errors import MalformedSource
from ..fact import Predicate, Qualifier
from ..record import Record
from ..rejection import Rejections
from .indication_texts import Indication, Unread, indications_in, is_vaccine, plain_drug, shifted_columns
from .lexical import slug_of
from .plain import PlainNames

SOURCE = "medicines-reference"
_FIELDS = 7
_PLACEHOLDERS = ("listed", "-", "variable", "multiple", "various", "(various)", "")


@dataclass(slots=True)
class _Drug:
    """Every usable row of one drug: the name as first written, and each text of indications once."""

    name: str
    texts: dict[str, None] = field(default_factory=dict)


def read_medicines_reference(file: IO[bytes], release: str, rejections: Rejections | None = None) -> Iterator[Record]:
    """One fact per drug and condition that it is for: ``treats``, or ``applied_to_treat`` off label and as an adjunct.

    Rows and indications that name no single drug or no condition are rejected, each with its reason.

    Raises:
        MalformedSource: the file is no JSON list of texts.
    """
    names = PlainNames(SOURCE, release)
    rejections = Rejections() if rejections is None else rejections
    for drug in _drugs(_rows(file), rejections).values():
        yield from _facts(drug, names, rejections)


def _rows(file: IO[bytes]) -> list[str]:
    try:
        rows = json.load(file)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise MalformedSource(SOURCE, "its JSON", str(error)) from error
    if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
        raise MalformedSource(SOURCE, "its JSON", "it is no list of texts")
    return rows


def _drugs(rows: list[str], rejections: Rejections) -> Mapping[str, _Drug]:
    """The drugs of all usable rows by their names in lower case, in the order of first mention."""
    drugs: dict[str, _Drug] = {}
    for place, row in enumerate(rows, 1):
        fields = [part.strip() for part in row.split(" | ")]
        refused = _why_not(fields)
        if refused is not None:
            rejections.add(refused.kind, f"row {place}: {fields[0]}", refused.reason)
            continue
        name, _, _, text, *_ = fields
        drugs.setdefault(name.lower(), _Drug(name)).texts[text] = None
    return drugs


def _why_not(fields: list[str]) -> Unread | None:
    """Why a row cannot be used, if it cannot."""
    if len(fields) != _FIELDS:
        return Unread("malformed row", f"it has {len(fields)} fields, not {_FIELDS}")
    name, _, kind, text, *_ = fields
    if not slug_of(name):
        return Unread("malformed row", "it names no drug")
    if text.lower() in _PLACEHOLDERS or text.lower().startswith("same"):
        return Unread("no indication", f"{text!r} stands for one")
    if "/" in name:
        return Unread("combination", "the indication is that of several drugs together")
    if is_vaccine(kind):
        return Unread("vaccine", f"what a drug of class {kind!r} prevents is named, not what it treats")
    if shifted_columns(name, kind):
        return Unread("shifted columns", f"the class is {kind!r}")
    if "withdrawn" in kind.lower():
        return Unread("withdrawn", f"the class is {kind!r}")
    return None


def _facts(drug: _Drug, names: PlainNames, rejections: Rejections) -> Iterator[Record]:
    record = f"{SOURCE}:{slug_of(drug.name)}"
    substance, form = plain_drug(drug.name)
    stated: set[tuple[str, Predicate]] = set()
    for text in drug.texts:
        for item in indications_in(drug.name, text):
            if isinstance(item, Unread):
                rejections.add(item.kind, f"{drug.name}: {text}", item.reason)
                continue
            condition = names.curie(item.condition, Category.DISEASE)
            predicate = _predicate(item)
            if (condition, predicate) in stated:
                continue
            stated.add((condition, predicate))
            subject = names.curie(substance, Category.DRUG)
            yield from names.take()
            said = {
                Qualifier.LINE: "adjunct" if item.adjunct else "",
                Qualifier.COMMENT: "; ".join(part for part in (item.comment, form) if part),
            }
            yield names.fact(subject, predicate, condition, record, f"{drug.name}: {text}", said=said)


def _predicate(item: Indication) -> Predicate:
    return Predicate.APPLIED_TO_TREAT if item.off_label or item.adjunct else Predicate.TREATS
