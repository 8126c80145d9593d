"""Numbers with units: what a measured value says about a patient, by the ranges of the text or of a table."""

from .finder import Measured, MeasurementFinder
from .table import Analyte, Growth, MeasurementTable, Patient, read_table

__all__ = ["Analyte", "Growth", "Measured", "MeasurementFinder", "MeasurementTable", "Patient", "read_table"]
