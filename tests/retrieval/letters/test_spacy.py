"""The reading pipeline is a spaCy pipeline: saved, loaded, batched, serialised, with no state outside of itself."""

from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin

from retrieval.lexicon import Lexicon
from retrieval.pipeline import SPANS_KEY, Reader, create_pipeline, segments, stream_segments

TEXT = "Her mother had seizures. She can't sleep, and has Hb 7.2 g/dl. Hearing is normal. No ataxia."
SAID = [
    ("seizures", "family"),
    ("can't sleep", "present"),
    ("Hb 7.2 g/dl", "present"),
    ("Hearing is normal", "absent"),
    ("ataxia", "absent"),
]


def said(doc: Doc) -> list[tuple[str, str]]:
    return [(span.text, span._.assertion) for span in doc.spans[SPANS_KEY]]


@pytest.fixture(scope="module")
def nlp(letter_lexicon: Lexicon) -> spacy.language.Language:
    return create_pipeline(letter_lexicon)


def test_spans_know_their_link_and_status(nlp: spacy.language.Language) -> None:
    doc = nlp(TEXT)
    assert said(doc) == SAID
    first = doc.spans[SPANS_KEY][0]
    assert (first.kb_id_, first._.link.label, first._.status.relative) == ("HP:0001250", "Seizure", "mother")
    assert doc[0:1]._.link is None
    assert doc[0:1]._.assertion is None


def test_a_saved_pipeline_reads_the_same_without_the_first_lexicon(
    nlp: spacy.language.Language, tmp_path: Path
) -> None:
    nlp.to_disk(tmp_path / "saved")
    config = tmp_path / "saved" / "config.cfg"
    config.write_text(config.read_text().replace(nlp.config["components"]["clinigraph_linker"]["lexicon"], "/gone"))
    loaded = spacy.load(tmp_path / "saved")
    assert loaded.pipe_names == nlp.pipe_names
    doc = loaded(TEXT)
    assert said(doc) == SAID


def test_a_pipeline_whose_lexicon_is_gone_says_so() -> None:
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "clinigraph.ClinicalTokenizer.v1"}}})
    nlp.add_pipe("clinigraph_linker", config={"lexicon": "/gone"})
    with pytest.raises(ValueError, match="no lexicon"):
        nlp("seizures")


def test_documents_survive_bytes(nlp: spacy.language.Language) -> None:
    doc = nlp(TEXT)
    back = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert said(back) == SAID
    assert list(back._.links) == list(doc._.links)
    assert list(back._.statuses) == list(doc._.statuses)


def test_documents_survive_a_bin(letter_reader: Reader) -> None:
    docs = [doc for _, doc in letter_reader.docs(TEXT)]  # these carry what was looked for
    packed = DocBin(docs=docs, store_user_data=True).to_bytes()
    (back,) = DocBin().from_bytes(packed).get_docs(letter_reader.nlp.vocab)
    assert said(back) == SAID


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(
            st.sampled_from(
                ["No seizures. ", "headache and ", "(FBN1) ", "gene ", "Ataxia (ATX) ", "ATX ", "\n\n", "x"]
            )
        ).map("".join),
        max_size=8,
    )
)
def test_a_batch_reads_each_text_as_if_alone(letter_reader: Reader, texts: list[str]) -> None:
    assert list(letter_reader.pipe(texts, batch_size=3)) == [letter_reader.mentions(text) for text in texts]


def test_a_batch_of_documents(nlp: spacy.language.Language) -> None:
    texts = [TEXT, "", "No ataxia.", "seizures " * 3000]
    alone = [nlp(text) for text in texts]
    together = list(nlp.pipe(texts, batch_size=4))
    assert [list(doc._.links) for doc in together] == [list(doc._.links) for doc in alone]
    assert [list(doc._.statuses) for doc in together] == [list(doc._.statuses) for doc in alone]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=10), st.integers(min_value=1, max_value=20))
def test_a_stream_is_cut_like_the_whole_text(chunks: list[str], size: int) -> None:
    assert list(stream_segments(chunks, size)) == list(segments("".join(chunks), size))


def test_a_stream_is_read_like_the_whole_text(letter_reader: Reader) -> None:
    text = "All was well that day.\n" * 9_000 + "No ataxia."
    chunks = [text[at : at + 1_000] for at in range(0, len(text), 1_000)]
    assert list(letter_reader.stream(chunks)) == list(letter_reader.mentions(text))


def test_two_pipelines_share_nothing(letter_lexicon: Lexicon) -> None:
    one, other = create_pipeline(letter_lexicon), create_pipeline(letter_lexicon, learned=False)
    assert one.vocab is not other.vocab
    assert said(one(TEXT)) == said(other(TEXT)) == SAID
