"""The page shows the text with its mentions, escaped."""

from retrieval.picture import draw_mentions
from retrieval.pipeline import Reader


def test_a_page_of_mentions(reader: Reader) -> None:
    text = "No seizures <script>, but sensorineural hearing loss."
    page = draw_mentions([("letter.txt", text, reader.mentions(text, nested=True))])
    assert page.startswith("<!DOCTYPE html>")
    assert "absent HP:0001250" in page
    assert "present HP:0000407" in page
    assert "HP:0000365" not in page
    assert "<script>" not in page
