"""The pairs of the entailment benchmark."""

import random

from benchmarks.entailment import pairs_of
from retrieval import EvidenceItem, EvidenceKind

TEXT = (
    "Marfan syndrome: A hereditary disorder that is characterized by bilateral ectopia lentis (in 3 of 5), which is "
    "often progressive. The aortic dilatation is usually seen by 12 years of age and is a severe sign."
)
PASSAGE = EvidenceItem(1, EvidenceKind.PASSAGE, TEXT, ("MONDO:0007947",), "mesh", "2025", "MESH:D1")


def test_pairs_are_right_sentences_and_wrong_ones_by_kind() -> None:
    pairs = list(pairs_of(PASSAGE, random.Random(1)))
    right = {pair.kind: pair.sentence for pair in pairs if pair.follows}
    wrong = {pair.kind: pair.sentence for pair in pairs if not pair.follows}
    assert right["sentence"].startswith("The aortic dilatation is usually seen")
    assert "(in 3 of 5)" not in right["without brackets"]
    assert right["beginning"].endswith("(in 3 of 5).")
    assert "is not" in wrong["denied"]
    assert wrong["doubt or share dropped"].startswith("The aortic dilatation is seen")
    assert wrong["number of the passage"].count("12") != 1
    assert {"adjective of the passage", "adjectives exchanged", "sides exchanged", "ends of two sentences"} <= set(
        wrong
    )


def test_no_wrong_sentence_stands_in_the_passage() -> None:
    for seed in range(20):
        for pair in pairs_of(PASSAGE, random.Random(seed)):
            assert pair.follows or pair.sentence.rstrip(".") not in TEXT
