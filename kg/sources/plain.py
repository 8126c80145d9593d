"""Things that a source gives by name alone, and what the names stand for in the vocabularies of the graph.

Such a thing gets an identifier made of its kind and its name, the same in every source that uses the name. The table
``data/groundings.sssom.tsv`` maps these identifiers, as SSSOM (Matentzoglu et al. 2022); what it does not list stays a
concept of its own.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

from ..concept import Category, Concept, Curie, Name, NameKind
from ..fact import SYMMETRIC, AgentType, Evidence, Fact, Predicate, Qualifier
from ..record import Match, MatchKind, Record
from .lexical import slug_of

_KINDS = {
    Category.DISEASE: "disease",
    Category.PHENOTYPE: "finding",
    Category.DRUG: "drug",
    Category.CHEMICAL: "substance",
    Category.MEASUREMENT: "test",
    Category.PROCEDURE: "procedure",
    Category.EXPOSURE: "exposure",
    Category.ORGANISM: "organism",
    Category.ANATOMY: "anatomy",
}


@dataclass(frozen=True, slots=True)
class Grounding:
    """What a name stands for: an identifier, how they relate, what kind of thing that is, how the mapping was made."""

    curie: Curie
    kind: MatchKind
    category: Category
    justification: str


def plain_curie(text: str, category: Category) -> Curie:
    """The identifier of a thing known by name.

    >>> plain_curie("Crohn's disease", Category.DISEASE)
    'local:disease-crohn-disease'
    """
    return f"local:{_KINDS[category]}-{slug_of(text)}"


@lru_cache(maxsize=1)
def groundings() -> Mapping[Curie, Grounding]:
    """Every row of the table, by the identifier it maps."""
    text = (resources.files("data") / "groundings.sssom.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader((line for line in text.splitlines() if not line.startswith("#")), delimiter="\t")
    return {
        row["subject_id"]: Grounding(
            row["object_id"],
            MatchKind(row["predicate_id"]),
            Category(row["object_category"]),
            row["mapping_justification"],
        )
        for row in rows
    }


@dataclass(slots=True)
class PlainNames:
    """The named things of one source. `take` hands out their records, each once, in the order of first mention."""

    source: str
    release: str
    known: set[Curie] = field(default_factory=set)
    _waiting: list[Record] = field(default_factory=list)

    def curie(self, text: str, category: Category) -> Curie:
        """The identifier of a name; notes its concept, and what the table says that it stands for.

        Raises:
            ValueError: nothing of the name is left without punctuation.
        """
        if not slug_of(text):
            raise ValueError(f"{text!r} is no name")
        curie = plain_curie(text, category)
        if curie not in self.known:
            self.known.add(curie)
            self._note(curie, text.strip(), category)
        return curie

    def _note(self, curie: Curie, label: str, category: Category) -> None:
        """The concept of a name, and what it stands for; below what it stands for if that is broader."""
        ground = groundings().get(curie)
        kind = ground.category if ground else category
        self._waiting.append(Concept(curie, kind, (Name(label, NameKind.LABEL),)))
        if ground is None:
            return
        match = Match(curie, ground.curie, self.source, self.release, ground.kind, ground.justification)
        self._waiting.append(match)
        if ground.kind is MatchKind.BROAD:
            self._waiting.append(self.fact(curie, Predicate.SUBCLASS_OF, ground.curie, curie, label))

    def is_grounded(self, text: str, category: Category) -> bool:
        """Whether the table maps this name."""
        return plain_curie(text, category) in groundings()

    def fact(
        self,
        subject: Curie,
        predicate: Predicate,
        other: Curie,
        record: Curie,
        quote: str = "",
        references: Sequence[str] = (),
        said: Mapping[Qualifier, str] | None = None,
    ) -> Fact:
        """A fact of this source; ``said`` are its qualifiers, of which empty ones are left out."""
        if predicate in SYMMETRIC:
            subject, other = sorted((subject, other))
        evidence = Evidence(
            self.source,
            self.release,
            record,
            tuple(references) or (record,),
            agent_type=AgentType.AUTOMATED,
            quote=quote,
        )
        texts = said or {}
        qualifiers = tuple((which, texts[which]) for which in Qualifier if texts.get(which))
        return Fact(subject, predicate, other, (evidence,), qualifiers=qualifiers)

    def take(self) -> Iterator[Record]:
        """Concepts and matches noted since the last call."""
        taken, self._waiting = self._waiting, []
        yield from taken
