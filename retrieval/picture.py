"""A page that shows a text with its mentions marked, drawn by spaCy's displaCy."""

from collections.abc import Iterable

from .mention import Assertion, Mention

_COLOURS = {
    Assertion.PRESENT: "#a6e3a1",
    Assertion.ABSENT: "#f2b8b5",
    Assertion.POSSIBLE: "#f9e2af",
    Assertion.FAMILY: "#cba6f7",
    Assertion.HISTORICAL: "#bcd4e6",
    Assertion.HYPOTHETICAL: "#d9d9d9",
}


def draw_mentions(texts: Iterable[tuple[str, str, Iterable[Mention]]]) -> str:
    """An HTML page of texts given as name, text and mentions; where mentions overlap, the longest is shown."""
    from spacy import displacy

    documents = [
        {
            "title": name,
            "text": text,
            "ents": [{"start": m.start, "end": m.end, "label": _said(m), "kb_id": m.label} for m in _apart(mentions)],
        }
        for name, text, mentions in texts
    ]
    labels = {str(ent["label"]): str(ent["label"]).split()[0] for doc in documents for ent in doc["ents"]}  # type: ignore[index]  # a list of dicts
    colours = {label: _COLOURS[Assertion(assertion)] for label, assertion in labels.items()}
    return displacy.render(documents, style="ent", manual=True, page=True, options={"colors": colours})


def _said(mention: Mention) -> str:
    """The assertion first, whose it is if not the patient's, and the identifier."""
    return " ".join(filter(None, (mention.assertion.value, mention.relative, mention.curie)))


def _apart(mentions: Iterable[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (m.start - m.end, m.start, m.curie)):
        if all(mention.end <= other.start or other.end <= mention.start for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda m: m.start)
