"""Pregnancy categories of the WHO essential medicines, as GNU Health lists them (Falcón et al., GPL-3.0-or-later)."""

import re
from collections.abc import Iterator, Mapping
from typing import IO
from xml.etree import ElementTree

from ..concept import Category
from ..errors import MalformedSource
from ..fact import Evidence, Fact, Predicate, Qualifier
from ..record import Record
from .plain import PlainNames

SOURCE = "who-medicines"
_ASIDE = re.compile(r" \([^()]*\)$")  # "zidovudine (ZDV or AZT)"
PREGNANCY = "MESH:D011247"

# X: risk outweighs any benefit. D: evidence of risk to the fetus; may be used where nothing safer will do.
_PREDICATES: Mapping[str, Predicate] = {"X": Predicate.CONTRAINDICATED_IN, "D": Predicate.NEEDS_CAUTION_IN}


def read_who_medicines(file: IO[bytes], release: str) -> Iterator[Record]:
    """Every medicine of the list, and a fact for each whose pregnancy category is X or D.

    Raises:
        MalformedSource: the file is not well-formed XML.
    """
    names = PlainNames(SOURCE, release)
    seen: set[tuple[str, str]] = set()
    try:
        for _, element in ElementTree.iterparse(file):
            if element.tag == "record":
                row = {item.get("name", ""): (item.text or "").strip() for item in element}
                medicine = _ASIDE.sub("", " ".join(row["active_component"].split()))
                category = row["pregnancy_category"]
                curie = names.curie(medicine, Category.DRUG)
                yield from names.take()
                if category in _PREDICATES and (medicine, category) not in seen:
                    seen.add((medicine, category))
                    record = f"WHOEML:{element.get('id')}"
                    quote = f"{medicine}: pregnancy category {category}. {' '.join(row['notes'].split())}"
                    yield Fact(
                        curie,
                        _PREDICATES[category],
                        PREGNANCY,
                        (Evidence(SOURCE, release, record, (record,), quote=quote.strip()),),
                        qualifiers=((Qualifier.PREGNANCY_CATEGORY, category),),
                    )
                element.clear()
    except ElementTree.ParseError as error:
        raise MalformedSource(SOURCE, "its XML", str(error)) from error
