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

_LONGEST_FIRST = sorted(((stem, prefix) for prefix, stem in PREFIXES.items()), key=lambda pair: -len(pair[0]))


def iri_of(curie: Curie) -> str:
    """The IRI of a CURIE.

    Raises:
        MalformedCurie: its prefix is not in `PREFIXES`.

    >>> iri_of("HP:0001250")
    'http://purl.obolibrary.org/obo/HP_0001250'
    """
    prefix, found, local = curie.partition(":")
    if not found or prefix not in PREFIXES:
        raise MalformedCurie(curie)
    return PREFIXES[prefix] + local


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
    raise MalformedCurie(iri)
