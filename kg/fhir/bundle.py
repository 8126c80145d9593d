"""A FHIR R4 Bundle about one patient becomes a case."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from ..case import Case
from ..errors import MalformedCase
from ..fact import Sex
from ..snapshot import Snapshot
from .codes import CodeResolver, FindName
from .draft import Draft
from .json_values import date_of, object_of, objects_of, text_of, years_between
from .reading import Reading
from .resources import READERS

_SEXES = {"female": Sex.FEMALE, "male": Sex.MALE, "other": Sex.OTHER}
_DATES = ("effectiveDateTime", "issued", "recordedDate", "authoredOn", "dateAsserted", "date", "deceasedDateTime")
_MAX_DEPTH = 5  # of bundles in bundles


def is_fhir(content: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a FHIR resource."""
    return isinstance(content.get("resourceType"), str)


def read_bundle(content: Mapping[str, Any], name: str, snapshot: Snapshot, find_name: FindName | None = None) -> Case:
    """The case that a bundle describes, its codes resolved to concepts of the graph.

    Codes are found by identity or cross-reference, else by their words through ``find_name``; what cannot be found is
    listed in ``unresolved``. What is only suspected (``provisional``, ``differential``) is no finding. An observation
    with a ``dataAbsentReason`` says nothing. The age is that on the latest date of the record, else that of today.

    Raises:
        MalformedCase: it is no Bundle, or has no patient or more than one.
    """
    kind = text_of(content.get("resourceType"))
    if kind != "Bundle":
        raise MalformedCase(
            name,
            f"it is a FHIR {kind or 'resource'} alone and no phenopacket; "
            "put the patient and the resources about them into one Bundle.",
        )
    entries = list(_entries(content, _MAX_DEPTH))
    patient = _patient(entries, name)
    born = date_of(patient.get("birthDate"))
    known = [found for _, resource in entries for field in _DATES if (found := date_of(resource.get(field)))]
    latest = max((*known, *filter(None, [date_of(content.get("timestamp"))])), default=None)
    references = {**{url: item for url, item in entries if url}, **_by_identity(item for _, item in entries)}
    draft = Draft()
    reading = Reading(CodeResolver(snapshot, find_name), draft, references, born, snapshot)
    for _, resource in entries:
        if (read := READERS.get(text_of(resource.get("resourceType")))) is not None:
            read(reading, resource)
    identity = text_of(content.get("id")) or text_of(patient.get("id")) or name
    sex = _SEXES.get(text_of(patient.get("gender")).casefold(), Sex.UNKNOWN)
    age = draft.age_years if draft.age_years is not None else years_between(born, latest or date.today())
    return draft.case(identity, sex, age)


def _entries(bundle: Mapping[str, Any], depth: int) -> Iterable[tuple[str, dict[str, Any]]]:
    for entry in objects_of(bundle, "entry"):
        resource = object_of(entry.get("resource"))
        if resource.get("resourceType") == "Bundle" and depth:
            yield from _entries(resource, depth - 1)
        elif resource:
            yield text_of(entry.get("fullUrl")), resource


def _patient(entries: Iterable[tuple[str, dict[str, Any]]], name: str) -> dict[str, Any]:
    """The one patient; a patient who is there twice under one identity counts once."""
    patients: dict[str, dict[str, Any]] = {}
    for place, (url, resource) in enumerate(entries):
        if resource.get("resourceType") == "Patient":
            patients.setdefault(text_of(resource.get("id")) or url or f"#{place}", resource)
    if not patients:
        raise MalformedCase(name, "the Bundle has no Patient; add the patient whom it is about.")
    if len(patients) > 1:
        named = ", ".join(sorted(patients)[:3])
        raise MalformedCase(
            name, f"the Bundle is about {len(patients)} patients ({named}); give each a Bundle of their own."
        )
    return next(iter(patients.values()))


def _by_identity(resources: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {f"{text_of(item.get('resourceType'))}/{text_of(item.get('id'))}": item for item in resources}
