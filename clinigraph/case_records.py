"""From a case to the JSON of `contract`."""

from kg import Case, Curie, Origin, Snapshot

from .contract import (
    AllergyRecord,
    CaseFindingRecord,
    CaseRecord,
    FamilyFindingRecord,
    MedicationRecord,
    NamedRecord,
    PlaceRecord,
)


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
        findings=[
            CaseFindingRecord(
                curie=f.concept,
                label=snapshot.label(f.concept),
                status=f.status.value,
                onset_years=f.onset_years,
                origin=_place(f.origin),
            )
            for f in case.findings
        ],
        conditions=[
            CaseFindingRecord(
                curie=c.concept,
                label=snapshot.label(c.concept),
                status=c.status.value,
                onset_years=c.onset_years,
                origin=_place(c.origin),
            )
            for c in case.conditions
        ],
        medications=[
            MedicationRecord(
                curie=m.concept,
                label=snapshot.label(m.concept),
                use=m.use.value,
                dose=m.dose,
                origin=_place(m.origin),
            )
            for m in case.medications
        ],
        allergies=[
            AllergyRecord(
                curie=a.concept,
                label=snapshot.label(a.concept),
                reaction=a.reaction,
                reaction_label=None if a.reaction is None else snapshot.label(a.reaction),
                origin=_place(a.origin),
            )
            for a in case.allergies
        ],
        family=[
            FamilyFindingRecord(
                curie=f.concept,
                label=snapshot.label(f.concept),
                relative=f.relative,
                status=f.status.value,
                origin=_place(f.origin),
            )
            for f in case.family
        ],
        genes=[_named(curie, places, snapshot) for curie in case.genes],
        inheritance=[_named(curie, places, snapshot) for curie in case.inheritance],
        origins={name: place for name, origin in case.origins if name not in named and (place := _place(origin))},
        publications=list(case.publications),
        unresolved=list(case.unresolved),
        kg_version=snapshot.version,
    )


def _named(curie: Curie, places: dict[str, Origin], snapshot: Snapshot) -> NamedRecord:
    return NamedRecord(curie=curie, label=snapshot.label(curie), origin=_place(places.get(curie)))


def _place(origin: Origin | None) -> PlaceRecord | None:
    return None if origin is None else PlaceRecord(text=origin.text, start=origin.start, end=origin.end)
