"""Diagnosis from text the classic way: an encoder with a linear layer on top, measured before and after training."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg import Report, writing_to
from retrieval import default_encoder, encoder_folder

from ..errors import BaseUnsuitable, MalformedTuningData
from .config import Method, MethodName, TuneConfig, as_table
from .diagnosis_texts import TEST, TRAIN, DiagnosisText
from .entry import Training
from .methods import keep_top_layers
from .training import fit_classifier

_DEFAULT = ("default", "minilm")
_MOST_TOKENS = 128


@dataclass(frozen=True, slots=True)
class Classified:
    """A classification report a moment: precision, recall and F1 by label, as scikit-learn gives them."""

    before: dict[str, Any]
    after: dict[str, Any]
    text_before: str
    text_after: str


def read_texts(path: Path) -> list[DiagnosisText]:
    """Texts with labels, one JSON object ``{"text", "label"}`` a line.

    Raises:
        MalformedTuningData: the file is missing or empty, or a line is no such object.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MalformedTuningData(path.name, None, str(error)) from error
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line) if line.strip() else None
            if record is not None:
                found.append(DiagnosisText(str(record["text"]), str(record["label"])))
        except (ValueError, KeyError, TypeError) as error:
            raise MalformedTuningData(path.name, number, f'it is no {{"text", "label"}} ({error})') from error
    if not found:
        raise MalformedTuningData(path.name, None, "it is empty")
    return found


def classify_from_file(training: Training, cache: Path, report: Report) -> Classified:
    """Train a classifier as a configuration file says, and store it under ``target`` with both reports.

    The labels are those of the training texts; a test text with another label is an error of the data.

    Raises:
        ModelError: the file, the data or the base cannot be used, or training failed.
        CacheNotWritable: a folder is read-only or the disk is full.
    """
    config = training.config()
    data = Path(config.data.folder)
    known, asked = read_texts(data / TRAIN), read_texts(data / TEST)
    labels = sorted({text.label for text in known})
    if strange := sorted({text.label for text in asked} - set(labels)):
        raise MalformedTuningData(TEST, None, f"no training text has the label {strange[0]!r}")
    model, tokenizer = _open(config, labels, cache, report)
    before = _predict(model, tokenizer, asked, labels)
    report("tune classifier", 0, 1)
    records = [_records(texts, tokenizer, labels) for texts in (known, asked)]
    fitted = fit_classifier(model, records[0], records[1], tokenizer, config, training.folder())
    report("tune classifier", 1, 1)
    after = _predict(fitted, tokenizer, asked, labels)
    result = _reports(asked, before, after, labels)
    with writing_to(training.target):
        merged = fitted.merge_and_unload() if hasattr(fitted, "merge_and_unload") else fitted
        merged.save_pretrained(training.target)
        tokenizer.save_pretrained(training.target)
        told = {"config": as_table(config), "before": result.before, "after": result.after}
        (training.target / "report.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return result


def _open(config: TuneConfig, labels: Sequence[str], cache: Path, report: Report) -> tuple[Any, Any]:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, set_seed
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()  # that the head is new is what is meant
    set_seed(config.train.seed)  # the new layer is drawn at random
    name = config.base.name
    source = str(encoder_folder(default_encoder(), cache, report)) if name in _DEFAULT else name
    local = Path(source).is_dir()
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(source, local_files_only=local)
        model: Any = AutoModelForSequenceClassification.from_pretrained(
            source,
            num_labels=len(labels),
            id2label=dict(enumerate(labels)),
            label2id={label: n for n, label in enumerate(labels)},
            local_files_only=local,
        )
    except (OSError, ValueError, KeyError) as error:
        raise BaseUnsuitable(name, str(error).splitlines()[0]) from error
    return _adapted(model, config.method), tokenizer


def _adapted(model: Any, method: Method) -> Any:
    """The model with what the method trains, and always its new last layer, trainable."""
    if method.name is MethodName.FULL:
        return model
    if method.name is MethodName.TOP_LAYERS:
        keep_top_layers(model, method.layers)
        for name, parameter in model.named_parameters():
            if "classifier" in name or "pooler" in name:
                parameter.requires_grad_(True)
        return model
    if method.name is not MethodName.LORA:
        reason = f"a classifier is trained by full, top layers or lora, not {method.name}"
        raise BaseUnsuitable(model.config.model_type, reason)
    from peft import LoraConfig, TaskType, get_peft_model

    chosen = LoraConfig(
        task_type=TaskType.SEQ_CLS, r=method.rank, lora_alpha=method.alpha, lora_dropout=method.dropout,
        target_modules=list(method.targets) or ["query", "value"],
    )  # fmt: skip
    return get_peft_model(model, chosen)


def _records(texts: Sequence[DiagnosisText], tokenizer: Any, labels: Sequence[str]) -> list[dict[str, Any]]:
    number = {label: n for n, label in enumerate(labels)}
    encoded = tokenizer([text.text for text in texts], truncation=True, max_length=_MOST_TOKENS)
    return [
        {"input_ids": ids, "attention_mask": mask, "labels": number[text.label]}
        for ids, mask, text in zip(encoded["input_ids"], encoded["attention_mask"], texts, strict=True)
    ]


def _predict(model: Any, tokenizer: Any, texts: Sequence[DiagnosisText], labels: Sequence[str]) -> list[str]:
    import torch

    model.eval()
    said: list[str] = []
    with torch.no_grad():
        for start in range(0, len(texts), 32):
            chunk = [text.text for text in texts[start : start + 32]]
            inputs = tokenizer(chunk, return_tensors="pt", padding=True, truncation=True, max_length=_MOST_TOKENS)
            best = model(**inputs.to(model.device)).logits.argmax(dim=-1)
            said += [labels[int(n)] for n in best]
    return said


def _reports(
    texts: Sequence[DiagnosisText], before: Sequence[str], after: Sequence[str], labels: Sequence[str]
) -> Classified:
    from sklearn.metrics import classification_report

    truth = [text.label for text in texts]

    def told(said: Sequence[str], as_dict: bool) -> Any:
        return classification_report(truth, said, labels=list(labels), output_dict=as_dict, zero_division=0)

    return Classified(told(before, True), told(after, True), str(told(before, False)), str(told(after, False)))
