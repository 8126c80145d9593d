"""Common acute diseases of the hospital simulator clinosim (MIT): signs, risks, tests, treatments, complications.

Each file is a YAML document of one disease, or one table of drug safety, and is known by its keys. The authors cite a
guideline for each section; who checked them is not said, so the source has the lowest tier.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

import yaml

from ..concept import Category, Curie
from ..errors import MalformedSource
from ..fact import Predicate, Qualifier
from ..record import Match, MatchKind, Record
from .clinosim_safety import read_safety
from .plain import PlainNames
from .who_medicines import PREGNANCY

SOURCE = "clinosim"
RENAL_INSUFFICIENCY = "HP:0000083"

# Groups of drugs that treat the disease itself; the others treat complications or are given beside it.
_LINES = {
    "first_line": "first line",
    "alternative_penicillin_allergy": "alternative in penicillin allergy",
    "escalation": "escalation",
    "discharge_oral": "at discharge",
}
_ABBREVIATIONS = {"mi": "myocardial infarction", "tia": "transient ischemic attack", "dvt": "deep vein thrombosis",
                  "pe": "pulmonary embolism", "rvr": "with rapid ventricular response"}  # fmt: skip
_SKIPPED_RISKS = {"female", "low_socioeconomic", "age_over_75"}  # of the population, no exposure


def read_clinosim(*files: Any) -> Iterator[Record]:
    """Facts of every file; the last argument is the release.

    Raises:
        MalformedSource: a file is no YAML, or is of no known kind.
    """
    *documents, release = files
    names = PlainNames(SOURCE, release)
    for place, file in enumerate(documents, 1):
        document = _document(file, place)
        read = _read_disease if "disease_id" in document else read_safety
        yield from read(document, names)
        yield from names.take()


def _document(file: IO[bytes], place: int) -> Mapping[str, Any]:
    try:
        document = yaml.load(file.read(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MalformedSource(SOURCE, f"file {place}", str(error)) from error
    if not isinstance(document, Mapping):
        raise MalformedSource(SOURCE, f"file {place}", "it is no table")
    return document


def _read_disease(document: Mapping[str, Any], names: PlainNames) -> Iterator[Record]:
    disease = names.curie(_spoken(document["disease_id"]), Category.DISEASE)
    record = f"clinosim:{document['disease_id']}"
    code = str(document["icd_codes"]["primary"])
    yield Match(disease, f"ICD10CM:{code}", SOURCE, names.release, MatchKind.CLOSE, "semapv:ManualMappingCuration")
    for part in _PARTS:
        yield from part(document, names, disease, record)
        yield from names.take()


def _signs(document: Mapping[str, Any], names: PlainNames, disease: Curie, record: Curie) -> Iterator[Record]:
    complaint = str(document["chief_complaint"]["en"])
    for sign in complaint.split(", "):
        yield names.fact(disease, Predicate.HAS_PHENOTYPE, names.curie(sign, Category.PHENOTYPE), record, complaint)


def _risks(document: Mapping[str, Any], names: PlainNames, disease: Curie, record: Curie) -> Iterator[Record]:
    for row in document.get("incidence", {}).get("risk_multipliers") or ():
        risk, times = str(row["condition"]), row["multiplier"]
        if risk in _SKIPPED_RISKS or times <= 1:
            continue
        is_code = risk[0].isupper() and risk[1:2].isdigit()
        cause = f"ICD10CM:{risk}" if is_code else names.curie(_spoken(risk), Category.EXPOSURE)
        said = {Qualifier.COMMENT: f"multiplies the incidence by {times:g}"}
        yield names.fact(cause, Predicate.PREDISPOSES_TO, disease, record, f"{risk}: multiplier {times}", said=said)


def _ratios(document: Mapping[str, Any], names: PlainNames, disease: Curie, record: Curie) -> Iterator[Record]:
    del disease  # each ratio names its own
    for test, targets in (document.get("likelihood_ratios") or {}).items():
        for target, ratio in targets.items():
            if target in {"note", "normal", "artifact"} or not _speaks_for(ratio):
                continue
            said = {
                Qualifier.LIKELIHOOD_RATIO_POSITIVE: _number(ratio.get("positive_LR")),
                Qualifier.LIKELIHOOD_RATIO_NEGATIVE: _number(ratio.get("negative_LR")),
                Qualifier.COMMENT: str(targets.get("note", "")),
            }
            finding = names.curie(_spoken(test), Category.MEASUREMENT)
            other = names.curie(_spoken(target), Category.DISEASE)
            yield names.fact(finding, Predicate.DIAGNOSES, other, record, f"{test}: {target} {dict(ratio)}", said=said)


def _imaging(document: Mapping[str, Any], names: PlainNames, disease: Curie, record: Curie) -> Iterator[Record]:
    for row in document["order_protocols"].get("admission_orders", {}).get("imaging") or ():
        test = names.curie(_spoken(row["test"]), Category.PROCEDURE)
        said = {Qualifier.COMMENT: str(row.get("note", ""))}
        yield names.fact(test, Predicate.DIAGNOSES, disease, record, f"imaging at admission: {row['test']}", said=said)


def _treatments(document: Mapping[str, Any], names: PlainNames, disease: Curie, record: Curie) -> Iterator[Record]:
    for group, line in _LINES.items():
        listed = document["drugs"].get(group)
        for country in ("us", "japan"):
            rows = listed.get(country) if isinstance(listed, Mapping) else ()
            for row in rows or ():
                if isinstance(row, Mapping) and "drug" in row and "indication" not in row:
                    yield from _treatment(row, line, country, names, disease, record)


def _treatment(
    row: Mapping[str, Any], line: str, country: str, names: PlainNames, disease: Curie, record: Curie
) -> Iterator[Record]:
    drug = names.curie(_spoken(row["drug"]), Category.DRUG)
    predicate = Predicate.APPLIED_TO_TREAT if line == "at discharge" else Predicate.TREATS
    said = {
        Qualifier.LINE: line,
        Qualifier.DOSE: str(row.get("dose", "")),
        Qualifier.POPULATION: {"us": "United States", "japan": "Japan"}[country],
        Qualifier.COMMENT: str(row.get("note", "")),
    }
    quote = f"{line}, {country}: {row['drug']} {row.get('dose', '')}".strip()
    yield names.fact(drug, predicate, disease, record, quote, said=said)
    if row.get("pregnancy_safe") is False:
        yield names.fact(drug, Predicate.NEEDS_CAUTION_IN, PREGNANCY, record, f"{row['drug']}: pregnancy_safe: false")
    if isinstance(row.get("renal_adjustment"), Mapping) and row["renal_adjustment"]:
        advice = "; ".join(f"{_spoken(limit)}: {what}" for limit, what in row["renal_adjustment"].items())
        yield names.fact(drug, Predicate.NEEDS_CAUTION_IN, RENAL_INSUFFICIENCY, record, f"{row['drug']}: {advice}",
                         said={Qualifier.ADVICE: advice})  # fmt: skip


def _complications(document: Mapping[str, Any], names: PlainNames, disease: Curie, record: Curie) -> Iterator[Record]:
    for row in document.get("complications") or ():
        other = names.curie(_spoken(row["name"]), Category.DISEASE)
        text = str(row.get("description", ""))
        if other != disease:
            yield names.fact(disease, Predicate.CAUSES, other, record, f"complication: {row['name']}. {text}",
                             said={Qualifier.COMMENT: "complication"})  # fmt: skip


_Part = Callable[[Mapping[str, Any], PlainNames, Curie, Curie], Iterator[Record]]
_PARTS: tuple[_Part, ...] = (_signs, _risks, _ratios, _imaging, _treatments, _complications)


def _spoken(identifier: object) -> str:
    """An identifier as words: ``acute_mi`` as "acute myocardial infarction"."""
    words = str(identifier).replace("_", " ").split()
    return " ".join(_ABBREVIATIONS.get(word, word) for word in words)


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else ""


def _speaks_for(ratio: object) -> bool:
    """Whether a positive finding makes the disease likelier."""
    return isinstance(ratio, Mapping) and isinstance(ratio.get("positive_LR"), int | float) and ratio["positive_LR"] > 1
