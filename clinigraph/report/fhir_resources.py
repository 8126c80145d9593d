"""What is known of a patient as FHIR R4 resources."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from .record import NamedRecord, PatientRecord

Resource: TypeAlias = dict[str, Any]
Concept: TypeAlias = Callable[[Iterable[str], str], dict[str, Any]]
"""Makes a CodeableConcept of identifiers and a label."""

Key: TypeAlias = tuple[str, str]
"""Identifier and status of what a resource states."""

_HL7 = "http://terminology.hl7.org/CodeSystem"
_LOINC, _SNOMED = "http://loinc.org", "http://snomed.info/sct"
_USES = {"current": "active", "past": "completed", "proposed": "intended"}


def patient_resources(patient: PatientRecord, subject: str, concept: Concept) -> Iterator[tuple[Key, Resource]]:
    """The resources about a patient, each with what it states; ``subject`` is the reference to the patient."""
    for status, items in (("observed", patient.observed), ("excluded", patient.excluded)):
        for item in items:
            yield (item.id, status), _finding(item, status == "observed", subject, concept)
    if patient.age_years is not None:
        yield ("age", "observed"), _age(patient.age_years, subject)
    if patient.pregnant is not None:
        yield ("pregnancy", "observed"), _pregnancy(patient.pregnant, subject)
    for item in patient.conditions:
        yield (item.id, item.note or "known"), _condition(item, subject, concept)
    for item in patient.medications:
        yield (item.id, "medicine"), _medication(item, subject, concept)
    for item in patient.allergies:
        yield (item.id, "allergy"), _allergy(item, subject, concept)
    for item in patient.family:
        yield (item.id, "family"), _relative(item, subject, concept)


def _observation(code: dict[str, Any], subject: str, category: str) -> Resource:
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"system": f"{_HL7}/observation-category", "code": category}]}],
        "code": code,
        "subject": {"reference": subject},
    }


def _finding(item: NamedRecord, present: bool, subject: str, concept: Concept) -> Resource:
    resource = _observation(concept([item.id], item.label), subject, "exam") | {"valueBoolean": present}
    note = "; ".join(filter(None, (f"in the record: {item.words}" if item.words else None, item.note)))
    return resource | ({"note": [{"text": note}]} if note else {})


def _age(years: float, subject: str) -> Resource:
    code = {"coding": [{"system": _LOINC, "code": "30525-0", "display": "Age"}]}
    quantity = {"value": round(years, 3), "unit": "a", "system": "http://unitsofmeasure.org", "code": "a"}
    return _observation(code, subject, "social-history") | {"valueQuantity": quantity}


def _pregnancy(pregnant: bool, subject: str) -> Resource:
    code = {"coding": [{"system": _LOINC, "code": "82810-3", "display": "Pregnancy status"}]}
    value, words = ("77386006", "Pregnancy") if pregnant else ("60001007", "Not pregnant")
    said = {"coding": [{"system": _SNOMED, "code": value, "display": words}]}
    return _observation(code, subject, "social-history") | {"valueCodeableConcept": said}


def _condition(item: NamedRecord, subject: str, concept: Concept) -> Resource:
    status = "refuted" if item.note == "excluded" else "confirmed"
    resource: Resource = {
        "resourceType": "Condition",
        "verificationStatus": {"coding": [{"system": f"{_HL7}/condition-ver-status", "code": status}]},
        "code": concept([item.id], item.label),
        "subject": {"reference": subject},
    }
    clinical = {"coding": [{"system": f"{_HL7}/condition-clinical", "code": "active"}]}
    return resource | ({"clinicalStatus": clinical} if status == "confirmed" else {})


def _medication(item: NamedRecord, subject: str, concept: Concept) -> Resource:
    use, _, dose = (item.note or "").partition(", ")
    resource: Resource = {
        "resourceType": "MedicationStatement",
        "status": _USES.get(use, "unknown"),
        "medicationCodeableConcept": concept([item.id], item.label),
        "subject": {"reference": subject},
    }
    return resource | ({"dosage": [{"text": dose}]} if dose else {})


def _allergy(item: NamedRecord, subject: str, concept: Concept) -> Resource:
    resource: Resource = {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": {"coding": [{"system": f"{_HL7}/allergyintolerance-clinical", "code": "active"}]},
        "code": concept([item.id], item.label),
        "patient": {"reference": subject},
    }
    return resource | ({"reaction": [{"manifestation": [{"text": item.note}]}]} if item.note else {})


def _relative(item: NamedRecord, subject: str, concept: Concept) -> Resource:
    return {
        "resourceType": "FamilyMemberHistory",
        "status": "completed",
        "patient": {"reference": subject},
        "relationship": {"text": item.note or "relative"},
        "condition": [{"code": concept([item.id], item.label)}],
    }
