"""FHIR bundles become cases: codes resolve, absence is read as such, and nothing odd ends in a traceback."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import Case, Category, Curie, FindingStatus, MalformedCase, MedicationUse, Sex, Snapshot, read_case_json
from kg.fhir.codes import code_tables, laboratory_table

HPO, LOINC, SNOMED = "http://human-phenotype-ontology.org", "http://loinc.org", "http://snomed.info/sct"
PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "male", "birthDate": "2010-01-01"}
PLATELETS = {"coding": [{"system": LOINC, "code": "777-3", "display": "Platelets"}]}
THROMBOCYTOPENIA = "HP:0001873"


def coded(system: str, code: str, text: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], "text": text}


def hpo(curie: str) -> dict[str, Any]:
    return coded(HPO, curie)


def condition(code: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", "code": code, **fields}


def observation(code: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", "code": code, **fields}


def verification(code: str) -> dict[str, Any]:
    return {"coding": [{"code": code}]}


def judged(code: str) -> list[dict[str, Any]]:
    return [{"coding": [{"code": code}]}]


def bundle(*resources: dict[str, Any], patients: tuple[dict[str, Any], ...] = (PATIENT,)) -> dict[str, Any]:
    entries = [{"resource": resource} for resource in (*patients, *resources)]
    return {"resourceType": "Bundle", "type": "collection", "timestamp": "2022-01-01T00:00:00Z", "entry": entries}


@pytest.fixture
def names(snapshot: Snapshot) -> dict[tuple[str, Category], Curie]:
    return {(name.text.casefold(), category): curie for curie, category, name in snapshot.names()}


@pytest.fixture
def read(snapshot: Snapshot, names: dict[tuple[str, Category], Curie]) -> Any:
    def find(text: str, kinds: frozenset[Category]) -> Curie | None:
        return next((names[text.casefold(), kind] for kind in kinds if (text.casefold(), kind) in names), None)

    def case_of(*resources: dict[str, Any], **fields: Any) -> Case:
        return read_case_json(json.dumps(bundle(*resources, **fields)).encode(), "b.json", snapshot, find)

    return case_of


def test_the_patient(read: Any) -> None:
    case = read(condition(hpo("HP:0001166")))
    assert (case.id, case.sex) == ("p1", Sex.MALE)
    assert case.age_years == pytest.approx(12, abs=0.01)  # on the day of the bundle


def test_the_latest_date_of_the_record_says_the_age(read: Any) -> None:
    case = read(condition(hpo("HP:0001166"), recordedDate="2025-07"))
    assert case.age_years == pytest.approx(15.5, abs=0.01)


def test_an_age_that_is_stated_wins(read: Any) -> None:
    years = observation(coded(LOINC, "30525-0"), valueQuantity={"value": 18, "code": "mo"})
    assert read(years).age_years == pytest.approx(1.5)


def test_a_condition_is_a_finding_or_a_disease(read: Any) -> None:
    onset = {"onsetAge": {"value": 2, "code": "a"}}
    case = read(condition(hpo("HP:0001166"), **onset), condition(coded("https://omim.org", "154700")))
    assert case.observed == ("HP:0001166",)
    assert case.findings[0].onset_years == 2
    assert [item.concept for item in case.conditions] == ["MONDO:0007947"]


def test_onset_is_counted_from_birth(read: Any) -> None:
    case = read(condition(hpo("HP:0001166"), onsetDateTime="2013-01-01"))
    assert case.findings[0].onset_years == pytest.approx(3, abs=0.01)


@pytest.mark.parametrize("curie", ["HP:0006000", "HP_0001166", "0001166"])
def test_codes_follow_replacements_and_other_spellings(read: Any, curie: str) -> None:
    assert read(condition(hpo(curie))).observed == ("HP:0001166",)


def test_words_are_used_where_no_code_resolves(read: Any) -> None:
    case = read(condition({"text": "Arachnodactyly"}), condition(coded(SNOMED, "1", "Ectopia lentis")))
    assert case.observed == ("HP:0001166", "HP:0001083")


def test_words_alone_mean_a_finding_before_a_disease(read: Any, names: dict[tuple[str, Category], Curie]) -> None:
    names["one word", Category.PHENOTYPE], names["one word", Category.DISEASE] = "HP:0001166", "MONDO:0007947"
    case = read(condition({"text": "One word"}))
    assert (case.observed, case.conditions) == (("HP:0001166",), ())


def test_a_cross_reference_that_several_carry_says_nothing(snapshot: Snapshot) -> None:
    assert snapshot.carriers_of([]) == []
    assert snapshot.carriers_of(["SCTID:no-such-code"]) == []
    xrefs = {ref for curie in snapshot.concepts() for ref in snapshot.concept(curie).xrefs}
    for ref in sorted(xrefs)[:20]:
        carriers = [curie for curie in snapshot.concepts() if ref in snapshot.concept(curie).xrefs]
        assert snapshot.carriers_of([ref]) == sorted(carriers)


def test_what_nothing_resolves_is_listed(read: Any) -> None:
    case = read(
        condition(coded(SNOMED, "99", "Strange thing")),
        condition(coded(SNOMED, "98", "Odd thing"), verificationStatus=verification("refuted")),
    )
    assert case.unresolved == ("Strange thing", "no Odd thing")


@pytest.mark.parametrize(
    ("status", "observed", "excluded"),
    [
        ("confirmed", True, False),
        ("refuted", False, True),
        ("entered-in-error", False, False),
        ("differential", False, False),
        ("provisional", False, False),
    ],
)
def test_verification(read: Any, status: str, observed: bool, excluded: bool) -> None:
    case = read(condition(hpo("HP:0001166"), verificationStatus=verification(status)))
    assert (case.observed, case.excluded) == (("HP:0001166",) * observed, ("HP:0001166",) * excluded)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, FindingStatus.OBSERVED),
        ({"valueBoolean": True}, FindingStatus.OBSERVED),
        ({"valueBoolean": False}, FindingStatus.EXCLUDED),
        ({"valueCodeableConcept": coded(SNOMED, "52101004")}, FindingStatus.OBSERVED),
        ({"valueCodeableConcept": coded(SNOMED, "2667000")}, FindingStatus.EXCLUDED),
        ({"valueString": "Absent"}, FindingStatus.EXCLUDED),
        ({"interpretation": judged("POS")}, FindingStatus.OBSERVED),
        ({"interpretation": judged("NEG")}, FindingStatus.EXCLUDED),
        ({"dataAbsentReason": {"coding": [{"code": "unknown"}]}}, None),
        ({"status": "entered-in-error"}, None),
    ],
)
def test_whether_what_an_observation_names_is_there(read: Any, fields: Any, status: FindingStatus | None) -> None:
    case = read(observation(hpo("HP:0001166")) | fields)
    assert [finding.status for finding in case.findings] == ([] if status is None else [status])


def test_a_finding_can_be_the_value(read: Any) -> None:
    case = read(observation(coded(SNOMED, "404684003", "Clinical finding"), valueCodeableConcept=hpo("HP:0001083")))
    assert case.observed == ("HP:0001083",)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"interpretation": judged("L")}, FindingStatus.OBSERVED),
        ({"interpretation": judged("N")}, FindingStatus.EXCLUDED),
        ({"valueQuantity": {"value": 90}, "referenceRange": [{"low": {"value": 150}}]}, FindingStatus.OBSERVED),
        (
            {"valueQuantity": {"value": 200}, "referenceRange": [{"low": {"value": 150}, "high": {"value": 400}}]},
            FindingStatus.EXCLUDED,
        ),
        ({"valueQuantity": {"value": 200}, "referenceRange": [{"low": {"value": 150}}]}, None),
        ({"valueQuantity": {"value": 90, "unit": "a"}, "referenceRange": [{"low": {"value": 150, "unit": "b"}}]}, None),
        ({"valueQuantity": {"value": 90}}, None),
        ({"interpretation": judged("H")}, None),  # thrombocytosis is not in this graph
    ],
)
def test_a_measurement_against_its_range(read: Any, fields: Any, status: FindingStatus | None) -> None:
    case = read(observation(PLATELETS, **fields))
    assert [(f.concept, f.status) for f in case.findings] == ([] if status is None else [(THROMBOCYTOPENIA, status)])


def test_a_result_that_nobody_judged_is_listed_once(read: Any) -> None:
    results = [observation(PLATELETS, valueQuantity={"value": value}) for value in (1, 2, 3)]
    assert read(*results).unresolved == ("Platelets (a result that is not judged)",)


def test_components_are_read_one_by_one(read: Any) -> None:
    parts = [{"code": PLATELETS, "interpretation": judged("L")}, {"code": hpo("HP:0001083"), "valueBoolean": False}]
    case = read(observation({"text": "Panel"}, component=parts))
    assert (case.observed, case.excluded, case.unresolved) == ((THROMBOCYTOPENIA,), ("HP:0001083",), ())


@pytest.mark.parametrize(("code", "pregnant"), [("77386006", True), ("60001007", False), ("261665006", None)])
def test_pregnancy(read: Any, code: str, pregnant: bool | None) -> None:
    case = read(observation(coded(LOINC, "82810-3"), valueCodeableConcept=coded(SNOMED, code)))
    assert case.pregnant is pregnant


def test_medicines(read: Any, names: dict[tuple[str, Category], Curie]) -> None:
    name, drug = next((name, curie) for (name, category), curie in names.items() if category is Category.DRUG)
    stored = {"resourceType": "Medication", "id": "m", "code": {"text": name}}
    case = read(
        stored,
        {"resourceType": "MedicationStatement", "status": "active", "medicationCodeableConcept": {"text": name},
         "dosage": [{"text": "5 mg daily"}]},
        {"resourceType": "MedicationRequest", "status": "completed",
         "medicationReference": {"reference": "Medication/m"}},
        {"resourceType": "MedicationRequest", "status": "active", "intent": "plan",
         "medicationCodeableConcept": {"text": name}},
        {"resourceType": "MedicationStatement", "status": "not-taken", "medicationCodeableConcept": {"text": name}},
        {"resourceType": "MedicationStatement", "status": "active", "medicationCodeableConcept": {"text": "xyz"}},
    )  # fmt: skip
    assert [(item.concept, item.use, item.dose) for item in case.medications] == [
        (drug, MedicationUse.CURRENT, "5 mg daily"),
        (drug, MedicationUse.PAST, None),
        (drug, MedicationUse.PROPOSED, None),
    ]
    assert case.unresolved == ("xyz",)


def test_allergies_and_family(read: Any, names: dict[tuple[str, Category], Curie]) -> None:
    name, drug = next((name, curie) for (name, category), curie in names.items() if category is Category.DRUG)
    case = read(
        {"resourceType": "AllergyIntolerance", "code": {"text": name},
         "reaction": [{"manifestation": [hpo("HP:0000964")]}]},
        {"resourceType": "AllergyIntolerance", "code": coded(SNOMED, "716186003", "No known allergy")},
        {"resourceType": "FamilyMemberHistory", "status": "completed", "relationship": {"text": "mother"},
         "condition": [{"code": hpo("HP:0002650")}, {"code": {"text": "unheard-of"}}]},
    )  # fmt: skip
    assert [(item.concept, item.reaction) for item in case.allergies] == [(drug, "HP:0000964")]
    assert [(item.concept, item.relative) for item in case.family] == [("HP:0002650", "mother")]
    assert case.observed == ()
    assert case.unresolved == ("mother: unheard-of",)


def test_a_bundle_in_a_bundle(read: Any) -> None:
    assert read(bundle(condition(hpo("HP:0001166")), patients=())).observed == ("HP:0001166",)


def test_a_patient_twice_under_one_identity_is_one(read: Any) -> None:
    assert read(condition(hpo("HP:0001166")), patients=(PATIENT, PATIENT)).id == "p1"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (bundle(patients=()), "has no Patient; add the patient"),
        (bundle(patients=(PATIENT, PATIENT | {"id": "p2"})), r"about 2 patients \(p1, p2\); give each a Bundle"),
        (PATIENT, "a FHIR Patient alone and no phenopacket; put the patient"),
        ({"resourceType": "Bundle"}, "has no Patient"),
        ({"resourceType": "Bundle", "entry": "x"}, "has no Patient"),
    ],
)
def test_what_is_no_bundle_of_one_patient_is_refused(snapshot: Snapshot, content: Any, reason: str) -> None:
    with pytest.raises(MalformedCase, match=reason) as caught:
        read_case_json(json.dumps(content).encode(), "b.json", snapshot)
    assert "\n" not in str(caught.value)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.just("HP:0001166"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["coding", "code", "system", "text", "value", "low", "reference", "reaction"]), inner
        )
    ),
    max_leaves=10,
)
FIELDS = ["code", "status", "valueQuantity", "valueCodeableConcept", "interpretation", "referenceRange", "onsetAge",
          "verificationStatus", "medicationCodeableConcept", "medicationReference", "dosage", "reaction", "condition",
          "relationship", "component", "birthDate", "id", "contained", "effectiveDateTime"]  # fmt: skip
KINDS = ["Condition", "Observation", "MedicationStatement", "MedicationRequest", "AllergyIntolerance",
         "FamilyMemberHistory", "Patient", "Bundle"]  # fmt: skip
RESOURCES = st.tuples(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5)).map(
    lambda pair: pair[1] | {"resourceType": pair[0]}
)


@given(resources=st.lists(RESOURCES, max_size=4))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_is_a_case_or_refused(snapshot: Snapshot, resources: list[dict[str, Any]]) -> None:
    try:
        case = read_case_json(json.dumps(bundle(*resources)).encode(), "b.json", snapshot)
    except MalformedCase:
        return
    assert all(snapshot.resolve(curie) == curie for curie in (*case.observed, *case.excluded))


def test_the_tables_are_well_formed() -> None:
    systems = code_tables()["systems"]
    assert len({uri.casefold().rstrip("/") for uri in systems}) == len(systems)
    assert all(row.low or row.high for row in laboratory_table().values())
    values = code_tables()["values"]
    assert not set(values["present"]) & set(values["absent"])
    pregnancy = code_tables()["pregnancy"]
    assert not set(pregnancy["yes"]) & set(pregnancy["no"])
