"""The tables of ``case_words.toml``: sections, cues of medicines and allergies, doses and pregnancy."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

from kg import MedicationUse

from .cues import Cue, Direction
from .normalise import words_of


class SectionKind(StrEnum):
    """What stands under a heading."""

    MEDICINES = "medicines"
    PAST_MEDICINES = "past_medicines"
    PROPOSED_MEDICINES = "proposed_medicines"
    ALLERGIES = "allergies"
    PROBLEMS = "problems"


USE_OF_SECTION = {
    SectionKind.MEDICINES: MedicationUse.CURRENT,
    SectionKind.PAST_MEDICINES: MedicationUse.PAST,
    SectionKind.PROPOSED_MEDICINES: MedicationUse.PROPOSED,
}

Words = tuple[str, ...]


@dataclass(frozen=True)
class CaseWords:
    """The tables, read once, and the patterns made of them."""

    tables: Mapping[str, Any]

    @cached_property
    def headings(self) -> Mapping[Words, Cue]:
        """Headings as `find_sections` wants them; the one effect is a `SectionKind`."""
        return {
            tuple(words_of(heading)): Cue(tuple(words_of(heading)), frozenset({kind.value}), Direction.HEADER)
            for kind in SectionKind
            for heading in self.tables["sections"][kind.value]
        }

    @cached_property
    def before_medicine(self) -> Mapping[Words, MedicationUse]:
        """Words before a medicine."""
        rows = self.tables["medicine"]
        return {tuple(words_of(words)): use for use in MedicationUse for words in rows[use.value]}

    @cached_property
    def after_medicine(self) -> Mapping[Words, MedicationUse]:
        """Words behind a medicine."""
        rows = self.tables["medicine"]
        uses = (MedicationUse.PAST, MedicationUse.PROPOSED)
        return {tuple(words_of(words)): use for use in uses for words in rows[f"{use.value}_after"]}

    @cached_property
    def before_allergen(self) -> frozenset[Words]:
        """Words before a substance that is not tolerated."""
        return frozenset(tuple(words_of(words)) for words in self.tables["allergy"]["before"])

    @cached_property
    def after_allergen(self) -> frozenset[Words]:
        """Words directly behind one."""
        return frozenset(tuple(words_of(words)) for words in self.tables["allergy"]["after"])

    @cached_property
    def dose(self) -> re.Pattern[str]:
        """An amount with its unit and frequency, or a frequency alone."""
        return re.compile(rf"{self._amount}(?:[\s,]+(?:{self._times})\b\.?)*|{self._often}", re.IGNORECASE)

    @cached_property
    def amount_before(self) -> re.Pattern[str]:
        """An amount that ends where the name of a medicine begins: "500 mg of"."""
        return re.compile(rf"{self._amount}\s+(?:of\s+)?(?:oral\s+|iv\s+|intravenous\s+|inhaled\s+)?$", re.IGNORECASE)

    @cached_property
    def _amount(self) -> str:
        dose = self.tables["dose"]
        units, per = "|".join(dose["units"]), "|".join(dose["per"])
        number = r"\d+(?:[.,]\d+)*(?:\s*[-–/]\s*\d+(?:[.,]\d+)?)?"
        return rf"{number}\s*(?:{units})(?![a-z])(?:\s*/\s*(?:{per})(?![a-z]))*"

    @cached_property
    def _times(self) -> str:
        return "|".join(self.tables["dose"]["times"])

    @property
    def _often(self) -> str:
        return (
            r"(?:once|twice|three times|four times)\s+(?:daily|weekly|a\s+day|a\s+week|per\s+day|monthly)\b"
            r"|\b(?:daily|weekly|nightly|bd|bid|tds|tid|qds|qid|prn|nocte|od)\b"
        )

    @cached_property
    def pregnant(self) -> tuple[re.Pattern[str], ...]:
        """What says that the patient is pregnant."""
        return tuple(re.compile(pattern, re.IGNORECASE) for pattern in self.tables["pregnancy"]["yes"])

    @cached_property
    def not_pregnant(self) -> tuple[re.Pattern[str], ...]:
        """What says that she is not."""
        return tuple(re.compile(pattern, re.IGNORECASE) for pattern in self.tables["pregnancy"]["no"])

    @cached_property
    def other_pregnancy(self) -> frozenset[str]:
        """Words before it that make a pregnancy another one."""
        return frozenset(self.tables["pregnancy"]["not_now"])

    @cached_property
    def weeks(self) -> re.Pattern[str]:
        """Weeks of gestation."""
        return re.compile(self.tables["pregnancy"]["weeks"], re.IGNORECASE)


@lru_cache(maxsize=1)
def case_words() -> CaseWords:
    """The tables that ship."""
    return CaseWords(tomllib.loads(files("retrieval").joinpath("case_words.toml").read_text("utf-8")))
