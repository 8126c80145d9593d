"""CURIEs and the IRIs they stand for in the quad store."""

from types import MappingProxyType

from .concept import Curie
from .errors import MalformedCurie

PREFIXES = MappingProxyType(
    {
        "HP": "http://purl.obolibrary.org/obo/HP_",
        "MONDO": "http://purl.obolibrary.org/obo/MONDO_",
        "DOID": "http://purl.obolibrary.org/obo/DOID_",
        "IAO": "http://purl.obolibrary.org/obo/IAO_",
        "OMIM": "https://omim.org/entry/",
        "ORPHA": "http://www.orpha.net/ORDO/Orphanet_",
        "DECIPHER": "https://www.deciphergenomics.org/syndrome/",
        "MESH": "http://id.nlm.nih.gov/mesh/",
        "HGNC": "https://identifiers.org/hgnc/",
        "NCBIGene": "https://identifiers.org/ncbigene/",
        "ENSEMBL": "https://identifiers.org/ensembl/",
        "UniProtKB": "https://identifiers.org/uniprot/",
        "UMLS": "https://uts.nlm.nih.gov/uts/umls/concept/",
        "SNOMEDCT": "http://snomed.info/id/",
        "ICD10CM": "http://purl.bioontology.org/ontology/ICD10CM/",
        "DRUGBANK": "https://go.drugbank.com/drugs/",
        "CHEBI": "http://purl.obolibrary.org/obo/CHEBI_",
        "ATC": "http://purl.bioontology.org/ontology/ATC/",
        "RXCUI": "http://purl.bioontology.org/ontology/RXNORM/",
        "ANSM": "https://w3id.org/clinigraph/ansm/",
        "GO": "http://purl.obolibrary.org/obo/GO_",
        "UBERON": "http://purl.obolibrary.org/obo/UBERON_",
        "EFO": "http://www.ebi.ac.uk/efo/EFO_",
        "NCIT": "http://purl.obolibrary.org/obo/NCIT_",
        "NCBITaxon": "http://purl.obolibrary.org/obo/NCBITaxon_",
        "CTD": "http://ctdbase.org/detail.go?acc=",
        "REACT": "https://identifiers.org/reactome/",
        "CHEMBL.COMPOUND": "https://identifiers.org/chembl.compound/",
        "MEDLINEPLUS": "https://medlineplus.gov/druginfo/meds/",
        "GARD": "https://rarediseases.info.nih.gov/diseases/",
        "OMIMPS": "https://omim.org/phenotypicSeries/PS",
        "LOINC": "http://loinc.org/rdf/",
        "WHOEML": "https://w3id.org/clinigraph/whoeml/",
        "local": "https://w3id.org/clinigraph/local/",
        "PMID": "https://pubmed.ncbi.nlm.nih.gov/",
        "semapv": "https://w3id.org/semapv/vocab/",
        "biolink": "https://w3id.org/biolink/vocab/",
        "clinigraph": "https://w3id.org/clinigraph/",
        "source": "https://w3id.org/clinigraph/source/",
        "fact": "https://w3id.org/clinigraph/fact/",
        "description": "https://w3id.org/clinigraph/description/",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "dcterms": "http://purl.org/dc/terms/",
        "oboInOwl": "http://www.geneontology.org/formats/oboInOwl#",
    }
)
"""Bioregistry prefix -> IRI stem; also the prefixes that every SPARQL query may use unannounced."""

PREFIX_HEADER = "".join(f"PREFIX {prefix}: <{stem}>\n" for prefix, stem in PREFIXES.items())
"""Declares every known prefix, for engines that take a query as text."""

_ANY_PREFIX = "https://bioregistry.io/"  # resolves prefixes that have no stem of their own here

_LONGEST_FIRST = sorted(((stem, prefix) for prefix, stem in PREFIXES.items()), key=lambda pair: -len(pair[0]))


def iri_of(curie: Curie) -> str:
    """The IRI of a CURIE; one of the Bioregistry's resolver if its prefix is not in `PREFIXES`.

    Raises:
        MalformedCurie: it has no prefix.

    >>> iri_of("HP:0001250")
    'http://purl.obolibrary.org/obo/HP_0001250'
    """
    prefix, found, local = curie.partition(":")
    if not found or not prefix:
        raise MalformedCurie(curie)
    return PREFIXES[prefix] + local if prefix in PREFIXES else _ANY_PREFIX + curie


def curie_of(iri: str) -> Curie:
    """The CURIE of an IRI; the inverse of `iri_of`.

    Raises:
        MalformedCurie: no known stem begins it.

    >>> curie_of("https://omim.org/entry/154700")
    'OMIM:154700'
    """
    for stem, prefix in _LONGEST_FIRST:
        if iri.startswith(stem):
            return f"{prefix}:{iri[len(stem) :]}"
    if iri.startswith(_ANY_PREFIX) and ":" in iri[len(_ANY_PREFIX) :]:
        return iri[len(_ANY_PREFIX) :]
    raise MalformedCurie(iri)
