"""Reports of a differential: one content, written as HTML, PDF, Markdown, JSON, FHIR R4 and phenopacket."""

from .changes import changes_since
from .content import Extras, report_record
from .formats import ReportFormat, format_of, render, write_reports
from .record import ReportRecord

__all__ = [
    "Extras",
    "ReportFormat",
    "ReportRecord",
    "changes_since",
    "format_of",
    "render",
    "report_record",
    "write_reports",
]
