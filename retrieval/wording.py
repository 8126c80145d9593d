"""Facts as plain English sentences, the same for evidence that a model reads and for answers that the graph writes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg import Curie, Fact, Frequency, Predicate, Snapshot

_BAND_WORDS = {
    "HP:0040280": "all patients (100%)",
    "HP:0040281": "most patients (80–99%)",
    "HP:0040282": "many patients (30–79%)",
    "HP:0040283": "some patients (5–29%)",
    "HP:0040284": "few patients (1–4%)",
}


def frequency_in_words(frequency: Frequency | None) -> str:
    """How many patients, such as ``"9 of 12 patients (75%)"``; the empty string when it is not known."""
    if frequency is None:
        return ""
    if frequency.band in _BAND_WORDS:
        return _BAND_WORDS[frequency.band]
    if frequency.denominator is not None:
        share = round(frequency.low * 100)
        return f"{frequency.numerator} of {frequency.denominator} patients ({share}%)"
    return f"{frequency} of the patients"


def best_frequency(facts: Iterable[Fact]) -> Frequency | None:
    """The most telling of several frequencies: the largest count, else the first range; ``None`` if none is given."""
    known = [fact.frequency for fact in facts if fact.frequency is not None]
    counted = [frequency for frequency in known if frequency.denominator is not None]
    if counted and (best := max(counted, key=lambda f: (f.denominator or 0, f.low))).denominator:
        ranges = [frequency for frequency in known if frequency.denominator is None]
        return ranges[0] if ranges and (best.denominator or 0) < 5 else best
    return known[0] if known else None


def join_words(words: Sequence[str]) -> str:
    """``"a, b and c"``; with semicolons where a member has a comma of its own."""
    joint = "; " if any(", " in word for word in words) else ", "
    return words[0] if len(words) == 1 else f"{joint.join(words[:-1])} and {words[-1]}"


@dataclass(frozen=True, slots=True)
class Wording:
    """A label as it begins a sentence, and as it stands inside one."""

    first: str
    inside: str


def listing(words: Sequence[str], most: int = 12) -> str:
    """As `join_words`, of which at most so many are named and the rest is counted.

    >>> listing(["a", "b", "c", "d"], 2)
    'a, b and 2 more'
    """
    return join_words([*words[:most], f"{len(words) - most} more"] if len(words) > most else list(words))


def in_sentence(label: str) -> str:
    """A label as it stands inside a sentence: "Seizure" becomes "seizure", "EEG abnormality" and "Raynaud …" stay."""
    first = label.split()[0] if label else ""
    keeps = not first[1:].islower() or first in _EPONYMS
    return label if keeps else label[0].lower() + label[1:]


# First words of HPO labels that are names of people or places.
_EPONYMS = frozenset(
    [
        "Achilles",
        "Addison",
        "Alzheimer",
        "Arnold",
        "Babinski",
        "Barrett",
        "Beau",
        "Bitot",
        "Brudzinski",
        "Brushfield",
        "Budd",
        "Burkitt",
        "Caput",
        "Chaddock",
        "Charcot",
        "Cheyne",
        "Chiari",
        "Chvostek",
        "Coombs",
        "Crohn",
        "Cushing",
        "Dandy",
        "Descemet",
        "Dupuytren",
        "Ebstein",
        "Ehlers",
        "Erlenmeyer",
        "Ewing",
        "Fanconi",
        "Gottron",
        "Gowers",
        "Graves",
        "Hashimoto",
        "Heberden",
        "Heinz",
        "Hirschsprung",
        "Hodgkin",
        "Horner",
        "Howell",
        "Hutchinson",
        "Jeavons",
        "Kayser",
        "Kernig",
        "Kussmaul",
        "Lewy",
        "Lhermitte",
        "Lisch",
        "Madelung",
        "Marcus",
        "Meckel",
        "Meniere",
        "Mobitz",
        "Mongolian",
        "Morgagnian",
        "Nikolsky",
        "Osgood",
        "Paget",
        "Parkinson",
        "Peyronie",
        "Pierre",
        "Purkinje",
        "Raynaud",
        "Reed",
        "Romberg",
        "Rosenthal",
        "Schistosoma",
        "Sjogren",
        "Sprengel",
        "Sydney",
        "Trousseau",
        "Turner",
        "Uhthoff",
        "Vogt",
        "Waldenstrom",
        "Wilms",
        "Wolff",
        "Wormian",
        "Zellweger",
    ]
)


def phenotype_sentence(disease: str, finding: str, facts: Sequence[Fact]) -> str:
    """One sentence on one finding in one disease, from all its facts; absence is said as absence."""
    positive = [fact for fact in facts if not fact.negated]
    if not positive:
        return f"{finding} is recorded as absent in {disease}."
    share = frequency_in_words(best_frequency(positive))
    if share:
        return f"{finding} occurs in {share} with {disease}."
    return f"{finding} is a feature of {disease}."


def group_sentence(disease: str, heading: str, findings: Sequence[str]) -> str:
    """One sentence on several findings that are equally frequent."""
    return f"{heading} with {disease} have {join_words([in_sentence(f) for f in findings])}."


def inheritance_sentence(disease: str, modes: Sequence[str]) -> str:
    """How a disease is inherited."""
    return f"{disease} shows {join_words([in_sentence(mode) for mode in modes])}."


def gene_sentence(disease: str, genes: Sequence[tuple[str, str]]) -> str:
    """Which genes, as pairs of symbol and name, belong to a disease."""
    told = [f"{symbol} ({name})" if name else symbol for symbol, name in genes]
    return f"{disease} is associated with the gene{'s' if len(told) > 1 else ''} {join_words(told)}."


def onset_sentence(disease: str, courses: Sequence[str]) -> str:
    """When a disease begins, or how it runs."""
    return f"{disease} is recorded with {join_words([in_sentence(course) for course in courses])}."


def kind_sentence(child: str, parents: Sequence[str]) -> str:
    """What a concept is a kind of, from labels as they stand inside a sentence."""
    return f"{child} is a kind of {join_words(parents)}."


def record_of(snapshot: Snapshot, facts: Iterable[Fact]) -> tuple[str, str, str]:
    """Source titles, releases and references of facts, as one reader-facing text each."""
    evidence = [item for fact in facts for item in fact.evidence]
    sources = dict.fromkeys(snapshot.title_of(item.source) for item in evidence)
    releases = dict.fromkeys(item.release for item in evidence)
    references = dict.fromkeys(ref for item in evidence for ref in (item.references or (item.record,)))
    return "; ".join(sources), "; ".join(releases), "; ".join(references)


def names_of(snapshot: Snapshot, curies: Iterable[Curie]) -> tuple[str, ...]:
    """Every name of some concepts, for recognising them in text."""
    return tuple(name.text for curie in dict.fromkeys(curies) for name in snapshot.concept(curie).names)


def objects_of(facts: Iterable[Fact], predicate: Predicate) -> tuple[Curie, ...]:
    """Objects of the positive facts with a predicate, each once, in order."""
    return tuple(dict.fromkeys(f.object for f in facts if f.predicate is predicate and not f.negated))
