"""Words of the formats in words of the graph: kinds of concept and relations, as tables."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ..concept import Category
from ..fact import AgentType, KnowledgeLevel, Predicate, Sex

CATEGORIES_BY_PREFIX: Mapping[str, Category] = {
    "HP": Category.PHENOTYPE,
    "MONDO": Category.DISEASE,
    "DOID": Category.DISEASE,
    "OMIM": Category.DISEASE,
    "ORPHA": Category.DISEASE,
    "DECIPHER": Category.DISEASE,
    "ICD10CM": Category.DISEASE,
    "HGNC": Category.GENE,
    "NCBIGene": Category.GENE,
    "ENSEMBL": Category.GENE,
    "UniProtKB": Category.GENE,
    "DRUGBANK": Category.DRUG,
    "ATC": Category.DRUG,
    "RXCUI": Category.DRUG,
    "CHEBI": Category.CHEMICAL,
    "UBERON": Category.ANATOMY,
    "NCBITaxon": Category.ORGANISM,
    "CTD": Category.EXPOSURE,
    "REACT": Category.PATHWAY,
    "LOINC": Category.MEASUREMENT,
}
"""What the concepts of a vocabulary are, where all of them are one kind of thing."""

CATEGORIES_BY_NAMESPACE: Mapping[str, Category] = {
    "biological_process": Category.PROCESS,
    "molecular_function": Category.FUNCTION,
    "cellular_component": Category.CELL_PART,
    "human_phenotype": Category.PHENOTYPE,
    "disease_ontology": Category.DISEASE,
    "chebi_ontology": Category.CHEMICAL,
    "uberon": Category.ANATOMY,
}
"""OBO namespaces."""

_BIOLINK_CATEGORIES: Mapping[Category, Iterable[str]] = {
    Category.DISEASE: ("DiseaseOrPhenotypicFeature", "MendelianDisease"),
    Category.PHENOTYPE: ("BehavioralFeature", "ClinicalFinding", "Symptom"),
    Category.GENE: ("Protein", "GeneOrGeneProduct", "GeneProduct", "Transcript", "RNAProduct"),
    Category.DRUG: ("PharmaceuticalProduct", "Treatment"),
    Category.CHEMICAL: ("SmallMolecule", "ChemicalMixture", "MolecularMixture", "MolecularEntity", "ChemicalSubstance"),
    Category.ANATOMY: ("GrossAnatomicalStructure", "Cell", "OrganismalEntity"),
    Category.EXPOSURE: ("ExposureEvent", "ChemicalExposure", "DrugExposure", "EnvironmentalFeature"),
    Category.PROCESS: ("BiologicalProcessOrActivity", "PhysiologicalProcess", "PathologicalProcess"),
    Category.ORGANISM: ("Bacterium", "Virus", "Fungus"),
    Category.MEASUREMENT: ("ClinicalAttribute",),
}

CATEGORIES: Mapping[str, Category] = {
    **{name: category for category, names in _BIOLINK_CATEGORIES.items() for name in names},
    **{category.value.partition(":")[2]: category for category in Category},
}
"""Biolink class -> category: ours, and classes that fall under or closely beside them."""


def category_of(names: Iterable[str]) -> Category | None:
    """The first of these Biolink classes, the most specific first, that the graph knows; never `Category.OTHER`."""
    found = (CATEGORIES.get(name.partition(":")[2] or name) for name in names)
    return next((category for category in found if category not in (None, Category.OTHER)), None)


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation in words of the graph.

    ``inverted``: subject and object change places. ``exact``: the predicate says all that the source's word said.
    """

    predicate: Predicate
    inverted: bool = False
    negated: bool = False
    exact: bool = True


def _less(predicate: Predicate, *, inverted: bool = False, negated: bool = False) -> Relation:
    return Relation(predicate, inverted, negated, exact=False)


_P = Predicate
_OURS = {key: Relation(p) for p in Predicate for key in (p.value.partition(":")[2], p.value.removeprefix("biolink:"))}

