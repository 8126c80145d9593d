"""A case with the diagnoses proposed for it as a GA4GH phenopacket v2."""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .case import Case, Finding, FindingStatus, Medication
from .concept import Curie, prefix_of
from .snapshot import Snapshot

_SCHEMA = "2.0"
_PER_YEAR = 12 * 30.4375  # days; months are the finest unit of an age that is told in years

# Prefix -> name, page, IRI prefix, and the source of the graph whose release is that of the vocabulary.
_RESOURCES: Mapping[str, tuple[str, str, str, str]] = {
    "HP": ("Human Phenotype Ontology", "https://hpo.jax.org", "http://purl.obolibrary.org/obo/HP_", "hpo"),
    "MONDO": ("Mondo Disease Ontology", "https://mondo.monarchinitiative.org", "http://purl.obolibrary.org/obo/MONDO_",
              "mondo"),
    "OMIM": ("Online Mendelian Inheritance in Man", "https://omim.org", "https://omim.org/entry/", "hpoa"),
    "ORPHA": ("Orphanet", "https://www.orpha.net", "http://www.orpha.net/ORDO/Orphanet_", "hpoa"),
    "DECIPHER": ("DECIPHER", "https://www.deciphergenomics.org", "https://www.deciphergenomics.org/syndrome/", "hpoa"),
    "DRUGBANK": ("DrugBank", "https://go.drugbank.com", "https://go.drugbank.com/drugs/", "drugs"),
    "CHEBI": ("Chemical Entities of Biological Interest", "https://www.ebi.ac.uk/chebi",
              "http://purl.obolibrary.org/obo/CHEBI_", "chebi"),
    "MESH": ("Medical Subject Headings", "https://www.nlm.nih.gov/mesh", "http://id.nlm.nih.gov/mesh/", "mesh"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposal:
    """A diagnosis that is proposed, with what is to be said of it in a sentence."""

    id: Curie
    label: str
    summary: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a record was made, by which program, and from which graph."""

    made: datetime
    program: str
    kg_version: str

    @property
    def time(self) -> str:
        """The time as RFC 3339 writes it, to the second."""
        return self.made.isoformat(timespec="seconds").replace("+00:00", "Z")


def packet_of(
    case: Case,
    proposals: Sequence[Proposal],
    snapshot: Snapshot,
    stamp: Stamp,
    original: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The phenopacket of a case, each proposal as an interpretation in progress.

    ``original`` is the phenopacket that the case was read from: what it says stays, proposals of an earlier run of this
    program are replaced.
    """
    packet: dict[str, Any] = copy.deepcopy(dict(original)) if original is not None else _new(case, snapshot)
    kept = [item for item in _list(packet, "interpretations") if not _is_ours(item, stamp)]
    packet["interpretations"] = kept + [_interpretation(n, item, stamp) for n, item in enumerate(proposals, start=1)]
    meta = packet.setdefault("metaData", {})
    update = {
        "timestamp": stamp.time,
        "updatedBy": stamp.program,
        "comment": f"{len(proposals)} diagnoses proposed from knowledge graph {stamp.kg_version}; none is confirmed.",
    }
    if original is None:
        meta |= {"created": stamp.time, "createdBy": stamp.program, "phenopacketSchemaVersion": _SCHEMA}
    meta["updates"] = [*_list(meta, "updates"), update]
    known = {item.get("namespacePrefix") for item in _list(meta, "resources")}
    meta["resources"] = _list(meta, "resources") + [
        item for item in _resources(packet, snapshot) if item["namespacePrefix"] not in known
    ]
    return packet


def _list(value: Mapping[str, Any], field: str) -> list[dict[str, Any]]:
    items = value.get(field)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _is_ours(item: Mapping[str, Any], stamp: Stamp) -> bool:
    return str(item.get("id", "")).startswith(f"{stamp.program.split()[0]}-")


def _new(case: Case, snapshot: Snapshot) -> dict[str, Any]:
    subject: dict[str, Any] = {"id": case.id, "sex": case.sex.value}
    if case.age_years is not None:
        subject["timeAtLastEncounter"] = _time(case.age_years)
    packet: dict[str, Any] = {
        "id": case.id,
        "subject": subject,
        "phenotypicFeatures": [_feature(finding, snapshot) for finding in case.findings],
    }
    diseases = [
        {"term": _term(item.concept, snapshot)} | ({"excluded": True} if item.status is FindingStatus.EXCLUDED else {})
        for item in case.conditions
    ]
    actions = [_action(item, snapshot) for item in case.medications]
    return packet | ({"diseases": diseases} if diseases else {}) | ({"medicalActions": actions} if actions else {})


def _feature(finding: Finding, snapshot: Snapshot) -> dict[str, Any]:
    feature: dict[str, Any] = {"type": _term(finding.concept, snapshot)}
    if finding.status is FindingStatus.EXCLUDED:
        feature["excluded"] = True
    if finding.onset_years is not None and finding.onset_years >= 0:
        feature["onset"] = _time(finding.onset_years)
    return feature


def _action(medication: Medication, snapshot: Snapshot) -> dict[str, Any]:
    return {"treatment": {"agent": _term(medication.concept, snapshot)}}


def _term(curie: Curie, snapshot: Snapshot) -> dict[str, str]:
    return {"id": curie, "label": snapshot.label(curie)}


def _time(years: float) -> dict[str, Any]:
    """A GA4GH TimeElement to the day below two months, else to the month."""
    months = round(years * 12)
    if years * 12 < 2:
        text = f"P{round(years * _PER_YEAR)}D"
    else:
        whole, rest = divmod(months, 12)
        text = "P" + (f"{whole}Y" if whole else "") + (f"{rest}M" if rest else "")
    return {"age": {"iso8601duration": text}}


def _interpretation(n: int, proposal: Proposal, stamp: Stamp) -> dict[str, Any]:
    return {
        "id": f"{stamp.program.split()[0]}-{n}",
        "progressStatus": "IN_PROGRESS",
        "diagnosis": {"disease": {"id": proposal.id, "label": proposal.label}},
        "summary": proposal.summary,
    }


def _resources(packet: Mapping[str, Any], snapshot: Snapshot) -> Iterator[dict[str, str]]:
    """The vocabularies that a packet uses, with the releases in the graph."""
    releases = {str(source["id"]): str(source["release"]) for source in snapshot.sources}
    used = sorted({prefix_of(curie) for curie in _identifiers(packet)} & set(_RESOURCES))
    for prefix in used:
        name, page, iri, source = _RESOURCES[prefix]
        yield {
            "id": prefix.lower(),
            "name": name,
            "url": page,
            "version": releases.get(source, "unknown"),
            "namespacePrefix": prefix,
            "iriPrefix": iri,
        }


def _identifiers(value: object) -> Iterable[str]:
    if isinstance(value, dict):
        if isinstance(value.get("id"), str) and ":" in value["id"]:
            yield value["id"]
        for item in value.values():
            yield from _identifiers(item)
    elif isinstance(value, list):
        for item in value:
            yield from _identifiers(item)
