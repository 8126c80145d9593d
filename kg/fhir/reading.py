"""What is at hand while the resources of one bundle are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..case import Condition, Finding, FindingStatus, Origin
from ..concept import Category
from ..snapshot import Snapshot
from .codes import DISEASES, PHENOTYPES, CodeResolver, words_of
from .draft import Draft


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a resource needs: how codes resolve, the draft it fills, and the other resources by reference."""

    codes: CodeResolver
    draft: Draft
    references: Mapping[str, dict[str, Any]]
    born: date | None
    snapshot: Snapshot

    def add(self, concept: Any, status: FindingStatus, onset_years: float | None = None) -> None:
        """Add what a CodeableConcept means: a finding, a disease, or both where a code stands for both."""
        words = words_of(concept)
        found = self.codes.resolve(concept, PHENOTYPES | DISEASES)
        origin = Origin(words) if words else None
        for curie in found:
            if self.snapshot.category_at(self.snapshot.position(curie)) is Category.PHENOTYPE:
                self.draft.add_finding(Finding(curie, status, onset_years, origin))
            else:
                self.draft.add_condition(Condition(curie, status, onset_years, origin))
        if not found:
            self.draft.leave_out(f"no {words}" if words and status is FindingStatus.EXCLUDED else words)
