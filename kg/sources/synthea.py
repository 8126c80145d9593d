"""What the disease modules of Synthea prescribe and show (Walonoski et al. 2018, doi:10.1093/jamia/ocx079; Apache-2.0).

A module is a state machine that simulates a disease for synthetic records; a prescription names the condition that is
its reason. Modules are written after guidelines but are no guideline, so the source has the lowest tier.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..concept import Category
from ..errors import MalformedSource
from ..fact import Predicate, Qualifier
from ..record import Record
from .plain import PlainNames

SOURCE = "synthea"
_KIND = re.compile(r" \((?:disorder|finding|procedure|situation|event|morphologic abnormality)\)$")
_BEFORE_NAME = re.compile(r"^(?:\d[\d.]* (?:HR|ML|ACTUAT|DAY) )+|^NDA\d+ ")
_STRENGTH = re.compile(r",? \d.*$| (?:Oral|Injection|Injectable|Topical|Ophthalmic|Transdermal|Sublingual)\b.*$| \[.*$")


def read_synthea(*files: Any) -> Iterator[Record]:
    """One fact per condition and drug prescribed for it, and per condition and symptom of a module with one condition.

    Each file is one module as JSON; the last argument is the release.
    """
    *modules, release = files
    names = PlainNames(SOURCE, release)
    for file in modules:
        try:
            module = json.load(file)
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise MalformedSource(SOURCE, "a module's JSON", str(error)) from error
        yield from _module(module, names)


def _module(module: Mapping[str, Any], names: PlainNames) -> Iterator[Record]:
    record = f"synthea:{re.sub(r'[^A-Za-z0-9]+', '-', module['name']).strip('-')}"
    states: Mapping[str, Mapping[str, Any]] = module["states"]
    onsets = {key: _conditions(state) for key, state in states.items() if state["type"] == "ConditionOnset"}
    reasons = dict(onsets)
    for key, conditions in onsets.items():
        if attribute := states[key].get("assign_to_attribute"):
            reasons[attribute] = [*reasons.get(attribute, ()), *conditions]
    every = sorted({condition for conditions in onsets.values() for condition in conditions})
    for state in states.values():
        if state["type"] == "MedicationOrder":
            for condition in reasons.get(state.get("reason", ""), ()):
                yield from _prescription(state, condition, record, names)
        elif state["type"] == "Symptom" and len(every) == 1:
            yield from _symptom(state, every[0], record, names)


def _conditions(state: Mapping[str, Any]) -> list[str]:
    return [_KIND.sub("", code["display"]) for code in state["codes"]]


def _prescription(state: Mapping[str, Any], condition: str, record: str, names: PlainNames) -> Iterator[Record]:
    disease = names.curie(condition, Category.DISEASE)
    for code in state["codes"]:
        for ingredient in _ingredients(code["display"]):
            drug = names.curie(ingredient, Category.DRUG)
            yield from names.take()
            said = {Qualifier.COMMENT: f"prescribed as {code['display']} (RxNorm {code['code']})"}
            yield names.fact(drug, Predicate.TREATS, disease, record, f"{code['display']}: {condition}", said=said)


def _symptom(state: Mapping[str, Any], condition: str, record: str, names: PlainNames) -> Iterator[Record]:
    disease = names.curie(condition, Category.DISEASE)
    whole = str(state["symptom"])
    parts = whole.split("/")
    for text in parts if all(names.is_grounded(part, Category.PHENOTYPE) for part in parts) else [whole]:
        sign = names.curie(text, Category.PHENOTYPE)
        yield from names.take()
        yield names.fact(disease, Predicate.HAS_PHENOTYPE, sign, record, f"{condition}: {whole}")


def _ingredients(product: str) -> list[str]:
    """Names of the substances of a product named as in RxNorm, without strength, form and brand."""
    parts = (_STRENGTH.sub("", _BEFORE_NAME.sub("", part)).strip() for part in product.split(" / "))
    return [part for part in parts if any(letter.isalpha() for letter in part)]
