"""One training run: transformers' Trainer over packed or padded examples, resumable, with a loss on answers alone."""

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import Report, silent

from ..errors import TuningDiskFull, TuningDiverged, TuningOutOfMemory
from .config import BaseKind, MethodName, TuneConfig
from .encoding import IGNORED, Encoded
from .packing import Row, collate_chats, collate_pairs, collate_rows, pack

if TYPE_CHECKING:
    from transformers import Trainer, TrainerCallback, TrainingArguments

METRIC = "eval_loss"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run leaves: the model in memory, and the log as one record a logging step."""

    model: Any
    log: tuple[dict[str, Any], ...]
    steps: int
    best: float | None


def rows_of(examples: Sequence[Encoded], config: TuneConfig) -> list[Any]:
    """What the trainer reads one by one: packed rows, or the examples themselves."""
    fitting = [example for example in examples if len(example.ids) <= config.data.most_tokens]
    if not config.data.packing:
        return fitting
    return pack(fitting, config.data.row_tokens, config.train.seed)


def count_steps(rows: int, config: TuneConfig) -> int:
    """How many optimiser steps a run takes."""
    if config.train.most_steps:
        return config.train.most_steps
    per_epoch = -(-rows // (config.train.rows * config.train.accumulation))
    return max(1, round(per_epoch * config.train.epochs))


def train(
    model: Any,
    pad_id: int,
    training: Sequence[Any],
    validation: Sequence[Any],
    config: TuneConfig,
    folder: Path,
    *,
    resume: bool = True,
    callbacks: Sequence["TrainerCallback"] = (),
    report: Report = silent,
) -> Run:
    """Train, with checkpoints under ``folder/checkpoints``; a run that was cut off goes on from the last whole one.

    Raises:
        TuningDiverged: the loss is no finite number; the last good checkpoint stays.
        TuningOutOfMemory: a step does not fit into memory.
        TuningDiskFull: a checkpoint cannot be written.
    """
    import torch

    if config.train.threads:
        torch.set_num_threads(config.train.threads)
    checkpoints = folder / "checkpoints"
    with _failures(config, folder):
        checkpoints.mkdir(parents=True, exist_ok=True)
        trainer = _trainer(model, pad_id, training, validation, config, checkpoints, [*callbacks, _reporting(report)])
        trainer.train(resume_from_checkpoint=_last(checkpoints) if resume else None)
    history = tuple(dict(record) for record in trainer.state.log_history)
    return Run(trainer.model, history, trainer.state.global_step, trainer.state.best_metric)


def fit_classifier(
    model: Any,
    training: Sequence[dict[str, Any]],
    validation: Sequence[dict[str, Any]],
    tokenizer: Any,
    config: TuneConfig,
    folder: Path,
) -> Any:
    """A sequence classifier trained like `train`, on records of ids, mask and label; returns the best one."""
    import torch
    from transformers import DataCollatorWithPadding, PrinterCallback, Trainer

    if config.train.threads:
        torch.set_num_threads(config.train.threads)
    checkpoints = folder / "checkpoints"
    with _failures(config, folder):
        checkpoints.mkdir(parents=True, exist_ok=True)
        trainer = Trainer(
            model=model,
            args=_arguments(config, count_steps(len(training), config), checkpoints),
            train_dataset=list(training),
            eval_dataset=list(validation),
            data_collator=DataCollatorWithPadding(tokenizer),
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train(resume_from_checkpoint=_last(checkpoints))
    return trainer.model


def _reporting(report: Report) -> "TrainerCallback":
    """A callback that tells how many steps are done."""
    from transformers import TrainerCallback

    class Reporting(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            report("tune", state.global_step, state.max_steps)

    return Reporting()


def _last(checkpoints: Path) -> str | None:
    """The last whole checkpoint. One whose writing was cut off has no trainer state, which is written last."""
    whole = [path for path in checkpoints.glob("checkpoint-*") if (path / "trainer_state.json").is_file()]
    return str(max(whole, key=lambda path: int(path.name.rpartition("-")[2]))) if whole else None


@contextmanager
def _failures(config: TuneConfig, folder: Path) -> Iterator[None]:
    """Turn what training raises into errors of this room."""
    import torch

    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise TuningOutOfMemory(config.data.row_tokens, config.train.rows) from error
    except RuntimeError as error:
        if "not enough memory" in str(error) or "out of memory" in str(error):
            raise TuningOutOfMemory(config.data.row_tokens, config.train.rows) from error
        if "file write failed" in str(error) or "No space left" in str(error):
            raise TuningDiskFull(folder, "the disk is full") from error
        raise
    except OSError as error:
        if error.errno in _UNWRITABLE:
            raise TuningDiskFull(folder, error.strerror or "the disk is full") from error
        raise


_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES)


def _arguments(config: TuneConfig, steps: int, folder: Path) -> "TrainingArguments":
    import torch
    from transformers import TrainingArguments

    chosen = config.train
    optimizer = {"adamw": "adamw_torch", "sgd": "sgd"}[chosen.optimizer]
    every = min(chosen.evaluate_every, steps)
    return TrainingArguments(
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=chosen.rows,
        per_device_eval_batch_size=chosen.rows,
        gradient_accumulation_steps=chosen.accumulation,
        learning_rate=chosen.learning_rate,
        lr_scheduler_type=chosen.schedule,
        warmup_steps=round(chosen.warmup * steps),
        optim=optimizer,
        optim_args=f"momentum={chosen.momentum}" if chosen.optimizer == "sgd" else None,
        weight_decay=chosen.weight_decay,
        max_grad_norm=chosen.gradient_clip,
        bf16=chosen.bf16,
        gradient_checkpointing=chosen.gradient_checkpointing,
        use_cpu=not torch.cuda.is_available(),
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model=METRIC,
        greater_is_better=False,
        logging_steps=min(5, every),
        logging_nan_inf_filter=False,
        report_to=list(chosen.report),
        seed=chosen.seed,
        data_seed=chosen.seed,
        remove_unused_columns=False,
        disable_tqdm=True,
        label_names=["labels"],
        train_sampling_strategy="random" if config.data.packing else "group_by_length",
        dataloader_pin_memory=False,
    )


class _Lengthy:
    """A data set whose records say how long they are, for batches of equal lengths."""

    def __init__(self, records: Sequence[Any]) -> None:
        self._records = list(records)

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, at: int) -> dict[str, Any]:
        record = self._records[at]
        ids = record.ids
        return {"record": record, "input_ids": ids, "length": len(ids)}


def _trainer(
    model: Any,
    pad_id: int,
    training: Sequence[Any],
    validation: Sequence[Any],
    config: TuneConfig,
    folder: Path,
    callbacks: Sequence["TrainerCallback"],
) -> "Trainer":
    from transformers import EarlyStoppingCallback, PrinterCallback, Trainer

    sparse = config.base.kind is BaseKind.CAUSAL and config.method.name is not MethodName.PROMPT
    steps = count_steps(len(training), config)

    class AnswerTrainer(Trainer):
        """Computes logits where there is a label only, and stops at a loss that is no number."""

        def compute_loss(
            self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
        ) -> Any:
            loss, outputs = _loss(model, inputs, num_items_in_batch, sparse)
            if not bool(loss.isfinite()):
                kept = f"the checkpoints up to step {self.state.global_step} are kept in {folder}"
                raise TuningDiverged(self.state.global_step, kept)
            return (loss, outputs) if return_outputs else loss

    def collate(batch: Sequence[dict[str, Any]]) -> dict[str, Any]:
        records = [each["record"] for each in batch]
        if config.base.kind is BaseKind.SEQ2SEQ:
            return collate_pairs(records, pad_id)
        if isinstance(records[0], Row):
            return collate_rows(records, pad_id)
        return collate_chats(records, pad_id)

    if config.train.gradient_checkpointing:
        model.enable_input_require_grads()
    trainer = AnswerTrainer(
        model=model,
        args=_arguments(config, steps, folder),
        train_dataset=_Lengthy(training),
        eval_dataset=_Lengthy(validation),
        data_collator=collate,
        callbacks=list(callbacks),
    )
    trainer.remove_callback(PrinterCallback)  # the log goes to a file, progress to the report
    trainer.model_accepts_loss_kwargs = True  # the loss is divided by the answers' tokens of all accumulated batches
    if config.train.patience:
        trainer.add_callback(EarlyStoppingCallback(early_stopping_patience=config.train.patience))
    return trainer


def _loss(model: Any, inputs: dict[str, Any], items: Any, sparse: bool) -> tuple[Any, Any]:
    """The summed cross entropy of the labelled tokens over ``items``, or over their own number if that is ``None``."""
    import torch

    labels = inputs["labels"]
    if not sparse:
        outputs = model(**inputs)
        logits = outputs["logits"][:, -labels.shape[1] :]  # virtual tokens come first
        shifted = logits if _is_seq2seq(model) else logits[:, :-1]
        wanted = labels if _is_seq2seq(model) else labels[:, 1:]
    else:
        columns = (labels[:, 1:] != IGNORED).any(dim=0).nonzero()[:, 0]
        others = {name: value for name, value in inputs.items() if name != "labels"}
        outputs = model(**others, use_cache=False, logits_to_keep=columns)
        shifted, wanted = outputs["logits"], labels[:, columns + 1]
    loss = torch.nn.functional.cross_entropy(
        shifted.float().reshape(-1, shifted.shape[-1]), wanted.reshape(-1), ignore_index=IGNORED, reduction="sum"
    )
    return loss / (items if items is not None else (wanted != IGNORED).sum().clamp(min=1)), {"loss": loss}


def _is_seq2seq(model: Any) -> bool:
    return bool(getattr(model.config, "is_encoder_decoder", False))
