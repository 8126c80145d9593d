"""Any text can be read, and offsets are those of the caller's text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.lexicon import Lexicon
from retrieval.pipeline import SPANS_KEY, Reader, create_pipeline, read_mentions, segments

PIECES = [
    "seizures",
    "No ",
    "scoliosis",
    "\r\n",
    "\n\n",
    " ",
    "\t",
    "(BOR)",
    ".",
    "hearing loss",
    "é",
    "\U0001f9ec",
    "<b>",
    "\u2011",
    "\x00",
]


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join), st.text(st.characters())))
def test_any_text(reader: Reader, text: str) -> None:
    for mention in reader.mentions(text):
        assert text[mention.start : mention.end] == mention.text


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1), st.integers(min_value=1, max_value=20))
def test_segments_are_the_text(text: str, size: int) -> None:
    pieces = list(segments(text, size))
    assert "".join(piece for _, piece in pieces) == text
    assert all(text[start : start + len(piece)] == piece and len(piece) <= size for start, piece in pieces)


@pytest.mark.parametrize("text", ["", " ", "\n", "\r\n\r\n", "\x00", "....", "((((", "\ud800 seizures", "\ufeff"])
def test_odd_texts(reader: Reader, text: str) -> None:
    assert all(text[m.start : m.end] == m.text for m in reader.mentions(text))


def test_windows_newlines_keep_offsets(reader: Reader) -> None:
    text = "Findings:\r\nno seizures\r\nscoliosis\r\n"
    assert [(m.start, m.end) for m in reader.mentions(text)] == [(14, 22), (24, 33)]


def test_a_text_longer_than_a_segment(reader: Reader) -> None:
    text = "No seizures.\n" * 20_000
    mentions = reader.mentions(text)
    assert len(mentions) == 20_000
    assert {m.assertion for m in mentions} == {"absent"}
    assert mentions[-1].end == len(text) - 2


def test_one_line_without_blanks(reader: Reader) -> None:
    assert reader.mentions("x" * 300_000) == ()


def test_the_pipeline_is_a_spacy_pipeline(lexicon: Lexicon) -> None:
    nlp = create_pipeline(lexicon)
    doc = nlp("He has no seizures.")
    (span,) = doc.spans[SPANS_KEY]
    assert (span.text, span.kb_id_, span._.link.label) == ("seizures", "HP:0001250", "Seizure")
    assert span._.status.negated
    assert [len(list(d.spans[SPANS_KEY])) for d in nlp.pipe(["seizures", "scoliosis and ataxia", ""])] == [1, 2, 0]
    assert read_mentions(nlp, "seizures")[0].curie == "HP:0001250"


def test_a_linker_without_a_lexicon_says_what_it_needs() -> None:
    import spacy

    with pytest.raises(ValueError, match="compiled lexicon"):
        spacy.blank("en").add_pipe("clinigraph_linker")


def test_a_stream(reader: Reader) -> None:
    assert [len(mentions) for mentions in reader.pipe(iter(["seizures", "", "scoliosis, ataxia"]))] == [1, 0, 2]
