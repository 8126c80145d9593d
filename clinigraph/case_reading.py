"""Cases as users give them: a phenopacket, a FHIR Bundle, a letter, or findings on the command line."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kg import (
    Case,
    Category,
    Curie,
    Finding,
    FindingStatus,
    Origin,
    Sex,
    Snapshot,
    bounded_case,
    coherent_case,
    read_case_json,
)

from .errors import UsageError
from .inputs import decode, read_cases

if TYPE_CHECKING:
    from .wiring import Application

TYPED = "typed case"
"""What a case is called whose findings were typed in."""

_CURIE = re.compile(r"[A-Za-z][A-Za-z0-9.]*:[A-Za-z0-9._-]+")
_AGE = re.compile(r"(?:P?(?P<iso>(?:\d+Y)?(?:\d+M)?(?:\d+D)?)|(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[a-z]*))", re.ASCII)
_UNITS = {"": 1.0, "y": 1.0, "m": 1 / 12, "w": 7 / 365.25, "d": 1 / 365.25}
_SEXES = {"f": Sex.FEMALE, "m": Sex.MALE, "o": Sex.OTHER, "u": Sex.UNKNOWN}


@dataclass(frozen=True, slots=True)
class TypedCase:
    """What was typed: findings by identifier or name, the sex and the age in words."""

    observed: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    sex: str | None = None
    age: str | None = None

    def __bool__(self) -> bool:
        return bool(self.observed or self.excluded)


CaseSource: TypeAlias = bytes | TypedCase | UsageError
"""The content of a case file, what was typed, or why a file cannot be read."""


def read_case(application: "Application", name: str, content: bytes) -> Case:
    """The case in a phenopacket or FHIR Bundle, by its name or its first character, or in a text.

    Raises:
        MalformedCase: it is no phenopacket and no Bundle about one patient.
        UnreadableFile: it is no UTF-8 text, or empty.
    """
    if not content.strip():
        raise UsageError(f"{name} is empty; give a phenopacket, a FHIR Bundle or a text that describes a patient.")
    if name.lower().endswith(".json") or content.lstrip().removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return read_case_json(content, name, application.snapshot, lambda text, kinds: _named(application, text, kinds))
    from retrieval import read_case_text  # needs spaCy

    return read_case_text(decode(content, name), name, application.reader, application.snapshot)


def case_of(application: "Application", name: str, source: CaseSource) -> Case:
    """The case that a source holds.

    Raises:
        UsageError: the source is an error itself, or cannot be read as a case.
    """
    if isinstance(source, UsageError):
        raise source
    if isinstance(source, TypedCase):
        return typed_case(application, source)
    return read_case(application, name, source)


def given_cases(given: Path | TypedCase) -> list[tuple[str, CaseSource]]:
    """Name and content of each case of a file, folder or archive, or the one that was typed in.

    Raises:
        UnreadableFile: the place is missing, or holds no case.
    """
    return [(TYPED, given)] if isinstance(given, TypedCase) else list(read_cases(given))


def is_single(given: Path | TypedCase) -> bool:
    """Whether one case is given, not a folder or archive of them."""
    return isinstance(given, TypedCase) or not (given.is_dir() or given.suffix.lower() == ".zip")


def usable_case(case: Case, snapshot: Snapshot) -> Case:
    """The case without impossible and contradictory values, as the differential ranks it."""
    return coherent_case(bounded_case(case)[0], snapshot)[0]


def typed_case(application: "Application", typed: TypedCase) -> Case:
    """The case whose findings were typed in; what names no finding is listed in ``unresolved``.

    Raises:
        UsageError: the sex or the age cannot be read.
    """
    findings, unresolved = [], []
    for texts, status in ((typed.observed, FindingStatus.OBSERVED), (typed.excluded, FindingStatus.EXCLUDED)):
        for text in map(_writable, texts):
            curie = _finding(application, text)
            if curie is None:
                unresolved.append(text if status is FindingStatus.OBSERVED else f"no {text}")
            else:
                findings.append(Finding(curie, status, origin=Origin(text)))
    return Case(
        TYPED,
        tuple(findings),
        sex=read_sex(typed.sex),
        age_years=None if typed.age is None else read_age(typed.age),
        unresolved=tuple(unresolved),
    )


def _writable(text: str) -> str:
    """A text that can be written as UTF-8; bytes of a command line that are none cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def read_sex(text: str | None) -> Sex:
    """The sex that a word names; unknown for ``None``.

    Raises:
        UsageError: it names none.
    """
    if text is None:
        return Sex.UNKNOWN
    word = text.strip().casefold()
    if word[:1] in _SEXES and word in ("f", "female", "m", "male", "o", "other", "u", "unknown"):
        return _SEXES[word[:1]]
    raise UsageError(f"{text!r} is no sex; write female, male, other or unknown.")


def read_age(text: str) -> float:
    """Years of an age such as ``12``, ``3.5``, ``18 months``, ``10d`` or ``P1Y6M``.

    Raises:
        UsageError: it has none of these forms.
    """
    match = _AGE.fullmatch(text.strip()) or _AGE.fullmatch(text.strip().lower())
    if match is not None and match["number"]:
        unit = match["unit"][:1]
        if unit in _UNITS:
            return float(match["number"]) * _UNITS[unit]
    elif match is not None and match["iso"]:
        return sum(int(count) * _UNITS[unit.lower()] for count, unit in re.findall(r"(\d+)([YMD])", match["iso"]))
    raise UsageError(f"{text!r} is no age; write years such as 12, or 18 months, 10 days or P1Y6M.")


def _finding(application: "Application", text: str) -> Curie | None:
    snapshot = application.snapshot
    if _CURIE.fullmatch(text.strip()):
        curie = snapshot.resolve(text.strip()) or snapshot.resolve(_cased(text.strip()))
        return curie if curie is not None and _category(snapshot, curie) is Category.PHENOTYPE else None
    return _named(application, text, frozenset({Category.PHENOTYPE}))


def _cased(curie: str) -> str:
    prefix, _, local = curie.partition(":")
    return f"{prefix.upper()}:{local}"


def _category(snapshot: Snapshot, curie: Curie) -> Category:
    return snapshot.category_at(snapshot.position(curie))


def _named(application: "Application", text: str, kinds: frozenset[Category]) -> Curie | None:
    from retrieval import find_named  # needs spaCy

    return find_named(application.reader, text, kinds)
