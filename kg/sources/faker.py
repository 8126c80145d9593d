"""Common diseases with symptoms and drugs, of a generator of test data (faker-healthcare-provider, MIT).

Its authors say that it is for testing and development only, so it has the lowest tier and is in no default set.
"""

import ast
from collections.abc import Iterator
from typing import IO

from ..concept import Category
from ..errors import MalformedSource
from ..fact import Predicate
from ..record import Match, MatchKind, Record
from .plain import PlainNames

SOURCE = "faker"
_TABLE = "DISEASE_CORRELATIONS"


def read_faker(file: IO[bytes], release: str) -> Iterator[Record]:
    """One fact per disease and symptom, and per disease and drug, out of a table written as a Python literal.

    The file is parsed, never run.

    Raises:
        MalformedSource: it assigns no literal table.
    """
    names = PlainNames(SOURCE, release)
    for label, fields in _table(file).items():
        disease = names.curie(label, Category.DISEASE)
        code = f"ICD10CM:{fields['icd10']}"
        yield from names.take()
        yield Match(disease, code, SOURCE, release, MatchKind.CLOSE, "semapv:ManualMappingCuration")
        for text in fields["symptoms"]:
            sign = names.curie(text, Category.PHENOTYPE)
            yield from names.take()
            yield names.fact(disease, Predicate.HAS_PHENOTYPE, sign, disease, f"{label}: {text}")
        for text in fields["medications"]:
            drug = names.curie(text, Category.DRUG)
            yield from names.take()
            yield names.fact(drug, Predicate.TREATS, disease, disease, f"{label}: {text}")


def _table(file: IO[bytes]) -> dict[str, dict[str, str]]:
    try:
        for node in ast.parse(file.read().decode("utf-8")).body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == _TABLE:
                table: dict[str, dict[str, str]] = ast.literal_eval(node.value) if node.value else {}
                return table
    except (SyntaxError, ValueError) as error:
        raise MalformedSource(SOURCE, "its Python text", str(error)) from error
    raise MalformedSource(SOURCE, "its Python text", f"it assigns no {_TABLE}")
