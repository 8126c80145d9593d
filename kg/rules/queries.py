"""Queries of rules, asked of a small graph held in memory."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from ..concept import Curie
from ..errors import MalformedCurie, MalformedQuery
from ..iri import PREFIX_HEADER, PREFIXES, curie_of, iri_of
from .rule import Rule, Verdict

if TYPE_CHECKING:
    import pyoxigraph

ROW = f"{PREFIXES['fact']}row-"
"""Begins the IRI of the fact in one row of the snapshot."""

_WORDS = frozenset({"biolink", "clinigraph", "source", "fact", "description", "rdf", "rdfs", "xsd", "skos"})
"""Prefixes of the vocabulary; a name under any other prefix is a concept."""

_NAMED = re.compile(r"(?<![\w:/<])([A-Za-z][\w.]*):([A-Za-z0-9][\w.-]*[\w-]|[A-Za-z0-9])")

Resolve: TypeAlias = Callable[[str], Curie | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule found about one subject: a verdict, values for the message's slots, and the fact rows behind it.

    ``instead`` are the concepts that fit better.
    """

    verdict: Verdict
    slots: Mapping[str, str]
    rows: tuple[int, ...] = ()
    instead: tuple[Curie, ...] = ()


@lru_cache(maxsize=512)
def selected_variables(query: str) -> frozenset[str]:
    """The variables that a SELECT query selects.

    Raises:
        MalformedQuery: it does not parse or is no SELECT.
    """
    import pyoxigraph

    try:
        found = pyoxigraph.Store().query(PREFIX_HEADER + query)
    except (SyntaxError, ValueError) as error:
        raise MalformedQuery(str(error)) from error
    if not isinstance(found, pyoxigraph.QuerySolutions):
        raise MalformedQuery("it is no SELECT query")
    return frozenset(variable.value for variable in found.variables)


def constants(queries: Iterable[str]) -> frozenset[Curie]:
    """The concepts that queries name, as they name them."""
    return frozenset(
        f"{prefix}:{local}"
        for query in queries
        for prefix, local in _NAMED.findall(query)
        if prefix in PREFIXES and prefix not in _WORDS
    )


def with_canonical_names(query: str, resolve: Resolve) -> str:
    """The query with each concept under the identifier that the graph holds it under."""

    def name(found: re.Match[str]) -> str:
        if found[1] not in PREFIXES or found[1] in _WORDS:
            return found[0]
        return f"<{iri_of(resolve(found[0]) or found[0])}>"

    return _NAMED.sub(name, query)


class SmallGraph:
    """The triples of a case and what surrounds it, in memory."""

    def __init__(self, triples: str, label: Callable[[Curie], str]) -> None:
        import pyoxigraph

        self._store = pyoxigraph.Store()
        self._store.load(triples, format=pyoxigraph.RdfFormat.N_TRIPLES, lenient=True)
        self._label = label

    def outcomes(self, rule: Rule, subjects: Iterable[Curie]) -> dict[Curie, Outcome]:
        """What a rule says about each subject."""
        applies = self._rows(rule.applies)
        violated = self._rows(rule.violated) if applies else {}
        satisfied = self._rows(rule.satisfied) if applies and rule.satisfied else {}
        return {subject: self._outcome(subject, applies, violated, satisfied) for subject in subjects}

    def _outcome(self, subject: Curie, applies: "_Found", violated: "_Found", satisfied: "_Found") -> Outcome:
        if subject not in applies:
            return Outcome(Verdict.NOT_APPLICABLE, {})
        if subject in violated:
            verdict, rows = Verdict.VIOLATED, violated[subject]
        elif subject in satisfied:
            verdict, rows = Verdict.SATISFIED, satisfied[subject]
        else:
            verdict, rows = Verdict.UNKNOWN, applies[subject]
        facts = tuple(sorted({int(row["fact"][len(ROW) :]) for row in rows if row.get("fact", "").startswith(ROW)}))
        told = applies[subject] if rows is applies[subject] else [*applies[subject], *rows]
        instead = {_find_curie(row["instead"]) for row in rows if "instead" in row}
        return Outcome(verdict, self._slots(told), facts, tuple(sorted(filter(None, instead))))

    def _slots(self, rows: "list[dict[str, str]]") -> dict[str, str]:
        values: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            for name, value in row.items():
                if name not in ("this", "fact"):
                    values[name].add(self._in_words(value))
        return {name: ", ".join(sorted(found - {""})) for name, found in values.items()}

    def _in_words(self, value: str) -> str:
        concept = _find_curie(value)
        return value.removeprefix(_LITERAL) if concept is None else self._label(concept)

    def _rows(self, query: str) -> "_Found":
        """The rows of a query by the concept that ``$this`` stands for."""
        rows: _Found = defaultdict(list)
        solutions = self._store.query(PREFIX_HEADER + query.replace("$", "?"))
        names = [variable.value for variable in solutions.variables]  # type: ignore[union-attr]  # checked when read
        for solution in solutions:  # type: ignore[union-attr]
            row = {name: _text(term) for name, term in zip(names, solution, strict=True) if term is not None}
            if "this" in row:
                rows[curie_of(row["this"])].append(row)
        return rows


_Found: TypeAlias = dict[Curie, list[dict[str, str]]]
_LITERAL = "\0"  # begins what is no concept


def _text(term: "pyoxigraph.NamedNode | pyoxigraph.Literal | object") -> str:
    import pyoxigraph

    value = str(getattr(term, "value", term))
    return value if isinstance(term, pyoxigraph.NamedNode) else _LITERAL + value


def _find_curie(value: str) -> Curie | None:
    if value.startswith(_LITERAL):
        return None
    try:
        return curie_of(value)
    except MalformedCurie:
        return None
