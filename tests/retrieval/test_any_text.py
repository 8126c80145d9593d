"""Whatever a text holds, nothing crashes and offsets are those of the caller's text."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.pipeline import Reader

_PIECES = [
    "No seizures. ",
    "EARS: low set, posteriorly rotated; ",
    "Family history:\r\n",
    "\r\nFever, cough and headache\r\n",
    "<b>Marfan <i>syndrome</b>",
    "<!-- scoliosis",
    "&amp;&#x41; hypotonia ]]>",
    "short third and fourth fingers",
    "cystic fibrosis (CF",
    "((((",
    ":::::",
    "\x00\x01\xff",
    "sei\u00adzure",
    "Hypoto\u0301nia",
    "Fever | no\r\n",
    "[x] cough [ ] ",
    "? scoliosis?? ",
    "Hb 7.2 g/dl (12-16)",
    "height < 3rd centile, -3 SD",
    "normal hearing is normal ",
    "can't sleep, throws up",
    "<div><p><div>No fever</p>",
    "She denies:\r\n- fever\r\n- ",
]
anything = st.lists(
    st.one_of(
        st.sampled_from(_PIECES),
        st.text(st.characters(codec=None, categories=None), max_size=12),  # every code point, surrogates too
        st.binary(max_size=12).map(lambda data: data.decode("latin-1")),
    ),
    max_size=12,
).map("".join)


@given(text=anything)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_offsets_are_those_of_the_text(reader: Reader, text: str) -> None:
    for mention in reader.mentions(text):
        assert text[mention.start : mention.end] == mention.text
        assert 0 <= mention.start < mention.end <= len(text)


@pytest.mark.parametrize("block", range(0, 0x110000, 0x100 * 64))
def test_every_unicode_block(reader: Reader, block: int) -> None:
    text = "".join(f"{chr(code)} scoliosis " for code in range(block, min(block + 0x4000, 0x110000), 0x80))
    found = [m for m in reader.mentions(text) if m.curie == "HP:0002650"]
    assert all(text[m.start : m.end] == "scoliosis" for m in found)
    assert len(found) > 0.9 * text.count("scoliosis")
