"""Patient cases from HL7 FHIR R4 bundles. Knows resources and codes; names are looked up by whoever calls."""

from .bundle import is_fhir, read_bundle
from .codes import FindName, system_uri

__all__ = ["FindName", "is_fhir", "read_bundle", "system_uri"]
