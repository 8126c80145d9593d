"""Guideline summaries, differential diagnoses and renal dosing of Open Medicine (MIT).

Each text names the guideline or review that it was made from, by DOI. Who wrote the summaries is not said, so the
sources read here have the lowest tier, and their evidence refers to the named publication.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from ..concept import Category, Curie, Description
from ..errors import MalformedSource
from ..fact import Predicate, Qualifier
from ..record import Record
from .plain import PlainNames

RENAL_INSUFFICIENCY = "HP:0000083"
_HEADING = re.compile(r"^(#{1,3}) +(.+?) *#*$", re.MULTILINE)
_ASIDE = re.compile(r" *\([^()]*\)")
_LONGEST_NAME = 12  # words; a longer feature is a sentence, no thing to have


def read_guidelines(*files: Any) -> Iterator[Record]:
    """The sections of every summary as texts with title, year and DOI.

    The first file lists the guidelines and the sections of each as JSON, the next ones are the sections in that order
    as Markdown, the last argument is the release.

    Raises:
        MalformedSource: the list is no JSON, or there are more or fewer files than sections.
    """
    index, *texts, release = files
    sections = [(guide, name) for guide in _parsed(index, "guidelines") for name in guide["sections"]]
    if len(sections) != len(texts):
        reason = f"it lists {len(sections)} sections, and there are {len(texts)} files"
        raise MalformedSource("guidelines", "its registry", reason)
    for (guide, name), file in zip(sections, texts, strict=True):
        reference = f"doi:{guide['doi']} {name}"
        for place, (title, text) in enumerate(_sections(file.read().decode("utf-8"), guide["title"]), 1):
            yield Description(None, title, text, "guideline section", "guidelines", release,
                              f"{reference} {place}", guide["year"])  # fmt: skip


def _sections(text: str, guideline: str) -> Iterator[tuple[str, str]]:
    """Title and text under each heading; a heading of the third level stays inside its section."""
    heads = [found for found in _HEADING.finditer(text) if len(found[1]) < 3]
    page = next((found[2] for found in heads if len(found[1]) == 1), guideline)
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        body = text[head.end() : following.start() if following else len(text)].strip("\n -")
        if body:
            yield (page if head[2] == page else f"{page}: {head[2]}"), body


def read_differentials(*files: Any) -> Iterator[Record]:
    """What each disease of a differential diagnosis looks like, its red flags and tests.

    Each file is the differential of one complaint as JSON; the last argument is the release.
    """
    *documents, release = files
    names = PlainNames("differentials", release)
    for file in documents:
        table = _parsed(file, "differentials")
        complaint = names.curie(_spoken(table["differential_id"]), Category.PHENOTYPE)
        for row in table["diagnoses"]:
            yield from _diagnosis(row, table, complaint, names)
            yield from names.take()


def _diagnosis(
    row: Mapping[str, Any], table: Mapping[str, Any], complaint: Curie, names: PlainNames
) -> Iterator[Record]:
    disease = names.curie(_ASIDE.sub("", row["name"]), Category.DISEASE)
    record = f"openmedicine:{table['differential_id']}"
    cited = (f"doi:{table['source_doi']}",)
    said = {Qualifier.COMMENT: f"{row['likelihood']} cause of {_spoken(table['differential_id'])}"}
    if complaint != disease:
        yield names.fact(disease, Predicate.HAS_PHENOTYPE, complaint, record, table["title"], cited, said)
    for feature in row["key_features"]:
        for sign in _things(feature, Category.PHENOTYPE, names):
            yield names.fact(disease, Predicate.HAS_PHENOTYPE, sign, record, feature, cited)
    for flag in row["red_flags"]:
        for sign in _things(flag, Category.PHENOTYPE, names):
            yield names.fact(sign, Predicate.RED_FLAG_OF, disease, record, flag, cited)
    for test in row["recommended_tests"]:
        for thing in _things(test, Category.PROCEDURE, names):
            yield names.fact(thing, Predicate.DIAGNOSES, disease, record, test, cited)


def _things(phrase: str, category: Category, names: PlainNames) -> list[Curie]:
    """What a phrase names: its parts, if every part is known by name, else the phrase itself if it is short."""
    whole = _ASIDE.sub("", phrase).strip()
    parts = [part for part in re.split(r", (?:and |or )?| and | or ", whole) if part]
    if len(parts) > 1 and all(names.is_grounded(part, category) for part in parts):
        return [names.curie(part, category) for part in parts]
    return [names.curie(whole, category)] if 0 < len(whole.split()) <= _LONGEST_NAME else []


def read_renal_doses(file: IO[bytes], release: str) -> Iterator[Record]:
    """One ``needs_caution_in`` renal insufficiency fact per drug, its advice the doses by renal function."""
    names = PlainNames("renal-doses", release)
    for key, drug in _parsed(file, "renal-doses").items():
        curie = names.curie(_spoken(key), Category.DRUG)
        yield from names.take()
        metric = {"crcl": "CrCl", "egfr": "eGFR"}[drug["label_renal_metric"]]
        advice = "; ".join(_dose(tier, metric) for tier in drug["tiers"])
        said = {Qualifier.DOSE: f"normal: {drug['normal_dose']}", Qualifier.ADVICE: advice}
        yield names.fact(
            curie,
            Predicate.NEEDS_CAUTION_IN,
            RENAL_INSUFFICIENCY,
            f"openmedicine:renal.{key}",
            drug["source_description"],
            (f"doi:{drug['source_doi']}",),
            said,
        )


def _dose(tier: Mapping[str, Any], metric: str) -> str:
    limits = f"{metric} {tier['min']} or more" if tier["max"] is None else f"{metric} {tier['min']} to {tier['max']}"
    warnings = f" ({'; '.join(tier['warnings'])})" if tier["warnings"] else ""
    return f"{limits}: {tier['dose']}{warnings}"


def _parsed(file: IO[bytes], source: str) -> Any:
    try:
        return json.load(file)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise MalformedSource(source, "its JSON", str(error)) from error


def _spoken(identifier: str) -> str:
    return identifier.replace("_", " ")
