"""Rules as SHACL: each query of a rule as a SPARQL constraint, for other engines and as a check of our own."""

from collections.abc import Iterable

from ..iri import PREFIXES, iri_of
from .rule import Rule, RuleSubject

TARGETS = {
    RuleSubject.DIAGNOSIS: "clinigraph:Candidate",
    RuleSubject.DRUG: "clinigraph:Medicine",
    RuleSubject.CASE: "clinigraph:Case",
}
"""The class of what a rule is about."""

_QUERIES = ("applies", "violated", "satisfied")


def as_shacl(rules: Iterable[Rule], queries: Iterable[str] = ("violated",)) -> str:
    """A shapes graph in Turtle with one node shape for each rule and query, named ``rule:ID-QUERY``.

    A result of the shape of ``violated`` is a violation, provided that the rule applies.
    """
    head = ["@prefix sh: <http://www.w3.org/ns/shacl#> ."]
    head += [f"@prefix {prefix}: <{stem}> ." for prefix, stem in PREFIXES.items()]
    declared = " , ".join(
        f'[ sh:prefix "{prefix}" ; sh:namespace "{stem}"^^xsd:anyURI ]' for prefix, stem in PREFIXES.items()
    )
    head.append(f"<{iri_of('clinigraph:rules')}> sh:declare {declared} .")
    wanted = set(queries)
    shapes = [_shape(rule, query) for rule in rules for query in _QUERIES if query in wanted and getattr(rule, query)]
    return "\n".join([*head, *shapes]) + "\n"


def shape_iri(rule: str, query: str) -> str:
    """The name of the shape of one query of a rule."""
    return iri_of(f"clinigraph:rule/{rule}-{query}")


def _shape(rule: Rule, query: str) -> str:
    text = getattr(rule, query).replace("\\", "\\\\").replace('"', '\\"')
    return (
        f"<{shape_iri(rule.id, query)}> a sh:NodeShape ; sh:targetClass {TARGETS[rule.applies_to]} ;\n"
        f'  sh:sparql [ sh:prefixes <{iri_of("clinigraph:rules")}> ; sh:message "{rule.id}" ;\n'
        f'    sh:select """{text}""" ] .'
    )
