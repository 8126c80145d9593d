"""Hetionet's tables ``nodes.tsv`` and ``edges.sif`` (Himmelstein et al. 2017, doi:10.7554/eLife.26726)."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..concept import Category, Curie
from ..fact import AgentType, Fact, Predicate
from ..record import Record
from .errors import InputMissing, NotThisFormat
from .identifiers import Unreadable
from .intake import Intake, at, named, stated
from .kinds import Kind
from .rows import tab_rows
from .vocabulary import Relation

_P = Predicate


def _less(predicate: Predicate, *, inverted: bool = False) -> Relation:
    return Relation(predicate, inverted, exact=False)


KINDS: Mapping[str, tuple[Category, str]] = {
    "Anatomy": (Category.ANATOMY, ""),
    "Biological Process": (Category.PROCESS, ""),
    "Cellular Component": (Category.CELL_PART, ""),
    "Compound": (Category.DRUG, "DRUGBANK"),
    "Disease": (Category.DISEASE, ""),
    "Gene": (Category.GENE, "NCBIGene"),
    "Molecular Function": (Category.FUNCTION, ""),
    "Pathway": (Category.PATHWAY, "local"),  # WikiPathways and Pathway Commons numbers of one release
    "Pharmacologic Class": (Category.CHEMICAL_ROLE, "NDFRT"),
    "Side Effect": (Category.PHENOTYPE, "UMLS"),
    "Symptom": (Category.PHENOTYPE, "MESH"),
}
"""Kind of node -> category, and the prefix of its identifiers where they have none."""

METAEDGES: Mapping[str, tuple[Relation, str]] = {
    "AdG": (_less(_P.RELATED_TO), "downregulates"),
    "AeG": (Relation(_P.EXPRESSED_IN, inverted=True), "expresses"),
    "AuG": (_less(_P.RELATED_TO), "upregulates"),
    "CbG": (_less(_P.TARGETS), "binds"),
    "CcSE": (Relation(_P.HAS_SIDE_EFFECT), "causes"),
    "CdG": (_less(_P.TARGETS), "downregulates"),
    "CpD": (_less(_P.APPLIED_TO_TREAT), "palliates"),
    "CrC": (_less(_P.RELATED_TO), "resembles"),
    "CtD": (Relation(_P.TREATS), "treats"),
    "CuG": (_less(_P.TARGETS), "upregulates"),
    "DaG": (Relation(_P.ASSOCIATED_WITH), "associates"),
    "DdG": (_less(_P.RELATED_TO), "downregulates"),
    "DlA": (Relation(_P.LOCATED_IN), "localizes"),
    "DpS": (Relation(_P.HAS_PHENOTYPE), "presents"),
    "DrD": (_less(_P.RELATED_TO), "resembles"),
    "DuG": (_less(_P.RELATED_TO), "upregulates"),
    "GcG": (_less(_P.ASSOCIATED_WITH), "covaries"),
    "GiG": (Relation(_P.INTERACTS_WITH), "interacts"),
    "Gr>G": (_less(_P.RELATED_TO), "regulates"),
    "GpBP": (Relation(_P.PARTICIPATES_IN), "participates"),
    "GpCC": (_less(_P.RELATED_TO), "participates"),
    "GpMF": (_less(_P.RELATED_TO), "participates"),
    "GpPW": (Relation(_P.PARTICIPATES_IN), "participates"),
    "PCiC": (Relation(_P.HAS_ROLE, inverted=True), "includes"),
}
"""Abbreviation of a metaedge -> the graph's relation, and Hetionet's verb."""


def read_hetionet(paths: Sequence[Path], intake: Intake) -> Iterator[Record]:
    """A concept for each node and a fact for each edge.

    Raises:
        InputMissing: one of the two tables is absent.
        NotThisFormat: the columns are not Hetionet's.
    """
    nodes, edges = _only(paths, "nodes"), _only(paths, "edges")
    for number, (id, name, kind) in _table(nodes, ("id", "name", "kind"), intake):
        where = at(nodes, number)
        if (curie := _curie(id, where, intake)) is not None:
            if kind in KINDS:
                yield named(curie, KINDS[kind][0], name)
            else:
                intake.reject(Kind.MALFORMED, where, f"the kind of node {kind!r} is not one of Hetionet's")
    for number, row in _table(edges, ("source", "metaedge", "target"), intake):
        if (fact := _fact(row, at(edges, number), intake)) is not None:
            yield fact


def _only(paths: Sequence[Path], word: str) -> Path:
    found = [path for path in paths if word in path.name]
    if not found:
        raise InputMissing(paths[0].parent, f"table of Hetionet's {word}")
    return found[0]


def _table(path: Path, columns: tuple[str, ...], intake: Intake) -> Iterator[tuple[int, list[str]]]:
    rows = tab_rows(path, intake)
    header = next(rows, None)
    if header is not None and tuple(header[1]) != columns:
        raise NotThisFormat(path, intake.request.format, f"its columns are not {', '.join(columns)}")
    yield from rows


def _curie(id: str, where: str, intake: Intake) -> Curie | None:
    kind, _, local = id.partition("::")
    prefix = KINDS[kind][1] if kind in KINDS else ""
    if not prefix:
        return intake.curie(local, where)
    try:  # the format's own prefixes need no declaration
        intake.identifiers.declare(prefix, "")
        return intake.identifiers.read(f"{prefix}:{local}")
    except Unreadable as error:
        intake.reject(error.kind, where, error.reason)
        return None


def _fact(row: list[str], where: str, intake: Intake) -> Fact | None:
    source, metaedge, target = row
    subject, other = _curie(source, where, intake), _curie(target, where, intake)
    if subject is None or other is None:
        return None
    if metaedge not in METAEDGES:
        intake.reject(Kind.MALFORMED, where, f"the metaedge {metaedge!r} is not one of Hetionet's")
        return None
    relation, verb = METAEDGES[metaedge]
    evidence = intake.evidence(other if relation.inverted else subject, agent_type=AgentType.AUTOMATED)
    return stated(subject, relation, other, evidence, written=verb)
