"""Patient cases from GA4GH phenopackets, schema version 2 (Jacobsen et al. 2022, doi:10.1038/s41587-022-01357-4)."""

import json
import re
from collections.abc import Iterator
from typing import Any

from .case import Case, Finding, FindingStatus, Origin
from .errors import MalformedCase
from .fact import Sex
from .onset import ONSET_YEARS
from .snapshot import Snapshot

_DURATION = re.compile(r"(-?)P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T.*)?")
_YEARS_PER = (1.0, 1 / 12, 7 / 365.25, 1 / 365.25)

_PMID = re.compile(r"PMID[:_](\d+)")


def read_phenopacket(content: bytes, name: str, snapshot: Snapshot) -> Case:
    """The case that a phenopacket describes, its findings resolved to concepts of the graph.

    Terms the graph does not have are listed in ``unresolved``; obsolete ones follow their replacement. Interpretations
    and diagnoses are not read: they are what is to be found.

    Args:
        content: the JSON text of the phenopacket.
        name: what to call it in errors, and its identifier if it has none.
        snapshot: the graph.

    Raises:
        MalformedCase: it is not a JSON phenopacket, or a value has an impossible form.
    """
    packet = _parse(content, name)
    subject = packet.get("subject") or {}
    if not isinstance(subject, dict):
        raise MalformedCase(name, "subject is not an object")
    findings: list[Finding] = []
    unresolved: list[str] = []
    for feature in _objects(packet, "phenotypicFeatures", name):
        term = _object(feature.get("type"))
        curie = snapshot.resolve(str(term.get("id", "")))
        if curie is None:
            unresolved.append(_text(f"{term.get('id', '?')} {term.get('label', '')}").strip())
        else:
            status = FindingStatus.EXCLUDED if feature.get("excluded") else FindingStatus.OBSERVED
            label = _text(term.get("label") or "")
            findings.append(Finding(curie, status, _age(feature.get("onset")), Origin(label) if label else None))
    return Case(
        id=_text(packet.get("id") or name),
        findings=tuple(findings),
        sex=_sex(subject),
        age_years=_age(subject.get("timeAtLastEncounter")),
        onset_years=_first(_age(disease.get("onset")) for disease in _objects(packet, "diseases", name)),
        publications=_publications(packet),
        unresolved=tuple(unresolved),
    )


def _parse(content: bytes, name: str) -> dict[str, Any]:
    try:
        packet = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise MalformedCase(name, "its bytes are not UTF-8; save it as UTF-8 and try again.") from None
    except ValueError as error:  # also a number with thousands of digits
        raise MalformedCase(name, f"it is not JSON ({error}); the file may be cut short.") from None
    except RecursionError:
        raise MalformedCase(name, "it is nested too deeply to be a phenopacket.") from None
    if not isinstance(packet, dict) or not {"phenotypicFeatures", "subject", "metaData"} & set(packet):
        raise MalformedCase(name, "it is JSON but no phenopacket: it has neither subject nor phenotypicFeatures.")
    return packet


def _objects(packet: dict[str, Any], field: str, name: str) -> Iterator[dict[str, Any]]:
    items = packet.get(field) or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise MalformedCase(name, f"{field} is not a list of objects")
    return iter(items)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    """A value as text that can be written as UTF-8; JSON can hold lone surrogates, which cannot."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def _sex(subject: dict[str, Any]) -> Sex:
    stated = str(subject.get("sex", ""))
    return Sex(stated) if stated in set(Sex) else Sex.UNKNOWN


def _age(element: Any) -> float | None:
    """Years of a GA4GH TimeElement: an age, the start of an age range, or an onset class; also impossible ones."""
    if not isinstance(element, dict):
        return None
    if isinstance(term := element.get("ontologyClass"), dict):
        return ONSET_YEARS.get(str(term.get("id")))
    age = element.get("age") or _object(element.get("ageRange")).get("start")
    match = _DURATION.fullmatch(str(_object(age).get("iso8601duration", "")))
    if match is None or not any(match.groups()[1:]):
        return None
    years = sum(int(count) * unit for count, unit in zip(match.groups()[1:], _YEARS_PER, strict=True) if count)
    return -years if match[1] else years


def _publications(packet: dict[str, Any]) -> tuple[str, ...]:
    """PMIDs named by the packet's own id or its external references."""
    references = _object(packet.get("metaData")).get("externalReferences")
    listed = references if isinstance(references, list) else []
    texts = [str(packet.get("id", "")), *(str(_object(item).get("id", "")) for item in listed)]
    return tuple(dict.fromkeys(f"PMID:{number}" for text in texts for number in _PMID.findall(text)))


def _first(values: Iterator[float | None]) -> float | None:
    return next((value for value in values if value is not None), None)
