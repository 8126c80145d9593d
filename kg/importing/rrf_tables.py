"""Words of UMLS and RxNorm as tables: vocabularies, term types, semantic types, relations.

From the UMLS Metathesaurus Vocabulary Documentation and the appendices of the UMLS Reference Manual
(https://www.nlm.nih.gov/research/umls/knowledge_sources/metathesaurus/release/abbreviations.html).
"""

from collections.abc import Mapping

from ..concept import Category
from ..fact import Predicate
from .vocabulary import Relation

CODE_PREFIXES: Mapping[str, str] = {
    "ATC": "ATC",
    "DRUGBANK": "DRUGBANK",
    "GO": "GO",
    "HGNC": "HGNC",
    "HPO": "HP",
    "ICD10CM": "ICD10CM",
    "LNC": "LOINC",
    "MONDO": "MONDO",
    "MSH": "MESH",
    "NCBI": "NCBITaxon",
    "NCI": "NCIT",
    "OMIM": "OMIM",
    "ORPHANET": "ORPHA",
    "RXNORM": "RXCUI",
    "SNOMEDCT_US": "SNOMEDCT",
}
"""Vocabulary (SAB) -> prefix of its codes."""

MAIN_TERMS = frozenset(
    ["PT", "MH", "NM", "HT", "FN", "PN", "IN", "PIN", "MIN", "BN", "SCD", "SBD", "SCDC", "SCDF", "GPCK", "BPCK", "LN"]
)
"""Term types (TTY) that name what the code itself means; entry terms and narrower ones share its code but not that."""

LABEL_RANKS: Mapping[str, int] = {
    term_type: rank
    for rank, term_type in enumerate(
        ["PN", "IN", "PIN", "MIN", "BN", "PT", "MH", "HT", "NM", "FN", "SCD", "SBD", "PF", "PEP", "LN", "SY", "ET"]
    )
}
"""Term types, the one that makes the best label first; others come last."""

RELATED_TERMS = frozenset(["ET", "LLT", "PM", "RT", "XM"])
"""Term types of names that may be narrower or looser than their concept."""

ABBREVIATIONS = frozenset(["AB", "ACR", "AS", "AA", "OAS"])
LAYPERSON = frozenset({"CHV", "MEDLINEPLUS"})

DEFINITION_SOURCES: Mapping[str, int] = {
    source: rank
    for rank, source in enumerate(
        ["MSH", "HPO", "NCI", "MONDO", "GO", "MEDLINEPLUS", "CSP", "SNOMEDCT_US", "UWDA", "LNC"]
    )
}
"""Vocabularies with English definitions, the one preferred first."""

HIERARCHIES = frozenset(["ATC", "DRUGBANK", "GO", "HPO", "ICD10CM", "MONDO", "NCBI", "NCI", "SNOMEDCT_US"])
"""Vocabularies whose parents (PAR without a special relation) are kinds; in others a parent may be a mere topic."""

IS_A = Relation(Predicate.SUBCLASS_OF)

_P = Predicate


def _less(predicate: Predicate) -> Relation:
    return Relation(predicate, exact=False)


RELATIONS: Mapping[str, Relation] = {
    "isa": IS_A,
    "may_treat": Relation(_P.TREATS),
    "may_prevent": _less(_P.RELATED_TO),
    "may_diagnose": _less(_P.DIAGNOSES),
    "contraindicated_with_disease": Relation(_P.CONTRAINDICATED_IN),
    "induces": _less(_P.CAUSES),
    "cause_of": Relation(_P.CAUSES),
    "has_causative_agent": Relation(_P.CAUSES, inverted=True),
    "has_manifestation": _less(_P.HAS_PHENOTYPE),
    "disease_may_have_finding": _less(_P.RELATED_TO),
    "disease_has_finding": Relation(_P.HAS_PHENOTYPE),
    "has_inheritance_type": Relation(_P.HAS_INHERITANCE),
    "gene_associated_with_disease": Relation(_P.ASSOCIATED_WITH),
    "has_finding_site": Relation(_P.LOCATED_IN),
    "disease_has_primary_anatomic_site": Relation(_P.LOCATED_IN),
    "part_of": Relation(_P.PART_OF),
    "physical_part_of": Relation(_P.PART_OF),
    "has_mechanism_of_action": _less(_P.RELATED_TO),
    "has_physiologic_effect": _less(_P.RELATED_TO),
    "gene_plays_role_in_process": Relation(_P.PARTICIPATES_IN),
    "tradename_of": _less(_P.RELATED_TO),
    "ingredient_of": _less(_P.RELATED_TO),
    "ingredients_of": _less(_P.RELATED_TO),
    "precise_ingredient_of": _less(_P.RELATED_TO),
    "form_of": _less(_P.RELATED_TO),
    "has_dose_form": _less(_P.RELATED_TO),
    "contained_in": _less(_P.RELATED_TO),
}
"""Relation (RELA) of the second concept to the first -> the graph's relation."""

INVERSES = frozenset(
    {
        "inverse_isa",
        "has_contraindicated_drug",
        "may_be_treated_by",
        "may_be_prevented_by",
        "may_be_diagnosed_by",
        "induced_by",
        "due_to",
        "causative_agent_of",
        "manifestation_of",
        "inheritance_type_of",
        "finding_site_of",
        "is_finding_of_disease",
        "may_be_finding_of_disease",
        "disease_associated_with_gene",
        "is_primary_anatomic_site_of_disease",
        "has_part",
        "has_physical_part",
        "mechanism_of_action_of",
        "physiologic_effect_of",
        "process_involves_gene",
        "has_tradename",
        "has_ingredient",
        "has_ingredients",
        "has_precise_ingredient",
        "has_form",
        "dose_form_of",
        "contains",
    }
)
"""Relations whose inverse is in `RELATIONS`; the release has every row both ways, so these say nothing new."""

CATEGORIES_BY_TERM_TYPE: Mapping[str, Category] = {"DF": Category.OTHER, "DFG": Category.OTHER}
"""Term types of RxNorm concepts that are no drugs: dose forms and their groups."""

_TYPES: Mapping[Category, str] = {
    Category.DISEASE: "T047 T048 T191 T019 T020 T190 T037 T049 T046 T050",
    Category.PHENOTYPE: "T184 T033",
    Category.GENE: "T028",
    Category.DRUG: "T200 T121 T195",
    Category.CHEMICAL: "T103 T104 T109 T114 T116 T122 T123 T125 T126 T127 T129 T130 T131 T192 T196 T197 T120",
    Category.PROCEDURE: "T060 T061 T058",
    Category.MEASUREMENT: "T059 T034 T201",
    Category.ANATOMY: "T017 T018 T021 T022 T023 T024 T025 T029 T030",
    Category.CELL_PART: "T026",
    Category.ORGANISM: "T001 T002 T004 T005 T007 T008 T010 T011 T012 T013 T014 T015 T016 T194 T204",
    Category.PROCESS: "T038 T039 T040 T042 T043 T045",
    Category.FUNCTION: "T044",
}
TYPES: Mapping[str, Category] = {tui: category for category, tuis in _TYPES.items() for tui in tuis.split()}
"""Semantic type (TUI) -> category; concepts of other types have none. Of several, the first in this table counts."""
