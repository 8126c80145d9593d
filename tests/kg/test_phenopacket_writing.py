"""Phenopackets that are written hold to the schema, read back as the same case, and keep what they were made from."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from phenopackets import Phenopacket

from kg import (
    Case,
    Condition,
    Finding,
    FindingStatus,
    Medication,
    Proposal,
    Sex,
    Snapshot,
    Stamp,
    packet_of,
    read_phenopacket,
)

STAMP = Stamp(datetime(2025, 3, 1, tzinfo=UTC), "clinigraph 0.1.0", "graph-1")
PROPOSALS = [Proposal("OMIM:154700", "Marfan syndrome", "Rank 1."), Proposal("ORPHA:60030", "Loeys-Dietz", "Rank 2.")]
FINDINGS = (
    Finding("HP:0001166", FindingStatus.OBSERVED, 2.5),
    Finding("HP:0001083", FindingStatus.OBSERVED, 10 / 365.25),
    Finding("HP:0001250", FindingStatus.EXCLUDED),
)


@pytest.fixture
def case(snapshot: Snapshot) -> Case:
    from kg import Category

    drug = next(snapshot.concepts(Category.DRUG))
    refuted = Condition("MONDO:0018954", FindingStatus.EXCLUDED)
    return Case("c1", FINDINGS, Sex.FEMALE, 4.5, conditions=(refuted,), medications=(Medication(drug),))


def parsed(packet: dict[str, Any]) -> Any:
    return ParseDict(packet, Phenopacket())


def test_it_holds_to_the_schema_and_reads_back(case: Case, snapshot: Snapshot) -> None:
    packet = packet_of(case, PROPOSALS, snapshot, STAMP)
    message = parsed(packet)
    assert [item.diagnosis.disease.id for item in message.interpretations] == ["OMIM:154700", "ORPHA:60030"]
    again = read_phenopacket(json.dumps(packet).encode(), "p", snapshot)
    assert (again.id, again.sex, again.observed, again.excluded) == (case.id, case.sex, case.observed, case.excluded)
    assert again.age_years == pytest.approx(4.5)
    assert [f.onset_years for f in again.findings] == [pytest.approx(2.5), pytest.approx(10 / 365.25), None]
    assert [item.concept for item in again.medications] == [item.concept for item in case.medications]
    assert again.conditions == case.conditions


def test_proposals_are_never_more_than_proposals(case: Case, snapshot: Snapshot) -> None:
    packet = packet_of(case, PROPOSALS, snapshot, STAMP)
    assert {item["progressStatus"] for item in packet["interpretations"]} == {"IN_PROGRESS"}
    assert "none is confirmed" in packet["metaData"]["updates"][-1]["comment"]
    assert "graph-1" in packet["metaData"]["updates"][-1]["comment"]


def test_vocabularies_are_named_with_their_release(case: Case, snapshot: Snapshot) -> None:
    resources = packet_of(case, PROPOSALS, snapshot, STAMP)["metaData"]["resources"]
    by_prefix = {item["namespacePrefix"]: item["version"] for item in resources}
    releases = {source["id"]: source["release"] for source in snapshot.sources}
    assert by_prefix["HP"] == releases["hpo"]
    assert {"OMIM", "ORPHA", "MONDO"} <= set(by_prefix)


def test_an_original_keeps_what_it_says(case: Case, snapshot: Snapshot) -> None:
    original = packet_of(case, [], snapshot, STAMP) | {
        "files": [{"uri": "file://x"}],
        "interpretations": [{"id": "lab", "progressStatus": "SOLVED"}],
    }
    once = packet_of(case, PROPOSALS, snapshot, STAMP, original)
    twice = packet_of(case, PROPOSALS[:1], snapshot, STAMP, once)
    assert twice["files"] == original["files"]
    assert [item["id"] for item in twice["interpretations"]] == ["lab", "clinigraph-1"]
    assert len(twice["metaData"]["updates"]) == 3
    assert original["interpretations"] == [{"id": "lab", "progressStatus": "SOLVED"}]
    parsed(twice)


def test_medicines_that_the_graph_does_not_have_are_listed(snapshot: Snapshot) -> None:
    packet = {
        "subject": {},
        "medicalActions": [
            {"treatment": {"agent": {"id": "X:1", "label": "no such drug"}}},
            {"treatment": {"agent": {"id": "HP:0001166", "label": "not a drug"}}},
            {"procedure": {}},
            {"treatment": ["odd"]},
        ],
    }
    case = read_phenopacket(json.dumps(packet).encode(), "p", snapshot)
    assert (case.medications, case.unresolved) == ((), ("X:1 no such drug", "HP:0001166 not a drug"))


def test_the_dose_of_a_medicine(case: Case, snapshot: Snapshot) -> None:
    packet = packet_of(case, [], snapshot, STAMP)
    quantity = {"value": 5, "unit": {"id": "UO:1", "label": "mg"}}
    packet["medicalActions"][0]["treatment"]["doseIntervals"] = [{"quantity": quantity}]
    again = read_phenopacket(json.dumps(packet).encode(), "p", snapshot)
    assert again.medications[0].dose == "5 mg"
