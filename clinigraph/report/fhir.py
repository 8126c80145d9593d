"""A report as a FHIR R4 document: a Bundle with a Composition and the resources that it is about."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

from kg import prefix_of, system_uri

from .fhir_resources import Resource, patient_resources
from .record import CandidateRecord, ReportRecord, VerdictRecord
from .wording import patient_line, percent

_NAMESPACE = uuid.UUID("6f1c6e0e-6f0b-5b6e-9d61-3c7c0d7f2b52")
_HL7 = "http://terminology.hl7.org/CodeSystem"
_SEVERITIES = {"urgent": "high", "major": "high", "minor": "moderate"}
_XHTML = "http://www.w3.org/1999/xhtml"


def fhir_bundle(report: ReportRecord) -> dict[str, Any]:
    """The document. Candidates are Conditions of verification status ``differential``; none is ever confirmed.

    Identifiers follow from the content, so that the same report gives the same bundle.
    """
    builder = _Builder(report)
    return builder.bundle()


class _Builder:
    """Collects the entries of one document."""

    def __init__(self, report: ReportRecord) -> None:
        self._report = report
        self._entries: list[dict[str, Any]] = []
        self._seed = f"{report.patient.id}|{report.made}|{report.kg_version}"

    def bundle(self) -> dict[str, Any]:
        report = self._report
        patient = self._add("patient", {"resourceType": "Patient", "gender": _gender(report.patient.sex)})
        device = self._add("device", _device(report))
        sections: dict[str, list[str]] = {name: [] for name in ("case", "diagnoses", "checks")}
        findings: dict[tuple[str, str], str] = {}
        for n, (key, resource) in enumerate(patient_resources(report.patient, patient, _concept)):
            reference = self._add(f"case-{n}", resource)
            sections["case"].append(reference)
            findings[key] = reference
        conditions = [self._condition(item, patient, findings) for item in report.candidates]
        sections["diagnoses"] += conditions
        if report.candidates:
            sections["diagnoses"].append(self._add("risk", self._risk(patient, device)))
        for n, (verdict, about) in enumerate(self._issues(conditions)):
            sections["checks"].append(self._add(f"issue-{n}", _issue(verdict, about, patient, report.made)))
        composition = self._composition(patient, device, sections)
        url = self._url("composition")
        entries = [{"fullUrl": url, "resource": {"id": url.removeprefix("urn:uuid:")} | composition}, *self._entries]
        return {
            "resourceType": "Bundle",
            "id": str(uuid.uuid5(_NAMESPACE, self._seed)),
            "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid.uuid5(_NAMESPACE, self._seed)}"},
            "type": "document",
            "timestamp": report.made,
            "entry": entries,
        }

    def _url(self, name: str) -> str:
        return f"urn:uuid:{uuid.uuid5(_NAMESPACE, f'{self._seed}|{name}')}"

    def _add(self, name: str, resource: Resource) -> str:
        """Add a resource; returns what other resources refer to it by."""
        url = self._url(name)
        self._entries.append({"fullUrl": url, "resource": {"id": url.removeprefix("urn:uuid:")} | resource})
        return url

    def _condition(self, item: CandidateRecord, patient: str, findings: dict[tuple[str, str], str]) -> str:
        support = [
            {"reference": findings[key]}
            for found in item.findings
            if found.bearing == "for" and (key := (found.id, found.status)) in findings
        ]
        notes = [f"Rank {item.rank} of {self._report.compared}, probability {percent(item.probability)}."]
        notes += [f"{verdict.verdict}: {verdict.message}" for verdict in item.verdicts if verdict.verdict == "violated"]
        resource: Resource = {
            "resourceType": "Condition",
            "clinicalStatus": _coded("condition-clinical", "active"),
            "verificationStatus": _coded("condition-ver-status", "differential"),
            "category": [_coded("condition-category", "encounter-diagnosis")],
            "code": _concept((item.id, *item.equivalents), item.label),
            "subject": {"reference": patient},
            "recordedDate": self._report.made,
            "note": [{"text": text} for text in notes],
        }
        if support:
            resource["evidence"] = [{"detail": support}]
        return self._add(f"condition-{item.rank}", resource)

    def _risk(self, patient: str, device: str) -> Resource:
        return {
            "resourceType": "RiskAssessment",
            "status": "preliminary",
            "subject": {"reference": patient},
            "occurrenceDateTime": self._report.made,
            "performer": {"reference": device},
            "method": {"text": f"likelihoods over {self._report.compared} diseases of {self._report.kg_version}"},
            "prediction": [
                {
                    "outcome": _concept((item.id, *item.equivalents), item.label),
                    "probabilityDecimal": round(item.probability, 6),
                }
                for item in self._report.candidates
            ],
            "note": [{"text": self._report.limits[0]}],
        }

    def _issues(self, conditions: Sequence[str]) -> Iterator[tuple[VerdictRecord, str | None]]:
        """Violated rules with the condition that they are about, and all of the case that are not fulfilled."""
        for verdict in self._report.case_verdicts:
            if verdict.verdict in ("violated", "unknown"):
                yield verdict, None
        for item, reference in zip(self._report.candidates, conditions, strict=True):
            yield from ((verdict, reference) for verdict in item.verdicts if verdict.verdict == "violated")

    def _composition(self, patient: str, device: str, sections: dict[str, list[str]]) -> Resource:
        report = self._report
        listed = [
            _section("Limits of use", report.limits, []),
            _section("Patient", [patient_line(report.patient)], sections["case"]),
            _section("Diagnoses proposed", [_line(item) for item in report.candidates], sections["diagnoses"]),
            _section("Rules", list(_rule_lines(report)), sections["checks"]),
            _section("Missing", report.requests, []),
            _section("To find out next", [f"{item.question} {item.reason}" for item in report.questions], []),
            _section("Please note", report.notices, []),
            _section("Sources", [f"{item.title} {item.release}. {item.citation}" for item in report.sources], []),
        ]
        return {
            "resourceType": "Composition",
            "status": "preliminary",
            "type": {"coding": [{"system": "http://loinc.org", "code": "51848-0", "display": "Evaluation note"}]},
            "subject": {"reference": patient},
            "date": report.made,
            "author": [{"reference": device}],
            "title": f"Differential diagnosis (graph {report.kg_version})",
            "section": [section for section in listed if section is not None],
        }


def _device(report: ReportRecord) -> Resource:
    name, _, version = report.program.partition(" ")
    return {
        "resourceType": "Device",
        "deviceName": [{"name": name, "type": "model-name"}],
        "version": [{"value": version or "unknown"}, {"type": {"text": "graph"}, "value": report.kg_version}],
        "note": [{"text": f"Language model: {report.model}"}],
    }


def _gender(sex: str) -> str:
    return {"FEMALE": "female", "MALE": "male", "OTHER_SEX": "other"}.get(sex, "unknown")


def _coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": f"{_HL7}/{system}", "code": code}]}


def _concept(curies: Iterable[str], label: str) -> dict[str, Any]:
    """A CodeableConcept with each identifier whose system FHIR knows, the first of each system."""
    codings: dict[str, dict[str, str]] = {}
    for curie in curies:
        prefix = prefix_of(curie)
        system = system_uri(prefix)
        if system is not None and system not in codings:
            code = curie if prefix in ("HP", "MONDO", "CHEBI") else curie.partition(":")[2]
            codings[system] = {"system": system, "code": code, "display": label}
    return ({"coding": list(codings.values())} if codings else {}) | {"text": label}


def _issue(verdict: VerdictRecord, about: str | None, patient: str, made: str) -> Resource:
    resource: Resource = {
        "resourceType": "DetectedIssue",
        "status": "preliminary",
        "code": {"text": f"{verdict.id}: {verdict.verdict}"},
        "severity": _SEVERITIES.get(verdict.severity, "low"),
        "patient": {"reference": patient},
        "identifiedDateTime": made,
        "detail": f"{verdict.about}: {verdict.message}" if verdict.about else verdict.message,
    }
    return resource | ({"implicated": [{"reference": about}]} if about is not None else {})


def _line(item: CandidateRecord) -> str:
    return f"{item.rank}. {item.label} ({item.id}), {percent(item.probability)}"


def _rule_lines(report: ReportRecord) -> Iterator[str]:
    """Every verdict, so that a reader of the narrative sees what could not be checked."""
    for verdict in report.case_verdicts:
        if verdict.verdict != "not applicable":
            yield f"{verdict.about or 'patient'}, {verdict.verdict}: {verdict.message}"
    for item in report.candidates:
        for verdict in item.verdicts:
            if verdict.verdict != "not applicable":
                yield f"{item.label}, {verdict.verdict}: {verdict.message}"


def _section(title: str, lines: Sequence[str], entries: Sequence[str]) -> dict[str, Any] | None:
    """A section with its narrative; ``None`` where there is nothing to say."""
    if not lines and not entries:
        return None
    items = "".join(f"<li>{escape(_printable(line))}</li>" for line in lines)
    section: dict[str, Any] = {
        "title": title,
        "text": {"status": "generated", "div": f'<div xmlns="{_XHTML}"><ul>{items or "<li>none</li>"}</ul></div>'},
    }
    return section | ({"entry": [{"reference": reference} for reference in entries]} if entries else {})


def _printable(text: str) -> str:
    return "".join(character if character >= " " else " " for character in text)
