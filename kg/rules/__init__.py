"""Graph rules: what a case and the graph say against a diagnosis, a medicine or about the patient, as data."""

from .checker import CaseChecker, DiagnosisChecker
from .reading import read_all_rules, read_rules
from .rule import Correction, Rule, RuleResult, RuleSubject, Severity, Verdict
from .shacl import as_shacl

__all__ = [
    "CaseChecker",
    "Correction",
    "DiagnosisChecker",
    "Rule",
    "RuleResult",
    "RuleSubject",
    "Severity",
    "Verdict",
    "as_shacl",
    "read_all_rules",
    "read_rules",
]
