"""Concepts: the things that facts are about, each with a CURIE and names."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

from .errors import MalformedCurie

Curie: TypeAlias = str
"""A compact identifier by bioregistry prefix, such as ``HP:0001250``."""

_CURIE = re.compile(r"[A-Za-z][A-Za-z0-9_.]*:[A-Za-z0-9][A-Za-z0-9_.\-]*")


@lru_cache(maxsize=1 << 18)
def check_curie(text: str) -> Curie:
    """Return ``text`` if it is a CURIE.

    Raises:
        MalformedCurie: it has no ``prefix:local`` form.

    >>> check_curie("HP:0001250")
    'HP:0001250'
    """
    if not _CURIE.fullmatch(text):
        raise MalformedCurie(text)
    return text


def prefix_of(curie: Curie) -> str:
    """The part before the colon: ``"HP"`` for ``"HP:0001250"``."""
    return curie.partition(":")[0]


class Category(StrEnum):
    """What kind of thing a concept is: classes of the Biolink model 4.2."""

    DISEASE = "biolink:Disease"
    PHENOTYPE = "biolink:PhenotypicFeature"
    GENE = "biolink:Gene"
    INHERITANCE = "biolink:GeneticInheritance"
    CLINICAL_COURSE = "biolink:ClinicalCourse"
    CLINICAL_MODIFIER = "biolink:ClinicalModifier"
    FREQUENCY = "biolink:FrequencyValue"
    DRUG = "biolink:Drug"
    CHEMICAL = "biolink:ChemicalEntity"
    CHEMICAL_ROLE = "biolink:ChemicalRole"
    PROCEDURE = "biolink:Procedure"
    MEASUREMENT = "biolink:ClinicalMeasurement"
    ANATOMY = "biolink:AnatomicalEntity"
    ORGANISM = "biolink:OrganismTaxon"
    EXPOSURE = "biolink:EnvironmentalExposure"
    PATHWAY = "biolink:Pathway"
    PROCESS = "biolink:BiologicalProcess"
    FUNCTION = "biolink:MolecularActivity"
    CELL_PART = "biolink:CellularComponent"
    OTHER = "biolink:NamedThing"


class NameKind(StrEnum):
    """How closely a name means its concept: OBO synonym scopes, plus the label itself."""

    LABEL = "label"
    EXACT = "exact"
    NARROW = "narrow"
    BROAD = "broad"
    RELATED = "related"


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a concept. ``layperson`` marks plain-language names, ``abbreviation`` acronyms."""

    text: str
    kind: NameKind
    layperson: bool = False
    abbreviation: bool = False


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing of medicine, after fusion of its identifiers.

    ``names`` starts with the label. ``equivalents`` are CURIEs fused into this concept (exact matches,
    merged and obsolete identifiers that were replaced by it); they resolve to it everywhere.
    ``xrefs`` are looser cross-references that do not resolve.
    """

    curie: Curie
    category: Category
    names: tuple[Name, ...]
    definition: str | None = None
    equivalents: tuple[Curie, ...] = ()
    xrefs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_curie(self.curie)
        if not self.names or self.names[0].kind is not NameKind.LABEL:
            raise ValueError(f"{self.curie} needs its label as first name")

    @property
    def label(self) -> str:
        """The preferred name."""
        return self.names[0].text


@dataclass(frozen=True, slots=True)
class Description:
    """A text in a source's own words, with where it came from; about one concept, or about none in particular.

    ``kind`` says what it is: ``definition``, ``scope note``, ``disease description``, ``guideline section``,
    ``abstract``, ``answer``, ``document section``. ``reference`` is the source's own identifier of the text
    (``MESH:D008382``, ``UniProt:DI-00672``, ``PMID:33306283``). ``year`` is when it was published, where that is known.
    """

    concept: Curie | None
    title: str
    text: str
    kind: str
    source: str
    release: str
    reference: str
    year: int | None = None
