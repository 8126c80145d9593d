"""Patient cases from GA4GH phenopackets, schema version 2 (Jacobsen et al. 2022, doi:10.1038/s41587-022-01357-4)."""

import json
import re
from collections.abc import Iterator
from typing import Any

from .case import Case, Condition, Finding, FindingStatus, Medication, Origin
from .concept import Category, Curie
from .errors import MalformedCase
from .fact import Sex
from .fhir import FindName, is_fhir, read_bundle
from .onset import ONSET_YEARS
from .snapshot import Snapshot

_DURATION = re.compile(r"(-?)P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T.*)?")
_YEARS_PER = (1.0, 1 / 12, 7 / 365.25, 1 / 365.25)

_PMID = re.compile(r"PMID[:_](\d+)")


def read_case_json(content: bytes, name: str, snapshot: Snapshot, find_name: FindName | None = None) -> Case:
    """The case in a phenopacket or a FHIR Bundle, whichever the JSON is.

    Raises:
        MalformedCase: it is neither, or cannot be read.
    """
    parsed = _parse_json(content, name)
    if isinstance(parsed, dict) and is_fhir(parsed):
        return read_bundle(parsed, name, snapshot, find_name)
    return _read(_checked(parsed, name), name, snapshot)


def read_phenopacket(content: bytes, name: str, snapshot: Snapshot) -> Case:
    """The case that a phenopacket describes, its findings resolved to concepts of the graph.

    Terms the graph does not have are listed in ``unresolved``; obsolete ones follow their replacement. Interpretations
    and diagnoses are not read: they are what is to be found; diseases that were excluded are. Medicines are those of
    ``medicalActions``.

    Args:
        content: the JSON text of the phenopacket.
        name: what to call it in errors, and its identifier if it has none.
        snapshot: the graph.

    Raises:
        MalformedCase: it is not a JSON phenopacket, or a value has an impossible form.
    """
    return _read(_checked(_parse_json(content, name), name), name, snapshot)


def _read(packet: dict[str, Any], name: str, snapshot: Snapshot) -> Case:
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
    medications = tuple(_medications(packet, name, snapshot, unresolved))
    return Case(
        id=_text(packet.get("id") or name),
        findings=tuple(findings),
        sex=_sex(subject),
        age_years=_age(subject.get("timeAtLastEncounter")),
        onset_years=_first(_age(disease.get("onset")) for disease in _objects(packet, "diseases", name)),
        conditions=tuple(_excluded_diseases(packet, name, snapshot)),
        medications=medications,
        publications=_publications(packet),
        unresolved=tuple(unresolved),
    )


def _medications(packet: dict[str, Any], name: str, snapshot: Snapshot, unresolved: list[str]) -> Iterator[Medication]:
    """The agents of treatments; what the graph does not have as a drug or chemical is added to ``unresolved``."""
    for action in _objects(packet, "medicalActions", name):
        treatment = _object(action.get("treatment"))
        agent = _object(treatment.get("agent"))
        words = _text(f"{agent.get('id', '')} {agent.get('label', '')}").strip()
        curie = _find(str(agent.get("id", "")), snapshot, frozenset({Category.DRUG, Category.CHEMICAL}))
        if curie is not None:
            yield Medication(curie, dose=_dose(treatment), origin=Origin(_text(agent.get("label") or words)))
        elif words:
            unresolved.append(words)


def _dose(treatment: dict[str, Any]) -> str | None:
    listed = treatment.get("doseIntervals")
    for interval in listed if isinstance(listed, list) else ():
        quantity = _object(_object(interval).get("quantity"))
        if "value" in quantity:
            return _text(f"{quantity['value']} {_object(quantity.get('unit')).get('label', '')}").strip()
    return None


def _excluded_diseases(packet: dict[str, Any], name: str, snapshot: Snapshot) -> Iterator[Condition]:
    for disease in _objects(packet, "diseases", name):
        term = _object(disease.get("term"))
        curie = _find(str(term.get("id", "")), snapshot, frozenset({Category.DISEASE}))
        if disease.get("excluded") is True and curie is not None:
            yield Condition(curie, FindingStatus.EXCLUDED)


def _find(text: str, snapshot: Snapshot, categories: frozenset[Category]) -> Curie | None:
    curie = snapshot.resolve(text)
    known = curie is not None and snapshot.category_at(snapshot.position(curie)) in categories
    return curie if known else None


def _parse_json(content: bytes, name: str) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise MalformedCase(name, "its bytes are not UTF-8; save it as UTF-8 and try again.") from None
    except ValueError as error:  # also a number with thousands of digits
        raise MalformedCase(name, f"it is not JSON ({error}); the file may be cut short.") from None
    except RecursionError:
        raise MalformedCase(name, "it is nested too deeply to be a phenopacket.") from None


def _checked(packet: Any, name: str) -> dict[str, Any]:
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
