"""What a text says about each mention: cues from a table, scopes by rules (ConText, Harkema et al. 2009)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .answers import AnswerReader, AnswerSigns, TokenRange
from .cues import Cue, Direction, read_cues
from .phrases import Phrases
from .scopes import MarkedText, Match, cues_reaching_end, reaches_of
from .sections import find_leads, find_sections
from .status import Status

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

__all__ = ["AssertionReader", "Status", "TokenRange", "read_cues"]

Found = tuple[tuple[Cue, ...], int, int]
"""Rows of the table that have some words, and the tokens of the words."""

_WITHIN = (Direction.OPENING, Direction.SELF)
_STATUS_FIELDS = ("negated", "possible", "historical", "hypothetical", "family")


class AssertionReader:
    """Finds cues and decides the `Status` of token ranges. Holds a matcher over one vocabulary, no texts."""

    def __init__(self, vocab: "Vocab", cues: Iterable[Cue] | None = None) -> None:
        cues = read_cues() if cues is None else tuple(cues)
        self._headers = {cue.words: cue for cue in cues if cue.direction is Direction.HEADER}
        self._answers = AnswerReader(cues)
        by_words: dict[tuple[str, ...], list[Cue]] = defaultdict(list)
        for cue in cues:
            if cue.direction not in {Direction.HEADER, Direction.ANSWER, Direction.QUESTION}:
                by_words[cue.words].append(cue)
        self._phrases = Phrases(vocab.strings, {words: tuple(same) for words, same in by_words.items()})

    def statuses(self, doc: "Doc", ranges: Sequence[TokenRange], *, asked: bool = False) -> list[Status]:
        """The status of each token range, in the given order. The document needs sentence starts.

        ``asked`` says that the text is itself a question, so that its question mark makes nothing hypothetical.
        """
        if not ranges:
            return []
        text = self._read(doc, ranges)
        return [self._status(text, token_range, asked) for token_range in ranges]

    def _read(self, doc: "Doc", ranges: Sequence[TokenRange]) -> MarkedText:
        starts = np.flatnonzero(doc.to_array("SENT_START") == 1).tolist() or [0]
        sections = find_sections(doc, starts, self._headers)
        bounds = [*sorted({*starts, *(section.start for section in sections)}), len(doc)]
        found = self._cues_in(doc)
        matches = self._matches(doc, found, ranges)
        orth = doc.to_array("ORTH")
        signs = [doc.vocab.strings[sign] for sign in "()"]
        return MarkedText(
            doc,
            bounds,
            find_leads(doc, bounds, {section.start for section in sections}),
            sections,
            [section.start for section in sections],
            matches,
            [match.start for match in matches],
            self._own(found, ranges),
            np.flatnonzero(np.isin(orth, np.array(signs, dtype=np.uint64))).tolist(),
            AnswerSigns.of(doc),
        )

    def _matches(self, doc: "Doc", found: list[Found], ranges: Sequence[TokenRange]) -> list[Match]:
        """Cues in reading order, the longest where they overlap, none that ends inside a mention.

        Stops may overlap each other, but are none inside another cue.
        """
        covered = np.full(len(doc), -1, dtype=np.int64)
        for at, (start, stop) in enumerate(ranges):
            covered[start:stop] = at
        kept: list[Match] = []
        taken = np.zeros(len(doc), dtype=np.bool_)
        for cues, start, stop in sorted(found, key=_precedence):
            if covered[stop - 1] >= 0:
                continue
            if all(cue.ends for cue in cues):
                if not taken[start:stop].all():
                    kept.append(Match(start, stop, cues))
            elif not taken[start:stop].any():
                taken[start:stop] = True
                kept.append(Match(start, stop, cues))
        return sorted(kept, key=lambda match: (match.start, match.stop))

    def _own(self, found: list[Found], ranges: Sequence[TokenRange]) -> dict[TokenRange, tuple[Cue, ...]]:
        """For each mention the cues that are part of it."""
        inner = [(start, stop, cue) for cues, start, stop in found for cue in cues if cue.direction in _WITHIN]
        if not inner:
            return {}
        return {
            (start, stop): tuple(
                cue
                for begin, end, cue in inner
                if (start, stop) == (begin, end)
                or (start == begin and end <= stop and cue.direction is Direction.OPENING)
            )
            for start, stop in ranges
        }

    def _cues_in(self, doc: "Doc") -> list[Found]:
        """All cues with their token range, line breaks and double blanks between their words left out."""
        lower = doc.to_array("LOWER")
        is_space = doc.to_array("IS_SPACE").astype(np.bool_)
        if not is_space.any():
            return self._phrases.find(lower)
        places = np.flatnonzero(~is_space).tolist()
        found = self._phrases.find(lower[~is_space])
        return [(cues, places[start], places[stop - 1] + 1) for cues, start, stop in found]

    def _status(self, text: MarkedText, mention: TokenRange, asked: bool) -> Status:
        section = text.section_at(mention[0])
        effects, relative = set(section.effects), section.relative
        number = text.sentence_at(mention[0])
        sentence = text.range_of(number)
        sentence = sentence[0], max(sentence[1], mention[1])
        begin, end = mention
        if number not in text.reaches:
            text.reaches[number] = tuple(reaches_of(text, text.range_of(number)))
        reaching = [
            reach.cue
            for reach in text.reaches[number]
            if reach.begins[0] <= begin < reach.begins[1] and reach.ends[0] <= end < reach.ends[1]
        ]
        reaching += text.own.get(mention, ())
        if number in text.leads:
            reaching += cues_reaching_end(text, text.range_of(text.leads[number]))
        for cue in reaching:
            effects |= cue.effects
            relative = cue.relative or relative
        status = Status(**{name: name in effects for name in _STATUS_FIELDS}, relative=relative)
        return status.answered(self._answers.effects(text.doc, text.signs, mention, sentence, asked))


def _precedence(found: Found) -> tuple[bool, int, int]:
    """Longer cues first; one that only takes away the effect of another counts as one word longer; stops last."""
    cues, start, stop = found
    pseudo = not any(cue.effects or cue.ends for cue in cues)
    return all(cue.ends for cue in cues), start - stop - pseudo, start
