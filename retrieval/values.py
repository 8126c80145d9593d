"""Findings that a text tells by numbers: a value beyond its range, or within it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from kg import Category, Sex

from .ages import find_patient
from .assertion import AssertionReader, Status
from .doc_data import PATIENT_KEY
from .linker import ConceptLinker, Link
from .measurements import MeasurementFinder, Patient

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

Judged = tuple[Link, Status]

MEASURED_SCORE = 0.9
_HEAD_CHARACTERS = 20_000
"""Where age and sex of the patient are looked for."""


class ValueReader:
    """Reads measured values into findings: present where a value is beyond its range, absent where it lies within."""

    def __init__(self, vocab: "Vocab", linker: ConceptLinker, assertion: AssertionReader) -> None:
        self._finder = MeasurementFinder(vocab)
        self._lexicon = linker.lexicon
        self._assertion = assertion

    def read(self, doc: "Doc") -> list[Judged]:
        """The findings that values tell, with what the text around says about them."""
        found = self._finder.find(doc, lambda: patient_of(doc))
        if not found:
            return []
        statuses = self._assertion.statuses(doc, [(item.start, item.stop) for item in found])
        judged = []
        for item, status in zip(found, statuses, strict=True):
            concept = self._lexicon.concept(item.finding)
            if concept is not None:
                place = item.start, item.stop
                label = self._lexicon.label(concept)
                length = item.stop - item.start
                link = Link(*place, item.finding, label, Category.PHENOTYPE, MEASURED_SCORE, length, place)
                judged.append((link, replace(status, negated=item.absent)))
        return judged


def patient_of(doc: "Doc") -> Patient:
    """Age and sex of the patient: of the whole text where ``doc`` is a part of it, else as ``doc`` tells them."""
    known = doc.user_data.get(PATIENT_KEY)
    if known is not None:
        return Patient(known[0], Sex(known[1]))
    return Patient(*find_patient(doc.text[:_HEAD_CHARACTERS]))
