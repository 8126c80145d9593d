"""From a case to the JSON of `contract`."""

from typing import Any, TypeAlias

from kg import Allergy, Case, Condition, Curie, FamilyFinding, Finding, Medication, Origin, Snapshot

from .contract import (
    AllergyRecord,
    CaseFindingRecord,
    CaseRecord,
    FamilyFindingRecord,
    MedicationRecord,
    NamedRecord,
    PlaceRecord,
)

_Item: TypeAlias = Finding | Condition | Medication | Allergy | FamilyFinding


def case_record(case: Case, snapshot: Snapshot) -> CaseRecord:
    """All that was read of a case, every item with its label and its place."""
    places = dict(case.origins)
    named = {*case.genes, *case.inheritance}
    return CaseRecord(
        case=case.id,
        sex=case.sex.value,
        age_years=case.age_years,
        onset_years=case.onset_years,
        pregnant=case.pregnant,
        gestation_weeks=case.gestation_weeks,
        findings=[_finding(item, snapshot) for item in case.findings],
        conditions=[_finding(item, snapshot) for item in case.conditions],
        medications=[
            MedicationRecord(**_item(item, snapshot), use=item.use.value, dose=item.dose) for item in case.medications
        ],
        allergies=[_allergy(item, snapshot) for item in case.allergies],
        family=[
            FamilyFindingRecord(**_item(item, snapshot), relative=item.relative, status=item.status.value)
            for item in case.family
        ],
        genes=[_named(curie, places, snapshot) for curie in case.genes],
        inheritance=[_named(curie, places, snapshot) for curie in case.inheritance],
        origins={name: place for name, origin in case.origins if name not in named and (place := _place(origin))},
        publications=list(case.publications),
        unresolved=list(case.unresolved),
        kg_version=snapshot.version,
    )


def _item(item: _Item, snapshot: Snapshot) -> dict[str, Any]:
    """What every item of a case has."""
    return {"curie": item.concept, "label": snapshot.label(item.concept), "origin": _place(item.origin)}


def _finding(item: Finding | Condition, snapshot: Snapshot) -> CaseFindingRecord:
    return CaseFindingRecord(**_item(item, snapshot), status=item.status.value, onset_years=item.onset_years)


def _allergy(item: Allergy, snapshot: Snapshot) -> AllergyRecord:
    reaction = None if item.reaction is None else snapshot.label(item.reaction)
    return AllergyRecord(**_item(item, snapshot), reaction=item.reaction, reaction_label=reaction)


def _named(curie: Curie, places: dict[str, Origin], snapshot: Snapshot) -> NamedRecord:
    return NamedRecord(curie=curie, label=snapshot.label(curie), origin=_place(places.get(curie)))


def _place(origin: Origin | None) -> PlaceRecord | None:
    return None if origin is None else PlaceRecord(text=origin.text, start=origin.start, end=origin.end)
