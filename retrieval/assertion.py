"""What a text says about each mention: cues from a table, scopes by rules (ConText, Harkema et al. 2009)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .answers import AnswerReader, AnswerSigns, TokenRange
from .cues import Cue, CueTable, Direction, read_cues, read_table, whose
from .phrases import Phrases, Words
from .scopes import MarkedText, Match, cues_reaching_end, reaches_of
from .sections import Headings, find_leads, find_sections
from .status import Status

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

__all__ = ["AssertionReader", "Status", "TokenRange", "read_cues"]

Found = tuple[tuple[Cue, ...], int, int, str | None]
"""Rows of the table that have some words, the tokens of the words, and the relative that they name."""

_WITHIN = (Direction.OPENING, Direction.SELF)
_STATUS_FIELDS = ("negated", "possible", "historical", "hypothetical", "family")


class AssertionReader:
    """Finds cues and decides the `Status` of token ranges. Holds a matcher over one vocabulary, no texts."""

    def __init__(self, vocab: "Vocab", table: CueTable | None = None) -> None:
        table = read_table() if table is None else table
        headings: dict[Words, Cue] = {}
        by_words: dict[Words, list[Cue]] = defaultdict(list)
        for cue in table.cues:
            if cue.direction is Direction.HEADER:
                headings[cue.words] = cue
            elif cue.direction not in {Direction.ANSWER, Direction.QUESTION}:
                by_words[cue.words].append(cue)
        self._headings = Headings(headings, table.classes)
        self._answers = AnswerReader(table.cues)
        self._phrases = Phrases(vocab.strings, {words: tuple(same) for words, same in by_words.items()})
        self._classes = Phrases(
            vocab.strings,
            {words: vocab.strings.add(name) for name, members in table.classes.items() for words in members},
        )

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
        sections = find_sections(doc, starts, self._headings)
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
        for cues, start, stop, relative in sorted(found, key=_precedence):
            if covered[stop - 1] >= 0:
                continue
            if all(cue.ends for cue in cues):
                if not taken[start:stop].all():
                    kept.append(Match(start, stop, cues, relative))
            elif not taken[start:stop].any():
                taken[start:stop] = True
                kept.append(Match(start, stop, cues, relative))
        return sorted(kept, key=lambda match: (match.start, match.stop))

    def _own(self, found: list[Found], ranges: Sequence[TokenRange]) -> dict[TokenRange, tuple[Cue, ...]]:
        """For each mention the cues that are part of it."""
        inner = [(start, stop, cue) for cues, start, stop, _ in found for cue in cues if cue.direction in _WITHIN]
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
        places = np.flatnonzero(~is_space).tolist()
        tokens = lower[~is_space].tolist()
        classes: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for kind, start, stop, _ in self._classes.find(tokens):
            classes[start].append((kind, stop))
        return [
            (cues, places[start], places[stop - 1] + 1, _named(doc, [places[slice(*span)] for span in spans]))
            for cues, start, stop, spans in self._phrases.find(tokens, classes)
        ]

    def _status(self, text: MarkedText, mention: TokenRange, asked: bool) -> Status:
        section = text.section_at(mention[0])
        effects, relative = set(section.effects), section.relative
        number = text.sentence_at(mention[0])
        sentence = text.range_of(number)
        sentence = sentence[0], max(sentence[1], mention[1])
        begin, end = mention
        if number not in text.reaches:
            text.reaches[number] = tuple(reaches_of(text, text.range_of(number)))
        for reach in text.reaches[number]:
            if reach.begins[0] <= begin < reach.begins[1] and reach.ends[0] <= end < reach.ends[1]:
                effects |= reach.cue.effects
                relative = reach.relative or relative
        for cue in text.own.get(mention, ()):
            effects |= cue.effects
        if number in text.leads:
            for cue in cues_reaching_end(text, text.range_of(text.leads[number])):
                effects |= cue.effects
        status = Status(**{name: name in effects for name in _STATUS_FIELDS}, relative=relative)
        return status.answered(self._answers.effects(text.doc, text.signs, mention, sentence, asked))


def _named(doc: "Doc", places: list[list[int]]) -> str | None:
    """The relative that the class words of a cue name."""
    return whose([doc[at].lower_ for span in places for at in span]) if places else None


def _precedence(found: Found) -> tuple[bool, int, int]:
    """Longer cues first; one that only takes away the effect of another counts as one word longer; stops last."""
    cues, start, stop, _ = found
    pseudo = not any(cue.effects or cue.ends for cue in cues)
    return all(cue.ends for cue in cues), start - stop - pseudo, start
