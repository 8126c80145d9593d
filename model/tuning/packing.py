"""Several examples in one row, none of which sees another.

Examples of one group begin with the same evidence. A row holds that beginning once, and then the rest of each example:
every rest sees the beginning and itself, at the positions it would have alone. So a row computes exactly what its
examples compute apart, for fewer tokens.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .encoding import IGNORED, Encoded

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Row:
    """One packed row; all lists are equally long.

    ``block`` numbers the group of a token, ``branch`` the example in it, 0 for the shared beginning.
    """

    ids: list[int] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    block: list[int] = field(default_factory=list)
    branch: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    def _add(self, ids: Sequence[int], labels: Sequence[int], start: int, block: int, branch: int) -> None:
        self.ids.extend(ids)
        self.labels.extend(labels)
        self.positions.extend(range(start, start + len(ids)))
        self.block.extend([block] * len(ids))
        self.branch.extend([branch] * len(ids))

    def add(self, tree: "Tree") -> None:
        """Append a group."""
        block = self.block[-1] + 1 if self.block else 0
        self._add(tree.shared, [IGNORED] * len(tree.shared), 0, block, 0)
        for number, (ids, labels) in enumerate(tree.rests, start=1):
            self._add(ids, labels, len(tree.shared), block, number)


@dataclass(frozen=True, slots=True)
class Tree:
    """A shared beginning, and the ids and labels of what follows it in each example."""

    shared: tuple[int, ...]
    rests: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]

    def __len__(self) -> int:
        return len(self.shared) + sum(len(ids) for ids, _ in self.rests)


def tree_of(examples: Sequence[Encoded]) -> Tree:
    """The examples of one group; what all prompts begin with is shared, but never the last token of a prompt.

    The token before an answer predicts its first one, and there is one such token for each answer.
    """
    prompts = [example.prompt for example in examples]
    shortest = min(map(len, prompts)) - 1
    same = next((at for at in range(shortest) if len({prompt[at] for prompt in prompts}) > 1), shortest)
    rests = []
    for example in examples:
        left = len(example.prompt) - same
        rests.append((example.ids[same:], (*([IGNORED] * left), *example.answer)))
    return Tree(prompts[0][:same], tuple(rests))


def pack(examples: Iterable[Encoded], row_tokens: int, seed: int, share: bool = True) -> list[Row]:
    """Rows of at most ``row_tokens``, their order drawn by ``seed``; an example longer than that has a row of its own.

    Without ``share`` every example stands alone with its own beginning.
    """
    trees = list(_trees(examples, row_tokens, share))
    random.Random(seed).shuffle(trees)
    trees.sort(key=len, reverse=True)  # first fit decreasing; the shuffle before it orders equals
    rows: list[Row] = []
    room: list[int] = []
    for tree in trees:
        at = next((at for at, left in enumerate(room) if left >= len(tree)), None)
        if at is None:
            rows.append(Row())
            room.append(row_tokens)
            at = len(rows) - 1
        rows[at].add(tree)
        room[at] -= len(tree)
    random.Random(seed + 1).shuffle(rows)
    return rows


def _trees(examples: Iterable[Encoded], row_tokens: int, share: bool) -> Iterator[Tree]:
    groups: dict[str, list[Encoded]] = {}
    for number, example in enumerate(examples):
        groups.setdefault(example.group if share else str(number), []).append(example)
    for members in groups.values():
        held: list[Encoded] = []
        for example in members:
            if held and len(tree_of([*held, example])) > row_tokens:
                yield tree_of(held)
                held = []
            held.append(example)
        yield tree_of(held)


def sees(row: Row) -> "torch.Tensor":
    """Which token sees which, ``(n_tokens, n_tokens)`` bool: earlier ones of its group that are shared or its own."""
    import torch

    block, branch = torch.tensor(row.block), torch.tensor(row.branch)
    same_block = block[:, None] == block[None, :]
    own = (branch[:, None] == branch[None, :]) | (branch[None, :] == 0)
    return same_block & own & torch.ones(len(row), len(row), dtype=torch.bool).tril()


def collate_rows(rows: Sequence[Row], pad_id: int) -> dict[str, Any]:
    """Tensors of some rows, padded on the right; a padding token sees itself alone."""
    import torch

    length = max(map(len, rows))
    batch = len(rows)
    ids = torch.full((batch, length), pad_id)
    labels = torch.full((batch, length), IGNORED)
    positions = torch.zeros((batch, length), dtype=torch.long)
    mask = torch.eye(length, dtype=torch.bool).repeat(batch, 1, 1, 1)
    for at, row in enumerate(rows):
        n = len(row)
        ids[at, :n], labels[at, :n] = torch.tensor(row.ids), torch.tensor(row.labels)
        positions[at, :n] = torch.tensor(row.positions)
        mask[at, 0, :n, :n] = sees(row)
    return {"input_ids": ids, "labels": labels, "position_ids": positions, "attention_mask": mask}


def collate_chats(examples: Sequence[Encoded], pad_id: int) -> dict[str, Any]:
    """Tensors of examples side by side, padded on the right."""
    import torch

    length = max(len(example.ids) for example in examples)
    ids = torch.full((len(examples), length), pad_id)
    labels = torch.full((len(examples), length), IGNORED)
    mask = torch.zeros((len(examples), length), dtype=torch.long)
    for at, example in enumerate(examples):
        n, start = len(example.ids), len(example.prompt)
        ids[at, :n], labels[at, start:n], mask[at, :n] = torch.tensor(example.ids), torch.tensor(example.answer), 1
    return {"input_ids": ids, "labels": labels, "attention_mask": mask}


def collate_pairs(examples: Sequence[Encoded], pad_id: int) -> dict[str, Any]:
    """Tensors for a sequence-to-sequence base: what is read and what is to be written."""
    import torch

    read, written = max(len(e.prompt) for e in examples), max(len(e.answer) for e in examples)
    ids = torch.full((len(examples), read), pad_id)
    mask = torch.zeros((len(examples), read), dtype=torch.long)
    labels = torch.full((len(examples), written), IGNORED)
    for at, example in enumerate(examples):
        ids[at, : len(example.prompt)], mask[at, : len(example.prompt)] = torch.tensor(example.prompt), 1
        labels[at, : len(example.answer)] = torch.tensor(example.answer)
    return {"input_ids": ids, "labels": labels, "attention_mask": mask}
