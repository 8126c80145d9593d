"""What each kind of FHIR resource says about a patient."""

from collections.abc import Callable, Mapping
from typing import Any

from ..case import Allergy, FamilyFinding, FindingStatus, Medication, MedicationUse, Origin
from .codes import DISEASES, DRUGS, PHENOTYPES, code_tables, codes_of, words_of
from .json_values import date_of, object_of, objects_of, text_of, years_between, years_of
from .observation import read_observation
from .reading import Reading

_SKIPPED = frozenset({"entered-in-error", "cancelled", "not-taken", "not-done"})
_SUSPECTED = frozenset({"provisional", "unconfirmed"})
_USES = {
    "MedicationStatement": {"active": MedicationUse.CURRENT, "recorded": MedicationUse.CURRENT}
    | dict.fromkeys(("completed", "stopped", "on-hold"), MedicationUse.PAST)
    | {"intended": MedicationUse.PROPOSED},
    "MedicationRequest": {"active": MedicationUse.CURRENT, "draft": MedicationUse.PROPOSED}
    | dict.fromkeys(("completed", "stopped", "on-hold"), MedicationUse.PAST),
    "MedicationAdministration": {"in-progress": MedicationUse.CURRENT}
    | dict.fromkeys(("completed", "stopped", "on-hold"), MedicationUse.PAST),
}
_INTENDED = frozenset({"proposal", "plan", "option"})


def read_condition(reading: Reading, resource: dict[str, Any]) -> None:
    """A condition: there, refuted, or no more than suspected."""
    code = resource.get("code")
    verification = codes_of(resource.get("verificationStatus"))
    if verification & (_SKIPPED | {"differential"}):
        return
    if codes_of(code) & set(code_tables()["pregnancy"]["conditions"]):
        ended = codes_of(resource.get("clinicalStatus")) & {"inactive", "resolved", "remission"}
        if not ended and reading.draft.pregnant is None:
            reading.draft.pregnant = "refuted" not in verification
        return
    if verification & _SUSPECTED:
        reading.draft.leave_out(f"{words_of(code)} (suspected only)")
        return
    onset = years_of(resource.get("onsetAge"))
    if onset is None:
        onset = years_between(reading.born, date_of(resource.get("onsetDateTime")))
    reading.add(code, FindingStatus.EXCLUDED if "refuted" in verification else FindingStatus.OBSERVED, onset)


def read_medication(reading: Reading, resource: dict[str, Any]) -> None:
    """A medicine that is taken, was taken or is intended."""
    kind, status = text_of(resource.get("resourceType")), text_of(resource.get("status"))
    if status in _SKIPPED:
        return
    use = _USES[kind].get(status, MedicationUse.CURRENT)
    if text_of(resource.get("intent")) in _INTENDED:
        use = MedicationUse.PROPOSED
    concept = resource.get("medicationCodeableConcept") or _referenced(reading, resource)
    words = words_of(concept)
    found = reading.codes.resolve(concept, DRUGS)
    if found:
        reading.draft.medications.append(Medication(found[0], use, _dose(resource), Origin(words) if words else None))
    else:
        reading.draft.leave_out(words)


def _referenced(reading: Reading, resource: dict[str, Any]) -> Any:
    """The code of the Medication that a resource refers to, inside it or in the bundle."""
    reference = text_of(object_of(resource.get("medicationReference")).get("reference"))
    contained = {f"#{text_of(item.get('id'))}": item for item in objects_of(resource, "contained")}
    target = contained.get(reference) or reading.references.get(reference) or {}
    return target.get("code") or {"text": text_of(object_of(resource.get("medicationReference")).get("display"))}


def _dose(resource: dict[str, Any]) -> str | None:
    instructions = [*objects_of(resource, "dosage"), *objects_of(resource, "dosageInstruction")]
    for instruction in instructions or [object_of(resource.get("dosage"))]:
        if text := text_of(instruction.get("text")):
            return text
        doses = [object_of(item.get("doseQuantity")) for item in objects_of(instruction, "doseAndRate")]
        for quantity in (*doses, object_of(instruction.get("dose"))):
            if "value" in quantity:
                return f"{quantity['value']} {text_of(quantity.get('unit')) or text_of(quantity.get('code'))}".strip()
    return None


def read_allergy(reading: Reading, resource: dict[str, Any]) -> None:
    """A substance that is not tolerated, and what it causes."""
    code = resource.get("code")
    if codes_of(resource.get("verificationStatus")) & (_SKIPPED | {"refuted"}):
        return
    if codes_of(code) & set(code_tables()["no_allergy"]["codes"]):
        return
    substances = [code, *(item.get("substance") for item in objects_of(resource, "reaction"))]
    found = next((hit for item in substances if item and (hit := reading.codes.resolve(item, DRUGS))), ())
    words = words_of(code)
    if not found:
        reading.draft.leave_out(f"allergy: {words}" if words else "")
        return
    shown = [shown for item in objects_of(resource, "reaction") for shown in objects_of(item, "manifestation")]
    reactions = (hit[0] for item in shown if (hit := reading.codes.resolve(item, PHENOTYPES)))
    reading.draft.allergies.append(Allergy(found[0], next(reactions, None), Origin(words) if words else None))


def read_family(reading: Reading, resource: dict[str, Any]) -> None:
    """The findings and diseases of one relative."""
    if text_of(resource.get("status")) in _SKIPPED:
        return
    relative = words_of(resource.get("relationship")) or None
    for item in objects_of(resource, "condition"):
        words = words_of(item.get("code"))
        found = reading.codes.resolve(item.get("code"), PHENOTYPES | DISEASES)
        origin = Origin(words) if words else None
        for curie in found:
            reading.draft.family.append(FamilyFinding(curie, relative, origin=origin))
        if not found:
            reading.draft.leave_out(f"{relative or 'relative'}: {words}" if words else "")


READERS: Mapping[str, Callable[[Reading, dict[str, Any]], None]] = {
    "AllergyIntolerance": read_allergy,
    "Condition": read_condition,
    "FamilyMemberHistory": read_family,
    "MedicationAdministration": read_medication,
    "MedicationRequest": read_medication,
    "MedicationStatement": read_medication,
    "Observation": read_observation,
}
"""Type of resource to what reads it; others say nothing that a case holds."""
