"""Examination sections: where they are, their clauses, and what a model makes of them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.assertion import Status
from retrieval.examination import clauses
from retrieval.examined import ExamReader
from retrieval.finding_features import N_FEATURES
from retrieval.finding_model import EVIDENCE, FindingModel, note_hash, prune, read_model, write_model
from retrieval.pipeline import Reader

NOTE = "EARS: low set, pointing up.\nPlan: ears to be seen again\nHANDS FEET: 2,3 webbing"


def model_of(features: Mapping[int, float], curie: str) -> FindingModel:
    """A model that scores a finding by the features of one clause and believes scores above one half."""
    weights = np.zeros((1, N_FEATURES), dtype=np.float32)
    weights[0, list(features)] = list(features.values())
    coefficients = np.zeros(len(EVIDENCE))
    coefficients[0] = 10.0
    none = np.zeros(0, dtype=np.int32)
    parts = prune(weights, np.arange(N_FEATURES), [curie], [3], kept_per_label=300)
    seen = np.array([note_hash("a note")], dtype=np.uint32)
    empty = FindingModel((), none, none, none, none, none, none, coefficients, -5.0, 0.5, seen)  # type: ignore[arg-type]
    return replace(empty, **parts)


def test_sections_are_cut_into_clauses(reader: Reader) -> None:
    doc = next(iter(reader.docs(NOTE)))[1]
    found = list(clauses(doc, reader.linker.table))
    assert [(doc[c.start : c.stop].text, c.heading) for c in found] == [
        ("low set", ("ears",)),
        ("pointing up", ("ears",)),
        ("2", ("hands", "feet")),
        ("3 webbing", ("hands", "feet")),
    ]
    assert (found[0].previous, found[1].previous) == ((), found[0].rows)


@pytest.mark.parametrize("curie", ["HP:0000598", "HP:9999999"])
def test_the_model_adds_only_findings_of_the_graph(reader: Reader, curie: str) -> None:
    doc = next(iter(reader.docs(NOTE)))[1]
    table = reader.linker.table
    clause = list(clauses(doc, table))[1]
    blank = ExamReader(reader.lexicon, table, model_of({}, curie))
    reading = ExamReader(reader.lexicon, table, model_of(blank.features.of(clause), curie))
    added = [(link, status) for link, status in reading.read(doc, (), ()) if link.curie == curie]
    assert len(added) == (curie == "HP:0000598")
    for link, status in added:
        assert (doc[link.start : link.stop].text, status) == ("pointing up", Status())
        assert link.label == "Abnormality of the ear"


def test_a_model_is_read_as_it_was_written(tmp_path: Path) -> None:
    model = model_of({3: 0.5, 7: 1.0}, "HP:0000598")
    write_model(model, tmp_path / "model.npz")
    again = read_model(tmp_path / "model.npz")
    assert again.scores({3: 1.0, 7: 1.0}) == model.scores({3: 1.0, 7: 1.0})
    assert again.scores({8: 1.0}) == {}
    assert (again.count("HP:0000598"), again.count("HP:0000001")) == (3, 0)
    assert again.has_seen(note_hash("a  note"))
    assert not again.has_seen(note_hash("another"))
