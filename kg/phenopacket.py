"""Patient cases from GA4GH phenopackets, schema version 2 (Jacobsen et al. 2022, doi:10.1038/s41587-022-01357-4)."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .case import Case, Finding, FindingStatus, Origin
from .errors import MalformedCase
from .fact import Sex
from .snapshot import Snapshot

_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T.*)?")
_YEARS_PER = (1.0, 1 / 12, 7 / 365.25, 1 / 365.25)

# Ages in years at which the HPO onset terms begin, from their definitions in HPO (children of HP:0003674).
ONSET_YEARS: Mapping[str, float] = {
    "HP:0030674": -0.5,  # Antenatal
    "HP:0011460": -0.6,  # Embryonal
    "HP:0011461": -0.4,  # Fetal
    "HP:0003577": 0.0,  # Congenital
    "HP:0003623": 0.0,  # Neonatal
    "HP:0003593": 28 / 365.25,  # Infantile
    "HP:0011463": 1.0,  # Childhood
    "HP:0003621": 5.0,  # Juvenile
    "HP:0003581": 16.0,  # Adult
    "HP:0011462": 16.0,  # Young adult
    "HP:0025708": 16.0,  # Early young adult
    "HP:0025709": 19.0,  # Intermediate young adult
    "HP:0025710": 25.0,  # Late young adult
    "HP:0003596": 40.0,  # Middle age
    "HP:0003584": 60.0,  # Late
}
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
    """Years of a GA4GH TimeElement: an age, the start of an age range, or an onset class."""
    if not isinstance(element, dict):
        return None
    if isinstance(term := element.get("ontologyClass"), dict):
        return ONSET_YEARS.get(str(term.get("id")))
    age = element.get("age") or _object(element.get("ageRange")).get("start")
    match = _DURATION.fullmatch(str(_object(age).get("iso8601duration", "")))
    if match is None or not any(match.groups()):
        return None
    return sum(int(count) * unit for count, unit in zip(match.groups(), _YEARS_PER, strict=True) if count)


def _publications(packet: dict[str, Any]) -> tuple[str, ...]:
    """PMIDs named by the packet's own id or its external references."""
    references = _object(packet.get("metaData")).get("externalReferences")
    listed = references if isinstance(references, list) else []
    texts = [str(packet.get("id", "")), *(str(_object(item).get("id", "")) for item in listed)]
    return tuple(dict.fromkeys(f"PMID:{number}" for text in texts for number in _PMID.findall(text)))


def _first(values: Iterator[float | None]) -> float | None:
    return next((value for value in values if value is not None), None)
