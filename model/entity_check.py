"""Whether every concept, word and relation of a claim stands in the evidence it cites."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from kg import prefix_of
from retrieval import Mention

from .claims import CheckResult, Verdict
from .grounds import Ground, Reading, phrase_spans, span_of
from .reading import Span, Word, cues, inside, plain_stems
from .relations import Relation, relations_in, within
from .stated import Anchor, Stated, joined
from .word_order import is_rearranged


def check_entities(claim: Stated) -> CheckResult:
    """Pass if all of a claim is in its evidence: its concepts, joined as there; its words; its relations, either side.

    The reason of a failure names the first thing that is not there.
    """
    for reason in (
        _emptiness,
        _unknown_concepts,
        _missing_subject,
        _wrong_kinds,
        _idle_citations,
        _unjoined,
        _unknown_words,
        _unknown_relations,
        _rearranged,
    ):
        if found := reason(claim):
            return CheckResult(Verdict.FAILED, found)
    return CheckResult(Verdict.PASSED)


def _emptiness(claim: Stated) -> str:
    if claim.reading.text.rstrip().endswith("?"):
        return "a question states nothing"
    subjects = {ground.subject for ground in claim.grounds}
    told = [span_of(mention) for mention in claim.reading.mentions if mention.curie in subjects]
    content = any(word.stem not in plain_stems() and not inside(span_of(word), told) for word in claim.reading.words)
    return "" if content or claim.reading.quantities else "it states nothing"


def _unknown_concepts(claim: Stated) -> str:
    unknown = [m.text for m in claim.reading.mentions if not any(g.speaks_of(m, claim.is_a) for g in claim.grounds)]
    return f"the cited evidence does not speak of {joined(unknown)}" if unknown else ""


def _missing_subject(claim: Stated) -> str:
    """A sentence without subject is read as one about what was asked, which the evidence may not be about."""
    subjects = {ground.subject for ground in claim.grounds}
    about = subjects & {anchor.curie for anchor in claim.anchors()}
    return "" if about or len(claim.reading.mentions) > 1 else "it does not say what it is about"


def _wrong_kinds(claim: Stated) -> str:
    kinds, others = cues()["kinds"], claim.others()
    genes = [m.text for m in others if prefix_of(m.curie) in kinds["gene_prefixes"]]
    called = any(word.plain in kinds["finding_words"] for word in claim.reading.words)
    return f"{joined(genes)} is no finding" if called and genes and len(genes) == len(others) else ""


def _idle_citations(claim: Stated) -> str:
    words = {word.stem for word in claim.reading.words} - plain_stems()
    for ground in claim.grounds:
        named = any(ground.speaks_of(mention, claim.is_a) for mention in claim.reading.mentions)
        if not named and not any(word.stem in words for reading in ground.sentences for word in reading.words):
            return f"evidence {ground.item.n} has nothing to do with it"
    return ""


def _unjoined(claim: Stated) -> str:
    for anchor in claim.anchors():
        for mention in claim.others():
            if not any(_joins(claim, ground, anchor, mention) for ground in claim.grounds):
                about = anchor.text or "what the evidence is about"
                return f"no cited evidence joins {joined([mention.text])} to {joined([about])}"
    return ""


def _joins(claim: Stated, ground: Ground, anchor: Anchor, mention: Mention) -> bool:
    if claim.quotes(ground):
        return True
    if ground.item.facts:
        return bool(ground.facts_between(anchor.curie, mention.curie, claim.is_a))
    return next(claim.meetings(ground, anchor, mention), None) is not None


def _unknown_words(claim: Stated) -> str:
    checked = [word for word in claim.reading.words if _needs_support(word, claim)]
    known = {stem for ground in claim.grounds for stem in _best_window(ground, checked)}
    unknown = [word.plain for word in checked if word.stem not in known]
    return f"the cited evidence does not say {joined(unknown)}" if unknown else ""


def _needs_support(word: Word, claim: Stated) -> bool:
    spared = [*claim.reading.names, *(quantity.span for quantity in claim.reading.quantities), *_known_names(claim)]
    return word.stem not in plain_stems() and not inside(span_of(word), spared)


def _known_names(claim: Stated) -> Iterator[Span]:
    """Where the claim uses another name of a concept that the evidence is about."""
    for ground in claim.grounds:
        for name in ground.item.surface_forms:
            yield from phrase_spans(name, claim.reading.words)


def _best_window(ground: Ground, wanted: Sequence[Word]) -> frozenset[str]:
    """The stems of the one or two neighbouring sentences that hold most of the wanted words.

    Words from all over a long passage could be put together to say anything.
    """
    stems = [frozenset(word.stem for word in reading.words) for reading in ground.sentences]
    windows = [*stems, *(one | other for one, other in pairwise(stems))]
    if ground.item.facts:
        windows = [frozenset().union(*stems)]
    return max(windows, key=lambda window: sum(word.stem in window for word in wanted), default=frozenset())


def _unknown_relations(claim: Stated) -> str:
    for relation in relations_in(claim.reading.text, claim.reading.names):
        word = claim.reading.text[slice(*relation.span)]
        if not any(_supports(claim, relation, ground) for ground in claim.grounds):
            return f"the cited evidence does not say that relation, or the other way round: {joined([word])}"
    return ""


def _rearranged(claim: Stated) -> str:
    if any(claim.quotes(ground) for ground in claim.grounds):
        return ""
    directed = [relation for relation in relations_in(claim.reading.text, claim.reading.names) if relation.directed]
    moved = is_rearranged(claim, lambda word: _needs_support(word, claim), directed)
    return "the cited evidence does not have these words in this order" if moved else ""


def _supports(claim: Stated, relation: Relation, ground: Ground) -> bool:
    """Whether some sentence uses the same relation with the claim's concepts on the same sides."""
    return any(
        found.family == relation.family and _same_sides(claim, relation, ground, reading, found)
        for reading in ground.sentences
        for found in relations_in(reading.text, reading.names)
    )


def _same_sides(claim: Stated, relation: Relation, ground: Ground, reading: Reading, found: Relation) -> bool:
    if not relation.directed:
        return True
    anchors = [anchor for anchor in claim.anchors() if not anchor.text]
    sides = [(anchor.curie, "", relation.side_of(None)) for anchor in anchors]
    sides += [(m.curie, m.text, relation.side_of(span_of(m))) for m in _around(claim, relation)]
    for curie, text, side in sides:
        places = [
            p for p in ground.places_of(curie, text, claim.is_a) if p.reading is reading and within(found, p.statement)
        ]
        if not any(found.side_of(place.span) is side for place in places):
            return False
    return bool(sides)


def _around(claim: Stated, relation: Relation) -> tuple[Mention, ...]:
    """The concepts in the same statement as a relation word."""
    statement = claim.reading.statement_at(relation.span)
    return tuple(m for m in claim.reading.mentions if statement.holds(span_of(m)))
