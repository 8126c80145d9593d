"""Phenopackets become cases: nothing is guessed, nothing disappears silently, nothing odd ends in a traceback."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import Case, FindingStatus, MalformedCase, Sex, Snapshot, read_phenopacket


def feature(curie: str, label: str = "", **fields: Any) -> dict[str, Any]:
    return {"type": {"id": curie, "label": label}, **fields}


PACKET: dict[str, Any] = {
    "id": "PMID_300_patient_1",
    "subject": {"id": "patient 1", "sex": "MALE", "timeAtLastEncounter": {"age": {"iso8601duration": "P4Y6M"}}},
    "phenotypicFeatures": [
        feature("HP:0001166", "Arachnodactyly", onset={"age": {"iso8601duration": "P2Y"}}),
        feature("HP:0001249", "Intellectual disability", excluded=True),
        feature("HP:0006000", "obsolete Spider-like fingers"),
        feature("HP:0040000", "obsolete Abnormal habit"),
        feature("HP:7777777", "No such finding"),
    ],
    "diseases": [{"term": {"id": "OMIM:154700"}, "onset": {"ontologyClass": {"id": "HP:0011463"}}}],
    "interpretations": [{"id": "1", "diagnosis": {"disease": {"id": "OMIM:154700"}}}],
    "metaData": {"externalReferences": [{"id": "PMID:100", "description": "a report"}, {"id": "DOI:1"}]},
}


def case_of(snapshot: Snapshot, packet: object, name: str = "case.json") -> Case:
    return read_phenopacket(json.dumps(packet).encode(), name, snapshot)


def changed(**fields: Any) -> dict[str, Any]:
    return PACKET | fields


def test_findings_follow_replacements_and_keep_their_status(snapshot: Snapshot) -> None:
    case = case_of(snapshot, PACKET)
    assert case.observed == ("HP:0001166",)  # twice: once by its own, once by its obsolete identifier
    assert case.excluded == ("HP:0001249",)
    assert [finding.onset_years for finding in case.findings] == [2.0, None, None]
    assert case.findings[1].status is FindingStatus.EXCLUDED


def test_unknown_terms_are_listed(snapshot: Snapshot) -> None:
    unresolved = case_of(snapshot, PACKET).unresolved
    assert unresolved == ("HP:0040000 obsolete Abnormal habit", "HP:7777777 No such finding")


def test_the_patient(snapshot: Snapshot) -> None:
    case = case_of(snapshot, PACKET)
    assert (case.id, case.sex, case.age_years, case.onset_years) == ("PMID_300_patient_1", Sex.MALE, 4.5, 1.0)
    assert case.publications == ("PMID:300", "PMID:100")
    assert case.genes == ()


def test_the_diagnosis_of_the_packet_is_not_read(snapshot: Snapshot) -> None:
    assert "154700" not in repr(case_of(snapshot, PACKET))


@pytest.mark.parametrize(
    ("element", "years"),
    [
        ({"age": {"iso8601duration": "P1Y"}}, 1.0),
        ({"age": {"iso8601duration": "P18M"}}, 1.5),
        ({"age": {"iso8601duration": "P2W"}}, 14 / 365.25),
        ({"age": {"iso8601duration": "P0D"}}, 0.0),
        ({"age": {"iso8601duration": "P1Y2M3DT4H"}}, 1 + 2 / 12 + 3 / 365.25),
        ({"ageRange": {"start": {"iso8601duration": "P3Y"}, "end": {"iso8601duration": "P5Y"}}}, 3.0),
        ({"ontologyClass": {"id": "HP:0003577", "label": "Congenital onset"}}, 0.0),
        ({"ontologyClass": {"id": "HP:0003581"}}, 16.0),
        ({"ontologyClass": {"id": "HP:0001250"}}, None),
        ({"age": {"iso8601duration": "P"}}, None),
        ({"age": {"iso8601duration": "four"}}, None),
        ({"gestationalAge": {"weeks": 30}}, None),
        ({"age": "P4Y"}, None),
        ({"ageRange": ["P4Y"]}, None),
        ("P4Y", None),
        (None, None),
    ],
)
def test_ages(snapshot: Snapshot, element: object, years: float | None) -> None:
    case = case_of(snapshot, changed(subject={"timeAtLastEncounter": element}))
    assert case.age_years == (None if years is None else pytest.approx(years))


@pytest.mark.parametrize(
    ("stated", "sex"),
    [
        ("FEMALE", Sex.FEMALE),
        ("OTHER_SEX", Sex.OTHER),
        ("UNKNOWN_SEX", Sex.UNKNOWN),
        ("?", Sex.UNKNOWN),
        (2, Sex.UNKNOWN),
    ],
)
def test_sex(snapshot: Snapshot, stated: object, sex: Sex) -> None:
    assert case_of(snapshot, changed(subject={"sex": stated})).sex is sex


def test_a_packet_without_an_identifier_is_called_by_its_file(snapshot: Snapshot) -> None:
    assert case_of(snapshot, {"subject": {}, "phenotypicFeatures": []}, "p7.json").id == "p7.json"


def test_a_byte_order_mark_is_left_out(snapshot: Snapshot) -> None:
    content = b"\xef\xbb\xbf" + json.dumps(PACKET).encode()
    assert read_phenopacket(content, "x", snapshot).observed == ("HP:0001166",)


def test_text_that_cannot_be_written_as_utf8_is_replaced(snapshot: Snapshot) -> None:
    content = (
        rb'{"id": "a\ud800", "subject": {}, "phenotypicFeatures": [{"type": {"id": "HP:\udfff", "label": "\ud83d"}}]}'
    )
    case = read_phenopacket(content, "x", snapshot)
    assert (case.id, case.unresolved) == ("a?", ("HP:? ?",))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (json.dumps(PACKET).encode()[:-40], "cut short"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"id": "\xe9"}', "not UTF-8"),
        (b"[1, 2]", "no phenopacket"),
        (b'"text"', "no phenopacket"),
        (b'{"resourceType": "Patient"}', "no phenopacket"),
        (b'{"subject": ["x"]}', "subject"),
        (b'{"subject": {}, "phenotypicFeatures": {"type": 1}}', "phenotypicFeatures"),
        (b'{"subject": {}, "phenotypicFeatures": ["HP:0001166"]}', "phenotypicFeatures"),
        (b'{"subject": {}, "diseases": "OMIM:154700"}', "diseases"),
        (b'{"subject": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested"),
        (b'{"subject": {"age": ' + b"9" * 5_000 + b"}}", "not JSON"),
    ],
)
def test_what_is_no_phenopacket_is_refused_in_one_sentence(snapshot: Snapshot, content: bytes, reason: str) -> None:
    with pytest.raises(MalformedCase, match=reason) as caught:
        read_phenopacket(content, "case.json", snapshot)
    assert str(caught.value).startswith("case.json cannot be read as a case")
    assert "\n" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("HP:0001166"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "type", "onset", "age", "ageRange", "start", "ontologyClass", "externalReferences", "sex"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
PACKETS = st.fixed_dictionaries(
    {"subject": JSON},
    optional={
        "id": JSON,
        "phenotypicFeatures": JSON | st.lists(st.dictionaries(st.sampled_from(["type", "onset"]), JSON)),
        "metaData": JSON,
        "diseases": JSON,
    },
)


@given(packet=PACKETS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_is_a_case_or_refused(snapshot: Snapshot, packet: dict[str, Any]) -> None:
    try:
        case = case_of(snapshot, packet)
    except MalformedCase:
        return
    assert case.id
    assert all(snapshot.resolve(curie) == curie for curie in (*case.observed, *case.excluded))
