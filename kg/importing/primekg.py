"""PrimeKG's edge table ``kg.csv`` (Chandak et al. 2023, doi:10.1038/s41597-023-01960-3).

The file has every edge in both directions. For most relations the kinds of the two ends tell which direction is meant;
a hierarchy between two ends of one kind cannot be told from its inverse, so ``parent-child`` is no ``subclass_of`` here
but ``related_to`` with the source's word. Associations of genes with diseases come from DisGeNET and do not say that
the gene causes the disease, so they are ``associated_with``.

PrimeKG joins MONDO diseases of nearly one name into groups (``MONDO_grouped``, numbers joined by underscores). A fact
about a group need not hold for each member, so a group is a concept of its own: its members are its subclasses and
narrow matches, and nothing is fused.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..concept import Category, Curie
from ..fact import SYMMETRIC, AgentType, Evidence, Fact, Predicate, Qualifier
from ..record import Match, MatchKind, Record
from .errors import NotThisFormat
from .identifiers import Unreadable
from .intake import Intake, at, named
from .kinds import Kind
from .rows import quoted_rows
from .vocabulary import Relation

COLUMNS = (
    "relation",
    "display_relation",
    "x_index",
    "x_id",
    "x_type",
    "x_name",
    "x_source",
    "y_index",
    "y_id",
    "y_type",
    "y_name",
    "y_source",
)
CATEGORIES: Mapping[str, Category] = {
    "anatomy": Category.ANATOMY,
    "biological_process": Category.PROCESS,
    "cellular_component": Category.CELL_PART,
    "disease": Category.DISEASE,
    "drug": Category.DRUG,
    "effect/phenotype": Category.PHENOTYPE,
    "exposure": Category.EXPOSURE,
    "gene/protein": Category.GENE,
    "molecular_function": Category.FUNCTION,
    "pathway": Category.PATHWAY,
}
"""Node type -> category."""

_P = Predicate
_RELATED = Relation(_P.RELATED_TO, exact=False)
_ASSOCIATED = Relation(_P.ASSOCIATED_WITH)
_INTERACTS = Relation(_P.INTERACTS_WITH, exact=False)

RELATIONS: Mapping[str, tuple[Relation, str]] = {
    "contraindication": (Relation(_P.CONTRAINDICATED_IN), "drug"),
    "indication": (Relation(_P.TREATS), "drug"),
    "off-label use": (Relation(_P.APPLIED_TO_TREAT, exact=False), "drug"),
    "drug_effect": (Relation(_P.HAS_SIDE_EFFECT), "drug"),
    "drug_protein": (Relation(_P.TARGETS, exact=False), "drug"),
    "drug_drug": (_INTERACTS, ""),
    "disease_phenotype_positive": (Relation(_P.HAS_PHENOTYPE), "disease"),
    "disease_phenotype_negative": (Relation(_P.HAS_PHENOTYPE, negated=True), "disease"),
    "disease_protein": (_ASSOCIATED, ""),
    "phenotype_protein": (_ASSOCIATED, ""),
    "disease_disease": (_RELATED, ""),
    "phenotype_phenotype": (_RELATED, ""),
    "protein_protein": (_INTERACTS, ""),
    "anatomy_protein_present": (Relation(_P.EXPRESSED_IN), "gene/protein"),
    "anatomy_protein_absent": (Relation(_P.EXPRESSED_IN, negated=True), "gene/protein"),
    "anatomy_anatomy": (_RELATED, ""),
    "bioprocess_protein": (Relation(_P.PARTICIPATES_IN), "gene/protein"),
    "pathway_protein": (Relation(_P.PARTICIPATES_IN), "gene/protein"),
    "molfunc_protein": (_RELATED, ""),
    "cellcomp_protein": (_RELATED, ""),
    "bioprocess_bioprocess": (_RELATED, ""),
    "molfunc_molfunc": (_RELATED, ""),
    "cellcomp_cellcomp": (_RELATED, ""),
    "pathway_pathway": (_RELATED, ""),
    "exposure_disease": (_ASSOCIATED, ""),
    "exposure_exposure": (_RELATED, ""),
    "exposure_protein": (_INTERACTS, ""),
    "exposure_bioprocess": (_RELATED, ""),
    "exposure_molfunc": (_RELATED, ""),
    "exposure_cellcomp": (_RELATED, ""),
}
"""Relation -> the graph's relation, and the node type that is its subject ("": it holds both ways)."""

_PREFIXES: Mapping[str, tuple[str, int]] = {
    "NCBI": ("NCBIGene", 0),
    "DrugBank": ("DRUGBANK", 0),
    "HPO": ("HP", 7),
    "MONDO": ("MONDO", 7),
    "UBERON": ("UBERON", 7),
    "GO": ("GO", 7),
    "REACTOME": ("REACT", 0),
    "CTD": ("CTD", 0),
}
"""Node source -> prefix, and the digits to which numbers are filled up."""

