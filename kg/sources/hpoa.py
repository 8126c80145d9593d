"""Disease annotations of HPO, ``phenotype.hpoa``: signed, with frequency, onset, sex and references.

Columns: https://obophenotype.github.io/human-phenotype-ontology/annotations/phenotype_hpoa/
Three signs of absence are read as a negated fact: qualifier NOT, a frequency of ``0/n``, and HP:0040285 (Excluded).
"""

import csv
import io
from collections.abc import Iterator
from typing import IO

from ..concept import Category, Concept, Name, NameKind
from ..errors import GraphError, MalformedSource
from ..fact import AgentType, Evidence, Fact, Frequency, Predicate, Sex, parse_frequency
from ..record import Record

SOURCE = "hpoa"

_PREDICATES = {
    "P": Predicate.HAS_PHENOTYPE,
    "H": Predicate.HAS_PHENOTYPE,
    "I": Predicate.HAS_INHERITANCE,
    "C": Predicate.HAS_CLINICAL_COURSE,
    "M": Predicate.HAS_CLINICAL_MODIFIER,
}
_SEXES = {"": None, "MALE": Sex.MALE, "FEMALE": Sex.FEMALE}
_COLUMNS = {"database_id", "disease_name", "qualifier", "hpo_id", "reference", "evidence", "onset", "frequency", "sex"}


def read_hpoa(file: IO[bytes], release: str) -> Iterator[Record]:
    """One disease concept per database identifier and one fact per row.

    Raises:
        MalformedSource: a column is missing or a value has an unknown form; names the line.
    """
    seen: set[str] = set()
    for line, row in _rows(file):
        disease = row["database_id"]
        try:
            if disease not in seen:
                seen.add(disease)
                yield Concept(disease, Category.DISEASE, (Name(row["disease_name"], NameKind.LABEL),))
            yield _fact(row, release)
        except (GraphError, ValueError, KeyError) as error:
            raise MalformedSource(SOURCE, f"line {line}", str(error).removesuffix(".")) from error


def _rows(file: IO[bytes]) -> Iterator[tuple[int, dict[str, str]]]:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    comments, header = 0, [""]
    for line in text:
        if not line.startswith("#"):
            header = line.rstrip("\n").split("\t")
            break
        comments += 1
    if missing := _COLUMNS - set(header):
        raise MalformedSource(SOURCE, "its header", f"columns {', '.join(sorted(missing))} are missing")
    reader = csv.DictReader(text, header, delimiter="\t", quoting=csv.QUOTE_NONE)
    for offset, row in enumerate(reader, comments + 2):
        if None in row.values():
            raise MalformedSource(SOURCE, f"line {offset}", "the row is cut short")
        yield offset, row


def _fact(row: dict[str, str], release: str) -> Fact:
    frequency = parse_frequency(row["frequency"])
    evidence = Evidence(
        SOURCE,
        release,
        record=row["database_id"],
        references=tuple(ref.strip() for ref in row["reference"].split(";") if ref.strip()),
        code=row["evidence"],
        agent_type=AgentType.AUTOMATED if row["evidence"] == "IEA" else AgentType.MANUAL,
    )
    return Fact(
        row["database_id"],
        _PREDICATES[row["aspect"]],
        row["hpo_id"],
        (evidence,),
        negated=row["qualifier"] == "NOT" or _never(frequency),
        frequency=frequency,
        onset=row["onset"] or None,
        sex=_SEXES[row["sex"].upper()],
        modifiers=tuple(item for item in row["modifier"].split(";") if item),
    )


def _never(frequency: Frequency | None) -> bool:
    return frequency is not None and frequency.high == 0.0
