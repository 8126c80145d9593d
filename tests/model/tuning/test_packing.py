"""Packed rows: no example sees another, and a row computes what its examples compute apart."""

from typing import Any

import pytest

from model.tuning import BaseModel
from model.tuning.base import load_base
from model.tuning.encoding import IGNORED, Encoded, encode
from model.tuning.packing import Row, collate_chats, collate_rows, pack, sees, tree_of
from tests.model.tiny import save_tiny_llama
from tests.model.tuning.examples import examples


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load_base(save_tiny_llama(tmp_path_factory.mktemp("tiny")), "tiny", BaseModel(), None)


def test_only_the_answer_and_its_end_have_labels(base: Any) -> None:
    example = examples(1)[0]
    encoded = encode(example, base.tokenizer)
    assert base.tokenizer.decode(encoded.answer) == "Marfan syndrome has ectopia lentis <|end|>"
    assert base.tokenizer.decode(encoded.prompt).endswith("<|assistant|>")


def test_what_prompts_begin_with_is_held_once() -> None:
    one, two = Encoded("g", (1, 2, 3, 4), (9,)), Encoded("g", (1, 2, 5, 6), (8, 7))
    tree = tree_of([one, two])
    assert tree.shared == (1, 2)
    assert tree.rests == (((3, 4, 9), (IGNORED, IGNORED, 9)), ((5, 6, 8, 7), (IGNORED, IGNORED, 8, 7)))
    row = Row()
    row.add(tree)
    assert row.positions == [0, 1, 2, 3, 4, 2, 3, 4, 5]


def test_the_last_token_of_a_prompt_is_never_shared() -> None:
    same = Encoded("g", (1, 2, 3), (9,))
    assert tree_of([same, Encoded("g", (1, 2, 3), (8,))]).shared == (1, 2)


def test_no_token_sees_another_example() -> None:
    row = pack([Encoded("a", (1, 2, 3), (9,)), Encoded("a", (1, 2, 4), (8,)), Encoded("b", (1, 5), (7,))], 64, 0)[0]
    mask = sees(row)
    for at in range(len(row)):
        for other in range(len(row)):
            own = row.block[at] == row.block[other] and row.branch[other] in (0, row.branch[at])
            assert bool(mask[at, other]) == (own and other <= at)
    assert {row.block[at] for at in range(len(row))} == {0, 1}


def test_a_packed_row_has_the_loss_of_its_examples_apart(base: Any) -> None:
    import torch

    encoded = [encode(example, base.tokenizer) for example in examples(11)]
    rows = pack(encoded, 120, seed=1)
    assert sum(map(len, rows)) < sum(len(e.ids) for e in encoded), "nothing was shared"
    apart = {}
    with torch.no_grad():
        for example in encoded:
            batch = collate_chats([example], base.pad_id)
            logits = base.model(input_ids=batch["input_ids"]).logits[0]
            for at in range(len(example.prompt), len(example.ids)):
                key = (*example.prompt, *example.answer[: at - len(example.prompt)])
                apart[key] = logits[at - 1]
        seen = 0
        for row in rows:
            batch = collate_rows([row], base.pad_id)
            inputs = {name: batch[name] for name in ("input_ids", "position_ids", "attention_mask")}
            logits = base.model(**inputs).logits[0]
            mask = sees(row)
            for at in (n for n, label in enumerate(row.labels) if label != IGNORED):
                before = tuple(row.ids[other] for other in range(at) if mask[at, other])
                assert torch.allclose(logits[at - 1], apart[before], atol=1e-4)
                seen += 1
    assert seen == sum(len(e.answer) for e in encoded)


def test_rows_of_unequal_length_are_padded_without_a_loss(base: Any) -> None:
    rows = pack([encode(example, base.tokenizer) for example in examples(3)], 8, seed=0, share=False)
    batch = collate_rows(rows, base.pad_id)
    assert batch["attention_mask"].shape == (len(rows), 1, *(2 * [max(map(len, rows))]))
    for at, row in enumerate(rows):
        assert (batch["labels"][at, len(row) :] == IGNORED).all()


def test_an_example_longer_than_a_row_has_one_of_its_own() -> None:
    rows = pack([Encoded("a", tuple(range(30)), (1,)), Encoded("b", (1, 2), (3,))], 10, seed=0)
    assert sorted(map(len, rows)) == [3, 31]


def test_packing_depends_on_the_seed_alone() -> None:
    made = [Encoded(f"g{n}", (1, 2, n), (n,)) for n in range(20)]
    assert pack(made, 12, 5) == pack(made, 12, 5)
    assert pack(made, 12, 5) != pack(made, 12, 6)
