"""Triples in plain CSV or TSV tables, with a TOML file that says what the columns mean.

delimiter = ","                 # by default by the ending of the table

[subject]
column = "disease"
prefix = "MONDO"                # put before numbers that have none
digits = 7                      # to which such numbers are filled up with zeros
name = "disease_name"           # column with the label; the table then makes concepts, too
category = "Disease"            # or category_column

[predicate]
column = "relation"             # or value = "has_phenotype"
values = { "shows" = "has_phenotype", "denies" = "not has_phenotype" }

[object]
column = "sign"

[fact]                          # each the name of a column, and all of them optional
references = "pmid"
references_prefix = "PMID"
negated = "is_not"              # true, yes, 1 or not
frequency = "how_often"         # 3/7, 45% or an HPO frequency term
onset = "onset"
sex = "sex"
quote = "sentence"

[qualifiers]
severity = "severity_column"
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..concept import Category, Concept, Curie
from ..errors import GraphError
from ..fact import Qualifier, parse_frequency
from ..record import Record
from .errors import MalformedMapping, MappingMissing, NotThisFormat
from .files import plain_suffix
from .intake import Intake, at, named, stated
from .kinds import Kind
from .rows import quoted_rows
from .vocabulary import category_of, relation_of, sex_of

_TRUE = {"true", "1", "yes", "t", "not"}
_FACT_KEYS = {"references", "references_prefix", "negated", "frequency", "onset", "sex", "quote"}
_QUALIFIERS = {qualifier.name.lower(): qualifier for qualifier in Qualifier}


@dataclass(frozen=True, slots=True)
class End:
    """What one end of a triple is made of."""

    column: str
    prefix: str = ""
    digits: int = 0
    name: str = ""
    category: str = ""
    category_column: str = ""


@dataclass(frozen=True, slots=True)
class TableMapping:
    """What the columns of a table mean."""

    subject: End
    object: End
    predicate_column: str = ""
    predicate_value: str = ""
    predicate_values: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ""
    fact: Mapping[str, str] = field(default_factory=dict)
    qualifiers: Mapping[Qualifier, str] = field(default_factory=dict)

    def columns(self) -> set[str]:
        """Every column that the mapping names."""
        ends = {
            getattr(end, key) for end in (self.subject, self.object) for key in ("column", "name", "category_column")
        }
        facts = {column for key, column in self.fact.items() if key != "references_prefix"}
        return (ends | facts | set(self.qualifiers.values()) | {self.predicate_column}) - {""}


def read_mapping(path: Path) -> TableMapping:
    """The mapping file of a table.

    Raises:
        MalformedMapping: it is missing, no TOML, or lacks or misspells something.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        predicate = table["predicate"]
        mapping = TableMapping(
            End(**table["subject"]),
            End(**table["object"]),
            predicate.get("column", ""),
            predicate.get("value", ""),
            predicate.get("values", {}),
            table.get("delimiter", ""),
            table.get("fact", {}),
            {_QUALIFIERS[name]: column for name, column in table.get("qualifiers", {}).items()},
        )
    except OSError as error:
        raise MalformedMapping(path, f"it cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MalformedMapping(path, f"it is not TOML ({error})") from error
    except KeyError as error:
        raise MalformedMapping(path, f"it lacks or does not know {error}") from error
    except (TypeError, AttributeError) as error:
        raise MalformedMapping(path, f"a key is misspelt or has the wrong form ({error})") from error
    if not (mapping.predicate_column or mapping.predicate_value):
        raise MalformedMapping(path, "[predicate] needs a column or a value")
    if unknown := set(mapping.fact) - _FACT_KEYS:
        raise MalformedMapping(path, f"[fact] does not know {', '.join(sorted(unknown))}")
    return mapping


def read_table(paths: Sequence[Path], intake: Intake) -> Iterator[Record]:
    """Concepts where the mapping names a column of labels, and a fact for each row.

    Raises:
        MappingMissing: no mapping file was passed.
        MalformedMapping: it cannot be used.
        NotThisFormat: a table lacks a column that the mapping names.
    """
    if intake.request.mapping is None:
        raise MappingMissing(paths[0])
    mapping = read_mapping(intake.request.mapping)
    for path in paths:
        seen: set[tuple[Curie, str]] = set()
        for where, row in _rows(path, mapping, intake):
            try:
                yield from _records(row, where, mapping, seen, intake)
            except (GraphError, ValueError, KeyError) as error:
                intake.reject(Kind.MALFORMED, where, str(error))


def _rows(path: Path, mapping: TableMapping, intake: Intake) -> Iterator[tuple[str, dict[str, str]]]:
    delimiter = mapping.delimiter or ("\t" if plain_suffix(path) in (".tsv", ".tab") else ",")
    rows = quoted_rows(path, intake, delimiter)
    header = [column.strip() for column in next(rows, (0, []))[1]]
    if header and (missing := mapping.columns() - set(header)):
        raise NotThisFormat(path, intake.request.format, f"it has no column {', '.join(sorted(missing))}")
    for number, row in rows:
        yield at(path, number), dict(zip(header, map(str.strip, row), strict=True))


def _records(
    row: Mapping[str, str], where: str, mapping: TableMapping, seen: set[tuple[Curie, str]], intake: Intake
) -> Iterator[Record]:
    subject, target = _curie(row, mapping.subject, where, intake), _curie(row, mapping.object, where, intake)
    if subject is None or target is None:
        return
    for curie, end in ((subject, mapping.subject), (target, mapping.object)):
        if end.name and (curie, row[end.name]) not in seen:
            seen.add((curie, row[end.name]))
            yield _concept(curie, row, end, intake)
    word = mapping.predicate_value or row[mapping.predicate_column]
    meant = mapping.predicate_values.get(word, word)
    if not meant:
        raise ValueError("the row has no predicate")
    relation = relation_of(meant.removeprefix("not "))
    fact = {key: row[column] for key, column in mapping.fact.items() if key != "references_prefix"}
    yield stated(
        subject,
        relation,
        target,
        intake.evidence(
            target if relation.inverted else subject, _references(fact, mapping), quote=fact.get("quote", "")
        ),
        written=word,
        negated=meant.startswith("not ") or fact.get("negated", "").lower() in _TRUE,
        frequency=parse_frequency(fact.get("frequency", "")),
        onset=intake.curie(fact["onset"], where) if fact.get("onset") else None,
        sex=sex_of(fact.get("sex", "")),
        qualifiers=[(found, row[column]) for found, column in mapping.qualifiers.items() if row[column]],
    )


def _curie(row: Mapping[str, str], end: End, where: str, intake: Intake) -> Curie | None:
    text = row[end.column]
    bare = end.prefix and ":" not in text
    return intake.curie(f"{end.prefix}:{text.zfill(end.digits)}" if bare else text, where)


def _concept(curie: Curie, row: Mapping[str, str], end: End, intake: Intake) -> Concept:
    said = end.category or (row[end.category_column] if end.category_column else "")
    category: Category | None = category_of([said]) if said else None
    return named(curie, category or intake.category(curie), row[end.name])


def _references(fact: Mapping[str, str], mapping: TableMapping) -> list[str]:
    prefix = mapping.fact.get("references_prefix", "")
    items = [item.strip() for item in fact.get("references", "").replace(";", "|").split("|") if item.strip()]
    return [f"{prefix}:{item}" if prefix and ":" not in item else item for item in items]
