"""Examination sections: where they are, their clauses, and what a model makes of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.boosting import Boosting, boost, logistic
from retrieval.assertion import Status
from retrieval.examination import Clause, clauses
from retrieval.examined import ExamReader, cut_up, wordings_of
from retrieval.finding_features import N_FEATURES, ClauseFeatures, Piece
from retrieval.finding_model import EVIDENCE, FindingModel, note_hash, read_model, write_model
from retrieval.finding_names import finding_names
from retrieval.hashed_weights import no_weights, prune
from retrieval.lexicon import Lexicon
from retrieval.pipeline import Reader
from retrieval.trees import no_trees

NOTE = "EARS: low set, pointing up.\nPlan: ears to be seen again\nHANDS FEET: 2,3 webbing with short thumb and cough"


def model_of(reader: Reader, clause: Clause | None, curie: str) -> FindingModel:
    """A model that scores a finding by the features of one clause and believes scores above one half."""
    weights = np.zeros((1, N_FEATURES), dtype=np.float32)
    if clause is not None:
        row = ClauseFeatures(reader.linker.table).matrix(clause.pieces[:1]).tocoo()
        weights[0, row.col] = row.data
    evidence = np.zeros((200, len(EVIDENCE)), dtype=np.float32)
    evidence[100:, 0] = 1.0
    trees = boost(evidence, logistic(evidence[:, 0] > 0), Boosting(20, step=1.0, leaves=2, rows_a_leaf=5, share=1.0))
    seen = np.array([note_hash("a note")], dtype=np.uint32)
    pruned = prune(weights, np.arange(N_FEATURES), [curie], [3], kept_per_label=300)
    return FindingModel(pruned, wordings_of([]), trees, 0.5, seen)


def test_sections_are_cut_into_clauses_and_those_into_parts(reader: Reader) -> None:
    doc = next(iter(reader.docs(NOTE)))[1]
    found = list(clauses(doc, reader.linker.table))
    assert [(doc[c.start : c.stop].text, c.heading) for c in found] == [
        ("low set", ("ears",)),
        ("pointing up", ("ears",)),
        ("2", ("hands", "feet")),
        ("3 webbing with short thumb and cough", ("hands", "feet")),
    ]
    assert (found[0].previous, found[1].previous) == ((), found[0].rows)
    assert found[0].pieces == (Piece(found[0].rows, ("ears",)),)
    parts = [[reader.linker.table.forms[row].plain for row in piece.rows] for piece in found[3].pieces[1:]]
    assert parts == [["3", "webbing"], ["with", "short", "thumb"], ["cough"]]


def test_features_have_length_one_and_know_order_headings_and_letters(reader: Reader) -> None:
    table = reader.linker.table
    low, set_, ears = (table.row(word) for word in ("low", "set", "ears"))
    pieces = [
        Piece((low, set_)),
        Piece((set_, low)),
        Piece((low, set_), ("ears",)),
        Piece((low, set_), (), (ears,)),
        Piece(()),
    ]
    found = ClauseFeatures(table).matrix(pieces)
    assert np.allclose(np.sqrt((found.multiply(found)).sum(axis=1)), 1)
    alike = (found @ found.T).toarray()
    assert all(0.3 < alike[0, other] < 0.999 for other in (1, 2, 3))
    assert alike[0, 0] == pytest.approx(1)


def test_names_that_share_words_are_found_and_headings_help(reader: Reader) -> None:
    table = reader.linker.table
    names = finding_names(reader.lexicon)
    pieces = [
        Piece(tuple(table.row(w) for w in words)) for words in (("low", "set"), ("sensorineural", "hearing", "loss"))
    ]
    pieces.append(replace(pieces[0], heading=("ears",)))
    matches = names.index.matches(pieces, table)
    fits = {
        (piece, reader.lexicon.curie(int(names.concept[name]))): fit
        for piece, name, fit in zip(matches.piece.tolist(), matches.name.tolist(), matches.fit.tolist(), strict=True)
    }
    assert fits[1, "HP:0000407"] == pytest.approx(1, abs=0.05)
    assert fits[1, "HP:0000365"] < fits[1, "HP:0000407"]
    assert fits[0, "HP:0000369"] < fits[2, "HP:0000369"]
    assert not {curie for _, curie in fits} & {"HP:0001250", "MONDO:0005392"}


@pytest.mark.parametrize("curie", ["HP:0000598", "HP:9999999"])
def test_the_model_adds_only_findings_of_the_graph(reader: Reader, curie: str) -> None:
    doc = next(iter(reader.docs(NOTE)))[1]
    clause = list(clauses(doc, reader.linker.table))[1]
    reading = ExamReader(reader.lexicon, reader.linker.table, model_of(reader, clause, curie))
    added = [(link, status) for link, status in reading.read(doc, (), ()) if link.curie == curie]
    assert len(added) == (curie == "HP:0000598")
    for link, status in added:
        assert (doc[link.start : link.stop].text, status) == ("pointing up", Status())
        assert link.label == "Abnormality of the ear"


def test_what_the_model_does_not_believe_is_taken_out_of_examinations_alone(reader: Reader) -> None:
    doc = next(iter(reader.docs(NOTE + "\n\nHe has ataxia.")))[1]
    reading = ExamReader(reader.lexicon, reader.linker.table, model_of(reader, None, "HP:0000598"))
    left = {link.curie for link, _ in reading.read(doc, doc._.links, doc._.statuses)}
    assert {link.curie for link in doc._.links} >= {"HP:0012735", "HP:0009778", "HP:0001251"}
    assert left == {"HP:0001251"}


def test_texts_without_clauses_and_graphs_without_findings(reader: Reader, tmp_path: Path) -> None:
    doc = next(iter(reader.docs("No heading here: nothing.")))[1]
    reading = ExamReader(reader.lexicon, reader.linker.table, model_of(reader, None, "HP:0000598"))
    assert reading.read(doc, (), ()) == []
    assert cut_up([])[0] == []


def test_a_model_is_read_as_it_was_written(reader: Reader, tmp_path: Path) -> None:
    doc = next(iter(reader.docs(NOTE)))[1]
    clause = next(clauses(doc, reader.linker.table))
    model = model_of(reader, clause, "HP:0000598")
    model = replace(model, wordings=wordings_of([(frozenset({3, 5}), 0), (frozenset({3, 5}), 0), (frozenset(), 0)]))
    write_model(model, tmp_path / "model.npz")
    again = read_model(tmp_path / "model.npz")
    features = ClauseFeatures(reader.linker.table).matrix(clause.pieces)
    assert (again.weights.scores(features) != model.weights.scores(features)).nnz == 0
    assert again.weights.scores(features).toarray()[0, 0] == pytest.approx(1, abs=0.02)
    evidence = np.eye(len(EVIDENCE), dtype=np.float32)
    assert (again.probabilities(evidence) == model.probabilities(evidence)).all()
    assert again.wordings.words.tolist() == [3, 5]
    assert (again.count("HP:0000598"), again.count("HP:0000001")) == (3, 0)
    assert again.has_seen(note_hash("a  note"))
    assert not again.has_seen(note_hash("another"))


def test_weights_of_nothing_score_nothing(lexicon: Lexicon, reader: Reader) -> None:
    model = FindingModel(no_weights(), wordings_of([]), no_trees(), 0.6, np.zeros(0, dtype=np.uint32))
    doc = next(iter(reader.docs(NOTE)))[1]
    reading = ExamReader(lexicon, reader.linker.table, model)
    assert [link for link, _ in reading.read(doc, (), ())] == []
