"""Facts and concepts that tests export, made by hypothesis or by hand."""

from hypothesis import strategies as st

from kg import (
    SYMMETRIC,
    AgentType,
    Category,
    Concept,
    Evidence,
    Fact,
    Frequency,
    KnowledgeLevel,
    Name,
    NameKind,
    Predicate,
    Qualifier,
    Sex,
)
from kg.exporting import Extract

# Without white space that tables cannot hold, and without ``|``, which separates their values.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="|¦", exclude_categories=("C", "Z")), max_size=12)
CURIES = st.builds("{}:{:07}".format, st.sampled_from(["HP", "MONDO", "HGNC", "DRUGBANK"]), st.integers(1, 40))

FREQUENCIES = st.one_of(
    st.none(),
    st.tuples(st.integers(0, 9), st.integers(1, 9))
    .map(lambda pair: (min(pair), max(pair)))
    .map(lambda pair: Frequency(pair[0] / pair[1], pair[0] / pair[1], *pair)),
    st.sampled_from([Frequency(0.3, 0.79), Frequency(0.0, 0.0), Frequency(1.0, 1.0)]),
    st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda pair: Frequency(min(pair), max(pair))),
)
EVIDENCE = st.builds(
    Evidence,
    source=st.sampled_from(["hpoa", "mondo"]),
    release=st.just("1"),
    record=CURIES,
    references=st.lists(st.integers(1, 99).map("PMID:{}".format), max_size=3, unique=True).map(tuple),
    code=st.sampled_from(["", "PCS", "IEA"]),
    knowledge_level=st.sampled_from(KnowledgeLevel),
    agent_type=st.sampled_from(AgentType),
    quote=TEXTS,
    publication_count=st.none() | st.integers(1, 500),
)
QUALIFIERS = st.dictionaries(st.sampled_from(Qualifier), TEXTS.filter(bool), max_size=3).map(
    lambda found: tuple((qualifier, found[qualifier]) for qualifier in Qualifier if qualifier in found)
)


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    """Any fact that the graph can hold."""
    predicate = draw(st.sampled_from(Predicate))
    ends = draw(st.tuples(CURIES, CURIES).filter(lambda pair: pair[0] != pair[1]))
    subject, target = sorted(ends) if predicate in SYMMETRIC else ends
    frequency = draw(FREQUENCIES)
    return Fact(
        subject,
        predicate,
        target,
        tuple(draw(st.lists(EVIDENCE, min_size=1, max_size=2))),
        negated=draw(st.booleans()) or (frequency is not None and frequency.high == 0.0),
        frequency=frequency,
        onset=draw(st.none() | CURIES),
        sex=draw(st.none() | st.sampled_from(Sex)),
        modifiers=tuple(draw(st.lists(CURIES, max_size=2, unique=True))),
        qualifiers=draw(QUALIFIERS),
    )


@st.composite
def concepts(draw: st.DrawFn) -> Concept:
    """Any concept whose names a table can hold, each once."""
    label = draw(TEXTS.filter(bool))
    others = draw(st.lists(TEXTS.filter(bool), max_size=4, unique=True).map(lambda found: set(found) - {label}))
    kinds = list(NameKind)
    names = [Name(text, draw(st.sampled_from(kinds[1:]))) for text in sorted(others)]
    return Concept(
        draw(CURIES),
        draw(st.sampled_from([category for category in Category if category is not Category.OTHER])),
        (Name(label, NameKind.LABEL), *sorted(names, key=lambda name: (kinds.index(name.kind), name.text))),
        draw(TEXTS) or None,
        xrefs=tuple(draw(st.lists(CURIES, max_size=2, unique=True))),
    )


def extract(concepts: list[Concept], facts: list[Fact], centre: str | None = None) -> Extract:
    """These concepts and facts."""
    return Extract(lambda: iter(concepts), lambda: iter(facts), centre)


def concept(curie: str, label: str, category: Category = Category.DISEASE) -> Concept:
    """A concept with a label."""
    return Concept(curie, category, (Name(label, NameKind.LABEL),))


def fact(subject: str, predicate: Predicate, target: str, negated: bool = False) -> Fact:
    """A fact of the source ``test``."""
    return Fact(subject, predicate, target, (Evidence("test", "1", subject, ("PMID:1",)),), negated)
