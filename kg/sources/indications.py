"""What the drugs of a role or class are for: the table ``data/indications.toml``."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources

from ..concept import Curie
from ..fact import AgentType, Evidence, Fact, Predicate


@lru_cache(maxsize=2)
def read_indications(part: str) -> Mapping[str, Curie]:
    """Role or class, as ``part`` of the table names it -> what it treats."""
    text = (resources.files("data") / "indications.toml").read_text(encoding="utf-8")
    table: dict[str, dict[str, Curie]] = tomllib.loads(text)
    return table[part]


def class_treats(kind: Curie, label: str, disease: Curie, source: str, release: str) -> Fact:
    """The class as a whole treats the disease, by its definition."""
    return Fact(kind, Predicate.TREATS, disease, (Evidence(source, release, kind, (kind,), quote=label),))


def members_applied(
    drug: Curie, classes: Mapping[Curie, str], indications: Mapping[Curie, Curie], source: str, release: str
) -> Iterator[Fact]:
    """One ``applied_to_treat`` fact per disease that a class of the drug treats, with the class as its reason.

    ``classes`` are the classes of the drug and their labels, ``indications`` what each class treats.
    """
    for kind in sorted(set(classes) & set(indications)):
        evidence = Evidence(source, release, drug, (kind,), agent_type=AgentType.AUTOMATED, quote=classes[kind])
        yield Fact(drug, Predicate.APPLIED_TO_TREAT, indications[kind], (evidence,))
