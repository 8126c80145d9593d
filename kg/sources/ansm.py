"""Drug interactions of the French medicines agency, by substance and by class (ANSM thesaurus of October 2020).

A rule names a substance or a class on either side. Classes stay classes: a rule between two of them is one fact, and
which substances belong to them is said by ``subclass_of`` facts, so that an answer can say which class brings two drugs
together. The French original is kept as quote; English is that of ``data/ansm.toml``.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import IO, Any

from ..concept import Category, Concept, Curie, Name, NameKind
from ..errors import MalformedSource
from ..fact import Evidence, Fact, Predicate, Qualifier
from ..record import Match, Record
from .drugs import index_drugs
from .headings import Heading, read_headings
from .lexical import name_key, slug_of

SOURCE = "ansm"
_SEVERITIES = ("contraindicated", "avoid", "precaution", "note")
_OTHERS = "autres "  # "X" against "autres X": any two members of X


@dataclass(slots=True)
class _Lexicon:
    """What a French name stands for: a drug that it matches, a class, or a thing of its own."""

    drugs: Mapping[str, Curie]
    actions: Mapping[str, Curie]
    english: Mapping[str, str]
    classes: Mapping[str, str]
    matched: dict[Curie, Curie] = field(default_factory=dict)
    matched_actions: set[Curie] = field(default_factory=set)
    known: dict[str, Curie] = field(default_factory=dict)

    def named(self, french: str, is_class: bool, release: str) -> Iterator[Record]:
        """The concept of a name that comes up for the first time, and a match if a drug has this name."""
        key = name_key(french)
        if key in self.known:
            return
        curie = f"ANSM:{slug_of(french)}"
        drug = None if is_class else self._drug(key)
        self.known[key] = drug or curie
        if drug in self.matched:  # another salt of a drug that has an ANSM identifier already
            return
        english = self.classes.get(key) or self.english.get(key) or french.lower()
        label, *others = english.split("|")
        others += [french.lower()] if french.lower() != label else []
        names = [Name(label, NameKind.LABEL), *(Name(text, NameKind.EXACT) for text in others)]
        action = self._action([label, *others]) if is_class else None
        kind = Category.CHEMICAL_ROLE if action else Category.CHEMICAL if is_class else Category.DRUG
        yield Concept(curie, kind, tuple(names))
        if drug is not None:
            self.matched[drug] = curie
        if other := drug or action:
            yield Match(curie, other, SOURCE, release, justification="semapv:LexicalMatching")

    def _action(self, names: list[str]) -> Curie | None:
        """The pharmacological action of MeSH with a name of a class, once."""
        found = (self.actions.get(name_key(name).removesuffix("s")) for name in names)
        action = next((curie for curie in found if curie is not None), None)
        if action is None or action in self.matched_actions:
            return None
        self.matched_actions.add(action)
        return action

    def _drug(self, key: str) -> Curie | None:
        listed = self.english.get(key)
        candidates = [name_key(listed)] if listed else _english_forms(key)
        return next((self.drugs[name] for name in candidates if name in self.drugs), None)


def read_ansm(
    rules: IO[bytes], members: IO[bytes], names: IO[bytes], mappings: IO[bytes], headings: IO[bytes], release: str
) -> Iterator[Record]:
    """Substances, classes, who belongs to which, and one ``interacts_with`` fact for each pair that has a rule.

    ``rules`` and ``members`` are lists as JSON; the other files are those of the drug list. The thesaurus lists each
    pair from both sides; the first is read. Where the severity depends on dose or use, the fact has the highest and
    its advice says all.
    """
    table = tomllib.loads((resources.files("data") / "ansm.toml").read_text(encoding="utf-8"))
    english = {part: {name_key(key): text for key, text in table[part].items()} for part in table}
    texts = {_letters(key): text for key, text in table["texts"].items()}
    listed = list(read_headings(headings))
    drugs = index_drugs(names, mappings, listed)
    lexicon = _Lexicon(drugs, _actions(listed), english["substances"], english["classes"])
    substances = _parsed(members, "members")
    classes = {name_key(text): text for item in substances for text in item["drug_classes"]}
    for item in substances:
        yield from lexicon.named(item["substance"], False, release)
        for text in item["drug_classes"]:
            yield from _membership(item["substance"], _base(text, classes), lexicon, release)
    seen: set[frozenset[Curie]] = set()
    for rule in _parsed(rules, "rules"):
        sides = [_base(rule[side], classes) for side in ("main_drug", "plus_drug")]
        for text in sides:
            yield from lexicon.named(text, name_key(text) in english["classes"], release)
        pair = frozenset(lexicon.known[name_key(text)] for text in sides)
        if pair not in seen:
            seen.add(pair)
            yield _interaction(rule, pair, english["severities"], texts, release)


def _actions(headings: list[Heading]) -> dict[str, Curie]:
    """Name key without plural -> heading, of the pharmacological actions of MeSH."""
    return {
        name_key(text).removesuffix("s"): f"MESH:{heading.local}"
        for heading in headings
        if any(tree.startswith("D27") for tree in heading.trees)
        for text in (heading.label, *heading.entry_terms)
    }


def _membership(substance: str, of: str, lexicon: _Lexicon, release: str) -> Iterator[Record]:
    yield from lexicon.named(of, True, release)
    member, whole = lexicon.known[name_key(substance)], lexicon.known[name_key(of)]
    if member != whole:  # insulin is the name of a substance and of a class
        evidence = Evidence(SOURCE, release, f"ANSM:{slug_of(substance)}", (_REFERENCE,), quote=f"{substance}: {of}")
        yield Fact(member, Predicate.SUBCLASS_OF, whole, (evidence,))


_REFERENCE = "ANSM:thesaurus-2020-10"


def _interaction(
    rule: Mapping[str, Any],
    pair: frozenset[Curie],
    severities: Mapping[str, str],
    texts: Mapping[str, str],
    release: str,
) -> Fact:
    levels = [(severities[name_key(level["level"])], _said(level["info"], texts)) for level in rule["severity_levels"]]
    levels.sort(key=lambda level: _SEVERITIES.index(level[0]))
    advice = [text if len(levels) == 1 else f"{severity}: {text}" for severity, text in levels if text]
    said = {
        Qualifier.SEVERITY: levels[0][0],
        Qualifier.MECHANISM: _said(rule["interaction_mechanism"], texts),
        Qualifier.ADVICE: " ".join(advice),
    }
    quote = f"{rule['main_drug']} + {rule['plus_drug']}: {_one_line(rule['description'])}"
    evidence = Evidence(SOURCE, release, f"ANSM:{slug_of(rule['main_drug'])}", (_REFERENCE,), quote=quote)
    return Fact(min(pair), Predicate.INTERACTS_WITH, max(pair), (evidence,),
                qualifiers=tuple((which, text) for which, text in said.items() if text))  # fmt: skip


def _said(french: str, texts: Mapping[str, str]) -> str:
    """The English of a text if the table has it, else the French."""
    return texts.get(_letters(french)) or _one_line(french)


def _letters(text: str) -> str:
    return name_key(text).replace(" ", "")


def _parsed(file: IO[bytes], what: str) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = json.load(file)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise MalformedSource(SOURCE, f"the JSON of its {what}", str(error)) from error
    return found


def _base(text: str, classes: Mapping[str, str]) -> str:
    """The class itself for its "other members of the class"."""
    rest = text[len(_OTHERS) :] if text.lower().startswith(_OTHERS) else ""
    return classes.get(name_key(rest), text) if rest else text


def _english_forms(key: str) -> list[str]:
    """International names that a French one may stand for; all but a few differ by an accent or a final letter."""
    forms = [key]
    if acid := re.fullmatch(r"acide (.+)ique", key):
        forms.append(f"{acid[1]}ic acid")
    if acid := re.fullmatch(r"(.+)ique acide", key):
        forms.append(f"{acid[1]}ic acid")
    if key.endswith("e"):
        forms.append(key[:-1])
    return forms


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" :-")
