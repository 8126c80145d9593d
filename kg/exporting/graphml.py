"""The graph as GraphML, for Cytoscape, Gephi, yEd and the like."""

from pathlib import Path
from typing import Any

from ..fact import Fact
from .extract import Extract
from .kgx import written_to


def write_graphml(extract: Extract, path: Path) -> Path:
    """Write concepts as nodes with label and category, facts as edges with predicate, sign, qualifiers and sources.

    Holds the graph in memory.

    Raises:
        ExportFailed: the file cannot be written.
    """
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for concept in extract.concepts():
        graph.add_node(concept.curie, label=_legal(concept.label), category=concept.category.value)
    for number, fact in enumerate(extract.facts(), 1):
        graph.add_edge(fact.subject, fact.object, f"e{number}", **_attributes(fact))
    with written_to(path), path.open("wb") as file:
        nx.write_graphml(graph, file, encoding="utf-8")
    return path


def _attributes(fact: Fact) -> dict[str, Any]:
    said = {
        "predicate": fact.predicate.value,
        "negated": fact.negated,
        "frequency": str(fact.frequency or ""),
        "onset": fact.onset or "",
        "sex": fact.sex.value if fact.sex is not None else "",
        "modifiers": "|".join(fact.modifiers),
        "sources": "|".join(dict.fromkeys(item.source for item in fact.evidence)),
        "references": _legal("|".join(fact.references)),
    }
    said |= {qualifier.value.partition(":")[2]: _legal(text) for qualifier, text in fact.qualifiers}
    return {key: value for key, value in said.items() if value != ""}


def _legal(text: str) -> str:
    """The text without characters that XML 1.0 has no place for."""
    return "".join(character for character in text if character >= " " or character in "\t\n\r")
