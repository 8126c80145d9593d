"""The four checks on a claim, and the checker that runs them.

A wrong sentence that passes is worse than a right one that is dropped, so whatever is not found in the cited evidence
fails, and what cannot be checked stays unchecked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

from retrieval import Context, EvidenceItem, EvidenceKind

from .claims import CheckResult, Checks, Claim, Verdict
from .entity_check import check_entities
from .grounds import Ground, IsA, Linker, read_item, read_sentence, same_concept, settled
from .number_check import check_numbers
from .polarity_check import check_polarity
from .reading import plain_stems, words_of
from .stated import Stated

Check: TypeAlias = Callable[[Stated], CheckResult]

CONTENT_CHECKS: Mapping[str, Check] = MappingProxyType(
    {"entities": check_entities, "numbers": check_numbers, "polarity": check_polarity}
)
"""The checks that hold a claim against its evidence, by their name in `Checks`."""

_REMEMBERED_ITEMS = 512


def check_citation(citations: Sequence[int], context: Context) -> CheckResult:
    """Pass if there is at least one citation and each is an evidence number."""
    unknown = [n for n in citations if context.item(n) is None]
    if not citations:
        return CheckResult(Verdict.FAILED, "it cites no evidence")
    if unknown:
        return CheckResult(Verdict.FAILED, f"there is no evidence {', '.join(map(str, unknown))}")
    return CheckResult(Verdict.PASSED)


def _quotes(text: str, item: EvidenceItem) -> bool:
    """Whether a claim is the whole sentence that the graph wrote of its facts, which needs no reading."""
    return item.kind is EvidenceKind.FACT and _in_plain_words(text) == _in_plain_words(item.text)


def _in_plain_words(text: str) -> str:
    return " ".join(text.split()).rstrip(".").casefold()


class Checker:
    """Holds claims against the evidence they cite.

    ``linker`` finds the graph's concepts in a text; ``is_a`` says whether one concept is another or a kind of it.
    Deterministic; the readings of the evidence items seen last are kept.
    """

    def __init__(self, linker: Linker, is_a: IsA = same_concept) -> None:
        self._linker = linker
        self._is_a = is_a
        self._read_item: Callable[[EvidenceItem], Ground] = lru_cache(_REMEMBERED_ITEMS)(self._read)

    def check(self, claim: Claim, context: Context) -> Claim:
        """The claim with the verdict of each check; without a valid citation the other three stay unchecked."""
        citation = check_citation(claim.citations, context)
        if citation.verdict is not Verdict.PASSED:
            return replace(claim, checks=Checks(citation=citation))
        cited = [item for n in claim.citations if (item := context.item(n)) is not None]
        if len(cited) == 1 and _quotes(claim.text, cited[0]):
            passed = dict.fromkeys(CONTENT_CHECKS, CheckResult(Verdict.PASSED))
            return replace(claim, checks=Checks(citation=citation, **passed))
        grounds = tuple(self._read_item(item) for item in cited)
        known = frozenset(curie for item in cited for curie in item.curies)
        asked = tuple(settled(mention, known) for mention in context.mentions)
        stated = Stated(read_sentence(claim.text, self._linker, known), grounds, asked, self._is_a)
        results = {name: check(stated) for name, check in CONTENT_CHECKS.items()}
        return replace(claim, checks=Checks(citation=citation, **results))

    def attribute(self, claim: Claim, context: Context) -> Claim | None:
        """The claim citing the one evidence item that supports all of it, checked; ``None`` if none does.

        For a sentence that cites nothing, or what does not support it. Of several that do, the most relevant is cited.
        """
        words = {word.stem for word in words_of(claim.text)} - plain_stems()
        for item in context.items:
            if words & {word.stem for word in words_of(item.text)} and (item.n,) != claim.citations:
                checked = self.check(replace(claim, citations=(item.n,), attributed=True), context)
                if checked.checks.passed:
                    return checked
        return None

    def _read(self, item: EvidenceItem) -> Ground:
        return read_item(item, self._linker)
