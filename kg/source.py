"""A source of the graph, as every fact of it is shown with."""

from collections.abc import Mapping
from dataclasses import dataclass

from .tier import Tier


@dataclass(frozen=True, slots=True)
class Source:
    """Who states something: identifier, release, licence, citation and how far it is to be trusted."""

    id: str
    title: str
    release: str
    licence: str
    citation: str
    tier: Tier
    upstream: str = ""

    def described(self) -> dict[str, str]:
        """The fields as plain text, for a manifest."""
        return {
            "id": self.id,
            "title": self.title,
            "release": self.release,
            "licence": self.licence,
            "citation": self.citation,
            "tier": self.tier.value,
            "upstream": self.upstream,
        }


def source_from(described: Mapping[str, str]) -> Source:
    """The inverse of `Source.described`; other keys are ignored.

    Raises:
        KeyError: a field is missing.
        ValueError: the tier is none of `Tier`.
    """
    return Source(
        described["id"],
        described["title"],
        described["release"],
        described["licence"],
        described["citation"],
        Tier(described["tier"]),
        described.get("upstream", ""),
    )
