"""What a text says about each mention: cues from a table, scopes by rules (ConText, Harkema et al. 2009)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
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

_WITHIN = (Direction.OPENING, Direction.SELF)


@dataclass(frozen=True, slots=True)
class _Group:
    """The rows of the table that have the very same words, and what they are."""

    cues: tuple[Cue, ...]
    is_stop: bool
    is_pseudo: bool
    is_own: bool

    @classmethod
    def of(cls, cues: Sequence[Cue]) -> "_Group":
        return cls(
            tuple(cues),
            all(cue.ends for cue in cues),
            not any(cue.effects or cue.ends for cue in cues),
            any(cue.direction in _WITHIN for cue in cues),
        )


Found = tuple[_Group, int, int, str | None]
"""A group of cues, the tokens of their words, and the relative that they name."""

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
        self._phrases = Phrases(vocab.strings, {words: _Group.of(same) for words, same in by_words.items()})
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
        covered, taken = bytearray(len(doc)), bytearray(len(doc))
        for start, stop in ranges:
            covered[start:stop] = b"\1" * (stop - start)
        kept: list[tuple[int, int, int]] = []
        order = sorted(range(len(found)), key=lambda at: _precedence(found[at]))
        for at in order:
            group, start, stop, _ = found[at]
            if covered[stop - 1]:
                continue
            if group.is_stop:
                if not all(taken[start:stop]):
                    kept.append((start, stop, at))
            elif not any(taken[start:stop]):
                taken[start:stop] = b"\1" * (stop - start)
                kept.append((start, stop, at))
        return [Match(start, stop, found[at][0].cues, found[at][3]) for start, stop, at in sorted(kept)]

    def _own(self, found: list[Found], ranges: Sequence[TokenRange]) -> dict[TokenRange, tuple[Cue, ...]]:
        """For each mention the cues that are part of it."""
        inner = [
            (start, stop, cue)
            for group, start, stop, _ in found
            if group.is_own
            for cue in group.cues
            if cue.direction in _WITHIN
        ]
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
            (group, places[start], places[stop - 1] + 1, _named(doc, [places[slice(*span)] for span in spans]))
            for group, start, stop, spans in self._phrases.find(tokens, classes)
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
    group, start, stop, _ = found
    return group.is_stop, start - stop - group.is_pseudo, start
