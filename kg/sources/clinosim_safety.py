"""Drug safety tables of clinosim: classes, pairs of classes, diseases in which a class is harmful, pregnancy."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..concept import Category, Curie
from ..errors import MalformedSource
from ..fact import Predicate, Qualifier
from ..record import Record
from .plain import PlainNames
from .who_medicines import PREGNANCY

_SOURCE = "clinosim"
_SEVERITIES = {"contraindicated": "contraindicated", "major": "avoid", "moderate": "precaution", "minor": "note"}
_CLASSES = {
    "acei": "ACE inhibitors",
    "arb": "angiotensin II receptor blockers",
    "acei arb": "ACE inhibitors and angiotensin II receptor blockers",
    "anticoagulant vka": "vitamin K antagonists",
    "anticoagulant doac": "direct oral anticoagulants",
    "anticoagulant heparin": "heparins",
    "ccb non dhp": "non-dihydropyridine calcium channel blockers",
    "ccb dhp": "dihydropyridine calcium channel blockers",
    "nsaid": "nonsteroidal anti-inflammatory drugs",
    "antiplatelet p2y12": "P2Y12 inhibitors",
    "maoi": "MAO inhibitors",
    "ssri": "selective serotonin reuptake inhibitors",
}


def read_safety(document: Mapping[str, Any], names: PlainNames) -> Iterator[Record]:
    """Facts of one table.

    Raises:
        MalformedSource: it is none of the four tables.
    """
    if "mappings" in document:
        yield from _classes(document["mappings"], names)
    elif "substitutions" in document:
        yield from _pregnancy(document["substitutions"], names)
    elif "rules" in document:
        for rule in document["rules"]:
            yield from _pair(rule, names) if "lhs" in rule else _disease(rule, names)
    else:
        raise MalformedSource(_SOURCE, "one of its files", "it is neither a disease nor a table of drug safety")


def _class(name: str, names: PlainNames) -> Curie:
    spoken = name.replace(".", " ").replace("_", " ")
    return names.curie(_CLASSES.get(spoken, spoken), Category.CHEMICAL)


def _classes(drugs: Mapping[str, Any], names: PlainNames) -> Iterator[Record]:
    for drug, fields in drugs.items():
        member = names.curie(drug, Category.DRUG)
        for name in fields["classes"]:
            yield names.fact(member, Predicate.SUBCLASS_OF, _class(name, names), f"clinosim:{_local(drug)}",
                             f"{drug}: {name}")  # fmt: skip


def _pair(rule: Mapping[str, Any], names: PlainNames) -> Iterator[Record]:
    first, second = (_class(rule[side], names) for side in ("lhs", "rhs"))
    said = {
        Qualifier.SEVERITY: _SEVERITIES[rule["severity"]],
        Qualifier.MECHANISM: rule["rationale_en"],
        Qualifier.COMMENT: f"after {rule['source']}",
    }
    yield names.fact(first, Predicate.INTERACTS_WITH, second, f"clinosim:{rule['id']}", rule["rationale_en"], said=said)


def _disease(rule: Mapping[str, Any], names: PlainNames) -> Iterator[Record]:
    """A class of drugs in a disease; rules about age and sex alone name no disease and say nothing here."""
    severity = _SEVERITIES[rule["severity"]]
    predicate = Predicate.CONTRAINDICATED_IN if severity == "contraindicated" else Predicate.NEEDS_CAUTION_IN
    for code in rule.get("disease_predicate", {}).get("icd_prefix", ()):
        said = {
            Qualifier.SEVERITY: severity,
            Qualifier.ADVICE: rule["rationale_en"],
            Qualifier.COMMENT: f"after {rule['source']}",
        }
        drugs = _class(rule["drug_class"], names)
        yield names.fact(drugs, predicate, f"ICD10CM:{code}", f"clinosim:{rule['id']}", rule["rationale_en"], said=said)


def _pregnancy(drugs: Mapping[str, Any], names: PlainNames) -> Iterator[Record]:
    for drug, fields in drugs.items():
        text = fields["rationale_en"]
        predicate = Predicate.CONTRAINDICATED_IN if "contraindicated" in text else Predicate.NEEDS_CAUTION_IN
        said = {Qualifier.ADVICE: f"{text} Substitute: {fields['substitute']}."}
        record = f"clinosim:{_local(drug)}"
        yield names.fact(names.curie(drug, Category.DRUG), predicate, PREGNANCY, record, text, said=said)


def _local(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name).strip("-")
