"""Identifiers of concepts: what the code of something is, and whether a stated code is the right one."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kg import Curie, Snapshot, prefix_of

from ..evidence import EvidenceItem, Found, Judgement
from ..question import Question
from ..wording import join_words, listing
from .items import ItemMaker
from .scores import ASKED_PAIR, ASKED_TOPIC
from .statement import is_statement, part_of, stated_text, without_negation

_CODE = re.compile(
    r"(?<![\w:])(?:(?P<prefix>[A-Za-z][A-Za-z0-9_]*):\s?)?(?P<local>(?=[\w.\-]*\d)[A-Za-z]?[\w.\-]*\w)(?!\w)"
)
_OF = re.compile(r"\b(?:of|for)\b", re.IGNORECASE)
_IDENTIFIER = re.compile(r"\b(?:codes?|identifiers?|ids?|curie|number|accession)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """One row of ``data/codes.toml``."""

    id: str
    label: str
    prefixes: tuple[str, ...]
    words: re.Pattern[str]
    closed: bool


@cache
def code_systems() -> tuple[CodeSystem, ...]:
    """The systems of identifiers, in file order."""
    table = tomllib.loads((resources.files("data") / "codes.toml").read_text(encoding="utf-8"))
    return tuple(
        CodeSystem(
            name,
            row["label"],
            tuple(row["prefixes"]),
            re.compile("|".join(f"(?:{word})" for word in row["words"]), re.IGNORECASE),
            row["closed"],
        )
        for name, row in table.items()
    )


def system_of(prefix: str) -> CodeSystem | None:
    """The system that uses a prefix, in any capitals."""
    wanted = prefix.casefold()
    return next((system for system in code_systems() if wanted in map(str.casefold, system.prefixes)), None)


def codes_of(snapshot: Snapshot, curie: Curie, system: CodeSystem) -> tuple[str, ...]:
    """A concept's identifiers of one system, its own and fused ones; looser cross-references where there are none."""
    concept = snapshot.concept(curie)
    own, loose = (
        [f"{system.id}:{code.partition(':')[2]}" for code in codes if prefix_of(code) in system.prefixes]
        for codes in ((concept.curie, *concept.equivalents), concept.xrefs)
    )
    return tuple(dict.fromkeys(own or loose))


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """Reads identifiers of concepts."""

    make: ItemMaker

    @property
    def snapshot(self) -> Snapshot:
        """The graph that is read."""
        return self.make.snapshot

    def of(self, question: Question) -> Iterator[EvidenceItem]:
        """The identifiers that a question asks for; one sentence on all systems where it names none."""
        asked = [system for system in code_systems() if system.words.search(question.text)]
        naming = [match.span() for system in asked for match in system.words.finditer(question.text)]
        named = [m for m in question.mentions if not any(m.start < stop and start < m.end for start, stop in naming)]
        for curie in dict.fromkeys(mention.curie for mention in named):
            label = self.make.inside(curie)
            for system in asked:
                codes = codes_of(self.snapshot, curie, system)
                text = f"The graph holds no {system.label} identifier of {label}."
                yield self.make.of_concept(self._text(curie, system, codes) if codes else text, curie, ASKED_TOPIC)
            if not asked:
                concept = self.snapshot.concept(curie)
                own = join_words([concept.curie, *concept.equivalents])
                others = f"; looser cross-references are {listing(concept.xrefs)}" if concept.xrefs else ""
                yield self.make.of_concept(f"Identifiers of {label} are {own}{others}.", curie, ASKED_TOPIC)

    def _text(self, curie: Curie, system: CodeSystem, codes: Sequence[str]) -> str:
        label = self.make.inside(curie)
        one = len(codes) == 1
        return (
            f"The {system.label} identifier{'' if one else 's'} of {label} {'is' if one else 'are'} {listing(codes)}."
        )

    def judge(self, question: Question) -> Found | None:
        """The judgement on a statement about an identifier; ``None`` if a text states nothing of one.

        An identifier is the wrong one if it is another concept's, or if its system gives a concept one identifier and
        the graph knows a different one.
        """
        stated = self._stated(question)
        if stated is None:
            return None
        curies, code, system, negated = stated
        holds, text, about = self._holds(curies, code, system)
        item = self.make.of_concept(text, about, ASKED_PAIR)
        return Found((item,), holds.negation if negated else holds, complete=True)

    def _share_a_name(self, owner: Curie, curies: Sequence[Curie]) -> bool:
        """Whether a concept goes by a label of one of the others, so that it may well be the same thing."""
        names = {name.text.casefold() for name in self.snapshot.concept(owner).names}
        return any(self.snapshot.label(curie).casefold() in names for curie in curies)

    def _stated(self, question: Question) -> tuple[tuple[Curie, ...], str, CodeSystem, bool] | None:
        """Whose identifier is stated, which it is, of which system, and whether that is denied."""
        if not question.mentions or not is_statement(question.text):
            return None
        text, negated = without_negation(stated_text(question))
        for match in reversed(list(_CODE.finditer(text))):
            rest = f"{text[: match.start()]} {text[match.end() :]}"
            named = next((system for system in code_systems() if system.words.search(rest)), None)
            system = system_of(match["prefix"]) if match["prefix"] else named
            if system is None or not (_IDENTIFIER.search(rest) or match["prefix"]):
                continue
            if curies := self._owner(question):
                return curies, f"{system.id}:{match['local']}", system, negated
        return None

    def _owner(self, question: Question) -> tuple[Curie, ...]:
        """The concepts that the longest mention can mean."""
        mentions = sorted(question.mentions, key=lambda mention: (mention.start - mention.end, mention.start))
        for mention in mentions:
            part = part_of(question, question.text, self.snapshot, mention.start, mention.end)
            if curies := tuple(curie for found in part.readings.values() for curie in found):
                return curies
        return ()

    def _is_code_of(self, code: str, curie: Curie) -> bool:
        """Whether a code resolves to a concept, or is among its cross-references in whatever capitals."""
        concept = self.snapshot.concept(curie)
        system = system_of(prefix_of(code))
        loose = (f"{found.id}:{xref.partition(':')[2]}" for xref in concept.xrefs
                 if (found := system_of(prefix_of(xref))) is system and found is not None)  # fmt: skip
        return self.snapshot.resolve(code) == concept.curie or code.casefold() in map(str.casefold, loose)

    def _holds(self, curies: Sequence[Curie], code: str, system: CodeSystem) -> tuple[Judgement, str, Curie]:
        for curie in curies:
            if self._is_code_of(code, curie):
                label = self.make.inside(curie)
                return Judgement.TRUE, f"{code} is the {system.label} identifier of {label}.", curie
        curie = next((c for c in curies if codes_of(self.snapshot, c, system)), curies[0])
        label, own = self.make.inside(curie), codes_of(self.snapshot, curie, system)
        owner = self.snapshot.resolve(code)
        if owner is not None and not self._share_a_name(owner, curies):
            theirs = f"{code} is the {system.label} identifier of {self.make.inside(owner)}"
            ours = f", that of {label} is {join_words(own)}" if own else ""
            return Judgement.FALSE, f"{theirs}{ours}.", curie
        if own and system.closed:
            return Judgement.FALSE, f"the {system.label} identifier of {label} is {join_words(own)}.", curie
        return (
            Judgement.UNKNOWN,
            f"the graph does not record {code} as an identifier of {label}, nor of another.",
            curie,
        )
