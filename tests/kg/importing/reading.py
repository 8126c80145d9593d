"""Reading a small import in a test."""

from pathlib import Path
from typing import Any

from kg import Concept, Description, Fact, Match, Record, Rejections
from kg.importing import Format, ImportRequest, read_import

SMALL = Path(__file__).parents[2] / "small_imports"


class Read:
    """What an import yielded and what it rejected."""

    def __init__(self, format: Format, *paths: Path, **options: Any) -> None:
        self.rejections = Rejections()
        request = ImportRequest("mine", "1", paths, format, **options)
        self.records: list[Record] = list(read_import(request, self.rejections))

    @property
    def concepts(self) -> dict[str, Concept]:
        """Concepts by identifier, the first of each."""
        return {concept.curie: concept for concept in reversed(self.every_concept)}

    @property
    def every_concept(self) -> list[Concept]:
        return [record for record in self.records if isinstance(record, Concept)]

    @property
    def facts(self) -> list[Fact]:
        return [record for record in self.records if isinstance(record, Fact)]

    @property
    def matches(self) -> list[Match]:
        return [record for record in self.records if isinstance(record, Match)]

    @property
    def descriptions(self) -> list[Description]:
        return [record for record in self.records if isinstance(record, Description)]

    @property
    def triples(self) -> set[tuple[str, str, str]]:
        """Subject, predicate without its prefix, object; a negated predicate begins with ``not ``."""
        return {
            (f.subject, ("not " if f.negated else "") + f.predicate.partition(":")[2], f.object) for f in self.facts
        }

    @property
    def counts(self) -> dict[str, int]:
        """Rejections by kind."""
        return {str(kind): count for kind, count in sorted(self.rejections.counts.items())}

    def reasons(self) -> str:
        """Every place and reason, a line each."""
        return "\n".join(f"{item.where}: {item.reason}" for item in self.rejections.kept)