_GROUPED = "MONDO_grouped"


@dataclass(frozen=True, slots=True)
class _Node:
    """One node: its identifier, and the evidence of every fact in which it comes first."""

    curie: Curie
    evidence: tuple[Evidence]


def read_primekg(paths: Sequence[Path], intake: Intake) -> Iterator[Record]:
    """A concept for each node and a fact for each edge, once, though the file has both directions.

    Remembers the pairs of ends that came up, about 70 bytes an edge, and the nodes.

    Raises:
        NotThisFormat: the columns are not PrimeKG's.
    """
    for path in paths:
        yield from _Table(path, intake).read()


class _Table:
    def __init__(self, path: Path, intake: Intake) -> None:
        self._path, self._intake = path, intake
        self._nodes: dict[str, _Node | Unreadable] = {}
        self._new: list[Record] = []  # what a node that comes up for the first time says
        self._seen: dict[str, set[int]] = {relation: set() for relation in RELATIONS}

    def read(self) -> Iterator[Record]:
        """Every record of the table."""
        rows = quoted_rows(self._path, self._intake)
        header = next(rows, None)
        if header is None:
            return
        if tuple(header[1]) != COLUMNS:
            reason = f"its columns are not {', '.join(COLUMNS)}"
            raise NotThisFormat(self._path, self._intake.request.format, reason)
        for number, row in rows:
            try:
                fact = self._fact(row, number)
            except (ValueError, KeyError) as error:
                reason = f"{error} is none of PrimeKG's words" if isinstance(error, KeyError) else str(error)
                self._intake.reject(Kind.MALFORMED, at(self._path, number), reason)
                continue
            if fact is not None:
                if self._new:
                    yield from self._new
                    self._new.clear()
                yield fact
        yield from self._new

    def _fact(self, row: list[str], number: int) -> Fact | None:
        """The fact of a row; ``None`` if its edge has come before, or after reporting that an end cannot be used."""
        relation, shown, x_index, x_id, x_type, x_name, x_source, y_index, y_id, y_type, y_name, y_source = row
        one, other = int(x_index), int(y_index)
        key = one << 32 | other if one < other else other << 32 | one
        seen = self._seen[relation]
        if key in seen:
            return None
        seen.add(key)
        nodes = self._nodes
        x = nodes[x_index] if x_index in nodes else self._node(x_index, x_id, x_type, x_name, x_source)
        y = nodes[y_index] if y_index in nodes else self._node(y_index, y_id, y_type, y_name, y_source)
        if isinstance(x, Unreadable):
            self._reject(x, number)
            return None
        if isinstance(y, Unreadable):
            self._reject(y, number)
            return None
        meaning, subject_type = RELATIONS[relation]
        turned = x_type != subject_type if subject_type else y.curie < x.curie and meaning.predicate in SYMMETRIC
        subject, target = (y, x) if turned else (x, y)
        qualifiers = () if meaning.exact else ((Qualifier.SOURCE_PREDICATE, shown),)
        return Fact(
            subject.curie,
            meaning.predicate,
            target.curie,
            subject.evidence,
            meaning.negated,
            qualifiers=qualifiers,
        )

    def _reject(self, end: Unreadable, number: int) -> None:
        self._intake.reject(end.kind, at(self._path, number), end.reason)

    def _node(self, index: str, id: str, type: str, name: str, source: str) -> _Node | Unreadable:
        category = CATEGORIES[type]
        intake = self._intake
        try:
            curie = _group_curie(id) if source == _GROUPED else _curie(id, source, intake)
        except Unreadable as error:
            self._nodes[index] = error
            return error
        self._nodes[index] = node = _Node(curie, (intake.evidence(curie, agent_type=AgentType.AUTOMATED),))
        if source == _GROUPED:
            self._new += self._group(node, category, name, id)
        else:
            self._new.append(named(curie, category, name))
        return node

    def _group(self, group: _Node, category: Category, name: str, id: str) -> Iterator[Record]:
        members = [_curie(number, "MONDO", self._intake) for number in id.split("_")]
        yield named(group.curie, category, name, xrefs=tuple(members))
        request = self._intake.request
        for member in members:
            yield Match(group.curie, member, request.source, request.release, MatchKind.NARROW)
            yield Fact(member, Predicate.SUBCLASS_OF, group.curie, group.evidence)


def _curie(id: str, source: str, intake: Intake) -> Curie:
    if source not in _PREFIXES:
        raise Unreadable(Kind.UNKNOWN_PREFIX, f"the node source {source!r} is not one of PrimeKG's")
    prefix, digits = _PREFIXES[source]
    number = id.removesuffix(".0")  # a spreadsheet may have made decimals of them
    return intake.identifiers.read(f"{prefix}:{number.zfill(digits)}")


def _group_curie(id: str) -> Curie:
    return f"local:MONDO_grouped_{hashlib.blake2b(id.encode(), digest_size=6).hexdigest()}"