RELATIONS: Mapping[str, Relation] = {
    **_OURS,
    # hierarchy
    "is_a": Relation(_P.SUBCLASS_OF),
    "isa": Relation(_P.SUBCLASS_OF),
    "subclassof": Relation(_P.SUBCLASS_OF),
    "superclass_of": Relation(_P.SUBCLASS_OF, inverted=True),
    "broader": Relation(_P.SUBCLASS_OF),
    # phenotypes and inheritance
    "phenotype_of": Relation(_P.HAS_PHENOTYPE, inverted=True),
    "ro:0002200": Relation(_P.HAS_PHENOTYPE),
    "has_symptom": _less(_P.HAS_PHENOTYPE),
    "symptom_of": _less(_P.HAS_PHENOTYPE, inverted=True),
    "has_manifestation": _less(_P.HAS_PHENOTYPE),
    "mode_of_inheritance_of": Relation(_P.HAS_INHERITANCE, inverted=True),
    "has_inheritance": Relation(_P.HAS_INHERITANCE),
    # genes
    "condition_associated_with_gene": Relation(_P.GENE_OF_DISEASE, inverted=True),
    "causal_gene_of": _less(_P.GENE_OF_DISEASE),
    "ro:0004003": _less(_P.GENE_OF_DISEASE),
    "has_material_basis_in_germline_mutation_in": _less(_P.GENE_OF_DISEASE, inverted=True),
    "expresses": Relation(_P.EXPRESSED_IN, inverted=True),
    "ro:0002206": Relation(_P.EXPRESSED_IN),
    # drugs
    "treated_by": Relation(_P.TREATS, inverted=True),
    "indication": Relation(_P.TREATS),
    "treatment_applications_from": Relation(_P.APPLIED_TO_TREAT, inverted=True),
    "off_label_use": _less(_P.APPLIED_TO_TREAT),
    "has_contraindication": Relation(_P.CONTRAINDICATED_IN),
    "contraindicated_for": Relation(_P.CONTRAINDICATED_IN),
    "contraindication": Relation(_P.CONTRAINDICATED_IN),
    "side_effect_of": Relation(_P.HAS_SIDE_EFFECT, inverted=True),
    "has_adverse_event": _less(_P.HAS_SIDE_EFFECT),
    "adverse_event_of": _less(_P.HAS_SIDE_EFFECT, inverted=True),
    "affected_by": Relation(_P.TARGETS, inverted=True),
    "targets": Relation(_P.TARGETS),
    "has_role": Relation(_P.HAS_ROLE),
    "ro:0000087": Relation(_P.HAS_ROLE),
    "chemical_role_of": Relation(_P.HAS_ROLE, inverted=True),
    "physically_interacts_with": _less(_P.INTERACTS_WITH),
    "directly_physically_interacts_with": _less(_P.INTERACTS_WITH),
    "genetically_interacts_with": _less(_P.INTERACTS_WITH),
    "ro:0002434": Relation(_P.INTERACTS_WITH),
    # causes
    "caused_by": Relation(_P.CAUSES, inverted=True),
    "condition_predisposed_by": Relation(_P.PREDISPOSES_TO, inverted=True),
    "predisposes": _less(_P.PREDISPOSES_TO),
    "is_diagnosed_by": Relation(_P.DIAGNOSES, inverted=True),
    "diagnosed_by": Relation(_P.DIAGNOSES, inverted=True),
    "location_of_disease": Relation(_P.LOCATED_IN, inverted=True),
    "has_disease_location": Relation(_P.LOCATED_IN),
    "ro:0004026": Relation(_P.LOCATED_IN),
    "transmitted_by": Relation(_P.TRANSMITTED_BY),
    # parts and processes
    "has_part": Relation(_P.PART_OF, inverted=True),
    "bfo:0000050": Relation(_P.PART_OF),
    "bfo:0000051": Relation(_P.PART_OF, inverted=True),
    "has_participant": Relation(_P.PARTICIPATES_IN, inverted=True),
    "actively_involved_in": _less(_P.PARTICIPATES_IN),
    "ro:0000056": Relation(_P.PARTICIPATES_IN),
    # associations
    "correlated_with": _less(_P.ASSOCIATED_WITH),
    "positively_correlated_with": _less(_P.ASSOCIATED_WITH),
    "negatively_correlated_with": _less(_P.ASSOCIATED_WITH),
    "genetically_associated_with": _less(_P.ASSOCIATED_WITH),
    "coexists_with": _less(_P.ASSOCIATED_WITH),
}
"""A source's word, as `relation_of` normalises it -> the graph's relation. From the Biolink model 4.2 and the RO."""

_UNKNOWN = _less(Predicate.RELATED_TO)
_SEPARATORS = re.compile(r"[\s\-]+")


@lru_cache(1 << 12)
def relation_of(text: str) -> Relation:
    """The graph's relation for a source's word; ``related_to`` for a word that no table has.

    >>> relation_of("biolink:treated_by").inverted
    True
    >>> relation_of("regulates").predicate.value
    'biolink:related_to'
    """
    word = _SEPARATORS.sub("_", text.strip()).lower().removeprefix("biolink:")
    word = re.sub(r"^.*[/#]", "", word).replace("ro_", "ro:").replace("bfo_", "bfo:")
    return RELATIONS.get(word, _UNKNOWN)


KNOWLEDGE_LEVELS: Mapping[str, KnowledgeLevel] = {
    **{level.value: level for level in KnowledgeLevel},
    "observation": KnowledgeLevel.STATISTICAL,
}
"""Biolink knowledge levels -> ours; others are assertions."""

AGENT_TYPES: Mapping[str, AgentType] = {
    **{agent.value: agent for agent in AgentType},
    "computational_model": AgentType.AUTOMATED,
    "data_analysis_pipeline": AgentType.AUTOMATED,
    "image_processing_agent": AgentType.AUTOMATED,
    "manual_validation_of_automated_agent": AgentType.MANUAL,
}
"""Biolink agent types -> ours; others are manual agents."""


SEXES: Mapping[str, Sex | None] = {
    "": None,
    **{sex.value.lower(): sex for sex in Sex},
    "pato:0000383": Sex.FEMALE,
    "f": Sex.FEMALE,
    "pato:0000384": Sex.MALE,
    "m": Sex.MALE,
}
"""How files write a sex, in lower case."""


def sex_of(text: str) -> Sex | None:
    """The sex a file writes; ``None`` for an empty text.

    Raises:
        ValueError: it is not known.
    """
    try:
        return SEXES[text.strip().lower()]
    except KeyError:
        raise ValueError(f"{text!r} is not a sex; write FEMALE, MALE or OTHER_SEX") from None
