"""What the pipeline keeps in a spaCy document: links, statuses, and how both survive ``Doc.to_bytes``."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from typing import Any

import srsly
from spacy.tokens import Doc, Span

from kg import Category

from .assertion import Status
from .linker import Link, Linking

SPANS_KEY = "clinigraph"
"""Where the mentions of a document lie in ``doc.spans``."""

LINKING_KEY = "clinigraph_linking"
"""Where ``doc.user_data`` may hold the `Linking` of one document."""

PATIENT_KEY = "clinigraph_patient"
"""Where ``doc.user_data`` may hold age in years and sex of the patient, for a document that is part of a text."""

NAMED_ONLY_KEY = "clinigraph_named_only"
"""Where ``doc.user_data`` may say that only what a text names is looked for, not what numbers or "normal" tell."""

_MARK = "__clinigraph__"


def register_extensions() -> None:
    """Make ``doc._.links``, ``doc._.statuses``, ``span._.link``, ``span._.status`` and ``span._.assertion`` known.

    Spans of one text can coincide, so what is known about them lies with the document, in the order of its spans.
    """
    if not Doc.has_extension("links"):
        Doc.set_extension("links", default=())
        Doc.set_extension("statuses", default=())
        Span.set_extension("link", getter=_find_link)
        Span.set_extension("status", getter=_find_status)
        Span.set_extension("assertion", getter=_find_assertion)


def linking_of(doc: Doc, default: Linking | None = None) -> Linking | None:
    """What to look for in this document."""
    linking: Linking | None = doc.user_data.get(LINKING_KEY, default)
    return linking


def set_links(doc: Doc, links: Sequence[Link]) -> None:
    """Keep ``links`` with their spans."""
    doc._.links = tuple(links)
    doc.spans[SPANS_KEY] = [
        Span(doc, link.start, link.stop, label=str(link.category), kb_id=link.curie) for link in links
    ]


def set_judged(doc: Doc, judged: Iterable[tuple[Link, Status]]) -> None:
    """Keep links with their statuses, in reading order."""
    rows = sorted(judged, key=lambda pair: (pair[0].start, pair[0].stop, pair[0].curie))
    doc._.statuses = tuple(status for _, status in rows)
    set_links(doc, [link for link, _ in rows])


def _index_of(span: Span) -> int | None:
    identity = (span.start, span.end, span.kb_id_)
    return next(
        (at for at, link in enumerate(span.doc._.links) if (link.start, link.stop, link.curie) == identity), None
    )


def _find_link(span: Span) -> Link | None:
    at = _index_of(span)
    return None if at is None else span.doc._.links[at]


def _find_status(span: Span) -> Status | None:
    at = _index_of(span)
    return None if at is None or at >= len(span.doc._.statuses) else span.doc._.statuses[at]


def _find_assertion(span: Span) -> str | None:
    status = _find_status(span)
    return None if status is None else status.assertion.value


@srsly.msgpack_encoders("clinigraph")  # type: ignore[untyped-decorator]  # srsly has no types
def _encode(value: Any, chain: Callable[[Any], Any] | None = None) -> Any:
    """Links, statuses and linkings as plain data for msgpack."""
    for name, (kind, _) in _KINDS.items():
        if isinstance(value, kind):
            return {_MARK: name, "values": [_plain(getattr(value, field.name)) for field in fields(kind)]}
    return value if chain is None else chain(value)


@srsly.msgpack_decoders("clinigraph")  # type: ignore[untyped-decorator]
def _decode(value: Any, chain: Callable[[Any], Any] | None = None) -> Any:
    if isinstance(value, dict) and value.get(_MARK) in _KINDS:
        _, make = _KINDS[value[_MARK]]
        return make(value["values"])
    return value if chain is None else chain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    return str(value) if isinstance(value, Category) else value


def _link(values: Sequence[Any]) -> Link:
    start, stop, curie, label, category, score, n_words, own, alternatives = values
    return Link(start, stop, curie, label, Category(category), score, n_words, tuple(own), tuple(alternatives))


def _linking(values: Sequence[Any]) -> Linking:
    prefer, categories, nested = values
    return Linking(Category(prefer), frozenset(map(Category, categories)), nested)


_KINDS: dict[str, tuple[type[Link | Linking | Status], Callable[[Sequence[Any]], Any]]] = {
    "link": (Link, _link),
    "linking": (Linking, _linking),
    "status": (Status, lambda values: Status(*values)),
}
