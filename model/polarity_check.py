"""Whether a claim affirms, denies and doubts the same things as its evidence."""

from collections.abc import Iterator, Sequence

from retrieval import Mention

from .claims import CheckResult, Verdict
from .grounds import Reading, span_of
from .reading import Statement, Word, cues, inside, same_sign, stem_of
from .stated import Anchor, Stated, joined, overlap


def check_polarity(claim: Stated) -> CheckResult:
    """Pass if no sign is turned: negation and doubt per concept, and no opposite word in place of the evidence's."""
    for reason in (_turned_facts, _turned_statements, _turned_sentence, _opposites):
        if found := reason(claim):
            return CheckResult(Verdict.FAILED, found)
    return CheckResult(Verdict.PASSED)


def _turned_facts(claim: Stated) -> str:
    for anchor, mention in _pairs(claim):
        facts = [f for ground in claim.grounds for f in ground.facts_between(anchor.curie, mention.curie, claim.is_a)]
        signs = {fact.negated for fact in facts}
        cues_in_claim = claim.statement_of(mention).negations
        if len(signs) > 1:
            return f"the cited facts contradict each other about {joined([mention.text])}"
        if signs and (len(cues_in_claim) > 1 or bool(cues_in_claim) is not signs.pop()):
            return f"the cited fact says the opposite of {joined([mention.text])}"
    return ""


def _pairs(claim: Stated) -> Iterator[tuple[Anchor, Mention]]:
    return ((anchor, mention) for anchor in claim.anchors() for mention in claim.others())


def _turned_statements(claim: Stated) -> str:
    for anchor, mention in _pairs(claim):
        said = claim.statement_of(mention)
        for ground in claim.grounds:
            if ground.item.facts:
                continue
            met = [(place.reading, place.statement) for _, place in claim.meetings(ground, anchor, mention)]
            if met and (reason := _turned(claim, said, met)):
                return f"{reason} about {joined([mention.text])}"
    return ""


def _turned(claim: Stated, said: Statement, met: Sequence[tuple[Reading, Statement]]) -> str:
    """Why none of the closest statements of the evidence says what the claim's statement says; empty if all do."""
    ranked = [(overlap(claim.reading, statement, reading), statement) for reading, statement in met]
    best = max(shared for shared, _ in ranked)
    closest = [statement for shared, statement in ranked if shared == best]
    if not all(same_sign(said.negations, statement.negations) for statement in closest):
        return "the cited evidence says the opposite, or both,"
    if any(statement.doubts and not said.doubts for statement in closest):
        return "the cited evidence is not as certain"
    return ""


def _turned_sentence(claim: Stated) -> str:
    """Where no two concepts meet, the claim is held against the closest statement of each evidence."""
    if claim.others():
        return ""
    for ground in claim.grounds:
        met = [(reading, statement) for reading in ground.sentences for statement in reading.statements]
        for said in claim.reading.statements:
            shared = [pair for pair in met if overlap(claim.reading, pair[1], pair[0])]
            if shared and (reason := _turned(claim, said, shared)):
                return reason
    return ""


def _opposites(claim: Stated) -> str:
    evidence = {word.stem for g in claim.grounds for reading in g.sentences for word in reading.words}
    for word in claim.reading.words:
        if word.stem in evidence or inside(span_of(word), claim.reading.names):
            continue
        if turned := next((other for other in _opposites_of(word) if stem_of(other) in evidence), None):
            return f"the cited evidence says {joined([turned])}, not {joined([word.plain])}"
    return ""


def _opposites_of(word: Word) -> Iterator[str]:
    for pair in cues()["antonyms"]:
        stems = [stem_of(one) for one in pair]
        if word.stem in stems:
            yield pair[1 - stems.index(word.stem)]
    for one, other in cues()["antonym_prefixes"]:
        for mine, its in ((one, other), (other, one)):
            if len(mine) > 1 and word.plain.startswith(mine):
                yield its + word.plain[len(mine) :]
