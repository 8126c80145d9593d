"""What a tuned model must keep before it is published: answers that end, parse and cite, and its general English."""

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from ..claims import is_looping, read_claims
from .base import Base
from .config import BaseKind, Gates
from .encoding import Encoded, encode, encode_pair
from .example import Example, Task
from .packing import collate_chats, collate_pairs

_NEW_TOKENS = 180
_BATCH = 4


@dataclass(frozen=True, slots=True)
class Scores:
    """What was measured on generated answers and on general text; shares lie in 0..1.

    ``exact`` and ``cited_right`` compare with the target on answered questions; ``abstained_right`` is the share of
    unanswerable questions abstained on, ``abstained_wrongly`` that of answerable ones. ``strength`` is the share of its
    change that an adapter was published with.
    """

    answers: int
    repetition: float
    unparsed: float
    exact: float
    cited_right: float
    abstained_right: float
    abstained_wrongly: float
    perplexity_before: float
    perplexity_after: float
    old_loss_before: float | None = None
    old_loss_after: float | None = None
    strength: float = 1.0

    def failures(self, gates: Gates) -> list[str]:
        """What lies beyond the gates, each as a phrase."""
        rise = self.perplexity_after / self.perplexity_before
        found = []
        if 0 <= gates.repetition < self.repetition:
            found.append(f"{self.repetition:.0%} of its answers loop (at most {gates.repetition:.0%})")
        if 0 <= gates.unparsed < self.unparsed:
            found.append(f"{self.unparsed:.0%} of its answers have no cited sentence (at most {gates.unparsed:.0%})")
        if 0 <= gates.forgetting < rise:
            found.append(f"its perplexity on general text rose {rise:.2f}-fold (at most {gates.forgetting:.2f})")
        if self.old_loss_before is not None and self.old_loss_after is not None and gates.old_data >= 0:
            ratio = self.old_loss_after / self.old_loss_before
            if ratio > gates.old_data:
                found.append(f"its loss on older data rose {ratio:.2f}-fold (at most {gates.old_data:.2f})")
        return found


@cache
def general_texts() -> tuple[str, ...]:
    """Texts on anything but medicine, to see whether a model forgets its English."""
    text = (resources.files("model") / "tuning" / "general.toml").read_text(encoding="utf-8")
    return tuple(" ".join(row["text"].split()) for row in tomllib.loads(text)["texts"])


def perplexity(model: Any, tokenizer: Any, texts: Sequence[str]) -> float:
    """``exp`` of the mean loss of a causal model on a token of these texts."""
    import torch

    total, count = 0.0, 0
    model.eval()
    with torch.no_grad():
        for text in texts:
            ids = tokenizer(text, return_tensors="pt", add_special_tokens=False)["input_ids"].to(model.device)
            logits = model(input_ids=ids, use_cache=False).logits[0, -ids.shape[1] :][:-1].float()
            total += float(torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="sum"))
            count += ids.shape[1] - 1
    return math.exp(total / max(count, 1))


def generate(model: Any, base: Base, kind: BaseKind, examples: Sequence[Example]) -> list[str]:
    """What the model answers to the prompts of some examples, greedily."""
    import torch

    texts: list[str] = []
    model.eval()
    for start in range(0, len(examples), _BATCH):
        chunk = [
            (encode if kind is BaseKind.CAUSAL else encode_pair)(e, base.tokenizer)
            for e in examples[start : start + _BATCH]
        ]
        ids, mask = _left_padded([each.prompt for each in chunk], base.pad_id)
        with torch.no_grad():
            out = model.generate(
                input_ids=ids.to(model.device),
                attention_mask=mask.to(model.device),
                max_new_tokens=_NEW_TOKENS,
                do_sample=False,
                use_cache=True,
                pad_token_id=base.pad_id,
                eos_token_id=base.tokenizer.eos_token_id,
            )
        new = out if kind is BaseKind.SEQ2SEQ else out[:, ids.shape[1] :]
        texts += [str(text).strip() for text in base.tokenizer.batch_decode(new, skip_special_tokens=True)]
    return texts


def _left_padded(prompts: Sequence[tuple[int, ...]], pad_id: int) -> tuple[Any, Any]:
    import torch

    length = max(map(len, prompts))
    ids = torch.full((len(prompts), length), pad_id)
    mask = torch.zeros((len(prompts), length), dtype=torch.long)
    for at, prompt in enumerate(prompts):
        ids[at, length - len(prompt) :], mask[at, length - len(prompt) :] = torch.tensor(prompt), 1
    return ids, mask


def mean_loss(model: Any, encoded: Sequence[Encoded], pad_id: int, kind: BaseKind) -> float:
    """The mean loss of a model on a token of the answers."""
    import torch

    total, count = 0.0, 0
    model.eval()
    collate = collate_chats if kind is BaseKind.CAUSAL else collate_pairs
    with torch.no_grad():
        for example in encoded:
            inputs = {name: value.to(model.device) for name, value in collate([example], pad_id).items()}
            total += float(model(**inputs).loss) * len(example.answer)
            count += len(example.answer)
    return total / max(count, 1)


def score_answers(answers: Sequence[str], examples: Sequence[Example], abstention: str) -> dict[str, float]:
    """The shares that `Scores` holds; of tagging, which has no citations, only whether it is exact counts."""
    asked = [(said, e) for said, e in zip(answers, examples, strict=True) if e.task not in _TAGGING]
    targets = [(said, e, e.messages[-1].content) for said, e in asked]
    answered = [(said, target) for said, _, target in targets if target != abstention]
    silent = [said for said, _, target in targets if target == abstention]
    return {
        "repetition": _share([is_looping(said) for said in answers]),
        "unparsed": _share([said != abstention and not _has_citation(said) for said, _ in asked]),
        "exact": _share([said == target for said, target in answered]),
        "cited_right": _share([_cited(said) == _cited(target) for said, target in answered]),
        "abstained_right": _share([said == abstention for said in silent]),
        "abstained_wrongly": _share([said == abstention for said, _ in answered]),
    }


_TAGGING = (Task.RELATION_TAGGING, Task.ENTITY_TAGGING)


def _has_citation(text: str) -> bool:
    return any(claim.citations for claim in read_claims(text))


def _cited(text: str) -> tuple[int, ...]:
    return tuple(n for claim in read_claims(text) for n in claim.citations)


def _share(hits: Sequence[bool]) -> float:
    return round(sum(hits) / len(hits), 4) if hits else 0.0
